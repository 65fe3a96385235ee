"""Join invented dictionaries over a third language, as `models/training/dictionary.py` does with real ones."""

import gzip
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "models" / "training" / "dictionary.py"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def write_dictionary(folder: Path, languages: str, *articles: str) -> None:
    """Write a dictionary in the format of the dict protocol."""
    text, rows = b"", []
    for article in articles:
        start, length = (
            "".join(DIGITS[n // 64**k % 64] for k in (2, 1, 0)) for n in (len(text), len(article.encode()))
        )
        rows.append(f"{article.split(' /')[0]}\t{start}\t{length}")
        text += article.encode()
    (folder / f"freedict-{languages}.index").write_text("\n".join(rows) + "\n", "utf-8")
    with gzip.open(folder / f"freedict-{languages}.dict.dz", "wb") as file:
        file.write(text)


def entries(folder: Path, words: str, *options: str) -> list[tuple[str, str]]:
    """Look French words up and list (word, translation) as written."""
    (folder / "words.txt").write_text(words, "utf-8")
    command = [sys.executable, str(SCRIPT), str(folder), str(folder / "words.txt"), str(folder / "out"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [
        row.split("\t")
        for row in gzip.decompress((folder / "out" / "dictionary.tsv.gz").read_bytes()).decode().splitlines()
    ]
    assert all(kind == "Entry" for kind, *_ in rows)
    return [(french, english) for _, english, french in rows]


def test_words_that_share_translations_are_joined_and_forms_follow_their_lemma(tmp_path: Path) -> None:
    write_dictionary(
        tmp_path,
        "fra-fin",
        "soulier /su.lje/ <n, masc>\nkenkä\nChaussure\n",
        "avocat /a.vɔ.ka/ <n>\n1. asianajaja\n2. avokado\n",
    )
    write_dictionary(
        tmp_path,
        "eng-fin",
        "shoe /ʃu/ <n>\nkenkä\nprotective covering for the foot\n",
        "lawyer /x/ <n>\nasianajaja, juristi\n",
    )
    write_dictionary(tmp_path, "fin-eng", "avokado /x/ <n>\navocado\n")
    found = entries(tmp_path, "avocat\nsouliers\nsoulier\ninconnu\n")
    assert set(found) == {("avocat", "lawyer"), ("avocat", "avocado"), ("souliers", "shoe"), ("soulier", "shoe")}
    assert entries(tmp_path, "avocat\nsouliers\n", "--most", "1") == [pair for pair in found if pair[0] == "avocat"]


def test_more_languages_make_a_translation_surer(tmp_path: Path) -> None:
    for language, verre, glass, jar in (
        ("fin", "lasi", "lasi", "purkki"),
        ("pol", "szkło", "szkło", "szkło"),
        ("swe", "glas", "glas", "burk"),
    ):
        write_dictionary(tmp_path, f"fra-{language}", f"verre /vɛʁ/ <n>\n{verre}\n")
        write_dictionary(tmp_path, f"eng-{language}", f"glass /x/ <n>\n{glass}\n", f"jar /x/ <n>\n{jar}\n")
    assert entries(tmp_path, "verre\n") == [("verre", "glass")]
