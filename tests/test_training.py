"""The training scripts on a tiny model in an invented language: what they read, and that tuning teaches."""

import gzip
import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.training import distil, laws, prepare, reader, twins
from models.training.backbone import Packed, Weights, kept_pieces, read_packed, tokenizer_of, write_folder
from models.training.batches import batches
from models.training.items import Item, around, cut, replaced, swapped
from models.training.neighbours import add_neighbours
from models.training.tune import Encoder, Lower, loss_of, pooled, save, tune
from models.training.twin_batches import twin_batches
from rag.index.embeddings import Embedder
from rag.retrieval.network import Network
from rag.settings import Settings

HIDDEN, LAYERS, INNER = 16, 2, 32
WORDS = [f"{a}{b}" for a in ("ba", "ki", "mu", "re", "to") for b in ("do", "li", "sha", "ve")]


def packed() -> Packed:
    """Make a random model of two layers over a handful of pieces."""
    draw = np.random.default_rng(0)
    letters = [chr(c) for c in range(97, 123)]
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = [*special, *(f"▁{w}" for w in WORDS), "▁", *letters, ".", "▁query", ":", "▁passage", "龍"]

    def weights(*shape: int) -> Weights:
        return draw.normal(0, 0.3, int(np.prod(shape))).astype(np.float32)

    tensors = {"emb.word": weights(len(pieces), HIDDEN), "emb.pos": weights(64, HIDDEN), "emb.type": weights(1, HIDDEN)}
    tensors |= {"emb.ln.w": np.ones(HIDDEN, np.float32), "emb.ln.b": np.zeros(HIDDEN, np.float32)}
    for layer in range(LAYERS):
        for name, rows, columns in (("q", 1, 1), ("k", 1, 1), ("v", 1, 1), ("ao", 1, 1), ("fi", 2, 1), ("fo", 1, 2)):
            tensors[f"l{layer}.{name}.w"] = weights(HIDDEN * rows, HIDDEN * columns)
            tensors[f"l{layer}.{name}.b"] = np.zeros(HIDDEN * rows, np.float32)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = np.ones(HIDDEN, np.float32)
            tensors[f"l{layer}.{name}.b"] = np.zeros(HIDDEN, np.float32)
    scores = [0.0] * 4 + [-2.0] * (len(pieces) - 4)
    return Packed(HIDDEN, LAYERS, 2, INNER, 64, 2, 1e-5, pieces, scores, tensors)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    model = packed()
    write_folder(model, kept_pieces(model, [" ".join(WORDS)] * 2 + ["query : passage ."] * 2), folder)
    return folder


def test_pieces_of_other_scripts_go_and_those_that_are_met_stay(base: Path) -> None:
    vocabulary = [piece for piece, _ in json.loads((base / "tokenizer.json").read_text())["model"]["vocab"]]
    assert "▁bado" in vocabulary
    assert "z" in vocabulary
    assert "龍" not in vocabulary


def test_blocks_of_four_bits_are_unpacked(tmp_path: Path) -> None:
    values = np.arange(32) % 16 - 8
    nibbles = (values + 8).astype(np.uint8)
    block = np.float16(0.5).tobytes() + bytes(nibbles[:16] | (nibbles[16:] << 4))
    name = b"emb.word"
    header = b"E5S1" + struct.pack("<I7ifi5iQ", 1, 32, 0, 1, 1, 1, 1, 1, 1e-5, 0, 1, 0, 2, 1, 3, 1)
    pieces = np.array([0, 1], "<u4").tobytes() + np.array([0.0], "<f4").tobytes() + b"a"
    table = struct.pack("<iIiH", 0, 0, 1, len(name)) + name + b"\1"
    start = len(header) + len(pieces) + len(table) + struct.calcsize("<IQQ")
    (tmp_path / "model.bin").write_bytes(header + pieces + table + struct.pack("<IQQ", 32, start, 18) + block)
    assert np.array_equal(read_packed(tmp_path / "model.bin").tensors["emb.word"], values * 0.5)


def invented(count: int) -> dict[str, Any]:
    """Make passages of three sentences, each about another word, and a question about the middle word of each."""
    draw = random.Random(0)
    passages: dict[str, Any] = {}
    questions: list[dict[str, Any]] = []
    for number in range(count):
        words = draw.sample(WORDS, 3)
        text = " ".join(f"{w} {w} {draw.choice(WORDS)}." for w in words)
        starts = [0, text.index(".") + 2, text.index(".", text.index(".") + 1) + 2]
        spans = [[s, text.index(".", s) + 1] for s in starts]
        passages[f"p{number}"] = {"text": text, "spans": spans}
        questions.append({"q": words[1], "p": f"p{number}", "gold": [1], "ans": True, "src": "written"})
        left = next(w for w in WORDS if w not in text)
        questions.append({"q": left, "p": f"p{number}", "gold": [], "ans": False, "src": "written"})
    return {"P": passages, "Q": questions}


@pytest.mark.slow
def test_tuning_lowers_the_loss_and_the_folder_loads(base: Path, tmp_path: Path) -> None:
    random.seed(0)
    torch.manual_seed(0)
    prepared = invented(24)
    encoder = Encoder(base, 1)
    batch = [q for q in prepared["Q"] if q["ans"]]
    calibration = torch.tensor([20.0, -16.0])
    before = loss_of(encoder, calibration, batch, prepared["P"]).item()
    tune(encoder, prepared, seconds=4, rate=2e-3)
    after = loss_of(encoder, calibration, batch, prepared["P"]).item()
    assert after < 0.7 * before
    save(encoder, base, tmp_path / "tuned")
    embedder = Embedder(Settings(embedding_model=str(tmp_path / "tuned")))
    passage = prepared["P"]["p0"]
    (rows,) = embedder.encode_sentences([passage["text"]], [[tuple(s) for s in passage["spans"]]])
    lower = encoder.lower("p", [passage["text"]])
    states, _ = encoder.upper(lower)
    trained = pooled(states, lower, [passage["spans"]]).vectors.detach().numpy()
    assert np.allclose(rows, trained, atol=2e-2)  # the program pools as the training did


@pytest.mark.slow
def test_reading_lowers_the_loss_and_what_is_written_is_what_was_trained(base: Path, tmp_path: Path) -> None:
    random.seed(0)
    torch.manual_seed(0)
    prepared = invented(24)
    add_neighbours(prepared, Embedder(Settings(embedding_model=str(base))))
    assert all(sorted(q["order"]) == [0, 1, 2] for q in prepared["Q"])
    network = Network(base, tmp_path)
    network.model.embeddings.requires_grad_(False)
    batch = next(batches(prepared))
    before = reader.loss_of(network, batch).item()
    reader.train(network, batches(prepared), reader.loss_of, seconds=4, rate=5e-3)
    reader.save(network, tmp_path)
    after = reader.loss_of(network, batch).item()
    assert after < 0.8 * before
    assert reader.loss_of(Network(base, tmp_path), batch).item() == pytest.approx(after, rel=0.02)


def test_a_window_knows_which_of_its_sentences_answer() -> None:
    passage: dict[str, Any] = {"text": "Un. Deux. Trois. Quatre.", "spans": [[0, 3], [4, 9], [10, 16], [17, 24]]}
    item = cut(Item("?", "", [], [1, 3], True, (4, 8)), passage, *around(passage["spans"], 1, 13))
    assert (item.text, item.gold, item.answer) == ("Un. Deux.", [1], (4, 8))
    later = cut(Item("?", "", [], [1, 3], True, (4, 8)), passage, 2, 3)
    assert (later.text, later.gold, later.answer) == ("Trois. Quatre.", [1], None)
    assert [later.text[a:b] for a, b in later.spans] == ["Trois.", "Quatre."]


def test_a_swapped_claim_says_something_else() -> None:
    assert swapped("On forme 12 cadres et 30 agents.") == "On forme 30 cadres et 12 agents."
    assert swapped("Chez nous, Claude sert aux juristes et Gemini aux codeurs.") == (
        "Chez nous, Gemini sert aux juristes et Claude aux codeurs."
    )
    assert swapped("Rien à dire.") is None


def test_a_sentence_is_the_mean_of_its_own_tokens() -> None:
    states = torch.tensor([[[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]]])
    low = [Lower(states[0], torch.tensor([1.0, 4.0, 8.0]))]
    found = pooled(states, low, [[[0, 5], [5, 9], [20, 30]]])
    assert found.number == [0, 1]
    assert torch.allclose(found.vectors, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))


def test_sets_are_prepared_with_the_sentences_that_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "La cantine ouvre à midi. Le préavis dure trois mois. Il pleut."
    row = {"_id": "a", "text": text, "lang": "fr"}
    for name in (*prepare.BY_ANSWER, *prepare.BY_PASSAGE, *prepare.BY_SENTENCE, *prepare.BY_CANDIDATE):
        folder = tmp_path / name
        folder.mkdir()
        question = {"question": "Combien dure le préavis ?", "gold": ["a"], "candidates": ["a"], "answerable": True}
        question |= {"answer": {"start": 41, "end": 51}, "sentences": {"spans": [[25, 52]]}}
        for file, content in (("corpus", row), ("questions", question)):
            with gzip.open(folder / f"{file}.jsonl.gz", "wt", encoding="utf-8") as lines:
                lines.write(json.dumps(content))
    training = prepare.Training()
    prepare.add_sets(training, tmp_path)
    gold = {(q["src"], None if q["gold"] is None else tuple(q["gold"])) for q in training.questions}
    assert gold == {
        ("piaf_fr", (1,)),
        ("xquad_en", (1,)),
        ("squad_en", (1,)),
        ("hr_fr", None),
        ("spf_fr", None),
        ("clapnq_en", (1,)),
        ("written", (1,)),
    }
    assert all(p["text"] == text for p in training.passages.values())


def test_our_own_questions_are_sound() -> None:
    passages = {row["_id"]: row for row in prepare.rows(prepare.WRITTEN / "passages.jsonl.gz")}
    questions = prepare.rows(prepare.WRITTEN / "questions.jsonl.gz")
    claims = prepare.rows(prepare.WRITTEN / "claims.jsonl.gz")
    assert len(questions) >= 2000
    for row in (*questions, *claims):
        sentences = passages[row["passage"]]["sentences"]
        assert all(0 <= n < len(sentences) for n in row["gold"])
    for q in questions:
        text = passages[q["passage"]]["text"]
        told = [text[a:b] for a, b in (passages[q["passage"]]["sentences"][n] for n in q["gold"])]
        assert q["answerable"] == bool(q["gold"])
        assert not q["answer"] or any(q["answer"] in sentence for sentence in told)


def test_the_tokenizer_cuts_as_sentencepiece_does() -> None:
    tokenizer = tokenizer_of([("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁ba", -1.0), ("do", -1.5)])
    assert tokenizer.encode("  ba\nbado").tokens == ["<s>", "▁ba", "▁ba", "do", "</s>"]


def test_a_question_about_another_name_of_the_text_is_another_question() -> None:
    text = "En 2021, Lyon comptait 12 ateliers et Nantes 30 classes."
    assert replaced("Combien de classes à Nantes ?", text) == "Combien de classes à Lyon ?"
    assert replaced("Combien de classes à Brest ?", text) is None


def test_laws_teach_what_is_said_in_the_other_language_and_what_only_stands_beside_it(tmp_path: Path) -> None:
    random.seed(1)
    pairs = [(f"This is section {n} of the Act on work.", f"Ceci est l’article {n} de la loi.") for n in range(20)]
    lines = [f"MarginalNote\tNote {n}\tNote {n}\nText\t{en}\t{fr}" for n, (en, fr) in enumerate(pairs)]
    path = tmp_path / "laws.tsv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    runs = laws.read_runs(path)
    items = [item for _ in range(200) for item in laws.law_items(runs)]
    for item in items:
        assert item.answers == bool(item.gold)
        asked = item.question.removeprefix("claim: ")
        number = next((n for n, (en, fr) in enumerate(pairs) if asked in (f"Note {n}", en, fr)), None)
        shown = [item.text[a:b] for a, b in item.spans]
        said = [n for n, text in enumerate(shown) if number is not None and text in pairs[number]]
        assert item.gold == said  # the section that is asked about is shown where it answers, and else it is not
    assert len({item.answers for item in items}) == 2


@pytest.mark.slow
def test_a_reader_learns_what_others_know(base: Path, tmp_path: Path) -> None:
    random.seed(0)
    torch.manual_seed(0)
    prepared = invented(24)
    add_neighbours(prepared, Embedder(Settings(embedding_model=str(base))))
    teacher, pupil = Network(base, tmp_path), Network(base, tmp_path)
    torch.nn.init.constant_(teacher.sentence.bias, 2.0)
    taught = distil.lessons([teacher], batches(prepared))
    lesson = next(taught)
    before = distil.loss_of(pupil, lesson).item()
    reader.train(pupil, taught, distil.loss_of, seconds=4, rate=5e-3)
    assert distil.loss_of(pupil, lesson).item() < 0.9 * before


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


def test_a_twin_is_answered_by_one_window_and_not_by_the_other(tmp_path: Path) -> None:
    text = "Le dépôt ouvre à huit heures. Deux jours de télétravail sont admis. La cantine ferme tôt."
    sentence = "Il ferme à dix-huit heures."
    start = text.index("Deux")
    write(tmp_path / "corpus.jsonl.gz", [{"_id": "t", "text": text}, {"_id": "held", "text": text}])
    pair = {"question": "Quand ferme le dépôt ?", "passage": "t", "after": start - 1, "sentence": sentence}
    write(tmp_path / "pairs.jsonl.gz", [pair, pair | {"passage": "held"}])
    asked = {
        "question": "Combien de jours ?",
        "answerable": True,
        "candidates": ["t"],
        "sentences": {"spans": [[start, start + 38]]},
        "answer": {"start": start, "end": start + 10},
    }
    write(tmp_path / "questions.jsonl.gz", [asked, asked | {"answerable": False}])
    near_miss, question = twins.written_twins(tmp_path, {"held"})
    for answered, left in (near_miss, question):
        assert answered.question == left.question
        assert (answered.answers, left.answers, left.gold) == (True, False, [])
    (gold,) = near_miss[0].gold or []
    assert near_miss[0].text[slice(*near_miss[0].spans[gold])] == sentence
    assert sentence not in near_miss[1].text
    assert question[0].answer
    assert question[0].text[slice(*question[0].answer)] == "Deux jours"
    assert "Deux jours" not in question[1].text
    rows = [[vars(item) for item in twin] for twin in (near_miss, question)]
    prepared = json.loads(json.dumps({"written": rows, "squad": rows}))
    batch = next(twin_batches(prepared))
    assert sum(item.answers for item in batch) >= 4
    assert all(item.answers == bool(item.gold) for item in batch)
