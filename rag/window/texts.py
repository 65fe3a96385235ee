"""Every word of the window, in French and in English."""

from rag.text.language import Language

# French: no-break spaces before double punctuation (\u00a0) and inside guillemets, typographic apostrophes.
TEXTS: dict[str, dict[Language, str]] = {
    "title": {"fr": "Vos documents répondent", "en": "Ask the documents"},
    "welcome": {"fr": "Que voulez-vous savoir\u00a0?", "en": "What would you like to know?"},
    "promise": {
        "fr": "Chaque réponse cite les phrases exactes de vos documents. Cliquez sur un numéro pour les vérifier.",
        "en": "Every answer cites the exact sentences of your documents. Click a number to check them.",
    },
    "questions": {"fr": "Questions", "en": "Questions"},
    "documents": {"fr": "Documents", "en": "Documents"},
    "other_language": {"fr": "English", "en": "Français"},
    "question": {"fr": "Votre question", "en": "Your question"},
    "ask_placeholder": {
        "fr": "Posez une question sur vos documents…",
        "en": "Ask a question about your documents…",
    },
    "send": {"fr": "Demander", "en": "Ask"},
    "stop": {"fr": "Arrêter", "en": "Stop"},
    "again": {"fr": "Redemander", "en": "Ask again"},
    "new_chat": {"fr": "Nouvelle conversation", "en": "New conversation"},
    "conversation": {"fr": "Conversation", "en": "Conversation"},
    "loading": {
        "fr": "Le modèle se charge\u00a0: votre première question attendra quelques secondes.",
        "en": "The model is loading: your first question will wait a few seconds.",
    },
    "searching": {"fr": "Recherche dans les documents…", "en": "Searching the documents…"},
    "writing": {"fr": "La suite est en cours de vérification…", "en": "Writing and checking the rest…"},
    "stopped": {"fr": "Réponse arrêtée.", "en": "The answer was stopped."},
    "failed": {
        "fr": "La réponse n’a pas pu être préparée. Réessayez\u00a0; si cela persiste, prévenez l’administrateur.",
        "en": "The answer could not be prepared. Try again; if it persists, tell the administrator.",
    },
    "searched": {"fr": "Question cherchée\u00a0: ", "en": "Question searched: "},
    "otherwise": {"fr": "Autre lecture possible\u00a0: ", "en": "It may also mean: "},
    "closest": {"fr": "Passages les plus proches", "en": "Closest passages"},
    "quoted": {"fr": "Citations exactes, sans modèle de langue", "en": "Exact quotations, no language model"},
    "written_by": {"fr": "Rédigé par {model}, phrases vérifiées", "en": "Written by {model}, sentences checked"},
    "stayed": {"fr": "rien n’a quitté cette machine", "en": "nothing left this machine"},
    "sent": {"fr": "envoyé à {host}\u00a0: {what}", "en": "sent to {host}: {what}"},
    "sent_question": {"fr": "la question", "en": "the question"},
    "sent_conversation": {"fr": "la question et ce qui la précède", "en": "the question and what came before it"},
    "partly": {"fr": "en partie attesté", "en": "partly supported"},
    "unsupported": {"fr": "non attesté", "en": "not supported"},
    "open_citation": {"fr": "Ouvrir la citation {number}\u00a0: {title}", "en": "Open citation {number}: {title}"},
    # The cited document
    "source": {"fr": "Document cité", "en": "Cited document"},
    "close": {"fr": "Fermer", "en": "Close"},
    "previous": {"fr": "Citation précédente", "en": "Previous citation"},
    "next": {"fr": "Citation suivante", "en": "Next citation"},
    "copy": {"fr": "Copier la citation", "en": "Copy the quote"},
    "copied": {"fr": "Copié", "en": "Copied"},
    "page": {"fr": "page\u00a0{page}", "en": "page {page}"},
    "position": {
        "fr": "caractères {start} à {end} sur {length}",
        "en": "characters {start} to {end} of {length}",
    },
    "in_en": {
        "fr": "Ce document est en anglais\u00a0; la question était en français.",
        "en": "This document is in English; the question was in French.",
    },
    "in_fr": {
        "fr": "Ce document est en français\u00a0; la question était en anglais.",
        "en": "This document is in French; the question was in English.",
    },
    "gone": {
        "fr": "Ce passage n’est plus dans les documents\u00a0: le document a été modifié ou supprimé.",
        "en": "This passage is no longer in the documents: the document was changed or deleted.",
    },
    "shortened": {"fr": "[Le reste du document n’est pas affiché.]", "en": "[The rest of the document is not shown.]"},
    # The documents
    "add": {
        "fr": "Ajouter ou remplacer des documents",
        "en": "Add or replace documents",
    },
    "add_hint": {
        "fr": "Texte, Markdown, HTML, PDF, Word. Un fichier du même nom remplace l’ancien.",
        "en": "Text, Markdown, HTML, PDF, Word. A file of the same name replaces the old one.",
    },
    "holds": {"fr": "{documents} et {passages} dans l’index", "en": "{documents} and {passages} in the index"},
    "empty_index": {
        "fr": "Aucun document pour l’instant. Déposez-en ci-dessus.",
        "en": "No documents yet. Drop some above.",
    },
    "filter": {"fr": "Filtrer par titre ou nom de fichier", "en": "Filter by title or file name"},
    "more_documents": {
        "fr": "{count} autres documents\u00a0: affinez le filtre pour les voir.",
        "en": "{count} more documents: narrow the filter to see them.",
    },
    "details": {
        "fr": "{kind}, {size}, {passages}, ajouté le {date}",
        "en": "{kind}, {size}, {passages}, added on {date}",
    },
    "delete": {"fr": "Supprimer", "en": "Delete"},
    "confirm": {
        "fr": "Supprimer «\u00a0{title}\u00a0» et tous ses passages\u00a0? Le fichier d’origine n’est pas touché.",
        "en": "Delete “{title}” and all its passages? The original file is not touched.",
    },
    "confirm_delete": {"fr": "Oui, supprimer", "en": "Yes, delete"},
    "cancel": {"fr": "Annuler", "en": "Cancel"},
    "deleted": {"fr": "«\u00a0{title}\u00a0» a été supprimé.", "en": "“{title}” was deleted."},
    "already_gone": {"fr": "Ce document n’était plus là.", "en": "This document was no longer there."},
    "check": {"fr": "Vérifier l’index", "en": "Check the index"},
    "whole": {"fr": "L’index est intact.", "en": "The index is whole."},
    "repaired": {
        "fr": "L’index de recherche a été reconstruit à partir des données enregistrées.",
        "en": "The search index was rebuilt from the stored data.",
    },
    "waiting": {"fr": "En attente…", "en": "Waiting…"},
    "reading": {"fr": "Lecture", "en": "Reading"},
    "embedding": {"fr": "Analyse du texte", "en": "Analysing the text"},
    "publishing": {"fr": "Publication dans l’index", "en": "Publishing to the index"},
    "added": {"fr": "ajouté", "en": "added"},
    "updated": {"fr": "remplacé", "en": "replaced"},
    "unchanged": {"fr": "déjà présent, inchangé", "en": "already there, unchanged"},
    "same_as": {"fr": "{done} (même contenu que {source})", "en": "{done} (same content as {source})"},
    "was": {"fr": "{done} (s’appelait {source})", "en": "{done} (was {source})"},
    "system": {
        "fr": "{name}\u00a0: {reason}. Rien de ce qui était publié n’est perdu.",
        "en": "{name}: {reason}. Nothing published was lost.",
    },
    "skipped": {"fr": "non ajouté", "en": "not added"},
    "added_but": {"fr": "{done}, mais {but}", "en": "{done}, but {but}"},
    "skipped_because": {"fr": "non ajouté\u00a0: {reason}", "en": "not added: {reason}"},
}


def text(key: str, language: Language, **values: object) -> str:
    """Return a text of the window in a language, or in English, its places filled."""
    words = TEXTS[key].get(language, TEXTS[key]["en"])
    return words.format(**values) if values else words


def number(value: int, language: Language) -> str:
    """Write a number with the language's thousands separator."""
    return f"{value:,}".replace(",", "\u202f") if language == "fr" else f"{value:,}"
