"""What a Word file's styles and lists give to a paragraph: its level as a heading, its number, whether it is hidden."""

import re
from collections.abc import Iterator
from functools import cache

from rag.documents.package import Node, attribute, child, is_on, local

HEADING = re.compile(
    r"heading (\d)$", re.IGNORECASE
)  # built-in names are English in the file, whatever Word's language
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
         (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
PLACE = re.compile(r"%(\d)")
NO_LIST = "0"


class Styles:
    """Know the styles of a document, each with those that it is based on."""

    def __init__(self, root: Node | None) -> None:
        self._styles = {attribute(s, "styleId"): s for s in (() if root is None else root) if local(s) == "style"}
        self._default = next(
            (key for key, s in self._styles.items() if attribute(s, "type") == "paragraph" and is_default(s)), ""
        )

    def chain(self, style: str) -> Iterator[Node]:
        """Yield a style and what it is based on, nearest first."""
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            yield self._styles[style]
            style = attribute(child(self._styles[style], "basedOn"), "val")

    def of(self, paragraph: Node) -> str:
        """Name the style of a paragraph."""
        return attribute(child(paragraph, "pPr", "pStyle"), "val", self._default)

    def level(self, paragraph: Node) -> int:
        """Return the level of a heading, from 1; 0 for other paragraphs."""
        own = child(paragraph, "pPr", "outlineLvl")
        for style in [None, *self.chain(self.of(paragraph))]:
            outline = own if style is None else child(style, "pPr", "outlineLvl")
            if outline is not None:
                level = int(attribute(outline, "val", "9"))
                return level + 1 if level < 6 else 0
            name = attribute(child(style, "name"), "val")
            if heading := HEADING.match(name):
                return min(6, int(heading[1]))
            if name.lower() == "title":
                return 1
        return 0

    def is_hidden(self, run: Node, paragraph: Node | None) -> bool:
        """Tell hidden text: by the run itself, else its style, else the paragraph's."""
        run_style = attribute(child(run, "rPr", "rStyle"), "val")
        styles = [*self.chain(run_style), *(self.chain(self.of(paragraph)) if paragraph is not None else ())]
        for holder in [run, *styles]:
            if (vanish := child(holder, "rPr", "vanish")) is not None:
                return is_on(vanish)
        return False

    def numbering(self, paragraph: Node) -> tuple[str, int]:
        """Return the list and the level in it that a paragraph belongs to; an empty name for none."""
        holders = [paragraph, *self.chain(self.of(paragraph))]
        found, level = "", ""
        for holder in holders:
            properties = child(holder, "pPr", "numPr")
            level = level or attribute(child(properties, "ilvl"), "val")
            found = found or attribute(child(properties, "numId"), "val")
        return ("" if found == NO_LIST else found), int(level or 0)


def is_default(style: Node) -> bool:
    """Tell the style of paragraphs that name none."""
    return attribute(style, "default") in ("1", "true", "on")


class Numbering:
    """Count the paragraphs of a document's lists."""

    def __init__(self, root: Node | None) -> None:
        nodes = [] if root is None else list(root)
        self._lists = {attribute(n, "numId"): n for n in nodes if local(n) == "num"}
        self._levels = {
            attribute(n, "abstractNumId"): {int(attribute(v, "ilvl", "0")): v for v in n if local(v) == "lvl"}
            for n in nodes
            if local(n) == "abstractNum"
        }
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def mark(self, name: str, level: int) -> str:
        """Count a paragraph and return its number or bullet, with a space; empty where the list has none."""
        abstract = attribute(child(self._lists.get(name), "abstractNumId"), "val")
        levels = self._levels.get(abstract, {})
        overrides = {int(attribute(n, "ilvl", "0")): n for n in self._lists.get(name, ()) if local(n) == "lvlOverride"}
        for at, override in overrides.items():
            if (own := child(override, "lvl")) is not None:
                levels = {**levels, at: own}
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        restart = attribute(child(overrides.get(level), "startOverride"), "val")
        if restart and (name, level) not in self._begun:
            counts[level] = int(restart) - 1
        self._begun.add((name, level))
        counts[level] = counts.get(level, _start(levels[level]) - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        return self._shown(levels, counts, level)

    @staticmethod
    def _shown(levels: dict[int, Node], counts: dict[int, int], level: int) -> str:
        kind = attribute(child(levels[level], "numFmt"), "val", "decimal")
        text = attribute(child(levels[level], "lvlText"), "val")
        if kind == "bullet":
            return "- "
        if kind == "none" or not text:
            return ""
        is_legal = is_on(child(levels[level], "isLgl"))

        def number(place: "re.Match[str]") -> str:
            at = int(place[1]) - 1
            count = counts.get(at, _start(levels[at]) if at in levels else 1)
            shape = attribute(child(levels.get(at), "numFmt"), "val", "decimal")
            return formatted(count, "decimal" if is_legal else shape)

        return PLACE.sub(number, text).strip() + " "


def _start(level: Node) -> int:
    return int(attribute(child(level, "start"), "val", "1"))


@cache
def formatted(number: int, kind: str) -> str:
    """Write a number as a list shows it."""
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if kind.startswith("upper") else letters
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        rest, written = number, ""
        for value, sign in ROMAN:
            written += sign * (rest // value)
            rest %= value
        return written.upper() if kind.startswith("upper") else written
    return f"{number:02d}" if kind == "decimalZero" else str(number)
