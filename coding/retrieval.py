"""Coded segments asked for by a query, with the words around them, counted, and ready to be cited.

`retrieve` answers a query (docs/reference/queries.md), `co_occurrence` counts for every two codes the units
that hold both, `table` makes rows of what was found.

The first two see presence alone: what somebody coded. A unit without a code may have been read and found
to hold none, or never been read; readings are not looked at and no share is formed. For shares see
`coding.matrix`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, get_args

import numpy as np

from coding.conditions import refuse_unknown_variable, values_of
from coding.errors import CodingError, choose, nearest, refuse
from coding.locators import locator
from coding.queries import codes_of, parse
from coding.relations import Layout, bearing_one_of, lay_out, select
from coding.surroundings import Cut, cut
from coding.units import Unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from coding.codebook import Codebook
    from coding.formats.csv import Cell
    from coding.model import Coded, CodedSegment, Corpus, Document, Segment, Value


Place = tuple[str, Unit]
Cuts = Mapping[Place, Cut]

_What = TypeVar("_What")


class Count(NamedTuple):
    """How many coded segments, and in how many documents."""

    segments: int
    documents: int


@dataclass(frozen=True, slots=True)
class Found:
    """A coded segment with the words around it.

    Attributes
    ----------
    quote : the words of the segment
    start, end : the units that it touches, in code points of the document (of a document: its sentences)
    left, right : the words of these units before and after the quote
    before, after : the neighbouring units, shortened; empty at the ends of the document
    """

    coded: CodedSegment
    document: Document
    quote: str
    start: int
    end: int
    left: str
    right: str
    before: str
    after: str

    @property
    def locator(self) -> str:
        """The page of the quote, or its paragraph where the text has no pages."""
        return locator(self.document, self.coded.segment)

    @property
    def citation(self) -> str:
        """How the quote names its source."""
        return citation(self.document, self.coded.segment)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a query selects, in the order of the corpus; of two that begin together the longer first.

    Attributes
    ----------
    corpus : the documents that were searched
    n_units : units that the segments touch
    n_other_meaning : segments whose code meant something else when they were coded than it does now
    """

    query: str
    unit: Unit
    segments: tuple[CodedSegment, ...] = field(repr=False)
    corpus: Corpus
    codebook: Codebook
    n_units: int
    n_other_meaning: int
    _cuts: Cuts = field(repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.segments)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents in which something was found, in order."""
        return tuple(dict.fromkeys(coded.segment.document for coded in self.segments))

    def shown(self, first: int = 0, most: int | None = None) -> list[Found]:
        """Return the segments from number `first`, at most so many, with the words around them."""
        chosen = self.segments[first : None if most is None else first + most]
        names = dict.fromkeys(coded.segment.document for coded in chosen)
        # A whole document is no passage: there its sentences are shown.
        unit: Unit = "sentence" if self.unit == "document" else self.unit
        cuts = known_cuts([self.corpus[name] for name in names], unit, self._cuts)
        return [self._found(coded, unit, cuts) for coded in chosen]

    def _found(self, coded: CodedSegment, unit: Unit, cuts: Cuts) -> Found:
        document, segment = self.corpus[coded.segment.document], coded.segment
        own = cuts[document.digest, unit]
        start, end = own.around(segment.start, segment.end)
        before, after = own.neighbours(document.text, start, end)
        return Found(
            coded=coded,
            document=document,
            quote=document.quote(segment),
            start=start,
            end=end,
            left=document.text[start : segment.start],
            right=document.text[segment.end : end],
            before=before,
            after=after,
        )

    def by_code(self) -> dict[str, Count]:
        """Return the counts of each code that was found, in the order of the codebook."""
        counts = _counted((coded.code, coded.segment.document) for coded in self.segments)
        order = [code.id for code in self.codebook.codes]
        return {code: counts[code] for code in [*order, *sorted(set(counts) - set(order))] if code in counts}

    def by(self, variable: str) -> dict[Value, Count]:
        """Return the counts of each value of a document variable, with zeros; numbers in order.

        A document with several values counts for each, one without under None.

        Raises
        ------
        CodingError
            If no document that was searched has the variable.
        """
        if len(self.corpus):
            refuse_unknown_variable(variable, self.corpus)
        values = {document.id: values_of(document, variable) or (None,) for document in self.corpus}
        counts = _counted(
            (value, coded.segment.document)
            for coded in self.segments
            for value in values[coded.segment.document]
        )
        every = dict.fromkeys(value for own in values.values() for value in own)
        if all(isinstance(value, int | float) for value in every):
            every = dict.fromkeys(sorted(every, key=lambda value: float(str(value))))
        return {value: counts.get(value, Count(0, 0)) for value in every}


@dataclass(frozen=True, slots=True, eq=False)
class CoOccurrence:
    """For every two codes the units that hold both, and the documents with such a unit.

    Presence alone is counted: a zero is no finding that the codes exclude each other. On the diagonal
    stand the units (documents) that hold the code itself.

    Attributes
    ----------
    codes : as they were asked for, length C
    units, documents : int64 arrays (C, C), symmetric
    """

    unit: Unit
    codes: tuple[str, ...]
    units: NDArray[np.int64] = field(repr=False)
    documents: NDArray[np.int64] = field(repr=False)

    def frame(self, *, of: Literal["units", "documents"] = "units") -> pd.DataFrame:
        """Return codes x codes: the units that hold both, or with `of="documents"` the documents."""
        import pandas as pd

        choose(of, ("units", "documents"), "of")
        counts = self.units if of == "units" else self.documents
        return pd.DataFrame(counts, index=list(self.codes), columns=list(self.codes))


def retrieve(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    query: str,
    *,
    unit: Unit,
    coders: Sequence[str] | None = None,
    where: Mapping[str, Value | Container[object]] | None = None,
    cuts: Cuts | None = None,
) -> Retrieved:
    """Return the coded segments that a query selects.

    Parameters
    ----------
    unit : {"sentence", "paragraph", "document"}
        In what codes stand together, and by what `near` counts.
    coders : sequence of str, optional
        Only what these coded is looked at; else what everybody did.
    where : mapping, optional
        Conditions on document variables, as `conditions` returns them: only such documents are searched.
    cuts : mapping, optional
        The units of texts that are known from before, of `known_cuts`.

    Raises
    ------
    StaleText
        If a text has changed since it was coded.
    CodingError
        Naming the column of what is wrong in the query; or an unknown coder or variable.
    """
    choose(unit, get_args(Unit), "unit")
    searched = corpus.where(**where) if where else corpus
    considered = coded if coders is None else _by(coded, coders)
    parsed = parse(query, codebook, besides={each.code for each in coded.segments})
    known = {**(cuts or {}), **known_cuts(searched, unit, cuts)}
    layout = _laid_out(considered, searched, codebook, unit, known)
    chosen = select(parsed, layout)
    segments = tuple(layout.segments[i] for i in np.flatnonzero(chosen))
    return Retrieved(
        query=query,
        unit=unit,
        segments=segments,
        corpus=searched,
        codebook=codebook,
        n_units=int(layout.bearing(chosen).sum()),
        n_other_meaning=sum(
            each.code not in codebook or not codebook[each.code].holds(each.meaning) for each in segments
        ),
        _cuts=known,
    )


def co_occurrence(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    unit: Unit,
    codes: Sequence[str],
    cuts: Cuts | None = None,
) -> CoOccurrence:
    """Return for every two codes how many units hold both, whoever coded them.

    Parameters
    ----------
    codes : sequence of str, length C
        Each as in a query: `role` with the codes below it, `=role` alone, `role.*` only those below.
    cuts : as for `retrieve`

    Raises
    ------
    StaleText
        If a text has changed since it was coded.
    CodingError
        Listing every unknown code.
    """
    besides = {each.code for each in coded.segments}
    wanted = _looked_up(codes, codebook, besides)
    layout = _laid_out(coded, corpus, codebook, unit, known_cuts(corpus, unit, cuts))
    bears = np.zeros((len(codes), len(layout.unit_document)), dtype=np.bool_)
    for row, asked in enumerate(wanted):
        bears[row] = layout.bearing(bearing_one_of(asked, layout))
    units = np.zeros((len(codes), len(codes)), dtype=np.int64)
    documents = np.zeros_like(units)
    for row, own in enumerate(bears):
        both = bears[:, own]
        begins = np.flatnonzero(np.diff(layout.unit_document[own], prepend=-1))
        units[row] = both.sum(axis=1)
        if len(begins):
            documents[row] = np.logical_or.reduceat(both, begins, axis=1).sum(axis=1)
    return CoOccurrence(unit, tuple(codes), units, documents)


def known_cuts(documents: Iterable[Document], unit: Unit, known: Cuts | None = None) -> dict[Place, Cut]:
    """Return the units of every text by its digest and the unit, those that are known already as they are.

    Cutting into sentences takes longer than any query: who asks again keeps what this returns.
    """
    choose(unit, get_args(Unit), "unit")
    places = {(document.digest, unit): document for document in documents}
    known = known or {}
    return {
        place: known[place] if place in known else cut(document, unit) for place, document in places.items()
    }


def citation(document: Document, segment: Segment | None = None) -> str:
    """Return how a quote names its source: who, when, what, where, and the place in the text.

    A digest or translation is named as such: its words are not the source's own.

    Examples
    --------
    >>> from coding.model import Document
    >>> source = {"publisher": "JICA", "year": 2019, "title": "An outline", "fidelity": "digest"}
    >>> document = Document("japan/outline", "It trains police.", source)
    >>> citation(document, document.segment(3, 9))
    'JICA, 2019, An outline (digest), japan/outline, para. 1, characters 3–9'
    """
    variables = document.variables
    fidelity = variables.get("fidelity")
    title = _said(variables.get("title"))
    if title and fidelity in ("digest", "translation"):
        title = f"{title} ({fidelity})"
    who = _said(variables.get("author")) or _said(variables.get("publisher"))
    parts = [who, _said(variables.get("year")), title, _said(variables.get("url")), document.id]
    if segment is not None:
        parts += [locator(document, segment), f"characters {segment.start}–{segment.end}"]
    return ", ".join(part for part in parts if part)


def table(retrieved: Retrieved) -> list[list[Cell]]:
    """Return a head and one row for each coded segment: quote, source, offsets, context, variables."""
    variables = list(dict.fromkeys(name for document in retrieved.corpus for name in document.variables))
    head: list[Cell] = [
        "code", "name", "quote", "source", "document", "start", "end", "locator", "passage", "passage_start",
        "passage_end", "before", "after", "rule", "coder", "score", *variables, "id",
    ]  # fmt: skip
    names = {code.id: code.name for code in retrieved.codebook.codes}
    rows: list[list[Cell]] = [head]
    for found in retrieved.shown():
        coded, segment = found.coded, found.coded.segment
        rows.append(
            [
                coded.code, names.get(coded.code), found.quote, found.citation, segment.document,
                segment.start, segment.end, found.locator, found.left + found.quote + found.right,
                found.start, found.end,
                found.before, found.after, coded.because, coded.coder, coded.score,
                *(_cell(found.document.variables.get(name)) for name in variables), coded.id,
            ]
        )  # fmt: skip
    return rows


def _by(coded: Coded, coders: Sequence[str]) -> Coded:
    known = {each.coder for each in coded.segments} | {each.coder for each in coded.readings}
    refuse([f"no coder '{name}'.{nearest(name, known)}" for name in coders if name not in known])
    return coded.by(*coders)


def _laid_out(coded: Coded, corpus: Corpus, codebook: Codebook, unit: Unit, cuts: Cuts) -> Layout:
    coded.refuse_stale(corpus)
    order = {code.id: n for n, code in enumerate(codebook.codes)}
    return lay_out(coded.segments, corpus, [cuts[document.digest, unit] for document in corpus], order=order)


def _looked_up(codes: Sequence[str], codebook: Codebook, besides: Iterable[str]) -> list[frozenset[str]]:
    problems, wanted = [], []
    for code in codes:
        try:
            wanted.append(codes_of(code, codebook, besides=besides))
        except CodingError as error:
            problems.append(str(error))
    refuse(problems)
    return wanted


def _counted(places: Iterable[tuple[_What, str]]) -> dict[_What, Count]:
    """Return how often each stands among (what, document), and in how many documents."""
    pairs = Counter(places)
    segments: Counter[_What] = Counter()
    for (what, _), n in pairs.items():
        segments[what] += n
    documents = Counter(what for what, _ in pairs)
    return {what: Count(n, documents[what]) for what, n in segments.items()}


def _said(value: Value) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _cell(value: Value) -> Cell:
    return "; ".join(value) if isinstance(value, tuple) else value
