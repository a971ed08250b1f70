"""The command that says what to read next, so that a model learns most from it: `coding suggest`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, progress
from coding.cli.texts import ChosenCodebook, own_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.choosing import Choice
    from coding.codebook import Codebook
    from coding.examples import Example
    from coding.learned import Model
    from coding.model import Corpus, Segment
    from coding.project import Project
    from coding.promising import Chosen
    from coding.taggers.learned import LearnedTagger

    Beside = Mapping[Segment, Sequence[Example]]

_WHY = {
    "unsure": "where the model is unsure",
    "disagreement": "where rules and the model disagree",
    "rare": "for codes with few examples",
    "random": "drawn by chance",
}


@app.command()
def suggest(
    name: Annotated[str, typer.Argument(help="Name of the sample that is made of what is to be read.")],
    *,
    project: ProjectFolder = None,
    readers: Annotated[
        list[str] | None, typer.Option("--reader", "-r", help="Who reads all of it; may be repeated.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model that is to learn; without it the only one there is.")
    ] = None,
    following: Annotated[int, typer.Option("--next", "-n", help="How many units.")] = 50,
    share: Annotated[
        float, typer.Option("--random", help="The share of them that is drawn by chance, 0 to 1.")
    ] = 0.2,
    codebook: ChosenCodebook = None,
    codes: Annotated[
        list[str] | None,
        typer.Option(
            help="A code that readers look for; may be repeated. Else the parts of each family that the "
            "model was trained on."
        ),
    ] = None,
    below: Annotated[
        bool, typer.Option("--below", help="Look for each of the codes below these as well.")
    ] = False,
    coder: Annotated[
        str | None,
        typer.Option(
            help="Whose coding is judged: 'rules', or the model. Else the rules if they look for all codes."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="The document variable whose values are the cases.")] = "donor",
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only such documents, e.g. 'donor=japan year=2015..2020'; may be repeated. Else those of "
            "the study."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn by chance.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be chosen; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Choose what to read next: units from which a model learns most, and some drawn by chance."""
    from coding.cli.examples import by_people
    from coding.cli.modelled import tagger_of
    from coding.cli.sample import documents_for, keep_sample, refuse_machine_readers
    from coding.coders import RULES

    opened = open_own(project)
    _refuse_drawn(opened, name)
    refuse_machine_readers(opened, readers or [])
    book, overlap = own_rules(opened, codebook)
    learner = opened.model(_named(opened, model))
    _refuse_other(learner, book)
    asked = _asked(learner, book, codes, below=below)
    judged = coder or (RULES if _is_searched(asked, learner, book) else learner.name)
    _refuse_coder(judged, (RULES, learner.name))
    with progress("looking for units") as told:
        from coding.choosing import choose
        from coding.cli.sample import coded_by

        corpus, chosen_by = documents_for(opened, book, where)
        tagger = tagger_of(opened, learner.name)
        choice = choose(
            tagger,
            corpus,
            people=by_people(opened, corpus),
            rules=coded_by(RULES, opened, corpus, book, overlap),
            name=name,
            coder=judged,
            readers=readers or [],
            codes=asked,
            by=by,
            n=following,
            share=share,
            seed=seed,
            where=chosen_by,
            seen=_seen(opened, readers or [], corpus),
            waiting=_waiting(opened, readers or [], asked),
            told=told,
        )
    if not dry_run:
        keep_sample(opened, choice.sample)
    examples = _examples(choice.units, opened, tagger) if as_json or not is_piped() else {}
    if as_json:
        print_json(_json(choice, learner.name, opened.corpus, examples))
        return
    _print_chosen(choice.units, opened.corpus, examples)
    for line in _told(choice, following, share):
        note(line)
    note(
        "Nothing was written. Without --dry-run it is kept as a sample."
        if dry_run
        else f"Written to samples/{name}.json, without the reasons, which are not for readers' eyes. `coding "
        f"serve` asks {', '.join(choice.sample.readers)} under Judge; then `coding train`."
    )


def _refuse_drawn(opened: Project, name: str) -> None:
    from coding.errors import CodingError

    if name in opened.samples:
        raise CodingError(
            f"there is a sample {name} already, and it stays as it was drawn. `coding sample {name}` says "
            "how far its readers have come. Take another name for what is to be read next."
        )


def _named(opened: Project, model: str | None) -> str:
    """Return the name of the model asked for, else of the only one."""
    from coding.errors import CodingError

    if model is not None:
        return model
    if not opened.models:
        raise CodingError(
            "there is no model yet that could say what to read next. `coding train` trains one on what "
            "people have read; until then `coding sample` draws units by chance."
        )
    if len(opened.models) > 1:
        raise CodingError(f"name a model with --model: {', '.join(opened.models)}.")
    return opened.models[0]


def _refuse_other(model: Model, book: Codebook) -> None:
    from coding.errors import CodingError

    if model.codebook != book.id:
        raise CodingError(
            f"the model {model.name} has learned codes of {model.codebook}, and the codebook here is "
            f"{book.id}. Name the other (`--codebook {model.codebook}`), or a model of this one (`--model`)."
        )


def _refuse_coder(coder: str, known: Sequence[str]) -> None:
    from coding.errors import CodingError, nearest

    if coder not in known:
        raise CodingError(
            f"--coder is {' or '.join(known)} here, not '{coder}'.{nearest(coder, known)} Of other coders "
            "`coding sample` draws samples."
        )


def _asked(model: Model, book: Codebook, codes: list[str] | None, *, below: bool) -> list[str]:
    """Return what readers look for: the codes named, else what `coding sample` asks if the model knows it."""
    from coding.cli.sample import codes_for

    asked = codes_for(book, codes, below=below)
    if codes:
        return asked
    learned = [each.code for each in model.codes]
    trained = {*learned, *(each.code for each in model.left_out)}
    both = [code for code in asked if code in trained]
    return both if set(both) & set(learned) else learned


def _is_searched(asked: Iterable[str], model: Model, book: Codebook) -> bool:
    """Say whether rules look for all these codes."""
    from coding.units import counting

    targets = counting(book, list(asked), rollup=model.rollup)
    with_rules = [code.id for code in book.codes if code.rules and not code.retired]
    return set(asked) <= {target for code in with_rules for target in targets[code]}


def _seen(opened: Project, readers: Sequence[str], corpus: Corpus) -> frozenset[str]:
    """Return the documents in which one of the readers has seen what others coded."""
    if not opened.store_path.is_file():
        return frozenset()
    with opened.store() as store:
        return frozenset(d.id for d in corpus if any(store.has_seen(reader, d.id) for reader in readers))


def _waiting(opened: Project, readers: Sequence[str], codes: Sequence[str]) -> frozenset[Segment]:
    """Return the units that a reader is asked about for one of the codes, and has still to judge."""
    from coding.cli.sample import own_progress

    others = (opened.sample(name) for name in opened.samples)
    asking = [each for each in others if set(each.readers) & set(readers) and set(each.codes) & set(codes)]
    left = (one.left for each in asking for one, _ in own_progress(opened, each) if one.reader in readers)
    return frozenset(unit for units in left for unit in units)


def _examples(units: Sequence[Chosen], opened: Project, tagger: LearnedTagger) -> Beside:
    """Return for each unit that was chosen for a code the nearest that people have read."""
    from coding.cli.examples import examples_of, near

    known = examples_of(opened, tagger)
    return {one.segment: near(known, tagger, one.segment, one.code) for one in units}


def _print_chosen(units: Sequence[Chosen], corpus: Corpus, examples: Beside) -> None:
    """Print each unit with the reason: its place, its words, why; for a reader what is near to it as well."""
    from coding.cli.examples import print_near

    if not is_piped():
        for one in units:
            print_entry(" ".join(_at(one)), one.said, _words(one, corpus))
            print_near(examples[one.segment], corpus)
        return
    rows = [
        [
            *_at(one),
            _words(one, corpus),
            one.why,
            one.code,
            "" if one.probability is None else f"{one.probability:.4f}",
            one.said,
        ]
        for one in units
    ]
    print_table(["document", "span", "words", "reason", "code", "probability", "why"], rows)


def _at(one: Chosen) -> tuple[str, str]:
    return one.segment.document, f"{one.segment.start}:{one.segment.end}"


def _words(one: Chosen, corpus: Corpus) -> str:
    return " ".join(corpus[one.segment.document].quote(one.segment).split())


def _told(choice: Choice, n: int, share: float) -> Iterable[str]:
    """Yield what there is to say of a choice as a whole."""
    sample, n_chosen = choice.sample, len(choice.units)
    by_reason = Counter(_WHY[one.why] for one in choice.units)
    reasons = ", ".join(f"{by_reason[said]} {said}" for said in _WHY.values() if by_reason[said])
    asked = ", ".join(sample.codes)
    yield f"{n_chosen} {sample.unit}s: {reasons}. Asked: {asked}. Seed {sample.seed}."
    short = "since no others differ enough from these to the model"
    if n_chosen < n and n_chosen == sample.n_units:
        yield f"No more than these {n_chosen} {sample.unit}s are left to read."
    elif n_chosen < n:
        yield f"There are fewer than asked for, {short}."
    elif by_reason[_WHY["random"]] > round(n * share):
        yield f"More are drawn by chance than asked for, {short}."
    if not share:
        yield f"None is drawn by chance, so that nothing can be said of the {sample.unit}s left out."
    if choice.n_seen:
        yield (
            f"{choice.n_seen} {sample.unit}s were left aside: a reader has seen what others coded in their "
            "documents, and cannot judge them blind any more."
        )
    if choice.n_waiting:
        yield f"{choice.n_waiting} {sample.unit}s were left aside: they wait in another sample to be judged."


def _json(choice: Choice, model: str, corpus: Corpus, examples: Beside) -> dict[str, object]:
    from coding.cli.examples import as_values

    sample = choice.sample
    return {
        "name": sample.name,
        "at": sample.at,
        "model": model,
        "coder": sample.coder,
        "codebook": sample.codebook,
        "codes": list(sample.codes),
        "readers": list(sample.readers),
        "unit": sample.unit,
        "by": list(sample.by),
        "where": list(sample.where),
        "seed": sample.seed,
        "units": sample.n_units,
        "read": choice.n_read,
        "seen": choice.n_seen,
        "waiting": choice.n_waiting,
        "chosen": [
            {
                "document": one.segment.document,
                "start": one.segment.start,
                "end": one.segment.end,
                "words": _words(one, corpus),
                "reason": one.why,
                "code": one.code or None,
                "probability": one.probability,
                "threshold": one.threshold,
                "examples": one.n_examples if one.code else None,
                "rules": one.found,
                "why": one.said,
                "near": as_values(examples[one.segment], corpus),
            }
            for one in choice.units
        ],
    }
