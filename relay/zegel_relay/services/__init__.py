"""What the relay does, one use-case a module. Time is passed in; nothing here knows HTTP."""
