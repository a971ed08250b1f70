"""What `coding quality --sample` says: how good a coder is, as a blind sample has it."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

import typer

from coding.cli.app import open_project
from coding.cli.show import is_piped, note, print_json, print_passage, print_table, progress
from coding.cli.texts import own_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coding.estimating import Estimate
    from coding.judging import Judged
    from coding.model import Corpus
    from coding.project import Project
    from coding.sample import Sample
    from coding.sample_quality import Differing, Rates, SampleQuality, Shares
    from coding.study import Study

_SHARES = ("naive", "sample", "ppi", "rogan_gladen")
_HEADS = {"naive": "as coded", "sample": "sample alone", "ppi": "PPI++", "rogan_gladen": "Rogan-Gladen"}
MORE_TEXTS = "more texts"
WIDTH = 0.2  # of an interval that is wished for, where nobody says another
_ERROR = ("code", "error", "readers who gave it", "place", "before", "unit", "after")
_ASSUMED = """\
as coded: right if the coder errs as often one way as the other.
sample alone: what readers said of the units drawn, weighted; assumes nothing of the coder.
PPI++: both together; assumes nothing of the coder, only that the units were drawn by chance and judged blind.
Rogan-Gladen: as coded, mended by how the coder errs over all cases; right only if it errs alike in each."""


def say_quality(
    folder: Path | None, name: str, *, errors: int, rules: bool, width: float, seed: int, as_json: bool
) -> None:
    """Print how good a coder is, as a sample has it."""
    from coding.sample_quality import sample_quality

    opened = open_project(folder, as_json=as_json)
    with progress("comparing with what readers said"):
        sample = opened.sample(name)
        judged = judged_of(opened, sample)
        found = sample_quality(judged, seed=seed, width=width)
    corpus = opened.corpus
    wrong = _errors(judged, corpus, errors, seed) if errors else []
    if as_json:
        print_json(_json(found, wrong))
        return
    note(_basis(found))
    _print_rates(corpus, [one for one in found.rates.values() if not one.rule])
    if rules:
        _print_rates(corpus, [one for one in found.rates.values() if one.rule and one.n_found])
    _print_more(found, corpus)
    _print_reasons(found, corpus)
    _print_differences(found, corpus, rules=rules)
    _print_shares(found, corpus)
    _print_share_differences(found, corpus)
    note(_ASSUMED)
    _print_errors(wrong)


def judged_of(opened: Project, sample: Sample) -> Judged:
    """Return what readers said of a sample, beside what its coder finds there."""
    from coding.cli.sample import coded_by, own_coding
    from coding.judging import judged
    from coding.model import Corpus

    corpus = opened.corpus
    of_study = opened.study or len(opened.studies) == 1
    book, overlap = own_rules(opened, None if of_study else sample.codebook)
    if book.id != sample.codebook:
        book, overlap = own_rules(opened, sample.codebook)
    among = Corpus(tuple(d for d in corpus if d.id in sample.documents), corpus.known_cases)
    people = own_coding(sample.readers, opened, corpus)
    return judged(
        sample, corpus, book, people=people, coder=coded_by(sample.coder, opened, among, book, overlap)
    )


def qualities_of(opened: Project, study: Study) -> list[SampleQuality]:
    """Return what the blind samples of a study's codebook say; those that say nothing are named, with why."""
    from coding.errors import CodingError
    from coding.sample_quality import sample_quality

    found = []
    for sample in map(opened.sample, opened.samples):
        if sample.codebook != study.codebook:
            continue
        try:
            found.append(sample_quality(judged_of(opened, sample), seed=study.seed, width=WIDTH))
        except CodingError as error:
            note(f"The sample {sample.name} is left out: {error}")
    return found


def _basis(found: SampleQuality) -> str:
    judged, sample = found.judged, found.judged.sample
    readers = ", ".join(f"{one.reader} {one.n_judged}" for one in judged.readers)
    drawn = f"{len(sample.drawn)} of {sample.n_units} {sample.unit}s drawn on {sample.at[:10]}"
    lines = [f"{sample.coder}, by the sample {sample.name}: {drawn}; judged blind: {readers}."]
    if sum(one.n_judged for one in judged.readers) < len(judged.readers) * len(sample.drawn):
        lines.append("Not all of it is judged: what is stands for the rest of its stratum.")
    n_open = sum(one.n_open for one in judged.readers)
    if n_open:
        lines.append(f"{n_open} more do not count: their reader could see what others had coded there.")
    if judged.has_changed:
        lines.append(
            "The codebook has changed since the sample was drawn, and its rules are judged as they are now. "
            "If whoever changed them knew the judgements, these figures flatter them: draw another sample."
        )
    return "\n".join(
        [*lines, "Intervals: 95 %, for documents drawn anew; for these texts alone they are too wide."]
    )


def _print_rates(corpus: Corpus, rates: Sequence[Rates]) -> None:
    piped = is_piped()
    rows = [
        [
            one.code if piped or not (one.case or one.rule) else "",
            one.rule if piped or not one.case else "",
            *(_case(one.case, corpus), str(one.n_found), str(one.n_judged_found)),
            *_cells(one.precision),
            *_cells(one.recall),
        ]
        for one in rates
    ]
    names = ["precision", "low", "high", "recall", "low", "high"] if piped else ["precision", "recall"]
    head = ["code", "rule", "case", "found", "judged", *names]
    if not piped:  # for a reader either the codes or the rules name the rows
        unused = 0 if any(one.rule for one in rates) else 1
        head, *rows = [[*row[:unused], *row[unused + 1 :]] for row in (head, *rows)]
    print_table(head, rows, numbers=range(head.index("found"), len(head)))


def _print_more(found: SampleQuality, corpus: Corpus) -> None:
    """Print how many more judgements the wished width needs, and where no number of them would do."""
    rows, hopeless = [], []
    for one in found.rates.values():
        needed = [
            _needed(one.precision, one.more_for_precision, one.n_found - one.n_judged_found),
            _needed(one.recall, one.more_for_recall, one.n_units - one.n_judged),
        ]
        if one.rule or needed == ["", ""]:
            continue
        if set(needed) <= {"", MORE_TEXTS}:
            hopeless.append(f"{one.code} ({_case(one.case, corpus)})")
        else:
            rows.append([one.code, _case(one.case, corpus), *needed])
    unit = found.judged.sample.unit
    typer.echo(f"\nStill to be judged for intervals {found.width:g} wide")
    if rows:
        print_table(["code", "case", "for precision", "for recall"], rows, numbers=(2, 3))
        note(f"For precision: {unit}s in which it was found; for recall: any, drawn as these were.")
    if hopeless:
        note(
            f"Not by judging all {unit}s that there are, since documents differ too much or are too few: "
            f"{', '.join(hopeless)}."
        )


def _needed(estimate: Estimate, more: int | None, left: int) -> str:
    if estimate.value is None:
        return ""
    return MORE_TEXTS if more is None or more > left else str(more)


def _print_reasons(found: SampleQuality, corpus: Corpus) -> None:
    """Say why a figure is not to be had."""
    refused = defaultdict(list)
    for one in found.rates.values():
        for what in ("precision", "recall"):
            estimate: Estimate = getattr(one, what)
            if estimate.value is None and not one.rule:
                refused[what, estimate.reason].append(f"{one.code} ({_case(one.case, corpus)})")
    for (what, reason), places in refused.items():
        note(f"No {what} ({reason}): {', '.join(places)}.")


def _print_differences(found: SampleQuality, corpus: Corpus, *, rules: bool) -> None:
    from coding.sample_quality import LEAST_JUDGED

    if len(found.cases) < 2:  # there is nothing to compare
        return
    compared = [one for one in found.differences if one.n_judged >= LEAST_JUDGED and (rules or not one.rule)]
    sure = [one for one in compared if one.is_sure]
    for one in sure:
        first, second = (_case(case, corpus) for case in one.cases)
        what = f"rule {one.rule}" if one.rule else one.code
        note(
            f"Warning: {one.what} of {what} differs between {first} and {second} by {one.value:+.2f} "
            f"({one.low:+.2f} to {one.high:+.2f}). Such errors bias a comparison of the two."
        )
    if not compared:
        note("Whether the coder errs alike in all cases cannot be said: too little is judged in each.")
        return
    widest = max(compared, key=lambda one: max(abs(one.low), abs(one.high)))
    most = max(abs(widest.low), abs(widest.high))
    plural = "s" if len(compared) != 1 else ""
    note(
        f"{len(compared)} difference{plural} of precision or recall between cases compared, {len(sure)} of "
        f"them sure; at 95 % one of 20 is so by chance. The widest that cannot be ruled out: {most:.2f} "
        f"({widest.what} of {widest.rule or widest.code})."
    )


def _print_share_differences(found: SampleQuality, corpus: Corpus) -> None:
    if not found.share_differences:
        return
    rows = [
        [
            *(one.code, " − ".join(_case(case, corpus) for case in one.cases)),
            *_cells(one.naive, sign="+"),
            *_cells(one.ppi, sign="+"),
        ]
        for one in found.share_differences
    ]
    names = ["as coded", "low", "high", "PPI++", "low", "high"] if is_piped() else ["as coded", "PPI++"]
    typer.echo("\nDifference of these shares")
    print_table(["code", "cases", *names], rows, numbers=range(2, 2 + len(names)))


def _print_shares(found: SampleQuality, corpus: Corpus) -> None:
    rows, refused = [], defaultdict(list)
    for one in found.shares:
        for which in _SHARES:
            estimate: Estimate = getattr(one, which)
            if estimate.value is None:
                refused[which, estimate.reason].append(f"{one.code} in {_case(one.case, corpus)}")
        cells = [cell for which in _SHARES for cell in _cells(getattr(one, which))]
        if is_piped():
            cells.append("yes" if one.errs_differently else "")
        elif one.errs_differently and cells[-1]:
            cells[-1] += "*"
        shown = one.code if is_piped() or one.case == found.cases[0] else ""
        rows.append([shown, _case(one.case, corpus), *cells])
    heads = [
        name
        for which in _SHARES
        for name in ((_HEADS[which], "low", "high") if is_piped() else (_HEADS[which],))
    ]
    heads += ["errs differently"] if is_piped() else []
    typer.echo(f"\nShare of {found.judged.sample.unit}s that bear the code")
    print_table(["code", "case", *heads], rows, numbers=range(2, 2 + len(heads)))
    if any(one.errs_differently for one in found.shares):
        note("* The coder errs differently in these cases, so that the assumption of Rogan-Gladen fails.")
    for (which, reason), places in refused.items():
        note(f"No {_HEADS[which]} ({reason}): {', '.join(places)}.")


def _cells(estimate: Estimate, *, sign: str = "") -> list[str]:
    """Return a value and its interval: three cells in a pipe, one for a reader."""
    numbers = (estimate.value, estimate.low, estimate.high)
    parts = ["" if each is None else f"{each:{sign}.2f}" for each in numbers]
    if is_piped():
        return parts
    value, low, high = (
        part.replace("0.", ".", 1) if part[:2] == "0." or part[1:3] == "0." else part for part in parts
    )
    return [f"{value} ({low}{' to ' if sign else '–'}{high})" if low and high else value]


def _case(case: str, corpus: Corpus) -> str:
    return corpus.name(case) if case else "all"


def _errors(judged: Judged, corpus: Corpus, most: int, seed: int) -> list[list[str]]:
    """Return units in which the coder and a reader differ, drawn at random, with their surroundings."""
    from coding.surroundings import cut

    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated, no secret
    rows = []
    for code in judged.codes:
        for kind, places in judged.errors(code).items():
            for row in sorted(chance.sample(places, min(most, len(places)))):
                unit, said = judged.units[row], judged.said[row, judged.codes.index(code)]
                document = corpus[unit.document]
                around = cut(document, judged.sample.unit).neighbours(document.text, unit.start, unit.end)
                where = f"{unit.document} {unit.start}:{unit.end}"
                rows.append([code, kind, f"{said:.0%}", where, around[0], document.quote(unit), around[1]])
    return rows


def _print_errors(rows: list[list[str]]) -> None:
    if not rows:
        return
    note("Whoever changes rules after reading these needs another sample to say how good they are.")
    if is_piped():
        print_table([*_ERROR], rows)
        return
    for code, kind, said, where, before, words, after in rows:
        print_passage(
            f"{code}: {kind}", f"{where}, {said} of readers gave it", f"{before} ", words, f" {after}"
        )


def _json(found: SampleQuality, errors: list[list[str]]) -> dict[str, object]:
    judged, sample = found.judged, found.judged.sample
    return {
        "sample": sample.name,
        "coder": sample.coder,
        "codebook": sample.codebook,
        "codebook_changed": judged.has_changed,
        "unit": sample.unit,
        "units": sample.n_units,
        "drawn": len(sample.drawn),
        "readers": {one.reader: {"judged": one.n_judged, "not_blind": one.n_open} for one in judged.readers},
        "width": found.width,
        "seed": found.seed,
        "rates": [_rates_json(one) for one in found.rates.values()],
        "differences": [_difference_json(one) for one in found.differences],
        "shares": [_shares_json(one) for one in found.shares],
        "share_differences": [
            {
                "code": one.code,
                "cases": list(one.cases),
                "naive": _estimate_json(one.naive),
                "ppi": _estimate_json(one.ppi),
            }
            for one in found.share_differences
        ],
        "errors": [dict(zip(_ERROR, row, strict=True)) for row in errors],
    }


def _rates_json(one: Rates) -> dict[str, object]:
    return {
        "code": one.code,
        "rule": one.rule or None,
        "case": one.case or None,
        "units": one.n_units,
        "found": one.n_found,
        "judged": one.n_judged,
        "judged_found": one.n_judged_found,
        "precision": _estimate_json(one.precision),
        "recall": _estimate_json(one.recall),
        "more_for_precision": one.more_for_precision,
        "more_for_recall": one.more_for_recall,
    }


def _difference_json(one: Differing) -> dict[str, object]:
    return {
        "code": one.code,
        "rule": one.rule or None,
        "what": one.what,
        "cases": list(one.cases),
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "sure": one.is_sure,
    }


def _shares_json(one: Shares) -> dict[str, object]:
    estimates = {which: _estimate_json(getattr(one, which)) for which in _SHARES}
    return {"code": one.code, "case": one.case, "errs_differently": one.errs_differently, **estimates}


def _estimate_json(estimate: Estimate) -> dict[str, object]:
    names = ("value", "low", "high", "reason", "n", "n_clusters")
    return {name: getattr(estimate, name) for name in names}
