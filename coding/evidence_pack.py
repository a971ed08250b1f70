"""The evidence as a paper: each claim as the study words it, its verdict, its passages with their sources.

A passage stands between its neighbours, the coded words marked, with the codes, who or which rule gave them,
the page or paragraph, the document and its citation key; notes that coders left stand below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from coding.locators import locator
from coding.paper import Block, Heading, Paper, Paragraph, Words, paragraph
from coding.report import in_words, web
from coding.write_up import estimate_in_words, origin, side_in_words

if TYPE_CHECKING:
    from coding.batch import Memo
    from coding.evidence import Evidence, Group, Numbered
    from coding.model import CodedSegment, Document
    from coding.passages import Passage
    from coding.study import Finding, Run

_SPEAKS = {
    "for": "What speaks for it",
    "against": "What speaks against it",
    "both": "What counts on both sides",
    "neither": "What belongs to it",
}


def pack(
    run: Run,
    found: Sequence[Evidence],
    *,
    memos: Iterable[Memo] = (),
    references: Mapping[str, str] | None = None,
) -> Paper:
    """Return the evidence of a run as a paper, the same for the same run, with a list of sources at the end.

    Parameters
    ----------
    memos : notes of coders; those about segments, codes and documents that are shown are in it
    references : for each citation key its entry in words (`coding.citations.references`)
    """
    known = references or {}
    notes = _about(memos)
    blocks: list[Block] = [*_head(run, found)]
    for one in found:
        blocks += _claim(run, one, notes)
    blocks += _sources(run, found, notes, known)
    return Paper(f"Evidence: {run.study.title}", tuple(blocks))


def packs(
    run: Run,
    found: Sequence[Evidence],
    *,
    memos: Iterable[Memo] = (),
    references: Mapping[str, str] | None = None,
) -> dict[str, Paper]:
    """Return the evidence of a run as a paper for each claim, by the names of their files, and an index."""
    order = [finding.claim.id for finding in run.findings]
    names = {f"{order.index(one.finding.claim.id) + 1:02d}-{one.finding.claim.id}.md": one for one in found}
    kept = tuple(memos)
    points = [
        paragraph(
            Words(one.finding.claim.title, url=name),
            f": {one.finding.said}. {counted(one, run.matrix.measurement.unit)}",
            kind="point",
        )
        for name, one in names.items()
    ]
    index = Paper(f"Evidence: {run.study.title}", (*_head(run, found), *points))
    return {
        "index.md": index,
        **{name: pack(run, [one], memos=kept, references=references) for name, one in names.items()},
    }


def counted(evidence: Evidence, unit: str) -> str:
    """Say how many passages there are for a claim and against it, and how many are not shown."""
    counts = [
        *([f"{_plural(evidence.n_units('for'), unit)} for it"] if evidence.finding.verdict else []),
        *([f"{_plural(evidence.n_units('against'), unit)} against it"] if evidence.finding.verdict else []),
        *([f"{_plural(both, unit)} on both sides"] if (both := evidence.n_units("both")) else []),
    ]
    shown = f"{_plural(evidence.n_passages, 'passage')} shown"
    left = sum(group.n_left_out for group in evidence.groups)
    silent = sum(group.n_units for group in evidence.groups if not group.is_listed)
    rest = f"{_plural(silent, unit)} of the base without the code not shown: the rest of what was searched"
    left_out = [
        *([f"{_plural(left, 'passage')} left out, as asked"] if left else []),
        *([rest] if silent else []),
    ]
    return f"{', '.join([*counts, shown, *(left_out or ['none left out'])])}."


def _head(run: Run, found: Sequence[Evidence]) -> Iterator[Block]:
    unit = run.matrix.measurement.unit
    yield paragraph(run.study.question)
    yield paragraph(
        f"{_plural(len(found), 'claim')} with the passages that count for and against, "
        f"from {len(run.corpus)} {run.texts}. Coded words are in bold, with what stands before and after. "
        f"A passage may touch several {unit}s, so passages and {unit}s need not be as many."
    )
    if "digest" in {str(document.variables.get("fidelity")) for document in run.corpus}:
        yield paragraph(
            Words("Digests are no quotations.", "strong"),
            " Where a text is a digest, its words are ours, and so are its paragraphs: quote the source.",
        )
    yield paragraph(" ".join(origin(run)), kind="note")
    not_counted = [
        *([f"{run.n_unread} where their coder filed no reading"] if run.n_unread else []),
        *([f"{run.n_stale} in earlier texts"] if run.n_stale else []),
        *(
            [f"{len(run.matrix.unplaced)} {unit}s of shared documents that name no case"]
            if run.matrix.unplaced
            else []
        ),
    ]
    if not_counted:
        yield paragraph(f"Counted nowhere: {'; '.join(not_counted)}.", kind="note")


def _claim(run: Run, one: Evidence, notes: Mapping[str, Sequence[Memo]]) -> Iterator[Block]:
    claim = one.finding.claim
    yield Heading(1, claim.title)
    yield paragraph(Words(claim.claim, "emphasis"), kind="quote")
    yield paragraph(f"Claimed in {claim.source.citation}, {claim.source.place}.", kind="note")
    yield from _outcome(one.finding)
    yield paragraph(
        Words("How it is put to the texts. ", "strong"), f"{claim.operationalisation} {claim.why}"
    )
    for other in one.rests_on:
        yield paragraph(f"{other.claim.title}: {other.said}.", kind="point")
    if one.groups:
        yield paragraph(Words("Evidence. ", "strong"), counted(one, run.matrix.measurement.unit))
    for code in dict.fromkeys(c for c in (claim.test.on, claim.test.versus, claim.test.within) if c):
        yield from _memos(notes.get(code, ()), f"on the code {run.matrix.names[code]}")
    for (part, speaks), groups in groupby(one.groups, key=lambda group: (group.part, group.speaks)):
        yield Heading(2, part if speaks == "neither" and part else _SPEAKS[speaks])
        for group in groups:
            yield from _group(run, group, notes)


def _outcome(finding: Finding) -> Iterator[Block]:
    yield paragraph(Words(f"{finding.said[0].upper()}{finding.said[1:]}", "strong"), f": {finding.reason}.")
    for contrast in finding.contrasts if finding.verdict else ():
        yield paragraph(f"{contrast.what}: {estimate_in_words(contrast)}.")
        sides = "; ".join(side_in_words(side) for side in (contrast.first, contrast.second))
        brackets = "units that bear the code / units of the base; independent documents or projects"
        yield paragraph(f"Shares: {sides}. In brackets: {brackets}.", kind="note")


def _group(run: Run, group: Group, notes: Mapping[str, Sequence[Memo]]) -> Iterator[Block]:
    inside = f" in {group.within}" if group.within else ""
    units = _plural(group.n_units, run.matrix.measurement.unit)
    yield Heading(3, f"{group.case}: {units}{inside} {group.what}")
    if not group.is_listed and group.n_units:
        yield paragraph("Not shown: the rest of what was searched.", kind="note")
    if group.n_left_out:
        left = _plural(group.n_left_out, "passage")
        yield paragraph(f"{left} of {group.n_passages} left out, as asked.", kind="note")
    for numbered in group.passages:
        if numbered.again is None:
            yield from _passage(run, numbered, notes)
        else:
            yield paragraph(
                Words(f"{numbered.number} ", "strong"), f"is passage {numbered.again} again.", kind="note"
            )


def _passage(run: Run, numbered: Numbered, notes: Mapping[str, Sequence[Memo]]) -> Iterator[Block]:
    passage = numbered.passage
    yield paragraph(*excerpt(passage), kind="quote")
    codes = "; ".join(dict.fromkeys(_coded(hit, run) for hit in passage.hits))
    yield Paragraph(
        (Words(f"{numbered.number} ", "strong"), Words(f"{codes}. "), *source(passage.document, passage)),
        "note",
    )
    for hit in passage.hits:
        yield from _memos(notes.get(hit.id, ()), f"on “{passage.document.quote(hit.segment)}”")


def excerpt(passage: Passage) -> Iterator[Words]:
    """Yield the words of a passage between its neighbours, coded ones marked."""
    if passage.before:
        yield Words(f"{passage.before} ", "quiet")
    for piece in passage.pieces:
        yield Words("".join(text for text, _ in piece.words), "coded" if piece.coded else "plain")
    if passage.after:
        yield Words(f" {passage.after}", "quiet")


def source(document: Document, passage: Passage) -> Iterator[Words]:
    """Yield where a passage stands: document, year, page or paragraph, kind of text, key, offsets."""
    variables = document.variables
    title = str(variables.get("title") or document.id)
    yield Words(title, "plain", web(variables.get("url")))
    place = locator(document, document.segment(passage.start, passage.end))
    key = f" [{variables['citation']}]" if variables.get("citation") else ""
    kind = in_words(variables.get("fidelity"))
    yield Words(f" ({in_words(variables.get('year'))}), {place} of the {kind}{key}; ")
    yield Words(f"{document.id} {passage.start}–{passage.end}", "quiet")


def _coded(hit: CodedSegment, run: Run) -> str:
    because = f", {hit.because}" if hit.because else ""
    return f"{run.codebook[hit.code].name} ({hit.coder}{because})"


def _memos(memos: Iterable[Memo], on: str) -> Iterator[Block]:
    for memo in memos:
        yield paragraph(Words(f"Note of {memo.coder} {on}: ", "quiet"), memo.text, kind="note")


def _about(memos: Iterable[Memo]) -> dict[str, list[Memo]]:
    found: dict[str, list[Memo]] = {}
    for memo in sorted(memos, key=lambda each: (each.at, each.id)):
        found.setdefault(memo.subject, []).append(memo)
    return found


def _sources(
    run: Run, found: Sequence[Evidence], notes: Mapping[str, Sequence[Memo]], known: Mapping[str, str]
) -> Iterator[Block]:
    """Yield the documents that are quoted, then where the claims are published, each with its entry."""
    quoted = {one.passage.document.id for each in found for group in each.groups for one in group.passages}
    yield Heading(1, "Sources")
    yield paragraph(f"{_plural(len(quoted), 'document')} quoted here, of {len(run.corpus)} read.")
    for document in run.corpus:
        if document.id in quoted:
            yield _source(document, known)
            yield from _memos(notes.get(document.id, ()), "on the document")
    for key in dict.fromkeys([each.finding.claim.source.citation for each in found]):
        yield paragraph(
            Words(key, "strong"), f": {known.get(key, 'no entry in references.bib')}", kind="point"
        )


def _source(document: Document, known: Mapping[str, str]) -> Paragraph:
    variables = document.variables
    key = str(variables.get("citation") or "")
    own = ". ".join(
        str(variables[name])
        for name in ("title", "publisher", "year", "url")
        if variables.get(name) is not None
    )
    return paragraph(
        Words(document.id, "strong"),
        f" ({in_words(variables.get('fidelity'))}){f' [{key}]' if key else ''}: {known.get(key, own)}",
        kind="point",
    )


def _plural(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
