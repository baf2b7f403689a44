"""Scenarios 1, 4, 5, 7 and 8 of the rulebook with families at the page, by the very tables of `e2e.scenarios`."""

import os
import shutil

import pytest
import pytest_asyncio

from e2e.portal import page_acts, page_acts_desk
from e2e.portal.page_player import play_on_pages
from e2e.scenarios import test_scenario_1_debts as debts
from e2e.scenarios import test_scenario_4_alone as alone
from e2e.scenarios import test_scenario_5_separated as separated
from e2e.scenarios import test_scenario_7_desk as desk
from e2e.scenarios import test_scenario_8_interpreter as interpreter
from e2e.scenarios.town import open_town
from zegel_demo.ports import free_port

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
KNOWN = (page_acts, page_acts_desk)
"""What is imported here is known to the player."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory, page_shell):
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(page_shell, folder / "shell")
    settings = {"ZEGEL_SHELL_FOLDER": os.fspath(folder / "shell")}
    async with open_town(folder / "town", settings, free_port()) as opened:
        yield opened


async def test_elif_is_asked_on_her_phone_reads_all_of_it_and_stops_it(town, browser):
    await play_on_pages(town, browser, debts.SCENARIO)


async def test_lotte_finds_help_and_no_page_of_her_mother_s_shows_a_thing(town, browser):
    await play_on_pages(town, browser, alone.SCENARIO, twins=["Mother", "Lotte"])


SEPARATED = (
    separated.SCENARIO.partition("Both sign, each on")[0]
    + """
What both must sign, the page does not pretend that one can: the question says so. Either of them holds back what is
new about Noor, and takes that back.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| Father | objects to what goes to home   |                             |              | done                        |
|        | guidance about Noor            |                             |              |                             |
| CLB    | referral of Noor to home       | plan: on Fridays from now   | –            | refused: objection.stands   |
|        | guidance                       | on                          |              |                             |
| Father | takes his objection back       |                             |              | done                        |
| CLB    | referral of Noor to home       | plan: on Fridays from now   | Mother       | allowed; told: Father,      |
|        | guidance                       | on                          |              | Mother                      |

| who           | sees                                                 | does not see                                |
|---------------|------------------------------------------------------|---------------------------------------------|
| Mother        | Noor says little; rest for myself; cries after every | Noor sleeps badly                           |
|               | weekend; on Fridays                                  |                                             |
| Father        | Noor says little; on Fridays; Thuisbegeleiding; Het  | rest for myself; after every weekend; Noor  |
|               | zijn woorden van iemand anders (these are somebody   | sleeps badly                                |
|               | else's words)                                        |                                             |
| home guidance | Noor says little; rest for myself; after every       | Noor sleeps badly                           |
|               | weekend                                              |                                             |
"""
)


async def test_noor_s_parents_each_read_what_is_theirs(town, browser):
    await play_on_pages(town, browser, SEPARATED)


BEN_LATER = """
Thursday 11:00. Ben has a telephone by now. At the desk of the OCMW he comes in on it. His page says what he was told
then, and not what was in it: it was sealed before he had keys. What he said yes to on paper, he stops on his phone.

| who  | does                                            | what | expected |
|------|-------------------------------------------------|------|----------|
| Ana  | reads, on a phone without script that is        |      | done     |
|      | somebody else's, how to stop something by       |      |          |
|      | letter                                          |      |          |
| OCMW | helps Ben come in on a phone of his own         |      | done     |

| who | sees                     | does not see                        |
|-----|--------------------------|-------------------------------------|
| Ben | OCMW Gent; Kind en Gezin | a look at the baby; sleeps badly    |
"""


async def test_a_couple_without_a_phone_and_one_of_them_with_one_later(town, browser):
    await play_on_pages(town, browser, desk.SCENARIO + BEN_LATER)


FATMA_LATER = """
Thursday 15:00. Fatma has a phone, set to Turkish. A question in Dutch is said to be that; she leaves it. Asked in
Turkish she reads the very text that is signed, and her page is Turkish.

| who   | does                                              | what               | expected   |
|-------|---------------------------------------------------|--------------------|------------|
| OCMW  | helps Fatma come in on a phone of her own, in     |                    | done       |
|       | Turkish                                           |                    |            |
| OCMW  | asks Fatma in Dutch about a referral of Fatma to  | who, lang, mind;   | asked      |
|       | mental care                                       | back: follow       |            |
| Fatma | reads the newest question, warned that it is in   |                    | done       |
|       | Dutch, and leaves it                              |                    |            |
| OCMW  | asks Fatma in Turkish about a referral of Fatma   | who, lang, ask;    | asked      |
|       | to mental care                                    | back: follow       |            |
| Fatma | says yes                                          | to all             | done       |
| OCMW  | finds that Fatma's yes to mental care says word   |                    | in Turkish |
|       | for word what she read                            |                    |            |

| who  | does                            | what                     | on whose yes | expected             |
|------|---------------------------------|--------------------------|--------------|----------------------|
| OCMW | referral of Fatma to mental     | who: Fatma; ask: she     | Fatma        | allowed; told: Fatma |
|      | care                            | wants to talk            |              |                      |
| OCMW | referral of Fatma to mental     | who: Fatma; mind: sleeps | –            | refused:             |
|      | care                            | badly                    |              | category.not-covered |

| who         | sees                                                    | does not see                  |
|-------------|---------------------------------------------------------|-------------------------------|
| Fatma       | CGG Gent; she wants to talk; Paylaşılmadı (not shared) | Niet gedeeld; sleeps badly    |
| mental care | she wants to talk                                       | sleeps badly                  |
"""


async def test_fatma_reads_and_says_yes_in_turkish(town, browser):
    await play_on_pages(town, browser, interpreter.SCENARIO + FATMA_LATER)
