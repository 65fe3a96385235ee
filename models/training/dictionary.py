"""Write French words with English translations, joined over third languages.

Free dictionaries from French to Finnish and from Finnish to English say that two words mean the same when
they share translations; the more languages say so, the surer it is (inverse consultation, Tanaka and
Umemura 1994). Inflected forms take the translations of their lemma, so that the rare words of French get
entries too: parallel texts are few and know only the words of their subjects.
"""

import argparse
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import simplemma

Translations = dict[str, set[str]]

MOST, NEAR = 3, 0.6  # translations of a word, and the share of the best one's score that they need
DIGITS = {
    digit: value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
NOTE = re.compile(r"\([^)]*\)|\[[^]]*]|^\s*\d+\.\s|\s\d+\.$")
ARTICLE = re.compile(r"^(?:(?:to|an?|the|une?|l[ae]s?|se) |[ls]['’])(?=\S)")


def number(digits: str) -> int:
    """Read a number as the dict protocol writes it (RFC 2229)."""
    value = 0
    for digit in digits:
        value = value * 64 + DIGITS[digit]
    return value


def entries(stem: Path) -> Iterator[tuple[str, str]]:
    """Yield headword and translation of a dictionary, `stem`.index and `stem`.dict.dz, in lower case.

    Explanations stand among the translations; nobody else translates a word by them, so that joining drops them.
    """
    with gzip.open(stem.with_suffix(".dict.dz")) as file:
        text = file.read()
    rows = (line.split("\t") for line in stem.with_suffix(".index").read_text("utf-8").splitlines())
    for start, length in dict.fromkeys((row[1], row[2]) for row in rows if not row[0].startswith("00-database")):
        head, *lines = text[number(start) : number(start) + number(length)].decode().splitlines()
        word = re.split(r" [/<\[]", head)[0].strip().lower()
        for line in lines:
            for item in re.split("[,;、]", NOTE.sub("", line)):
                if item.strip():
                    yield word, item.strip().lower()


def translations(folder: Path, own: str, other: str) -> Translations:
    """Collect what dictionaries in either direction say about the words of the language `own`."""
    found: Translations = defaultdict(set)
    for source, target in ((own, other), (other, own)):
        stem = folder / f"freedict-{source}-{target}"
        if stem.with_suffix(".index").exists():
            for word, item in entries(stem):
                if source == own:
                    found[word].add(item)
                else:
                    found[ARTICLE.sub("", item)].add(word)
    return found


def joined(folder: Path) -> dict[str, list[str]]:
    """Translate French words into English over every third language at hand, the best first, three at most."""
    scores: dict[str, Counter[str]] = defaultdict(Counter)
    for other in sorted({part for path in folder.glob("*.index") for part in path.stem.split("-")[1:]}):
        french, english = translations(folder, "fra", other), translations(folder, "eng", other)
        backwards: Translations = defaultdict(set)
        for word, items in english.items():
            for item in items:
                backwards[item].add(word)
        for word, items in french.items():
            shared = Counter(candidate for item in items for candidate in backwards.get(item, ()))
            for candidate, count in shared.items():
                if simplemma.is_known(candidate.split()[-1], lang="en"):
                    scores[word][candidate] += count / sqrt(len(items) * len(english[candidate]))
    chosen = {}
    for word, found in scores.items():
        ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        chosen[word] = [item for item, score in ranked[:MOST] if score >= NEAR * ranked[0][1]]
    return chosen


def main() -> None:
    """Write pairs of kind `Entry` for the words of a list."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("dictionaries", type=Path, help="folder of freedict-*.index and freedict-*.dict.dz")
    parser.add_argument("words", type=Path, help="file of French words and forms, one a line, the most frequent first")
    parser.add_argument("output", type=Path, help="folder to write to")
    parser.add_argument("--most", type=int, default=60_000, help="how many of these words to look up")
    options = parser.parse_args()

    known = joined(options.dictionaries)
    options.output.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(options.output / "dictionary.tsv.gz", "wb", mtime=0) as output:
        for word in options.words.read_text("utf-8").split()[: options.most]:
            lemma = word if word in known else simplemma.lemmatize(word, lang="fr")
            if word.isalpha() and len(word) > 2:
                for english in known.get(lemma, ()):
                    output.write(f"Entry\t{english}\t{word}\n".encode())


if __name__ == "__main__":
    main()
