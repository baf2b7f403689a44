"""Scenario 10: five partners around one table with the mother; half-way she takes one of them out of it."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who    | is       | phone | known to      |
|--------|----------|-------|---------------|
| Mother | an adult | yes   | home guidance |

Tuesday 13:30. Home guidance chairs a consultation about the mother, with her, and with four other partners. Before
she says yes nobody is reached. A table without her needs that the invitees were discussed with her. The CLB knows her
too, and says that her phone is hers: on the word of the chair alone the chair would receive nothing.

| who           | does                           | what                 | on whose yes | expected                    |
|---------------|--------------------------------|----------------------|--------------|-----------------------------|
| home guidance | convenes a consultation about  |                      |              | refused:                    |
|               | Mother with OCMW, school, CLB, |                      |              | conference.not-discussed    |
|               | health centre, without her     |                      |              |                             |
| home guidance | convenes a consultation about  |                      |              | done                        |
|               | Mother with OCMW, school, CLB, |                      |              |                             |
|               | health centre                  |                      |              |                             |
| CLB           | vouches that Mother's phone is |                      |              | done                        |
|               | hers                           |                      |              |                             |
| home guidance | invites everyone at the table  | agenda: how is it    |              | refused: consent.missing    |
|               |                                | going at school and  |              | for CLB, OCMW, health       |
|               |                                | at home?             |              | centre, school              |
| home guidance | asks Mother for everyone at    | follow, plan,        |              | asked                       |
|               | the table                      | school, money,       |              |                             |
|               |                                | strength             |              |                             |
| Mother        | says yes to everyone at the    |                      |              | done                        |
|               | table                          |                      |              |                             |
| home guidance | invites everyone at the table  | agenda: how is it    |              | reached: CLB, OCMW, health  |
|               |                                | going at school and  |              | centre, school              |
|               |                                | at home?             |              |                             |

Each reads what is relevant for their own sector, never everything: a school gets no debts, the OCMW no schoolwork.
Who sits at no table says nothing there.

| who  | does                           | what                          | on whose yes | expected                    |
|------|--------------------------------|-------------------------------|--------------|-----------------------------|
| CLB  | says at the table to school    | school: a quiet corner in     | Mother       | allowed; told: Mother       |
|      |                                | class helps                   |              |                             |
| CLB  | says at the table to school    | money: they owe the landlord  | –            | refused:                    |
|      |                                |                               |              | category.not-relevant       |
| CLB  | says at the table to OCMW      | school: a quiet corner in     | –            | refused:                    |
|      |                                | class helps                   |              | category.not-relevant       |
| OCMW | opens what CLB sent to school  |                               | –            | refused: message.unknown    |
|      |                                |                               |              | (for it, that message is    |
|      |                                |                               |              | not there)                  |
| OCMW | says at the table to home      | follow: the budget plan runs  | Mother       | allowed; told: Mother       |
|      | guidance                       | since June                    |              |                             |
| JAC  | says at the table to CLB       | follow: she came by once      | –            | refused:                    |
|      |                                |                               |              | conference.missing,         |
|      |                                |                               |              | consent.missing by the      |
|      |                                |                               |              | worker's software (it is    |
|      |                                |                               |              | shown no table), and        |
|      |                                |                               |              | refused:                    |
|      |                                |                               |              | conference.not-invited,     |
|      |                                |                               |              | consent.missing by the      |
|      |                                |                               |              | relay                       |
| CLB  | says at the table to OCMW, not | follow: we meet again in May  | Mother       | allowed; told: Mother       |
|      | opened                         |                               |              |                             |

Tuesday 13:52. On her phone, at the table, she takes the OCMW out of it. Its next reading and its next word are
refused.

| who    | does                        | what                            | on whose yes | expected                   |
|--------|-----------------------------|---------------------------------|--------------|----------------------------|
| Mother | takes OCMW out of it        |                                 |              | done                       |
| OCMW   | opens what CLB sent it      |                                 |              | refused: message.withdrawn |
| OCMW   | says at the table to CLB    | follow: one more thing          | –            | refused: consent.revoked   |
| CLB    | says at the table to OCMW   | follow: one more thing          | –            | refused: consent.revoked   |
| CLB    | says at the table to school | follow: we go on, the four of   | Mother       | allowed; told: Mother      |
|        |                             | us                              |              |                            |

Her page shows what was withdrawn, and who must answer by when. That a statutory file is not erased is an honest
answer.

| who           | does                           | what                 | on whose yes | expected                    |
|---------------|--------------------------------|----------------------|--------------|-----------------------------|
| Mother        | looks who must answer about    |                      |              | OCMW, within 10 days; home  |
|               | erasing                        |                      |              | guidance, within 10 days    |
| OCMW          | answers that it keeps          |                      |              | done                        |
|               | everything, for statutory-file |                      |              |                             |
| home guidance | answers that it erased         |                      |              | done                        |
|               | everything                     |                      |              |                             |
| Mother        | looks who must answer about    |                      |              | nobody                      |
|               | erasing                        |                      |              |                             |
| home guidance | reports to everyone at the     | report: the school   |              | reached: CLB, health        |
|               | table                          | looks for a buddy    |              | centre, school; refused:    |
|               |                                |                      |              | consent.revoked for OCMW    |

| who           | sees                                                 | does not see                                |
|---------------|------------------------------------------------------|---------------------------------------------|
| school        | a quiet corner; we go on; looks for a buddy          | budget plan; landlord                       |
| OCMW          | how is it going                                      | quiet corner; landlord; in May; looks for a |
|               |                                                      | buddy                                       |
| home guidance | budget plan                                          | quiet corner                                |
| health centre | how is it going; looks for a buddy                   | quiet corner; budget plan                   |
| Mother        | quiet corner; budget plan; in May; looks for a       | landlord                                    |
|               | buddy; wiste dit niet                                |                                             |
"""


@pytest.mark.slow
async def test_a_mother_at_the_table_takes_one_partner_out_of_it(town):
    await play(town, SCENARIO)
