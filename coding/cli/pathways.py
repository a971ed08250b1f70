"""What stands together: `coding pathways`, `cooccurrence`; texts as pictures: `portrait`, `timeline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.results import note_unread
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, printable, progress
from coding.cli.write_up import Format, draw, is_figure, publish, wanted_format
from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.coders import Counted
    from coding.cooccurrence import Cooccurrence, Meeting
    from coding.model import Corpus, Document
    from coding.paper import Table as OnPaper
    from coding.pathways import Pathways
    from coding.project import Project
    from coding.results import Table
    from coding.study import Run, Study
    from coding.units import Unit

StudyName = Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")]
Together = Annotated[
    str | None,
    typer.Option(
        help="sentence, paragraph or document: in what codes stand together. Else as the study says."
    ),
]
Depth = Annotated[int, typer.Option(min=0, help="0: categories; 1: the codes right below them; and so on.")]
Drawing = Annotated[Path | None, typer.Option("--out", help="File for the figure: .png or .svg.")]
DrawingOrTable = Annotated[
    Path | None,
    typer.Option("--out", help="File to write: .png or .svg for the figure, else a table, by its ending."),
]


@app.command()
def pathways(
    study: StudyName = None,
    *,
    project: ProjectFolder = None,
    case: Annotated[str | None, typer.Option(help="Only this donor.")] = None,
    together: Together = None,
    depth: Depth = 0,
    passages: Annotated[
        tuple[str, str] | None, typer.Option(help="CODE CODE: print the passages that bear both.")
    ] = None,
    format: Format = None,  # noqa: A002  the word of the command line
    out: DrawingOrTable = None,
    as_json: AsJson = False,
) -> None:
    """Show how the codes of each step stand together with those of the next, donor by donor."""
    from coding import plots
    from coding.pathways_paper import meetings_json, pathways_json, pathways_paper, pathways_table
    from coding.steps import pathways_of

    wanted = None if is_figure(out) else wanted_format(format, out, figures=True)
    if passages is not None and (wanted or out):
        raise CodingError("--passages prints passages and goes with no --format and no --out.")
    run = _run(open_project(project, as_json=as_json), study, together)
    found = pathways_of(run, together=_level(together), depth=depth)
    cases = [run.matrix.case(case)] if case else list(run.matrix.cases)
    if passages is not None:
        of_cases = {name: found[name].meetings(*passages) for name in cases}
        if as_json:
            print_json({name: meetings_json(found, run.corpus) for name, found in of_cases.items()})
            return
        _print_meetings(of_cases, run, together=found.together)
    elif as_json:
        print_json(pathways_json(found, cases=cases, texts=run.texts))
    elif is_figure(out):
        draw(plots.pathways(_only(found, cases), texts=f"in {run.texts}"), out)
    elif wanted is not None:
        paper = pathways_paper(found, cases=cases, texts=run.texts)
        publish(paper, pathways_table(found, cases=cases), sheet="pathways", format=wanted, out=out)
    else:
        _print_pathways(found, cases, run)


@app.command()
def cooccurrence(
    study: StudyName = None,
    *,
    project: ProjectFolder = None,
    case: Annotated[str | None, typer.Option(help="Only this donor; else all, each place once.")] = None,
    codes: Annotated[
        list[str] | None,
        typer.Option(help="A code of the table; may be repeated. Else those of every family."),
    ] = None,
    depth: Depth = 0,
    together: Together = None,
    passages: Annotated[
        tuple[str, str] | None, typer.Option(help="CODE CODE: print the passages that bear both.")
    ] = None,
    format: Format = None,  # noqa: A002  the same
    out: DrawingOrTable = None,
    as_json: AsJson = False,
) -> None:
    """Count for each two codes how often they stand together."""
    from coding import plots
    from coding.cooccurrence import codes_at, cooccur
    from coding.pathways_paper import (
        cooccurrence_json,
        cooccurrence_paper,
        cooccurrence_table,
        meetings_json,
    )

    wanted = None if is_figure(out) else wanted_format(format, out, figures=True)
    if passages is not None and (wanted or out):
        raise CodingError("--passages prints passages and goes with no --format and no --out.")
    run = _run(open_project(project, as_json=as_json), study, together)
    tops = codes or [code for parts in run.matrix.parts.values() for code in parts]
    found = cooccur(
        run.matrix,
        run.corpus,
        codes=codes_at(run.codebook, tops, depth=depth),
        together=_level(together) or run.matrix.measurement.unit,
        case=case,
    )
    if passages is not None:
        meetings = found.meetings(*passages)
        if as_json:
            print_json(meetings_json(meetings, run.corpus))
            return
        _print_meetings({found.case or "": meetings}, run, together=found.together)
    elif as_json:
        print_json(cooccurrence_json(found, texts=run.texts))
    elif is_figure(out):
        draw(plots.cooccurrence(found, texts=f"in {run.texts}"), out)
    elif wanted is not None:
        paper = cooccurrence_paper(found, texts=run.texts)
        publish(paper, cooccurrence_table(found), sheet="cooccurrence", format=wanted, out=out)
    else:
        _print_cooccurrence(found, run)


@app.command()
def portrait(
    document: Annotated[str, typer.Argument(help="Id of the document.")],
    *,
    project: ProjectFolder = None,
    study: Annotated[
        str | None, typer.Option(help="Whose coding counts: that of this study; else of the project's own.")
    ] = None,
    out: Drawing = None,
) -> None:
    """Draw what is coded in a document, in the order of its text."""
    from coding import plots
    from coding.checks import unread
    from coding.study import read_checked

    opened = open_project(project, as_json=False)
    plan, book = read_checked(opened, study)
    text = opened.corpus[document]
    counted = _coded_in(opened, plan, text)
    if counted.n_unread:
        note(unread(plan.id, counted.n_unread))
    drawn = plots.portrait(text, counted.coded, book, texts=str(text.variables.get("fidelity") or ""))
    draw(drawn, out or Path(f"{document.replace('/', '-')}.png"))


@app.command()
def timeline(
    study: StudyName = None,
    *,
    project: ProjectFolder = None,
    codes: Annotated[
        list[str] | None, typer.Option(help="A code to show; may be repeated. Else the categories.")
    ] = None,
    out: Drawing = None,
) -> None:
    """Draw the documents of each donor in time, each with the categories that it bears."""
    from coding import plots
    from coding.steps import categories_of

    run = _run(open_project(project, as_json=False), study, None)
    note_unread(run)
    shown = codes or categories_of(run)
    drawn = plots.timeline(run.matrix, run.corpus, codes=shown, texts=f"in {run.texts}")
    draw(drawn, out or Path("timeline.png"))


def _level(together: str | None) -> Unit | None:
    from typing import get_args

    from coding.errors import choose
    from coding.units import Unit

    if together is not None:
        choose(together, get_args(Unit), "together")
    return cast("Unit | None", together)


def _run(opened: Project, study: str | None, together: str | None) -> Run:
    """Return the run of a study; by a finer unit than its own, where codes are to stand together in one."""
    from typing import get_args

    from coding.study import read_checked, run
    from coding.units import Unit

    order = get_args(Unit)
    level = _level(together)
    with progress("reading and coding the texts"):
        unit = read_checked(opened, study)[0].measurement.unit
        is_finer = level is not None and order.index(level) < order.index(unit)
        return run(opened, study, changed={"unit": level} if level and is_finer else None)


def _coded_in(opened: Project, plan: Study, document: Document) -> Counted:
    """Return what counts in a document by the coders of a study, whether or not the study selects it."""
    from coding.coders import RULES, count
    from coding.model import Coded, Corpus
    from coding.taggers import tag
    from coding.taggers.rules import RuleTagger

    alone = Corpus((document,), opened.corpus.known_cases)
    tagger = RuleTagger(opened.codebook(plan.codebook), overlap=plan.overlap, cases=opened.corpus.known_cases)
    return count(
        plan.coders,
        alone,
        stored=opened.coded if plan.asks_the_store else Coded(),
        rules=tag(alone, [tagger]) if RULES in plan.coders else Coded(),
        decisions=opened.decisions if plan.asks_the_store else (),
        unreviewed=plan.unreviewed,
    )


def _only(found: Pathways, cases: Sequence[str]) -> Pathways:
    from dataclasses import replace

    return replace(found, by_case={case: found[case] for case in cases})


def _print_pathways(found: Pathways, cases: Sequence[str], run: Run) -> None:
    from coding.pathways_paper import (
        gap_in_words,
        links_table,
        pathways_table,
        unread_of_case,
        whole_in_words,
    )

    place = found.together
    note(f"Codes that stand together in one {place}, in {run.texts}. Described, not tested.")
    note_unread(run)
    if is_piped():
        _print_rows(pathways_table(found, cases=cases))
    for case in cases:
        way, name = found[case], found.matrix.names[case]
        note(f"{name}: {whole_in_words(way)}.")
        if unread := unread_of_case(found, case):
            note(f"  {unread}")
        if not is_piped():
            _print_links(links_table(found, cases=[case], texts=run.texts))
        for gap in found.gaps(case):
            note(f"  gap: {gap_in_words(gap)}")
    if found.orientations and found.is_kept_by_itself:
        note(f"Orientation is coded by {place}, so in one {place} it stays by itself.")


def _print_links(table: OnPaper) -> None:
    """Print the links of one case: both, in brackets the first and the second, and those read for both."""
    rows = [
        [row.cells[1], row.cells[2], f"{row.cells[3]} ({row.cells[5]}, {row.cells[6]})", *row.cells[7:]]
        for row in table.rows
    ]
    head = ["from", "to", "both (each)", "base", "Jaccard", "lift", "stays"]
    print_table(head, rows, numbers=range(2, 7))


def _print_cooccurrence(found: Cooccurrence, run: Run) -> None:
    from coding.pathways_paper import cooccurrence_table, ratio_in_words, unread_of_codes

    note(f"Codes that stand together in one {found.together}, in {run.texts}. Described, not tested.")
    note_unread(run)
    if unread := unread_of_codes(found):
        note(unread)
    if is_piped():
        _print_rows(cooccurrence_table(found))
        return
    names, place, pairs = found.matrix.names, found.together, list(found)
    together = sorted((pair for pair in pairs if pair.n_both), key=lambda pair: -pair.n_both)
    note(f"Each: {place}s that bear the first, and the second; base: those that were read for both.")
    print_table(
        ["first", "second", "both (each)", "documents", "base", "Jaccard", "lift"],
        [
            [
                *(names[pair.first], names[pair.second]),
                f"{pair.n_both} ({pair.n_first}, {pair.n_second})",
                *map(str, (pair.n_documents, pair.base)),
                *map(ratio_in_words, (pair.jaccard, pair.lift)),
            ]
            for pair in together
        ],
        numbers=range(2, 7),
    )
    note(f"{len(pairs) - len(together)} pairs never stand together: `--json` and `--out FILE.csv` have all.")


def _print_rows(table: Table) -> None:
    head, *rows = [["" if cell is None else str(cell) for cell in row] for row in table]
    print_table(head, rows)


def _print_meetings(of_cases: dict[str, tuple[Meeting, ...]], run: Run, *, together: str) -> None:
    from coding.pathways_paper import meetings_table

    if not any(of_cases.values()):
        wider = "" if together == "document" else " `--together document` looks at whole documents."
        note(f"No {together} bears both.{wider} `coding pathways` says which zero that is.")
        return
    if is_piped():
        _print_rows(meetings_table(of_cases, run.corpus))
        return
    for case, meetings in of_cases.items():
        for one in meetings:
            quotes = _quotes(one, run.corpus)
            where = f"{one.place.document} {one.place.start}:{one.place.end}"
            print_entry(where, run.matrix.names.get(case, ""), quotes)


def _quotes(one: Meeting, corpus: Corpus) -> str:
    """Return the words behind both codes, each with its code."""
    document = corpus[one.place.document]
    found = dict.fromkeys((s.segment, s.code) for s in (*one.first, *one.second))
    return "; ".join(f"{code} «{printable(document.quote(segment))}»" for segment, code in found)
