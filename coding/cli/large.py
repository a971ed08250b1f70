"""What `coding tag --corpus` does: texts of Parquet partitions are coded where there are workers for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import typer

from coding.cli.app import open_project
from coding.cli.show import note, print_json, print_table, progress
from coding.errors import CodingError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from coding.codebook import Codebook
    from coding.large import Done, Setup, Summary
    from coding.large.driver import Progress
    from coding.large.look import Look
    from coding.project import Project
    from coding.selection import Selection
    from coding.taggers.rules import Overlap
    from coding.units import Counts, Unit

_SHOWN = 10
_EVERY = 30.0  # seconds between lines of progress where no terminal shows it


def tag_partitions(
    folder: Path | None,
    partitions: Sequence[str],
    out: str,
    *,
    backend: str,
    insecure: bool,
    model: str | None,
    codebook: str | None,
    columns: tuple[str, str],
    variables: Sequence[str],
    given: Sequence[str],
    limit: int | None,
    share: float,
    seed: int,
    as_json: bool,
) -> None:
    """Code Parquet partitions, and say what became of them.

    Raises
    ------
    typer.Exit
        With 1 if a partition could not be coded; the others are.
    """
    from coding.backend import parse
    from coding.large import Columns, Setup, tag_large
    from coding.large.columns import given_values, given_variables, ways_to_write
    from coding.large.counts import needed
    from coding.large.places import not_taken
    from coding.large.tagged import require_pyarrow

    require_pyarrow()
    opened = open_project(folder, as_json=as_json)
    learned = None
    if model is not None:
        learned = opened.model(model)
        codebook = learned.codebook
    decided = _decided(opened, codebook)
    setup = Setup(
        codebook=decided.codebook,
        cases=opened.corpus.known_cases,
        overlap=decided.overlap,
        unit=learned.unit if learned else decided.unit,
        counts=learned.counts if learned else decided.counts,
        by=decided.by,
        columns=Columns(
            *columns,
            variables=given_variables(variables, "--variable"),
            given=given_values(given),
            donors=ways_to_write(opened.corpus.known_cases),
        ),
        model=learned,
        needed=needed(decided.selection, decided.by) if decided.selection else (),
    )
    parsed = parse(backend, insecure=insecure)
    _refuse_own_folders(opened, out)
    for named, n in not_taken(partitions).items():
        files = f"{n} Parquet file{'s' * (n != 1)}"
        note(f"{files} in folders below {named} left out: '{named}/**/*.parquet' takes all.")
    seen = None
    try:
        if decided.selection is not None:
            seen = _looked(partitions, setup, decided.selection)
        with progress("coding", every=_EVERY) as told:
            summary = tag_large(
                partitions,
                out,
                setup,
                backend=parsed,
                limit=limit,
                share=share,
                seed=seed,
                told=lambda how_far: told(_how_far(how_far)),
            )
    except KeyboardInterrupt:
        note("Results of partitions that are done stand. The same command goes on with the others.")
        raise
    if as_json:
        print_json({**_json(summary), "looked_at": asdict(seen) if seen else None})
    else:
        _print(summary)
    if summary.failed:
        raise typer.Exit(1)


def _refuse_own_folders(opened: Project, out: str) -> None:
    """Raise if results would lie among what the project reads."""
    from coding.large.places import is_below

    for name in ("corpus", "codebooks", "studies", "models"):
        if is_below(f"{out}/results", str(opened.root / name)):
            raise CodingError(f"--out: {out} lies in {name}/, which the project reads. Name another folder.")


class _Decided(NamedTuple):
    codebook: Codebook
    overlap: Overlap = "longest"
    unit: Unit = "sentence"
    counts: Counts = "any"
    by: tuple[str, ...] = ("donor",)
    selection: Selection | None = None


def _decided(opened: Project, codebook: str | None) -> _Decided:
    """Return what the study decides, whether or not it has texts here; without a study, what is usual."""
    from coding.cases import variables_of
    from coding.cli.app import own_codebook
    from coding.study import read_with_places

    if not opened.study and len(opened.studies) != 1:
        return _Decided(opened.codebook(codebook) if codebook else own_codebook(opened))
    plan, _, own = read_with_places(opened)
    how = plan.measurement
    units = how.unit, how.counts, variables_of(how.by), plan.corpus
    if codebook is None:
        return _Decided(own, plan.overlap, *units)
    return _Decided(opened.codebook(codebook), "longest", *units[:3])


def _looked(partitions: Sequence[str], setup: Setup, selection: Selection) -> Look | None:
    """Look at some partitions before anything is coded, and say what the study would count.

    Raises
    ------
    CodingError
        If it names donors and would count nothing.
    """
    from coding.large.look import look

    with progress("looking at the partitions"):
        seen = look(partitions, setup.columns, selection, by=setup.by)
    if seen is None:
        return None
    told = list(_told(seen, selection))
    if seen.is_vain and seen.n_documents and selection.cases:
        raise CodingError(
            "\n".join(told) + "\nNo number would come of it, so nothing is coded. Mend that first; or code "
            f"whatever the study selects: --codebook {setup.codebook.id}."
        )
    for line in told:
        note(line)
    return seen


def _told(seen: Look, selection: Selection) -> Iterator[str]:
    of = "" if seen.n_looked == seen.n_parts else f" in {seen.n_looked} of {seen.n_parts} partitions"
    takes = {
        "fidelity": f": the study takes {', '.join(selection.fidelity)}",
        "source kind": f": the study takes {', '.join(selection.source_kind)}",
        "year": f": the study takes {selection.years.first or ''}\N{EN DASH}{selection.years.last or ''}",
        "no year": f", such as '{seen.no_year}'" if seen.no_year else "",
    }
    why = ", ".join(f"{n:,} ({reason}{takes.get(reason, '')})" for reason, n in seen.left_out.items())
    others = f" Left out: {why}." if why else ""
    rows = _counted(seen.n_documents)
    yield f"Looked at before coding{of}: the study counts {seen.n_counted:,} of {rows}.{others}"
    if not selection.cases:
        yield "The study names no donor yet: write those to compare under `corpus`, `cases`."
        return
    for case, ways in seen.meant.items():
        written = ", ".join(f"'{way}' ({n:,})" for way, n in list(ways.items())[:_SHOWN])
        yield f"  {written}{', ...' * (len(ways) > _SHOWN)}: taken as {case}"
    for donor, n in list(seen.donors.items())[:_SHOWN]:
        yield f"  {_counted(n)} of '{donor}', which is no case of the study.{nearest(donor, selection.cases)}"
    if seen.replaced:
        names = ", ".join(seen.replaced)
        yield f"Said of all by --set, in the place of what the columns say: {names}."
    for place, problem in list(seen.unread.items())[:_SHOWN]:
        yield f"  {place}: {problem}"


def _how_far(how_far: Progress) -> str:
    left = how_far.seconds_left if how_far.n_done < how_far.n_parts else None
    rest = "" if left is None else f", about {_time(left)} left"
    rate = f", {how_far.rate / 1e6:.2f} million characters a second" if how_far.n_characters else ""
    return f"{how_far.n_done} of {how_far.n_parts} partitions{rate}{rest}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    )


def _print(summary: Summary) -> None:
    from coding.large.places import short_names

    stood = [each for each in summary.done if each.stood]
    common, short = short_names([each.place for each in (*summary.done, *summary.failed)])
    rows = [
        [short[each.place], *map(str, (each.n_documents, each.n_units, each.n_segments)), _left(each)]
        for each in summary.done
    ]
    rows += [[short[each.place], "", "", "", each.problem] for each in summary.failed]
    head = ["partition", "documents", "units", "coded segments", "left out"]
    print_table(head, rows, numbers=(1, 2, 3), cut=(4,))  # names stay whole; problems are noted below
    if common:
        note(f"Partitions lie in {common}")
    fresh = sum(each.n_characters for each in summary.done if not each.stood)
    rate = f", {fresh / 1e6 / summary.seconds:.2f} million characters a second" if fresh else ""
    note(
        f"{_counted(summary.n_documents)}, {summary.n_segments:,} coded segments in {summary.out}: "
        f"{_time(summary.seconds)}{rate}."
    )
    if stood:
        note(
            f"{len(stood)} partition{'s' * (len(stood) != 1)} stood already, of the same texts and settings."
        )
    if n := summary.replaced:
        other = f" ({', '.join(summary.earlier)})" if summary.earlier else ""
        again = "was done again" if n == 1 else "were done again"
        note(f"{n} partition{'s' * (n != 1)} had been coded with other settings{other} and {again}.")
    if summary.strays:
        names = ", ".join(summary.strays[:_SHOWN])
        note(
            f"In {summary.out} lie results of partitions that were not named: {names}. No matrix counts "
            "them; whoever reads all files there does."
        )
    unread = sum(each.n_documents - each.n_read for each in summary.done)
    if unread:
        note(f"In a language that the coder does not read, so that silence is no no: {_counted(unread)}.")
    if summary.left:
        note("Rows left out: " + ", ".join(f"{n:,} ({why})" for why, n in summary.left.items()) + ".")
    if unused := sorted({name for each in summary.done for name in each.unused}):
        note(f"Columns that can be no variable of documents, left out: {', '.join(unused)}.")
    if summary.twice:
        note(
            f"Of an id that another partition has too: {_counted(summary.twice)} "
            f"({'; '.join(summary.such)}). They would count twice, so nothing is counted: give each document "
            "an id of its own."
        )
    if summary.failed:
        alike: dict[str, list[str]] = {}
        for each in summary.failed:
            alike.setdefault(each.problem, []).append(short[each.place])
        shown = "\n".join(f"  {_listed(where)}: {problem}" for problem, where in alike.items())
        n = len(summary.failed)
        note(f"Not done, {n} partition{'s' * (n != 1)}:\n{shown}\nMend that, and give the command again.")
    else:
        note(f"Next: coding matrix --tagged {summary.out}")


def _counted(n: int) -> str:
    return f"{n:,} document{'s' * (n != 1)}"


def _listed(where: Sequence[str]) -> str:
    more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
    return f"{', '.join(where[:_SHOWN])}{more}"


def _left(done: Done) -> str:
    return ", ".join(f"{n} {why}" for why, n in done.left.items())


def _json(summary: Summary) -> dict[str, object]:
    return {
        "out": summary.out,
        "documents": summary.n_documents,
        "coded_segments": summary.n_segments,
        "twice": summary.twice,
        "such": list(summary.such),
        "strays": list(summary.strays),
        "replaced": summary.replaced,
        "replaced_settings": list(summary.earlier) if summary.replaced else [],
        "left_out": dict(summary.left),
        "seconds": summary.seconds,
        "settings": dict(summary.settings),
        "partitions": [
            {
                "place": each.place,
                "name": each.name,
                "documents": each.n_documents,
                "read": each.n_read,
                "units": each.n_units,
                "coded_segments": each.n_segments,
                "characters": each.n_characters,
                "left_out": dict(each.left),
                "columns_left_out": list(each.unused),
                "stood": each.stood,
                "seconds": each.seconds,
                "peak_mb": each.peak_mb,
                "problem": each.problem or None,
            }
            for each in (*summary.done, *summary.failed)
        ],
    }
