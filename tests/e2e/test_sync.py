"""The sync face: the same partner for software that is not asynchronous, from any thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel import Carried, KeystoreError, Refused
from zegel.sync import Partner
from zegel_demo.huis import PASSPHRASE
from zegel_protocol.objects.parties import Party


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


async def test_families_and_events_without_a_loop_of_ones_own(world):
    folders = {name: world.huis.members[name].devices["first"] for name in (CHILD_AND_FAMILY, OCMW)}

    def ask() -> tuple[str, str]:
        with Partner(folders[CHILD_AND_FAMILY], PASSPHRASE) as nurse:
            child = nurse.families.add_person(world.household, turns12="2036-01", turns18="2042-01")
            assert (
                nurse.families.look_up([child], *[Party(partner=CHILD_AND_FAMILY)] * 2).clients[child].current.turns12
            )
            return child, nurse.families.ask_consent(world.draft(), types=[("money", "whole")])

    _, request = await asyncio.to_thread(ask)
    asked = next(item for item in await world.phone.requests() if item.request.d == request)
    await world.phone.accept(asked)

    def send() -> None:
        with Partner(folders[CHILD_AND_FAMILY], PASSPHRASE) as nurse, Partner(folders[OCMW], PASSPHRASE) as ocmw:
            sent = nurse.send(world.draft())
            assert nurse.events(sent.manifest) == []
            ocmw.acknowledge(ocmw.open(sent.manifest))
            assert [item.event for item in nurse.events(sent.manifest)] == ["opened"]
            assert [(item.manifest, item.to, item.about) for item in nurse.sent()] == [
                (sent.manifest, OCMW, (world.elif_id,))
            ]
            assert nurse.lost() == []
            assert nurse.setting().setting.names(OCMW) == ("het OCMW",)

    await asyncio.to_thread(send)
