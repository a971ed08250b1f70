"""Conditions on document variables as people write them: `donor=japan,south-korea year=2015..2020`.

    condition    =  variable , "=" , alternative , { "," , alternative } ;
    alternative  =  value | value , ".." , [ value ] | ".." , value ;

A value with a space, a comma or two dots is put in quotation marks. Both ends of a range belong to it. Letter
case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from coding.errors import CodingError, closest, nearest, refuse

if TYPE_CHECKING:
    from coding.model import Corpus, Document, Value

_CONDITION = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?")


def conditions(texts: Iterable[str], corpus: Corpus) -> dict[str, frozenset[Value]]:
    """Return for each variable the values that meet its condition, as `Corpus.where` takes them.

    Parameters
    ----------
    texts : each holds any number of conditions; all must be met, and of each any alternative

    Raises
    ------
    CodingError
        Listing everything wrong: an unknown variable or value with the nearest known one, what is no
        condition, a variable that stands twice, a range that is none.

    Examples
    --------
    >>> from coding.model import Corpus, Document
    >>> corpus = Corpus(tuple(Document(str(year), "-", {"year": year}) for year in range(2013, 2018)))
    >>> conditions(["year=2013,2016.."], corpus) == {"year": {2013, 2016, 2017}}
    True
    """
    met: dict[str, frozenset[Value]] = {}
    problems = []
    for text in texts:
        for match in _CONDITION.finditer(text):
            try:
                variable, values = _condition(match.group(), corpus)
            except CodingError as error:
                problems += [f"'{match.group()}': {problem}" for problem in error.problems]
                continue
            if variable in met:
                problems.append(
                    f"'{match.group()}': '{variable}' stands twice. Put its values into one: {variable}=a,b."
                )
            met[variable] = values
    refuse(problems)
    return met


def values_of(document: Document, variable: str) -> tuple[Value, ...]:
    """Return the values that a document has for a variable, each once; none if it has none."""
    value = document.variables.get(variable)
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(value))
    return () if value is None else (value,)


def refuse_unknown_variable(variable: str, corpus: Corpus) -> None:
    """Raise if no document of a corpus has a variable, naming the nearest that one has."""
    known = {name for document in corpus for name in document.variables}
    if variable not in known:
        raise CodingError(f"no document has a variable '{variable}'.{nearest(variable, known)}")


def _condition(written: str, corpus: Corpus) -> tuple[str, frozenset[Value]]:
    variable, sign, asked = written.partition("=")
    if not sign or not variable:
        raise CodingError("is no condition. Write variable=value; a value with spaces in quotation marks.")
    if written.count('"') % 2:
        raise CodingError("a quotation mark is never closed.")
    refuse_unknown_variable(variable, corpus)
    known = tuple(dict.fromkeys(value for document in corpus for value in values_of(document, variable)))
    problems: list[str] = []
    met: set[Value] = set()
    for alternative in _COMMA.split(asked):
        try:
            met |= _meeting(alternative, variable, known)
        except CodingError as error:
            problems.append(str(error))
    refuse(problems)
    return variable, frozenset(met)


def _meeting(alternative: str, variable: str, known: Sequence[Value]) -> set[Value]:
    """Return the known values that one alternative means; there must be one."""
    if ".." in alternative and '"' not in alternative:
        low, _, high = alternative.partition("..")
        _refuse_bounds(low, high)
        met = {value for value in known if _lies_between(str(value), low, high)}
        if not met:
            raise CodingError(f"no document has a '{variable}' in the range {alternative}.")
        return met
    wanted = alternative.replace('"', "")
    if not wanted:
        raise CodingError("a value is missing.")
    folded = {str(value).casefold(): str(value) for value in known}
    if wanted.casefold() not in folded:
        near = closest(wanted.casefold(), folded)
        meant = f" Did you mean '{folded[near]}'?" if near else nearest(wanted, folded.values())
        raise CodingError(f"no document has '{wanted}' as '{variable}'.{meant}")
    return {value for value in known if str(value).casefold() == wanted.casefold()}


def _refuse_bounds(low: str, high: str) -> None:
    """Raise unless these are the ends of a range, of which one may be open."""
    for bound in (low, high):
        if bound and not _NUMBER.fullmatch(bound) and not _DATE.fullmatch(bound):
            raise CodingError(f"'{bound}' is no end of a range. Write numbers or dates, such as 2015..2020.")
    if not low and not high:
        raise CodingError("a range needs an end. Write 2015.., ..2020 or 2015..2020.")


def _lies_between(value: str, low: str, high: str) -> bool:
    """Say whether a value lies in a range: a number by size, a date letter by letter.

    >>> _lies_between("9.5", "9", "10"), _lies_between("2020-12-31", "2019-03", "2020")
    (True, True)
    """
    if all(_NUMBER.fullmatch(text) for text in (value, low, high) if text):
        return (not low or float(low) <= float(value)) and (not high or float(value) <= float(high))
    return bool(_DATE.fullmatch(value)) and low <= value and (not high or value[: len(high)] <= high)
