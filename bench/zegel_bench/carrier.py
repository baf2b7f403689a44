"""Sends or opens one file, in a process of its own, and says how long it took and by how much the process grew.

`python -m zegel_bench.carrier send KEYSTORE RELAY HOUSEHOLD PERSON PATH` or `... open KEYSTORE RELAY MANIFEST PATH`.
Prints one JSON line.
"""

import json
import sys
import time
from pathlib import Path

import uvloop

from zegel import Agreement, Carried, FollowUp, Partner
from zegel_bench.anonymous import Growth
from zegel_bench.town import RECIPIENT
from zegel_demo.huis import DAY, PASSPHRASE


async def _send(partner: Partner, household: str, person: str, path: str) -> str:
    draft = partner.referral(RECIPIENT, household, [person])
    draft.carried = Carried(how="with-client")
    draft.follow_up = (FollowUp(code="first-contact", due=int(time.time()) + 2 * DAY),)
    draft.note("agreement", Agreement(text="Het dossier gaat mee.", ask="Sara", with_client=True, steps=()))
    draft.file("money", Path(path))
    return (await partner.send(draft)).manifest


async def _open(partner: Partner, manifest: str, path: str) -> str:
    message = await partner.open(manifest)
    section = next(item for item in message.sections if item.name is not None)
    section.save(Path(path))
    message.close()
    return manifest


async def _main(what: str, keystore: str, relay: str, *arguments: str) -> None:
    async with await Partner.connect(Path(keystore), PASSPHRASE, relay=relay) as partner:
        with Growth() as growth:
            begin = time.perf_counter()
            manifest = await (_send if what == "send" else _open)(partner, *arguments)
            seconds = time.perf_counter() - begin
    sys.stdout.write(json.dumps({"manifest": manifest, "seconds": seconds, "mib": growth.mib}) + "\n")


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
