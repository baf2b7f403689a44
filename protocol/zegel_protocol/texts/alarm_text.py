"""An alarm's first screen: whom to phone comes first, then who watches at the desk, then what to write (article 10).

From the rulebook's list of numbers, the desk's rota and the partner's own procedure; no word of any client.
"""

from collections.abc import Sequence

from zegel_protocol.objects.desk import Rota
from zegel_protocol.objects.rulebook import PhoneRule
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.dates import moment_in_words


def phones_first(phones: Sequence[PhoneRule], language: str) -> list[str]:
    """Return the lines that stand on top: phone first, and whom, each with the hours in which they answer.

    Raises `ProtocolError` (`text.language`, `text.param`).
    """
    numbers = sorted(phones, key=lambda item: item.id.encode())
    return [
        phrase(language, "alarm.phone-first"),
        *(phrase(language, "alarm.phone", name=item.name, number=item.number, hours=item.hours) for item in numbers),
    ]


def desk_watch(desk: str, rota: Rota | None, language: str, now: int) -> list[str]:
    """Return whether somebody watches at a desk (its name) at `now`; if not, whom to call, and from when on again.

    Raises as `phones_first`.
    """
    if rota is None:
        return [phrase(language, "alarm.unknown-call", desk=desk)]
    shift, later = rota.shift_at(now), rota.next_shift(now)
    if shift is not None:
        return [phrase(language, "alarm.on-call", desk=desk, until=moment_in_words(language, shift.closes))]
    lines = [phrase(language, "alarm.off-call", desk=desk, number=rota.phone, otherwise=rota.otherwise)]
    if later is not None:
        lines.append(phrase(language, "alarm.next-shift", when=moment_in_words(language, later.opens)))
    return [*lines, phrase(language, "alarm.off-call-send")]


def what_to_write(language: str, due: int, *, procedure: str | None, host: str | None = None) -> list[str]:
    """Return the lines before writing: what belongs in it, what happens at once, who is told, and the procedure.

    `due`: by when a second colleague signs (UTC seconds). `procedure`: the title of the partner's own. `host`: the name
    of the organisation that a volunteer can tell too. Raises as `phones_first`.
    """
    when = moment_in_words(language, due)
    lines = [phrase(language, "alarm.signs"), phrase(language, "alarm.one-signature", due=when)]
    lines.append(phrase(language, "alarm.family"))
    if procedure is not None:
        lines.append(phrase(language, "alarm.procedure", title=procedure))
    else:
        lines.append(phrase(language, "alarm.no-procedure"))
    return [*lines, phrase(language, "alarm.host", host=host)] if host is not None else lines
