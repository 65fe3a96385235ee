"""The answer with a language model: prompt → text → sentences, each checked against the passages before it is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag import facts, prompts
from rag.citations import MarkedSentence, MarkedStream, cite
from rag.faults import ModelProblem
from rag.language import Language, detect_language
from rag.lexical import words
from rag.lexicon import fold
from rag.llm import LanguageModel
from rag.records import StoredPassage
from rag.retriever import Ranking
from rag.schema import Citation, Statement, Verdict
from rag.store import to_passage
from rag.verification import Finding, Verifier

PASSAGES = 8
ANSWER_TOKENS = 500  # of the context window that are left to the answer
TELLING = 30  # characters from which on a sentence tells its language
FRAMING = frozenset(
    fold(word)
    for word in "voici document passage selon suivant suivante suivants suivantes dit disent réponse liste points here "
    "documents passages say says according following answer list points".split()
)
LONGEST_LINE = 400  # characters of a rewritten or translated question


@dataclass(frozen=True)
class Draft:
    """Hold what may be shown of an answer so far."""

    statements: tuple[Statement, ...] = ()
    spans: tuple[tuple[StoredPassage, int, int], ...] = ()
    removed: int = 0
    refused: bool = False
    tokens: int = 0
    passages: int = 0  # that the model was given

    def citations(self, verifier: Verifier) -> tuple[Citation, ...]:
        """Number the spans and read them again from their sources."""
        return cite(verifier.store.database, self.spans)


class Writer:
    """Let a model answer from passages, and let through what the passages support."""

    def __init__(
        self, model: LanguageModel, verifier: Verifier, count: Callable[[str], int], keep_unsupported: bool = False
    ) -> None:
        self.model = model
        self.verifier = verifier
        self.count = count
        self.keep_unsupported = keep_unsupported

    def write(self, question: str, ranking: Ranking, language: Language) -> Iterator[Draft]:
        """Give the answer as it grows, sentence by sentence.

        Raises `ModelProblem` where the model fails, answers twice in the wrong language, or says nothing supported.
        """
        passages = self.fitting(question, ranking, language)
        messages = self.messages(question, passages, language)
        try:
            yield from self._attempt(question, messages, passages, language)
        except ModelProblem as problem:
            if problem.kind != "language":
                raise
            again = HumanMessage(prompts.ONLY_LANGUAGE.format(language=prompts.LANGUAGES[language]))
            yield from self._attempt(question, [*messages, again], passages, language)

    def fitting(self, question: str, ranking: Ranking, language: Language) -> list[StoredPassage]:
        """Give the best passages that fit the model's context window beside the rules, the question and the answer."""
        fixed = self.count(prompts.rules(language) + prompts.asked(question, [], language))
        room = self.model.context - ANSWER_TOKENS - fixed
        chosen: list[StoredPassage] = []
        for candidate in ranking.candidates[:PASSAGES]:
            room -= self.count(prompts.passage_block(PASSAGES, to_passage(candidate.passage)))
            if room < 0:
                break
            chosen.append(candidate.passage)
        if not chosen:
            raise ModelProblem("unusable", "the context window of the model is too small for a passage")
        return chosen

    def messages(self, question: str, passages: Sequence[StoredPassage], language: Language) -> list[BaseMessage]:
        """Write the prompt."""
        numbered = [to_passage(passage) for passage in passages]
        rules = prompts.rules(language)
        return [SystemMessage(rules), HumanMessage(prompts.asked(question, numbered, language))]

    def _attempt(
        self, question: str, messages: list[BaseMessage], passages: list[StoredPassage], language: Language
    ) -> Iterator[Draft]:
        stream, draft, text = MarkedStream(), Draft(passages=len(passages)), ""
        for piece in self.model.stream(messages):
            text += piece
            for sentence in stream.feed(piece):
                draft = self._add(draft, sentence, question, passages, language)
            yield draft  # the same as before where no sentence was finished: whoever listens can stop here
            if draft.refused:
                return
        for sentence in stream.finish():
            draft = self._add(draft, sentence, question, passages, language)
        if not draft.refused and not any(s.citations for s in draft.statements):
            raise ModelProblem("unsupported")
        yield replace(draft, tokens=self.count(text))

    def _add(
        self, draft: Draft, sentence: MarkedSentence, question: str, passages: list[StoredPassage], language: Language
    ) -> Draft:
        if any(fold(refusal) in fold(sentence.text) for refusal in prompts.REFUSAL.values()):
            return draft if draft.statements else replace(draft, refused=True)
        if any(sentence.text == known.text for known in draft.statements):
            return draft  # small models run in circles
        first = not draft.statements and not draft.removed
        if first and len(sentence.text) >= TELLING and detect_language(sentence.text) != language:
            raise ModelProblem("language")
        if _frames(sentence, question):
            return replace(draft, statements=(*draft.statements, Statement(sentence.text, before=sentence.before)))
        found = self._support(sentence, passages, language)
        if not found or found[0].verdict == Verdict.UNSUPPORTED:
            if not self.keep_unsupported:
                return replace(draft, removed=draft.removed + 1)
            reason = found[0].reason if found else prompts.REASONS["uncited"][language]
            unsupported = Statement(sentence.text, (), Verdict.UNSUPPORTED, reason, sentence.before)
            return replace(draft, statements=(*draft.statements, unsupported))
        spans = list(dict.fromkeys((*draft.spans, *(f.window.span for f in found))))
        numbers = tuple(spans.index(f.window.span) + 1 for f in found)
        statement = Statement(sentence.text, numbers, found[0].verdict, found[0].reason, sentence.before)
        return replace(draft, statements=(*draft.statements, statement), spans=tuple(spans))

    def _support(self, sentence: MarkedSentence, passages: list[StoredPassage], language: Language) -> list[Finding]:
        """Find what supports a sentence: each passage that it cites, or else whichever of all passages does."""
        claim = self.verifier.claim(sentence.text, language)
        cited = [passages[n - 1] for n in sentence.numbers if 1 <= n <= len(passages)]
        found = [finding for passage in cited if (finding := self.verifier.check(claim, [passage]))]
        if supported := [f for f in found if f.verdict == Verdict.SUPPORTED]:
            return supported
        elsewhere = self.verifier.check(claim, [p for p in passages if p not in cited])
        if elsewhere and elsewhere.verdict == Verdict.SUPPORTED:
            return [elsewhere]
        partly = [f for f in found if f.verdict == Verdict.PARTLY]
        return partly or found[:1] or ([elsewhere] if elsewhere else [])

    def one_line(self, prompt: str) -> str | None:
        """Let the model write one line; None where it fails or writes something else."""
        try:
            text = "".join(self.model.stream([HumanMessage(prompt)]))
        except ModelProblem:
            return None
        lines = [line.strip().strip('"«»“” ') for line in text.splitlines() if any(map(str.isalnum, line))]
        return " ".join(lines[0].split()) if len(lines) == 1 and len(lines[0]) <= LONGEST_LINE else None


def _frames(sentence: MarkedSentence, question: str) -> bool:
    """Tell a line that only announces what follows, in words of the question: "Kaufman recommends the following:"."""
    if not sentence.text.endswith(":") or facts.numbers(sentence.text):
        return False
    known = FRAMING | {fold(word) for word in words(question)}
    return all(fold(word) in known for word in words(sentence.text))
