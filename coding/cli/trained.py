"""What `coding train` says: what was learned, and how good it would be on texts that were not seen."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import typer

from coding.cli.show import is_piped, note, print_passage, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from coding.estimating import Estimate
    from coding.learning import CodeReport, LearningReport, Scored
    from coding.model import Coded, Corpus
    from coding.taggers.learned import LearnedTagger


def print_model(tagger: LearnedTagger) -> None:
    """Print what was learned of each code, and what could not be."""
    model = tagger.model
    rows = [
        [
            *(each.code, str(each.n_units), str(each.n_bearing), str(each.n_clusters)),
            *(f"{each.low:.2f}", f"{each.threshold:.2f}"),
        ]
        for each in model.codes
    ]
    head = ["code", f"{model.unit}s read", "bear it", "clusters", "no below", "yes from"]
    print_table(head, rows, numbers=range(1, 6))
    looks = [part.name for part in fields(model.recipe) if getattr(model.recipe, part.name)]
    weak = f" {model.n_weak} more were read by rules alone, and weigh little." if model.n_weak else ""
    note(
        f"{model.name} looks at {', '.join(looks)}, and learned from {model.n_units} {model.unit}s that "
        f"people judged.{weak} Between the two probabilities it says nothing."
    )
    for reason, codes in model.reasons.items():
        note(f"Left out, since {reason}: {', '.join(codes)}.")


def print_report(found: LearningReport, corpus: Corpus) -> None:
    """Print how good the model would be, code by code and case by case."""
    piped = is_piped()
    typer.echo(f"\nOn {found.n_units} units of {found.n_clusters} clusters of documents that it had not seen")
    rows = []
    for one in found.codes.values():
        rows.append(_row(one.code, "all", one.model, one))
        for case, scored in one.by_case.items():
            rows.append(
                _row(one.code if piped else "", corpus.name(case), scored, None, one.left_out.get(case))
            )
    names = ["precision", "recall", "F1", "avg. precision", "rules F1", "F1 from others"]
    head = ["code", "case", "bear it", "said"]
    shown = [part for name in names[:5] for part in ((name, "low", "high") if piped else (name,))] + names[5:]
    print_table([*head, *shown], rows, numbers=range(2, 4 + len(shown)))
    _print_calibration(found)
    always = [f"{one.majority:.2f} ({one.code}; model {one.accuracy:.2f})" for one in found.codes.values()]
    curve = ", ".join(f"{n:.0f}: {f1:.2f}" for n, f1 in found.curve)
    note(
        f"Mean F1: {_number(found.macro_f1)}; rules: {_number(found.macro_f1_rules)}. F1 from others: by a "
        "model that learned from the other cases alone.\n"
        f"Who always says what most units are is right in {', '.join(always)}.\n"
        f"Mean F1 by clusters learned from: {curve}."
    )


def _row(
    code: str, case: str, scored: Scored, whole: CodeReport | None, apart: Scored | None = None
) -> list[str]:
    from coding.estimating import Estimate

    nothing = Estimate(None)
    average = whole.average_precision if whole else nothing
    rules = whole.rules.f1 if whole and whole.rules else nothing
    figures = (scored.precision, scored.recall, scored.f1, average, rules)
    return [
        *(code, case, str(scored.n_bearing), str(scored.n_said)),
        *(cell for figure in figures for cell in _cells(figure)),
        _number(apart.f1.value if apart else None),
    ]


def _print_calibration(found: LearningReport) -> None:
    rows = [
        [
            one.code,
            f"{each.low:g} to {each.high:g}",
            str(each.n),
            f"{each.probability:.2f}",
            f"{each.share:.2f}",
        ]
        for one in found.codes.values()
        for each in one.calibration
    ]
    typer.echo("\nDoes its probability mean what it says?")
    print_table(["code", "probability", "units", "mean", "bear it"], rows, numbers=(2, 3, 4))


def print_errors(found: LearningReport, corpus: Corpus, most: int) -> None:
    """Print units of which the model said something else than people, the surest first."""
    from coding.surroundings import cut

    rows = []
    for one in found.mistakes[:most]:
        document, place = corpus[one.segment.document], one.segment
        before, after = cut(document, "sentence").neighbours(document.text, place.start, place.end)
        kind = "missed" if one.missed else "found alone"
        where = f"{place.document} {place.start}:{place.end}"
        rows.append([one.code, kind, f"{one.probability:.2f}", where, before, document.quote(place), after])
    if rows and is_piped():
        print_table(["code", "error", "probability", "place", "before", "unit", "after"], rows)
        return
    for code, kind, probability, where, before, words, after in rows:
        print_passage(
            f"{code}: {kind}", f"{where}, probability {probability}", f"{before} ", words, f" {after}"
        )


def _cells(estimate: Estimate) -> list[str]:
    parts = [_number(each) for each in (estimate.value, estimate.low, estimate.high)]
    return parts if is_piped() else [parts[0]]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def refuse_suffix(out: Path | None) -> None:
    """Raise unless a file can be that of a page, before anything is trained."""
    from coding.errors import CodingError

    if out is not None and out.suffix != ".html":
        raise CodingError(f"{out}: the page is HTML. Call it {out.with_suffix('.html').name}.")


def write_page(
    out: Path, tagger: LearnedTagger, found: LearningReport, corpus: Corpus, taught: Coded
) -> None:
    """Write the report as a page."""
    from coding.files import replacing
    from coding.learning_page import page

    coders = sorted({reading.coder for reading in taught.readings if reading.kind == "person"})
    text = page(tagger.model, found, corpus, tagger.codebook, coders=coders)
    with replacing([out]) as (beside,):
        beside.write_text(text, encoding="utf-8", newline="\n")


def as_value(tagger: LearnedTagger, found: LearningReport | None) -> dict[str, object]:
    """Return all of it as one JSON value."""
    model = tagger.model
    return {
        "name": model.name,
        "codebook": model.codebook,
        "unit": model.unit,
        "counts": model.counts,
        "rollup": model.rollup,
        "target": model.target,
        "seed": model.seed,
        "looks_at": {part.name: getattr(model.recipe, part.name) for part in fields(model.recipe)},
        "training": model.training,
        "units": model.n_units,
        "units_of_rules_alone": model.n_weak,
        "codes": [
            {
                "code": each.code,
                "units": each.n_units,
                "bear_it": each.n_bearing,
                "clusters": each.n_clusters,
                "low": each.low,
                "threshold": each.threshold,
            }
            for each in model.codes
        ],
        "left_out": {one.code: one.reason for one in model.left_out},
        "report": None if found is None else _report_json(found),
    }


def _report_json(found: LearningReport) -> dict[str, object]:
    return {
        "units": found.n_units,
        "clusters": found.n_clusters,
        "macro_f1": found.macro_f1,
        "macro_f1_rules": found.macro_f1_rules,
        "curve": [{"clusters": n, "macro_f1": f1} for n, f1 in found.curve],
        "codes": {
            code: {
                "model": _scored_json(one.model),
                "rules": None if one.rules is None else _scored_json(one.rules),
                "average_precision": _estimate_json(one.average_precision),
                "accuracy": one.accuracy,
                "majority": one.majority,
                "abstained": one.n_abstained,
                "brier": one.brier,
                "folds": one.n_folds,
                "calibration": [
                    {"from": b.low, "to": b.high, "units": b.n, "mean": b.probability, "bear_it": b.share}
                    for b in one.calibration
                ],
                "cases": {case: _scored_json(each) for case, each in one.by_case.items()},
                "from_other_cases": {case: _scored_json(each) for case, each in one.left_out.items()},
            }
            for code, one in found.codes.items()
        },
        "errors": [
            {
                "document": one.segment.document,
                "start": one.segment.start,
                "end": one.segment.end,
                "code": one.code,
                "probability": one.probability,
                "missed": one.missed,
            }
            for one in found.mistakes
        ],
    }


def _scored_json(scored: Scored) -> dict[str, object]:
    figures = {name: _estimate_json(getattr(scored, name)) for name in ("precision", "recall", "f1")}
    return {"units": scored.n_units, "bear_it": scored.n_bearing, "said": scored.n_said, **figures}


def _estimate_json(estimate: Estimate) -> dict[str, object]:
    return {name: getattr(estimate, name) for name in ("value", "low", "high", "reason", "n", "n_clusters")}
