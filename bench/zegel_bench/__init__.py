"""Zegel measured beside a floor that does the least a service could do. `make bench`; see `docs/performance.md`."""
