"""What a question names exactly: codes, numbers, people, and the row of a table that they stand in.

Likeness is no help there: P-114 is as near to P-163 as any. So a sentence counts only where what is named stands in it,
and a row whose own cells and names hold all words of a question answers it, whatever a model makes of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.schema import Found, Query
from rag.text.analysis import tokens
from rag.text.facts import names
from rag.text.folding import fold
from rag.text.packs import joined, pack
from rag.text.searchable import searchable
from rag.text.weights import Word
from rag.text.words import WORD

# A code: letters, then figures; a lone year after letters ("mi-2024") is none.
CODE = re.compile(
    r"(?<![\w.-])(?:[A-Z]{1,6}(?:\. ?|[-/])?\d[\dA-Z]*|[A-Za-z]{1,4}[-./](?!(?:19|20)\d\d\b)\d{2,})(?:[-./]\d+)*(?!\w)"
)
NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ .\u00a0\u202f]?\d){4,}(?!\w)")
DATE = re.compile(r"\d{1,2}([./])\d{1,2}\1(?:\d{4}|\d\d)")
RUN = re.compile(r"[^\W\d_]+|\d+")
TITLES = joined("titles")
ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
OPEN = re.compile(r"\W*(?:que|qu[’']|what)\b.*\b(?:prévoi\w+|di[ts]\w*|say\w*|said|provides?)\b", re.IGNORECASE)
QUANTITY = re.compile(
    r"\b(?:combien|montant|prix|coût|taux|tarif|durée|how (?:much|many|long)|amount|price|rate)\b", re.IGNORECASE
)
HELD = 0.5  # strength of a word's form from which on a text holds it
# What a question asks for in words that its answer need not repeat.
ASKED = frozenset(
    map(
        fold,
        (
            "montant taux prix coût tarif durée nombre numéro date délai valeur jour jours mois heure heures euros "
            "euro code règle dit dire prévoit prévoient prévu article travaille travaillent travailler perçoit touche "
            "gagne faire cas gens personnes personne salarié salariée salariés total existe depuis suit suivi "
            "est sont a ont reste combien pris prise "
            "amount rate price cost fee length number date value day days month months hour hours say says work works "
            "rule people person who what when employee employees long much many get gets"
        ).split(),
    )
)


@dataclass(frozen=True)
class Line:
    """Hold a sentence with what it is to be read with: the names of its columns, its heading, its document's name."""

    found: Found
    number: int

    @cached_property
    def own(self) -> str:
        """Read the sentence itself."""
        passage = self.found.passage
        return passage.between(*passage.spans[self.number])

    @cached_property
    def around(self) -> str:
        """Read what introduces it and what it stands under."""
        passage = self.found.passage
        return "\n".join((self.lead, passage.heading, passage.title, _with_dates(passage.source)))

    @property
    def lead(self) -> str:
        """Read what introduces it: the names of its columns, the line above its list."""
        return self.found.passage.mark(self.number).lead

    @property
    def is_row(self) -> bool:
        """Tell a row of a table."""
        return self.found.passage.mark(self.number).kind == "row"


class Lookup:
    """Know what a question names."""

    def __init__(self, query: Query, words: Sequence[Word]) -> None:
        self.text = text = query.text
        self.codes = [_spelled(match[0]) for match in CODE.finditer(text)]
        bare = DATE.sub(" ", text)
        self.numbers = [_spelled("".join(re.findall(r"\d", m[0])), " ") for m in NUMBER.finditer(bare)]
        self.names = [
            fold(name) for name in names(text) if fold(name) not in TITLES and not any(map(str.isdigit, name))
        ]
        # Codes and long numbers are looked for as they may be written, not as words.
        matches = [*CODE.finditer(text), *NUMBER.finditer(bare)]
        spelled = {word.casefold() for match in matches for word in WORD.findall(searchable(match[0]))}
        kept = (word for word in words if word.text not in spelled)
        self.words = [word for word in kept if fold(word.text) not in ASKED]

    @cached_property
    def is_open(self) -> bool:
        """Tell a question for whatever a text says about something."""
        return bool(OPEN.match(self.text))

    def is_told(self, line: Line) -> bool:
        """Tell whether a sentence and its place hold all that is said, and a figure where one is asked for."""
        own, whole = self.share(line)
        says_which = bool(self.names) or any(word.text.isdigit() for word in self.words)
        is_figure = not QUANTITY.search(self.text) or any(map(str.isdigit, line.own))
        return whole == 1 and (self.is_open or (own > 0 and says_which and is_figure))

    def has_codes(self, line: Line) -> bool:
        """Tell whether all codes and long numbers of the question stand in a sentence, or among a row's names."""
        return self._all_in(f"{line.own}\n{line.lead}" if line.is_row else line.own)

    def is_under_codes(self, line: Line) -> bool:
        """Tell whether they stand in a sentence or above it; a row has them itself."""
        return self.has_codes(line) or (not line.is_row and self._all_in(f"{line.own}\n{line.around}"))

    def _all_in(self, text: str) -> bool:
        return all(pattern.search(text) for pattern in (*self.codes, *self.numbers))

    def holds_names(self, line: Line) -> bool:
        """Tell whether the names of the question stand in a row, or in the passage of another sentence."""
        text = f"{line.own}\n{line.around}" if line.is_row else f"{line.found.passage.text}\n{line.around}"
        held = set(map(fold, RUN.findall(text)))
        return all(held.issuperset(map(fold, RUN.findall(name))) for name in self.names)

    def share(self, line: Line) -> tuple[float, float]:
        """Compute which share of the question's words a sentence holds itself, and with what stands around it."""
        if not self.words:
            return 0.0, 0.0
        own = line.found.tokens[line.number]
        around = tokens(line.around)
        held = [word.strength(own) >= HELD for word in self.words]
        whole = [is_own or word.strength(around) >= HELD for is_own, word in zip(held, self.words, strict=True)]
        return sum(held) / len(held), sum(whole) / len(whole)


def _with_dates(name: str) -> str:
    """Write the dates of a file's name as questions do too."""
    return ISO.sub(lambda d: f"{d[0]} {int(d[3])} {pack('fr').words['months'].split('|')[int(d[2]) - 1]} {d[1]}", name)


def _spelled(code: str, between: str = "-./ ") -> re.Pattern[str]:
    """Compile a code as it may be written: its parts joined by signs or by none, and nothing more on either side."""
    gap = f"[{re.escape(between)}\u00a0\u202f]{{0,2}}"
    runs = RUN.findall(code) if between != " " else list(code)
    return re.compile(rf"(?<![^\W_]){gap.join(map(re.escape, runs))}(?![^\W_])(?!-\d)", re.IGNORECASE)
