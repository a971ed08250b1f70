"""To which case a unit belongs: its document's, or, in a document about several, those it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from coding.cases import combined, in_order, variables_of
from coding.errors import CodingError
from coding.units import paragraph_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coding.model import Case, Corpus, Document, Segment, Value

NAMED_BY_MENTION = "donor"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The cases of each unit, in the order of the units; `unplaced` units have none that is asked for.

    `known` are all cases: those of the documents, and those that units only name.
    """

    cases: tuple[tuple[str, ...], ...] = field(repr=False)
    unplaced: tuple[Segment, ...]
    known: tuple[str, ...]


def attribute(
    units: Sequence[Segment], corpus: Corpus, *, by: str | Sequence[str], among: Sequence[str] | None = None
) -> Attribution:
    """Return the cases of each unit.

    Parameters
    ----------
    by : str, or sequence of str
        The document variable whose values are the cases, or several: then a case is a combination
        of values. Only for `donor` does a document that is `about` others than its donor alone
        share its units out: a unit goes to the cases it names (all of them), else to the case last
        named before it in its paragraph, else to none; other variables are those of the document.
    among : sequence of str, optional
        The cases asked for; what goes to others only is unplaced. All cases if left out.

    Raises
    ------
    CodingError
        If a document lacks the variable.
    """
    variables = variables_of(by)
    own = corpus.case_of(variables)
    mentioned = NAMED_BY_MENTION in variables
    shared = {d.id: _mentioned(d, corpus) for d in corpus if mentioned and _about(d, corpus)}
    of_units: list[tuple[tuple[Value, ...], ...]] = [
        tuple(
            _with_donor(own[unit.document], variables, donor)
            for donor in shared[unit.document].of(unit.start, unit.end)[0]
        )
        if unit.document in shared
        else (own[unit.document],)
        for unit in units
    ]
    if among is not None:
        of_units = [tuple(case for case in named if combined(case) in among) for named in of_units]
    known = in_order([*own.values(), *(case for named in of_units for case in named)])
    return Attribution(
        cases=tuple(tuple(map(combined, named)) for named in of_units),
        unplaced=tuple(unit for unit, named in zip(units, of_units, strict=True) if not named),
        known=tuple(map(combined, known)),
    )


def _with_donor(case: tuple[Value, ...], variables: tuple[str, ...], donor: str) -> tuple[Value, ...]:
    """Return a case with another donor in it, the rest as it is."""
    values = zip(variables, case, strict=True)
    return tuple(donor if variable == NAMED_BY_MENTION else value for variable, value in values)


def _about(document: Document, corpus: Corpus) -> tuple[str, ...]:
    """Return the known cases that a document is about, unless that is its donor alone."""
    about = document.variables.get("about") or ()
    if isinstance(about, str):
        raise CodingError(f"{document.id}: `about` is a list of cases, not '{about}'.")
    if not isinstance(about, tuple) or set(about) <= {document.variables.get("donor")}:
        return ()
    return tuple(case for case in about if case in corpus.known_cases)


def _mentioned(document: Document, corpus: Corpus) -> Mentioned:
    cases = {case: corpus.known_cases[case] for case in _about(document, corpus)}
    return Mentioned(document.text, mentions(document.text, cases))


Mention = tuple[int, str | None]  # where a name begins, and the case that it names; None for a homonym

# Letters of scripts that part words by spaces. In others a particle follows a name without a gap.
_LETTER = r"[^\W\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]"


class Mentioned:
    """Where a text names cases, and so of which a stretch of it speaks."""

    def __init__(self, text: str, found: Sequence[Mention]) -> None:
        self._found = found
        self._paragraphs = paragraph_spans(text)

    def of(self, start: int, end: int) -> tuple[tuple[str, ...], bool]:
        """Return the cases of which a stretch speaks, and whether it names anybody itself.

        Where it names nobody it speaks of the one last named before it in its paragraph. Whoever names
        only a homonym, or is none of the cases, speaks of no case.
        """
        inside = [case for at, case in self._found if start <= at < end]
        if inside:
            return tuple(dict.fromkeys(case for case in inside if case is not None)), True
        begins = max((first for first, _ in self._paragraphs if first <= start), default=0)
        before = [case for at, case in self._found if begins <= at < start]
        return tuple(case for case in before[-1:] if case is not None), False


def mentions(text: str, cases: Mapping[str, Case]) -> list[Mention]:
    """Return where a text names each case, by name, alias or agency: offset and case, in order.

    Of names that begin at one place the longest counts. Case matters, but for a heading in capitals.
    A homonym is read as a whole and names none of the cases: in "North Korea" there is no "Korea".
    """
    names, owner = _names(tuple(cases.items()))
    if names is None:
        return []
    return [(m.start(), owner[_plain(m.group())]) for m in names.finditer(text)]


def _plain(name: str) -> str:
    """Return a name with single spaces and straight apostrophes, however a text writes it."""
    return " ".join(name.split()).replace("\u2019", "'")


@lru_cache(maxsize=256)
def _names(
    cases: tuple[tuple[str, Case], ...],
) -> tuple[re.Pattern[str] | None, Mapping[str, str | None]]:
    owner: dict[str, str | None] = {_plain(name): None for _, case in cases for name in case.homonyms}
    owner |= {
        _plain(name): case_id
        for case_id, case in cases
        for name in (case.name, *case.aliases, *case.agencies)
    }
    owner.pop("", None)
    owner = {name.upper(): case for name, case in owner.items()} | owner
    if not owner:
        return None, owner
    return re.compile("|".join(_whole(sorted(owner, key=len, reverse=True)))), owner


def _whole(names: Sequence[str]) -> Iterator[str]:
    """Yield what finds names as whole words, the longest first.

    Where a name begins or ends in a script that parts words by spaces, no letter of one may be beside it.
    """
    edges = {name: (_is_letter(name[0]), _is_letter(name[-1])) for name in names}
    for begins, ends in ((True, False), (True, True), (False, True), (False, False)):
        alike = "|".join(_written(name) for name in names if edges[name] == (begins, ends))
        if alike:
            before, behind = (f"(?<!{_LETTER})" if begins else ""), (f"(?!{_LETTER})" if ends else "")
            yield f"{before}(?:{alike}){behind}"


def _is_letter(character: str) -> bool:
    return re.match(_LETTER, character) is not None


def _written(name: str) -> str:
    """Return what finds a name with any white space between its words and either apostrophe."""
    return re.escape(name).replace("'", "['\u2019]").replace(r"\ ", r"\s+")
