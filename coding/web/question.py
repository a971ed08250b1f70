"""What is asked in Retrieve, as an address says it, and what of the answer a coder may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, get_args
from urllib.parse import parse_qs, urlencode

import numpy as np
from fastapi import Depends, Query

from coding.errors import nearest, refuse
from coding.model import Coded
from coding.retrieval import co_occurrence, retrieve
from coding.review import firsthand, resolve
from coding.surroundings import Cut, cut
from coding.units import Unit
from coding.web.filters import NO_FILTERS, Filters, address
from coding.web.filters import Asked as AskedFilters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coding.batch import Decision
    from coding.model import Corpus, Document
    from coding.retrieval import CoOccurrence, Retrieved
    from coding.sight import Sight
    from coding.web.desk import Files, Work

Stands = Literal["coded", "reviewed", "decided"]
STANDS: Mapping[Stands, str] = {
    "coded": "as coded",
    "reviewed": "after review, the undecided kept",
    "decided": "after review, the undecided of rules and models left out",
}
UNITS: Mapping[Unit, str] = {
    "sentence": "in sentences",
    "paragraph": "in paragraphs",
    "document": "in documents",
}

_MOST_CODES = 20  # in the table of codes by codes
_OPERATORS = ("and", "or", "not", "near", "overlaps", "within")
_EMPTY = Cut(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and of what it is asked.

    Attributes
    ----------
    coders : only what these coded; everybody's if there are none
    stands : what was coded, or what stands of it after review (`STANDS`)
    """

    query: str = ""
    unit: Unit = "sentence"
    coders: tuple[str, ...] = ()
    stands: Stands = "coded"
    filters: Filters = NO_FILTERS

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The parameters of an address that asks the same; what goes without saying is left out."""
        unit = "" if self.unit == "sentence" else self.unit
        stands = "" if self.stands == "coded" else self.stands
        coders = (("coder", coder) for coder in self.coders)
        given = (("q", self.query), ("unit", unit), *coders, ("stands", stands), *self.filters.pairs)
        return tuple(pair for pair in given if pair[1])

    def address(self, ending: str = "", *, page: int = 1, **changed: object) -> str:
        """Return the address of the page, or of a table (`ending` .csv), that answers with something changed.

        Examples
        --------
        >>> Question("role", "paragraph").address(query="a and b")
        '/retrieve?q=a+and+b&unit=paragraph'
        """
        asked = replace(self, **changed)  # type: ignore[arg-type]
        return address(f"/retrieve{ending}", *asked.pairs, ("page", str(page) if page > 1 else ""))

    @property
    def text(self) -> str:
        """The whole question as it is kept under a name."""
        return urlencode(self.pairs)

    def words(self, corpus: Corpus) -> str:
        """Return of what it is asked, in words."""
        of = self.filters
        years = f"{of.first or '…'} to {of.last or '…'}" if of.first or of.last else ""
        coders = f"coded by {', '.join(self.coders)}" if self.coders else "whoever coded"
        parts = (UNITS[self.unit], coders, STANDS[self.stands], *map(corpus.name, of.donor), years)
        return " · ".join(part for part in (*parts, *of.fidelity, *of.kind, of.where) if part)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question selects.

    Attributes
    ----------
    considered : all that was looked at
    n_withheld : documents, of those that were searched, in which only the coder's own coding is looked at
    n_stale : coded segments that lie in an earlier text of their document
    """

    retrieved: Retrieved
    considered: Coded
    n_withheld: int
    n_stale: int

    def together(self, unit: Unit) -> CoOccurrence | None:
        """Return how often the codes that were found most stand together; None if it is one code."""
        counts = self.retrieved.by_code()
        most = sorted(counts, key=lambda code: -counts[code].segments)[:_MOST_CODES]
        codes = [f"={code}" for code in counts if code in most]
        if len(codes) < 2:
            return None
        corpus, book = self.retrieved.corpus, self.retrieved.codebook
        cuts = _cuts(self.considered, corpus, unit)
        return co_occurrence(self.considered, corpus, book, unit=unit, codes=codes, cuts=cuts)


def asked_question(
    filters: AskedFilters,
    q: Annotated[str, Query(max_length=2000)] = "",
    unit: Unit = "sentence",
    coder: Annotated[list[str] | None, Query(max_length=200)] = None,
    stands: Stands = "coded",
) -> Question:
    """Return the question of a request."""
    coders = tuple(dict.fromkeys(name for name in coder or () if name))
    return Question(q.strip(), unit, coders, stands, filters)


Asked = Annotated[Question, Depends(asked_question)]


def kept_question(text: str) -> Question:
    """Return a question from the text under which it was kept; other text is taken for the query alone.

    Examples
    --------
    >>> kept_question("q=role&unit=paragraph").unit, kept_question("role and identity").query
    ('paragraph', 'role and identity')
    """
    given = parse_qs(text)
    if "q" not in given:
        return Question(text)

    def one(name: str) -> str:
        return given.get(name, [""])[0]

    unit: Unit = next((known for known in get_args(Unit) if known == one("unit")), "sentence")
    stands: Stands = next((known for known in STANDS if known == one("stands")), "coded")
    several = (tuple(given.get(name, ())) for name in ("coder", "donor", "fidelity", "kind"))
    coders, donor, fidelity, kind = several
    filters = Filters(donor, one("from"), one("to"), fidelity, kind, one("where"))
    return Question(one("q"), unit, coders, stands, filters)


def written(code: str) -> str:
    """Return a code as it is written in a query: in quotation marks if it would be taken for an operator.

    Examples
    --------
    >>> written("role.bridge"), written("=and"), written("within")
    ('role.bridge', '=and', '"within"')
    """
    return f'"{code}"' if code.lower() in _OPERATORS or set(code) & set(" ()") else code


def answer(question: Question, files: Files, work: Work, sight: Sight) -> Answer:
    """Return what a question selects of what a coder may see.

    Raises
    ------
    CodingError
        If the query, a coder or a condition is wrong; a recoded segment has nothing in its place.
    """
    corpus = question.filters.chosen(files.corpus)
    coded = _by(sight.in_lists(work.coded), question.coders)
    coded = _standing(coded, question.stands, work, sight)
    digests = {document.id: document.digest for document in files.corpus}
    fresh = Coded(
        tuple(s for s in coded.segments if digests.get(s.segment.document) == s.segment.digest),
        tuple(r for r in coded.readings if digests.get(r.segment.document) == r.segment.digest),
    )
    asked_of = {document.id for document in corpus}
    return Answer(
        retrieve(
            fresh,
            corpus,
            files.codebook,
            question.query,
            unit=question.unit,
            cuts=_cuts(fresh, corpus, question.unit),
        ),
        fresh,
        n_withheld=sum(map(sight.is_withheld, asked_of)),
        n_stale=sum(
            s.segment.document in asked_of and digests[s.segment.document] != s.segment.digest
            for s in coded.segments
        ),
    )


def seen_of_others(answer: Answer, first: int, most: int | None, sight: Sight) -> set[str]:
    """Return the unread documents of which a page, or a whole table, shows what others coded."""
    behind = None if most is None else first + most
    return {
        coded.segment.document
        for coded in answer.retrieved.segments[first:behind]
        if coded.coder != sight.coder and sight.is_covered(coded.segment.document)
    }


def _by(coded: Coded, coders: tuple[str, ...]) -> Coded:
    if not coders:
        return coded
    known = {s.coder for s in coded.segments} | {r.coder for r in coded.readings}
    refuse([f"No coder '{name}'.{nearest(name, known)}" for name in coders if name not in known])
    return coded.by(*coders)


def _standing(coded: Coded, stands: Stands, work: Work, sight: Sight) -> Coded:
    if stands == "coded":
        return firsthand(coded, work.decisions)
    decisions = _open(work.decisions, work, sight)
    unreviewed: Literal["keep", "drop"] = "keep" if stands == "reviewed" else "drop"
    return resolve(coded, decisions, unreviewed=unreviewed, pool=work.coded)


def _open(decisions: Iterable[Decision], work: Work, sight: Sight) -> list[Decision]:
    """Return the decisions on documents whose coding the coder may see: rulings say what others coded."""
    return [
        decision
        for decision in decisions
        if decision.about in work.by_id and not sight.is_withheld(work.by_id[decision.about].segment.document)
    ]


def _cuts(coded: Coded, corpus: Corpus, unit: Unit) -> dict[tuple[str, Unit], Cut]:
    """Return the units of the texts in which something is coded; in others nobody looks for any."""
    bearing = {segment.segment.digest for segment in coded.segments}
    return {(d.digest, unit): _cut(d, unit) if d.digest in bearing else _EMPTY for d in corpus}


@lru_cache(maxsize=16_384)
def _cut(document: Document, unit: Unit) -> Cut:
    return cut(document, unit)
