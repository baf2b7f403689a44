"""What is read on an alarm's first screen, and of the code of ethics; what is owed, in words."""

import msgspec
import pytest

from unit.protocol.test_notice_text import BOOK, DAY, TUESDAY, D
from zegel_protocol.objects.desk import Rota, Shift
from zegel_protocol.texts.alarm_text import desk_watch, phones_first, what_to_write
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.code_text import code_reminder, render_code
from zegel_protocol.texts.owed_text import owed_in_words, state_in_words

ROTA = Rota(
    v=1, huis=D, nonce="A" * 22, partner="meldpunt", version=1,
    shifts=(
        Shift(opens=TUESDAY, closes=TUESDAY + DAY, devices=("1" * 32,)),
        Shift(opens=TUESDAY + 3 * DAY, closes=TUESDAY + 4 * DAY, devices=("1" * 32,)),
    ),
    phone="09 123 45 67", otherwise="Anders belt u 1712.", at=TUESDAY,
)  # fmt: skip


def test_whom_to_phone_comes_first():
    lines = phones_first(BOOK.phones, "nl")
    assert lines[0] == "Is iemand nu in gevaar? Bel eerst. Schrijf daarna."
    assert lines[1] == "Noodnummer: levensgevaar: 112 (dag en nacht)"
    assert len(lines) == 1 + len(BOOK.phones)
    assert phones_first(tuple(reversed(BOOK.phones)), "nl") == lines


def test_a_desk_that_nobody_watches_says_whom_to_call():
    assert desk_watch("het meldpunt", ROTA, "nl", TUESDAY) == [
        "Bij het meldpunt kijkt nu iemand mee, tot woensdag 25 november 2026, 9.40 uur."
    ]
    assert desk_watch("het meldpunt", ROTA, "nl", TUESDAY + 2 * DAY) == [
        "Bij het meldpunt kijkt nu niemand mee. Bel 09 123 45 67. Anders belt u 1712.",
        "Vanaf vrijdag 27 november 2026, 9.40 uur kijkt er weer iemand.",
        "Wilt u het toch sturen? Zeg dan dat u dit weet.",
    ]
    last = msgspec.structs.replace(ROTA, shifts=ROTA.shifts[:1])
    assert len(desk_watch("het meldpunt", last, "nl", TUESDAY + 2 * DAY)) == 2
    assert desk_watch("het meldpunt", None, "nl", TUESDAY) == [
        "Van het meldpunt is niet bekend wie nu meekijkt. Bel eerst."
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_write_ends_with_the_procedure(language):
    registered = what_to_write(language, TUESDAY, procedure="Stappenplan", host=None)
    assert "Stappenplan" in registered[-1]
    without = what_to_write(language, TUESDAY, procedure=None, host="de vzw")
    assert "de vzw" in without[-1]
    assert len(without) == len(registered) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_in_plain_words_names_its_version(language):
    lines = render_code(BOOK, language)
    assert BOOK.name in lines[0]
    assert BOOK.code_version in lines[-1]
    assert len(set(lines)) == len(lines) == 9
    due = code_reminder(BOOK, language, "dinsdag", late=False)
    late = code_reminder(BOOK, language, "dinsdag", late=True)
    assert "dinsdag" in due[0]
    assert len(late) == 2


def test_what_is_owed_in_words():
    text = owed_in_words("nl", "erasure", TUESDAY, owner="het OCMW")
    assert text == "het OCMW zegt of het gewist is, ten laatste dinsdag 24 november 2026."
    assert state_in_words("nl", text, "open") == text
    assert state_in_words("nl", text, "overdue").endswith("Dat is te laat.")
    by_clock = owed_in_words("nl", "alarm-phone", TUESDAY, owner="het meldpunt")
    assert by_clock == "Niet geopend om dinsdag 24 november 2026, 9.40 uur? Bel het meldpunt meteen."
