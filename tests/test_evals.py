"""The evaluation: its questions are sound, its measures mean what they say."""

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.beir import score
from evals.controls import control_measures, wording_scores
from evals.corpora import SEEDS, TEXTS, TWINS, Corpus
from evals.measures import Outcome, covered, folded, judge, rank_of_gold, touches
from evals.questions import CALIBRATION, EvalQuestion, Gold, load_questions
from evals.run import groups, measure, risk_coverage
from evals.texts import sample
from rag.answer.answer import Answer, Statement, Trace
from rag.problems import RagError
from rag.schema import Question

TEXT = "Un. Deux trois quatre. Cinq. Deux trois quatre."


def read(source: str) -> str:
    return TEXT if source == "a" else stored(SEEDS, source)


def stored(corpus: Corpus, source: str) -> str:
    return (corpus.folder / source).read_text(encoding="utf-8")


def question(gold: tuple[Gold, ...], need_all: bool = False) -> EvalQuestion:
    return EvalQuestion("1", Question("?"), "fr", "fact", True, gold, need_all, (), "dev")


def test_every_gold_span_stands_in_its_source() -> None:
    for own in (load_questions(), load_questions(CALIBRATION)):
        assert len({q.id for q in own}) == len(own)
        for q in own:
            assert bool(q.gold) == q.answerable, q.id
            for gold in q.gold:
                assert gold.span in read(gold.source), q.id


def test_every_fact_can_be_met_by_the_gold_spans() -> None:
    for q in load_questions():
        spans = folded(" ".join(gold.span for gold in q.gold))
        for alternatives in q.must_include:
            assert any(folded(a) in spans for a in alternatives), (q.id, alternatives)


def test_there_are_enough_questions_of_every_kind_in_both_halves() -> None:
    own = load_questions()
    kinds = Counter((q.kind, q.split) for q in own)
    wanted = "fact list why comparison quote follow_up cross_en cross_fr misspelled keywords false_premise injection"
    assert all(kinds[kind, split] >= 4 for kind in wanted.split() for split in ("dev", "test"))
    assert sum(q.answerable for q in own) >= 150
    assert sum(not q.answerable for q in own) >= 30
    assert abs(sum(q.split == "dev" for q in own) - len(own) / 2) <= 5
    conversations = [q for q in own if q.kind == "conversation"]
    assert {q.turn for q in conversations} == {"search", "talk", "collection"}
    assert sum(q.kind == "near_miss" for q in own) >= 60


@pytest.mark.parametrize("corpus", [TEXTS, TWINS])
def test_every_gold_span_stands_in_its_text(corpus: Corpus) -> None:
    questions = load_questions(corpus.questions)
    assert len({q.id for q in questions}) == len(questions)
    for q in questions:
        assert bool(q.gold) == q.answerable, q.id
        for gold in q.gold:
            assert gold.span in stored(corpus, gold.source), q.id


def test_a_twin_is_answered_where_the_other_is_not() -> None:
    texts = {q.id: q for q in load_questions(TEXTS.questions)}
    twins = load_questions(TWINS.questions)
    for twin in twins:
        other = texts[twin.id]
        assert (twin.question, twin.lang) == (other.question, other.lang)
        assert twin.answerable != other.answerable, twin.id
        with_gold, without = (TWINS, TEXTS) if twin.answerable else (TEXTS, TWINS)
        for gold in (*twin.gold, *other.gold):
            assert gold.span in stored(with_gold, gold.source), twin.id
            assert gold.span not in stored(without, gold.source), twin.id
    share = sum(twin.answerable for twin in twins) / len(twins)
    assert share == pytest.approx(0.5, abs=0.02)
    near = [q for q in texts.values() if q.kind == "near_miss"]
    assert {q.id for q in near} <= {twin.id for twin in twins}


def test_a_sample_keeps_every_kind() -> None:
    questions = load_questions(TEXTS.questions)
    few = sample(questions, 9)
    assert {q.kind for q in few} == {q.kind for q in questions}
    assert len(questions) / 9 <= len(few) < len(questions) / 9 + len({q.kind for q in questions})


def test_rank_counts_every_occurrence_and_half_of_the_span() -> None:
    one = question((Gold("a", "Deux trois quatre."),))
    assert rank_of_gold(one, [("a", 0, 3), ("a", 22, 47)], read) == 2
    assert rank_of_gold(one, [("a", 4, 13)], read) == 1
    assert rank_of_gold(one, [("a", 4, 12)], read) is None
    assert rank_of_gold(one, [("b", 4, 22)], read) is None
    both = question((Gold("a", "Un."), Gold("a", "Cinq.")), need_all=True)
    assert rank_of_gold(both, [("a", 0, 3), ("a", 4, 22), ("a", 23, 28)], read) == 3
    assert rank_of_gold(both, [("a", 0, 3)], read) is None


def test_touching_needs_a_shared_character() -> None:
    assert touches(("a", 2, 5), Gold("a", "Un."), read)
    assert not touches(("a", 3, 5), Gold("a", "Un."), read)


def answer(text: str, refused: bool = False) -> Answer:
    return Answer("?", "fr", (Statement(text),), Trace("?"), refused=refused)


def test_coverage_folds_case_accents_and_spaces_and_gives_nothing_for_a_refusal() -> None:
    facts = (("6 800", "6800"), ("employés",))
    assert covered(facts, answer("Il coûte 6\u202f800 $ aux EMPLOYES")) == 1
    assert covered(facts, answer("6800")) == 0.5
    assert covered(facts, answer("6800 employés", refused=True)) == 0


def outcome(name: str, answerable: bool, refused: bool, split: str = "pairs") -> Outcome:
    gold = (Gold("a", "Un."),) if answerable else ()
    asked = EvalQuestion(name, Question("Un ?"), "fr", "fact", answerable, gold, False, (), split)
    trace = Trace("?", seconds={"total": 0.1})
    return judge(asked, replace(answer("Un.", refused), trace=trace), read)


def test_reads_is_what_the_answer_adds_to_answering_the_same_question() -> None:
    seen = [outcome("1", True, False), outcome("1", False, True)]
    blind = [outcome("2", True, False), outcome("2", False, False)]
    refused = [outcome("3", True, True), outcome("3", False, True)]
    assert measure(seen)["reads"] == 1
    assert measure(blind)["reads"] == measure(refused)["reads"] == 0
    assert measure([*seen, *blind])["reads"] == 0.5
    assert "reads" not in measure([outcome("4", True, False), outcome("5", False, True)])


def test_a_refusal_is_not_right_at_first() -> None:
    measures = measure([outcome("1", True, True)])
    assert measures["right first"] == 0
    assert "first quotation" not in measures


def test_controls_are_at_chance_where_each_question_is_asked_both_ways() -> None:
    scores = {"1": 0.9, "2": 0.1}
    pairs = [outcome(name, answerable, False) for name in scores for answerable in (True, False)]
    assert set(control_measures(pairs, scores, scores).values()) == {0.5}
    betrayed = [outcome("1", True, False), outcome("2", False, False)]
    assert set(control_measures(betrayed, scores, scores).values()) == {1.0}
    assert groups(pairs).keys() == {"pairs", "pairs / fr", "pairs / fact"}


@pytest.mark.slow
def test_the_wording_alone_tells_near_misses_until_they_are_paired() -> None:
    asked = load_questions(TEXTS.questions)
    scores = wording_scores(asked)
    near = [scores[q.id] for q in asked if q.kind == "near_miss"]
    others = [scores[q.id] for q in asked if q.answerable]
    assert sum(near) / len(near) < sum(others) / len(others)


def test_beir_measures() -> None:
    relevant = {"q1": {"d1": 1}, "q2": {"d2": 1}}
    run = {"q1": {"d1": 2.0, "d2": 1.0}, "q2": {"d1": 2.0, "d2": 1.0}}
    found = score(relevant, run)
    assert found["hit@1"] == 0.5
    assert found["hit@5"] == 1
    assert found["nDCG@10"] == pytest.approx((1 + 0.6309) / 2, abs=1e-3)


def test_beir_folder_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "qrels").mkdir()
    corpus = [
        {"_id": "d1", "title": "", "text": "La cantine ouvre à midi."},
        {"_id": "d2", "text": "Le préavis dure trois mois."},
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "Quand ouvre la cantine ?"}))
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    assert main(["--beir", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[tmp_path.name]["hit@1"] == 1


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


def test_reading_alone_from_the_command_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = {"d1": "La cantine ouvre à midi pile.", "d2": "Le préavis dure trois mois."}
    corpus = [{"_id": name, "title": "", "text": text} for name, text in texts.items()]
    asked = {"question": "À quelle heure ouvre la cantine ?", "lang": "fr"}
    write_rows(tmp_path / "corpus.jsonl.gz", corpus)
    rows = [{**asked, "_id": n, "candidates": [n], "answerable": n == "d1"} for n in texts]
    write_rows(tmp_path / "questions.jsonl.gz", rows)
    assert main(["--abstain", str(tmp_path), "--json"]) == 0
    measures = json.loads(capsys.readouterr().out)[tmp_path.name]
    assert measures["questions"] == 2
    assert measures["refusal AUC"] == 1


def test_a_folder_without_questions_to_read_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--abstain", str(tmp_path)]) == 1
    assert "questions.jsonl.gz cannot be read" in capsys.readouterr().err.replace("\n", " ")
    write_rows(tmp_path / "questions.jsonl.gz", [{"question": "Qui ?"}])
    assert main(["--abstain", str(tmp_path)]) == 1
    assert "a line without answerable, candidates" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize("line", ["{", '{"id": 1}', "[]"])
def test_a_bad_question_file_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(line)
    with pytest.raises(RagError, match=r"mine\.jsonl, line 1"):
        load_questions(path)


def test_risk_needs_outcomes() -> None:
    assert risk_coverage([]) == []
