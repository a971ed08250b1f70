"""Which kinds of files are texts; what a file is, its first bytes say better than its server."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from coding.remote.connection import Answer
from coding.remote.failure import NotFetched

_HEAD = 1024
_PAGES = ("text/html", "application/xhtml+xml")
_TEXTS = ("text/plain",)
_ARCHIVES = {
    "application/epub+zip": ".epub",
    "application/vnd.oasis.opendocument.text": ".odt",
}
_TAKEN = (
    *_PAGES, *_TEXTS, *_ARCHIVES,
    "application/pdf", "application/x-pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    # of which anything may be said:
    "", "application/octet-stream", "binary/octet-stream", "application/force-download",
    "application/x-download", "application/download", "application/zip", "application/x-zip-compressed",
)  # fmt: skip
_PAGE = re.compile(rb"<!doctype\s+html|<html\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def takes(kind: str) -> bool:
    """Say whether a file that its server calls so may be a text.

    Examples
    --------
    >>> takes("application/pdf"), takes("image/png")
    (True, False)
    """
    return kind in _TAKEN


def suffix(answer: Answer) -> str:
    """Return the suffix of the format of an answer.

    Raises
    ------
    NotFetched
        If it is no web page, PDF, Word or OpenDocument file, book or plain text.
    """
    head = answer.body[:_HEAD]
    if b"%PDF-" in head:
        return ".pdf"
    if head.startswith(b"PK"):
        return _of_archive(answer)
    if answer.type in _PAGES or _PAGE.search(head):
        return ".html"
    if answer.type in _TEXTS:
        return ".txt"
    raise NotFetched(
        "wrong type", f"{answer.url} is a file that no format reads ({answer.type or 'unnamed'})."
    )


def charset(answer: Answer) -> str | None:
    """Return the encoding that a server says its answer has; None if it says none."""
    found = _CHARSET.search(answer.headers.get("content-type", ""))
    return found[1] if found else None


def _of_archive(answer: Answer) -> str:
    try:
        with ZipFile(BytesIO(answer.body)) as archive:
            names = set(archive.namelist())
            said = ""
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    said = member.read(100).decode("ascii", "replace").strip()
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise NotFetched("damaged", f"{answer.url} is a damaged archive.") from error
    if "word/document.xml" in names:
        return ".docx"
    if said in _ARCHIVES:
        return _ARCHIVES[said]
    raise NotFetched("wrong type", f"{answer.url} is an archive that is no text.")
