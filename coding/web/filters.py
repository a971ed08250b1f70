"""Which documents a page is about, as its address says: of which donors and years, of what kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from coding.conditions import conditions, values_of
from coding.errors import CodingError, nearest, refuse

if TYPE_CHECKING:
    from coding.model import Corpus

_LAST_YEAR = 9999
_Values = Annotated[list[str] | None, Query(max_length=200)]
_Year = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as it was written; nothing where nothing was.

    Attributes
    ----------
    where : conditions on any variable, as `coding.conditions` reads them
    """

    donor: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    fidelity: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    where: str = ""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The parameters of an address that asks for the same."""
        single = (("from", self.first), ("to", self.last), ("where", self.where))
        several = (("donor", self.donor), ("fidelity", self.fidelity), ("kind", self.kind))
        return (
            *((name, value) for name, values in several for value in values),
            *((name, value) for name, value in single if value),
        )

    def chosen(self, corpus: Corpus) -> Corpus:
        """Return the documents that meet everything asked for.

        Raises
        ------
        CodingError
            Listing everything that no document can meet.
        """
        if not self.pairs or not corpus.documents:
            return corpus
        problems: list[str] = []
        wanted: dict[str, Iterable[object]] = {}
        for variable, values in (
            ("donor", self.donor),
            ("fidelity", self.fidelity),
            ("source_kind", self.kind),
        ):
            known = {str(value) for document in corpus for value in values_of(document, variable)}
            problems += [
                f"No document has '{value}' as '{variable}'.{nearest(value, known)}"
                for value in values
                if value not in known
            ]
            if values:
                wanted[variable] = frozenset(values)
        if self.first or self.last:
            try:
                wanted["year"] = _years(self.first, self.last)
            except CodingError as error:
                problems += error.problems
        try:
            besides = conditions([self.where], corpus)
        except CodingError as error:
            problems += error.problems
        refuse(problems)
        return corpus.where(**wanted).where(**besides)  # type: ignore[arg-type]


NO_FILTERS = Filters()


def asked_filters(
    donor: _Values = None,
    first: Annotated[_Year, Query(alias="from")] = "",
    last: Annotated[_Year, Query(alias="to")] = "",
    fidelity: _Values = None,
    kind: _Values = None,
    where: Annotated[str, Query(max_length=2000)] = "",
) -> Filters:
    """Return the filters of a request."""
    return Filters(_given(donor), first.strip(), last.strip(), _given(fidelity), _given(kind), where.strip())


Asked = Annotated[Filters, Depends(asked_filters)]


def address(path: str, *pairs: tuple[str, str]) -> str:
    """Return the address of a page with parameters; empty ones are left out.

    Examples
    --------
    >>> address("/library", ("q", "a&b"), ("page", ""))
    '/library?q=a%26b'
    """
    given = [(name, value) for name, value in pairs if value]
    return f"{path}?{urlencode(given)}" if given else path


def choices(corpus: Corpus) -> dict[str, list[tuple[str, str, int]]]:
    """Return what can be chosen: for each filter the values, the names shown, and how many documents."""
    found = {}
    for name, variable in (("donor", "donor"), ("fidelity", "fidelity"), ("kind", "source_kind")):
        counts = Counter(str(value) for document in corpus for value in values_of(document, variable))
        shown = corpus.name if name == "donor" else str
        found[name] = [(value, shown(value), n) for value, n in counts.items()]
    return found


def _given(values: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values or () if value))


def _years(first: str, last: str) -> range:
    wrong = [
        f"'{year}' is no year. Write it with four digits, such as 2015."
        for year in (first, last)
        if year and not (year.isascii() and year.isdigit() and len(year) == len("2015"))
    ]
    refuse(wrong)
    low, high = int(first or 0), int(last or _LAST_YEAR)
    if low > high:
        raise CodingError(f"From {low} to {high} there is no year. Exchange them.")
    return range(low, high + 1)
