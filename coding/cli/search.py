"""The command that finds documents: `coding search`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, print_table, progress

if TYPE_CHECKING:
    from coding.fulltext import Found, Passage
    from coding.model import Corpus


@app.command()
def search(
    query: Annotated[
        str,
        typer.Argument(help='Words that must all be there; "a phrase", begin*, this OR that, -without.'),
    ],
    *,
    project: ProjectFolder = None,
    case: Annotated[str | None, typer.Option(help="Only documents of this donor.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Documents shown at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find the documents that say something, the best first; `kwic` shows every place of one phrase."""
    from coding.fulltext import TextIndex

    opened = open_project(project, as_json=as_json)
    corpus = opened.corpus
    only = _of_case(corpus, case)
    with progress("reading the texts"), TextIndex.open(_kept_in(opened.root)) as index:
        index.update(corpus)
        found = index.search(query, limit=limit, documents=only)
        n_found = index.count(query, documents=only)
    if as_json:
        print_json([_json(each, corpus) for each in found])
        return
    rows = [
        [str(place), each.document, str(each.n_hits), *_row(passage)]
        for place, each in enumerate(found, start=1)
        for passage in each.passages
    ]
    print_table(["", "document", "hits", "span", "before", "hit", "after"], rows, numbers=(0, 2))
    n_searched = len(corpus) if only is None else len(only)
    more = f" The best {len(found)} are shown; --limit N shows more." if len(found) < n_found else ""
    note(f"{n_found} of {n_searched} documents.{more}")


def _of_case(corpus: Corpus, case: str | None) -> list[str] | None:
    """Return the documents of a donor; None for all."""
    from coding.errors import CodingError, nearest

    if case is None:
        return None
    if case not in corpus.known_cases:
        raise CodingError(f"no case '{case}'.{nearest(case, corpus.known_cases)}")
    return [document.id for document in corpus.where(donor=case)]


def _kept_in(root: Path) -> Path | None:
    """Return the file of a project's index; None, for one in memory, where no file may be written."""
    from coding.project import shipped

    return root / ".coding" / "search.db" if root != shipped() and os.access(root, os.W_OK) else None


def _row(passage: Passage) -> list[str]:
    """Return the span of the first hit of a passage, as `coding why` takes it, and the text around it."""
    begin, end = passage.start - passage.at, passage.end - passage.at
    shown = passage.snippet
    return [f"{passage.start}:{passage.end}", shown[:begin], shown[begin:end], shown[end:]]


def _json(found: Found, corpus: Corpus) -> dict[str, object]:
    text = corpus[found.document].text
    return {
        "document": found.document,
        "hits": found.n_hits,
        "score": found.score,
        "passages": [
            {
                "start": passage.start,
                "end": passage.end,
                "quote": text[passage.start : passage.end],
                "snippet": {"start": passage.at, "text": passage.snippet},
                "hits": [
                    {"start": start, "end": end, "quote": text[start:end]} for start, end in passage.hits
                ],
            }
            for passage in found.passages
        ],
    }
