"""Align the words of parallel texts and write a bilingual lexicon.

The model is IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation"):
every word of one text is explained by one word of the other or by none, with p(word | word) learned
by expectation maximisation. Both directions are estimated; their geometric mean is high only where
they agree (Liang, Taskar and Klein 2006), which removes most of the noise of rare words.
"""

import argparse
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.lexicon.pairs import read_pairs, word_tokenizer, words_in_order

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# How many sentences an entry of a dictionary, one word on each side, is worth: it leaves nothing to guess.
ENTRY_WEIGHT = 10

# Words without content of their own, accents stripped; a query is not searched by them.
STOP_WORDS = {
    "english": """a about above after again against all also am an and any are as at be because been
    before being below between both but by can cannot could did do does doing down during each either
    else every few for from further had has have having he her here hereby herein hers him his how i if
    in into is it its itself just may me might more most must my neither no nor not of off on once only
    or other our out over own per same shall she should so some such than that the their them then
    thence there thereby therefor therefore therein thereof these they this those through to too under
    until up upon us very was we were what when where whereby which while who whom whose why will with
    within without would yes you your""",
    "french": """a afin ai aient ainsi ait alors apres au aucun aucune aupres aussi autre autres aux
    avait avant avec avoir ayant c ca car ce ceci cela celle celles celui cependant ces cet cette ceux
    chaque chez ci comme comment d dans de depuis des dont donc du elle elles en encore entre es est et
    etaient etait etant ete etes etre eu eux fait faire faut font furent fut hors ici il ils j je jusqu
    jusque l la laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui m ma mais
    me meme memes mes moi moins mon n ne ni nos notre nous on ont or ou par parce pas pendant peu peut
    peuvent plus pour pourra pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se
    selon sera serait seront ses si soi soient soit son sont sous sur t ta te tel telle telles tels tes
    toi ton tous tout toute toutes tres tu un une va vers vos votre vous y""",
}


class Cooccurrences(NamedTuple):
    """Hold every (English word, French word) met in one pair of texts.

    `cell` (one per meeting) numbers the distinct word pairs; `english_slot` and `french_slot` number
    the words of each text. `english` and `french` (one per cell) are word ids; id 0 is "no word".
    """

    cell: NDArray[np.int32]
    english_slot: NDArray[np.int32]
    french_slot: NDArray[np.int32]
    english: Integers
    french: Integers


def word_sets(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Integers]:
    """Find the distinct known words of each text, with 0 (no word) always among them."""
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [np.unique(np.array([0, *entry.ids], dtype=np.int64)) for entry in encoded]


def seen_in(sets: Sequence[Integers], size: int) -> Integers:
    """Count the texts in which each of `size` words occurs."""
    return np.bincount(np.concatenate(sets), minlength=size)


def cooccurrences(english: Sequence[Integers], french: Sequence[Integers]) -> Cooccurrences:
    """List all meetings of words; memory is about 30 bytes a meeting."""
    english_sizes = np.array([len(words) for words in english])
    french_sizes = np.array([len(words) for words in french])
    english_words, french_words = np.concatenate(english), np.concatenate(french)
    french_start = np.cumsum(french_sizes) - french_sizes
    span = np.repeat(french_sizes, english_sizes)  # meetings of each English slot
    english_slot = np.repeat(np.arange(len(span), dtype=np.int32), span)
    first = np.cumsum(span) - span
    shift = np.repeat(french_start, english_sizes) - first
    french_slot = (np.arange(len(english_slot)) + np.repeat(shift, span)).astype(np.int32)
    width = int(french_words.max()) + 1
    keys, cell = np.unique(english_words[english_slot] * width + french_words[french_slot], return_inverse=True)
    return Cooccurrences(cell.astype(np.int32), english_slot, french_slot, keys // width, keys % width)


def model_one(
    cell: NDArray[np.int32], slot: NDArray[np.int32], target: Integers, source: Integers, rounds: int
) -> tuple[Floats, Floats]:
    """Estimate p(target word | source word) and the expected number of links of every cell.

    `slot` numbers the target words of the texts: each is shared out over the source words of its
    pair in proportion to their probability (E step), then the shares are normalised (M step).
    """
    possible = target != 0  # "no word" explains, but is never explained
    probability = possible.astype(np.float64)
    links = probability
    for _ in range(rounds):
        share = probability[cell]
        total = np.bincount(slot, weights=share)
        share /= np.maximum(total, 1e-300)[slot]
        links = np.bincount(cell, weights=share, minlength=len(target))
        probability = links / np.maximum(np.bincount(source, weights=links), 1e-300)[source]
    return probability, links


def best_translations(source: Integers, score: Floats, wanted: NDArray[np.bool_], most: int = 4) -> Integers:
    """List the cells of the `most` best translations of each source word, best first."""
    order = np.lexsort((-score, source))
    order = order[wanted[order]]
    words = source[order]
    first = np.searchsorted(words, words)  # where each word's run of cells begins
    kept: Integers = order[np.arange(len(order)) - first < most]
    return kept


def content_words(words: Sequence[str], language: str) -> NDArray[np.bool_]:
    """Mark the words that are neither stop words, numbers, punctuation nor single letters."""
    stop = set(STOP_WORDS[language].split())
    return np.array([word.isalpha() and len(word) > 1 and word not in stop for word in words])


def main() -> None:
    """Write `alignment.npz` and `lexicon.tsv.gz` from folders of pairs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pairs", type=Path, nargs="+", help="folders of kind<TAB>english<TAB>french files, gzip")
    parser.add_argument("output", type=Path, help="folder to write to")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of expectation maximisation")
    parser.add_argument("--longest", type=int, default=40, help="skip pairs with more distinct words than this")
    parser.add_argument("--least", type=int, default=3, help="ignore words seen fewer times than this")
    parser.add_argument("--floor", type=float, default=0.08, help="least score of a translation in the lexicon")
    options = parser.parse_args()

    texts = dict.fromkeys((pair.english, pair.french) for folder in options.pairs for pair in read_pairs(folder))
    entries = [pair for pair in texts if not any(" " in side for side in pair)]
    sides = list(zip(*texts, *entries * (ENTRY_WEIGHT - 1), strict=True))
    tokenizers = [word_tokenizer(side, options.least) for side in sides]
    both = list(zip(*(word_sets(t, side) for t, side in zip(tokenizers, sides, strict=True)), strict=True))
    kept = [words for words in both if max(map(len, words)) <= options.longest]
    pairs = cooccurrences(*zip(*kept, strict=True))
    print(f"{len(kept)} pairs from {len(texts)} pairs, {len(pairs.cell)} meetings of {len(pairs.english)} word pairs")

    to_english, links = model_one(pairs.cell, pairs.english_slot, pairs.english, pairs.french, options.rounds)
    to_french, reverse_links = model_one(pairs.cell, pairs.french_slot, pairs.french, pairs.english, options.rounds)
    score = np.sqrt(to_english * to_french)
    english, french = (words_in_order(tokenizer) for tokenizer in tokenizers)

    options.output.mkdir(parents=True, exist_ok=True)
    strong = (to_english >= 0.01) & (pairs.french != 0)
    np.savez_compressed(
        options.output / "alignment.npz",
        english=np.array(english),
        french=np.array(french),
        english_seen=seen_in([words for words, _ in both[: len(texts)]], len(english)),
        french_seen=seen_in([words for _, words in both[: len(texts)]], len(french)),
        cells=np.stack([pairs.english, pairs.french])[:, strong],
        weight=to_english[strong],
    )
    wanted = (score >= options.floor) & (np.minimum(links, reverse_links) >= 1.5)
    wanted &= np.array(english)[pairs.english] != np.array(french)[pairs.french]  # the word itself is searched anyway
    wanted &= content_words(english, "english")[pairs.english] & content_words(french, "french")[pairs.french]
    with gzip.GzipFile(options.output / "lexicon.tsv.gz", "wb", mtime=0) as lexicon:
        for cell in best_translations(pairs.english, score, wanted):
            row = f"en\t{english[pairs.english[cell]]}\t{french[pairs.french[cell]]}\t{score[cell]:.2f}\n"
            lexicon.write(row.encode())
        for cell in best_translations(pairs.french, score, wanted):
            row = f"fr\t{french[pairs.french[cell]]}\t{english[pairs.english[cell]]}\t{score[cell]:.2f}\n"
            lexicon.write(row.encode())


if __name__ == "__main__":
    main()
