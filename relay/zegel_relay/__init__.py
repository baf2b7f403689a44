"""The relay: it carries sealed messages between partners and people, and cannot read them.

`api` translates HTTP, `services` hold one use-case a module, `storage` stores. Whoever accepts something commits it
with its receipt and its notices in one transaction (`storage.writer`). Content keys never come here: this package
imports neither `zegel_keys.opening` nor `zegel_keys.keystore`.
"""
