"""What happens at a desk when somebody without a phone gets one, and when two people have no language in common."""

import re

from e2e.portal.page_acts import read_request
from e2e.portal.page_player import PagePlayer, page_act
from e2e.portal.pages import PATIENCE
from e2e.scenarios.acts_sharing import _SHARE
from e2e.scenarios.tables import Row
from e2e.scenarios.wording import scopes
from zegel import Draft
from zegel_protocol.objects import Consent
from zegel_protocol.objects.parties import Party
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.consent_text import text_digest

_LANGUAGES = {"Turkish": "tr", "Dutch": "nl"}
_STOP_BY_LETTER = ("stop-letter", "stop-lost", "lost-anew")


@page_act(r"helps (?P<person>\w+) come in on a phone of (?:her|his) own(?:, in (?P<language>\w+))?")
async def help_in(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Enrol a phone at the desk. What somebody was read aloud before stands on paper, and on no page."""
    if found["language"]:
        player.languages[found["person"]] = _LANGUAGES[found["language"]]
    player.read_by.pop(found["person"], None)
    await player.give_phone(found["person"], player.home(row["who"]))
    return "done"


@page_act(r"asks (?P<asked>\w+) in (?P<language>\w+) about an? " + _SHARE)
async def ask_in(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Ask for a yes in a language."""
    blank = Draft(
        found["kind"], found["purpose"] or "referral", player.party(found["to"]), player.household,
        (player.people[found["asked"]],),
    )  # fmt: skip
    there, _, back = row["what"].partition("; back: ")
    await player.worker(row["who"]).families.ask_consent(
        blank, types=scopes(there), back=dict(scopes(back)), language=_LANGUAGES[found["language"]]
    )
    return "asked"


@page_act(r"reads the newest question, warned that it is in (?P<language>\w+), and leaves it")
async def warned(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Read a question in another language than the page's; nothing is signed."""
    visitor = player.pages[row["who"]]
    await read_request(visitor)
    (note,) = await visitor.page.locator(".note.care").all_inner_texts()
    told = visitor.say("request-language", language="@@", asker="@@").split("@@")
    assert all(piece in note for piece in told), note
    # The question itself says in which language it is, for whoever has it read aloud by the browser.
    spoken = {str(await box.get_attribute("lang")) for box in await visitor.page.locator(".signed").all()}
    assert spoken == {_LANGUAGES[found["language"]]}
    await visitor.press("sign-not")
    await visitor.heading("page-timeline.title")
    return "done"


@page_act(r"finds that (?P<person>\w+)'s yes to (?P<to>[\w' ]+) says word for word what (?:she|he) read")
async def word_for_word(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Compare what stood on the page with what the signed consents say that was shown, by the partner's software."""
    worker, person = player.worker(row["who"]), player.people[found["person"]]
    own, to = Party(partner=worker.identity.partner), Party(partner=player.town.partners[found["to"]])
    case = await worker.families.look_up([person], own, to)
    texts = player.kept[f"texts {found['person']}"]
    assert isinstance(texts, list)
    newest = case.chains[person, own.key, to.key][-1].payload
    assert isinstance(newest, Consent)
    assert newest.text_digest == text_digest(texts[0]), texts
    return f"in {next(name for name, tag in _LANGUAGES.items() if tag == newest.language)}"


@page_act(r"reads, on a phone without script that is somebody else's, how to stop something by letter")
async def public_help(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Open the help page in a browser that runs no script, has no key, and keeps nothing."""
    context = await player.browser.new_context(java_script_enabled=False, locale="nl-BE")
    try:
        page = await context.new_page()
        await page.goto(f"{player.town.huis.origin}/help?language=nl", timeout=PATIENCE)
        text = " ".join((await page.locator("main").inner_text()).split())
        for key in _STOP_BY_LETTER:
            assert phrase("nl", f"page-public.{key}") in text, key
        assert await context.cookies() == []
    finally:
        await context.close()
    return "done"
