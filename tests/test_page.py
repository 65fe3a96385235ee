"""A document's page shows its text once and in order, its tables as tables, its marks exactly, and no markup."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Document
from rag.text.markup import plain
from rag.window.page import Page

TABLE = (
    "Avant.\n\n| Statut | Jours |\n|---|---|\n| Cadre | 3 |\n| Agent | 2 |\n\n## Après **tout**\nUn `mot` et [lien](x)."
)


def words(html: str) -> str:
    return "".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@given(st.text("ab<&# |\n*é", max_size=200), st.data())
def test_all_that_is_no_markup_is_shown_once_and_in_order(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    html = Page(Document("a", "a", "text", text), [(start, end)], (start, end)).html(0, len(text))
    shown = words(html)
    assert [c for c in shown if c not in "|#"] == [c for c in text if not c.isspace() and c not in "|#"]
    marked = "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL))
    assert [c for c in words(marked) if c not in "|#"] == [
        c for c in text[start:end] if not c.isspace() and c not in "|#"
    ]
    assert html.count('id="opened"') <= 1


def test_a_row_that_is_quoted_is_highlighted_in_its_table() -> None:
    start = TABLE.index("| Cadre")
    span = (start, TABLE.index("\n", start))
    html = Page(Document("a", "a", "markdown", TABLE), [span], span).html(0, len(TABLE))
    assert html.count("<table>") == 1
    assert "<tr><td>Statut</td><td>Jours</td></tr>" in html
    assert '<tr class="marked"><td><mark class="opened" id="opened">Cadre</mark></td>' in html
    assert "---" not in html
    assert '<strong class="heading">Après tout</strong>' in html
    assert "Un mot et lien." in html


def test_a_hostile_document_stays_text() -> None:
    html = Page(Document("a", "a", "text", "<script>x</script> | <img src=x>\n"), [], (0, 0)).html(0, 35)
    assert "<script" not in html
    assert "<img" not in html


def test_marks_of_markdown_are_left_out_and_nothing_else() -> None:
    assert plain("**Gras** et *penché*, `code`, __deux__ et [lien](http://x)") == "Gras et penché, code, deux et lien"
    assert plain("2 * 3 * 4, snake_case_name, C# [1] a_b") == "2 * 3 * 4, snake_case_name, C# [1] a_b"
    assert plain("# Titre\n> cité") == "Titre\ncité"
