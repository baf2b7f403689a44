import pytest, os
from e2e.forgery import Forgery, rows
from e2e.world import *
from zegel_protocol.objects.manifest import Seen, Carried, FollowUp
from zegel_protocol import b64
from zegel import Refused

async def test_seen(world):
    await world.consent()
    f = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    f.state(seen=Seen(size=7, root=b64.encode(os.urandom(32))))
    print("SENT", await f.send(world.nurse))
    for w in await world.ocmw.inbox():
        try:
            print(await world.ocmw.open(w))
        except Exception as e: print("OCMW", type(e), e)
    try: print(await world.phone.notices())
    except Exception as e: print("PHONE", type(e), e)


async def test_due(world):
    await world.consent()
    f = await Forgery.of(world.nurse, world.draft(), world.huis.clock())
    f.state(follow_up=(FollowUp(code="first-contact", due=253_402_300_799),))
    try: print("SENT", await f.send(world.nurse))
    except Exception as e: print("RELAY", type(e), e); return
    (n,) = await world.phone.notices()
    try: print(world.phone.render(n))
    except Exception as e: print("PHONE", type(e), e)
