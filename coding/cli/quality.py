"""Commands that ask how good coding is: `coding quality`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project, own_codebook
from coding.cli.show import note, print_json, print_table

if TYPE_CHECKING:
    from coding.quality import Quality, Score


@app.command()
def quality(
    *,
    sample: Annotated[
        str | None, typer.Option(metavar="NAME", help="A blind sample of `coding sample`, judged by readers.")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Instead: JSON lines, sentences with what readers coded in each.")
    ] = None,
    project: ProjectFolder = None,
    codebook: Annotated[
        str | None, typer.Option(help="Id of the codebook; else that of the project's study.")
    ] = None,
    errors: Annotated[int, typer.Option(min=0, help="Show so many errors of each kind for each code.")] = 0,
    rules: Annotated[bool, typer.Option("--rules", help="Of a sample: each rule as well.")] = False,
    width: Annotated[
        float, typer.Option(help="Of a sample: say how many more judgements an interval so wide needs.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws behind the intervals.")] = 1,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="TEXTS",
            help="Of a gold file: keep the figures beside the codebook, for the report; TEXTS says of which "
            "texts.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how well the rules, or another coder, find what readers found; from a blind sample, per donor."""
    from coding.cli.sampled import say_quality
    from coding.errors import CodingError

    if (sample is None) == (gold is None):
        raise CodingError(
            "name what readers said: a blind sample (`--sample NAME`, drawn by `coding sample`) or a file of "
            "sentences (`--gold FILE`), one of them."
        )
    if gold is not None:
        if rules:
            raise CodingError("--rules goes with --sample: a gold file has too few hits of a rule.")
        _of_gold(gold, project, codebook, errors=errors, seed=seed, save=save, as_json=as_json)
    elif sample is not None:
        if save is not None or codebook is not None:
            other = "--save" if save is not None else "--codebook"
            raise CodingError(f"{other} goes with --gold. A sample has its own codebook, and is kept itself.")
        say_quality(project, sample, errors=errors, rules=rules, width=width, seed=seed, as_json=as_json)


def _of_gold(
    gold: Path,
    project: Path | None,
    codebook: str | None,
    *,
    errors: int,
    seed: int,
    save: str | None,
    as_json: bool,
) -> None:
    from coding.formats.gold import read_gold
    from coding.formats.measured import write_measured
    from coding.quality import measured
    from coding.quality import quality as measure

    sentences = read_gold(gold)
    opened = open_project(project, as_json=as_json)
    book = opened.codebook(codebook) if codebook else own_codebook(opened)
    found = measure(sentences, book, overlap="longest", cases=opened.corpus.known_cases, seed=seed)
    if save is not None:
        path = opened.root / "codebooks" / "quality" / f"{book.id}.json"
        write_measured(path, measured(found, book, texts=save))
        note(f"Kept in {path}.")
    if as_json:
        print_json(_json(found))
        return
    note(
        f"Codebook {found.codebook} against {len(found.readers)} readers: {found.n_sentences} sentences of "
        f"{found.n_documents} documents. Intervals: documents drawn anew. Readers: their F1 with one another."
    )
    known = {name for case in opened.corpus.known_cases.values() for name in (case.id, case.name)}
    others = [donor for donor in found.donors if donor not in known]
    if others:
        note(f"No case of the project: {', '.join(others)}. Rules know them by these names alone.")
    _print_categories(found)
    _print_orientation(found)
    if errors:
        _print_errors(found, errors)


def _print_categories(found: Quality) -> None:
    head = ["category", "donor", "found", "read", "precision", "recall", "F1", "interval", "readers"]
    rows = []
    for category in found.categories:
        for donor in ("", *found.donors):
            scores = [found.scores[category, reader, donor] for reader in found.readers]
            rows.append(
                [
                    *("" if donor else category, donor or "all"),
                    *(
                        _mean([s.n_found for s in scores], "{:.0f}"),
                        _mean([s.n_read for s in scores], "{:.1f}"),
                    ),
                    *(_number(found.mean(category, what, donor)) for what in ("precision", "recall", "f1")),
                    *(_span(*found.span(category, donor)), "" if donor else _number(found.between[category])),
                ]
            )
    rows.append(
        ["all (macro)", "all", "", "", "", "", _number(found.macro_f1), "", _number(found.macro_between)]
    )
    print_table(head, rows, numbers=range(2, 9))


def _print_orientation(found: Quality) -> None:
    rows = [
        [
            *("orientation" if not donor else "", donor or "all", reader),
            *(str(one.n), str(one.n_read), _number(one.accuracy), _span(one.low, one.high)),
            _number(one.none_as_neutral),
            _number(found.orientation_between) if not donor else "",
        ]
        for donor in ("", *found.donors)
        for reader in found.readers
        for one in [found.orientation[reader, donor]]
    ]
    print_table(
        [
            "",
            "donor",
            "reader",
            "both oriented",
            "reader oriented",
            "accuracy",
            "interval",
            "none as neutral",
            "readers",
        ],
        rows,
        numbers=range(3, 9),
    )


def _print_errors(found: Quality, most: int) -> None:
    for category in found.categories:
        for missed in (True, False):
            shown: dict[str, list[str]] = {}
            for error in found.errors:
                if error.category == category and error.missed == missed:
                    shown.setdefault(error.sentence.id, []).append(error.reader)
            some = {e.sentence.id: e for e in found.errors if e.sentence.id in list(shown)[:most]}
            rows = [
                [
                    name,
                    ", ".join(readers),
                    " · ".join(some[name].words if not missed else ()),
                    some[name].sentence.text,
                ]
                for name, readers in list(shown.items())[:most]
            ]
            if rows:
                typer.echo(f"\n{category}: {'missed' if missed else 'found alone'} ({len(shown)} sentences)")
                print_table(["sentence", "against", "words", "text"], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _mean(values: list[int], form: str) -> str:
    return form.format(sum(values) / len(values))


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def _json(found: Quality) -> dict[str, object]:
    return {
        "codebook": found.codebook,
        "sentences": found.n_sentences,
        "documents": found.n_documents,
        "macro_f1": found.macro_f1,
        "macro_f1_readers": found.macro_between,
        "orientation_accuracy": found.orientation_accuracy,
        "orientation_accuracy_readers": found.orientation_between,
        "categories": {
            category: {
                "precision": found.mean(category, "precision"),
                "recall": found.mean(category, "recall"),
                "f1": found.mean(category),
                "f1_readers": found.between[category],
                "donors": {donor: found.mean(category, "f1", donor) for donor in found.donors},
                "against": {reader: _score(found.scores[category, reader, ""]) for reader in found.readers},
            }
            for category in found.categories
        },
    }


def _score(score: Score) -> dict[str, object]:
    return {
        "found": score.n_found,
        "read": score.n_read,
        "both": score.n_both,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "interval": None if score.low is None else [score.low, score.high],
    }
