"""Commands for codebooks as such: `coding codebook ...`, `coding schema`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project, own_codebook
from coding.cli.show import is_piped, note, print_entry, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.codebook import Codebook
    from coding.differences import Difference
    from coding.project import Project

codebook_app = typer.Typer(
    help="Compare, export, import, print and change codebooks.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(codebook_app, name="codebook")

Named = Annotated[str, typer.Argument(help="Id of a codebook of the project, or a YAML file.")]


@codebook_app.command()
def diff(
    old: Named,
    new: Named,
    *,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two codebooks, code by code and rule by rule."""
    from coding.differences import compare

    opened = open_project(project, as_json=as_json)
    first, second = named_codebook(opened, old), named_codebook(opened, new)
    found = compare(first, second)
    if as_json:
        _print_json(found)
        return
    _print_differences(found)
    n_found = f"{len(found) or 'no'} difference{'' if len(found) == 1 else 's'}"
    if (first.id, first.version) != (second.id, second.version):
        note(f"{first.id} {first.version} to {second.id} {second.version}: {n_found}.")
        return
    note(f"Both are {first.id} {first.version}: {n_found}.")
    if found:
        note(
            "The content has changed, the version has not: whoever reads that version cannot tell which of "
            "the two was meant. Raise `version` in the later one; `coding codebook apply` asks for it."
        )


@codebook_app.command("export")
def export_(
    codebook: Named,
    file: Annotated[Path, typer.Argument(help="A file that ends in .xlsx or .csv.")],
    *,
    project: ProjectFolder = None,
) -> None:
    """Write a codebook as a workbook, or as CSV files beside one another."""
    from coding.formats.codebook_tables import write_tables

    files = write_tables(file, named_codebook(open_project(project, as_json=False), codebook))
    note(f"Written: {', '.join(map(str, files))}.")


@codebook_app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="A table (.xlsx, .csv) or a dictionary of words (.yaml, .dic, .txt).")
    ],
    *,
    id: Annotated[str, typer.Option(help="Id of the codebook that is made.")],  # noqa: A002
    project: ProjectFolder = None,
    format: Annotated[  # noqa: A002
        str | None, typer.Option(help="table, quanteda, liwc or words; else by suffix and content.")
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave out words that no rule can say, and name them.")
    ] = False,
) -> None:
    """Make codebooks/ID.yaml of a table or of a dictionary of words."""
    from coding.importing import import_codebook
    from coding.project import Project

    # Without --project the working directory, never the shipped material: there nothing is written.
    opened = Project.open(project or Path.cwd())
    made = import_codebook(opened, file, codebook=id, format=format, leave_out=leave_out)
    for left in made.left_out:
        note(f"Left out: {left}")
    rules = sum(len(code.rules) for code in made.codebook.codes)
    note(f"Written: {made.file}, {len(made.codebook.codes)} codes, {rules} rules. Run `coding check`.")


@codebook_app.command()
def page(
    codebook: Annotated[
        str | None,
        typer.Argument(help="Id of a codebook or a YAML file; else the codebook of the project's study."),
    ] = None,
    *,
    project: ProjectFolder = None,
    format: Annotated[str, typer.Option(help="html or markdown.")] = "html",  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="File to write; else standard output.")] = None,
) -> None:
    """Write a codebook as a page to read, print and append: definitions, notes, examples, rules in words."""
    from coding.codebook_page import page as render
    from coding.files import replacing
    from coding.formats.text import write_text

    text = render(named_codebook(open_project(project, as_json=False), codebook), format=format)
    if out is None:
        typer.echo(text, nl=False)
        return
    with replacing([out]) as (beside,):
        write_text(beside, text)
    note(f"Written: {out}.")


@codebook_app.command("apply")
def apply_(
    changes: Annotated[Path, typer.Argument(help="A change file: codebook, version, steps.")],
    *,
    project: ProjectFolder = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the next version of a codebook, and the map that carries codings from the old ids to the new."""
    from coding.changing import apply_changes
    from coding.differences import compare
    from coding.project import Project

    applied = apply_changes(Project.open(project or Path.cwd()), changes)
    if not dry_run:
        applied.write()
    found = compare(applied.revised.old, applied.revised.new)
    if as_json:
        _print_json(found)
    else:
        _print_differences(found)
    for one in applied.revised.through:
        if len(one.new) > 1:
            note(f"Codings of '{one.old}' need a person: {' or '.join(one.new)}.")
    if dry_run:
        note("Nothing was written.")
    else:
        note(f"Written: {applied.codebook}, {applied.map}. Run `coding check`: studies may name old ids.")


@app.command()
def schema(
    file: Annotated[str, typer.Argument(help="codebook, case, study or changes.")],
) -> None:
    """Print the JSON schema of a kind of file, with which an editor completes and checks it."""
    from coding.schema import schema as of

    print_json(of(file))


def named_codebook(project: Project, named: str | None) -> Codebook:
    """Return a codebook by its id or file; that of the project's study if none is named."""
    from coding.formats.codebook import read_codebook

    if named is None:
        return own_codebook(project)
    path = Path(named)
    return read_codebook(path) if path.suffix in (".yaml", ".yml") else project.codebook(named)


def _print_json(found: Sequence[Difference]) -> None:
    from dataclasses import asdict

    print_json([asdict(difference) for difference in found])


def _print_differences(found: Sequence[Difference]) -> None:
    """Print differences: for a reader what was taken out and came in, for a script both versions whole."""
    from coding.differences import in_short

    if is_piped():
        rows = [[d.kind, d.code, d.what, d.old or "", d.new or ""] for d in found]
        print_table(["", "code", "what", "old", "new"], rows)
        return
    for each in found:
        print_entry(": ".join(filter(None, (each.code, each.what))), each.kind, in_short(each))
