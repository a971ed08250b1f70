"""The command that asks for coded segments: `coding retrieve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project, own_codebook
from coding.cli.show import is_piped, note, print_json, print_passage, print_table, progress
from coding.cli.texts import ChosenCodebook, own_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coding.codebook import Codebook
    from coding.model import Coded, Corpus
    from coding.project import Project
    from coding.retrieval import Count, Found, Retrieved
    from coding.units import Unit


@app.command()
def retrieve(
    query: Annotated[
        str, typer.Argument(help="Codes and how they stand together, such as 'role near/2 behaviour'.")
    ],
    *,
    project: ProjectFolder = None,
    codebook: ChosenCodebook = None,
    unit: Annotated[
        str, typer.Option(help="sentence, paragraph or document: in what codes stand together.")
    ] = "sentence",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only such documents, e.g. 'donor=japan year=2015..2020'; may be repeated."),
    ] = None,
    coders: Annotated[
        list[str] | None, typer.Option("--coder", help="Only what this coder coded; may be repeated.")
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Ask what the codebook's rules code now, not what is stored.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write a table with citations: .csv or .xlsx.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the coded segments that a query selects, with the words around them."""
    from coding.coders import by_text
    from coding.conditions import conditions
    from coding.results import write_table
    from coding.retrieval import retrieve as select
    from coding.retrieval import table

    opened = open_project(project, as_json=as_json)
    corpus = opened.corpus
    if where:
        corpus = corpus.where(**conditions(where, corpus))
    with progress("looking for coded segments"):
        coded, book = _coded(opened, corpus, codebook, rules=rules)
        _refuse_unknown(coders or [], coded)
        considered = coded if coders is None else coded.by(*coders)
        today, _ = by_text(considered, opened.corpus)
        _, earlier = by_text(considered, corpus)
        found = select(today, corpus, book, query, unit=cast("Unit", unit))
    if out is not None:
        write_table(out, table(found), sheet="segments")
    if as_json:
        print_json({**_json(found), "in_earlier_texts": len(earlier.segments)})
        return
    _print(found)
    note(_counted(found, of=len(opened.corpus)))
    _note_earlier(len(earlier.segments))
    if not coded.segments and not rules:
        note("Nothing is coded in these documents yet. --rules asks what the rules would code.")
    if out is not None:
        note(f"Written to {out}.")


def _coded(project: Project, corpus: Corpus, codebook: str | None, *, rules: bool) -> tuple[Coded, Codebook]:
    """Return what is stored, or what the rules code in these documents; and the codebook it is asked by."""
    from coding.taggers import tag
    from coding.taggers.rules import RuleTagger

    if not rules:
        return project.coded, project.codebook(codebook) if codebook else own_codebook(project)
    book, overlap = own_rules(project, codebook)
    return tag(corpus, [RuleTagger(book, overlap=overlap, cases=corpus.known_cases)]), book


def _refuse_unknown(coders: Sequence[str], coded: Coded) -> None:
    from coding.coders import known_coders
    from coding.errors import nearest, refuse

    known = known_coders(coded)
    refuse([f"no coder '{name}'.{nearest(name, known)}" for name in coders if name not in known])


def _note_earlier(n: int) -> None:
    """Say how many coded segments are not looked at, since their texts have changed."""
    if n:
        lie, are = ("segment lies", "is") if n == 1 else ("segments lie", "are")
        note(
            f"{n} coded {lie} in texts that have changed since and {are} left out: `coding check` names them."
        )


def _print(found: Retrieved) -> None:
    if is_piped():
        head = ["document", "start", "end", "locator", "code", "coder", "quote", "passage"]
        rows = [
            [
                *(one.document.id, str(one.coded.segment.start), str(one.coded.segment.end), one.locator),
                *(one.coded.code, one.coded.coder, one.quote, one.left + one.quote + one.right),
            ]
            for one in found.shown()
        ]
        print_table(head, rows)
        return
    for one in found.shown():
        place = f"{one.document.id} {one.coded.segment.start}:{one.coded.segment.end}, {one.locator}"
        print_passage(place, f"{one.coded.code}, {one.coded.coder}", one.left, one.quote, one.right)


def _counted(found: Retrieved, *, of: int) -> str:
    """Say how much was found, of what and in whose documents."""
    n_documents, n_searched = len(found.documents), len(found.corpus)
    said = (
        f"{len(found)} coded segment{'s' * (len(found) != 1)} in {found.n_units} {found.unit}"
        f"{'s' * (found.n_units != 1)} of {n_documents} document{'s' * (n_documents != 1)}; searched: "
        f"{n_searched} of {of} documents."
    )
    if found.segments:
        by_donor = {found.corpus.name(str(donor)): count for donor, count in found.by("donor").items()}
        said += f"\n{_listed(found.by_code())}.\n{_listed(by_donor)}."
    if found.n_other_meaning:
        said += (
            f"\n{found.n_other_meaning} of them were coded when their code meant something else than it does "
            f"in codebook {found.codebook.id} {found.codebook.version}."
        )
    return said


def _listed(counts: Mapping[str, Count]) -> str:
    return ", ".join(f"{name} {count.segments}" for name, count in counts.items())


def _json(found: Retrieved) -> dict[str, object]:
    return {
        "query": found.query,
        "unit": found.unit,
        "units": found.n_units,
        "documents_searched": len(found.corpus),
        "documents": len(found.documents),
        "by_code": {code: count._asdict() for code, count in found.by_code().items()},
        "by_donor": {str(donor): count._asdict() for donor, count in found.by("donor").items()},
        "segments": [_segment_json(one) for one in found.shown()],
    }


def _segment_json(one: Found) -> dict[str, object]:
    segment = one.coded.segment
    return {
        "document": segment.document,
        "start": segment.start,
        "end": segment.end,
        "locator": one.locator,
        "code": one.coded.code,
        "coder": one.coded.coder,
        "rule": one.coded.because,
        "quote": one.quote,
        "passage": one.left + one.quote + one.right,
        "passage_start": one.start,
        "passage_end": one.end,
        "before": one.before,
        "after": one.after,
        "source": one.citation,
        "id": one.coded.id,
    }
