"""The recipient, in a process of its own: opens whatever comes, and notes when each message was open.

`python -m zegel_bench.reader KEYSTORE RELAY COUNT SECONDS`: prints a line once it waits, then opens COUNT messages, or
what comes within SECONDS, and prints when (`time.monotonic`) each was open, by its manifest's `D`.
"""

import json
import sys
import time
from pathlib import Path

import uvloop

from zegel import Partner
from zegel_demo.huis import PASSPHRASE


async def _main(keystore: str, relay: str, count: str, seconds: str) -> None:
    opened: dict[str, float] = {}
    async with await Partner.connect(Path(keystore), PASSPHRASE, relay=relay) as partner:
        # By the log's own cursor: what is opened here stays unacknowledged, and would be shown again.
        cursor = (await partner._client.log_state()).checkpoint.splitlines()[1]
        after = int(cursor)
        sys.stdout.write(json.dumps({"after": after}) + "\n")
        sys.stdout.flush()
        deadline = time.monotonic() + float(seconds)
        while len(opened) < int(count) and time.monotonic() < deadline:
            page = await partner._client.inbox(after, wait=2)
            after = page.cursor
            for item in page.items:
                await partner.open(item.manifest)
                opened[item.manifest] = time.monotonic()
    sys.stdout.write(json.dumps(opened) + "\n")


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
