"""What ends, and when: ciphertexts, records and counts whose period is over, by the rulebook in force.

`docs/retention.md` says for every table what is kept, how long, and what ends it. Nothing here reads a word of content.
"""
