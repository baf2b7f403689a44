"""What stands inside a section, in the clear: its framing, its schemas, and the checks of both SDK ends.

Only code that holds plaintext comes here: the sender before sealing, the recipient after opening. Never a key, never a
network, never a log line. `docs/spec/content.md` is the rule; the duty is article 7 (only what is relevant).
"""
