"""Every sentence that the program itself says in an answer, in French and in English."""

from rag.language import Language

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


def refusal(language: Language, documents: int, passages: int) -> str:
    """Say that the documents do not answer, and how much was searched."""
    if not documents:
        return f"{REFUSAL[language]} {NOTHING_INDEXED[language]}"
    numbers = {
        "documents": counted(language, documents, "document"),
        "passages": counted(language, passages, "passage"),
    }
    return f"{REFUSAL[language]} {SEARCHED[language].format(**numbers)}"


def counted(language: Language, count: int, noun: str) -> str:
    """Write a number with its noun, which both languages spell alike; 0 takes the singular in French."""
    singular = count < 2 if language == "fr" else count == 1
    return f"{count}\u00a0{noun}{'' if singular else 's'}"
