"""What can go wrong, said so that the reader knows where, what, and what to do next."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class CodingError(Exception):
    """Something the user can mend. The message says where, what, and what next.

    Attributes
    ----------
    problems : what is wrong, one by one; the message alone where it is one thing
    """

    def __init__(self, message: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems) or (message,)


class Busy(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """Something could not be written at this moment: the same may succeed later."""


class StaleText(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """A segment was made on a text that has changed since."""


class Changed(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """Somebody changed meanwhile what an edit was made on. Nothing was written."""


def installed_by(extra: str) -> str:
    """Return the command that installs an extra of this package."""
    return f"`pip install '.[{extra}]'` in your checkout of Normatrix"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the nearest known name, else the known names.

    Examples
    --------
    >>> nearest("yaer", ["year", "title"])
    " Did you mean 'year'?"
    >>> nearest("zebra", ["year", "title"])
    ' Known: title, year.'
    """
    names = sorted(set(known))
    close = closest(name, names)
    if close:
        return f" Did you mean '{close}'?"
    if not names:
        return " None is known."
    shown = ", ".join(names[:12])
    return f" Known: {shown}{', ...' if len(names) > 12 else ''}."


def closest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that a written one most likely means; None if none is as like as `cutoff`."""
    close = get_close_matches(name, sorted(set(known)), n=1, cutoff=cutoff)
    return close[0] if close else None


def choose(value: str, allowed: Sequence[str], what: str) -> None:
    """Raise unless `value` is one of the `allowed` values of the setting `what`.

    Raises
    ------
    CodingError
        Naming the nearest allowed value.
    """
    if value not in allowed:
        text = f"{what}: '{value}' is not one of {', '.join(allowed)}."
        raise CodingError(text + (nearest(value, allowed) if isinstance(value, str) else ""))


def refuse(problems: Sequence[str]) -> None:
    """Raise one error that lists all `problems`, counted; do nothing if there are none."""
    if len(problems) == 1:
        raise CodingError(problems[0])
    if problems:
        raise CodingError("\n".join([f"{len(problems)} problems:", *problems]), problems)
