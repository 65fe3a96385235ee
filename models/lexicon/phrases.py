"""Write short pairs of words, questions and sentences that the parallel texts lack.

Law has few questions and hardly a narrative past tense, encyclopaedia titles no verbs at all. A
glossary and sentence templates written for this project fill that gap: French verbs are conjugated,
nouns and adjectives put into the plural, and the templates filled with names drawn at random from
the `Wiki` pairs. Accents that a conjugation would change are ignored, as the model strips them.
"""

import argparse
import gzip
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.lexicon.pairs import read_pairs

HERE = Path(__file__).parent


def third_person(verb: str) -> str:
    """Put an English verb, or the first word of a phrasal one, into the third person singular."""
    head, space, rest = verb.partition(" ")
    irregular = {"be": "is", "have": "has", "can": "can", "must": "must", "do": "does", "go": "goes"}
    if re.search(r"(s|sh|ch|x|z)$", head):
        head += "es"
    else:
        head = irregular.get(head) or (re.sub(r"(?<![aeiou])y$", "ie", head) + "s")
    return head + space + rest


def verb_pairs(english: str, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Pair the forms of one verb; rows are infinitive, present, imperfect, past and participles."""
    base, past, *rest = english.split(", ")
    infinitive, present, imperfect, simple_past, participles = rows
    yield base, infinitive[0]
    yield f"to {base}", infinitive[0]
    singular = third_person(base)
    for forms, one, many in ((present, singular, base), (imperfect, past, past), (simple_past, past, past)):
        yield f"he {one}", f"il {forms[0]}"
        if len(forms) > 1:
            yield f"they {many}", f"ils {forms[1]}"
    for participle in participles:
        yield rest[0] if rest else past, participle
    yield f"he has {rest[0] if rest else past}", f"il a {participles[0]}"


def regular_rows(infinitive: str) -> list[list[str]]:
    """Conjugate a French verb in -er: infinitive, present, imperfect, simple past, participles."""
    stem = infinitive[:-2]
    before_a = stem + "e" if stem.endswith("g") else re.sub("c$", "ç", stem)
    return [
        [infinitive],
        [stem + "e", stem + "ent"],
        [before_a + "ait", before_a + "aient"],
        [before_a + "a", stem + "èrent"],
        [stem + "é", stem + "ée", stem + "és", stem + "ées"],
    ]


def glossary_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the entries of a `kind<TAB>english<TAB>french` glossary in all their forms.

    French forms are separated by ` | `. A single form of a noun or adjective has regular ones added.
    """
    for line in path.read_text("utf-8").splitlines():
        kind, english, french = line.split("\t")
        forms = french.split(" | ")
        if kind == "er":
            yield from verb_pairs(english, regular_rows(french))
            continue
        if kind == "verb":
            yield from verb_pairs(english, [form.split() for form in forms])
            continue
        yield from ((english, form) for form in forms)
        if len(forms) == 1 and " " not in french and kind == "adjective":
            feminine = french if french.endswith("e") else french + "e"
            yield from ((english, form) for form in (feminine, feminine + "s", french.rstrip("s") + "s"))
        if len(forms) == 1 and " " not in french + english and kind == "noun" and french[-1] not in "sxz":
            plural = english if english.endswith("s") else third_person(english)
            yield plural, french + "s"


def template_pairs(path: Path, names: Sequence[tuple[str, str]], amount: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield `amount` templates, each equally often, with names {0} and {1}, year {y}, number {n}."""
    templates = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    draw = random.Random(seed)
    for place in range(amount):
        english, french = templates[place % len(templates)]
        chosen = draw.sample(names, 2)
        year, number = draw.randint(1400, 2030), draw.choice([2, 3, 12, 40, 75, 300, 1500, 20000])
        yield (
            english.format(*(name for name, _ in chosen), y=year, n=number),
            french.format(*(name for _, name in chosen), y=year, n=number),
        )


def main() -> None:
    """Write the folders `words` (from the glossary) and `phrases` (from the templates)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pairs", type=Path, help="folder of pair files to draw names from")
    parser.add_argument("output", type=Path, help="folder to write to")
    parser.add_argument("--amount", type=int, default=60_000, help="sentences made from templates")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random names")
    options = parser.parse_args()

    words = list(dict.fromkeys(glossary_pairs(HERE / "glossary.tsv")))
    wiki = [pair for pair in read_pairs(options.pairs) if pair.kind == "Wiki"]
    names = [(pair.english, pair.french) for pair in wiki if "(" not in pair.english + pair.french] + words
    sentences = template_pairs(HERE / "templates.tsv", names, options.amount, options.seed)
    for kind, rows in (("Word", words), ("Phrase", sentences)):
        folder = options.output / f"{kind.lower()}s"
        folder.mkdir(parents=True, exist_ok=True)
        with gzip.GzipFile(folder / "made.tsv.gz", "wb", mtime=0) as file:
            file.writelines(f"{kind}\t{english}\t{french}\n".encode() for english, french in rows)


if __name__ == "__main__":
    main()
