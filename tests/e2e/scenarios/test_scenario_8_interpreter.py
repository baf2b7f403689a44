"""Scenario 8: a woman who understands only Turkish says yes through an interpreter on the telephone."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who   | is       | phone | known to |
|-------|----------|-------|----------|
| Fatma | an adult | no    | OCMW     |

Wednesday 15:00. The text of the yes is Dutch. Fatma understands Turkish, and no Dutch.

| who  | does                            | what                         | on whose yes | expected                    |
|------|---------------------------------|------------------------------|--------------|-----------------------------|
| OCMW | asks Fatma about a referral of  | who, lang, ask; back: follow |              | asked                       |
|      | Fatma to health centre          |                              |              |                             |
| OCMW | records the yes of Fatma,       | who, lang, ask               |              | refused: consent.language   |
|      | spoken, with Tom, understood in |                              |              | (nobody interpreted)        |
|      | Turkish                         |                              |              |                             |
| OCMW | records the yes of Fatma,       | who, lang, ask               |              | refused:                    |
|      | spoken, with Tom, understood in |                              |              | consent.interpreter         |
|      | Turkish, through her own child  |                              |              |                             |
| OCMW | referral of Fatma to health     | ask: a check-up              | nobody       | refused: consent.missing    |
|      | centre                          |                              |              |                             |

Through an interpreter on the telephone the yes counts; the language and the interpreter stand in the signed record.

| who  | does                           | what                          | on whose yes | expected                    |
|------|--------------------------------|-------------------------------|--------------|-----------------------------|
| OCMW | records the yes of Fatma,      | who, lang, ask; back: follow  |              | done                        |
|      | spoken, with Tom, understood   |                               |              |                             |
|      | in Turkish, through a          |                               |              |                             |
|      | telephone interpreter          |                               |              |                             |
| OCMW | looks how Fatma's yes to       |                               |              | in Turkish, through a       |
|      | health centre was understood   |                               |              | telephone interpreter       |
| OCMW | referral of Fatma to health    | who: Fatma; lang: Turkish,    | Fatma        | allowed; told: Fatma in     |
|      | centre                         | with an interpreter; ask: a   |              | person                      |
|      |                                | check-up                      |              |                             |
| OCMW | reads the letter aloud to      |                               |              | done                        |
|      | Fatma                          |                               |              |                             |

| who           | sees                           | does not see |
|---------------|--------------------------------|--------------|
| health centre | Turkish, with an interpreter   |              |
| Fatma         | Wijkgezondheidscentrum De Brug |              |
"""


async def test_fatma_says_yes_through_an_interpreter_and_never_through_her_child(town):
    await play(town, SCENARIO)
