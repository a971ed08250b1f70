"""The command that lists where people, rules and models do not say the same: `coding conflicts`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.show import is_piped, note, print_below, print_entry, print_json, print_table, progress
from coding.cli.texts import ChosenCodebook, own_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.batch import Decision
    from coding.codebook import Codebook
    from coding.conflicts import Conflict
    from coding.learned import Model
    from coding.model import Coded, Corpus
    from coding.project import Project
    from coding.units import Unit


@app.command()
def conflicts(
    *,
    project: ProjectFolder = None,
    code: Annotated[str | None, typer.Option("--code", help="Only on this code and those below it.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Only 'people against rules and model', 'people against model', 'people against rules', "
            "'people divided' or 'machine against machine'."
        ),
    ] = None,
    following: Annotated[int, typer.Option("--next", "-n", min=1, help="At most so many.")] = 20,
    unit: Annotated[
        str | None,
        typer.Option(help="sentence, paragraph or document; else what the models code, or the sentence."),
    ] = None,
    codebook: ChosenCodebook = None,
    as_json: AsJson = False,
) -> None:
    """List where people, rules and models that have read a sentence differ on a code, with their reasons."""
    from coding.coders import by_text
    from coding.conflicts import conflicts as found_in
    from coding.conflicts import unit_of
    from coding.review import firsthand, latest

    opened = open_own(project)
    book, _ = own_rules(opened, codebook)
    _refuse_unknown(book, code, kind)
    with progress("comparing what was said"):
        corpus, decisions = opened.corpus, opened.decisions
        own, earlier = by_text(firsthand(opened.coded, decisions), corpus)
        models = _models(opened, own, book)
        every = found_in(
            own,
            corpus,
            book,
            unit=cast("Unit", unit or unit_of(models.values())),
            counts="any",
            models=models,
            memos=opened.memos,
        )
    chosen = [one for one in every if _is_chosen(one, book, code, kind)]
    last = latest(decisions)
    left = [one for one in chosen if not one.is_settled(last)]
    if as_json:
        print_json([_json(one, corpus, last) for one in left[:following]])
        return
    _print(left[:following], corpus)
    for line in _told(chosen, left, following, own):
        note(line)
    if earlier.segments:
        note(f"{len(earlier.segments)} coded segments are left out: their texts have changed since.")


def _refuse_unknown(book: Codebook, code: str | None, kind: str | None) -> None:
    from coding.conflicts import KINDS
    from coding.errors import choose

    if code is not None:
        book[code]
    if kind is not None:
        choose(kind, KINDS, "kind")


def _models(opened: Project, coded: Coded, book: Codebook) -> Mapping[str, Model]:
    """Return the models of this codebook that have coded here; without its file one only says less."""
    from coding.errors import CodingError

    names = {reading.coder for reading in coded.readings if reading.kind == "model"}
    found = {}
    for name in sorted(names.intersection(opened.models)):
        try:
            model = opened.model(name)
        except CodingError as error:
            note(str(error))
            continue
        if model.codebook == book.id:
            found[name] = model
    return found


def _is_chosen(one: Conflict, book: Codebook, code: str | None, kind: str | None) -> bool:
    return code in (None, one.code, *book.ancestors(one.code)) and kind in (None, one.kind)


def _print(shown: Sequence[Conflict], corpus: Corpus) -> None:
    """Print each with its place on a line of its own, its words, and who says what, for which reason."""
    if not is_piped():
        for one in shown:
            print_entry(" ".join(_at(one)), "", _words(one, corpus))
            print_below(f"{one.code}:", one.kind)
            for who, says, why in _sides(one):
                print_below(f"{who}: {says},", why)
        return
    rows = []
    for one in shown:
        said = "; ".join(f"{who}: {says}" for who, says, _ in _sides(one))
        why = " | ".join(f"{who}: {reasons}" for who, _, reasons in _sides(one))
        rows.append([*_at(one), _words(one, corpus), one.code, one.kind, said, why])
    print_table(["document", "span", "words", "code", "kind", "who says what", "why"], rows)


def _sides(one: Conflict) -> list[tuple[str, str, str]]:
    return [(side.coder, "yes" if side.says else "no", "; ".join(side.reasons)) for side in one.sides]


def _told(chosen: Sequence[Conflict], left: Sequence[Conflict], n: int, coded: Coded) -> Iterable[str]:
    """Yield what there is to say of them as a whole."""
    kinds = {reading.kind for reading in coded.readings}
    if not kinds & {"rules", "model"}:
        yield "Neither rules nor a model have coded here yet: `coding tag`, `coding train`."
        return
    if len(kinds) == 1 and not chosen:
        yield "Nobody else has read here who could differ. Read in `coding serve`, or `coding train` a model."
        return
    by_kind = Counter(one.kind for one in left)
    parts = "".join(f", {number} {kind}" for kind, number in by_kind.items())
    yield f"{len(left)} open{parts}. {len(chosen) - len(left)} are settled."
    if len(left) > n:
        yield f"Only the first {n} are shown: --next {len(left)} shows all."
    if left:
        yield "To rule on them, one by one: `coding serve`, then /conflicts (Review leads there)."
    if "model" in kinds:
        yield (
            "A model has mostly learned from the very readings that it is held against, and differs from "
            "people less often than it would on new texts: `coding train NAME --report --errors 10`."
        )


def _at(one: Conflict) -> tuple[str, str]:
    return one.unit.document, f"{one.unit.start}:{one.unit.end}"


def _words(one: Conflict, corpus: Corpus) -> str:
    return " ".join(corpus[one.unit.document].quote(one.unit).split())


def _json(one: Conflict, corpus: Corpus, last: Mapping[str, Decision]) -> dict[str, object]:
    return {
        "id": one.id,
        "document": one.unit.document,
        "start": one.unit.start,
        "end": one.unit.end,
        "quote": corpus[one.unit.document].quote(one.unit),
        "code": one.code,
        "kind": one.kind,
        "sides": [
            {
                "coder": side.coder,
                "kind": side.kind,
                "says": side.says,
                "probability": side.score,
                "reasons": list(side.reasons),
                "segments": [
                    {
                        "id": each.id,
                        "start": each.segment.start,
                        "end": each.segment.end,
                        "code": each.code,
                        "ruling": last[each.id].ruling if each.id in last else None,
                    }
                    for each in side.evidence
                ],
            }
            for side in one.sides
        ],
    }
