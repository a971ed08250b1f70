"""The nouns: documents and cases, coded segments and readings (codes: see `coding.codebook`).

Everything that assigns a code is a *coder* (a person, a rule set, a model), and what it leaves is
always the same: a `CodedSegment` (these code points of this text bear this code, says this coder,
because of this) and a `Reading` (this coder has read this text for these codes, so that silence
means *no*). They travel together as one value, `Coded`.

All types are frozen. Offsets are half-open and count Unicode code points of a text that never
changes after it was read.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from coding.cases import BESIDE, combined, in_order, is_single, unfit, variables_of
from coding.errors import CodingError, StaleText, nearest, refuse

if TYPE_CHECKING:
    import pandas as pd

    from coding.codebook import Code

Value = str | int | float | bool | None | tuple[str, ...]
CoderKind = Literal["person", "rules", "model"]

_NAMESPACE = uuid.UUID("6f0d3c1e-5b7a-5c58-9d0f-0a8f5d1c2b90")


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text (as UTF-8), in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one document's text: code points `start` to `end`, `end` not included."""

    document: str
    start: int
    end: int
    digest: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise CodingError(
                f"{self.document}: a segment from {self.start} to {self.end} is empty or negative. "
                "A segment is at least one code point long."
            )

    def overlap(self, other: Segment) -> int:
        """Return how many code points both share; 0 if they lie in different documents."""
        if self.document != other.document:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its variables. The text was fixed when it was read; `digest` identifies it."""

    id: str
    text: str
    variables: Mapping[str, Value] = field(default_factory=dict, hash=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self.text))

    @property
    def whole(self) -> Segment:
        """The segment that is the whole text."""
        return Segment(self.id, 0, len(self.text), self.digest)

    def segment(self, start: int, end: int) -> Segment:
        """Return the segment of this text from `start` to `end`.

        Raises
        ------
        CodingError
            If it does not lie inside the text.
        """
        if end > len(self.text):
            raise CodingError(
                f"{self.id}: a segment ends at {end}, the text at {len(self.text)}. "
                "Offsets count Unicode code points."
            )
        return Segment(self.id, start, end, self.digest)

    def quote(self, segment: Segment) -> str:
        """Return the words of a segment.

        Raises
        ------
        StaleText
            If the text has changed since the segment was made.
        CodingError
            If the segment belongs to another document.
        """
        if segment.document != self.id:
            raise CodingError(f"{self.id}: the segment belongs to {segment.document}.")
        if segment.digest != self.digest:
            raise stale(self.id, 1)
        return self.text[segment.start : segment.end]

    @property
    def cluster(self) -> str:
        """The document's family (its project or event), else the document itself."""
        family = self.variables.get("family")
        return str(family) if family else self.id


def stale(document: str, n_segments: int) -> StaleText:
    """Return the error for a text that has changed since it was coded."""
    plural = "" if n_segments == 1 else "s"
    return StaleText(
        f"{document} has changed since it was coded ({n_segments} coded segment{plural}). "
        f"Put the earlier text back, then bring in the new one by `coding realign {document} FILE`, which "
        "takes the coding along; or code the new one afresh."
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A unit of comparison (here a donor): how texts name it, its agencies, and names of others.

    `homonyms` are names that hold an alias and mean something else (North Korea for Korea).
    """

    id: str
    name: str
    iso: str = ""
    aliases: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    homonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in a fixed order, and what is known of the cases they belong to."""

    documents: tuple[Document, ...]
    known_cases: Mapping[str, Case] = field(default_factory=dict, hash=False)
    _by_id: dict[str, Document] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        counts = Counter(d.id for d in self.documents)
        refuse([f"{n} documents have the id '{i}'. Rename one." for i, n in counts.items() if n > 1])
        object.__setattr__(self, "_by_id", {d.id: d for d in self.documents})

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    def __repr__(self) -> str:
        return f"<Corpus: {len(self)} documents, cases: {', '.join(self.known_cases) or 'none known'}>"

    def __getitem__(self, document: str) -> Document:
        if not isinstance(document, str):
            raise CodingError("a document is found by its id; in order they stand in `corpus.documents`.")
        if document not in self._by_id:
            raise CodingError(f"no document '{document}'.{nearest(document, self._by_id)}")
        return self._by_id[document]

    def where(self, **conditions: Value | Container[object]) -> Corpus:
        """Return the documents whose variables meet every condition.

        A condition is a value, or a container of values (`range(2009, 2022)`, a list, a set). A
        variable that itself holds several values meets it when one of them does. A document
        without the variable meets no condition on it but `None`.

        Raises
        ------
        CodingError
            If no document has the variable: a misspelt name would otherwise empty the corpus.
        """
        for name in conditions:
            self._refuse_unknown(name)
        kept = (
            d
            for d in self.documents
            if all(_meets(d.variables.get(name), wanted) for name, wanted in conditions.items())
        )
        return Corpus(tuple(kept), self.known_cases)

    def cases(self, by: str | Sequence[str]) -> dict[str, tuple[Document, ...]]:
        """Return the documents of each case, a case being a value of the variable `by`.

        Of several variables a case is a combination of values that some document has, written
        "japan · 2015". Those with one value of the first variable stand together, the others sorted.

        Raises
        ------
        CodingError
            If a document lacks a variable: it would be a lost row.
        """
        case_of = self.case_of(by)
        grouped: dict[str, list[Document]] = {combined(case): [] for case in in_order(case_of.values())}
        for document in self.documents:
            grouped[combined(case_of[document.id])].append(document)
        return {case: tuple(members) for case, members in grouped.items()}

    def case_of(self, by: str | Sequence[str]) -> dict[str, tuple[Value, ...]]:
        """Return for each document, by its id, the values that make its case, one of each variable.

        Raises
        ------
        CodingError
            If a document lacks a variable, or its value holds what parts the values of a case.
        """
        variables = variables_of(by)
        for name in variables:
            self._refuse_unknown(name)
            if self.documents and not any(is_single(d.variables.get(name)) for d in self.documents):
                raise CodingError(f"no document has a single value of '{name}'. Take another variable.")
        values = {d.id: {name: d.variables.get(name) for name in variables} for d in self.documents}
        refuse([f"{document}: {said}" for document, case in values.items() for said in unfit(case)])
        return {document: tuple(case.values()) for document, case in values.items()}

    def _refuse_unknown(self, variable: str) -> None:
        known = {name for d in self.documents for name in d.variables}
        if self.documents and variable not in known:
            raise CodingError(f"no document has a variable '{variable}'.{nearest(variable, known)}")

    def name(self, case: str) -> str:
        """Return the name under which a case is shown; of a combination each part by its name."""
        if case in self.known_cases:
            return self.known_cases[case].name
        parts = case.split(BESIDE)
        return combined(self.name(part) for part in parts) if len(parts) > 1 else case


def _meets(value: Value, wanted: object) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    if isinstance(wanted, Container) and not isinstance(wanted, str):
        return any(v in wanted for v in values)
    return wanted in values


@dataclass(frozen=True, slots=True)
class Coder:
    """Who assigns codes."""

    id: str
    kind: CoderKind


@dataclass(frozen=True, slots=True)
class CodedSegment:
    """These words bear this code, says this coder, because of this.

    Attributes
    ----------
    id : a person's is random, a rule's or model's follows from what it says
    meaning : what the code meant then: `Code.meaning` to a person, `Code.ruled` to a rule or model
    quote : the words, where they are kept with the segment; else empty
    """

    id: str
    segment: Segment
    code: str
    meaning: str
    coder: str
    because: str = ""
    score: float | None = None
    quote: str = field(default="", compare=False)


def machine_coded(
    segment: Segment,
    code: Code,
    coder: Coder,
    because: str,
    *,
    meaning: str | None = None,
    score: float | None = None,
) -> CodedSegment:
    """Return a rule's or model's coded segment, whose id follows from what it says.

    Parameters
    ----------
    meaning : what the code meant to who made it; if left out, what it means to its rules
    """
    meant = code.ruled if meaning is None else meaning
    name = machine_id(segment, code.id, meant, coder.id)
    return CodedSegment(name, segment, code.id, meant, coder.id, because, score)


def machine_id(segment: Segment, code: str, meaning: str, coder: str) -> str:
    """Return the id of what a rule or model codes there: it follows from what it says."""
    said = [segment.document, segment.digest, segment.start, segment.end, code, meaning, coder]
    return str(uuid.uuid5(_NAMESPACE, json.dumps(said, ensure_ascii=False)))


@dataclass(frozen=True, slots=True)
class Reading:
    """A coder has read this stretch for these codes (None: all): only then does silence mean no.

    Attributes
    ----------
    at : when it was filed, in UTC; None where nobody says
    blind : whether what others coded was hidden from the coder until then
    id : where it is kept; else empty
    sample : for a judgement of a unit, the blind sample that it belongs to; else empty
    given : for a judgement, which of the codes the unit bears; else None
    """

    coder: str
    segment: Segment
    codes: tuple[str, ...] | None = None
    at: str | None = None
    blind: bool = True
    kind: CoderKind = "person"
    id: str = field(default="", compare=False)
    sample: str = ""
    given: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """Coded segments and the readings that say where silence means no."""

    segments: tuple[CodedSegment, ...] = ()
    readings: tuple[Reading, ...] = ()

    def __repr__(self) -> str:
        coders = sorted({s.coder for s in self.segments} | {r.coder for r in self.readings})
        by = f", by {', '.join(coders)}" if coders else ""
        return f"<Coded: {len(self.segments)} segments, {len(self.readings)} readings{by}>"

    def __add__(self, other: Coded) -> Coded:
        known = {s.id for s in self.segments}
        new = tuple(s for s in other.segments if s.id not in known)
        return Coded(self.segments + new, tuple(dict.fromkeys(self.readings + other.readings)))

    def by(self, *coders: str) -> Coded:
        """Return what these coders coded and read."""
        return Coded(
            tuple(s for s in self.segments if s.coder in coders),
            tuple(r for r in self.readings if r.coder in coders),
        )

    def where(self, *, code: str | None = None, document: str | None = None) -> Coded:
        """Return the coded segments of a code, of a document, or both; readings stay with the document."""
        return Coded(
            tuple(
                s for s in self.segments if code in (None, s.code) and document in (None, s.segment.document)
            ),
            tuple(r for r in self.readings if document in (None, r.segment.document)),
        )

    def quotes(self, corpus: Corpus) -> list[str]:
        """Return the words of each coded segment, in order.

        Raises
        ------
        StaleText
            If a text has changed since it was coded.
        """
        return [corpus[s.segment.document].quote(s.segment) for s in self.segments]

    def refuse_stale(self, corpus: Corpus) -> None:
        """Raise `StaleText` if a coded or read text of the corpus has changed since, naming all."""
        digests = {d.id: d.digest for d in corpus}
        changed: dict[str, int] = {}
        places = [(coded.segment, 1) for coded in self.segments]
        for place, n in [*places, *((reading.segment, 0) for reading in self.readings)]:
            if digests.get(place.document, place.digest) != place.digest:
                changed[place.document] = changed.get(place.document, 0) + n
        if changed:
            raise StaleText("\n".join(str(stale(name, n)) for name, n in changed.items()))

    def frame(self) -> pd.DataFrame:
        """Return one row for each coded segment."""
        import pandas as pd

        rows = [
            (s.segment.document, s.segment.start, s.segment.end, s.code, s.coder, s.because, s.score, s.id)
            for s in self.segments
        ]
        columns = ["document", "start", "end", "code", "coder", "because", "score", "id"]
        return pd.DataFrame(rows, columns=columns)
