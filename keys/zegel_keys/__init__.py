"""Private keys and custody: signing and verifying, sealing and opening, keystore, pins and rotation.

The relay uses the verifying half only: it never imports `zegel_keys.opening` or `zegel_keys.keystore`, which is how
"the relay cannot read" becomes mechanical.
"""
