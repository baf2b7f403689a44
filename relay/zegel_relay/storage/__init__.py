"""What the relay keeps, and how: tables, migrations, the log, blobs, and the one writer that accepts.

Knows no HTTP and decides nothing; `services` do.
"""
