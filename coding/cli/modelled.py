"""What `coding tag --model` does: a model codes the texts, and its coding is kept as suggestions."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from coding.cli.app import chosen, open_own
from coding.cli.show import note, print_json, print_passage, print_table, progress
from coding.cli.texts import kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coding.model import CodedSegment, Corpus
    from coding.project import Project
    from coding.taggers.learned import LearnedTagger

_NOT_KEPT = " Nothing is kept for review: only all codes together are, without --codes."
N_SHOWN = 10  # suggestions of each code that --dry-run shows


def tag_by_model(
    folder: Path | None,
    name: str,
    documents: list[str] | None,
    codes: list[str] | None,
    out: Path,
    *,
    dry_run: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Code texts by a model, write the table of coded segments, and keep them as suggestions."""
    from coding.model import Coded
    from coding.results import write_coded

    opened = open_own(folder)
    tagger = tagger_of(opened, name)
    corpus = chosen(opened.corpus, documents)
    asked = _asked(tagger, codes)
    with progress("coding the texts"):
        coded = tagger.tag(corpus)
        segments = tuple(s for s in coded.segments if s.code in asked)
        said = ""
        if not dry_run:
            write_coded(out, Coded(segments), corpus, tagger.codebook)
            said = _NOT_KEPT if codes else kept(opened, coded, corpus, tagger.coder)
    rows = _rows(asked, segments, corpus)
    if as_json:
        print_json([dict(zip(("code", "units", "documents", "cases"), row, strict=True)) for row in rows])
        return
    cases = list(dict.fromkeys(case for *_, by_case in rows for case in by_case))
    print_table(
        ["code", f"{tagger.model.unit}s", "documents", *cases],
        [
            [code, str(n), str(n_documents), *(str(by_case.get(case, 0)) for case in cases)]
            for code, n, n_documents, by_case in rows
        ],
        numbers=range(1, 3 + len(cases)),
    )
    if dry_run:
        _print_some(segments, opened, tagger, seed)
        note("Nothing was written. Without --dry-run the coded segments go into a table.")
    else:
        note(f"Written to {out}: {len(segments)} coded segments.{said}")


def tagger_of(opened: Project, name: str) -> LearnedTagger:
    """Return the tagger of a model of the project, with its codebook as it is."""
    from coding.cli.train import vectors_of
    from coding.taggers.learned import LearnedTagger

    model = opened.model(name)
    return LearnedTagger(
        model,
        opened.codebook(model.codebook),
        cases=opened.corpus.known_cases,
        vectors=vectors_of(opened) if model.recipe.embeddings else None,
    )


def _asked(tagger: LearnedTagger, codes: list[str] | None) -> tuple[str, ...]:
    """Return the codes that the model gives: all, or those named with those below them."""
    book = tagger.codebook
    named = {book[code].id for code in codes or ()}
    learned = (each.code for each in tagger.model.codes)
    return tuple(code for code in learned if not named or named & {code, *book.ancestors(code)})


def _rows(
    asked: Sequence[str], segments: Sequence[CodedSegment], corpus: Corpus
) -> list[tuple[str, int, int, dict[str, int]]]:
    rows = []
    for code in asked:
        own = [s.segment.document for s in segments if s.code == code]
        by_case = Counter(str(corpus[document].variables.get("donor")) for document in own)
        rows.append((code, len(own), len(set(own)), dict(sorted(by_case.items()))))
    return rows


def _print_some(segments: Sequence[CodedSegment], opened: Project, tagger: LearnedTagger, seed: int) -> None:
    """Print some suggestions of each code in context, what moved the model, and what is near to them."""
    from coding.cli.examples import examples_of, near, print_near
    from coding.surroundings import cut

    corpus, examples = opened.corpus, examples_of(opened, tagger) if segments else None
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated, no secret
    for code in dict.fromkeys(s.code for s in segments):
        own = [s for s in segments if s.code == code]
        for one in chance.sample(own, min(N_SHOWN, len(own))):
            document, place = corpus[one.segment.document], one.segment
            before, after = cut(document, "sentence").neighbours(document.text, place.start, place.end)
            moved = ", ".join(f"“{each}”" for each in one.because.split(", ")) if one.because else ""
            why = f"{one.score:.2f}, because of {moved}" if moved else f"{one.score:.2f}"
            where = f"{code}: {place.document} {place.start}:{place.end}"
            print_passage(where, why, f"{before} ", document.quote(place), f" {after}")
            print_near(near(examples, tagger, place, code), corpus)
