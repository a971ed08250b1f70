"""The originals of digests fetched: from the address that the case file names, else from the web archive.

Document by document: what came is kept at once with a line that says where it is from, so that whoever stops
loses nothing and a second run asks only for what is not there.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding import sources
from coding.errors import CodingError, nearest, refuse
from coding.formats.encodings import as_declared
from coding.formats.html import declared_encoding
from coding.identifying import identified
from coding.model import Document, digest_of
from coding.originals import Fetched, How, Originals, originals_of
from coding.remote import kinds
from coding.remote.archive import ARCHIVE, Archive, dated, snapshot
from coding.remote.failure import Kind, NotFetched
from coding.remote.visitor import Visitor
from coding.sources import Source, Wanted

if TYPE_CHECKING:
    from coding.project import Project
    from coding.remote.connection import Answer

Told = Callable[[str], None]

FINAL: tuple[Kind, ...] = ("unsafe", "robots")  # after which an archive is not asked either

_LEAST = 300  # characters; what a page of fewer says is mostly that it is not there
_LATER = re.compile(r"/web/(\d{14})[a-z_]*/")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a document.

    Attributes
    ----------
    fetched : its line of the journal; without `at` if nothing was asked yet
    is_new : whether it came now; False if it was there already, or is missing
    """

    fetched: Fetched
    is_new: bool


def chosen_digests(project: Project, documents: Sequence[str], donor: str | None) -> tuple[Document, ...]:
    """Return the digests whose originals are meant: all if none is named.

    Parameters
    ----------
    documents : ids
    donor : id of a case; its documents are meant

    Raises
    ------
    CodingError
        If there is no such document or donor, or a document that is named is no digest.
    """
    corpus = project.corpus
    if donor is not None and donor not in corpus.known_cases:
        raise CodingError(f"no case '{donor}'.{nearest(donor, corpus.known_cases)}")
    named = [corpus[name] for name in documents]
    refuse(
        [
            f"{document.id} is no digest but {document.variables['fidelity']}, and has no other original."
            for document in named
            if document.variables["fidelity"] != "digest"
        ]
    )
    pool = named or [each for each in corpus if each.variables["fidelity"] == "digest"]
    return tuple(each for each in pool if donor in (None, each.variables["donor"]))


def looked(project: Project, digests: Sequence[Document]) -> tuple[Result, ...]:
    """Return how things stand; nothing is asked, and nothing written."""
    kept = originals_of(project)
    return tuple(Result(_standing(kept, digest), is_new=False) for digest in digests)


def fetch(
    project: Project,
    digests: Sequence[Document],
    visitor: Visitor,
    *,
    archive: Archive = ARCHIVE,
    told: Told = lambda _: None,
) -> Iterator[Result]:
    """Yield for each digest what became of its original, once that is on disk.

    Parameters
    ----------
    visitor : asks the servers
    told : is told what is being done

    Raises
    ------
    CodingError
        If somebody else is fetching, or the folder cannot be written.
    """
    with _alone(project):
        kept = originals_of(project)
        for n, digest in enumerate(digests, 1):
            told(f"{n} of {len(digests)}: {digest.id}")
            standing = _standing(kept, digest)
            if standing.is_there and kept.has_text(standing):
                yield Result(standing, is_new=False)
                continue
            raw = kept.raw(standing)
            found = _found(digest, visitor, archive) if raw is None else _again(standing, raw)
            kept = kept.keep(found.fetched, raw=found.raw, text=found.text)
            yield Result(found.fetched, is_new=found.fetched.is_there)


def take(
    project: Project, digest: Document, path: Path, visitor: Visitor, *, encoding: str | None = None
) -> Result:
    """Keep a file that a reader has saved as the original of a digest, in the place of any other.

    Parameters
    ----------
    encoding : of a text that is not UTF-8

    Raises
    ------
    CodingError
        If the file cannot be read, or holds no text.
    """
    raw, _ = sources.digest(path)
    if not sources.is_taken_out(path) and path.suffix.lower() != ".txt":
        raise CodingError(f"{path}: no format reads {path.suffix or 'it'}. Save it as html, pdf or txt.")
    with _alone(project):
        standing = Fetched(digest.id, _url(digest), "by hand", path.name, at=_hour(visitor))
        found = _read(standing, raw, path.suffix.lower(), Wanted(encoding))
        originals_of(project).keep(found.fetched, raw=found.raw, text=found.text)
    return Result(found.fetched, is_new=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """What came: its line, its file and its text."""

    fetched: Fetched
    raw: bytes = b""
    text: str = ""


def _standing(kept: Originals, digest: Document) -> Fetched:
    """Return the line of a digest; that of a missing one if its file is gone."""
    line = kept.line(digest)
    if line.is_there and kept.raw(line) is None:
        return Fetched(digest.id, line.url, "missing")
    return line


def _found(digest: Document, visitor: Visitor, archive: Archive) -> _Found:
    """Return the original of a digest: from its address, else from the archive, else why there is none."""
    url = _url(digest)
    missing = Fetched(digest.id, url, "missing", at=_hour(visitor))
    if not url:
        return _Found(replace(missing, why=("its case file names no address.",)))
    try:
        return _from(digest, url, "live", visitor)
    except NotFetched as error:
        first = error
    if first.kind in FINAL:
        return _Found(replace(missing, why=(str(first),)))
    try:
        there = snapshot(visitor, url, _cited(digest), archive=archive)
        found = _from(digest, there.address, "archive", visitor)
    except NotFetched as error:
        return _Found(replace(missing, why=(str(first), str(error))))
    return replace(found, fetched=replace(found.fetched, why=(str(first),)))


def _from(digest: Document, address: str, how: How, visitor: Visitor) -> _Found:
    """Return what comes from an address, if it is a text."""
    answer = visitor.get(address, kinds.takes)
    if how == "live" and answer.url.target == "/" and not _is_front(address):
        raise NotFetched("gone", f"{address} sends to the front page of {answer.url.host}.")
    stamp = _LATER.search(str(answer.url)) if how == "archive" else None
    line = Fetched(
        document=digest.id,
        url=_url(digest),
        how=how,
        address=str(answer.url),
        snapshot=dated(stamp[1]) if stamp else "",
        at=_hour(visitor),
    )
    suffix = kinds.suffix(answer)
    try:
        found = _read(line, answer.body, suffix, Wanted(encoding=_encoding(answer, suffix)))
    except CodingError as error:
        raise NotFetched("unreadable", f"{answer.url} cannot be read: {error}") from error
    if len(found.text) < _LEAST:
        raise NotFetched("gone", f"{answer.url} holds {len(found.text)} characters, hardly a document.")
    return found


def _again(line: Fetched, raw: bytes) -> _Found:
    """Return an original whose text is taken out of its file once more."""
    encoding = re.search(r", (\S+) \(as given\)", line.read_as)
    return _read(line, raw, Path(line.file).suffix, Wanted(encoding=encoding[1] if encoding else None))


def _read(line: Fetched, raw: bytes, suffix: str, wanted: Wanted) -> _Found:
    """Return what stands in a file, taken out as `coding add` does it."""
    donor, _, name = line.document.partition("/")
    sha256 = hashlib.sha256(raw).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"original{suffix}"
        path.write_bytes(raw)
        try:
            (source,) = sources.read(path, raw, sha256, donor=donor, wanted=wanted)
        except CodingError as error:
            said = [problem.replace(f"{path}", "the file") for problem in error.problems]
            raise CodingError("; ".join(said)) from error
    language = identified(source.text)
    return _Found(
        replace(
            line,
            file=f"{name}{suffix}",
            sha256=sha256,
            digest=digest_of(source.text),
            language=language.language if language.is_sure else "",
            read_as=source.read.get("read_as", source.format),
            notes=tuple(_notes(source)),
        ),
        raw=raw,
        text=source.text,
    )


def _notes(source: Source) -> Iterator[str]:
    yield from source.notes
    if source.dropped:
        yield f"Left out: {', '.join(f'{kind}: {n}' for kind, n in source.dropped.items())}."


def _encoding(answer: Answer, suffix: str) -> str | None:
    """Return the encoding that a server says, unless the page says one itself: servers know less of it."""
    if suffix not in (".html", ".txt") or (suffix == ".html" and declared_encoding(answer.body)):
        return None
    said = kinds.charset(answer)
    return None if said is None else as_declared(said)


def _url(digest: Document) -> str:
    return str(digest.variables.get("url") or "")


def _cited(digest: Document) -> str:
    """Return the date of a document, at least its year."""
    return str(digest.variables.get("date") or digest.variables["year"])


def _is_front(address: str) -> bool:
    return re.fullmatch(r"https?://[^/?#]+/?(#.*)?", address) is not None


def _hour(visitor: Visitor) -> str:
    return visitor.now.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    """Let nobody else fetch into a project for a block."""
    from filelock import FileLock, Timeout

    kept = project.root / ".coding"
    try:
        kept.mkdir(exist_ok=True)
        with FileLock(kept / "fetch.lock", timeout=0):
            yield
    except Timeout as error:
        raise CodingError("Originals are being fetched for this project already. Wait for that.") from error
