"""Where words stand in a text that a file only quotes: the quote decides, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from coding.errors import CodingError

Span = tuple[int, int]

_LINE_END = re.compile(r"\r\n?")
_SHOWN = 5


def one_line_end(text: str) -> str:
    r"""Return a text with each line end as `\n`, as texts here have them."""
    return _LINE_END.sub("\n", text)


def refuse_missing(name: str, missing: Iterable[str]) -> None:
    """Raise if there is a document that is not here; for files of which nothing could be placed.

    Parameters
    ----------
    missing : what the file calls these documents

    Raises
    ------
    CodingError
        With the first of them, and how many there are.
    """
    said = [f"'{document[:80]}'" for document in dict.fromkeys(missing)]
    if not said:
        return
    documents = "the document" if len(said) == 1 else f"the {len(said)} documents"
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    raise CodingError(
        f"{name}: nothing of it can be placed. It holds no texts, and {documents} that it speaks of "
        f"{'is' if len(said) == 1 else 'are'} not here: {', '.join(said[:_SHOWN])}{more}. Bring the texts in "
        "first (`coding add`), under these ids; or export a .qdpx, which holds them."
    )


def placed(
    text: str,
    quote: str,
    at: Span | None,
    *,
    before: str = "",
    after: str = "",
    same: Callable[[str, str], bool] = str.__eq__,
) -> Span | None:
    """Return where a quote stands: where the file says, if these words are there, else where they are once.

    Parameters
    ----------
    at : where the file says it stands; None where it does not say
    before, after : what stands around it, where the file says so
    same : says whether words of the text are the quote

    Returns
    -------
    (int, int) or None
        None if the words are nowhere, or in several places of which none is `at`.

    Examples
    --------
    >>> placed("One. Two. One.", "One", (10, 13)), placed("One. Two. One.", "One", (9, 12))
    ((10, 13), None)
    >>> placed("One. Two. One.", "One", None, before="Two. ")
    (10, 13)
    """
    quote, before, after = one_line_end(quote), one_line_end(before), one_line_end(after)
    if not quote:
        return None
    if at is not None and 0 <= at[0] < at[1] <= len(text) and same(text[at[0] : at[1]], quote):
        return at
    around = before + quote + after
    first = text.find(around)
    if first < 0 or text.find(around, first + 1) >= 0:
        return None
    return first + len(before), first + len(before) + len(quote)
