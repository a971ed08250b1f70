"""The command that says how far coders agree: `coding agree`."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import is_piped, note, print_json, print_passage, print_table, progress
from coding.cli.texts import ChosenCodebook, own_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.agreeing import Agreement, Confusion, Difference, Parts, Period
    from coding.codebook import Codebook
    from coding.coders import Counted
    from coding.figures import Figures
    from coding.model import Coded, Corpus
    from coding.project import Project
    from coding.resampling import Statistic
    from coding.sample import Sample
    from coding.taggers.rules import Overlap
    from coding.units import Counts, Unit

LONGEST_QUOTE = 400  # code points of a unit that is shown

_HEADS = {
    "percent": "agree",
    "positive": "positive",
    "alpha": "alpha",
    "masi": "MASI",
    "unitizing": "spans",
    "ac1": "AC1",
    "cohen": "kappa",
    "fleiss": "Fleiss",
}
_COLUMNS = (
    "agree: share of units on which they said the same; positive: the same, of units with the code; "
    "alpha: 1 perfect, 0 what chance gives."
)


@app.command()
def agree(
    *,
    between: Annotated[
        list[str], typer.Option(help="A coder: a person, 'rules', a model; name two or more.")
    ],
    project: ProjectFolder = None,
    codebook: ChosenCodebook = None,
    unit: Annotated[
        str, typer.Option(help="sentence, paragraph or document: what bears a code or not.")
    ] = "sentence",
    counts: Annotated[
        str, typer.Option(help="'any': a segment counts for each unit it touches; or 'greater part'.")
    ] = "any",
    codes: Annotated[
        list[str] | None, typer.Option(help="Only this code and those below it; may be repeated.")
    ] = None,
    exclusive: Annotated[
        list[str] | None,
        typer.Option(help="A family whose parts exclude one another, such as orientation; may be repeated."),
    ] = None,
    rollup: Annotated[
        bool, typer.Option("--rollup/--no-rollup", help="Whether a segment counts for the codes above too.")
    ] = True,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only such documents, e.g. 'donor=japan year=2015..2020'; may be repeated."),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Only what was judged of this blind sample, in its units and for its codes."
        ),
    ] = None,
    disagreements: Annotated[
        int, typer.Option(min=0, help="Show so many units on which they differ, in context.")
    ] = 0,
    drift: Annotated[
        str | None, typer.Option(help="halves or months: agreement by the date of reading too.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws of documents for the intervals.")] = 1,
    replicates: Annotated[int, typer.Option(min=0, help="How many draws; 0 for no intervals.")] = 1000,
    out: Annotated[Path | None, typer.Option(help="Write it as a page too: FILE.html.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how far coders agree, code by code and over all, and where they do not."""
    from coding.agreeing import agreement
    from coding.conditions import conditions

    _refuse_suffix(out)
    opened = open_project(project, as_json=as_json)
    book, overlap = own_rules(opened, codebook)
    corpus = opened.corpus.where(**conditions(where, opened.corpus)) if where else opened.corpus
    drawn = None if sample is None else opened.sample(sample)
    if drawn is not None:
        unit, counts, rollup = drawn.unit, drawn.counts, drawn.rollup
    with progress("comparing what was coded"):
        counted = _counted(opened, corpus, book, overlap, between)
        if drawn is not None:
            counted = replace(counted, coded=_of_sample(counted.coded, drawn, between))
        found = agreement(
            counted.coded,
            corpus,
            book,
            between=between,
            unit=cast("Unit", unit),
            counts=cast("Counts", counts),
            codes=_below(book, codes) if drawn is None else tuple(drawn.codes),
            exclusive=exclusive or (),
            rollup=rollup,
            level="nominal",
            seed=seed,
            n_replicates=replicates,
        )
        periods = found.drift(by=cast("Parts", drift)) if drift else ()
        shown = found.differences(most=disagreements) if disagreements else ()
        if out is not None:
            _write_page(out, found)
    if as_json:
        print_json(_json(found, counted, shown, periods))
        return
    note(_basis(found))
    _print_figures(found)
    _print_drift(periods)
    _print_confusions(found.confusions)
    _print_differences(shown)
    note(_meaning(found, counted, drawn))
    if out is not None:
        note(f"Written to {out}.")


def _refuse_suffix(out: Path | None) -> None:
    from coding.errors import CodingError

    if out is not None and out.suffix != ".html":
        raise CodingError(f"{out}: the page is HTML. Call it {out.with_suffix('.html').name}.")


def _counted(
    project: Project, corpus: Corpus, book: Codebook, overlap: Overlap, between: list[str]
) -> Counted:
    """Return what these coders coded themselves; the rules code afresh."""
    from coding.coders import RULES, count, known_coders
    from coding.errors import nearest, refuse
    from coding.model import Coded
    from coding.taggers import tag
    from coding.taggers.rules import RuleTagger

    known = known_coders(project.coded)
    refuse([f"nobody codes here as '{one}'.{nearest(one, known)}" for one in between if one not in known])
    tagger = RuleTagger(book, overlap=overlap, cases=project.corpus.known_cases)
    return count(
        between,
        corpus,
        stored=project.coded,
        rules=tag(corpus, [tagger]) if RULES in between else Coded(),
        decisions=project.decisions,
        unreviewed=None,
    )


def _of_sample(coded: Coded, drawn: Sample, between: list[str]) -> Coded:
    """Return what these coders judged of a sample; of rules and models all that they coded."""
    from coding.judging import judgements_of
    from coding.model import Coded

    kinds = {reading.coder: reading.kind for reading in coded.readings}
    found = Coded()
    for one in between:
        own = coded.by(one)
        found = found + (judgements_of(drawn, own) if kinds.get(one, "person") == "person" else own)
    return found


def _below(book: Codebook, codes: list[str] | None) -> list[str] | None:
    """Return the codes named and those in use below them, in the order of the codebook."""
    if not codes:
        return None
    named = {book[code].id for code in codes}
    return [
        code.id
        for code in book.codes
        if code.id in named or (not code.retired and named & set(book.ancestors(code.id)))
    ]


def _write_page(out: Path, found: Agreement) -> None:
    from coding.agreement_page import page
    from coding.files import replacing

    text = page(found)
    with replacing([out]) as (beside,):
        beside.write_text(text, encoding="utf-8", newline="\n")


def _basis(found: Agreement) -> str:
    n_documents = len({unit.document for unit in found.stack.units})
    who = "both" if len(found.between) == 2 else "two or more"
    return (
        f"{', '.join(found.between)}: {_plural(found.over_read.n_units, found.unit)} of "
        f"{_plural(n_documents, 'document')} that {who} read "
        f"({_plural(found.n_clusters, 'cluster')}), of which someone coded {found.over_coded.n_units}. "
        f"Codebook {found.codebook.id} {found.codebook.version}."
    )


def _print_figures(found: Agreement) -> None:
    """Print all figures into a pipe; for a reader those that fit on a line."""
    families = [
        (f"{family} ({base})", figures)
        for family, both in found.families.items()
        for base, figures in zip(("read", "coded"), both, strict=True)
    ]
    overall = [("all (read)", found.over_read), ("all (coded)", found.over_coded)]
    named = [(one.on, one) for one in found.by_code.values() if one.n_coded]
    columns: tuple[str, ...] = ("percent", "positive", "alpha")
    if is_piped():
        columns += ("masi", "unitizing", "ac1", "cohen" if len(found.between) == 2 else "fleiss")
    rows = [_row(name, figures, columns) for name, figures in [*named, *families, *overall]]
    head = ["code", "read", "coded", *found.between, *(_HEADS[what] for what in columns)]
    print_table([*head, "interval", "flags"], rows, numbers=range(1, len(head)))


def _row(name: str, figures: Figures, columns: Sequence[str]) -> list[str]:
    return [
        name,
        *(str(n) for n in (figures.n_units, figures.n_coded, *figures.given)),
        *(_number(figures, what) for what in columns),
        _interval(figures["alpha"]),
        ", ".join(figures.flags),
    ]


def _print_drift(periods: tuple[Period, ...]) -> None:
    rows = [
        [
            *(period.name, period.first, period.last, str(period.figures.n_units)),
            *(_number(period.figures, what) for what in ("percent", "positive", "alpha")),
            _interval(period.figures["alpha"]),
        ]
        for period in periods
    ]
    if rows:
        head = ["read in", "from", "to", "units", "agree", "positive", "alpha", "interval"]
        print_table(head, rows, numbers=range(3, 8))


def _print_confusions(confusions: tuple[Confusion, ...]) -> None:
    rows = [[one.coders[0], one.codes[0], one.coders[1], one.codes[1], str(one.n)] for one in confusions[:10]]
    if rows:
        print_table(["coder", "gave", "coder", "gave instead", "units"], rows, numbers=(4,))


def _print_differences(shown: tuple[Difference, ...]) -> None:
    if shown and is_piped():
        rows = [[_place(one), _said(one), one.before, one.quote, one.after] for one in shown]
        print_table(["place", "who said what", "before", "unit", "after"], rows)
        return
    for one in shown:
        print_passage(_place(one), _said(one), f"{one.before} ", _short(one.quote), f" {one.after}")


def _meaning(found: Agreement, counted: Counted, drawn: Sample | None) -> str:
    never = [one.on for one in found.by_code.values() if one.n_units and not one.n_coded]
    unread = [one.on for one in found.by_code.values() if not one.n_units]
    anew = f" Interval: documents drawn anew, {found.n_replicates} times." if found.n_replicates else ""
    lines = [_COLUMNS + anew]
    figures = [("masi", "sets of codes"), ("unitizing", "where segments begin and end")]
    for what, said in figures if drawn is None else figures[:1]:  # of a sample all segments are whole units
        value = _number(found.over_read, what)
        lines += [f"Alpha of {said}, over all: {value}{_among(found.over_read[what])}."] if value else []
    lines += [f"Given by nobody: {', '.join(never)}."] if never else []
    lines += [f"Not read by two: {', '.join(unread)}."] if unread else []
    if drawn is not None:
        lines.append(
            f"Units of the sample {drawn.name}, in which those with hits are drawn more often than others: "
            "the figures are of these units, not of the texts."
        )
    if found.n_open:
        lines.append(
            f"{_plural(found.n_open, found.unit)} were read by someone who could see the others' coding: "
            "there agreement is no test."
        )
    if counted.n_unread:
        lines.append(f"{_plural(counted.n_unread, 'coded segment')} left out: their coders filed no reading.")
    if counted.n_stale:
        lines.append(f"{_plural(counted.n_stale, 'coded segment')} left out: the text has changed since.")
    return "\n".join(lines)


def _number(figures: Figures, what: str) -> str:
    value = figures[what].value if what in figures.statistics else None
    return "" if value is None else f"{value:.2f}"


def _interval(statistic: Statistic) -> str:
    if statistic.low is None or statistic.high is None:
        return ""
    return f"{statistic.low:.2f} to {statistic.high:.2f}"


def _among(statistic: Statistic) -> str:
    return f" ({said})" if (said := _interval(statistic)) else ""


def _place(one: Difference) -> str:
    return f"{one.segment.document} {one.segment.start}:{one.segment.end}"


def _said(one: Difference) -> str:
    return "; ".join(
        f"{coder}: {'not read' if given is None else ', '.join(given) or 'nothing'}"
        for coder, given in one.said.items()
    )


def _short(quote: str) -> str:
    return quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE]} …"


def _plural(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _json(
    found: Agreement, counted: Counted, shown: tuple[Difference, ...], periods: tuple[Period, ...]
) -> dict[str, object]:
    return {
        "between": list(found.between),
        "codebook": {"id": found.codebook.id, "version": found.codebook.version},
        "unit": found.unit,
        "counts": found.counts,
        "rollup": found.rollup,
        "level": found.level,
        "seed": found.seed,
        "replicates": found.n_replicates,
        "clusters": found.n_clusters,
        "units_not_blind": found.n_open,
        "segments_unread": counted.n_unread,
        "segments_of_changed_texts": counted.n_stale,
        "codes": {code: _figures_json(one) for code, one in found.by_code.items()},
        "families": {
            family: {"read": _figures_json(read), "coded": _figures_json(coded)}
            for family, (read, coded) in found.families.items()
        },
        "all": {"read": _figures_json(found.over_read), "coded": _figures_json(found.over_coded)},
        "confusions": [
            {"coders": list(one.coders), "codes": list(one.codes), "units": one.n} for one in found.confusions
        ],
        "drift": [
            {
                "name": one.name,
                "from": one.first or None,
                "to": one.last or None,
                **_figures_json(one.figures),
            }
            for one in periods
        ],
        "disagreements": [_difference_json(one) for one in shown],
    }


def _figures_json(figures: Figures) -> dict[str, object]:
    return {
        "units": figures.n_units,
        "coded": figures.n_coded,
        "given": list(figures.given),
        "all": figures.n_all,
        "flags": list(figures.flags),
        "statistics": {name: _statistic_json(one) for name, one in figures.statistics.items()},
    }


def _statistic_json(statistic: Statistic) -> dict[str, object]:
    names = [field.name for field in fields(statistic) if field.name != "replicates"]
    return {name: getattr(statistic, name) for name in names}


def _difference_json(one: Difference) -> dict[str, object]:
    return {
        "document": one.segment.document,
        "start": one.segment.start,
        "end": one.segment.end,
        "codes": list(one.codes),
        "said": {coder: None if given is None else list(given) for coder, given in one.said.items()},
        "quote": one.quote,
        "before": one.before,
        "after": one.after,
    }
