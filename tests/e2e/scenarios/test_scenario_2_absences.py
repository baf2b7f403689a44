"""Scenario 2: a care coordinator tells the CLB (pupil guidance) that a boy of nine misses school."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who     | is                     | phone | known to |
|---------|------------------------|-------|----------|
| Mother  | an adult               | yes   | school   |
| Youssef | 9 years old, of Mother | no    | school   |

Wednesday 12:10. Youssef missed 14 half-days. He is under 12: his mother says yes, and she is told.

| who    | does                           | what                           | on whose yes | expected                 |
|--------|--------------------------------|--------------------------------|--------------|--------------------------|
| school | information about Youssef to   | school: 14 half-days absent    | nobody       | refused: consent.missing |
|        | CLB, for school                |                                |              |                          |
| school | asks Mother about a            | school, ask; back: follow,     |              | asked                    |
|        | information about Youssef to   | plan, school                   |              |                          |
|        | CLB, for school                |                                |              |                          |
| Mother | says yes                       | to all                         |              | done                     |

That the father drinks is not a school's to pass on about a child. What is offered instead: a talk, or anonymous
advice.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| school | information about Youssef to   | school: 14 half-days        | –            | refused:                    |
|        | CLB, for school                | absent; addiction: the      |              | category.not-relevant       |
|        |                                | father drinks               |              |                             |
| school | information about Youssef to   | school: 14 half-days absent | Mother       | allowed; told: Mother       |
|        | CLB, for school                | since autumn; ask: what can |              |                             |
|        |                                | the class do?               |              |                             |

The CLB answers what helps in class. A diagnosis is nothing for a school, and is refused.

| who | does                  | what                                    | on whose yes | expected                    |
|-----|-----------------------|-----------------------------------------|--------------|-----------------------------|
| CLB | report-back to school | school: a fixed seat in front;          | –            | refused:                    |
|     |                       | disability: perhaps ADHD                |              | category.not-relevant       |
| CLB | report-back to school | school: a fixed seat in front; follow:  | Mother       | allowed; told: Mother       |
|     |                       | we meet in January                      |              |                             |

The mother sees both directions.

| who    | sees                                                                                      | does not see |
|--------|-------------------------------------------------------------------------------------------|--------------|
| Mother | 14 half-days absent; what can the class do?; a fixed seat; Basisschool De Linde; CLB Gent | drinks; ADHD |
| CLB    | 14 half-days absent                                                                       | drinks       |
| school | a fixed seat in front; we meet in January                                                 | ADHD         |
"""


async def test_the_clb_hears_of_absences_and_the_school_of_what_helps(town):
    await play(town, SCENARIO)
