"""What a change of a codebook does to a study: which coded segments, cells and findings are others.

The rules of both codebooks code the texts of the study afresh, under its decisions. What people coded is not
touched: it counts on both sides as it stands. One rule accounts for each segment that vanished or came.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coding.attribution import NAMED_BY_MENTION
from coding.causes import Cause, Named, Successors, causes, how, rule_of
from coding.coders import RULES, count
from coding.corresponding import Resting, correspondence, fitted, resting
from coding.differences import Difference, compare
from coding.editions import coded_in
from coding.errors import CodingError
from coding.matrix import Matrix, tabulate
from coding.model import Coded, CodedSegment, Corpus
from coding.review import without_twins
from coding.selection import select
from coding.study import Study, fidelity, in_words, read_study
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.two_codebooks import CellChange, FindingChange, Side, cells_changed, findings_changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coding.codebook import Codebook
    from coding.matrix import Cell
    from coding.project import Project

_Place = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A coded segment of the rules that stands under one codebook only, and what accounts for it."""

    segment: CodedSegment
    cause: Cause


@dataclass(frozen=True, slots=True)
class SegmentMove:
    """The same words, coded with a code of the old codebook and with one that comes after it in the new."""

    before: CodedSegment
    after: CodedSegment


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule, what became of it, and what it accounts for.

    Attributes
    ----------
    change : removed, added, or what is not the same; empty for a rule that is as it was, but whose hits are
        newly, or no more, in the way of others
    cells : the cells that changed and in which a segment stood, or stands, for which it accounts; or that are
        searched since there is the rule, or no more
    """

    code: str
    rule: str
    change: str
    vanished: tuple[CodedSegment, ...]
    came: tuple[CodedSegment, ...]
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """Two codebooks over one study.

    Attributes
    ----------
    differences : of the codebooks themselves
    n_kept : coded segments of the rules with the same words and code under both
    vanished, came, moved : the others, in the order of the texts
    cells : those that changed, the largest change first
    findings : all claims of the study in their order, changed or not
    rules : those that account for something, most segments first, then those that changed to no effect
    people : coded segments of people that rest on codes whose meaning changed
    n_decisions : decisions on segments of the rules that the rules of the new codebook do not leave: their
        code says something else to the rules, so that they have to be made again
    before, after : the matrices of the study
    files : where the codebooks were read from, as they are to be named; empty if that is not known
    """

    study: Study
    old: Codebook
    new: Codebook
    corpus: Corpus = field(repr=False)
    differences: tuple[Difference, ...]
    n_kept: int
    vanished: tuple[SegmentChange, ...]
    came: tuple[SegmentChange, ...]
    moved: tuple[SegmentMove, ...]
    cells: tuple[CellChange, ...]
    findings: tuple[FindingChange, ...]
    rules: tuple[RuleChange, ...]
    people: tuple[Resting, ...]
    n_decisions: int
    before: Matrix = field(repr=False)
    after: Matrix = field(repr=False)
    files: tuple[str, str] = field(default=("", ""), repr=False)

    def __repr__(self) -> str:
        books = " to ".join(self.books)
        segments = f"{len(self.vanished)} segments vanished, {len(self.came)} came, {len(self.moved)} moved"
        turned = sum(finding.is_turned for finding in self.findings)
        return f"<Drift of {self.study.id}, {books}: {segments}, {len(self.cells)} cells, {turned} verdicts>"

    @property
    def texts(self) -> str:
        """What the texts are, in words: digests, originals and translations."""
        return in_words(fidelity(self.corpus))

    @property
    def books(self) -> tuple[str, str]:
        """What the two codebooks are called, so that one can tell them apart."""
        return _called(self.old, self.new, self.files)

    @property
    def is_same_version(self) -> bool:
        """Whether two codebooks that are not the same have one id and one version."""
        return _are_homonyms(self.old, self.new) and self.old.digest != self.new.digest

    @property
    def names(self) -> Mapping[str, str]:
        """The shown names of codes and cases: of a code that both know, that of the new codebook."""
        return {**self.before.names, **self.after.names}

    @property
    def by_no_rule(self) -> tuple[CellChange, ...]:
        """The cells that changed through no segment: in their base, or by where codes stand."""
        reached = {(cell.code, cell.case) for rule in self.rules for cell in rule.cells}
        return tuple(cell for cell in self.cells if (cell.code, cell.case) not in reached)

    def of(self, code: str) -> Drift:
        """Return what concerns a code and those below it, in either codebook; findings are left as they are.

        Raises
        ------
        CodingError
            If neither codebook knows the code.
        """
        if code not in self.old:
            self.new[code]  # says which is nearest
        wanted = {
            one.id
            for book in (self.old, self.new)
            for one in book.codes
            if code in (one.id, *book.ancestors(one.id))
        }
        return replace(
            self,
            vanished=tuple(one for one in self.vanished if one.segment.code in wanted),
            came=tuple(one for one in self.came if one.segment.code in wanted),
            moved=tuple(one for one in self.moved if {one.before.code, one.after.code} & wanted),
            cells=tuple(one for one in self.cells if one.code in wanted),
            rules=tuple(one for one in self.rules if one.code in wanted),
            people=tuple(one for one in self.people if one.code in wanted),
        )


def drift(
    project: Project,
    old: Codebook,
    new: Codebook,
    study: str | None = None,
    *,
    files: tuple[str, str] = ("", ""),
) -> Drift:
    """Return what changes in a study when its texts are coded by a new codebook in the place of an old one.

    Parameters
    ----------
    old, new : any two codebooks, usually two versions of one
    study : its id; the project's own study if left out. Its corpus and all its decisions hold for both
        codebooks; which codebook it names does not matter
    files : where the codebooks were read from: they are named by it where id and version are equal

    Raises
    ------
    CodingError
        If there is no such study, or it selects no text.
    """
    path = project.study_path(study)
    plan, _ = read_study(path, name=f"studies/{path.name}")
    corpus, _ = select(project.corpus, plan.corpus)
    if not len(corpus):
        raise CodingError(f"studies/{path.name}: it selects no text. `coding check` says why.")
    codes = correspondence(project, old, new)
    after = codes.between(old, new)
    stored = _stored(project)
    first, second = (_by_rules(project, plan, corpus, book) for book in (old, new))
    one, other = (
        Side(book, _matrix(project, plan, corpus, book, rules, fitted(stored, book, codes)), name)
        for book, rules, name in zip((old, new), (first, second), _called(old, new, files), strict=True)
    )
    before, now = ({_place(s): s for s in rules.segments} for rules in (first, second))
    moved = tuple(_moves(before, now, after))
    vanished = _without(before, {*now, *(_place(move.before) for move in moved)})
    came = _without(now, {*before, *(_place(move.after) for move in moved)})
    lost, gained = causes(
        vanished,
        came,
        documents=corpus,
        old=old,
        new=new,
        after=after,
        overlap=plan.overlap,
        cases=project.corpus.known_cases,
    )
    changed = [SegmentChange(s, c) for s, c in zip(vanished, lost, strict=True)]
    newly = [SegmentChange(s, c) for s, c in zip(came, gained, strict=True)]
    cells = cells_changed(one.matrix, other.matrix, after)
    return Drift(
        study=plan,
        old=old,
        new=new,
        corpus=corpus,
        differences=compare(old, new),
        n_kept=sum(place in now for place in before),
        vanished=tuple(changed),
        came=tuple(newly),
        moved=moved,
        cells=cells,
        findings=findings_changed(plan, one, other, corpus),
        rules=tuple(_rules(changed, newly, cells, old, new, after)),
        people=resting(without_twins(stored, project.decisions), old, new, codes),
        n_decisions=_n_undone(project, first, second),
        before=one.matrix,
        after=other.matrix,
        files=files,
    )


def _are_homonyms(old: Codebook, new: Codebook) -> bool:
    return (old.id, old.version) == (new.id, new.version)


def _called(old: Codebook, new: Codebook, files: tuple[str, str]) -> tuple[str, str]:
    """Return the id and version of two codebooks; where these are equal, with file or digest too."""
    first, second = (f"{book.id} {book.version}" for book in (old, new))
    if not _are_homonyms(old, new):
        return first, second
    marks = files if all(files) and files[0] != files[1] else (old.digest[:8], new.digest[:8])
    return f"{first} ({marks[0]})", f"{second} ({marks[1]})"


def _stored(project: Project) -> Coded:
    """Return what stands in the store, in the texts of today and under the codes with which it was coded."""
    if not project.store_path.is_file():
        return Coded()
    with project.store() as store:
        return coded_in(store, lambda: project.corpus)


def _by_rules(project: Project, plan: Study, corpus: Corpus, book: Codebook) -> Coded:
    tagger = RuleTagger(book, overlap=plan.overlap, cases=project.corpus.known_cases)
    return tag(corpus, [tagger])


def _matrix(
    project: Project, plan: Study, corpus: Corpus, book: Codebook, rules: Coded, stored: Coded
) -> Matrix:
    """Return the matrix of a study under a codebook; what people coded counts if the study names them."""
    counted = count(
        plan.coders,
        corpus,
        stored=stored if plan.asks_the_store else Coded(),
        rules=rules if RULES in plan.coders else Coded(),
        decisions=project.decisions if plan.asks_the_store else (),
        unreviewed=plan.unreviewed,
    )
    cases = plan.corpus.cases if plan.measurement.by == NAMED_BY_MENTION else None
    return tabulate(counted.coded, corpus, book, **plan.measurement.model_dump(), cases=cases)


def _place(segment: CodedSegment) -> _Place:
    place = segment.segment
    return place.document, place.start, place.end, segment.code


def _without(segments: Mapping[_Place, CodedSegment], places: set[_Place]) -> list[CodedSegment]:
    return [segment for place, segment in segments.items() if place not in places]


def _moves(
    before: Mapping[_Place, CodedSegment], now: Mapping[_Place, CodedSegment], after: Successors
) -> Iterator[SegmentMove]:
    """Yield the segments whose words bear a code in the new codebook that stands for theirs."""
    for (document, start, end, code), segment in before.items():
        for successor in after[code]:
            found = now.get((document, start, end, successor))
            if found is not None and successor != code:
                yield SegmentMove(segment, found)
                break


def _rules(
    vanished: Sequence[SegmentChange],
    came: Sequence[SegmentChange],
    cells: Sequence[CellChange],
    old: Codebook,
    new: Codebook,
    after: Successors,
) -> list[RuleChange]:
    """Return every rule that accounts for something or is not the same, those of most segments first."""
    changes = dict(_changes(old, new, after))
    told: list[RuleChange] = []
    for code, rule in dict.fromkeys([*changes, *((c.cause.code, c.cause.rule) for c in (*vanished, *came))]):
        gone, come = (
            tuple(c.segment for c in some if (c.cause.code, c.cause.rule) == (code, rule))
            for some in (vanished, came)
        )
        change = changes.get((code, rule), "")
        searched = _searched(code, old, new) if change in ("removed", "added") else set()
        reached = tuple(cell for cell in cells if _reaches(cell, gone, come, searched))
        told.append(RuleChange(code, rule, change, gone, come, reached))
    return sorted(told, key=lambda one: -len(one.vanished) - len(one.came))


def _searched(code: str, old: Codebook, new: Codebook) -> set[str]:
    """Return the codes that are searched since a code has a rule."""
    return {code, *(above for book in (old, new) if code in book for above in book.ancestors(code))}


def _reaches(
    cell: CellChange, gone: Iterable[CodedSegment], come: Iterable[CodedSegment], searched: set[str]
) -> bool:
    """Say whether segments stood or stand in a cell, or it was not, or is no more, searched at all."""
    if _holds(cell.before, gone) or _holds(cell.after, come):
        return True
    sides = (cell.before, cell.after)
    return cell.code in searched and any(side and side.state == "not examined" for side in sides)


def _holds(cell: Cell | None, segments: Iterable[CodedSegment]) -> bool:
    ids = {segment.id for segment in segments}
    return cell is not None and any(segment.id in ids for segment in cell.coded.segments)


def _changes(old: Codebook, new: Codebook, after: Successors) -> Iterator[tuple[Named, str]]:
    """Yield each rule that is not the same in both codebooks, and what is not."""
    kept: set[Named] = set()
    for code in (code for code in old.codes if not code.retired):
        for rule in code.rules:
            holders = [(s, found) for s in after[code.id] if (found := rule_of(new, s, rule.id))]
            kept |= {(successor, rule.id) for successor, _ in holders}
            if not holders:
                yield (code.id, rule.id), "removed"
            elif said := how(rule, holders[0][1]):
                yield (holders[0][0], rule.id), said
    for code in (code for code in new.codes if not code.retired):
        for rule in code.rules:
            if (code.id, rule.id) not in kept:
                yield (code.id, rule.id), "added"


def _n_undone(project: Project, before: Coded, now: Coded) -> int:
    gone = {segment.id for segment in before.segments} - {segment.id for segment in now.segments}
    return sum(decision.about in gone for decision in project.decisions)
