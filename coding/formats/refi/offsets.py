"""What the offsets of a REFI-QDA file count, found out from the file itself.

The standard says "Unicode code point" and no more. Programs differ in four things: whether a byte order mark
counts, whether CR LF is one or two, whether a character beyond U+FFFF is one or two (UTF-16), whether the
end is included. That makes sixteen conventions. `solve` reads every selection under each of them and takes
the one under which the words are right: equal to the `name` that many programs give a selection, else cut
where words begin and end. It never guesses: where two conventions fit alike and give other words, it refuses
and shows them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Literal

from coding.errors import CodingError, nearest
from coding.formats.refi.words import Edges, cut_at, flat, is_start

if TYPE_CHECKING:
    from coding.formats.refi.nouns import Source

By = Literal["names", "edges", "given", "format", "writer", "nothing to tell"]
Check = Literal["the name", "its beginning", "no name", "another name", "name elsewhere"]
Span = tuple[int, int]

LEAST_UNNAMED = 20  # selections that a decision by edges needs
LEAST_TELLING = 5  # of them in which two conventions differ; below 20 they must differ much
MARGIN, MARGIN_OF_FEW = 0.10, 0.50  # between the shares of clean edges under the best and another
LEAST_SCORE = {"names": 0.90, "edges": 0.80}
OURS = "Normatrix"

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NO_NAME, _NO, _START, _WHOLE = -1, 0, 1, 2  # what a name says to words
_CHECKS: dict[int, Check] = {_NO_NAME: "no name", _START: "its beginning", _WHOLE: "the name"}
_NEAR = 200  # characters before and after a selection in which its name is looked for
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Convention:
    """What an offset counts. The default is what this program writes, and most others."""

    unit: Literal["points", "utf16"] = "points"
    crlf: Literal[1, 2] = 1
    bom: bool = False
    inclusive: bool = False

    def __str__(self) -> str:
        """Return its name on the command line, such as points-crlf1-nobom-exclusive."""
        mark, end = "bom" if self.bom else "nobom", "inclusive" if self.inclusive else "exclusive"
        return f"{self.unit}-crlf{self.crlf}-{mark}-{end}"


_COUNTED: tuple[tuple[Literal["points", "utf16"], Literal[1, 2]], ...] = (
    ("points", 1), ("utf16", 2), ("points", 2), ("utf16", 1),
)  # fmt: skip
# The more common come first: of conventions that give the same words, the first is named.
CONVENTIONS = tuple(
    Convention(unit, crlf, bom, inclusive)
    for inclusive, bom, (unit, crlf) in product((False, True), (False, True), _COUNTED)
)


def convention(name: str) -> Convention:
    """Return the convention of a name.

    Raises
    ------
    CodingError
        Naming the nearest one.
    """
    known = {str(each): each for each in CONVENTIONS}
    if name not in known:
        raise CodingError(f"--offsets: no convention '{name}'.{nearest(name, known)}")
    return known[name]


class Text:
    r"""A text as a file has it, and the same with `\n` line ends and no byte order mark."""

    def __init__(self, raw: str) -> None:
        self.has_mark = raw.startswith("\ufeff")
        marked = raw[1:] if self.has_mark else raw
        self.plain = marked.replace("\r\n", "\n").replace("\r", "\n") if "\r" in marked else marked
        found = [match.start() for match in re.finditer("\r\n", marked)] if "\r" in marked else []
        self.crlf = [at - i for i, at in enumerate(found)]  # where these line ends stand in the plain text
        self.astral = [m.start() for m in _ASTRAL.finditer(self.plain)] if not self.plain.isascii() else []

    def spans(self, places: Sequence[Span], counted: Convention) -> list[Span | None]:
        """Return where selections stand in the plain text; None for one that does not lie in it."""
        first = 1 if counted.bom and self.has_mark else 0
        more = 1 if counted.inclusive else 0
        wide = self._wide(counted)
        n = len(self.plain)
        if not wide:
            moved = ((start - first, end - first + more) for start, end in places)
            return [(s, e) if 0 <= s <= e <= n else None for s, e in moved]
        starts = [at + i for i, at in enumerate(wide)]
        line_ends = set(self.crlf) if counted.crlf == 2 else set()

        def at(position: int, *, is_end: bool) -> int:
            passed = bisect_left(starts, position)  # wide characters that begin before it
            if passed and starts[passed - 1] + 1 == position:  # inside one
                within = wide[passed - 1]
                return (within if is_end else within + 1) if within in line_ends else -1
            return position - passed

        moved = ((at(s - first, is_end=False), at(e - first + more, is_end=True)) for s, e in places)
        return [(s, e) if 0 <= s <= e <= n else None for s, e in moved]

    def _wide(self, counted: Convention) -> list[int]:
        """Return where the characters stand that count as two."""
        astral = self.astral if counted.unit == "utf16" else []
        crlf = self.crlf if counted.crlf == 2 else []
        return sorted([*astral, *crlf]) if astral and crlf else astral or crlf


@dataclass(frozen=True, slots=True)
class Solved:
    """The convention of a file.

    Attributes
    ----------
    by : what decided: names, edges of words, the user, the format, the program that wrote it, or nothing
    score : share of the selections that bear it out, of those that could; None if nothing could
    runner_up : the best convention that gives other words, with its score; None if there is none
    spans : for each source with a text, by its GUID, where its selections stand; None for one that does not
    texts : the texts of these sources
    checks : how many selections have the name that their words say, by the kind of answer
    """

    convention: Convention
    by: By
    score: float | None
    runner_up: tuple[Convention, float] | None
    spans: Mapping[str, Sequence[Span | None]] = field(repr=False)
    texts: Mapping[str, Text] = field(repr=False)
    checks: Mapping[Check, int]


def solve(
    sources: Iterable[Source],
    *,
    origin: str = "",
    given: Convention | None = None,
    among: Sequence[Convention] = (),
) -> Solved:
    """Return the convention under which the selections of all sources are the words that were meant.

    Parameters
    ----------
    origin : the program that wrote the file; what this one writes follows its own convention
    given : the convention, if the user knows it
    among : those that another format allows; all if left out

    Raises
    ------
    CodingError
        If several fit alike and give other words, or none fits: with the words under the best of them, to
        choose one by `--offsets`.
    """
    trial = _Trial([source for source in sources if source.text is not None], among)
    if given is None and len(among) == 1:
        return trial.result(among[0], "format")
    return trial.result(given, "given") if given is not None else trial.solved(origin)


def check(text: str, span: Span | None, name: str) -> Check:
    """Return whether the words at a place are what the name of the selection says."""
    if not name:
        return "no name"
    if span is not None:
        words = flat(text[span[0] : span[1]])
        if words == flat(name):
            return "the name"
        if is_start(name, words):
            return "its beginning"
    around = text if span is None else text[max(0, span[0] - _NEAR) : span[1] + _NEAR]
    return "name elsewhere" if len(name) > 3 and flat(name) in flat(around) else "another name"


class _Trial:
    """All selections under all conventions that could differ."""

    def __init__(self, sources: Sequence[Source], among: Sequence[Convention]) -> None:
        self.sources = sources
        self.among = among
        self.texts = {source.guid: Text(source.text or "") for source in sources}
        self.places = {source.guid: [(s.start, s.end) for s in source.selections] for source in sources}
        self.names = [selection.name for source in sources for selection in source.selections]
        self._spans: dict[Convention, list[Span | None]] = {}
        self._said: dict[Convention, list[int]] = {}

    @cached_property
    def candidates(self) -> list[Convention]:
        """The conventions that differ for these texts: without CR LF there is no question how it counts."""
        texts = [self.texts[source.guid] for source in self.sources if source.selections]
        marks, crlf = any(t.has_mark for t in texts), any(t.crlf for t in texts)
        astral = any(t.astral for t in texts)
        if self.among:
            return [each for each in self.among if astral or each.unit == "points"]
        return [
            each
            for each in CONVENTIONS
            if (marks or not each.bom) and (crlf or each.crlf == 1) and (astral or each.unit == "points")
        ]

    def spans(self, counted: Convention) -> list[Span | None]:
        """Return where all selections stand, source by source."""
        if counted not in self._spans:
            self._spans[counted] = [
                span
                for guid, places in self.places.items()
                for span in self.texts[guid].spans(places, counted)
            ]
        return self._spans[counted]

    def solved(self, origin: str) -> Solved:
        """Return what the selections themselves say."""
        if not self.names:
            return self.result(CONVENTIONS[0], "nothing to tell")
        if origin.partition(" ")[0] == OURS:
            told = self._told(CONVENTIONS[0])
            if _NO not in told:
                return self.result(CONVENTIONS[0], "writer", None if max(told) == _NO_NAME else 1.0)
        named = self._by_names()
        if named and self._alike(named):
            return self.result(named[0], "names", *self._scored(named[0]))
        return self._by_edges(named or self.candidates)

    def _texts(self) -> list[str]:
        return [self.texts[s.guid].plain for s in self.sources for _ in s.selections]

    def _told(self, counted: Convention) -> list[int]:
        """Return for each selection what its name says to its words under a convention."""
        if counted not in self._said:
            rows = zip(self._texts(), self.spans(counted), self.names, strict=True)
            self._said[counted] = [_said(text, span, name) for text, span, name in rows]
        return list(self._said[counted])

    @cached_property
    def _quotes(self) -> dict[Convention, list[int]]:
        """What names say to words, for each convention; for the first alone if all is said with it.

        A name that is in no way the words of its text is a title that somebody gave, and says nothing.
        """
        first = self.candidates[0]
        found = {first: self._told(first)}
        if min(found[first]) == _WHOLE:  # another convention can only give the same words
            return found
        found |= {each: self._told(each) for each in self.candidates[1:]}
        best = [max(row) for row in zip(*found.values(), strict=True)]
        rows = zip(self._texts(), self.spans(first), self.names, strict=True)
        for i, (text, span, name) in enumerate(rows):
            if best[i] == _NO and check(text, span, name) != "name elsewhere":
                for row in found.values():
                    row[i] = _NO_NAME
        return found

    def _by_names(self) -> list[Convention]:
        """Return the conventions that the names bear out best, the most common first; none without names.

        Raises
        ------
        CodingError
            If the names stand in the text, but where no convention puts them.
        """
        scores = self._scores()
        if not scores:
            return []
        best = max(scores, key=lambda each: scores[each])
        if scores[best] < LEAST_SCORE["names"]:
            raise self._refusal("the names of its selections stand elsewhere in the texts", scores)
        return [each for each in scores if not self._outweighs(best, each)]

    def _outweighs(self, one: Convention, other: Convention) -> bool:
        """Say whether names that only one of two conventions bears out are for it, but a few.

        A name as long as names get in the file may be cut: it does not say where the words end.
        """
        lengths = Counter(map(len, self.names))
        limit = max(lengths)
        pairs = [
            (a, b) if len(name) < limit or lengths[limit] == 1 else (min(a, _START), min(b, _START))
            for a, b, name in zip(self._quotes[one], self._quotes[other], self.names, strict=True)
        ]
        n_for, n_against = sum(a > b for a, b in pairs), sum(b > a for a, b in pairs)
        return n_for * (1 - LEAST_SCORE["names"]) > n_against

    def _scores(self) -> dict[Convention, float]:
        """Return for each convention the share of the names that it bears out; nothing without names."""
        n = sum(value != _NO_NAME for value in self._quotes[self.candidates[0]])
        if not n:
            return {}
        return {each: sum(value > _NO for value in row) / n for each, row in self._quotes.items()}

    def _scored(self, counted: Convention) -> tuple[float | None, tuple[Convention, float] | None]:
        """Return what share of the names bears a convention out, and the best one that gives other words."""
        scores, mine = self._scores(), self._words(counted)
        rivals = [(each, score) for each, score in scores.items() if self._words(each) != mine]
        return scores.get(counted), max(rivals, key=lambda rival: rival[1], default=None)

    def _alike(self, among: Sequence[Convention]) -> bool:
        """Say whether conventions give the same words everywhere."""
        return all(self._words(each) == self._words(among[0]) for each in among[1:])

    def _words(self, counted: Convention) -> list[str | None]:
        pairs = zip(self._texts(), self.spans(counted), strict=True)
        return [None if span is None else text[span[0] : span[1]] for text, span in pairs]

    def _by_edges(self, among: Sequence[Convention]) -> Solved:
        """Return the convention under which selections begin and end where words do.

        Raises
        ------
        CodingError
            If that does not tell it from one that gives other words.
        """
        if self._alike(among):
            return self.result(among[0], "nothing to tell")
        words = {each: self._words(each) for each in among}
        rows = list(zip(*words.values(), strict=True))
        differ = [i for i in self._once if len(set(rows[i])) > 1]
        kinds = {each: self._kinds(each, differ) for each in among}
        scores = {each: Edges.of(kinds[each]).score for each in among}
        best = max(among, key=lambda each: scores[each])
        n = Edges.of(kinds[best]).n
        if n < LEAST_UNNAMED:
            tell = "selection tells" if n == 1 else "selections tell"
            raise self._refusal(f"only {n} {tell} what its offsets count", scores)
        for each in among:
            pairs = zip(differ, kinds[best], kinds[each], strict=True)
            telling = [
                (kind, other)
                for i, kind, other in pairs
                if words[best][i] != words[each][i] and not _is_line(kind, other)
            ]
            if telling and (why := _unsure(*map(Edges.of, zip(*telling, strict=True)))):
                raise self._refusal(why, scores)
        rivals = [each for each in among if words[each] != words[best]]
        second = max(rivals, key=lambda each: scores[each])
        return self.result(best, "edges", scores[best], (second, scores[second]))

    @cached_property
    def _once(self) -> list[int]:
        """The selections, but of several of the same words only the first: they are one piece of evidence."""
        places = [(guid, place) for guid, own in self.places.items() for place in own]
        return sorted({place: i for i, place in reversed(list(enumerate(places)))}.values())

    def _kinds(self, counted: Convention, selections: Sequence[int]) -> list[str]:
        texts, spans = self._texts(), self.spans(counted)
        return [cut_at(texts[i], spans[i]) for i in selections]

    def _refusal(self, why: str, scores: Mapping[Convention, float]) -> CodingError:
        """Return the error that shows selections under the best conventions, each with other words."""
        ranked = sorted(scores, key=lambda each: -scores[each])
        words = {each: self._words(each) for each in ranked}
        shown: list[Convention] = []
        for each in ranked:
            if all(words[each] != words[other] for other in shown):
                shown.append(each)
        rows = [i for i, row in enumerate(zip(*(words[e] for e in shown), strict=True)) if len(set(row)) > 1]
        told = [f"{why}. Choose by the words, with --offsets NAME:"]
        for each in shown[:3]:
            told.append(f"{each} ({scores[each]:.2f}):")
            told += [f"  {_cut(words[each][i])}" for i in (rows or range(len(self.names)))[:_SHOWN]]
        told.append("If the words are right under none of them, choose none: ask for another export.")
        return CodingError("\n".join(told))

    def result(
        self,
        counted: Convention,
        by: By,
        score: float | None = None,
        runner_up: tuple[Convention, float] | None = None,
    ) -> Solved:
        spans = self.spans(counted)
        rows = zip(self._told(counted), self._texts(), spans, self.names, strict=True)
        checks = Counter(_CHECKS.get(told) or check(text, span, name) for told, text, span, name in rows)
        by_source, first = {}, 0
        for guid, places in self.places.items():
            by_source[guid] = spans[first : first + len(places)]
            first += len(places)
        return Solved(counted, by, score, runner_up, by_source, self.texts, checks)


def _said(text: str, span: Span | None, name: str) -> int:
    """Return what a name says to the words at a place: they are it, begin like it, are not it; or no name."""
    if not name:
        return _NO_NAME
    if span is None:
        return _NO
    words = flat(text[span[0] : span[1]])
    return _WHOLE if words == flat(name) else int(is_start(name, words))


def _is_line(kind: str, other: str) -> bool:
    """Say whether two conventions give the same line, one with its end and one without."""
    return {kind, other} == {"clean", "line"}


def _unsure(best: Edges, other: Edges) -> str:
    """Return why edges do not tell the best convention from another; empty if they do.

    The best must be right often and more often, and the other wrong as nobody selects but by mistake. And it
    may cut no more words, nor leave more bad edges, than the other: else some selections speak for that.
    """
    if best.n < LEAST_TELLING:
        return "too few selections tell how its offsets count the ends of lines, or what is rare in its texts"
    margin = MARGIN_OF_FEW if best.n < LEAST_UNNAMED else MARGIN
    is_right = best.score >= LEAST_SCORE["edges"] and best.score - other.score >= margin
    if is_right and other.n_wrong >= margin * best.n and not best.is_worse(other):
        return ""
    if is_right and best.is_worse(other):
        n = max(1, best.n_cut - other.n_cut)
        return (
            f"one way to count its offsets fits best, but {n} of {best.n} selections speak{'s' * (n == 1)} "
            "for another, and too few tell to pass over that"
        )
    if best.n < LEAST_UNNAMED and best.score - other.score >= MARGIN:
        return f"only {best.n} selections tell two ways to count its offsets apart, too few to be sure of one"
    return "several ways to count its offsets fit nearly alike"


def _cut(words: str | None) -> str:
    if words is None:
        return "(beyond the text)"
    shown = words if len(words) <= 70 else f"{words[:40]} ... {words[-25:]}"
    return repr(shown)
