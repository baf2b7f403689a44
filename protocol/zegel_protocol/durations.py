"""Seconds of the durations that rules count in. A day is 24 hours of UTC; working days are the calendar's to count.

Dates and summer time: `zegel_protocol.texts.civil_time`; working days: `zegel_protocol.rulebook.working_days`.
"""

from typing import Final

MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
