"""Cases that are combinations of values: Japan in 2015, a party in a decade.

A case is a value of a document variable, or of several one value each. Here alone stands how such a
combination is written and in which order combinations come.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coding.model import Value

BESIDE = " · "  # between the values of one case


def variables_of(by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the variables whose values make a case: the one that is named, or several.

    Raises
    ------
    CodingError
        If none is named, or one twice.
    """
    variables = (by,) if isinstance(by, str) else tuple(by)
    if not variables:
        raise CodingError("name the document variable whose values are the cases, such as 'donor'.")
    twice = [name for name, n in Counter(variables).items() if n > 1]
    refuse([f"cases by '{name}' and by '{name}' again. Name it once." for name in twice])
    return variables


def combined(values: Iterable[Value]) -> str:
    """Return a case as it is written: its value, or its values side by side.

    Examples
    --------
    >>> combined(["japan", 2015])
    'japan · 2015'
    """
    return BESIDE.join(map(str, values))


def as_written(case: str | tuple[Value, ...]) -> str:
    """Return a case as it is written, given so or as the values that make it."""
    return case if isinstance(case, str) else combined(case)


def in_order(cases: Iterable[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Return each case once: first values in the order in which they come, those after them sorted.

    Examples
    --------
    >>> in_order([("japan", 2015), ("australia", 2012), ("japan", 2009), ("japan", 2015)])
    [('japan', 2009), ('japan', 2015), ('australia', 2012)]
    """
    once: dict[str, tuple[Value, ...]] = {}
    for case in cases:
        once.setdefault(combined(case), case)
    first = list(dict.fromkeys(str(case[0]) for case in once.values()))
    places = {value: place for place, value in enumerate(first)}
    return sorted(once.values(), key=lambda case: (places[str(case[0])], [_place(v) for v in case[1:]]))


def is_single(value: Value) -> bool:
    """Say whether a document has one value of a variable: neither none nor a list."""
    return value is not None and not isinstance(value, tuple)


def unfit(case: Mapping[str, Value]) -> Iterator[str]:
    """Yield why values, by their variables, make no case."""
    for variable, value in case.items():
        if not is_single(value):
            yield f"no single value of '{variable}'. Give it one."
        elif len(case) > 1 and BESIDE in str(value):
            yield f"'{BESIDE}' in '{variable}' would part two values of a case. Write it otherwise."


def _place(value: Value) -> tuple[bool, float, str]:
    """Return where a value stands among others: numbers by size, then words."""
    if isinstance(value, int | float):
        return False, value, ""
    return True, 0.0, str(value)
