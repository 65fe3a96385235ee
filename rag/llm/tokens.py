"""How many tokens a text takes: by tiktoken where its table is at hand, else by the embedding model's tokenizer."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from functools import cache
from math import ceil
from pathlib import Path

log = logging.getLogger(__name__)
ENCODING = "o200k_base"
TABLE = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
SPARE = 1.15  # other models' tokenizers need up to so many times the tokens


def token_counter(by_model: Callable[[str], int]) -> Callable[[str], int]:
    """Return a function that counts the tokens of a text, rather too many than too few; nothing is downloaded.

    `by_model` counts with the embedding model's tokenizer, where tiktoken has no table.
    """
    if _table_is_here():
        import tiktoken

        encoding = tiktoken.get_encoding(ENCODING)
        return lambda text: ceil(SPARE * len(encoding.encode(text, disallowed_special=())))
    _say_once()
    return lambda text: ceil(SPARE * by_model(text))


def _table_is_here() -> bool:
    """Look for tiktoken's table where tiktoken looks; a damaged one would be downloaded again, so it does not count."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder == "":
        return False
    cached = Path(folder or Path(tempfile.gettempdir()) / "data-gym-cache") / hashlib.sha1(TABLE.encode()).hexdigest()
    try:
        return hashlib.sha256(cached.read_bytes()).hexdigest() == SHA256
    except OSError:
        return False


@cache
def _say_once() -> None:
    log.info("tiktoken's table is not on this machine: tokens are counted with the embedding model's tokenizer")
