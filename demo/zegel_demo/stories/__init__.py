"""The stories that the demo tells, one module each."""
