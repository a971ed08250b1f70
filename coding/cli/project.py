"""Commands that look at the project itself: `coding check`, `coding codes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project, own_codebook
from coding.cli.show import note, print_json, print_table, print_text

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook
    from coding.preview import Preview


@app.command()
def check(*, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check texts, case files, codebooks (each rule's examples run) and studies; show near-misses."""
    from dataclasses import asdict

    from coding.checks import check as look
    from coding.checks import doubts
    from coding.preview import preview
    from coding.taggers.rules.languages import unsearched

    opened = open_project(project, as_json=as_json)
    found = look(opened)
    book = own_codebook(opened) if len(opened.studies) == 1 or len(opened.codebooks) == 1 else None
    seen = [] if book is None else preview(opened.corpus, book, overlap="longest", sample=0)
    if as_json:
        codes = [
            {"code": s.code, "hits": s.n_hits, "near_misses": dict(s.misses), "never": s.never} for s in seen
        ]
        print_json({**asdict(found), "by_code": codes, "doubts": list(doubts(opened))})
        return
    typer.echo(f"All is well: {found}.")
    for doubt in doubts(opened):
        note(doubt)
    if not found.documents:
        note("There are no texts yet. Next: coding add FILE... --donor japan --iso JPN --year 2021")
    elif book is not None:
        _print_seen(seen)
        if left := unsearched(book, opened.corpus):
            note(left)
        note(
            f"Hits of codebook {book.id} in all texts. `coding tag --dry-run` shows hits and near-misses in "
            "context, `coding why` says why."
        )


def _print_seen(seen: list[Preview]) -> None:
    rows = [
        [
            *(one.code, str(one.n_rules), str(one.n_hits)),
            ", ".join(f"{n} {kind}" for kind, n in one.misses.items()),
            ", ".join(one.never[:3]) + (f" and {len(one.never) - 3} more" if len(one.never) > 3 else ""),
        ]
        for one in seen
    ]
    print_table(["code", "rules", "hits", "near-misses", "rules without a hit"], rows, numbers=(1, 2))


@app.command()
def codes(
    code: Annotated[str | None, typer.Argument(help="Show this code whole.")] = None,
    *,
    project: ProjectFolder = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="Id of the codebook; else that of the project's study, else the only one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the codes of a codebook, or show one with its definition and rules."""
    opened = open_project(project, as_json=as_json)
    book = opened.codebook(codebook) if codebook else own_codebook(opened)
    shown = book.codes if code is None else (book[code],)
    if as_json:
        print_json([_plain(c) for c in shown])
    elif code is None:
        rows = [["  " * len(book.ancestors(c.id)) + c.id, c.name, str(len(c.rules))] for c in shown]
        print_table(["code", "name", "rules"], rows, numbers=(2,))
        note(f"Codebook {book.id} {book.version}, {len(book.codes)} codes. `coding codes CODE` shows one.")
    else:
        _print_code(shown[0], book)


def _plain(code: Code) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(code), "meaning": code.meaning}


def _print_code(code: Code, book: Codebook) -> None:
    from coding.codebook import in_words

    above = "".join(f"{book[up].name} › " for up in reversed(book.ancestors(code.id)))
    lines = [f"{above}{code.name}  [{code.id}]", "", code.definition]
    for title, text in (("Include", code.include), ("Exclude", code.exclude), ("Source", code.source)):
        lines += ["", f"{title}: {text}"] if text else []
    lines += [f"Example: {example}" for example in code.examples]
    for rule in code.rules:
        lines += ["", f"Rule {rule.id}"]
        lines += [f"  {heading.lower()}: {said}" for heading, said in in_words(rule)]
        lines += [f"  matches: {example.text}" for example in rule.matches]
        lines += [f"  rejects: {example.text}" for example in rule.rejects]
    print_text("\n".join(lines))
