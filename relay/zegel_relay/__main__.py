"""`python -m zegel_relay`: the same as `zegel-relay`."""

from zegel_relay.cli import main

main()
