"""Scenario 4: a girl of fourteen goes from the JAC (young people's advice centre) to mental care; no parent is told."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who    | is       | phone | known to |
|--------|----------|-------|----------|
| Mother | an adult | yes   | CLB      |

Monday 16:20. Lotte's mother has a phone of her own, and holds parental authority. She looks at all that it shows.

| who    | does                             | what | on whose yes | expected |
|--------|----------------------------------|------|--------------|----------|
| Mother | looks at everything on her phone |      |              | done     |

| who   | is                      | phone | known to |
|-------|-------------------------|-------|----------|
| Lotte | 14 years old, of Mother | yes   | JAC      |

Lotte, 14, has a phone too. From twelve on she says yes herself; nobody asks her mother.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| JAC    | referral of Lotte to mental    | mind: sleeps badly          | nobody       | refused: consent.missing    |
|        | care                           |                             |              |                             |
| JAC    | asks Lotte about a referral of | who, mind, plan; back:      |              | asked                       |
|        | Lotte to mental care           | follow                      |              |                             |
| Mother | signs Lotte's yes in her place |                             |              | refused:                    |
|        |                                |                             |              | signer.not-entitled         |
| Lotte  | says yes                       | to all                      |              | done                        |
| JAC    | referral of Lotte to mental    | who: Lotte; mind: sleeps    | Lotte        | allowed; told: Lotte        |
|        | care                           | badly, sometimes thinks of  |              |                             |
|        |                                | hurting herself             |              |                             |

Her mother's phone is answered just as before, to the last byte; a parent who asks by name is told what a stranger is.

| who    | does                                                 | what | on whose yes | expected                     |
|--------|------------------------------------------------------|------|--------------|------------------------------|
| Mother | looks at everything on her phone again               |      |              | the same as before, byte for |
|        |                                                      |      |              | byte                         |
| Mother | asks the relay for what went from JAC to mental care |      |              | refused: message.unknown     |

| who         | sees                             | does not see |
|-------------|----------------------------------|--------------|
| Lotte       | JAC Gent; CGG Gent; sleeps badly |              |
| mental care | sleeps badly, sometimes thinks   |              |
| Mother      | nothing                          | Lotte        |
"""


async def test_lotte_finds_help_and_her_mother_learns_nothing(town):
    await play(town, SCENARIO)
