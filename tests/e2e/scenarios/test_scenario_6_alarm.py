"""Scenario 6: a teacher, on a Friday at half past five, about a boy of eight with bruises who is afraid to go home."""

import pytest

from e2e.scenarios.play import play

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIO = """
| who    | is                     | phone | known to |
|--------|------------------------|-------|----------|
| Mother | an adult               | yes   | school   |
| Jonas  | 8 years old, of Mother | no    | school   |
| Lies   | 5 years old, of Mother | no    | school   |

Friday 17:30. The first screen says whom to phone: the emergency number, then 1712 (violence and child abuse), then
others.

| who           | does                                            | what | on whose yes | expected                   |
|---------------|-------------------------------------------------|------|--------------|----------------------------|
| school        | looks whom to phone                             |      |              | 112, 1712, 1712, 1813, 106 |
| safety desk   | is on call until tomorrow, and then second desk |      |              | done                       |
| health centre | says that nobody is on call until Monday        |      |              | done                       |
| Mother        | looks at everything on her phone                |      |              | done                       |

A desk where nobody is on call cannot be chosen silently. What is not about Jonas stays out: his sister's file, what
his mother once went through, and more than two kinds of information beside the danger itself. An alarm without a
reason is none.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| school | alarm about Jonas to health    | motivation: bruises on his  | –            | refused: desk.off-call (it  |
|        | centre                         | back, he is afraid to go    |              | says which number to phone, |
|        |                                | home                        |              | and when somebody is there) |
| school | alarm about Jonas to safety    | motivation of Jonas:        | –            | refused: alarm.about        |
|        | desk                           | bruises on his back, he is  |              |                             |
|        |                                | afraid to go home; growth   |              |                             |
|        |                                | of Lies: she still wets her |              |                             |
|        |                                | bed                         |              |                             |
| school | alarm about Jonas to safety    | motivation of Jonas:        | –            | refused: alarm.about        |
|        | desk                           | bruises on his back, he is  |              |                             |
|        |                                | afraid to go home; mind of  |              |                             |
|        |                                | Mother: she was in hospital |              |                             |
|        |                                | years ago                   |              |                             |
| school | alarm about Jonas to safety    | motivation: bruises on his  | –            | refused: alarm.too-many     |
|        | desk                           | back, he is afraid to go    |              |                             |
|        |                                | home; school: often absent; |              |                             |
|        |                                | growth: small for his age;  |              |                             |
|        |                                | money: they have debts      |              |                             |
| school | alarm about Jonas to safety    | who: Jonas, 8 years         | –            | refused: part.missing       |
|        | desk                           |                             |              |                             |
| school | alarm about Jonas to safety    | motivation: zie dossier     | –            | stopped on the device:      |
|        | desk                           |                             |              | matter.no-reason            |
| school | alarm about Jonas to OCMW      | motivation: bruises on his  | –            | refused: recipient.closed   |
|        |                                | back, he is afraid to go    |              |                             |
|        |                                | home                        |              |                             |
| school | alarm about Jonas to safety    | motivation: bruises on his  | –            | refused: delay.too-long     |
|        | desk, told 100 hours later     | back, he is afraid to go    |              |                             |
|        |                                | home                        |              |                             |

One signature and a reason, and it leaves at once. His mother is told five hours later, for it may be dangerous if she
knows now.

| who    | does                           | what                        | on whose yes | expected                    |
|--------|--------------------------------|-----------------------------|--------------|-----------------------------|
| school | alarm about Jonas to safety    | motivation: bruises on his  | nobody (an   | allowed; told later: Mother |
|        | desk, not opened, told 5 hours | back, he is afraid to go    | alarm needs  |                             |
|        | later                          | home; who: Jonas, 8 years;  | none)        |                             |
|        |                                | violence: bruises on back   |              |                             |
|        |                                | and upper arm, he says      |              |                             |
|        |                                | "papa was boos" (papa was   |              |                             |
|        |                                | angry)                      |              |                             |
| school | looks what is owed about the   |                             |              | a second signature is owed  |
|        | alarm to safety desk           |                             |              |                             |
| Mother | looks at everything on her     |                             |              | the same as before, byte    |
|        | phone again                    |                             |              | for byte                    |

The second signature is somebody else's: not the teacher's own, and not of the desk that is warned.

| who          | does                                            | what | on whose yes | expected                    |
|--------------|-------------------------------------------------|------|--------------|-----------------------------|
| school       | signs school's alarm to safety desk as the      |      |              | refused:                    |
|              | second                                          |      |              | countersignature.same-worker |
| safety desk  | signs school's alarm to safety desk as the      |      |              | refused:                    |
|              | second                                          |      |              | countersignature.party      |
| head teacher | signs school's alarm to safety desk as the      |      |              | done                        |
|              | second                                          |      |              |                             |
| school       | looks what is owed about the alarm to safety    |      |              | nothing                     |
|              | desk                                            |      |              |                             |

Nobody opens it. It goes on of itself: another device of the desk, then the teacher phones, the team lead, the
steward.

| who         | does                                             | what | on whose yes | expected                    |
|-------------|--------------------------------------------------|------|--------------|-----------------------------|
| safety desk | looks whether it is called                       |      |              | yes                         |
| second desk | looks whether it is called                       |      |              | no                          |
| the clock   | goes on 16 minutes                               |      |              | done                        |
| second desk | looks whether it is called                       |      |              | yes                         |
| the clock   | goes on 15 minutes                               |      |              | done                        |
| school      | looks what is owed about the alarm to safety     |      |              | the desk's other devices    |
|             | desk                                             |      |              | are called; the sender      |
|             |                                                  |      |              | phones now                  |
| the clock   | goes on 90 minutes                               |      |              | done                        |
| school      | looks what is owed about the alarm to safety     |      |              | the desk's other devices    |
|             | desk                                             |      |              | are called; the sender      |
|             |                                                  |      |              | phones now; the team lead   |
|             |                                                  |      |              | is called; the steward is   |
|             |                                                  |      |              | told that it is not opened  |
| safety desk | opens the alarm from school                      |      |              | done                        |
| school      | looks what is owed about the alarm to safety     |      |              | nothing                     |
|             | desk                                             |      |              |                             |
| Mother      | looks at everything on her phone again           |      |              | the same as before, byte    |
|             |                                                  |      |              | for byte                    |

| who         | sees                                             | does not see                  |
|-------------|--------------------------------------------------|-------------------------------|
| safety desk | afraid to go home; bruises on back and upper arm | wets her bed; hospital; debts |
| Mother      | nothing                                          |                               |

Hours later she is told after all, of everything.

| who       | does                    | what | on whose yes | expected |
|-----------|-------------------------|------|--------------|----------|
| the clock | goes on 4 hours         |      |              | done     |
| Mother    | finds that she was told |      |              | 1 notice |

| who    | sees                                                                      | does not see                  |
|--------|---------------------------------------------------------------------------|-------------------------------|
| Mother | Basisschool De Linde; U hoort dit later dan anders (she hears this later  | wets her bed; hospital; debts |
|        | than usual); afraid to go home; bruises on back and upper arm             |                               |
"""


@pytest.mark.slow
async def test_a_teacher_sounds_an_alarm_and_it_is_heard(town):
    await play(town, SCENARIO)
