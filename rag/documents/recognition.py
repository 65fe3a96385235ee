"""Images of text → text, by Tesseract where the system has it, in our languages; nothing leaves the machine."""

import os
import shutil
import subprocess
from functools import cache
from typing import Any

from rag.text.language import LANGUAGES
from rag.text.packs import pack

PROGRAM = "tesseract"
WANTED = tuple(pack(language).recognition for language in LANGUAGES)
RESOLUTION = 300  # dots an inch of a rendered page
MAX_SECONDS = 60  # for one page
SURE = 40  # per cent; a page whose words are less sure on average is no text


@cache
def languages() -> tuple[str, ...]:
    """List the languages of ours that can be recognized; none where Tesseract is not installed."""
    if shutil.which(PROGRAM) is None:
        return ()
    listed = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, text=True, timeout=10, check=False)
    return tuple(name for name in WANTED if name in listed.stdout.split())


def recognize(image: Any) -> str:
    """Read a picture (of Pillow's) as its lines, with an empty one between paragraphs; empty where nothing is sure."""
    if not languages():
        return ""
    import io

    data = io.BytesIO()
    image.convert("L").save(data, "PNG")
    command = [PROGRAM, "stdin", "stdout", "-l", "+".join(languages()), "--dpi", str(RESOLUTION), "tsv"]
    try:
        ran = subprocess.run(
            command,
            input=data.getvalue(),
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return _text(ran.stdout.decode("utf-8", errors="replace"))


def _text(table: str) -> str:
    """Put the words of Tesseract's table together: block, paragraph and line are its columns 2 to 4."""
    text, sure, before = "", list[float](), ("", "", "")
    for line in table.split("\n")[1:]:
        row = line.split("\t")
        if len(row) != 12 or not row[11].strip() or float(row[10]) < 0:
            continue
        here = (row[2], row[3], row[4])
        if text:
            text += " " if here == before else "\n" if here[:2] == before[:2] else "\n\n"
        text += row[11].strip()
        before = here
        sure.append(float(row[10]))
    return text if sure and sum(sure) / len(sure) >= SURE else ""
