"""A paper as a file: which formats there are, and which one a name or an option asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coding.errors import CodingError, choose, closest
from coding.files import replacing
from coding.paper import Paper, latex, markdown, page, plain, word

FORMATS: dict[str, str] = {"markdown": ".md", "latex": ".tex", "docx": ".docx"}
FOR_TEXTS: dict[str, str] = {"text": ".txt", **FORMATS, "html": ".html"}  # for what is more text than table

_WRITERS: dict[str, Callable[[Paper], bytes]] = {
    "markdown": lambda paper: markdown.markdown(paper).encode(),
    "latex": lambda paper: latex.latex(paper).encode(),
    "docx": word.word,
    "html": lambda paper: page.page(paper).encode(),
    "text": lambda paper: plain.plain(paper).encode(),
}


def written(paper: Paper, format: str) -> bytes:  # noqa: A002  the word of the command line
    """Return a paper as the content of a file of one of `FOR_TEXTS`, among which are `FORMATS`."""
    choose(format, list(FOR_TEXTS), "format")
    return _WRITERS[format](paper)


def write(paper: Paper, path: Path, *, format: str | None = None) -> None:  # noqa: A002  the word of the command line
    """Write a paper; without a format the ending of `path` says which.

    Raises
    ------
    CodingError
        If the ending says none, or the file cannot be written; then an earlier file is still there.
    """
    content = written(paper, format or format_of(path, FORMATS))
    with replacing([path]) as (beside,):
        beside.write_bytes(content)


def format_of(path: Path, formats: dict[str, str]) -> str:
    """Return the format that the ending of a name says.

    Raises
    ------
    CodingError
        Naming the endings, if it is none of them.
    """
    for name, suffix in formats.items():
        if path.suffix.lower() == suffix:
            return name
    meant = closest(path.suffix, formats.values())
    known = meant or ", ".join(formats.values())
    raise CodingError(f"{path}: the ending '{path.suffix}' says no format. End the name in {known}.")
