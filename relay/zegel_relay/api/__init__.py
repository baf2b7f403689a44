"""The HTTP face of the relay: handlers translate, and decide nothing.

A new endpoint is a row in `routes` and a handler that calls one service; parsing, authentication, errors and the
OpenAPI document follow from the row. What all of them share is specified in `docs/spec/http.md`.
"""
