"""The web archive: which snapshot of an address is nearest to a date, and where it is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from coding.remote.failure import NotFetched
from coding.remote.visitor import Visitor

_STAMP = re.compile(r"\d{14}")
_MIDDLE = {4: "0701", 6: "15"}  # of a year, of a month: nearest to any day of it


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an archive says what it has, and where it gives it.

    Attributes
    ----------
    asks : its availability API
    gives : what stands before the date of a snapshot
    """

    asks: str = "https://archive.org/wayback/available"
    gives: str = "https://web.archive.org/web/"


ARCHIVE = Archive()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A page as it was.

    Attributes
    ----------
    address : from which the file comes as it was then, without the archive's own words
    date : YYYY-MM-DD
    """

    address: str
    date: str


def snapshot(visitor: Visitor, url: str, date: str, *, archive: Archive = ARCHIVE) -> Snapshot:
    """Return the snapshot of an address that is nearest to a date.

    Parameters
    ----------
    date : 2019, 2019-03 or 2019-03-14

    Raises
    ------
    NotFetched
        If there is none, or the archive does not say.
    """
    when = date.replace("-", "")
    when += _MIDDLE.get(len(when), "")
    question = f"{archive.asks}?{urlencode({'url': url, 'timestamp': when})}"
    answer = visitor.get(question, lambda kind: kind.endswith("json"))
    stamp = _stamp(answer.body)
    if stamp is None:
        raise NotFetched("gone", f"the archive has no snapshot of {url}.")
    return Snapshot(f"{archive.gives}{stamp}id_/{_plain(url)}", dated(stamp))


def dated(stamp: str) -> str:
    """Return the date of a snapshot.

    Examples
    --------
    >>> dated("20190314093000")
    '2019-03-14'
    """
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"


def _stamp(body: bytes) -> str | None:
    """Return when the nearest sound snapshot was made; None if there is none, or the answer is no answer."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotFetched("damaged", "the archive's answer cannot be read.") from error
    for key in ("archived_snapshots", "closest"):
        said = said.get(key) if isinstance(said, dict) else None
    if not isinstance(said, dict) or not said.get("available") or str(said.get("status")) != "200":
        return None
    stamp = str(said.get("timestamp"))
    return stamp if _STAMP.fullmatch(stamp) and stamp.isascii() else None


def _plain(url: str) -> str:
    """Return an address as it stands within another: what is behind `#` is no part of a page."""
    return quote(url.partition("#")[0], safe="/%:@!$&'()*+,;=~-._?[]")
