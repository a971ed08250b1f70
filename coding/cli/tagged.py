"""What `--tagged DIR` does: matrix, findings and results from the counts of a large corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import open_project
from coding.cli.show import is_piped, note, print_json, print_passage, print_table, progress
from coding.errors import CodingError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coding.large.carried import CountedRun
    from coding.large.counted import CountedCell
    from coding.large.tagged import Hit, Tagged

_SHOWN = 5  # donors that are named

TaggedFolder = Annotated[
    str | None,
    typer.Option(
        "--tagged",
        metavar="DIR",
        help="Count a large corpus instead: the folder `coding tag --corpus` wrote.",
    ),
]
Partial = Annotated[
    bool, typer.Option("--partial", help="With --tagged: count what is done although partitions are not.")
]


def refuse_alone(*, partial: bool) -> None:
    """Raise if a switch was given that means nothing without a tagged folder."""
    if partial:
        raise CodingError("--partial goes with --tagged DIR.")


def counted(
    folder: Path | None,
    study: str | None,
    tagged: str,
    *,
    partial: bool,
    changed: Mapping[str, str] | None = None,
    as_json: bool,
) -> CountedRun:
    """Return a study carried out on the counts of a tagged folder; say which texts are not in it."""
    from coding.large.carried import run_counted
    from coding.large.tagged import Tagged

    opened = open_project(folder, as_json=as_json)
    with progress("counting"):
        found = run_counted(opened, Tagged.open(tagged, partial=partial), study, changed=changed)
    if found.tagged.what_is_missing:
        note(f"Not in it: {found.tagged.what_is_missing}.")
    if found.left_out:
        note(f"Left out by the study: {', '.join(f'{n:,} ({why})' for why, n in found.left_out.items())}.")
    if n := found.tagged.n_foreign:
        note(
            f"Of all texts {n:,} are in a language that {found.tagged.settings.coder} does not read: no base."
        )
    for donor, n in list(found.others.items())[:_SHOWN]:
        near = nearest(donor, found.study.corpus.cases)
        note(f"{n:,} document{'s' * (n != 1)} of '{donor}', which is no case of the study.{near}")
    if found.matrix.n_unplaced:
        unit = found.matrix.measurement.unit
        note(f"{found.matrix.n_unplaced:,} {unit}s of shared documents name no case and count for none.")
    return found


def print_counted(
    folder: Path | None,
    study: str | None,
    tagged: str,
    *,
    partial: bool,
    changed: Mapping[str, str],
    code: str | None,
    cell: tuple[str, str] | None,
    most: int,
    format: str | None,  # noqa: A002  the word of the command line
    out: Path | None,
    as_json: bool,
) -> None:
    """Print or write the matrix of a tagged folder, or the passages of one of its cells."""
    from coding.cli.results import LEGEND, codes_below, print_matrix
    from coding.counted_results import cell_json

    found = counted(folder, study, tagged, partial=partial, changed=changed, as_json=as_json)
    if cell is not None:
        _print_cell(found, *cell, most=most, as_json=as_json)
        return
    codes = codes_below(code, found)
    if as_json:
        print_json([cell_json(each) for each in found.matrix if each.code in codes])
    elif format is not None:
        _publish(found, codes, format=format, out=out)
    else:
        note(f"Each number: {found.matrix.measurement}. {LEGEND}")
        print_matrix(found.matrix, codes)


def reproduce_counted(
    folder: Path | None,
    study: str | None,
    tagged: str,
    *,
    partial: bool,
    out: Path,
    figures: bool,
    as_json: bool,
) -> None:
    """Write matrix, findings and figures of a study from counts, and print them."""
    from coding.cli.results import LEGEND, print_findings, print_matrix, quality_in_words
    from coding.counted_results import counted_json, texts_counted, write_counted

    found = counted(folder, study, tagged, partial=partial, as_json=as_json)
    # Beside those of the project's own texts, whose report would belong to other numbers.
    place = out / f"{found.study.id}-{_what_it_is(found.tagged)}"
    with progress("writing results") as say:
        files = write_counted(found, place, figures=figures, progress=say)
    if as_json:
        print_json({**counted_json(found), "files": [path.as_posix() for path in files]})
        return
    note(f"{found.study.title}: {texts_counted(found)}, counted from {tagged}")
    note(f"Each number: {found.matrix.measurement}. {LEGEND}")
    print_matrix(found.matrix, [code.id for code in found.codebook.children(None)])
    print_findings(found.findings)
    if found.tagged.settings.coder_kind == "rules":
        note(quality_in_words(found.measured))
    note(
        f"Written to {place}{'' if figures else ' (without figures)'}. There is no report of all passages: "
        f"`coding matrix --tagged {tagged} --cell CASE CODE` opens those of a number."
    )


def _what_it_is(tagged: Tagged) -> str:
    """Say what results are of: a trial (though it be partial), what is done so far, or all."""
    if tagged.settings.limit is not None or tagged.settings.share != 1:
        return "trial"
    return "partial" if tagged.n_missing else "tagged"


def _publish(found: CountedRun, codes: list[str], *, format: str, out: Path | None) -> None:  # noqa: A002  the same
    from coding.cli.write_up import publish
    from coding.counted_results import counted_table
    from coding.write_up import matrix_paper

    head, *rows = counted_table(found)
    kept = [head, *(row for row in rows if row[0] in codes)]
    publish(matrix_paper(found, codes=codes), kept, sheet="matrix", format=format, out=out)


def _print_cell(found: CountedRun, case: str, code: str, *, most: int, as_json: bool) -> None:
    from coding.cli.results import zero_in_words
    from coding.counted_results import cell_json

    cell = found.matrix.cell(case, code)
    with progress("reading passages"):
        hits, n = found.hits(case, code, most=most)
    if as_json:
        print_json({**cell_json(cell), "segments": n, "passages": [_hit_json(hit) for hit in hits]})
        return
    if is_piped():
        _print_table(hits)
    else:
        for hit in hits:
            place = f"{hit.document} {hit.start}:{hit.end}"
            print_passage(place, f"{hit.code}, {hit.because}", "", hit.quote, "")
    note(_said(found, cell, hits, n))
    if cell.state != "present":
        note(zero_in_words(cell, cell.n_read, found.matrix))


def _print_table(hits: list[Hit]) -> None:
    rows = [[h.document, str(h.start), str(h.end), h.code, h.because, h.quote] for h in hits]
    print_table(["document", "start", "end", "code", "because", "quote"], rows, numbers=(1, 2))


def _said(found: CountedRun, cell: CountedCell, hits: list[Hit], n: int) -> str:
    """Say how many passages there are, and what may not belong to the cell."""
    unsure = sum(not hit.is_surely for hit in hits)
    of_case = found.matrix.names[cell.case]
    more = f" --most N shows more; all are in {found.tagged.folder}/segments." if n > len(hits) else ""
    shared = (
        f" {unsure} of them stand in documents about several cases and may not speak of {of_case}."
        if unsure
        else ""
    )
    return f"{len(hits):,} of {n:,} coded segments, in {cell.n_documents:,} documents.{shared}{more}"


def _hit_json(hit: Hit) -> dict[str, object]:
    return {
        "document": hit.document, "start": hit.start, "end": hit.end, "code": hit.code,
        "because": hit.because, "quote": hit.quote, "is surely of the case": hit.is_surely,
    }  # fmt: skip
