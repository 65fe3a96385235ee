"""Every sentence that the program says in an answer, in French and in English."""

from rag.schema import Counts
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


# Small talk, by the name of its example in the language packs.
TALK: dict[str, dict[Language, str]] = {
    "greeting": {
        "fr": "Bonjour\u00a0! Posez-moi une question sur les documents\u00a0: j’y réponds par leurs phrases exactes.",
        "en": "Hello! Ask me a question about the documents: I answer with their exact sentences.",
    },
    "thanks": {
        "fr": "Je vous en prie. Une autre question sur les documents\u00a0?",
        "en": "You are welcome. Anything else about the documents?",
    },
    "farewell": {"fr": "Au revoir, et à bientôt.", "en": "Goodbye, and see you soon."},
    "identity": {
        "fr": "Je suis un programme qui cherche dans les documents de votre organisation et cite les phrases qui "
        "répondent. Ce qu’ils ne disent pas, je ne l’invente pas.",
        "en": "I am a program that searches your organisation’s documents and quotes the sentences that answer. What "
        "they do not say I do not make up.",
    },
    "abilities": {
        "fr": "Je réponds, en français ou en anglais, à des questions sur les documents, avec la phrase exacte et sa "
        "source. Je peux aussi dire quels documents je connais («\u00a0quels documents as-tu\u00a0?\u00a0») et en "
        "donner un aperçu («\u00a0résume le document sur…\u00a0»). Si les documents ne répondent pas, je le dis.",
        "en": "I answer questions about the documents, in French or English, with the exact sentence and its source. I "
        "can also tell which documents I know (“what documents do you have?”) and outline one (“summarise the "
        "document on…”). Where the documents do not answer, I say so.",
    },
}
DOCUMENTS: dict[Language, str] = {
    "fr": "Je réponds à partir de {count}\u00a0:",
    "en": "I answer from {count}:",
}
MORE: dict[Language, str] = {"fr": "et {} autres.", "en": "and {} more."}
WHICH: dict[Language, str] = {
    "fr": "De quel document voulez-vous un aperçu\u00a0?",
    "en": "Which document would you like an outline of?",
}
OUTLINE: dict[Language, str] = {
    "fr": "«\u00a0{title}\u00a0»\u00a0: ses phrases les plus centrales, mot pour mot.",
    "en": "“{title}”: its most central sentences, word for word.",
}
SECTIONS: dict[Language, str] = {
    "fr": "«\u00a0{title}\u00a0», partie par partie, mot pour mot.",
    "en": "“{title}”, section by section, word for word.",
}
SECTION: dict[Language, str] = {"fr": "{heading}\u00a0:", "en": "{heading}:"}


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
