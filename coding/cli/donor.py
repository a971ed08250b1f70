"""Commands for donors: `coding donor add`, `coding donor check`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own, open_project
from coding.cli.show import note, print_entry, print_json, print_table, progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from coding.comparability import Comparability, Coverage, Flag
    from coding.estimating import Proportion

donor_app = typer.Typer(
    help="Bring a donor in, and see whether it can stand beside others.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(donor_app, name="donor")

_MOST = 4  # kinds that a cell of the table names


@donor_app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id such as new-zealand.")],
    *,
    iso: Annotated[
        str, typer.Option(help="ISO 3166 code of three letters; XAA to XZZ for what is no state.")
    ],
    shown: Annotated[
        str | None, typer.Option("--name", help="How it is shown, if NAME is the id; else made of the id.")
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(help="A name under which texts speak of it: Dutch, The Hague. May be repeated."),
    ] = None,
    agency: Annotated[list[str] | None, typer.Option(help="An agency of it; may be repeated.")] = None,
    homonym: Annotated[
        list[str] | None,
        typer.Option(help="A name that holds an alias and means something else; may be repeated."),
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the folder and the case file of a donor that has no documents yet."""
    from coding.donors import add_donor

    made = add_donor(
        open_own(project),
        name,
        iso=iso,
        name=shown,
        aliases=alias or (),
        agencies=agency or (),
        homonyms=homonym or (),
    )
    if as_json:
        print_json({"donor": made.case.id, "name": made.case.name, "file": made.place})
        return
    note(f"Written: {made.place}.")
    if made.case.aliases == (made.case.name,) and not made.case.agencies:
        note("Rules see who acts by these names: add aliases (adjective, capital, government) and agencies.")
    note(f"Next:\n  coding add FILE --donor {made.case.id} --year YEAR\n  coding donor check {made.case.id}")


@donor_app.command()
def check(
    donors: Annotated[
        list[str] | None, typer.Argument(metavar="[DONOR]...", help="Ids; else all that a study could read.")
    ] = None,
    *,
    study: Annotated[
        str | None, typer.Option(help="Whose selection, unit and codebook are taken; else the project's.")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="A donor to compare with; may be repeated. Else the study's.")
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what a donor's texts are beside the others', and what speaks against comparing them."""
    from coding.cli.sampled import qualities_of
    from coding.comparability import comparability, known_donors
    from coding.study import read_checked

    opened = open_project(project, as_json=as_json)
    with progress("looking at the texts"):
        named = donors or known_donors(opened, study)
        samples = qualities_of(opened, read_checked(opened, study)[0])
        found = [
            comparability(
                opened,
                donor,
                study=study,
                against=against or ([] if donors else [d for d in named if d != donor]),
                samples=samples,
            )
            for donor in named
        ]
    if as_json:
        print_json([_json(each) for each in found])
        return
    for each in found if donors else ():
        _print(each)
    if not donors:
        _print_all(found)


def _print(found: Comparability) -> None:
    """Print one donor beside the others, each and together."""
    columns = [found.own, *found.each.values()]
    if len(found.each) > 1:
        columns.append(found.others)
    _print_columns(columns, found.unit, last="all others" if len(found.each) > 1 else "")
    if found.measured:
        rows = [
            [
                *(one.sample, one.coder, one.code, str(one.n_judged)),
                *map(_number, (one.precision, one.recall, one.precision_of_all, one.recall_of_all)),
            ]
            for one in found.measured
        ]
        head = ["sample", "coder", "code", "judged", "precision", "recall", "precision, all", "recall, all"]
        print_table(head, rows, numbers=range(3, 8))
    _print_flags(found)


def _print_all(found: Sequence[Comparability]) -> None:
    """Print all donors side by side; what is to be looked at in every one of them is said once."""
    _print_columns([each.own for each in found], found[0].unit, last="")
    counts = Counter((flag.about, flag.said) for each in found for flag in each.flags)
    common = {said for said, n in counts.items() if n == len(found) > 1}
    for each in found:
        own = tuple(flag for flag in each.flags if (flag.about, flag.said) not in common)
        if own or not common:
            _print_flags(replace(each, flags=own))
    if common:
        note("Of all of them:")
        _print_entries([flag for flag in found[0].flags if (flag.about, flag.said) in common])


def _print_flags(found: Comparability) -> None:
    n = len(found.flags)
    against = found.others.name
    if not n:
        note(f"{found.own.name}: nothing looked at here speaks against comparing it with {against}.")
        return
    note(f"{found.own.name} beside {against}: {n} thing{'s' * (n != 1)} to look at.")
    _print_entries(found.flags)


def _print_entries(flags: Sequence[Flag]) -> None:
    for flag in flags:
        print_entry(flag.about, "", f"{flag.said} {flag.remedy}")


def _print_columns(columns: Sequence[Coverage], unit: str, *, last: str) -> None:
    """Print what the texts are: a row for each property, a column for each donor."""
    from coding.comparability import interval_of

    names = [each.name for each in columns]
    if last:
        names[-1] = last
    rows = [[what, *(said(each) for each in columns)] for what, said in _properties(unit)]
    coded = [code for code in columns[0].coded if code]
    rows += [[f"  {code}", *(_share(each.coded[code]) for each in columns)] for code in coded]
    print_table(["", *names], rows)
    shares = [share for each in columns for share in (each.known, *each.coded.values())]
    if any(share is not None and interval_of(share) is None for share in shares):
        note("Without interval: from one project or event alone nobody sees how far a share would vary.")


def _properties(unit: str) -> Iterator[tuple[str, Callable[[Coverage], str]]]:
    yield "documents", lambda c: str(c.n_documents)
    yield "projects or events", lambda c: str(c.n_clusters)
    yield "left out by the study", lambda c: _kinds(c.left_out) or "none"
    yield "types", lambda c: _kinds(c.types)
    yield "source kind", lambda c: _kinds(c.source_kinds)
    yield "texts", lambda c: _kinds(c.fidelity)
    yield "language", lambda c: _kinds(c.languages)
    yield "years", _years
    yield "words in all", lambda c: f"{sum(c.words):,}"
    yield "words, middle (range)", lambda c: f"{median(c.words):.0f} ({c.words[0]}-{c.words[-1]})"
    yield "name the donor", lambda c: f"{c.n_named} of {c.n_documents}"
    yield "words the rules know", lambda c: _share(c.known)
    yield f"{unit}s that rules code", lambda c: _share(c.coded[""])


def _years(coverage: Coverage) -> str:
    years = [year for year, n in coverage.years.items() for _ in range(n)]
    return f"{years[0]}-{years[-1]}, middle {median(years):g}"


def _kinds(counts: Mapping[str, int]) -> str:
    first = [f"{n} {name}" for name, n in list(counts.items())[:_MOST]]
    more = len(counts) - _MOST
    return ", ".join([*first, f"{more} more"] if more > 0 else first)


def _share(found: Proportion | None) -> str:
    from coding.comparability import interval_of

    if found is None:
        return "not searched"
    interval = interval_of(found)
    return f"{found.value:.0%}" + ("" if interval is None else f" ({interval[0]:.0%}-{interval[1]:.0%})")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _json(found: Comparability) -> dict[str, object]:
    return {
        "donor": found.donor,
        "study": found.study,
        "unit": found.unit,
        "own": _coverage(found.own),
        "others": _coverage(found.others),
        "each": {case: _coverage(each) for case, each in found.each.items()},
        "measured": [asdict(one) for one in found.measured],
        "flags": [asdict(flag) for flag in found.flags],
    }


def _coverage(found: Coverage) -> dict[str, object]:
    return {
        "documents": found.n_documents,
        "clusters": found.n_clusters,
        "left_out": dict(found.left_out),
        "types": dict(found.types),
        "source_kinds": dict(found.source_kinds),
        "fidelity": dict(found.fidelity),
        "languages": dict(found.languages),
        "years": {str(year): n for year, n in found.years.items()},
        "words": list(found.words),
        "named": found.n_named,
        "searched": found.n_searched,
        "known": _proportion(found.known),
        "coded": {code or "any": _proportion(share) for code, share in found.coded.items()},
    }


def _proportion(found: Proportion | None) -> dict[str, object] | None:
    from coding.comparability import interval_of

    if found is None:
        return None
    interval = interval_of(found)
    return {
        "value": found.value,
        "interval": None if interval is None else list(interval),
        "clusters": found.n_clusters,
    }
