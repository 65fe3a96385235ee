"""Every sentence that the program says in an answer, in French and in English."""

from rag.index.protocol import Counts
from rag.text.language import Language

# French puts a no-break space before double punctuation.
FOUND: dict[Language, str] = {
    "fr": "Voici ce qu’en disent les documents\u00a0:",
    "en": "Here is what the documents say:",
}
FOUND_FOREIGN: dict[Language, str] = {
    "fr": "Voici ce qu’en disent les documents, en anglais\u00a0:",
    "en": "Here is what the documents say, in French:",
}
REFUSAL: dict[Language, str] = {
    "fr": "Les documents ne répondent pas à cette question.",
    "en": "The documents do not answer this question.",
}
SEARCHED: dict[Language, str] = {
    "fr": "J’ai cherché dans {documents} et {passages}.",
    "en": "I searched {documents} and {passages}.",
}
NOT_A_QUESTION: dict[Language, str] = {
    "fr": "Posez votre question avec quelques mots\u00a0: celle-ci n’en contient aucun.",
    "en": "Please ask with a few words: this question has none.",
}
TOO_LONG: dict[Language, str] = {
    "fr": "La question compte {length} caractères\u00a0: raccourcissez-la à {limit} caractères au plus.",
    "en": "The question has {length} characters: please shorten it to {limit} at most.",
}
NOTHING_INDEXED: dict[Language, str] = {
    "fr": "Aucun document n’est encore indexé.",
    "en": "No document has been indexed yet.",
}


# Why a sentence of a model's answer is not wholly supported by what it cites.
REASONS: dict[str, dict[Language, str]] = {
    "number": {"fr": "le nombre {} n’est pas dans le passage cité", "en": "the number {} is not in the cited passage"},
    "date": {
        "fr": "la date «\u00a0{}\u00a0» n’est pas dans le passage cité",
        "en": "the date “{}” is not in the cited passage",
    },
    "name": {
        "fr": "le nom «\u00a0{}\u00a0» n’est pas dans le passage cité",
        "en": "the name “{}” is not in the cited passage",
    },
    "opposite": {
        "fr": "le passage cité dit le contraire de «\u00a0{}\u00a0»",
        "en": "the cited passage says the opposite of “{}”",
    },
    "negation": {
        "fr": "la phrase et le passage cité ne s’accordent pas sur une négation",
        "en": "the sentence and the cited passage disagree on a negation",
    },
    "meaning": {
        "fr": "le passage cité ne dit pas clairement cela",
        "en": "the cited passage does not clearly say this",
    },
    "uncited": {"fr": "aucun passage ne l’atteste", "en": "no passage supports it"},
}


def refusal(language: Language, counts: Counts) -> str:
    """Say that the documents do not answer, and how much was searched."""
    if not counts.documents:
        return f"{REFUSAL[language]} {NOTHING_INDEXED[language]}"
    return f"{REFUSAL[language]} {SEARCHED[language].format(**amounts(language, counts))}"


def amounts(language: Language, counts: Counts) -> dict[str, str]:
    """Write how many documents and passages there are."""
    return {
        "documents": counted(language, counts.documents, "document"),
        "passages": counted(language, counts.passages, "passage"),
    }


def counted(language: Language, count: int, noun: str) -> str:
    """Write a number with its noun, which both languages spell alike; 0 takes the singular in French."""
    singular = count < 2 if language == "fr" else count == 1
    return f"{count}\u00a0{noun}{'' if singular else 's'}"


# What a person is told where a language model was asked and its answer could not be used.
PROBLEMS: dict[str, dict[Language, str]] = {
    "unreachable": {
        "fr": "Le modèle de langue n’est pas joignable",
        "en": "The language model cannot be reached",
    },
    "denied": {
        "fr": "Le modèle de langue a refusé la clé",
        "en": "The language model refused the key",
    },
    "unknown": {
        "fr": "Ce modèle de langue n’existe pas à cette adresse",
        "en": "There is no such language model at this address",
    },
    "busy": {
        "fr": "Le modèle de langue est trop sollicité",
        "en": "The language model is too busy",
    },
    "server": {
        "fr": "Le service du modèle de langue est en panne",
        "en": "The language model’s service is down",
    },
    "silent": {
        "fr": "Le modèle de langue n’a pas répondu à temps",
        "en": "The language model did not answer in time",
    },
    "cut": {
        "fr": "La réponse du modèle de langue a été interrompue",
        "en": "The language model’s answer broke off",
    },
    "length": {
        "fr": "La réponse du modèle de langue était trop longue et a été coupée",
        "en": "The language model’s answer was too long and was cut",
    },
    "empty": {
        "fr": "Le modèle de langue n’a rien répondu",
        "en": "The language model said nothing",
    },
    "language": {
        "fr": "Le modèle de langue a répondu dans une autre langue",
        "en": "The language model answered in another language",
    },
    "unsupported": {
        "fr": "Aucune phrase du modèle de langue n’était attestée par les documents",
        "en": "No sentence of the language model was supported by the documents",
    },
    "broken": {
        "fr": "Le service du modèle de langue a répondu de façon illisible",
        "en": "The language model’s service gave an unreadable reply",
    },
    "unusable": {
        "fr": "Le modèle de langue n’est pas utilisable tel qu’il est configuré",
        "en": "The language model cannot be used as it is configured",
    },
}
PROBLEMS["endless"] = PROBLEMS["length"]
INSTEAD: dict[Language, str] = {
    "fr": "{}\u00a0; voici des citations exactes à la place.",
    "en": "{}; here are exact quotations instead.",
}
REMOVED: dict[Language, tuple[str, str]] = {
    "fr": (
        "Une phrase du modèle a été retirée\u00a0: les documents ne l’attestent pas.",
        "{} phrases du modèle ont été retirées\u00a0: les documents ne les attestent pas.",
    ),
    "en": (
        "One sentence of the model was removed: the documents do not support it.",
        "{} sentences of the model were removed: the documents do not support them.",
    ),
}


def instead(kind: str, language: Language) -> str:
    """Say why quotations take the place of a language model's answer."""
    return INSTEAD[language].format(PROBLEMS[kind][language])


def removed(count: int, language: Language) -> str:
    """Say how many sentences were removed."""
    one, several = REMOVED[language]
    return one if count == 1 else several.format(count)
