"""An alarm's first screen: whom to phone comes first, then who watches at the desk, then what to write (article 10).

From the rulebook's list of numbers, the desk's rota and the partner's own procedure; no word of any client.
"""

from collections.abc import Sequence
from typing import Final

from zegel_protocol.objects.desk import Rota
from zegel_protocol.objects.manifest import Basis, OnClientUnable, OnConsent, OnLegalDuty, OnNecessity
from zegel_protocol.objects.rulebook import PhoneRule
from zegel_protocol.texts.catalogue import has, phrase
from zegel_protocol.texts.dates import moment_in_words

EMERGENCY: Final = "112"
"""The emergency number of the European Union: all that is said where no list of numbers is known."""


def phones_first(phones: Sequence[PhoneRule], language: str) -> list[str]:
    """Return the lines that stand on top: phone first, and whom, each with the hours in which they answer.

    Where no number is known none is made up, but that of the emergency services. Raises `ProtocolError`
    (`text.language`, `text.param`).
    """
    if not phones:
        return [phrase(language, "alarm.phone-first"), phrase(language, "alarm.no-phones", number=EMERGENCY)]
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


def basis_in_words(basis: Basis | None, language: str) -> str:
    """Return why a message was sent, as its basis and the code of the rulebook say it, to whoever signs it second.

    A code without words of its own stands beside its basis as it is. Raises as `phones_first`.
    """
    match basis:
        case OnNecessity(code=code):
            own = f"necessity.{code}"
            return phrase(language, own) if has(language, own) else f"{phrase(language, 'basis.necessity')} ({code})"
        case OnClientUnable(code=code):
            return f"{phrase(language, 'basis.client-unable')} ({code})"
        case OnLegalDuty(citation=citation):
            return f"{phrase(language, 'basis.legal-duty')} ({citation})"
        case OnConsent():
            return phrase(language, "basis.consent")
        case None:
            return phrase(language, "alarm.no-basis")
