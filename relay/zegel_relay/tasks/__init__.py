"""Celery, for work outside the relay: what brings promised work to worker processes. What is done is in `outbox`."""
