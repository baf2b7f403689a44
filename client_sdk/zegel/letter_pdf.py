"""A letter as PDF: large type, calm, one page where it fits, the stop code where nobody overlooks it.

Fonts come with the extra `letter` (Noto Sans, embedded as far as they are used), so the page looks the same everywhere;
Arabic is shaped and runs from right to left. The one module of the SDK that knows fpdf2 and the fonts. The words are
`zegel.letter`'s: nothing is added here, and the file's own description names nobody.
"""

from typing import Any, Final

from zegel.errors import ZegelError
from zegel.letter import Letter, StopWords

try:
    import fontpkg  # type: ignore[import-untyped]
    from fpdf import FPDF
except ImportError:
    fontpkg = FPDF = None  # type: ignore[assignment, misc]

_SIDE, _TOP, _BOTTOM = 24.0, 20.0, 16.0
"""Margins in millimetres."""
_WIDTH: Final = 210.0 - 2 * _SIDE
_TEXT, _HEAD, _CODE = 14.0, 17.0, 25.0
"""Sizes in points; 14 is what is read without glasses at hand, and what is said is never set smaller."""
_LEADINGS: Final = (1.42, 1.3, 1.2)
"""How far apart lines stand, in sizes: the widest that keeps the letter on one page, else the first."""
_INK, _PALE, _FIELD, _EDGE = (28, 32, 36), (84, 90, 96), (243, 245, 244), (196, 203, 200)
_MM: Final = 25.4 / 72
_PAD, _BOLD = 5.0, 650.0
"""Room around what stands in the field, in millimetres; the weight of what stands out."""
_RIGHT_TO_LEFT: Final = frozenset({"ar"})


class LetterExtraMissing(ZegelError):
    """What makes PDF files is not installed."""

    code = "letter.extra-missing"


def require_extra() -> None:
    """Return if PDF files can be made here. Raises `LetterExtraMissing`."""
    if FPDF is None:
        raise LetterExtraMissing(
            "This installation cannot make PDF files.",
            "Nothing was printed, and no code was made.",
            "Install zegel[letter], or print the letter as text.",
        )


def write_pdf(letter: Letter) -> bytes:
    """Return a letter as PDF (A4). Raises `LetterExtraMissing` where the extra `letter` is not installed."""
    require_extra()
    page = _Page(letter.language)
    return page.print(letter)


class _Page:
    """A page that is being written, from top to bottom."""

    def __init__(self, language: str) -> None:
        self._rtl, self._leading = language in _RIGHT_TO_LEFT, _LEADINGS[0]
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_margins(_SIDE, _TOP, _SIDE)
        pdf.set_auto_page_break(True, _BOTTOM)
        # To make a weight of a font takes seconds: only what this language can need.
        families = (("latin", "Noto Sans"), ("arabic", "Noto Sans Arabic"))
        for family, name in families if self._rtl else families[:1]:
            pdf.add_font(family, "", fontpkg.path(name))
            pdf.add_font(family, "B", fontpkg.path(name), variations={"wght": _BOLD, "wdth": 100.0})
        if self._rtl:
            pdf.set_fallback_fonts(["latin"], exact_match=True)
        pdf.set_lang(language)
        pdf.add_page()

    def print(self, letter: Letter) -> bytes:
        """Write a letter, its lines as far apart as one page allows; return the file."""
        room = self._pdf.h - _TOP - _BOTTOM
        for leading in _LEADINGS:
            self._leading = leading
            if self._letter(letter, dry=True) <= room:
                break
        else:
            # It takes two pages in any case: then with all the air there is.
            self._leading = _LEADINGS[0]
        self._letter(letter)
        return bytes(self._pdf.output())

    def _letter(self, letter: Letter, *, dry: bool = False) -> float:
        """Write a letter, or only measure it; return its height in millimetres."""
        height = self._line(letter.writer, "B", _HEAD, dry=dry) + self._line(letter.day, colour=_PALE, dry=dry)
        height += self._gap(0.9, dry)
        for part in letter.parts:
            height += sum(self._line(text, dry=dry) for text in part) + self._gap(0.5, dry)
        if letter.stop is not None:
            height += self._gap(0.2, dry) + self._stop(letter.stop, dry=dry) + self._gap(0.6, dry)
        return height + sum(self._line(text, colour=_PALE, dry=dry) for text in letter.closing)

    def _gap(self, lines: float, dry: bool) -> float:
        height = lines * _TEXT * _MM * self._leading
        if not dry:
            self._pdf.ln(height)
        return height

    def _stop(self, stop: StopWords, *, dry: bool) -> float:
        """Write the stop code in a field of its own, never broken over two pages."""
        pdf, height = self._pdf, self._field(stop, dry=True)
        if dry:
            return height
        if pdf.get_y() + height > pdf.h - _BOTTOM:
            pdf.add_page()
        top = pdf.get_y()
        pdf.set_fill_color(*_FIELD)
        pdf.set_draw_color(*_EDGE)
        pdf.rect(_SIDE - _PAD, top, _WIDTH + 2 * _PAD, height, style="DF", round_corners=True, corner_radius=3)
        self._field(stop, dry=False)
        pdf.set_y(top + height)
        return height

    def _field(self, stop: StopWords, *, dry: bool) -> float:
        """Write what stands in the field, or only measure it; return its height in millimetres."""
        top, height = self._pdf.get_y(), _PAD
        pieces = [(stop.title, "B", _TEXT), *((text, "", _TEXT) for text in stop.before)]
        pieces += [(stop.code, "code", _CODE), *((text, "", _TEXT) for text in stop.after)]
        for text, style, size in pieces:
            if not dry:
                self._pdf.set_y(top + height)
            height += self._line(text, style, size, dry=dry)
        return height + _PAD

    def _line(
        self,
        text: str,
        style: str = "",
        size: float = _TEXT,
        *,
        colour: tuple[int, int, int] = _INK,
        dry: bool = False,
    ) -> float:
        """Write a paragraph, broken where it is too wide, or only measure it; return its height in millimetres.

        `style`: plain, `B`, or `code`, which is read from left to right in every language.
        """
        pdf, code = self._pdf, style == "code"
        rtl = self._rtl and not code
        pdf.set_font("arabic" if rtl else "latin", "B" if code else style, size)
        pdf.set_text_shaping(True, direction="rtl" if rtl else "ltr")
        pdf.set_text_color(*colour)
        pdf.set_char_spacing(1.5 if code else 0)
        height: Any = pdf.multi_cell(
            _WIDTH,
            size * _MM * (1.9 if code else self._leading),
            text,
            align="C" if code else "R" if rtl else "L",
            new_x="LMARGIN",
            new_y="NEXT",
            dry_run=dry,
            output="HEIGHT",
        )
        pdf.set_char_spacing(0)
        return float(height)
