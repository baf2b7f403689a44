"""Street addresses in text, Dutch and French: a street's name and a house number.

Found by shape, so it only warns: *de Kerkstraat 12* is an address, *vijf minuten van de Kerkstraat* is not, and a
number that counts something (*3 keer*, *2 km*, *12 maart*) is no house number. Allowed in `contact` and `housing`. Not
found: a street without a house number, streets named without a street word, and other languages.
"""

import re
from collections.abc import Iterator

from zegel.content.folding import Folded

# As folded: no accents.
_COUNTED = (
    r"(?:uren|uur|u|h|heures?|keer|keren|x|maal|fois|dag|dagen|jours?|nacht|nachten|week|weken|semaines?|maand|maanden"
    r"|mois|jaar|jaren|jarigen?|ans?|annees?|km|m|meter|metres?|min|minuten|minutes?|euros?|eur|procent|kind|kinderen"
    r"|enfants?|personen|personnes?|mensen|gezinnen|families|huizen|woningen|maisons|januari|februari|maart|april|mei"
    r"|juni|juli|augustus|september|oktober|november|december|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre"
    r"|octobre|novembre|decembre)(?![a-z])"
)
# Digits, perhaps a letter, perhaps a box; not a date, a time, an amount or a count.
_NUMBER = (
    r"(?:nr\.? ?|nummer |n[°o]\.? ?|numero )?[0-9]{1,4}+"
    rf"(?![.,:][0-9])(?![/-][0-9]{{1,2}}[/-])(?! ?[%€])(?! ?-?{_COUNTED})"
    r"(?: ?[a-z](?![a-z0-9]))?(?:(?:/| ?,? ?(?:bus|bte\.?|boite|box) ?)[0-9a-z]{1,4}+)?(?![a-z0-9])"
)
_STRONG = r"(?:straat|straatje|laan|steenweg|stwg\.?|dreef|plein|pleintje|kaai|singel|str\.)"
_WEAK = (
    r"(?:weg|wegel|baan|hof|park|pad|dijk|markt|vest|lei|wijk|berg|veld|kouter|heide|gracht|brug|kade|dries|poort|erf|hoek"
    r"|ring|kring|gaarde|sluis|meersen|meers)"
)
_SIZE = r"(?:grote|oude|nieuwe|lange|korte|kleine|hoge|brede|groot|klein)"
_DUTCH = re.compile(
    rf"(?<![a-z])(?:(?P<strong>[a-z][a-z'.-]{{1,40}}{_STRONG})|(?P<weak>[a-z][a-z'.-]{{1,40}}{_WEAK})"
    rf"|{_SIZE} (?:{_STRONG}|{_WEAK})|steenweg (?:op|naar|van) [a-z-]{{2,30}}),? {{1,2}}{_NUMBER}"
)
_NO_STREET = re.compile(
    r"(?:speel|school|voetbal|sport|zwem|parkeer|kampeer|snel|auto|spoor|water|fiets|onder|lucht|half|woon|ziekenhuis)"
    rf"(?:{_STRONG}|{_WEAK})"
)
_VOIE = (
    r"(?:rue|avenue|av\.|boulevard|boul\.|bd\.?|bld\.?|chaussee|place|chemin|square|quai|impasse|allee|clos|dreve"
    r"|sentier|route|galerie|venelle|cite|residence)"
)
_FIRST = r"(?P<links>(?:(?:de|du|des|la|le|les|au|aux|saint|sainte) )*+)(?P<first>[a-z][a-z'-]*+)"
_FRENCH = re.compile(rf"(?<![a-z]){_VOIE} {_FIRST}(?: [a-z][a-z'.-]*+){{0,5}}?,? {{1,2}}{_NUMBER}")
_FRENCH_FRONT = re.compile(rf"(?<![0-9a-z][.,/:-])(?<![0-9a-z])[0-9]{{1,4}}+ ?(?:bis|ter|[a-c])?,? {_VOIE} {_FIRST}")


def find_addresses(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each street with a house number, none inside another."""
    spans = [match.span() for match in _DUTCH.finditer(folded.text) if _is_dutch(folded, match)]
    for pattern in (_FRENCH, _FRENCH_FRONT):
        spans += [match.span() for match in pattern.finditer(folded.text) if _is_french(folded, match)]
    end = 0
    for span in sorted(spans):
        if span[0] >= end:
            yield span
            end = span[1]


def _is_dutch(folded: Folded, match: re.Match[str]) -> bool:
    """A word that ends in *straat* is a street; one that ends in *hof* or *weg* is when it is written as a name."""
    name = match["strong"] or match["weak"]
    if name is not None and _NO_STREET.fullmatch(name):
        return False
    return match["weak"] is None or folded.capital(match.start())


def _is_french(folded: Folded, match: re.Match[str]) -> bool:
    """What follows *rue* or *place* links to a name or is one; *une place pour 2* is neither."""
    first = match["first"]
    return bool(match["links"]) or first.startswith(("d'", "l'")) or folded.capital(match.start("first"))
