"""Why a file did not come."""

from __future__ import annotations

from typing import Literal

from coding.errors import CodingError

Kind = Literal[
    "unsafe",  # nothing that is asked for: another scheme, a private network
    "robots",  # the site asks programs not to read it
    "gone",
    "refused",
    "busy",
    "unreachable",
    "slow",
    "redirects",
    "too large",
    "wrong type",
    "damaged",
    "unreadable",
]


class NotFetched(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """A file did not come.

    Attributes
    ----------
    kind : why, in a word or two
    """

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind
