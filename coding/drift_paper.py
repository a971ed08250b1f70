"""What a change of a codebook does, as tables: the rules that account for it, the cells, the findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coding.paper import Paper, Row, Table
from coding.plots.words import base_in_words
from coding.report import signed
from coding.write_up import NOTHING, cell_in_words, interval_in_words

if TYPE_CHECKING:
    from coding.drift import Drift, SegmentChange
    from coding.formats.csv import Cell as TableCell
    from coding.model import CodedSegment
    from coding.study import Finding
    from coding.two_codebooks import CellChange, FindingChange

UNCHANGED, NUMBERS, TURNED, MISSING = "as before", "other numbers", "another verdict", "not on both sides"


def drift_paper(drift: Drift) -> Paper:
    """Return the drift as tables for a paper. The segments themselves are rows of `segment_rows`."""
    return Paper("", (rules_table(drift), cells_table(drift), findings_table(drift)))


def rules_table(drift: Drift) -> Table:
    """Return a row for each rule: what became of it, and how much it accounts for."""
    rows = [
        Row(
            (
                drift.names.get(one.code, one.code),
                one.rule,
                one.change or "as before",
                *(str(len(some)) for some in (one.vanished, one.came, one.cells)),
            )
        )
        for one in drift.rules
    ]
    return Table(
        name="drift-rules",
        caption=f"Rules that are not the same, {books(drift)}, and what they account for in {_texts(drift)}.",
        head=("Code", "Rule", "What changed", "Vanished", "Came", "Cells"),
        rows=tuple(rows),
        notes=tuple(_rule_notes(drift)),
        numbers=(3, 4, 5),
    )


def cells_table(drift: Drift) -> Table:
    """Return a row for each cell that is not the same, the largest change first."""
    unit = drift.after.measurement.unit
    rows = [
        Row(
            (
                drift.names.get(one.code, one.code),
                drift.names[one.case],
                *both_in_words(one, drift),
                change_in_words(one, drift),
            )
        )
        for one in drift.cells
    ]
    return Table(
        name="drift-cells",
        caption=(
            f"Cells that are not the same, {books(drift)}, in {_texts(drift)}: {drift.after.measurement}."
        ),
        head=("Code", "Case", "Before", "After", "Change"),
        rows=tuple(rows),
        notes=(
            f"In brackets: {unit}s that bear the code / {base_in_words(drift.after)}.",
            f"Changes of shares are in percentage points. {NOTHING}: the codebook has no such code in use.",
        ),
        numbers=(2, 3, 4),
    )


def findings_table(drift: Drift) -> Table:
    """Return a row for each claim: what came of it before, and what comes of it now."""
    rows = [
        Row((one.claim.title, *(outcome_in_words(each) for each in (one.before, one.after)), said_of(one)))
        for one in drift.findings
    ]
    missing = [f"{one.claim.title}: {one.why}" for one in drift.findings if one.why]
    return Table(
        name="drift-findings",
        caption=f"The claims under both codebooks, {books(drift)}, in {_texts(drift)}.",
        head=("Claim", "Before", "After", ""),
        rows=tuple(rows),
        notes=("Difference of the two shares, with its interval in brackets.", *missing),
    )


def segment_rows(drift: Drift) -> list[list[TableCell]]:
    """Return a row for each segment that vanished, came or moved, with its words and why."""
    head: list[TableCell] = [
        "change", "document", "start", "end", "quote", "code", "code_after", "rule", "accounts_code",
        "accounts_rule", "kind", "why",
    ]  # fmt: skip
    vanished: list[list[TableCell]] = [
        ["vanished", *_where(drift, one.segment), one.segment.code, None, *_accounted(one)]
        for one in drift.vanished
    ]
    came: list[list[TableCell]] = [
        ["came", *_where(drift, one.segment), None, one.segment.code, *_accounted(one)] for one in drift.came
    ]
    moved: list[list[TableCell]] = [
        ["moved", *_where(drift, one.before), one.before.code, one.after.code, one.after.because, *[None] * 4]
        for one in drift.moved
    ]
    return [head, *vanished, *came, *moved]


def books(drift: Drift) -> str:
    """Name the two codebooks: book 1.0.0 to book 1.1.0."""
    return " to ".join(drift.books)


def same_version(drift: Drift) -> str:
    """Say that two codebooks that are not the same have one version."""
    return f"The version was not raised: both codebooks are {drift.new.id} {drift.new.version}."


def both_in_words(change: CellChange, drift: Drift) -> tuple[str, str]:
    """Return a cell before and after, each with its base."""
    before = NOTHING if change.before is None else cell_in_words(change.before, drift.before)
    after = NOTHING if change.after is None else cell_in_words(change.after, drift.after)
    return before, after


def change_in_words(change: CellChange, drift: Drift) -> str:
    """Return how far a cell went, shares in percentage points; a dash where it has no value on both sides."""
    values = [None if cell is None else cell.value for cell in (change.before, change.after)]
    if values[0] is None or values[1] is None:
        return NOTHING
    difference = values[1] - values[0]
    if drift.after.measurement.measure in ("share", "profile"):
        return f"{100 * difference:+.1f}".replace("-", "−")
    return f"{difference:+.4g}".replace("-", "−")


def outcome_in_words(finding: Finding | None) -> str:
    """Return a verdict with the difference on which it stands; a dash where nothing comes of the claim."""
    if finding is None:
        return NOTHING
    tested = finding.contrasts[0] if finding.verdict and finding.contrasts else None
    if tested is None or tested.difference is None:
        return finding.verdict or "described"
    interval = "" if tested.low is None else f" ({interval_in_words(tested)})"
    return f"{finding.verdict} {signed(tested.difference)}{interval}"


def said_of(change: FindingChange) -> str:
    """Say in a word or two whether what comes of a claim is the same."""
    if change.before is None or change.after is None:
        return MISSING
    if change.is_turned:
        return TURNED
    return NUMBERS if change.is_changed else UNCHANGED


def _texts(drift: Drift) -> str:
    return f"{len(drift.corpus)} {drift.texts} of the study {drift.study.id}"


def _rule_notes(drift: Drift) -> Iterator[str]:
    yield (
        f"Coded segments of the rules: {drift.n_kept} as before, {len(drift.vanished)} vanished, "
        f"{len(drift.came)} came, {len(drift.moved)} under the code that came after theirs."
    )
    if drift.is_same_version:
        yield same_version(drift)
    yield "Each segment that vanished or came is counted with one rule, a cell with each that reached it."
    if drift.by_no_rule:
        yield f"Cells that changed through no segment: {len(drift.by_no_rule)}."
    n_people = sum(one.n for one in drift.people)
    if n_people:
        yield f"Coded segments of people that rest on a code whose meaning changed: {n_people}."


def _where(drift: Drift, segment: CodedSegment) -> tuple[str, int, int, str]:
    place = segment.segment
    return place.document, place.start, place.end, drift.corpus[place.document].quote(place)


def _accounted(change: SegmentChange) -> tuple[str, str, str, str, str]:
    cause = change.cause
    return change.segment.because, cause.code, cause.rule, cause.kind, cause.why
