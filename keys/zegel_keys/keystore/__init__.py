"""Custody of everything secret and everything remembered: a folder on the owner's machine.

`directory.Keystore` is the way in. The relay never imports this package: what it cannot reach it cannot leak, and the
import contracts hold that. Private keys that sign are used through `zegel_keys.signing`; keys that open, through
`zegel_keys.opening`. `docs/architecture.md`.
"""
