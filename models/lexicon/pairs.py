"""Read parallel text and split it into words the way the model's tokenizer does."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.trainers import WordLevelTrainer

UNKNOWN = "[UNK]"


class Pair(NamedTuple):
    """Hold one English text, its French version and the kind of text they are."""

    kind: str
    english: str
    french: str


def read_pairs(folder: Path) -> Iterator[Pair]:
    """Yield the pairs of every `*.tsv.gz` in a folder, files by name, lines in their order.

    A line is `kind<TAB>english<TAB>french`. The order matters for law: a `MarginalNote` is
    followed by the `Text` lines of its section.
    """
    for path in sorted(folder.glob("*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                kind, english, french = line.rstrip("\n").split("\t")
                yield Pair(kind, english, french)


def word_tokenizer(texts: Sequence[str], least: int) -> Tokenizer:
    """Build a tokenizer over whole words seen at least `least` times, the most frequent first.

    Words are folded and split as an uncased BERT does before WordPiece (lower case, accents
    stripped, punctuation apart), so that a word found here is one the model can be given.
    Id 0 stands for every other word.
    """
    tokenizer = Tokenizer(WordLevel({UNKNOWN: 0}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = WordLevelTrainer(min_frequency=least, special_tokens=[UNKNOWN], vocab_size=10**7)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def words_in_order(tokenizer: Tokenizer) -> list[str]:
    """List the words of a tokenizer by id."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)
