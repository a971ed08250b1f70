"""Commands that look into texts: `coding kwic`, `coding tag`, `coding why`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, chosen, is_own, me, open_project, own_codebook
from coding.cli.show import is_piped, note, print_json, print_passage, print_table, progress

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Coded, Coder, Corpus, Segment
    from coding.preview import Preview, Shown
    from coding.project import Project
    from coding.taggers.rules import Overlap
    from coding.taggers.rules.why import Outcome

ChosenCodebook = Annotated[
    str | None, typer.Option("--codebook", help="Id of the codebook; else that of the project's study.")
]


@app.command()
def kwic(
    pattern: Annotated[
        str, typer.Argument(help="A phrase in the rule language, such as 'train* .. police'.")
    ],
    *,
    project: ProjectFolder = None,
    case: Annotated[str | None, typer.Option(help="Only documents of this donor.")] = None,
    width: Annotated[int, typer.Option(min=0, max=500, help="Characters of context on each side.")] = 35,
    lemma: Annotated[
        bool, typer.Option("--lemma/--surface", help="Whether a base form stands for its inflections too.")
    ] = True,
    language: Annotated[str, typer.Option(help="Language of the texts.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Show where a phrase stands, with the words around it."""
    from dataclasses import asdict

    from coding.concordance import kwic as find
    from coding.errors import CodingError, nearest
    from coding.locators import locator

    corpus = open_project(project, as_json=as_json).corpus
    if case is not None:
        if case not in corpus.known_cases:
            raise CodingError(f"no case '{case}'.{nearest(case, corpus.known_cases)}")
        corpus = corpus.where(donor=case)
    lines = find(corpus, pattern, width=width, language=language, lemma=lemma)
    if as_json:
        print_json(
            [
                {
                    **_place(line.segment),
                    "locator": locator(corpus[line.segment.document], line.segment),
                    **{k: v for k, v in asdict(line).items() if k != "segment"},
                }
                for line in lines
            ]
        )
        return
    rows = [
        [
            *_at(line.segment),
            locator(corpus[line.segment.document], line.segment),
            *(line.left, line.hit, line.right),
        ]
        for line in lines
    ]
    print_table(["document", "span", "locator", "before", "hit", "after"], rows, numbers=(3,))
    n_documents = len({line.segment.document for line in lines})
    note(f"{len(lines)} hits in {n_documents} of {len(corpus)} documents.")


@app.command()
def tag(
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PARTITION]...", help="More partitions, as a shell writes out a pattern."),
    ] = None,
    *,
    project: ProjectFolder = None,
    codebook: ChosenCodebook = None,
    codes: Annotated[
        list[str] | None, typer.Option(help="Only this code and those below it; may be repeated.")
    ] = None,
    documents: Annotated[
        list[str] | None, typer.Option(help="Only this document, or all of a donor; may be repeated.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show hits and near-misses in context; write nothing.")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(
            help="Table of the coded segments, .csv or .xlsx; else out/coded.csv, or out/coded-MODEL.csv. Of "
            "a large corpus a folder or an address; else out/tagged."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the sample that --dry-run shows.")] = 0,
    model: Annotated[
        str | None, typer.Option(help="By a model of `coding train` instead of the rules: its name.")
    ] = None,
    partitions: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus", metavar="PARQUET", help="A large corpus instead: files, folders, patterns, addresses."
        ),
    ] = None,
    backend: Annotated[
        str, typer.Option(help="Of a large corpus: serial, processes, processes:N or dask:ADDRESS.")
    ] = "processes",
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Reach a Dask cluster elsewhere without encryption.")
    ] = False,
    id_column: Annotated[
        str, typer.Option("--id", help="Of a large corpus: the column with the ids.")
    ] = "id",
    text_column: Annotated[
        str, typer.Option("--text", help="Of a large corpus: the column with the texts.")
    ] = "text",
    variables: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="NAME=COLUMN", help="A variable in a column of another name."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A variable that all documents share."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Of a large corpus: only so many documents, for a trial.")
    ] = None,
    sample: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Of a large corpus: only this share of the documents, 0 to 1, by their ids.",
        ),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Code texts by the rules of a codebook, or by a model, or look first at what that would do.

    In a project of one's own the rules' coding is kept in the store too, for review in `coding serve`.
    """
    from coding.model import Coded
    from coding.preview import preview
    from coding.results import write_coded
    from coding.taggers import tag as code
    from coding.taggers.rules import RuleTagger
    from coding.taggers.rules.languages import unsearched
    from coding.taggers.rules.tokens import BY_CHARACTER, missing_analyser, tokeniser

    if partitions is not None or more:
        from coding.cli.large import tag_partitions

        _refuse_mixed(partitions, more, documents, codes, dry_run=dry_run)
        tag_partitions(
            project, [*(partitions or ()), *(more or ())], out or "out/tagged", backend=backend,
            insecure=insecure, model=model, codebook=codebook, columns=(id_column, text_column),
            variables=variables or (), given=given or (), limit=limit, share=sample, seed=seed,
            as_json=as_json,
        )  # fmt: skip
        return
    if model is not None:
        from coding.cli.modelled import tag_by_model

        table = Path(out or f"out/coded-{model}.csv")
        tag_by_model(project, model, documents, codes, table, dry_run=dry_run, seed=seed, as_json=as_json)
        return
    table = Path(out or "out/coded.csv")
    opened = open_project(project, as_json=as_json)
    book, overlap = own_rules(opened, codebook)
    corpus = chosen(opened.corpus, documents)
    with progress("coding the texts"):
        found = preview(corpus, book, overlap=overlap, codes=codes, seed=seed)
        if not dry_run:
            tagger = RuleTagger(book, overlap=overlap, cases=corpus.known_cases)
            coded = code(corpus, [tagger])
            shown = {each.code for each in found}
            segments = tuple(s for s in coded.segments if s.code in shown)
            write_coded(table, Coded(segments), corpus, book)
            own = is_own(project, opened) and not codes
            said = kept(opened, coded, corpus, tagger.coder) if own else ""
    if as_json:
        print_json([_preview_json(each) for each in found])
        return
    cases = list(dict.fromkeys(case for each in found for case in each.by_case))
    head = ["code", "rules", "hits", "documents", *cases, "near-misses"]
    rows = [
        [
            *(each.code, str(each.n_rules), str(each.n_hits), str(each.n_documents)),
            *(str(each.by_case.get(case, 0)) for case in cases),
            ", ".join(f"{n} {kind}" for kind, n in each.misses.items()),
        ]
        for each in found
    ]
    print_table(head, rows, numbers=range(1, 4 + len(cases)))
    for each in found if dry_run else ():
        _print_samples(each)
    if book.language in BY_CHARACTER:
        note(f"Words were found by {tokeniser(book.language).name}.{missing_analyser(book.language)}")
    if left := unsearched(book, corpus):
        note(left)
    if dry_run:
        note("Nothing was written. Without --dry-run the coded segments go into a table.")
    else:
        note(f"Written to {table}: {sum(each.n_hits for each in found)} coded segments.{said}")


@app.command()
def why(
    document: Annotated[str, typer.Argument(help="Id of the document, such as japan/strategy-2018.")],
    span: Annotated[
        str, typer.Argument(help="START:END in characters of the document; ':' for all of it.")
    ] = ":",
    *,
    project: ProjectFolder = None,
    codebook: ChosenCodebook = None,
    codes: Annotated[
        list[str] | None, typer.Option(help="Only this code and those below it; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a passage is coded as it is: each rule that hits it, and what turned others away."""
    from coding.taggers.rules.why import outcomes

    opened = open_project(project, as_json=as_json)
    book, overlap = own_rules(opened, codebook)
    text = opened.corpus[document]
    start, end = _span(span, len(text.text), document)
    wanted = None if not codes else [c.id for c in book.codes if {c.id, *book.ancestors(c.id)} & set(codes)]
    for code in codes or ():
        book[code]
    found = [
        outcome
        for outcome in outcomes(book, [text], overlap=overlap, cases=opened.corpus.known_cases, codes=wanted)
        if outcome.segment.start < end and start < outcome.segment.end
    ]
    found.sort(key=lambda outcome: (outcome.segment.start, outcome.segment.end))
    if as_json:
        print_json([_outcome_json(outcome, text.text) for outcome in found])
        return
    note(" ".join(text.text[start:end].split()) if end - start <= 2000 else f"{document}, {start} to {end}")
    head = ["", "code", "rule", "start", "end", "words", "what matched", "why not"]
    rows = [
        [
            "✓" if outcome.kind == "hit" else "✗",
            outcome.code,
            outcome.rule,
            str(outcome.segment.start),
            str(outcome.segment.end),
            text.text[outcome.segment.start : outcome.segment.end],
            " · ".join(text.text[a:b] for a, b in outcome.words),
            outcome.reason,
        ]
        for outcome in found
    ]
    print_table(head, rows, numbers=(3, 4))
    n_hits = sum(outcome.kind == "hit" for outcome in found)
    note(f"{n_hits} hits and {len(found) - n_hits} near-misses of codebook {book.id} {book.version}.")


def _refuse_mixed(
    partitions: list[str] | None,
    more: list[str] | None,
    documents: list[str] | None,
    codes: list[str] | None,
    *,
    dry_run: bool,
) -> None:
    """Raise if options of the project's corpus and of a large one stand together."""
    from coding.errors import CodingError

    if more and not partitions:
        raise CodingError(f"'{more[0]}': which texts are meant? Those of Parquet files: --corpus {more[0]}.")
    named = {"--documents": documents, "--codes": codes, "--dry-run": dry_run}
    for option, value in named.items():
        if value:
            raise CodingError(
                f"{option} goes with the project's own texts, not with --corpus. Use --limit to try."
            )


def own_rules(project: Project, codebook: str | None) -> tuple[Codebook, Overlap]:
    """Return the codebook asked for, and the overlap on which the project's study decides."""
    from coding.study import read_checked

    if codebook is None and (project.study or len(project.studies) == 1):
        plan, book = read_checked(project)
        return book, plan.overlap
    return project.codebook(codebook) if codebook else own_codebook(project), "longest"


def kept(project: Project, coded: Coded, corpus: Corpus, coder: Coder) -> str:
    """Keep a machine's coding as suggestions, and say so."""
    from coding.batch import TakenBack
    from coding.model import CodedSegment
    from coding.suggesting import keep

    with project.store() as store:
        batch = keep(store, coded, corpus, coder, by=me(), documents=[d.id for d in corpus])
    if batch is None:
        return " The store has them as suggestions already."
    n_new, n_gone = len(batch.of(CodedSegment)), len(batch.of(TakenBack))
    gone = f", {n_gone} rows of an earlier run taken back" if n_gone else ""
    return (
        f"\nKept in {project.store_path.name} as suggestions: {n_new} new{gone}. `coding serve` shows them, "
        f"`coding undo {batch.id[:8]}` takes them back."
    )


def _span(written: str, length: int, document: str) -> tuple[int, int]:
    from coding.errors import CodingError

    match = re.fullmatch(r"(\d*):(\d*)", written)
    start, end = (int(match[1] or 0), int(match[2] or length)) if match else (0, 0)
    if not match or not start < end <= length:
        raise CodingError(
            f"'{written}' is no span of {document}: write START:END with 0 <= START < END <= {length}."
        )
    return start, end


def _print_samples(found: Preview) -> None:
    for title, shown in (("hits", found.hits_shown), ("near-misses", found.misses_shown)):
        if not shown:
            continue
        typer.echo(f"\n{found.code}: {title}")
        if is_piped():
            rows = [
                [*_at(one.line.segment), one.line.left, one.line.hit, one.line.right, *_said(one.outcome)]
                for one in shown
            ]
            print_table(["document", "span", "before", "words", "after", "rule", "why not"], rows)
            continue
        for one in shown:
            said = ": ".join(filter(None, _said(one.outcome)))
            print_passage(
                " ".join(_at(one.line.segment)), said, one.line.left + " ", one.line.hit, " " + one.line.right
            )


def _said(outcome: Outcome) -> tuple[str, str]:
    return outcome.rule, outcome.reason


def _at(segment: Segment) -> tuple[str, str]:
    """Return document and span, as `coding why` takes them."""
    return segment.document, f"{segment.start}:{segment.end}"


def _place(segment: Segment) -> dict[str, object]:
    return {"document": segment.document, "start": segment.start, "end": segment.end}


def _outcome_json(outcome: Outcome, text: str) -> dict[str, object]:
    return {
        "code": outcome.code,
        "rule": outcome.rule,
        **_place(outcome.segment),
        "quote": text[outcome.segment.start : outcome.segment.end],
        "kind": outcome.kind,
        "reason": outcome.reason,
        "words": [{"start": a, "end": b, "quote": text[a:b]} for a, b in outcome.words],
    }


def _preview_json(found: Preview) -> dict[str, object]:
    def sample(shown: tuple[Shown, ...]) -> list[dict[str, object]]:
        return [
            {
                "rule": one.outcome.rule,
                **_place(one.outcome.segment),
                "kind": one.outcome.kind,
                "reason": one.outcome.reason,
                "left": one.line.left,
                "hit": one.line.hit,
                "right": one.line.right,
            }
            for one in shown
        ]

    return {
        "code": found.code,
        "rules": found.n_rules,
        "hits": found.n_hits,
        "documents": found.n_documents,
        "by_case": dict(found.by_case),
        "near_misses": dict(found.misses),
        "sample": {"hits": sample(found.hits_shown), "near_misses": sample(found.misses_shown)},
    }
