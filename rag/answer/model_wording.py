"""What a person is told of a language model: that it failed, or that some of its sentences were removed."""

from rag.text.language import Language

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
