"""Every text of the window exists in both languages, with the same places, and is used."""

import re

from rag.answer.answer import Verdict
from rag.indexing import WHAT
from rag.window.texts import TEXTS
from tests.conftest import ROOT
from tests.test_problems import places

BY_NAME = (
    "cited_",
    "in_",
    "opinion_",
    "upload_text.",
    *WHAT,
    *Verdict,
)  # put together


def test_each_text_has_the_same_places_in_both_languages() -> None:
    for key, told in TEXTS.items():
        assert set(told) == {"fr", "en"}, key
        assert places(told["fr"]) == places(told["en"]), key


def test_french_is_spaced_as_french_is() -> None:
    for key, told in TEXTS.items():
        assert not re.search(r"[^\s\u00a0][:;?!»](?:\s|$)| [:;?!»]|« |'", told["fr"]), key


def test_every_text_is_used() -> None:
    files = [p for p in (ROOT / "rag" / "window").rglob("*") if p.suffix in (".py", ".js")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    unused = [key for key in TEXTS if not key.startswith(BY_NAME) and not re.search(f"[\"']{key}[\"']", code)]
    assert unused == []
