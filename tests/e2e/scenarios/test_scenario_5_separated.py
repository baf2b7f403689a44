"""Scenario 5: Noor's parents are in a contested divorce. Each reads what is theirs, and neither signs for the other."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who    | is                             | phone | known to |
|--------|--------------------------------|-------|----------|
| Mother | an adult                       | yes   | CLB      |
| Father | an adult                       | yes   | CLB      |
| Noor   | 7 years old, of Mother, Father | no    | CLB      |

Thursday 20:15. Noor is 7. As long as no conflict is known, one parent's yes is enough; both are told.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| CLB    | asks Mother about a referral   | growth, parenting, plan;    |              | asked                       |
|        | of Noor to home guidance       | back: follow                |              |                             |
| Mother | says yes                       | to all                      |              | done                        |
| CLB    | referral of Noor to home       | growth: Noor says little    | Mother       | allowed; told: Father,      |
|        | guidance                       |                             |              | Mother                      |

The CLB learns that the divorce is fought out in court. One signature is no longer enough for what is sensitive about
Noor; what is ordinary (an appointment) passes.

| who | does                                | what                      | on whose yes | expected                    |
|-----|-------------------------------------|---------------------------|--------------|-----------------------------|
| CLB | learns that Noor's parents are in   |                           |              | done                        |
|     | conflict                            |                           |              |                             |
| CLB | referral of Noor to home guidance   | growth: Noor sleeps badly | –            | refused: signer.conflict    |
| CLB | referral of Noor to home guidance   | plan: on Wednesdays       | Mother       | allowed; told: Father,      |
|     |                                     |                           |              | Mother                      |

Her own story is her own to tell, from her own phone: for that nobody else signs, and nobody else is told. What she
writes about Noor, the father is told of; her words he does not read.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| Mother | writes to home guidance        | ask: I want rest for myself | nobody (her  | allowed; told: Mother       |
|        |                                |                             | own words)   |                             |
| Mother | writes to home guidance about  | growth: she cries after     | nobody (her  | allowed; told: Father,      |
|        | Noor                           | every weekend               | own words)   | Mother                      |

Both sign, each on a phone of their own. Of what she said about raising Noor, he sees the line and not the words.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| CLB    | asks Mother, Father about a    | growth, parenting, plan;    |              | asked                       |
|        | referral of Noor to home       | back: follow                |              |                             |
|        | guidance                       |                             |              |                             |
| Mother | says yes together with Father  |                             |              | done                        |
| CLB    | referral of Noor to home       | growth: Noor sleeps badly;  | Mother and   | allowed; told: Father,      |
|        | guidance                       | parenting kept from Father  | Father       | Mother                      |
|        |                                | (other-parents-words): he   |              |                             |
|        |                                | calls every evening         |              |                             |

The father objects to what goes to home guidance about Noor. Nothing new goes there, until he takes it back.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| Father | objects to what goes to home   |                             |              | done                        |
|        | guidance about Noor            |                             |              |                             |
| CLB    | referral of Noor to home       | plan: on Fridays from now   | –            | refused: objection.stands   |
|        | guidance                       | on                          |              |                             |
| Father | takes his objection back       |                             |              | done                        |
| CLB    | referral of Noor to home       | plan: on Fridays from now   | Mother and   | allowed; told: Father,      |
|        | guidance                       | on                          | Father       | Mother                      |
|        |                                |                             | (either      |                             |
|        |                                |                             | would do)    |                             |

| who           | sees                                                 | does not see                                |
|---------------|------------------------------------------------------|---------------------------------------------|
| Mother        | Noor sleeps badly; he calls every evening; rest for  |                                             |
|               | myself; cries after every weekend; on Fridays        |                                             |
| Father        | Noor sleeps badly; on Fridays; Thuisbegeleiding; Het | he calls every evening; rest for myself;    |
|               | zijn woorden van iemand anders (these are somebody   | after every weekend                         |
|               | else's words)                                        |                                             |
| home guidance | Noor sleeps badly; he calls every evening; rest for  |                                             |
|               | myself; after every weekend                          |                                             |
"""


@pytest.mark.slow
async def test_each_parent_reads_what_is_theirs_and_neither_signs_for_the_other(town):
    await play(town, SCENARIO)
