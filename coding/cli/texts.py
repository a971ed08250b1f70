"""Commands that look into texts: `coding kwic`."""

from __future__ import annotations

from typing import Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app
from coding.cli.show import note, print_json, print_table


@app.command()
def kwic(
    pattern: Annotated[
        str, typer.Argument(help="A phrase in the rule language, such as 'train* .. police'.")
    ],
    *,
    project: ProjectFolder = None,
    case: Annotated[str | None, typer.Option(help="Only documents of this donor.")] = None,
    width: Annotated[int, typer.Option(min=0, max=500, help="Characters of context on each side.")] = 35,
    lemma: Annotated[
        bool, typer.Option("--lemma/--surface", help="Whether a word stands for its inflected forms too.")
    ] = True,
    language: Annotated[str, typer.Option(help="Language of the texts.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Show where a phrase stands, with the words around it."""
    from coding.concordance import kwic as find
    from coding.errors import CodingError, nearest
    from coding.project import Project

    corpus = Project.open(project).corpus
    if case is not None:
        if case not in corpus.known_cases:
            raise CodingError(f"no case '{case}'.{nearest(case, corpus.known_cases)}")
        corpus = corpus.where(donor=case)
    lines = find(corpus, pattern, width=width, language=language, lemma=lemma)
    if as_json:
        print_json(
            [
                {
                    "document": line.segment.document,
                    "start": line.segment.start,
                    "end": line.segment.end,
                    "left": line.left,
                    "hit": line.hit,
                    "right": line.right,
                }
                for line in lines
            ]
        )
        return
    rows = [[line.segment.document, line.left, line.hit, line.right] for line in lines]
    print_table(["document", "before", "hit", "after"], rows, numbers=(1,))
    n_documents = len({line.segment.document for line in lines})
    note(f"{len(lines)} hits in {n_documents} of {len(corpus)} documents.")
