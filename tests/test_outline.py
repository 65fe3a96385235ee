"""An outline of a document: section by section, a sentence of each, word for word."""

from pathlib import Path

from rag.answering import Answering
from rag.indexing import index_paths
from rag.schema import Question
from tests.conftest import NewIndex

AGREEMENT = """# Accord télétravail

Le présent accord est conclu entre la direction et les organisations syndicales.

## Article 1 : Objet

Cet accord fixe les conditions dans lesquelles les salariés peuvent travailler à distance. Il s’applique au siège.

## Article 2 : Rythme

Il repose sur la confiance. Le salarié peut télétravailler 2 jours au plus par semaine.

## Article 3 : Indemnité

L’entreprise contribue aux frais. Une indemnité de 2,70 € est versée par jour télétravaillé.
"""


def test_each_section_is_told_by_one_of_its_sentences(new_index: NewIndex, tmp_path: Path) -> None:
    file, index = tmp_path / "accord.md", new_index()
    file.write_text(AGREEMENT)
    index_paths(index, [file])
    answer = Answering.over(index).invoke(Question("Résume l’accord télétravail"))
    assert answer.trace.kind == "collection"
    lines = [line for line in answer.text.splitlines() if line.startswith("- ")]
    assert [line.split(" : ")[0] for line in lines] == ["- Article 1", "- Article 2", "- Article 3"]
    assert "2 jours au plus" in lines[1]
    assert "2,70 €" in lines[2]
    assert all(index.read(c.source, c.start, c.end) == c.quote for c in answer.citations)
    assert len(answer.citations) == 3
