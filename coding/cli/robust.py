"""The command that decides a study otherwise: `coding robustness`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, progress

if TYPE_CHECKING:
    from coding.project import Project
    from coding.robustness import Multiverse, Spread, Summary


@app.command()
def robustness(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the results; a folder of the study's name is made in it.")
    ] = Path("out"),
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Draw a specification curve for each finding.")
    ] = True,
    jobs: Annotated[
        int, typer.Option(min=0, help="Processes that compute; 0: more than one where that pays.")
    ] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute also what is kept already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a study in every universe of its grid: how far the verdicts hang on its decisions."""
    from coding.kept_universes import keep_universes, kept_figures, kept_universes, summary_json
    from coding.robustness import checked

    opened = open_project(project, as_json=as_json)
    folder = out / checked(opened, study)[0].id
    found = None if fresh else kept_universes(opened, study, folder)
    is_kept = found is not None
    if found is None:
        found = _computed(opened, study, jobs)
    if not is_kept or (figures and len(kept_figures(found, folder)) < len(found.findings)):
        with progress("drawing figures" if figures else "writing"):
            keep_universes(found, folder, figures=figures)
    if as_json:
        said = [summary_json(found, each) for each in found.findings]
        print_json(
            {
                "study": found.study,
                "texts": found.texts,
                "universes": len(found),
                "was_kept": is_kept,
                "findings": said,
            }
        )
        return
    note(_head(found, is_kept=is_kept))
    _print(found)
    note(
        "This describes: universes are neither independent nor equally sensible, and no share of them is a "
        f"probability. Kept in {folder}; `coding reproduce` puts it into the report."
    )


def _computed(opened: Project, study: str | None, jobs: int) -> Multiverse:
    from coding.robustness import multiverse

    with progress("searching the texts") as say:

        def told(done: int, every: int) -> None:
            say(f"{done:,} of {every:,} universes")

        return multiverse(opened, study, jobs=jobs or None, told=told)


def _head(found: Multiverse, *, is_kept: bool) -> str:
    varied = ", ".join(f"{each.name} ({len(each.values)})" for each in found.decisions)
    kept = " They were kept from an earlier run of the same." if is_kept else ""
    return f"{found.title}, in {found.texts}: {len(found):,} universes, by {varied}.{kept}"


def _print(found: Multiverse) -> None:
    from coding.robustness import summary

    said = [(each, summary(found, each)) for each in found.findings]
    if is_piped():
        head = [
            "finding", "verdict", "keep it", "supported", "undetermined", "contradicted", "differences",
            "fewest changes", "to another verdict",
        ]  # fmt: skip
        print_table(head, [_row(found, *each) for each in said])
        return
    for finding, each in said:
        title, verdict, keeps, *_, flip = _row(found, finding, each)
        print_entry(title, f"{keeps} keep: {verdict}", f"{_range(each)}. {flip}.")


def _row(found: Multiverse, finding: Spread, said: Summary) -> list[str]:
    from coding.plots.words import part

    shares = [part(said.shares[verdict]) for verdict in ("supported", "undetermined", "contradicted")]
    return [
        finding.title, finding.own.verdict, part(said.keeps), *shares, _range(said),
        str(said.fewest or ""), _flip(found, finding, said),
    ]  # fmt: skip


def _range(said: Summary) -> str:
    if said.least is None or said.most is None:
        return "no difference"
    return f"{said.least:+.2f} to {said.most:+.2f}"


def _flip(found: Multiverse, finding: Spread, said: Summary) -> str:
    """Say what the fewest changes are that lead to another verdict."""
    if not said.flips:
        return "No universe has another verdict"
    first = said.flips[0]
    changes = "; ".join(f"{name}: {value}" for name, value in found.changes(first).items())
    ways = f" (one of {len(said.flips)} ways)" if len(said.flips) > 1 else ""
    return f"{finding.outcomes[finding.of[first]].verdict.capitalize()} with {changes}{ways}"
