"""The family's page as it is served: static files, pages without script, the way out (`docs/spec/portal.md`).

A sibling of the API: other users, other headers, other risks. Nothing here knows a person, sets a cookie or reads a
signature; what the page asks for privately, it asks the API.
"""
