"""To which case a unit belongs: its document's, or, in a document about several, those it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.units import paragraph_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coding.model import Case, Corpus, Document, Segment

NAMED_BY_MENTION = "donor"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The cases of each unit, in the order of the units; `unplaced` units have none."""

    cases: tuple[tuple[str, ...], ...] = field(repr=False)
    unplaced: tuple[Segment, ...]


def attribute(units: Sequence[Segment], corpus: Corpus, *, by: str) -> Attribution:
    """Return the cases of each unit.

    Parameters
    ----------
    by : str
        The document variable whose values are the cases. Only for `donor` does a document that
        is `about` several cases share its units out: a unit goes to the cases it names (all of
        them), else to the case last named before it in its paragraph, else to none.

    Raises
    ------
    CodingError
        If a document lacks the variable.
    """
    own = {d.id: case for case, documents in corpus.cases(by).items() for d in documents}
    shared = {d.id: _Mentions(d, corpus) for d in corpus if by == NAMED_BY_MENTION and _about(d, corpus)}
    cases = tuple(
        shared[unit.document].of(unit) if unit.document in shared else (own[unit.document],) for unit in units
    )
    unplaced = tuple(unit for unit, named in zip(units, cases, strict=True) if not named)
    return Attribution(cases, unplaced)


def _about(document: Document, corpus: Corpus) -> tuple[str, ...]:
    """Return the cases that a document is about, if they are several and known."""
    about = document.variables.get("about") or ()
    if isinstance(about, str):
        raise CodingError(f"{document.id}: `about` is a list of cases, not '{about}'.")
    named = tuple(case for case in about if case in corpus.known_cases) if isinstance(about, tuple) else ()
    return named if len(named) > 1 else ()


class _Mentions:
    """Where a document names the cases that it is about."""

    def __init__(self, document: Document, corpus: Corpus) -> None:
        self._found = mentions(document.text, {c: corpus.known_cases[c] for c in _about(document, corpus)})
        self._paragraphs = paragraph_spans(document.text)

    def of(self, unit: Segment) -> tuple[str, ...]:
        inside = [case for at, case in self._found if unit.start <= at < unit.end]
        if inside:
            return tuple(dict.fromkeys(inside))
        begins = max((start for start, _ in self._paragraphs if start <= unit.start), default=0)
        before = [case for at, case in self._found if begins <= at < unit.start]
        return tuple(before[-1:])


def mentions(text: str, cases: Mapping[str, Case]) -> list[tuple[int, str]]:
    """Return where a text names each case, by name, alias or agency: offset and case, in order.

    Of names that begin at one place the longest counts. Case matters: a state's name is a name.
    A homonym is read as a whole and names nobody: in "North Korea" there is no "Korea".
    """
    owner: dict[str, str | None] = {name: None for case in cases.values() for name in case.homonyms}
    owner |= {
        name: case_id
        for case_id, case in cases.items()
        for name in (case.name, *case.aliases, *case.agencies)
    }
    if not owner:
        return []
    names = "|".join(re.escape(name) for name in sorted(owner, key=len, reverse=True))
    found = re.finditer(rf"(?<!\w)(?:{names})(?!\w)", text)
    return [(m.start(), case) for m in found if (case := owner[m.group()]) is not None]
