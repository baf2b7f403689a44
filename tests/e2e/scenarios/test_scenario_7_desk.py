"""Scenario 7: a couple without a phone at the OCMW's desk; two workers see their yes, and they are told by letter."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who | is       | phone | known to |
|-----|----------|-------|----------|
| Ana | an adult | no    | OCMW     |
| Ben | an adult | no    | OCMW     |

Monday 10:00. Ana and Ben stand at the desk of the OCMW, without a phone. Two workers see them say yes, on paper. One
worker alone is not enough, nor one worker with two tablets, and what is highly sensitive (here: their health) needs
more than two witnesses.

| who  | does                           | what                          | on whose yes | expected                    |
|------|--------------------------------|-------------------------------|--------------|-----------------------------|
| OCMW | asks Ana and Ben about a       | who, ask, plan, health; back: |              | asked                       |
|      | referral of Ana and Ben to     | follow                        |              |                             |
|      | nurse, for care                |                               |              |                             |
| OCMW | records the yes of Ana and     | who, ask, plan, health        |              | refused: witness.level      |
|      | Ben, on paper, with Tom        |                               |              |                             |
| OCMW | records the yes of Ana and     | who, ask, plan                |              | refused: witness.count      |
|      | Ben, on paper, alone           |                               |              |                             |
| OCMW | records the yes of Ana and     | who, ask, plan                |              | refused:                    |
|      | Ben, on paper, with second     |                               |              | witness.same-worker         |
|      | tablet                         |                               |              |                             |
| OCMW | records the yes of Ana and     | who, ask, plan; back: follow  |              | done                        |
|      | Ben, on paper, with Tom        |                               |              |                             |

| who  | does                           | what                          | on whose yes | expected                    |
|------|--------------------------------|-------------------------------|--------------|-----------------------------|
| OCMW | referral of Ana and Ben to     | ask: a look at the baby;      | –            | refused:                    |
|      | nurse, for care                | health: she sleeps badly      |              | category.not-covered,       |
|      |                                |                               |              | witness.level               |
| OCMW | referral of Ana and Ben to     | who: Ana and Ben; ask: a look | Ana and Ben  | allowed; told: Ana in       |
|      | nurse, for care                | at the baby; plan: mornings   |              | person, Ben in person       |
|      |                                | suit them                     |              |                             |

Nobody's page can tell them. The OCMW owes it: it is reminded, by name, until a worker says that it was done. Ana is
there, and a letter is read to her. Ben left; a week later his telling is late.

| who  | does                             | what | on whose yes | expected |
|------|----------------------------------|------|--------------|----------|
| OCMW | looks whom it still owes telling |      |              | Ana, Ben |
| OCMW | prints a letter with a stop code |      |              | done     |
|      | for Ana                          |      |              |          |
| OCMW | reads the letter aloud to Ana    |      |              | done     |

Wednesday 10:30, a week later.

| who  | does                             | what | on whose yes | expected |
|------|----------------------------------|------|--------------|----------|
| OCMW | looks whom it still owes telling |      |              | Ben late |
| OCMW | reads the letter aloud to Ben    |      |              | done     |
| OCMW | looks whom it still owes telling |      |              | nobody   |

At home Ana thinks it over. She phones the school of her eldest, which had no part in it, and reads out the code of her
letter. Two people there hear her. What the nurse read stays read; nothing new goes there.

| who    | does                                | what             | on whose yes | expected                |
|--------|-------------------------------------|------------------|--------------|-------------------------|
| nurse  | opens what OCMW sent it             |                  |              | opened                  |
| school | hears Ana read the code of the      |                  |              | stopped                 |
|        | letter on the telephone, with head  |                  |              |                         |
|        | teacher                             |                  |              |                         |
| school | hears Ana read the code of the      |                  |              | stopped already         |
|        | letter on the telephone, with head  |                  |              |                         |
|        | teacher                             |                  |              |                         |
| OCMW   | referral of Ana and Ben to nurse,   | ask: a look at   | Ana and Ben  | refused:                |
|        | for care                            | the baby         |              | consent.revoked         |

| who   | sees                                   | does not see |
|-------|----------------------------------------|--------------|
| Ana   | OCMW Gent; Kind en Gezin               | sleeps badly |
| Ben   | OCMW Gent; Kind en Gezin               | sleeps badly |
| nurse | a look at the baby; mornings suit them | sleeps badly |
"""


async def test_a_couple_without_a_phone_says_yes_on_paper_and_is_told(town):
    await play(town, SCENARIO)
