"""What people in the tables do at the page, each in a browser of their own: say yes, stop, write, object, look."""

import re

from e2e.portal.page_player import PagePlayer, cards, page_act
from e2e.portal.pages import PATIENCE, Visitor
from e2e.scenarios import acts_family
from e2e.scenarios.acts_sharing import open_newest, told
from e2e.scenarios.tables import Row
from e2e.scenarios.wording import scopes


async def done(visitor: Visitor, key: str) -> None:
    """Wait until the page says that something is done."""
    await visitor.page.locator("[role=status]", has_text=visitor.say(key)).wait_for(timeout=PATIENCE)


async def read_request(visitor: Visitor) -> None:
    """Read the newest question to the point of choosing, with nobody near."""
    await visitor.go("yes")
    await visitor.heading("yes")
    await visitor.page.get_by_role("link", name=visitor.say("request-read")).last.click(timeout=PATIENCE)
    await visitor.press("company-no")
    await visitor.page.locator("#sign").wait_for(timeout=PATIENCE)


@page_act(r"says yes")
async def say_yes(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Tick `all` of the newest question, or `all but` some types, and touch the key once."""
    visitor = player.pages[row["who"]]
    await read_request(visitor)
    leave = {kind for kind, _ in scopes(row["what"].partition("all but ")[2])}
    assert await visitor.page.locator("input:checked").count() == 0
    for box in await visitor.page.locator("input[type=checkbox]").all():
        if str(await box.get_attribute("name")).partition("-")[2] not in leave:
            await box.check()
    texts = [text for text in await visitor.page.locator(".signed").all_inner_texts() if text]
    player.kept[f"texts {row['who']}"] = texts
    await visitor.page.locator("#sign").click()
    await done(visitor, "done-thanks")
    return "done"


@page_act(r"stops what goes to (?P<to>[\w' ]+)")
async def stop(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Stop every yes to what goes to a partner, one card after another."""
    visitor, names = player.pages[row["who"]], _names(player)
    await visitor.go("yes")
    await visitor.heading("yes")
    to = names[player.town.partners[found["to"]]]
    titles = {visitor.say("yes-from-to", **{"from": name, "to": to}) for name in names.values()}
    shown = visitor.page.locator("[data-consent]")
    while here := [at for at, title in enumerate(await shown.locator("h2").all_inner_texts()) if title in titles]:
        await shown.nth(here[0]).get_by_role("button", name=visitor.say("stop"), exact=True).click()
        await shown.nth(here[0]).get_by_role("button", name=visitor.say("stop-yes")).click()
        await done(visitor, "done-stopped")
        await visitor.go("yes")
        await visitor.heading("yes")
    return "done"


@page_act(r"writes to (?P<to>[\w' ]+?)(?: about (?P<child>\w+))?")
async def write_to(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Write to a partner, about oneself or one's child; it is sealed in the browser."""
    visitor, to = player.pages[row["who"]], player.worker(found["to"])
    before = {item.manifest for item in await to.inbox()}
    kind, _, text = row["what"].partition(": ")
    await visitor.go("write")
    await visitor.heading("write")
    await visitor.page.locator("#to").select_option(player.town.partners[found["to"]])
    await visitor.page.locator("#kind").select_option(kind)
    if await visitor.page.locator("#about").count() > 0:
        await visitor.page.locator("#about").select_option("children" if found["child"] else "me")
    await visitor.page.locator("#text").fill(text)
    await visitor.press("write-send")
    await visitor.heading("write-done")
    (sent,) = {item.manifest for item in await to.inbox()} - before
    await open_newest(player, found["to"], sent)
    return "allowed; " + told(player, sent)


@page_act(r"objects to what goes to (?P<to>[\w' ]+) about (?P<child>\w+)")
async def object_to(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Hold back what is shared about one's children, from whomever it comes: the page asks no more than that."""
    visitor = player.pages[row["who"]]
    await visitor.go("yes")
    await visitor.page.locator("summary").click(timeout=PATIENCE)
    await visitor.page.locator("#object-about").select_option("children")
    await visitor.press("object-do")
    await visitor.page.locator("[data-objection]").wait_for(timeout=PATIENCE)
    return "done"


@page_act(r"takes (?:her|his) objection back")
async def withdraw(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Take back what was held back."""
    visitor = player.pages[row["who"]]
    await visitor.go("yes")
    await visitor.press("object-back")
    await visitor.page.locator("[data-objection]").wait_for(state="detached", timeout=PATIENCE)
    return "done"


@page_act(r"looks at everything on (?:her|his|their) phone(?P<again> again)?")
async def look(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Look at every page there is, and at all that software with the same keys is answered."""
    name = row["who"]
    visitor, texts = player.pages[name], list[str]()
    await cards(visitor)
    texts.append(await visitor.text())
    for place, heading in (("yes", "yes"), ("write", "write"), ("me", "me")):
        await visitor.go(place)
        await visitor.heading(heading)
        texts.append(await visitor.text())
    before = player.kept.setdefault(f"pages {name}", texts)
    assert texts == before, f"her pages say something else than before:\n{texts}\n{before}"
    return await acts_family.look(player, row, found)


@page_act(r"asks the relay for what went from (?P<sender>[\w' ]+) to (?P<to>[\w' ]+)")
async def ask_by_name(player: PagePlayer, row: Row, found: re.Match[str]) -> str:
    """Open the address of a message that one was not told of, as whoever saw it on another's screen would."""
    visitor = player.pages[row["who"]]
    await visitor.go("notices", player.sent[found["sender"], found["to"]].manifest)
    await visitor.heading("page-notice.none")
    return await acts_family.ask_relay(player, row, found)


def _names(player: PagePlayer) -> dict[str, str]:
    """Return how the page calls each partner."""
    return {partner: member.name for partner, member in player.town.huis.members.items()}
