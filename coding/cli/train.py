"""The command that trains a model and says how good it would be: `coding train`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.sample import own_coding
from coding.cli.show import note, print_json, progress
from coding.cli.texts import ChosenCodebook, own_rules
from coding.cli.trained import as_value, print_errors, print_model, print_report, refuse_suffix, write_page

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.learned import Target
    from coding.model import Coded, Corpus
    from coding.project import Project
    from coding.taggers.learned.recipe import Vectors
    from coding.taggers.rules import Overlap
    from coding.units import Counts, Targets, Unit


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="Name of the model, under which it codes.")] = "model",
    *,
    project: ProjectFolder = None,
    coders: Annotated[
        list[str] | None,
        typer.Option(
            "--coder", "-c", help="Whose coding it learns from; may be repeated. Else all people's."
        ),
    ] = None,
    codebook: ChosenCodebook = None,
    codes: Annotated[
        list[str] | None, typer.Option(help="Only this code and those below it; may be repeated.")
    ] = None,
    unit: Annotated[str, typer.Option(help="sentence, paragraph or document: what it codes.")] = "sentence",
    counts: Annotated[
        str, typer.Option(help="'any': a segment counts for each unit it touches; or 'greater part'.")
    ] = "any",
    rollup: Annotated[
        bool, typer.Option("--rollup/--no-rollup", help="Whether a segment counts for the codes above too.")
    ] = True,
    target: Annotated[
        str, typer.Option(help="f1; or a precision, such as 0.8, that what it finds should have at least.")
    ] = "f1",
    context: Annotated[
        bool, typer.Option("--context", help="Look at the units before and after as well.")
    ] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Look at what the rules find in a unit as well.")
    ] = False,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Look at sentence vectors as well (extra 'embeddings').")
    ] = False,
    decisions: Annotated[
        bool, typer.Option("--decisions/--no-decisions", help="Learn from decisions on suggestions as well.")
    ] = True,
    weak: Annotated[
        bool, typer.Option("--weak", help="Learn, a little, from what rules coded where nobody has read.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Say how good it would be on texts that it has not seen.")
    ] = False,
    errors: Annotated[int, typer.Option(min=0, help="With --report: show so many of its errors.")] = 0,
    by: Annotated[str, typer.Option(help="The document variable whose values are the cases.")] = "donor",
    seed: Annotated[int, typer.Option(min=0, help="Of folds and of whatever else is drawn.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Make the report, and write it as a page too: FILE.html.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on what people coded in what they read, and keep it in models/."""
    from coding.formats.models import write_model
    from coding.held_out import Plan
    from coding.learned import Recipe
    from coding.learning import learning_report
    from coding.units import counting

    refuse_suffix(out)
    report = report or out is not None
    opened = open_own(project)
    _refuse_person(opened, name)
    book, overlap = own_rules(opened, codebook)
    corpus = opened.corpus
    asked = _asked(book, codes)
    people = _people(opened, coders)
    taught = own_coding(people, opened, corpus)
    if decisions:
        taught = taught + _decided(opened, corpus, people, counting(book, asked, rollup=rollup))
    plan = Plan(
        codes=tuple(asked),
        unit=cast("Unit", unit),
        counts=cast("Counts", counts),
        rollup=rollup,
        target=_target(target),
        seed=seed,
        recipe=Recipe(context=context, rules=rules, embeddings=embeddings),
        vectors=vectors_of(opened) if embeddings else None,
    )
    with progress("training") as told:
        by_rules = _by_rules(opened, corpus, book, overlap) if report or weak else None
        tagger = plan.fit(taught, corpus, book, name=name, weak=by_rules if weak else None, told=told)
        path = opened.model_path(name)
        is_there = path.exists()
        write_model(path, tagger.model)
        found = None
        if report:
            learned = replace(plan, codes=tuple(each.code for each in tagger.model.codes))
            found = learning_report(
                taught,
                corpus,
                book,
                learned,
                by=by,
                rules=by_rules,
                weak=by_rules if weak else None,
                told=told,
            )
        if found is not None and out is not None:
            write_page(out, tagger, found, corpus, taught, errors)
    if as_json:
        print_json(as_value(tagger, found))
        return
    print_model(tagger)
    if found is not None:
        print_report(found, corpus)
        print_errors(found, corpus, errors)
    instead = " in place of an earlier one, whose suggestions stay until then" if is_there else ""
    note(f"Kept in models/{path.name}{instead}. `coding tag --model {name}` codes the texts by it.")
    if out is not None:
        note(f"Written to {out}.")


def vectors_of(opened: Project) -> Vectors:
    """Return what gives texts their sentence vectors; those of the project are kept beside it."""
    from coding.taggers.learned.vectors import sentence_vectors

    return sentence_vectors(opened.root / ".coding")


def _target(written: str) -> Target:
    from coding.errors import CodingError

    if written == "f1":
        return "f1"
    try:
        return float(written)
    except ValueError as error:
        raise CodingError(f"'{written}' is no target. Take f1, or a precision such as 0.8.") from error


def _asked(book: Codebook, codes: list[str] | None) -> list[str]:
    """Return the codes in use: all, or those named with those below them."""
    named = {book[code].id for code in codes or ()}
    return [
        code.id
        for code in book.codes
        if not code.retired and (not named or named & {code.id, *book.ancestors(code.id)})
    ]


def _refuse_person(opened: Project, name: str) -> None:
    """Raise if a model is to have the name of somebody who codes."""
    from coding.errors import CodingError

    stored = opened.coded
    machines = {reading.coder for reading in stored.readings if reading.kind != "person"}
    if (
        name
        in ({each.coder for each in stored.segments} | {each.coder for each in stored.readings}) - machines
    ):
        raise CodingError(f"{name} codes here, and a model signs by its name. Name the model otherwise.")


def _people(opened: Project, coders: list[str] | None) -> list[str]:
    """Return the people from whom is learned: those named, else all."""
    from coding.errors import nearest, refuse

    stored = opened.coded
    machines = {reading.coder for reading in stored.readings if reading.kind != "person"}
    everybody = {s.coder for s in stored.segments} | {r.coder for r in stored.readings}
    people = sorted(everybody - machines)
    unknown = [one for one in coders or () if one not in people]
    refuse([f"nobody codes here as '{one}'.{nearest(one, people)}" for one in unknown])
    return coders or people


def _decided(opened: Project, corpus: Corpus, people: list[str], counts_for: Targets) -> Coded:
    """Return what people's decisions on suggestions teach, in the texts as they are."""
    from coding.coders import by_text
    from coding.learning import from_decisions

    return by_text(from_decisions(opened.coded, opened.decisions, people, counts_for), corpus)[0]


def _by_rules(opened: Project, corpus: Corpus, book: Codebook, overlap: Overlap) -> Coded:
    from coding.taggers import tag
    from coding.taggers.rules import RuleTagger

    return tag(corpus, [RuleTagger(book, overlap=overlap, cases=opened.corpus.known_cases)])
