"""What a question names exactly stands in what is quoted: codes, numbers, people, the row of a table, a whole list."""

import pytest

from rag.answer.answer import Answer
from rag.answering import Answering
from rag.index.embedded.index import EmbeddedIndex
from rag.index.embeddings import Embedder
from rag.indexing import index_paths
from rag.schema import Question
from rag.settings import Settings

PEOPLE = """Salarié;Service;Manager;Solde CP
Petit Bruno;Logistique;Mme Roche;12,5
Garcia Inès;Paie;M. Faure;4
Morel Zoé;Logistique;M. Faure;7
"""
POSTS = "Code;Intitulé;Plafond\n" + "".join(f"P-{n};Agent;{n * 100} euros\n" for n in range(100, 140))
ARTICLES = """Article L.1225-17

La salariée bénéficie d’un congé de maternité de seize semaines.

Article L.1225-35

Après la naissance, le père bénéficie d’un congé de vingt-cinq jours.
"""
CONTACTS = "Annuaire.\n\nInfirmerie : 02 40 11 22 33\n\nAssistante sociale : 02 40 11 22 99\n"
PIECES = """Le nouveau salarié remet les pièces suivantes :

- une pièce d’identité ;
- la carte Vitale ;
- un relevé bancaire.

Le dossier est complet sous huit jours.
"""
FILES = {
    "people.csv": PEOPLE, "posts.csv": POSTS, "articles.txt": ARTICLES, "contacts.txt": CONTACTS, "pieces.txt": PIECES
}  # fmt: skip


@pytest.fixture(scope="module")
def answerings(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> dict[str, Answering]:
    """Answer from each file alone."""
    answerings: dict[str, Answering] = {}
    for name, text in FILES.items():
        folder = tmp_path_factory.mktemp("lookup")
        (folder / name).write_text(text, encoding="utf-8")
        index = EmbeddedIndex(Settings(index=folder / "index"), embedder, create=True)
        index_paths(index, [folder / name])
        answerings[name] = Answering.over(index)
    return answerings


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("people.csv", "Qui est le manager de Bruno Petit ?", ["Petit Bruno | Logistique | Mme Roche | 12,5"]),
        ("people.csv", "Quel est le solde de congés d’Inès Garcia ?", ["Garcia Inès | Paie | M. Faure | 4"]),
        ("people.csv", "Qui travaille à la logistique ?", ["Petit Bruno | Logistique | Mme Roche | 12,5",
                                                           "Morel Zoé | Logistique | M. Faure | 7"]),
        ("posts.csv", "Plafond du poste P-137", ["P-137 | Agent | 13700 euros"]),
        ("articles.txt", "Que dit l’article L1225-35 ?",
         ["Après la naissance, le père bénéficie d’un congé de vingt-cinq jours."]),
        ("contacts.txt", "Qui a le numéro 0240112299 ?", ["Assistante sociale : 02 40 11 22 99"]),
    ],
)  # fmt: skip
def test_what_is_named_is_quoted(
    answerings: dict[str, Answering], name: str, question: str, expected: list[str]
) -> None:
    assert quotes(answerings[name].invoke(Question(question))) == expected


@pytest.mark.parametrize(
    ("name", "question"),
    [("posts.csv", "Quel est le plafond du poste P-300 ?"), ("people.csv", "Qui est le manager de Paul Durand ?")],
)
def test_who_or_what_stands_nowhere_is_refused(answerings: dict[str, Answering], name: str, question: str) -> None:
    assert answerings[name].invoke(Question(question)).refused


def test_a_list_that_is_asked_for_is_quoted_whole(answerings: dict[str, Answering]) -> None:
    answer = answerings["pieces.txt"].invoke(Question("Quelles pièces le nouveau salarié doit-il remettre ?"))
    assert quotes(answer)[0] == PIECES.partition("\n\nLe dossier")[0]
