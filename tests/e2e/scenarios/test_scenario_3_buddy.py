"""Scenario 3: buddy Rik, a volunteer, takes a boy to the playground, and sees a bruise."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who    | is                     | phone | known to |
|--------|------------------------|-------|----------|
| Mother | an adult               | yes   | CLB      |
| Sam    | 6 years old, of Mother | no    | CLB      |

Saturday 14:00. Rik is nobody's employee: he has pledged nothing yet, and so he gets nothing, also not on a mother's
yes.

| who        | does                           | what                        | on whose yes | expected                |
|------------|--------------------------------|-----------------------------|--------------|-------------------------|
| Rik's host | asks Mother about a referral   | who (first name), lang,     |              | asked                   |
|            | of Sam to Rik                  | plan; back: follow          |              |                         |
| Mother     | says yes                       | to all                      |              | done                    |
| Rik's host | referral of Sam to Rik         | who (first name): Sam       | –            | refused: pledge.missing |
| Rik        | reads and accepts the code of  |                             |              | done                    |
|            | ethics                         |                             |              |                         |
| Rik        | pledges confidentiality        |                             |              | done                    |

What a buddy needs is a first name, a language, and where and when. A surname, an address and debts are not his.

| who        | does                   | what                            | on whose yes | expected                    |
|------------|------------------------|---------------------------------|--------------|-----------------------------|
| Rik's host | referral of Sam to Rik | who: Sam Peeters                | –            | refused: form.not-relevant  |
|            |                        |                                 |              | (a first name is all he may |
|            |                        |                                 |              | have)                       |
| Rik's host | referral of Sam to Rik | home: he lives in the           | –            | refused:                    |
|            |                        | Kerkstraat with his mother      |              | category.not-relevant       |
| Rik's host | referral of Sam to Rik | money: two bills are open       | –            | refused:                    |
|            |                        |                                 |              | category.not-relevant       |
| Rik's host | referral of Sam to Rik | who (first name): Sam; lang:    | Mother       | allowed; told: Mother       |
|            |                        | Dutch and some Arabic; plan:    |              |                             |
|            |                        | playground, from two to four    |              |                             |

On the way home Rik sees a bruise. He does not investigate: he alarms the organisation behind him, which knows what to
do. To others, as to the OCMW, or with more than a name and what he saw, he cannot.

| who | does                          | what                            | on whose yes | expected                    |
|-----|-------------------------------|---------------------------------|--------------|-----------------------------|
| Rik | alarm about Sam to OCMW       | motivation: a bruise on his     | –            | refused: basis.sender,      |
|     |                               | upper arm, he turned away when  |              | recipient.closed            |
|     |                               | I asked                         |              |                             |
| Rik | alarm about Sam to Rik's host | motivation: a bruise on his     | –            | refused:                    |
|     |                               | upper arm, he turned away when  |              | category.not-relevant       |
|     |                               | I asked; money: they have debts |              |                             |
| Rik | alarm about Sam to Rik's host | motivation: a bruise on his     | nobody (an   | allowed; told: Mother       |
|     |                               | upper arm, he turned away when  | alarm needs  |                             |
|     |                               | I asked; who (first name): Sam; | none)        |                             |
|     |                               | violence: a bruise as large as  |              |                             |
|     |                               | a hand                          |              |                             |

| who        | sees                                                               | does not see               |
|------------|--------------------------------------------------------------------|----------------------------|
| Rik        | Sam; Dutch and some Arabic; playground, from two to four           | Peeters; Kerkstraat; bills |
| Rik's host | a bruise as large as a hand; he turned away                        | debts                      |
| Mother     | Buddy Rik; playground, from two to four; a bruise on his upper arm | Peeters                    |
"""


async def test_a_buddy_gets_little_and_can_sound_an_alarm(town):
    await play(town, SCENARIO)
