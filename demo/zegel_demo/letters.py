"""Two letters as a bailiff would send them, as real PDF files. Names, sums and numbers are made up."""

from pathlib import Path

from fpdf import FPDF

_LETTERS = (
    (
        "aanmaning-energie.pdf",
        "Aanmaning",
        [
            "Betreft: openstaande energiefactuur, dossier 2026/1187",
            "Hoofdsom: EUR 1.984,20. Kosten tot vandaag: EUR 212,45.",
            "Zonder betaling binnen 15 dagen volgt dagvaarding.",
        ],
    ),
    (
        "bevel-tot-betalen-huur.pdf",
        "Bevel tot betalen",
        [
            "Betreft: achterstallige huur, vier maanden",
            "Te betalen: EUR 3.120,00, vermeerderd met intrest en kosten.",
            "Bij gebrek aan betaling kan worden overgegaan tot uitvoerend beslag.",
        ],
    ),
)


def write_letters(folder: Path) -> list[Path]:
    """Write the letters to `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, title, lines) for name, title, lines in _LETTERS]


def _write(path: Path, title: str, lines: list[str]) -> Path:
    letter = FPDF(format="A4")
    letter.add_page()
    letter.set_font("helvetica", "B", 16)
    letter.cell(0, 14, title, new_x="LMARGIN", new_y="NEXT")
    letter.set_font("helvetica", size=11)
    for line in lines:
        letter.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    letter.output(str(path))
    return path
