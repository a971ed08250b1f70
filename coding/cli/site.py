"""The coded corpus as a folder of pages: `coding site`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, progress


@app.command()
def site(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the pages.")],
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the coded texts of a study as pages: no server, no script, an address for every passage."""
    from coding.citations import references
    from coding.site import write_site
    from coding.study import run

    opened = open_project(project, as_json=as_json)
    with progress("reading and coding the texts") as say:
        found = run(opened, study)
        say("writing the pages")
        files = write_site(found, out, references=references(opened.root))
    if as_json:
        print_json({"study": found.study.id, "files": [path.as_posix() for path in files]})
        return
    note(f"{len(found.corpus)} {found.texts} on {len(files)} pages in {out}: open index.html there.")
    note("Whole texts and the names of coders are in it: before you publish it, ask who holds the rights.")
