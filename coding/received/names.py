"""Names that nothing else has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Names:
    """Gives each the name that is wanted, or that with the next number behind it.

    Capital and small letters are one: there are disks that think so.
    """

    def __init__(self, taken: Iterable[str] = (), *, between: str) -> None:
        self._taken = {name.casefold() for name in taken}
        self._between = between
        self._last: dict[str, int] = {}

    def free(self, wanted: str) -> str:
        """Return a name that was not taken, and take it.

        Examples
        --------
        >>> names = Names(["report"], between="-")
        >>> names.free("Report"), names.free("report"), names.free("speech")
        ('Report-2', 'report-3', 'speech')
        """
        key, name = wanted.casefold(), wanted
        number = self._last.get(key, 1)
        while name.casefold() in self._taken:
            number += 1
            name = f"{wanted}{self._between}{number}"
        self._last[key] = number
        self._taken.add(name.casefold())
        return name
