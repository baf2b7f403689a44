"""The sync face: the same partner for software that is not asynchronous, from any thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel import Carried, KeystoreError, Refused
from zegel.sync import Partner
from zegel_demo.huis import PASSPHRASE


async def test_a_referral_and_its_answer_without_a_loop_of_ones_own(world):
    await world.consent()
    folders = {name: world.huis.members[name].devices["first"] for name in (CHILD_AND_FAMILY, OCMW)}
    drafts = [world.draft(money=f"Brief {number}.") for number in range(3)]

    def work() -> str:
        with Partner(folders[CHILD_AND_FAMILY], PASSPHRASE) as nurse, Partner(folders[OCMW], PASSPHRASE) as ocmw:
            assert nurse.preflight(drafts[0]).ok
            with ThreadPoolExecutor(3) as threads:
                sent = {item.manifest for item in threads.map(nurse.send, drafts)}
            assert nurse.unsent() == []
            assert nurse.flush() == []
            waiting = ocmw.inbox()
            assert {item.manifest for item in waiting} == sent
            for item in waiting:
                message = ocmw.open(item)
                ocmw.acknowledge(message)
            assert ocmw.inbox() == []
            answer = ocmw.report_back(message)
            answer.carried = Carried(how="with-client")
            ocmw.send(answer.note("follow", "Eerste gesprek gehad."))
            (back,) = nurse.inbox()
            return str(getattr(nurse.open(back).sections[0].note, "text", ""))

    assert await asyncio.to_thread(work) == "Eerste gesprek gehad."


async def test_its_errors_are_the_same_and_leave_no_thread_behind(world):
    folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]

    def work() -> None:
        with pytest.raises(KeystoreError) as wrong:
            Partner(folder, "not the passphrase")
        assert wrong.value.code == "keystore.passphrase"
        with Partner(folder, PASSPHRASE) as nurse, pytest.raises(Refused) as refused:
            nurse.send(world.draft())
        assert refused.value.codes == ("consent.missing",)

    await asyncio.to_thread(work)
