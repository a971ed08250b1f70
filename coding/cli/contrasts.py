"""The command that compares donors: `coding contrast`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.results import note_unread
from coding.cli.show import is_piped, note, print_below, print_entry, print_json, print_passage, print_table
from coding.cli.write_up import Format, draw, is_figure, publish, wanted_format
from coding.errors import CodingError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from coding.contrasting import Comparison, Contrasts, Pairs
    from coding.findings import Base
    from coding.model import CodedSegment
    from coding.ranking import Ranks
    from coding.study import Run


@app.command()
def contrast(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    first: Annotated[
        str | None, typer.Option(help="A donor, by id or name; without --second against all others.")
    ] = None,
    second: Annotated[str | None, typer.Option(help="The donor that it is compared with.")] = None,
    every_pair: Annotated[
        bool, typer.Option("--every-pair", help="Every two donors, not each against all others.")
    ] = False,
    on: Annotated[
        list[str] | None, typer.Option(help="A code whose share is compared; may be repeated.")
    ] = None,
    within: Annotated[
        list[str] | None, typer.Option(help="Only units that bear this code; may be repeated.")
    ] = None,
    family: Annotated[
        str | None, typer.Option(help="Compositions: the parts of this family, such as orientation.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="coded or searched: what a share is of; coded with --within, --family.")
    ] = None,
    ranks: Annotated[
        bool, typer.Option("--ranks", help="The order of the donors in each share, not their contrasts.")
    ] = False,
    passages: Annotated[
        bool, typer.Option("--passages", help="Show the passages behind each share.")
    ] = False,
    format: Format = None,  # noqa: A002  the word of the command line
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File: .png or .svg for a figure, else a table by its ending."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare donors: two of them, or each with all others, in codes or in compositions."""
    from coding.study import run

    wanted = "figure" if format is None and is_figure(out) else wanted_format(format, out, figures=True)
    if ranks and (first is not None or second is not None or every_pair or passages):
        raise CodingError(
            "--ranks puts all donors in order, by numbers alone: leave --first, --second, --every-pair and "
            "--passages out, or --ranks."
        )
    pairs = _pairs(first, second, every_pair=every_pair)
    found = run(open_project(project, as_json=as_json), study)
    shares = _shares(found, on, within, family)
    chosen = cast("Base", base or ("coded" if shares[1] else "searched"))
    if ranks:
        _rank(found, shares, chosen, format=wanted, out=out, as_json=as_json)
    else:
        _contrast(found, shares, chosen, pairs, passages=passages, format=wanted, out=out, as_json=as_json)


def _pairs(
    first: str | None, second: str | None, *, every_pair: bool
) -> Sequence[tuple[str, str | None]] | Pairs:
    if second is not None and first is None:
        raise CodingError("--second needs --first: name both donors, or neither.")
    if every_pair and first is not None:
        raise CodingError("--every-pair names every two donors itself: leave --first and --second out.")
    if first is not None:
        return [(first, second)]
    return "every pair" if every_pair else "each against all"


def _shares(
    found: Run, on: list[str] | None, within: list[str] | None, family: str | None
) -> tuple[list[str], list[str] | None]:
    """Return the codes that are compared, and those in which they are; the categories if none are named."""
    tops = [code.id for code in found.codebook.children(None)]
    if family is None:
        return on or list(found.compositions) or tops, within
    if on:
        raise CodingError("--family compares its own parts: leave --on out, or --family.")
    if family not in found.matrix.parts:
        raise CodingError(f"the codebook has no family '{family}'.{nearest(family, found.matrix.parts)}")
    others = [code for code in tops if found.matrix.family(code) != family]
    return list(found.matrix.parts[family]), within or others


def _contrast(
    run: Run,
    shares: tuple[list[str], list[str] | None],
    base: Base,
    pairs: Sequence[tuple[str, str | None]] | Pairs,
    *,
    passages: bool,
    format: str | None,  # noqa: A002  the same
    out: Path | None,
    as_json: bool,
) -> None:
    from coding import plots
    from coding.contrast_tables import contrast_rows, contrasts_paper, whole
    from coding.contrasting import contrasts

    found = contrasts(run.matrix, on=shares[0], within=shares[1], pairs=pairs, base=base, seed=run.study.seed)
    if as_json:
        print_json(_json(run, found, passages=passages))
        return
    if found.left_out:
        note(whole(found.left_out))
    if format == "figure" and out is not None:
        least = run.study.least_clusters
        _draw_pages(plots.difference_pages(found, texts=f"in {run.texts}", least_clusters=least), out)
        return
    if format is not None:
        publish(contrasts_paper(run, found), contrast_rows(found), sheet="contrasts", format=format, out=out)
        return
    _note_shares(run, shares[1], base)
    if is_piped():
        _print_rows(run, found, passages=passages)
    else:
        for row in found:
            _print_row(run, row, together=len(found), passages=passages)
    _note_meaning(run, found)


def _draw_pages(pages: Sequence[Figure], out: Path) -> None:
    """Write one figure under its name, several under the name with their number: `contrasts-1.png`."""
    if len(pages) == 1:
        draw(pages[0], out)
        return
    for number, page in enumerate(pages, 1):
        draw(page, out.with_stem(f"{out.stem}-{number}"))


def _note_shares(run: Run, within: list[str] | None, base: Base) -> None:
    from coding.contrast_tables import measured

    note(f"Each: {measured(run.matrix.measurement, within=bool(within), base=base)}. In {run.texts}.")
    note_unread(run)


def _print_rows(run: Run, found: Contrasts, *, passages: bool) -> None:
    """Print a table of all numbers, or of all passages."""
    from coding.contrast_tables import contrast_rows

    if passages:
        head = ["share", "side", "document", "start", "end", "code", "rule", "quote"]
        rows = [
            [
                *(row.contrast.what, name, s.segment.document, str(s.segment.start), str(s.segment.end)),
                *(s.code, s.because, run.corpus[s.segment.document].quote(s.segment)),
            ]
            for row in found
            for name, s in _behind(row)
        ]
        print_table(head, rows)
        return
    table, *numbers = contrast_rows(found)
    print_table([str(name) for name in table], [[_plain(value) for value in line] for line in numbers])


def _plain(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_row(run: Run, row: Comparison, *, together: int, passages: bool) -> None:
    """Print a contrast for a reader: the difference, and below it what else must be seen."""
    from coding.contrast_tables import NOTHING, cells_of, strongest_in_words, title

    _, one, two, difference, interval, adjusted, ratio, placebo, holm = cells_of(row)
    named = title(row)
    if difference == NOTHING:
        print_entry(named, NOTHING, f"{one} · {two}")
        typer.echo()
        return
    said = f"{difference} points" + ("" if interval == NOTHING else f" ({interval})")
    print_entry(named, said, f"{one} · {two}")
    parts = [f"all {together} together: {adjusted}"] if together > 1 and adjusted != NOTHING else []
    parts += [f"{row.contrast.reason}"] if row.contrast.reason else []
    parts += [f"ratio {ratio}" if ratio != NOTHING else row.ratio.reason]
    parts += [f"placebo {placebo}" + (f", adjusted {holm}" if together > 1 else "")]
    print_below("", " · ".join(parts))
    print_below("", strongest_in_words(row))
    for name, segment in _behind(row) if passages else ():
        _print_passage(run, name, segment)
    typer.echo()


def _behind(row: Comparison) -> list[tuple[str, CodedSegment]]:
    """Return the coded segments behind both shares, each with the name of its side."""
    sides = zip((row.contrast.first.name, row.contrast.second.name), row.coded, strict=True)
    return [(name, segment) for name, coded in sides for segment in coded.segments]


def _print_passage(run: Run, name: str, coded: CodedSegment) -> None:
    from coding.surroundings import cut

    document, place = run.corpus[coded.segment.document], coded.segment
    start, end = cut(document, "sentence").around(place.start, place.end)
    print_passage(
        f"{place.document} {place.start}:{place.end}",
        f"{name}: {coded.code}",
        document.text[start : place.start],
        document.quote(place),
        document.text[place.end : end],
    )


def _note_meaning(run: Run, found: Contrasts) -> None:
    from coding.contrast_tables import few

    if len(found) > 1:
        alone = sum(row.larger != "undetermined" for row in found)
        together = sum(row.larger_of_all != "undetermined" for row in found)
        note(
            f"Of {len(found)} contrasts {alone} lie beyond zero by themselves, {together} all taken together."
        )
    if said := few(found, run.study.least_clusters):
        note(said)
    note(
        "Points: first share minus second. The interval says how far it hangs on the choice of documents; "
        "placebo: share of random deals of the two sides over independent documents or projects that differ "
        "as much."
    )


def _rank(
    run: Run,
    shares: tuple[list[str], list[str] | None],
    base: Base,
    *,
    format: str | None,  # noqa: A002  the same
    out: Path | None,
    as_json: bool,
) -> None:
    from coding import plots
    from coding.contrast_tables import cells_of_rank, rank_rows, ranks_paper, whole
    from coding.contrasting import left_out
    from coding.contrasting import shares as every_share
    from coding.ranking import ranks

    on, within = shares
    asked = every_share(run.matrix, on, within or [None], base=base)
    found = [ranks(run.matrix, on=code, within=inside, base=base) for code, inside in asked]
    without = left_out(run.matrix, on, within or [None], base=base)
    if as_json:
        about = {"study": run.study.id, "texts": run.texts, "base": base, "left_out": [*without]}
        print_json({**about, "ranks": [_ranks_json(each) for each in found]})
        return
    if without:
        note(whole(without))
    if format == "figure" and out is not None:
        draw(plots.ranking(found, cases=run.matrix.cases, texts=f"in {run.texts}"), out)
        return
    if format is not None:
        paper = ranks_paper(run, found, left_out=without)
        publish(paper, rank_rows(found), sheet="ranks", format=format, out=out)
        return
    _note_shares(run, within, base)
    rows = [[each.what, *cells_of_rank(row)] for each in found for row in each.rows]
    print_table(["share", "case", "rank", "could be"], rows, numbers=(2, 3))
    note("Could be: from all differences of two cases together; each share is ranked by itself.")


def _json(run: Run, found: Contrasts, *, passages: bool) -> dict[str, object]:
    from dataclasses import asdict

    from coding.contrasting import as_value

    def said(name: str, segment: CodedSegment) -> dict[str, object]:
        place = segment.segment
        return {
            "side": name,
            "document": place.document,
            "start": place.start,
            "end": place.end,
            "code": segment.code,
            "quote": run.corpus[place.document].quote(place),
        }

    return {
        "study": run.study.id,
        "texts": run.texts,
        "base": found.base,
        "level": found.level,
        "together": len(found),
        "left_out": list(found.left_out),
        "seed": run.study.seed,
        "contrasts": [
            {
                **as_value(row),
                "first_cases": list(row.first),
                "second_cases": list(row.second),
                "influences": [asdict(one) for one in row.influences],
                **({"passages": [said(*each) for each in _behind(row)]} if passages else {}),
            }
            for row in found
        ],
    }


def _ranks_json(found: Ranks) -> dict[str, object]:
    return {
        "share": found.what,
        "level": found.level,
        "pairs": found.n_pairs,
        "cases": [
            {
                "case": row.case,
                "rank": row.rank,
                "low": row.low,
                "high": row.high,
                "n": row.side.n,
                "base": row.side.base,
                "clusters": row.side.n_clusters,
                "share": row.side.share,
                "surely_larger": list(row.larger),
                "surely_smaller": list(row.smaller),
            }
            for row in found.rows
        ],
    }
