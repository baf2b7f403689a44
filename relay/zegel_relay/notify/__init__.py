"""Telling people: pings by mail to those who chose so, and the duty of a partner to tell who has no device.

Never here: a name, a Huis, a link, or anything of a message. Rules: `docs/spec/contact.md`, `docs/spec/receipts.md`.
"""
