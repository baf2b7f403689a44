"""Scenario 1: a nurse refers a mother of a baby to debt mediation, on a tablet, from a living room without 4G."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who  | is                   | phone | known to |
|------|----------------------|-------|----------|
| Elif | an adult             | yes   | nurse    |
| Baby | 0 years old, of Elif | no    | nurse    |

Tuesday 09:40. A Child & Family nurse sits with Elif, whose baby is three weeks old. Three bailiffs write to her.
Without her yes nothing leaves. She is asked on her own phone for just these things, and says yes to them.

| who   | does                           | what                            | on whose yes | expected                 |
|-------|--------------------------------|---------------------------------|--------------|--------------------------|
| nurse | referral of Elif to OCMW       | money: three bailiffs, about €  | nobody       | refused: consent.missing |
|       |                                | 6,400                           |              |                          |
| nurse | asks Elif about a referral of  | who, contact, lang, ask, money, |              | asked                    |
|       | Elif to OCMW                   | housing, plan, follow; back:    |              |                          |
|       |                                | follow, plan                    |              |                          |
| Elif  | says yes                       | to all                          |              | done                     |

What the OCMW does not need for debts is refused, also if Elif were asked: how she feels, her health, the father's
work. A national number is found on the tablet, before anything is sealed. Without an agreement on what follows:
refused.

| who   | does                           | what                         | on whose yes | expected                    |
|-------|--------------------------------|------------------------------|--------------|-----------------------------|
| nurse | referral of Elif to OCMW       | money: three bailiffs; mind: | –            | refused:                    |
|       |                                | low mood since the birth     |              | category.not-relevant       |
| nurse | referral of Elif to OCMW       | money: three bailiffs;       | –            | refused:                    |
|       |                                | health: she is breastfeeding |              | category.not-relevant       |
| nurse | referral of Elif to OCMW       | work: the father drives for  | –            | refused:                    |
|       |                                | a firm in the harbour        |              | category.not-covered (she   |
|       |                                |                              |              | did not say yes to it)      |
| nurse | referral of Elif to OCMW       | who: Elif, 93.05.18-223.61   | –            | stopped on the device:      |
|       |                                |                              |              | matter.national-number      |
| nurse | referral of Elif to OCMW,      | money: three bailiffs        | –            | refused: follow-up.missing, |
|       | nothing agreed                 |                              |              | part.missing                |

There is no 4G in the living room. The tablet keeps it, encrypted, with both letters. Outside, it leaves.

| who      | does                      | what                           | on whose yes | expected                    |
|----------|---------------------------|--------------------------------|--------------|-----------------------------|
| the line | goes away                 |                                |              | done                        |
| nurse    | referral of Elif to OCMW  | who: Elif; contact: by phone,  |              | not sent yet (kept on the   |
|          |                           | in the daytime; lang: Turkish, |              | tablet)                     |
|          |                           | an interpreter helps; ask:     |              |                             |
|          |                           | help with debts; money: three  |              |                             |
|          |                           | bailiffs, about € 6,400; money |              |                             |
|          |                           | file: energy.pdf; money file:  |              |                             |
|          |                           | rent.pdf; housing: four months |              |                             |
|          |                           | behind                         |              |                             |
| the line | comes back                |                                |              | done                        |
| nurse    | sends what waits, to OCMW |                                | Elif         | allowed; told: Elif         |
| OCMW     | report-back to nurse      | follow: first talk held; plan: | Elif         | allowed; told: Elif         |
|          |                           | again on Tuesday at two        |              |                             |

Elif's page names who shared, with whom, and when it was opened; "Niet gedeeld" (not shared) tells what was kept back.

| who   | sees                                                            | does not see                             |
|-------|-----------------------------------------------------------------|------------------------------------------|
| Elif  | Kind en Gezin; OCMW Gent; three bailiffs; help with debts;      | low mood; breastfeeding; harbour         |
|       | energy.pdf; rent.pdf; first talk held; Niet gedeeld             |                                          |
| OCMW  | three bailiffs; energy.pdf; rent.pdf; four months behind        | low mood; breastfeeding; harbour; 223.61 |
| nurse | first talk held                                                 |                                          |

She changes her mind. Nothing new goes to the OCMW, in either way; what was read cannot be unread.

| who   | does                     | what                        | on whose yes | expected                 |
|-------|--------------------------|-----------------------------|--------------|--------------------------|
| Elif  | stops what goes to OCMW  |                             |              | done                     |
| nurse | referral of Elif to OCMW | money: a fourth letter came | –            | refused: consent.revoked |
"""


async def test_elif_is_referred_with_what_she_agreed_to_and_nothing_else(town):
    await play(town, SCENARIO)
