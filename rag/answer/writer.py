"""The answer with a language model: prompt → text → sentences, each checked against the passages before it is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.answer import prompts
from rag.answer.answer import Sent, Statement, Verdict
from rag.answer.marks import MarkedSentence, MarkedStream
from rag.answer.verification import Finding, Verifier
from rag.answer.wording import REASONS, REFUSAL
from rag.llm.faults import ModelProblem
from rag.llm.model import LanguageModel
from rag.problems import RagError
from rag.schema import Found, Query, Question, Quote
from rag.text.folding import fold
from rag.text.language import Language, detect_language
from rag.text.numbers import numbers
from rag.text.packs import folded
from rag.text.words import words

GIVEN = 8  # passages, at most
ANSWER_TOKENS = 500  # of the context window that are left to the answer
TELLING = 30  # characters from which on a sentence tells its language
FRAMING = folded("framing")
LONGEST_LINE = 400  # characters of a rewritten or translated question


@dataclass(frozen=True)
class Draft:
    """Hold what may be shown of an answer so far."""

    statements: tuple[Statement, ...] = ()
    quotes: tuple[Quote, ...] = ()
    removed: int = 0
    refused: bool = False
    tokens: int = 0


class Writer:
    """Let a model answer from passages, and let through what the passages support.

    Whatever is sent is told to `sent`, a function given with each question.
    """

    def __init__(
        self, model: LanguageModel, verifier: Verifier, count: Callable[[str], int], keep_unsupported: bool = False
    ) -> None:
        self.model = model
        self.verifier = verifier
        self.count = count
        self.keep_unsupported = keep_unsupported

    def write(self, query: Query, found: Sequence[Found], sent: Callable[[Sent], None]) -> Iterator[Draft]:
        """Yield the answer as it grows, sentence by sentence.

        Raises `ModelProblem` where the model fails, answers twice in the wrong language, or says nothing supported.
        """
        try:
            given = self.fitting(query, found)
        except RagError as error:  # a package, a key or a file that the model needs is missing
            raise ModelProblem("unusable", str(error)) from error
        messages = self.messages(query, given)
        parcel = Sent(self.model.host, passages=len(given))
        try:
            yield from self._attempt(query, messages, given, lambda: sent(parcel))
        except ModelProblem as problem:
            if problem.kind != "language":
                raise
            again = HumanMessage(prompts.ONLY_LANGUAGE.format(language=prompts.LANGUAGES[query.language]))
            yield from self._attempt(query, [*messages, again], given, lambda: sent(parcel))

    def fitting(self, query: Query, found: Sequence[Found]) -> list[Found]:
        """List the best passages that fit the model's context window beside the rules, the question and the answer."""
        fixed = self.count(prompts.rules(query.language) + prompts.asked(query.text, [], query.language))
        room = self.model.context - ANSWER_TOKENS - fixed
        chosen: list[Found] = []
        for candidate in found[:GIVEN]:
            room -= self.count(prompts.passage_block(GIVEN, candidate.passage))
            if room < 0:
                break
            chosen.append(candidate)
        if not chosen:
            raise ModelProblem("unusable", "the context window of the model is too small for a passage")
        return chosen

    def messages(self, query: Query, given: Sequence[Found]) -> list[BaseMessage]:
        """Write the prompt."""
        rules = prompts.rules(query.language)
        return [
            SystemMessage(rules),
            HumanMessage(prompts.asked(query.text, [f.passage for f in given], query.language)),
        ]

    def _attempt(
        self, query: Query, messages: list[BaseMessage], given: list[Found], on_sent: Callable[[], None]
    ) -> Iterator[Draft]:
        stream, draft, text = MarkedStream(), Draft(), ""
        for piece in self.model.stream(messages, on_sent):
            text += piece
            for sentence in stream.feed(piece):
                draft = self._add(draft, sentence, query, given)
            yield draft  # the same as before where no sentence was finished: whoever listens can stop here
            if draft.refused:
                return
        for sentence in stream.finish():
            draft = self._add(draft, sentence, query, given)
        if not draft.refused and not any(s.citations for s in draft.statements):
            raise ModelProblem("unsupported")
        yield replace(draft, tokens=self.count(text))

    def _add(self, draft: Draft, sentence: MarkedSentence, query: Query, given: list[Found]) -> Draft:
        language = query.language
        if any(fold(refusal) in fold(sentence.text) for refusal in REFUSAL.values()):
            return draft if draft.statements else replace(draft, refused=True)
        if any(sentence.text == known.text for known in draft.statements):
            return draft  # small models run in circles
        first = not draft.statements and not draft.removed
        if first and len(sentence.text) >= TELLING and detect_language(sentence.text) != language:
            raise ModelProblem("language")
        if _frames(sentence, query):
            return replace(draft, statements=(*draft.statements, Statement(sentence.text, before=sentence.before)))
        findings = self._support(sentence, given, language)
        if not findings or findings[0].verdict == Verdict.UNSUPPORTED:
            if not self.keep_unsupported:
                return replace(draft, removed=draft.removed + 1)
            reason = findings[0].reason if findings else REASONS["uncited"][language]
            unsupported = Statement(sentence.text, (), Verdict.UNSUPPORTED, reason, sentence.before)
            return replace(draft, statements=(*draft.statements, unsupported))
        quotes = list(dict.fromkeys((*draft.quotes, *(f.window.quote for f in findings))))
        marks = tuple(quotes.index(f.window.quote) + 1 for f in findings)
        statement = Statement(sentence.text, marks, findings[0].verdict, findings[0].reason, sentence.before)
        return replace(draft, statements=(*draft.statements, statement), quotes=tuple(quotes))

    def _support(self, sentence: MarkedSentence, given: list[Found], language: Language) -> list[Finding]:
        """Find what supports a sentence: each passage that it cites, or else whichever of all passages does."""
        claim = self.verifier.claim(sentence.text, language)
        cited = [given[n - 1] for n in sentence.numbers if 1 <= n <= len(given)]
        findings = [finding for found in cited if (finding := self.verifier.check(claim, [found]))]
        if supported := [f for f in findings if f.verdict == Verdict.SUPPORTED]:
            return supported
        elsewhere = self.verifier.check(claim, [f for f in given if not any(f is c for c in cited)])
        if elsewhere and elsewhere.verdict == Verdict.SUPPORTED:
            return [elsewhere]
        partly = [f for f in findings if f.verdict == Verdict.PARTLY]
        return partly or findings[:1] or ([elsewhere] if elsewhere else [])

    def rewritten(self, question: Question, sent: Callable[[Sent], None]) -> str | None:
        """Let the model make a follow-up stand alone; None where it fails or writes something else."""
        parcel = Sent(self.model.host, turns=len(question.history))
        return self._one_line(prompts.rewriting(question.text, question.history), lambda: sent(parcel))

    def translated(self, question: str, language: Language, sent: Callable[[Sent], None]) -> str | None:
        """Let the model translate a question; None where it fails or writes something else."""
        return self._one_line(prompts.translating(question, language), lambda: sent(Sent(self.model.host)))

    def _one_line(self, prompt: str, on_sent: Callable[[], None]) -> str | None:
        try:
            text = "".join(self.model.stream([HumanMessage(prompt)], on_sent))
        except ModelProblem:
            return None
        lines = [line.strip().strip('"«»“” ') for line in text.splitlines() if any(map(str.isalnum, line))]
        return " ".join(lines[0].split()) if len(lines) == 1 and len(lines[0]) <= LONGEST_LINE else None


def _frames(sentence: MarkedSentence, query: Query) -> bool:
    """Tell a line that only announces what follows, in words of the question: "Kaufman recommends the following:"."""
    if not sentence.text.endswith(":") or numbers(sentence.text, query.language):
        return False
    known = FRAMING | {fold(word) for word in words(query.text)}
    return all(fold(word) in known for word in words(sentence.text))
