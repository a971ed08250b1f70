"""Rules as a coder: a codebook's phrases and patterns, found in texts, exactly and with their offsets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from coding.errors import CodingError, choose
from coding.model import Case, Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.taggers.rules.actor import Voices
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.languages import can_read
from coding.taggers.rules.match import Searched, hits

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook

Overlap = Literal["longest", "all"]
Span = tuple[int, int, int]  # document, start, end
Found = dict[Span, list[str]]  # the rules that hit a span
FoundIn = tuple[Sequence[Document], Mapping[str, Found]]  # documents, and for each code what was found there

BATCH = 4_000_000  # code points read at once: memory does not grow with the corpus


@dataclass(frozen=True, slots=True)
class RuleTagger:
    """Codes documents by the rules of a codebook.

    Parameters
    ----------
    overlap : {"longest", "all"}
        Whether a hit inside a longer hit of the same code is dropped. Hits of different codes
        never cancel each other unless a code `beats` another.
    cases : mapping, optional
        The cases whose names tell of whom a sentence speaks; those of the corpus if left out. Only
        rules that ask for an `actor` need them.
    """

    codebook: Codebook
    overlap: Overlap
    cases: Mapping[str, Case] | None = None
    coder: Coder = field(default=Coder("rules", "rules"))

    def __post_init__(self) -> None:
        choose(self.overlap, get_args(Overlap), "overlap")

    def tag(self, documents: Corpus | Sequence[Document]) -> Coded:
        """Return the hits of all rules as coded segments, and a reading of each document.

        The reading names the codes that have rules: of a code without rules nothing was searched, so
        nothing is said. Retired codes are not looked for. A document whose variable `language` is
        another than the codebook's is not read: there silence means nothing.

        Raises
        ------
        CodingError
            If a rule asks for the actor and no cases are known.
        """
        return self.settle(self.search(documents))

    def search(self, documents: Corpus | Sequence[Document]) -> Iterator[FoundIn]:
        """Yield for batches of documents every hit of every rule, before any drops another.

        Raises
        ------
        CodingError
            If a rule asks for the actor and no cases are known.
        """
        voices = self._voices(documents)
        for batch in _batches([d for d in documents if d.text and can_read(self.codebook, d)]):
            searched = Searched(TokenIndex.build(batch, self.codebook.language), voices)
            yield batch, {code.id: find(code, searched) for code in self._codes()}

    def settle(self, found: Iterable[FoundIn]) -> Coded:
        """Return the hits that stand as coded segments, and a reading of each document.

        What was found of codes that the codebook does not hold, or has retired, is left aside.
        """
        searched = self._searched()
        segments: list[CodedSegment] = []
        readings: list[Reading] = []
        for documents, hit in found:
            segments += self._segments(documents, hit)
            readings += [Reading(self.coder.id, d.whole, searched, kind="rules") for d in documents]
        return Coded(tuple(segments), tuple(readings))

    def _voices(self, documents: Corpus | Sequence[Document]) -> Voices:
        cases = self.cases
        if cases is None and isinstance(documents, Corpus):
            cases = documents.known_cases
        asking = [rule.id for code in self._codes() for rule in code.rules if rule.actor != "any"]
        if asking and cases is None:
            raise CodingError(
                f"rule '{asking[0]}' asks for the actor, so the tagger must know how the cases are named. "
                "Tag a corpus, or give `RuleTagger(..., cases=corpus.known_cases)`."
            )
        return Voices(cases or {})

    def _segments(self, documents: Sequence[Document], hit: Mapping[str, Found]) -> list[CodedSegment]:
        found = unbeaten(self.codebook, {code.id: hit[code.id] for code in self._codes()})
        if self.overlap == "longest":
            found = {code: longest(spans) for code, spans in found.items()}
        by_document: dict[int, list[CodedSegment]] = defaultdict(list)
        for code in self._codes():
            for (number, start, end), rules in sorted(found[code.id].items()):
                segment = documents[number].segment(start, end)
                by_document[number].append(machine_coded(segment, code, self.coder, ", ".join(rules)))
        return [segment for number in sorted(by_document) for segment in by_document[number]]

    def _searched(self) -> tuple[str, ...]:
        return tuple(code.id for code in self._codes() if code.rules)

    def _codes(self) -> list[Code]:
        return [code for code in self.codebook.codes if not code.retired]


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        if batch and size + len(document.text) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.text)
    if batch:
        yield batch


def find(code: Code, searched: Searched) -> Found:
    """Return every span that a rule of the code hits, with the rules that hit it."""
    found: Found = defaultdict(list)
    for rule in code.rules:
        hit = hits(rule, searched)
        numbers = searched.index.document[hit.first]
        for span in zip(numbers.tolist(), hit.start.tolist(), hit.end.tolist(), strict=True):
            found[span].append(rule.id)
    return found


def longest(found: Found) -> Found:
    """Drop every span that lies inside a longer one of the same document."""
    kept: Found = {}
    furthest: tuple[int, int] = (-1, -1)
    for document, start, end in sorted(found, key=lambda span: (span[0], span[1], -span[2])):
        if (document, end) > furthest:
            kept[document, start, end] = found[document, start, end]
            furthest = (document, end)
    return kept


def unbeaten(codebook: Codebook, found: Mapping[str, Found]) -> dict[str, Found]:
    """Drop every hit that overlaps one of a code that beats its code, whatever beats that one.

    That comes before hits inside longer ones are dropped, so a beaten hit drops no other.
    """
    kept = dict(found)
    for code in (code for code in codebook.codes if code.id in found):
        for beaten in (other for other in code.beats if other in found):
            places = _Places(found[code.id])
            kept[beaten] = {span: rules for span, rules in kept[beaten].items() if not places.overlaps(*span)}
    return kept


class _Places:
    """Spans by document, to see whether another overlaps one of them."""

    def __init__(self, spans: Found) -> None:
        self._by_document: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for document, start, end in spans:
            self._by_document[document].append((start, end))

    def overlaps(self, document: int, start: int, end: int) -> bool:
        return any(a < end and start < b for a, b in self._by_document.get(document, ()))
