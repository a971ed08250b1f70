"""The command that draws a blind sample and says how far its readers have come: `coding sample`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.show import note, print_json, print_table, progress
from coding.cli.texts import ChosenCodebook, own_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.codebook import Codebook
    from coding.judging import Progress
    from coding.model import Coded, Corpus
    from coding.project import Project
    from coding.sample import Sample
    from coding.taggers.rules import Overlap
    from coding.units import Counts, Unit

_OF_ALL = {
    "name",
    "project",
    "readers",
    "still_asks",
    "as_json",
}  # parameters that say nothing of what is drawn


@app.command()
def sample(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Name of the sample; without it, all are listed.")
    ] = None,
    *,
    project: ProjectFolder = None,
    readers: Annotated[
        list[str] | None, typer.Option("--reader", "-r", help="Who judges all of it; may be repeated.")
    ] = None,
    codebook: ChosenCodebook = None,
    codes: Annotated[
        list[str] | None,
        typer.Option(help="A code that readers look for; may be repeated. Else the parts of each family."),
    ] = None,
    below: Annotated[
        bool, typer.Option("--below", help="Look for each of the codes below these as well.")
    ] = False,
    coder: Annotated[str, typer.Option(help="Whose coding is judged: 'rules', a model, a person.")] = "rules",
    unit: Annotated[str, typer.Option(help="sentence, paragraph or document: what is judged.")] = "sentence",
    counts: Annotated[
        str, typer.Option(help="'any': a segment counts for each unit it touches; or 'greater part'.")
    ] = "any",
    rollup: Annotated[
        bool, typer.Option("--rollup/--no-rollup", help="Whether a segment counts for the codes above too.")
    ] = True,
    by: Annotated[str, typer.Option(help="The document variable whose values are the cases.")] = "donor",
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only such documents, e.g. 'donor=japan year=2015..2020'; may be repeated. Else those of "
            "the study."
        ),
    ] = None,
    found: Annotated[
        int, typer.Option(min=0, help="How many units for each case and code in which the coder found it.")
    ] = 20,
    others: Annotated[
        int, typer.Option(min=0, help="How many for each case in which it found none of the codes.")
    ] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many units would be drawn of which.")
    ] = False,
    still_asks: Annotated[
        bool,
        typer.Option(
            "--still-asks", help="Of a sample drawn already: the codes' new definitions ask readers the same."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw units for readers to judge blind, with recorded probabilities; or say how far they have come."""
    opened = open_own(project)
    if name is None:
        _refuse_unnamed(readers, still_asks=still_asks, said=_said(context))
        _list(opened, as_json=as_json)
        return
    if name in opened.samples:
        _continue(opened, name, readers or [], _said(context), still_asks=still_asks, as_json=as_json)
        return
    if still_asks:
        _refuse_undrawn(name)
    refuse_machine_readers(opened, readers or [])
    book, overlap = own_rules(opened, codebook)
    with progress("drawing units"):
        corpus, chosen = documents_for(opened, book, where)
        from coding.sampling import draw

        made = draw(
            coded_by(coder, opened, corpus, book, overlap),
            corpus,
            book,
            name=name,
            coder=coder,
            readers=readers or [],
            codes=codes_for(book, codes, below=below),
            unit=cast("Unit", unit),
            counts=cast("Counts", counts),
            rollup=rollup,
            by=by,
            where=chosen,
            n_found=found,
            n_others=others,
            seed=seed,
        )
    if not dry_run:
        keep_sample(opened, made)
    if as_json:
        print_json(_json(made, own_progress(opened, made)))
        return
    _print_strata(made)
    note(_told(made))
    note(
        "Nothing was written. Without --dry-run it is drawn."
        if dry_run
        else f"Written to samples/{made.name}.json, which is not to be changed. `coding serve` asks "
        f"{', '.join(made.readers)} under Judge; then `coding quality --sample {made.name}`."
    )


def coded_by(coder: str, opened: Project, corpus: Corpus, book: Codebook, overlap: Overlap) -> Coded:
    """Return what a coder codes in the texts as they are; the rules code afresh."""
    from coding.coders import RULES, known_coders
    from coding.errors import CodingError, nearest
    from coding.taggers import tag
    from coding.taggers.rules import RuleTagger

    if coder == RULES:
        return tag(corpus, [RuleTagger(book, overlap=overlap, cases=opened.corpus.known_cases)])
    known = known_coders(opened.coded)
    if coder not in known:
        raise CodingError(f"nobody codes here as '{coder}'.{nearest(coder, known)}")
    return own_coding([coder], opened, corpus)


def own_coding(coders: Sequence[str], opened: Project, corpus: Corpus) -> Coded:
    """Return what people, or models, coded themselves in the texts as they are."""
    from coding.coders import by_text
    from coding.review import firsthand

    return by_text(firsthand(opened.coded.by(*coders), opened.decisions), corpus)[0]


def _said(context: typer.Context) -> list[str]:
    """Return the options that were given and speak of what is drawn."""
    return [
        name
        for name in context.params
        if name not in _OF_ALL and getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]


def refuse_machine_readers(opened: Project, readers: list[str]) -> None:
    """Raise if a reader has the name of the rules or of a model."""
    from coding.coders import refuse_machines

    if opened.store_path.is_file():
        with opened.store() as store:
            refuse_machines(readers, store.coders())


def _refuse_unnamed(readers: list[str] | None, *, still_asks: bool, said: list[str]) -> None:
    from coding.errors import CodingError

    if readers or still_asks or said:
        raise CodingError(
            "name the sample: `coding sample NAME --reader WHO`. Without a name all are listed."
        )


def _refuse_undrawn(name: str) -> None:
    from coding.errors import CodingError

    raise CodingError(f"--still-asks is of a sample that is drawn, and there is no '{name}' yet.")


def _continue(
    opened: Project, name: str, readers: list[str], said: list[str], *, still_asks: bool, as_json: bool
) -> None:
    """Add readers to a sample that was drawn already, and say how far all have come."""
    from coding.batch import now
    from coding.errors import CodingError
    from coding.sampling import refuse_readers

    made = opened.sample(name)
    if said:
        options = ", ".join(f"--{each.replace('_', '-')}" for each in said)
        raise CodingError(
            f"the sample {name} was drawn on {made.at[:10]}, and stays as it is ({options}). Draw another "
            "under another name; of this one only readers can be added (--reader)."
        )
    new = [reader for reader in dict.fromkeys(readers) if reader not in made.readers]
    if new:
        refuse_readers(new, made.coder)
        refuse_machine_readers(opened, new)
    if new or still_asks:
        book = opened.codebook(made.codebook)
        codes = {code: book[code].meaning for code in made.codes} if still_asks else made.codes
        reworded = (*made.reworded, *([now()] if still_asks else []))
        drawn = opened.sample(name, as_drawn=True)
        keep_sample(opened, replace(drawn, readers=(*made.readers, *new), codes=codes, reworded=reworded))
        made = opened.sample(name)
    if still_asks:
        note("Kept that the codes, as they are worded now, ask the same as before.")
    how_far = own_progress(opened, made)
    if as_json:
        print_json(_json(made, how_far))
        return
    _print_progress([(made, how_far)])
    note(_told(made))


def _list(opened: Project, *, as_json: bool) -> None:
    made = [opened.sample(name) for name in opened.samples]
    how_far = [(each, own_progress(opened, each)) for each in made]
    if as_json:
        print_json([_json(each, progress) for each, progress in how_far])
    elif made:
        _print_progress(how_far)
    else:
        note("No sample was drawn yet. `coding sample NAME --reader WHO` draws one.")


def keep_sample(opened: Project, made: Sample) -> None:
    """Write a sample where the project has it."""
    from coding.formats.samples import write_sample

    write_sample(opened.sample_path(made.name), made)


def documents_for(opened: Project, book: Codebook, where: list[str] | None) -> tuple[Corpus, tuple[str, ...]]:
    """Return the documents to draw from, and how they were chosen: as asked, else those of the study."""
    from coding.conditions import conditions
    from coding.selection import select
    from coding.study import read_checked

    if where:
        return opened.corpus.where(**conditions(where, opened.corpus)), tuple(where)
    if opened.study or len(opened.studies) == 1:
        plan, of_study = read_checked(opened)
        if of_study.id == book.id:
            return select(opened.corpus, plan.corpus)[0], (f"study {plan.id}",)
    return opened.corpus, ()


def codes_for(book: Codebook, codes: list[str] | None, *, below: bool) -> list[str]:
    """Return what readers look for: the codes named, else the parts of each family; with those below too."""
    if codes:
        named = [book[code].id for code in codes]
    else:
        families = dict.fromkeys(book.family(code.id) for code in book.children(None))
        named = [code for family in families for code in book.parts(family)]
    if not below:
        return named
    return [
        code.id
        for code in book.codes
        if code.id in named or (not code.retired and set(named) & set(book.ancestors(code.id)))
    ]


def own_progress(opened: Project, made: Sample) -> list[tuple[Progress, int]]:
    """Return how far each reader has come, and how many units left they cannot judge blind any more."""
    from coding.judging import progress as how_far

    corpus = opened.corpus
    come = how_far(made, corpus, opened.codebook(made.codebook), own_coding(made.readers, opened, corpus))
    if not opened.store_path.is_file():  # nobody has seen anything yet, and looking makes no store
        return [(one, 0) for one in come]
    with opened.store() as store:
        seen = {
            one.reader: {d for d in {unit.document for unit in one.left} if store.has_seen(one.reader, d)}
            for one in come
        }
    return [(one, sum(unit.document in seen[one.reader] for unit in one.left)) for one in come]


def _print_strata(made: Sample) -> None:
    rows = [
        [
            " + ".join(stratum.cases),
            stratum.found or "none of the codes",
            str(stratum.n_units),
            str(stratum.n_drawn),
            f"{stratum.probability:.3f}",
        ]
        for stratum in made.strata
    ]
    print_table(
        ["case", f"{made.coder} found", f"{made.unit}s", "drawn", "probability"], rows, numbers=(2, 3, 4)
    )


def _print_progress(samples: Sequence[tuple[Sample, Sequence[tuple[Progress, int]]]]) -> None:
    rows = [
        [
            *(each.name, each.at[:10], one.reader, str(len(each.drawn)), str(one.n_judged)),
            *(str(len(one.left) - n_seen), str(n_seen)),
        ]
        for each, progress in samples
        for one, n_seen in progress
    ]
    print_table(
        ["sample", "drawn on", "reader", "units", "judged", "to judge", "not blind"],
        rows,
        numbers=range(3, 7),
    )
    if any(n_seen for _, progress in samples for _, n_seen in progress):
        note("Not blind: the reader has seen what others coded in their documents, and cannot judge them.")


def _told(made: Sample) -> str:
    lost = (
        f" {made.n_unplaced} {made.unit}s are left out (they speak of no case, or were read before)."
        if made.n_unplaced
        else ""
    )
    chosen = f" ({', '.join(made.where)})" if made.where else ""
    return (
        f"{len(made.drawn)} of {made.n_units} {made.unit}s of {len(made.documents)} documents{chosen}. "
        f"Asked: {', '.join(made.codes)}. Seed {made.seed}.{lost}"
    )


def _json(made: Sample, how_far: Sequence[tuple[Progress, int]]) -> dict[str, object]:
    return {
        "name": made.name,
        "at": made.at,
        "coder": made.coder,
        "codebook": made.codebook,
        "codes": list(made.codes),
        "unit": made.unit,
        "counts": made.counts,
        "rollup": made.rollup,
        "by": list(made.by),
        "seed": made.seed,
        "units": made.n_units,
        "drawn": len(made.drawn),
        "unplaced": made.n_unplaced,
        "strata": [
            {
                "cases": list(each.cases),
                "found": each.found or None,
                "units": each.n_units,
                "drawn": each.n_drawn,
                "probability": each.probability,
            }
            for each in made.strata
        ],
        "where": list(made.where),
        "found": made.n_found,
        "others": made.n_others,
        "reworded": list(made.reworded),
        "readers": {
            one.reader: {"judged": one.n_judged, "to_judge": len(one.left) - n_seen, "not_blind": n_seen}
            for one, n_seen in how_far
        },
    }
