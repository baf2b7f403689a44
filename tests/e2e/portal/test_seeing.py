"""What a family reads in a browser of what was shared about them: a real relay, real partners, a real Chromium.

Scenarios of the notice page in the rulebook; articles 2, 5, 6 and 7 of the duties. What the page says is held against
what the agent in Python says of the same message.
"""

import pytest
import pytest_asyncio

from e2e.documents import write_pdf
from e2e.portal.seeing import PATIENCE, come_in, come_in_as, same
from e2e.world import OCMW, complete
from zegel_protocol.texts.catalogue import phrase

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORDS = "Drie deurwaarders.\n  Samen € 6.400.\n\n<b>Niet vet</b> & geen &lt;"


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    opened = await stage.family()
    yield opened
    await opened.close()


async def opened_by_the_ocmw(world, draft):
    sent = await world.nurse.send(draft)
    await world.ocmw.acknowledge(await world.ocmw.open(sent.manifest))
    return sent.manifest


async def test_nothing_was_told_yet(reader):
    assert await reader.first_page() == []
    text = await reader.page.locator("main").inner_text()
    assert reader.say("page-timeline.nothing") in text
    assert not any(letter.isdigit() for letter in text)


async def test_a_share_is_read_and_its_file_is_saved(world, reader, tmp_path):
    await world.consent()
    letter = write_pdf(tmp_path / "brief van de bank.pdf", "Geachte mevrouw")
    draft = world.draft(ask="Hulp met de brieven.", money=WORDS).file("money", letter)
    d = await opened_by_the_ocmw(world, draft)
    (card,) = await reader.first_page()
    (notice,) = await world.phone.notices()
    lines = world.phone.render(notice)
    assert lines[1] in card
    page = same(await reader.open())
    # The same page as the agent makes, in the order of the rulebook; the way out stands above every page.
    places = [page.index(same(line)) for line in lines[1:]]
    assert places == sorted(places)
    assert "het OCMW (maatschappelijk werker) las dit op" in page.replace("Het", "het")
    shown = await reader.read_all()
    assert len(shown) == 4
    texts = await reader.page.locator(".opened-sections .words").all_text_contents()
    assert texts[:2] == ["Hulp met de brieven.", WORDS]
    assert await reader.page.locator(".opened-sections b").count() == 0
    link = reader.page.locator("a[download]")
    async with reader.page.expect_download(timeout=PATIENCE) as saving:
        await link.click()
    saved = await saving.value
    assert saved.suggested_filename == letter.name
    assert await saved.path() is not None
    assert (await saved.path()).read_bytes() == letter.read_bytes()
    assert reader.page.url.startswith(world.huis.origin)
    assert len(reader.device.context.pages) == 1
    # Whoever sent it learns once that it was read; looking again says nothing more.
    await reader.first_page()
    await reader.open()
    await reader.page.locator("[data-part=complain]").scroll_into_view_if_needed()
    await reader.page.wait_for_timeout(500)
    assert [event.event for event in await world.nurse.events(d)] == ["opened", "told"]
    assert all(url.startswith((world.huis.origin, "blob:")) for url in reader.asked)


async def test_a_large_file_is_saved_as_it_was_sent(world, reader, tmp_path):
    await world.consent()
    book = write_pdf(tmp_path / "dossier.pdf", "Een lange regel van het dossier." * 3, lines=50_000)
    assert book.stat().st_size > 4 * 1024 * 1024
    await world.nurse.send(world.draft(ask="Hulp.").file("money", book))
    await reader.first_page()
    await reader.open()
    await reader.read_all()
    async with reader.page.expect_download(timeout=PATIENCE) as saving:
        await reader.page.locator("a[download]").click()
    assert (await (await saving.value).path()).read_bytes() == book.read_bytes()


async def test_the_newest_is_first_and_older_ones_come_when_asked_for(world, reader):
    await world.consent()
    sent = [f"Brief van dag {number}." for number in "abcdefg"]
    for words in sent:
        await world.nurse.send(world.draft(money=words))
    assert len(await reader.first_page()) == 5
    await reader.open()
    assert sent[-1] in (await reader.read_all())[0]
    await reader.first_page()
    await reader.page.get_by_role("button", name=reader.say("page-timeline.older")).click()
    await reader.page.locator("article.told").nth(6).wait_for(timeout=PATIENCE)
    assert not await reader.page.get_by_role("button", name=reader.say("page-timeline.older")).is_visible()
    await reader.open(6)
    assert sent[0] in (await reader.read_all())[0]


async def test_what_is_kept_from_them_is_said_with_its_reason(world, reader):
    await world.consent()
    draft = world.draft(ask="Hulp.")
    draft.note("money", "Het gaat ook over de buurvrouw.", withheld={world.elif_id: "third-party"})
    await world.nurse.send(draft)
    (notice,) = await world.phone.notices()
    await reader.first_page()
    page = same(await reader.open())
    assert all(same(line) in page for line in world.phone.render(notice)[1:])
    assert reader.say("withheld-reason.third-party") in page
    shown = await reader.read_all()
    assert len(shown) == 2
    assert "buurvrouw" not in "".join(shown)
    assert await reader.problems() == []


async def test_what_waits_for_an_answer_stands_on_top_until_it_is_answered(world, reader):
    draft = world.draft()
    await world.nurse.families.ask_consent(draft, types=[("money", "whole")])
    await reader.first_page()
    note = reader.page.locator(".waits")
    assert reader.say("page-timeline.asks", asker="Kind en Gezin") in await note.inner_text()
    assert reader.page.url.endswith("#/")
    (asked,) = await world.phone.requests()
    await world.phone.accept(asked)
    await reader.first_page()
    assert await note.count() == 0


@pytest.mark.slow
async def test_each_person_reads_their_own_page(world, browser):
    """Two parents: what is about their child is told to both, what is about one of them to that one alone."""
    other = await world.nurse.families.add_person(world.household)
    child = await world.nurse.families.add_person(
        world.household, turns12="2036-05", turns18="2042-05", authority=[world.elif_id, other]
    )
    phone = world.huis.phone(world.household, other)
    await world.huis.enrol(world.nurse, phone)
    await world.consent()
    await world.nurse.send(world.draft(money="Over Elif alleen."))
    draft = complete(world.nurse.referral(OCMW, world.household, [child]), world.huis.clock())
    draft.note("plan", "Op woensdag naar de crèche.")
    request = await world.nurse.families.ask_consent(draft)
    await world.phone.accept(next(item for item in await world.phone.requests() if item.request.d == request))
    await world.nurse.send(draft)
    pages = {}
    for agent, told in ((world.phone, 2), (phone, 1)):
        reader = await come_in_as(browser, world.huis, agent)
        assert len(await reader.first_page()) == told
        pages[agent.person] = same(await reader.open())
        lines = agent.render((await agent.notices())[-1])
        assert all(same(line) in pages[agent.person] for line in lines[1:])
        assert any("Op woensdag naar de crèche." in text for text in await reader.read_all())
        assert phrase("nl", "about.child") in pages[agent.person]
        assert "Over Elif alleen." not in await reader.page.locator("main").inner_text()
        await reader.close()
        assert reader.device.trouble == []
    assert phrase("nl", "notice.yes-other") in pages[other]
    assert phrase("nl", "notice.yes-other") not in pages[world.elif_id]
    await phone.close()


async def test_in_arabic_the_page_turns_round_and_texts_keep_their_own_direction(world, browser):
    await world.consent()
    await world.nurse.send(world.draft(money="السلام عليكم"))
    reader = await come_in(browser, world, "ar")
    await reader.first_page()
    notice = (await world.phone.notices())[-1]
    page = same(await reader.open())
    assert all(same(line) in page for line in world.phone.render(notice, "ar")[1:])
    assert await reader.page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    await reader.read_all()
    text = reader.page.locator(".opened-sections .words")
    assert await text.nth(0).evaluate("(it) => getComputedStyle(it).direction") == "rtl"
    assert await text.nth(1).evaluate("(it) => getComputedStyle(it).direction") == "ltr"
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert await reader.page.evaluate(wide)
    await reader.close()
    assert reader.device.trouble == []
