"""What a question set is: documents, questions, and where their answers stand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.documents import Document, Passage
from retrieval.split import SIZE, split

Half = Literal["tune", "report"]
Unit = Literal["document", "cut", "span"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the document that came from `source`; offsets are code points."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the half that it belongs to, and what answers it, each part once."""

    text: str
    half: Half
    gold: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Documents and questions about them.

    `unit` says what is to be found: whole documents, however they are cut into passages
    ("document"); the passages themselves, cut as `cuts` says for each document ("cut"); or any
    characters of a document ("span"). `together`: a question needs all its gold units at once.
    """

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    unit: Unit = "document"
    cuts: tuple[tuple[tuple[int, int], ...], ...] = ()
    together: bool = False

    def passages(self, size: int = SIZE) -> list[Passage]:
        """Return the passages to search, in the order of the documents."""
        if self.unit == "cut":
            pairs = zip(self.documents, self.cuts, strict=True)
            return [_cut(document, *span) for document, spans in pairs for span in spans]
        return [passage for document in self.documents for passage in split(document, size=size)]

    def asked(self, half: Half) -> list[Question]:
        """Return the questions of one half."""
        return [question for question in self.questions if question.half == half]


def half(name: str) -> Half:
    """Return the half that a document, by its title, or a question belongs to."""
    return "report" if hashlib.sha256(name.encode()).digest()[0] % 2 else "tune"


def whole(document: Document) -> Span:
    """Return the span of a whole document."""
    return Span(document.source, 0, len(document.text))


def places(passages: Sequence[Passage], question: Question, unit: Unit) -> list[int]:
    """Return the rank, from 1, at which each gold unit is found first; 0 where it is not.

    Of a document only its first passage takes a place in the ranking, if documents are sought.
    """
    by_document = unit == "document"
    ranked = dict.fromkeys(
        Span(p.source, 0, 0) if by_document else Span(p.source, p.start, p.end) for p in passages
    )
    at = {span: rank for rank, span in enumerate(ranked, start=1)}
    gold = [Span(span.source, 0, 0) if by_document else span for span in question.gold]
    return [at.get(span, 0) for span in gold]


def _cut(document: Document, start: int, end: int) -> Passage:
    text = document.text[start:end]
    return Passage(document.id, document.source, document.title, text, start, end)
