"""Answers as HTML: every text that is not the program's own is escaped, for HTML and for Markdown.

An answer comes as `Answer.to_dict` describes it, whether it was given a moment or a year ago.
"""

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from rag.answer.answer import Verdict
from rag.answer.wording import counted
from rag.conversations.blocks import blocks
from rag.text.language import Language
from rag.text.markup import plain
from rag.window.texts import text

NEAREST = 3  # passages that a refusal shows
EXCERPT = 160  # characters of each
TIED = re.compile(r"(\S{1,30} [?!:;»]|« \S{1,30})")
# Markdown must find nothing of its own in a document's words once the browser has them as HTML.
MARKDOWN = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]()#+-.!|~$<>&\"':/@=\n\r"})


def shown(words: str) -> str:
    """Escape a hostile text for a place where HTML and Markdown are both read."""
    return words.translate(MARKDOWN)


def tied(words: str) -> str:
    """Escape words so that no line begins with a French mark that has a plain space before it."""
    pieces = TIED.split(words)
    wrapped = (f'<span class="tied">{shown(piece)}</span>' if n % 2 else shown(piece) for n, piece in enumerate(pieces))
    return "".join(wrapped)


def note_html(words: str) -> str:
    """Let the window speak for itself in the place of an answer."""
    return f'<div class="answer"><p class="aside">{shown(words)}</p></div>'


def link_to(source: str, start: int, end: int, language: str, name: str, words: str, kind: str) -> str:
    """Write a link that opens a span of a source beside the chat; the script of the window follows it."""
    target = escape(urlencode({"source": source, "start": start, "end": end, "language": language}))
    return f'<a class="{kind}" href="#{target}" title="{shown(name)}">{shown(words)}</a>'


def answer_html(answer: dict[str, Any], interface: Language, ending: str = "origin") -> str:
    """Write an answer as one block of HTML, without an empty line in it.

    `ending` is what stands under it: `origin`, where it comes from; or, of an answer that is not whole, the name of the
    text that says why: `writing` or `stopped`.
    """
    language: Language = answer["language"]
    searched, otherwise = answer["searched"], answer.get("otherwise")
    parts = []
    if searched and searched != " ".join(answer["question"].split()):
        parts.append(f'<p class="aside">{text("searched", language)}{tied(searched)}</p>')
    if otherwise:
        parts.append(f'<p class="aside">{text("otherwise", language)}{tied(otherwise)}</p>')
    if answer.get("notice"):
        parts.append(f'<p class="notice" role="note">{shown(answer["notice"])}</p>')
    parts += _statements(answer, language)
    if answer["refused"] and answer["passages"]:
        parts.append(_nearest(answer["passages"][:NEAREST], language))
    if ending == "origin":
        parts.append(f'<p class="aside origin">{_origin(answer, interface)}</p>')
    else:
        parts.append(f'<p class="aside {ending}">{text(ending, interface)}</p>')
    return f'<div class="answer" lang="{language}">{"".join(parts)}</div>'


def _statements(answer: dict[str, Any], language: Language) -> list[str]:
    citations = {c["number"]: c for c in answer["citations"]}
    parts = []
    for kind, group in groupby(blocks(answer), lambda block: block.kind):
        tag = "li" if kind == "item" else "p"
        written = [" ".join(_statement(s, citations, language) for s in block.statements) for block in group]
        html = "".join(f"<{tag}>{words}</{tag}>" for words in written)
        parts.append(f"<ul>{html}</ul>" if kind == "item" else html)
    return parts


def _statement(statement: dict[str, Any], citations: dict[int, dict[str, Any]], language: Language) -> str:
    cited = [citations[number] for number in statement["citations"] if number in citations]
    marks = "".join(_mark(citation, language) for citation in cited)
    start, end = statement["telling"]
    before, telling, after = (tied(plain(piece)) for piece in cut(statement["text"], start, end))
    words = f"{before}<b>{telling}</b>{after}" if telling else after
    verdict = statement["verdict"]
    if verdict not in (None, Verdict.SUPPORTED):
        label = shown(statement["reason"] or text(verdict, language))
        return f'<span class="{escape(verdict)}">{words}</span>{marks}<span class="verdict">{label}</span>'
    if lost := [c["standing"] for c in cited if c.get("standing") in ("changed", "gone")]:
        return (
            f'<span class="lost">{words}</span>{marks}<span class="verdict">{text(f"cited_{lost[0]}", language)}</span>'
        )
    return f"{words}{marks}"


def cut(words: str, start: int, end: int) -> tuple[str, str, str]:
    """Cut a text in three."""
    return words[:start], words[start:end], words[end:]


def _mark(c: dict[str, Any], language: Language) -> str:
    name = text("open_citation", language, number=c["number"], title=c["title"])
    return "\u00a0" + link_to(c["source"], c["start"], c["end"], language, name, str(c["number"]), "cite")


def _nearest(passages: Iterable[dict[str, Any]], language: Language) -> str:
    items = []
    for p in passages:
        excerpt = " ".join(p["text"][:EXCERPT].split())
        link = link_to(p["source"], p["start"], p["end"], language, p["title"], p["title"], "near")
        items.append(f"<li>{link}<br>{shown(excerpt)}…</li>")
    return f'<p class="aside">{text("closest", language)}</p><ul class="nearest">{"".join(items)}</ul>'


def _origin(answer: dict[str, Any], language: Language) -> str:
    model, sent = answer["model"], answer["sent"]
    by = text("written_by", language, model=model) if model else text("quoted", language)
    stayed = text("stayed", language)
    if sent["host"]:
        what = text("sent_conversation" if sent["turns"] else "sent_question", language)
        passages = [counted(language, sent["passages"], "passage")] if sent["passages"] else []
        stayed = text("sent", language, host=sent["host"], what=", ".join([what, *passages]))
    quoted = bool(model) or bool(answer["citations"])
    told = [by] * quoted + [stayed]
    line = " · ".join(told)
    return shown(line[:1].upper() + line[1:])
