"""Work that transactions promised, done later and at least once: rows, handlers, periodic tasks, and who runs them.

The same functions run inside an embedded relay (`outbox.inside`) and in Celery workers (`zegel_relay.tasks`).
"""
