"""What the program says in an answer, in the language of the question.

The sentences stand in the `answers.toml` of each language (`rag/text/languages/`).
"""

from collections.abc import Collection

from rag.schema import Counts
from rag.text.language import Language
from rag.text.packs import pack


def say(key: str, language: Language, **values: object) -> str:
    """Return a sentence in a language, its places filled; "talk.thanks" is `thanks` of `[talk]`."""
    section, _, name = key.rpartition(".")
    sentences = pack(language).sentences
    sentence: str = (sentences[section] if section else sentences)[name]
    return sentence.format(**values)


def counted(language: Language, count: int, noun: str) -> str:
    """Return what is said of one or of several, such as a number with its noun."""
    one, several = pack(language).sentences["counted"][noun]
    form: str = one if count in pack(language).singular else several
    return form.format(count=count)


def introduction(language: Language, written_in: Collection[Language]) -> str:
    """Return what stands before quotations; it names a language that is not the question's."""
    if len(written_in) == 1 and language not in written_in:
        (foreign,) = written_in
        if foreign in pack(language).sentences["found_in"]:
            return say(f"found_in.{foreign}", language)
    return say("found", language)


def refusal(language: Language, counts: Counts) -> str:
    """Say that the documents do not answer, and how much was searched."""
    if not counts.documents:
        return f"{say('refusal', language)} {say('nothing_indexed', language)}"
    return f"{say('refusal', language)} {say('searched', language, **amounts(language, counts))}"


def amounts(language: Language, counts: Counts) -> dict[str, str]:
    """Return how many documents and passages there are, in words."""
    return {
        "documents": counted(language, counts.documents, "document"),
        "passages": counted(language, counts.passages, "passage"),
    }


def instead(kind: str, language: Language) -> str:
    """Say why quotations take the place of a language model's answer."""
    return say("instead", language, problem=say(f"problem.{kind}", language))
