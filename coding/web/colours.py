"""Which of the seven colours a code has, the same on every page: its category's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.codebook import Codebook

_OTHERS = 6


def colour(codebook: Codebook, code: str) -> int:
    """Return the number of a code's colour (`--code-0` to `--code-6` of the styles).

    The first six top-level codes have one each, and what is below them with them; the rest, and codes
    that are not in the codebook, share the last.

    Examples
    --------
    >>> from coding.codebook import Code, Codebook
    >>> book = Codebook("book", "1.0.0", (Code("a", "A", "d"), Code("a.b", "B", "d", parent="a")))
    >>> colour(book, "a.b"), colour(book, "unknown")
    (0, 6)
    """
    if code not in codebook:
        return _OTHERS
    tops = [each.id for each in codebook.codes if each.parent is None]
    return min(tops.index((code, *codebook.ancestors(code))[-1]), _OTHERS)
