"""The application that commands join, and the options that several share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.show import note

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Corpus, Document
    from coding.project import Project

app = typer.Typer(
    name="coding",
    help="Code donor documents by a codebook, compare the donors, open every number to its passages.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ProjectFolder = Annotated[
    Path | None,
    typer.Option(
        "--project",
        "-p",
        help="Folder of the project; else the working directory if it is one, else the shipped material.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value, for scripts.")]


@app.callback(invoke_without_command=True)
def about(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """Code donor documents by a codebook, compare the donors, open every number to its passages."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"normatrix {installed('normatrix')}")
        raise typer.Exit


def open_project(folder: Path | None, *, as_json: bool) -> Project:
    """Return the project of a command; unless a script listens, say when it is the shipped one."""
    from coding.project import Project

    opened = Project.open(folder)
    if folder is None and opened.root != Path.cwd() and not as_json:
        note("There is no project here (corpus/ and codebooks/): this is the material of Normatrix.")
    return opened


def open_own(folder: Path | None) -> Project:
    """Return the project of a command that writes into it; never the shipped material.

    Raises
    ------
    CodingError
        If there is no project here: what is written would be lost with the next update.
    """
    from coding.errors import CodingError
    from coding.project import Project

    opened = Project.open(folder)
    if not is_own(folder, opened):
        raise CodingError(
            "There is no project here. Make one with `coding init NAME`, or name it (--project)."
        )
    return opened


def is_own(folder: Path | None, opened: Project) -> bool:
    """Say whether a project was named or is the working directory: the shipped one is neither."""
    return folder is not None or opened.root == Path.cwd()


def chosen(corpus: Corpus, documents: list[str] | None) -> Corpus:
    """Return the documents of these ids, and all of the donors named so; all if nothing is named."""
    from coding.model import Corpus as Some

    if not documents:
        return corpus
    found: list[Document] = []
    for name in documents:
        of_case = [d for d in corpus if d.variables.get("donor") == name]
        found += of_case or [corpus[name]]
    return Some(tuple(dict.fromkeys(found)), corpus.known_cases)


def me() -> str:
    """Return the name of who is logged in, as that of a coder."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "coder"
    return "".join(c for c in name if c.isalnum() or c in "._-@").lstrip("._-@") or "coder"


def own_codebook(project: Project) -> Codebook:
    """Return the codebook of the project's study; without a single study, the only codebook."""
    from coding.errors import CodingError
    from coding.study import read_checked

    if project.study or len(project.studies) == 1:
        return read_checked(project)[1]
    if len(project.codebooks) == 1:
        return project.codebook(project.codebooks[0])
    known = ", ".join(project.codebooks) or "there is none in codebooks/"
    raise CodingError(f"name a codebook with --codebook: {known}.")
