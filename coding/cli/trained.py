"""What `coding train` says: what was learned, and how good it would be on texts that were not seen."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import typer

from coding.cli.show import is_piped, note, print_below, print_entry, print_passage, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from coding.estimating import Estimate
    from coding.learning import CodeReport, LearningReport, Scored
    from coding.model import Coded, Corpus
    from coding.taggers.learned import LearnedTagger


def print_model(tagger: LearnedTagger) -> None:
    """Print what was learned of each code, and what could not be."""
    from coding.learned import NEVER

    model = tagger.model
    rows = [
        [
            *(each.code, str(each.n_units), str(each.n_bearing), str(each.n_clusters)),
            *(["", "never"] if each.threshold == NEVER else [f"{each.low:.2f}", f"{each.threshold:.2f}"]),
        ]
        for each in model.codes
    ]
    head = ["code", f"{model.unit}s read", "bear it", "clusters", "no below", "yes from"]
    print_table(head, rows, numbers=range(1, 6))
    looks = [part.name for part in fields(model.recipe) if getattr(model.recipe, part.name)]
    weak = f" {model.n_weak} more were read by rules alone, and weigh little." if model.n_weak else ""
    best = "F1 is best" if model.target == "f1" else f"a precision of {model.target:g} is likely"
    note(
        f"{model.name} looks at {', '.join(looks)}, and learned from {model.n_units} {model.unit}s that "
        f"people judged.{weak} It says no below the first probability, yes from the second on, where {best}, "
        "and nothing between."
    )
    never = [each.code for each in model.codes if each.threshold == NEVER]
    if never:
        note(f"Never given, since at no probability a precision of {model.target} is: {', '.join(never)}.")
    for reason, codes in model.reasons.items():
        named = (f"{one.code} ({one.n_bearing})" if one.n_bearing else one.code for one in codes)
        note(f"Left out, since {reason}: {', '.join(named)}.")


def print_report(found: LearningReport, corpus: Corpus) -> None:
    """Print how good the model would be, code by code and case by case."""
    if is_piped():
        _print_rows(found, corpus)
    else:
        typer.echo(
            f"\nOn {found.n_units} units of {found.n_clusters} clusters of documents that it had not seen\n"
        )
        for one in found.codes.values():
            _print_code(one, found.n_folds, corpus)
    hardly = found.hardly_learned
    learned = f"; over codes that every fold could learn: {_number(found.macro_f1_learned)}" if hardly else ""
    curve = ", ".join(f"{n:.0f}: {f1:.2f}" for n, f1 in found.curve)
    note(
        f"Mean F1: {_number(found.macro_f1)}{learned}; rules: {_number(found.macro_f1_rules)}.\n"
        f"Mean F1 by clusters learned from: {curve}."
    )
    if hardly:
        note(
            "In some folds too few units were left to learn these, which counts as not found: "
            + ", ".join(
                f"{code} ({found.codes[code].n_folds} of {found.n_folds} learned it)" for code in hardly
            )
            + "."
        )


def _print_code(one: CodeReport, n_folds: int, corpus: Corpus) -> None:
    """Print the figures of a code for a reader, as many to a line as there is room for."""
    model = one.model
    folds = "" if one.n_folds == n_folds else f", learned in {one.n_folds} of {n_folds} folds"
    lines = [
        "; ".join(f"{name} {_with_interval(figure)}" for name, figure in _figures(one) if figure),
        f"right of {one.accuracy:.0%}, always the same: {one.majority:.0%}; silent on {one.n_abstained}",
    ]
    if one.calibration:
        shares = (f"{each.low:g} to {each.high:g}: {each.share:.2f} of {each.n}" for each in one.calibration)
        lines.append(f"of units with a probability of {', '.join(shares)} bear it")
    for case, scored in one.by_case.items():
        apart = one.left_out.get(case)
        lines.append(
            f"{corpus.name(case)}: {scored.n_bearing} of {scored.n_units} bear it, {scored.n_said} said; "
            f"F1 {_with_interval(scored.f1)}"
            + (f"; from other cases alone {_with_interval(apart.f1)}" if apart else "")
        )
    print_entry(
        one.code, f"{model.n_bearing} of {model.n_units} bear it, {model.n_said} said{folds}", lines[0]
    )
    for line in lines[1:]:
        print_below("", line)
    typer.echo()


def _figures(one: CodeReport) -> list[tuple[str, Estimate | None]]:
    return [
        ("precision", one.model.precision),
        ("recall", one.model.recall),
        ("F1", one.model.f1),
        ("average precision", one.average_precision),
        ("F1 of the rules", one.rules.f1 if one.rules else None),
    ]


def _with_interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return "none"
    bounds = "" if estimate.low is None else f" ({estimate.low:.2f} to {estimate.high:.2f})"
    return f"{estimate.value:.2f}{bounds}"


def _print_rows(found: LearningReport, corpus: Corpus) -> None:
    """Print the figures as tab-separated values, and those of probabilities below them."""
    rows = []
    for one in found.codes.values():
        rows.append(_row(one.code, "all", one.model, one))
        for case, scored in one.by_case.items():
            rows.append(_row(one.code, corpus.name(case), scored, None, one.left_out.get(case)))
    names = ["precision", "recall", "F1", "avg. precision", "rules F1"]
    head = ["code", "case", "units", "bear it", "said"]
    head += [part for name in names for part in (name, "low", "high")]
    print_table([*head, "F1 from others", "folds"], rows)
    typer.echo()
    _print_calibration(found)


def _row(
    code: str, case: str, scored: Scored, whole: CodeReport | None, apart: Scored | None = None
) -> list[str]:
    from coding.estimating import Estimate

    nothing = Estimate(None)
    average = whole.average_precision if whole else nothing
    rules = whole.rules.f1 if whole and whole.rules else nothing
    figures = (scored.precision, scored.recall, scored.f1, average, rules)
    return [
        *(code, case, str(scored.n_units), str(scored.n_bearing), str(scored.n_said)),
        *(_number(part) for each in figures for part in (each.value, each.low, each.high)),
        _number(apart.f1.value if apart else None),
        str(whole.n_folds) if whole else "",
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


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def refuse_suffix(out: Path | None) -> None:
    """Raise unless a file can be that of a page, before anything is trained."""
    from coding.errors import CodingError

    if out is not None and out.suffix != ".html":
        raise CodingError(f"{out}: the page is HTML. Call it {out.with_suffix('.html').name}.")


def write_page(
    out: Path, tagger: LearnedTagger, found: LearningReport, corpus: Corpus, taught: Coded, errors: int
) -> None:
    """Write the report as a page, with so many errors of each kind and code; 0 for as many as it likes."""
    from coding.files import replacing
    from coding.learning_page import MOST, page

    coders = sorted({reading.coder for reading in taught.readings if reading.kind == "person"})
    text = page(tagger.model, found, corpus, tagger.codebook, coders=coders, most=errors or MOST)
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
        "left_out": {one.code: {"reason": one.reason, "bear_it": one.n_bearing} for one in model.left_out},
        "report": None if found is None else _report_json(found),
    }


def _report_json(found: LearningReport) -> dict[str, object]:
    return {
        "units": found.n_units,
        "clusters": found.n_clusters,
        "macro_f1": found.macro_f1,
        "macro_f1_learned": found.macro_f1_learned,
        "macro_f1_rules": found.macro_f1_rules,
        "folds": found.n_folds,
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
