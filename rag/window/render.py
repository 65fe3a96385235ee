"""Answers as HTML: every text that is not the program's own is escaped, for HTML and for Markdown."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from rag.answer.answer import Answer, Statement, Verdict
from rag.answer.wording import counted
from rag.schema import Citation, Found
from rag.text.language import Language
from rag.text.markup import plain
from rag.window.texts import text

NEAREST = 3  # passages that a refusal shows
EXCERPT = 160  # characters of each
# Markdown must find nothing of its own in a document's words once the browser has them as HTML.
MARKDOWN = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]()#+-.!|~$<>&\"':/@=\n\r"})


def shown(words: str) -> str:
    """Escape a hostile text for a place where HTML and Markdown are both read."""
    return words.translate(MARKDOWN)


def link_to(source: str, start: int, end: int, language: str, name: str, words: str, kind: str) -> str:
    """Write a link that opens a span of a source beside the chat; the script of the window follows it."""
    target = escape(urlencode({"source": source, "start": start, "end": end, "language": language}))
    return f'<a class="{kind}" href="#{target}" title="{shown(name)}">{shown(words)}</a>'


def answer_html(answer: Answer, interface: Language) -> str:
    """Write an answer as one block of HTML, without an empty line in it."""
    language, searched = answer.language, answer.trace.searched
    parts = []
    if searched and searched != " ".join(answer.question.split()):
        parts.append(f'<p class="aside">{text("searched", language)}{shown(searched)}</p>')
    if answer.trace.otherwise:
        parts.append(f'<p class="aside">{text("otherwise", language)}{shown(answer.trace.otherwise)}</p>')
    if answer.notice:
        parts.append(f'<p class="notice" role="note">{shown(answer.notice)}</p>')
    parts += _statements(answer, language)
    if answer.refused and answer.trace.found:
        parts.append(_nearest(answer.trace.found[:NEAREST], language))
    if answer.final:
        parts.append(f'<p class="aside origin">{_origin(answer, interface)}</p>')
    else:
        parts.append(f'<p class="aside working">{text("writing", interface)}</p>')
    return f'<div class="answer" lang="{language}">{"".join(parts)}</div>'


def _statements(answer: Answer, language: Language) -> list[str]:
    citations = {c.number: c for c in answer.citations}
    blocks: list[tuple[str, list[str]]] = []
    for statement in answer.statements:
        kind = "li" if statement.before.rstrip(" ").endswith(("-", "*", "•")) or _numbered(statement.before) else "p"
        piece = _statement(statement, citations, language)
        if blocks and "\n" not in statement.before:
            blocks[-1][1].append(piece)
        else:
            blocks.append((kind, [piece]))
    html = "".join(f"<{kind}>{' '.join(pieces)}</{kind}>" for kind, pieces in blocks)
    first, last = html.find("<li>"), html.rfind("</li>")
    if first < 0:
        return [html]
    return [html[:first], f"<ul>{html[first : last + 5]}</ul>", html[last + 5 :]]


def _numbered(before: str) -> bool:
    return before.strip().rstrip(".)").isdigit()


def _statement(statement: Statement, citations: dict[int, Citation], language: Language) -> str:
    marks = "".join(_mark(citations[n], language) for n in statement.citations if n in citations)
    start, end = statement.telling
    before, telling, after = (shown(plain(piece)) for piece in cut(statement.text, start, end))
    words = f"{before}<b>{telling}</b>{after}" if telling else after
    if statement.verdict in (None, Verdict.SUPPORTED):
        return f"{words}{marks}"
    label = shown(statement.reason or text(str(statement.verdict), language))
    return f'<span class="{statement.verdict}">{words}</span>{marks}<span class="verdict">{label}</span>'


def cut(words: str, start: int, end: int) -> tuple[str, str, str]:
    """Cut a text in three."""
    return words[:start], words[start:end], words[end:]


def _mark(c: Citation, language: Language) -> str:
    name = text("open_citation", language, number=c.number, title=c.title)
    return "\u00a0" + link_to(c.source, c.start, c.end, language, name, str(c.number), "cite")


def _nearest(found: Iterable[Found], language: Language) -> str:
    items = []
    for p in (f.passage for f in found):
        excerpt = " ".join(p.text[:EXCERPT].split())
        items.append(
            f"<li>{link_to(p.source, p.start, p.end, language, p.title, p.title, 'near')}<br>{shown(excerpt)}…</li>"
        )
    return f'<p class="aside">{text("closest", language)}</p><ul class="nearest">{"".join(items)}</ul>'


def _origin(answer: Answer, language: Language) -> str:
    model, sent = answer.trace.model, answer.sent
    by = text("written_by", language, model=model) if model else text("quoted", language)
    stayed = text("stayed", language)
    if sent.host:
        what = text("sent_conversation" if sent.turns else "sent_question", language)
        passages = [counted(language, sent.passages, "passage")] if sent.passages else []
        stayed = text("sent", language, host=sent.host, what=", ".join([what, *passages]))
    quoted = bool(model) or bool(answer.citations)
    told = [by] * quoted + [stayed]
    line = " · ".join(told)
    return shown(line[:1].upper() + line[1:])
