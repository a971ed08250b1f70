"""Two editions of a text laid side by side: which words of the earlier one stand in the later one, and where.

Words are matched in order, beginning with runs of them that occur once in both texts; what lies between
two matches is matched likewise, by ever shorter runs. A run that occurs more than once proves nothing by
itself: it is matched only where its neighbours are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from unicodedata import normalize

import regex

_RUNS = (16, 6, 2, 1)  # words of a run that must occur once in both stretches, the longest first
_ISLAND = 8  # words: a shorter run of matched ones, with few matched around it, is a coincidence
_AROUND = 12  # words on either side that are looked at
_FEW = 0.3
_CLOSE = 4  # times as long: nothing is alike to what is longer
_LONGEST = 8000  # characters or words of two stretches that are compared
_SAME = 0.8  # how alike their letters must be, if they are not as many words
_MENDED = 0.5  # how alike (0..1) two stretches must be for one to be the other in other letters

# A word; where no spaces part words, a character; any other sign. Marks stay with what they mark.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]\p{M}*"
    r"|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}])[\p{L}\p{N}]\p{M}*)+"
    r"|\S\p{M}*"
)
_ABSENT = -1


@dataclass(frozen=True, slots=True)
class Gap:
    """Words between two matches in both texts: what stood there, and what stands there now, by their numbers.

    Attributes
    ----------
    start, end : of the earlier text
    new_start, new_end : of the later text
    """

    start: int
    end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class Alignment:
    """Two texts as words, and which word of the later one each of the earlier one is.

    Attributes
    ----------
    starts, ends : where each of the n words of the earlier text begins and ends, in code points
    new_starts, new_ends : where each of the m words of the later text does
    image : for each of the n words the place of its match among the m, in order; -1 if it has none
    sliding : for each of the n words whether its match could as well be another: words that were put in or
        taken out beside it are the same
    """

    old: str = field(repr=False)
    new: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    new_starts: Sequence[int] = field(repr=False)
    new_ends: Sequence[int] = field(repr=False)
    image: Sequence[int] = field(repr=False)
    sliding: Sequence[bool] = field(repr=False)

    def words(self, start: int, end: int) -> tuple[int, int]:
        """Return the first word of the earlier text that a stretch touches, and the one behind the last."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def new_words(self, start: int, end: int) -> tuple[int, int]:
        """Return the first word of the later text that a stretch touches, and the one behind the last."""
        return bisect_right(self.new_ends, start), bisect_left(self.new_starts, end)

    def gap(self, first: int, behind: int, *, sure: bool = False) -> Gap:
        """Return the words between the nearest matched ones around some words of the earlier text.

        Parameters
        ----------
        sure : whether only those count whose match could be no other
        """
        matched = self._sure if sure else self.matched
        before = bisect_left(matched, first) - 1
        after = bisect_left(matched, behind)
        start = matched[before] if before >= 0 else -1
        end = matched[after] if after < len(matched) else len(self.starts)
        new_start = self.image[start] if start >= 0 else -1
        new_end = self.image[end] if end < len(self.starts) else len(self.new_starts)
        return Gap(start + 1, end, new_start + 1, new_end)

    @cached_property
    def matched(self) -> Sequence[int]:
        """The words of the earlier text that have a match, in order."""
        return [i for i, j in enumerate(self.image) if j != _ABSENT]

    @cached_property
    def _sure(self) -> Sequence[int]:
        return [i for i in self.matched if not self.sliding[i]]

    @cached_property
    def origins(self) -> Sequence[tuple[int, int]]:
        """For each of the m words the stretch of the earlier text, in code points, of which it is the match.

        A word in other letters belongs to the stretch in whose place it stands. (0, 0) if it was put in.
        """
        found = [(0, 0)] * len(self.new_starts)
        for i in self.matched:
            found[self.image[i]] = (self.starts[i], self.ends[i])
        for gap in self.gaps():
            if gap.start < gap.end and gap.new_start < gap.new_end and self.is_mended(gap):
                there = (self.starts[gap.start], self.ends[gap.end - 1])
                found[gap.new_start : gap.new_end] = [there] * (gap.new_end - gap.new_start)
        return found

    def gaps(self) -> Iterator[Gap]:
        """Yield what lies between words that follow one another in both texts no more, in order."""
        ends = [(-1, -1), *((i, self.image[i]) for i in self.matched)]
        ends.append((len(self.starts), len(self.new_starts)))
        for (i, j), (next_i, next_j) in pairwise(ends):
            if next_i - i > 1 or next_j - j > 1:
                yield Gap(i + 1, next_i, j + 1, next_j)

    def is_mended(self, gap: Gap) -> bool:
        """Say whether what stands in a gap now is what stood there, in other letters.

        As many words that are alike; or nearly the same letters, parted into words otherwise.
        """
        old = self.old[self.starts[gap.start] : self.ends[gap.end - 1]]
        new = self.new[self.new_starts[gap.new_start] : self.new_ends[gap.new_end - 1]]
        if gap.end - gap.start == gap.new_end - gap.new_start:
            return likeness(old, new) >= _MENDED
        letters, new_letters = "".join(old.split()), "".join(new.split())
        return len(new_letters) <= len(letters) + 1 and likeness(letters, new_letters) >= _SAME


def align(old: str, new: str) -> Alignment:
    """Return two texts laid side by side.

    Examples
    --------
    >>> found = align("It trains police.", "Norland trains the police.")
    >>> found.image
    [-1, 1, 3, 4]
    """
    starts, ends, words = _words(old)
    new_starts, new_ends, new_words = _words(new)
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(word, len(numbers)) for word in words]
    b = [numbers.setdefault(word, len(numbers)) for word in new_words]
    image = _image(a, b)
    _drop_islands(image, len(b))
    return Alignment(old, new, starts, ends, new_starts, new_ends, image, _sliding(a, b, image))


def likeness(one: str, other: str) -> float:
    """Return how alike two stretches are, 0..1: by their characters; long ones by their words.

    Examples
    --------
    >>> likeness("tbe norm", "the norm")
    0.875
    """
    parts: tuple[Sequence[str], Sequence[str]] = (one, other)
    if len(one) + len(other) > 400:
        parts = (_WORD.findall(one), _WORD.findall(other))
    if min(map(len, parts)) * _CLOSE < max(map(len, parts)):
        return 0.0
    compared = SequenceMatcher(None, *parts, autojunk=False)
    return compared.ratio() if compared.quick_ratio() >= 0.3 and sum(map(len, parts)) <= _LONGEST else 0.0


def _words(text: str) -> tuple[list[int], list[int], list[str]]:
    found = list(_WORD.finditer(text))
    words = [normalize("NFC", m.group()) for m in found]  # a letter with its accent is one or two code points
    return [m.start() for m in found], [m.end() for m in found], words


def _image(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """Return for each word of `a` the place of its match in `b`, in order; -1 if it has none."""
    image = [_ABSENT] * len(a)
    waiting = [(0, len(a), 0, len(b))]
    while waiting:
        first, last, new_first, new_last = waiting.pop()
        while first < last and new_first < new_last and a[first] == b[new_first]:
            image[first] = new_first
            first, new_first = first + 1, new_first + 1
        while first < last and new_first < new_last and a[last - 1] == b[new_last - 1]:
            last, new_last = last - 1, new_last - 1
            image[last] = new_last
        if first == last or new_first == new_last:
            continue
        for n in _RUNS:
            pairs = _in_order(_anchors(a, b, (first, last, new_first, new_last), n))
            if pairs:
                waiting += _matched_at(pairs, a, b, (first, last, new_first, new_last), image)
                break
    return image


_Stretch = tuple[int, int, int, int]


def _anchors(a: Sequence[int], b: Sequence[int], stretch: _Stretch, n: int) -> list[tuple[int, int]]:
    """Return where runs of `n` words begin that occur once in both stretches, in the order of the first."""
    first, last, new_first, new_last = stretch
    there = _once(b, new_first, new_last, n)
    if not there:
        return []
    return [(i, there[run]) for run, i in _once(a, first, last, n).items() if run in there]


def _once(words: Sequence[int], first: int, last: int, n: int) -> dict[tuple[int, ...], int]:
    """Return where each run of `n` words begins that occurs once in a stretch."""
    found: dict[tuple[int, ...], int] = {}
    for i in range(first, last - n + 1):
        run = tuple(words[i : i + n])
        found[run] = _ABSENT if run in found else i
    return {run: i for run, i in found.items() if i != _ABSENT}


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most pairs, sorted by their first, whose second ones grow too."""
    tops: list[int] = []  # the least last number of an ascent of each length, and which pair that is
    at: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        length = bisect_left(tops, j)
        before.append(at[length - 1] if length else _ABSENT)
        tops[length : length + 1] = [j]
        at[length : length + 1] = [place]
    found = []
    place = at[-1] if at else _ABSENT
    while place != _ABSENT:
        found.append(pairs[place])
        place = before[place]
    return found[::-1]


def _matched_at(
    pairs: Sequence[tuple[int, int]], a: Sequence[int], b: Sequence[int], stretch: _Stretch, image: list[int]
) -> list[_Stretch]:
    """Match the words at and beside each pair, and return the stretches between."""
    first, last, new_first, new_last = stretch
    left = []
    for i, j in pairs:
        if i < first or j < new_first:
            continue
        start, new_start = i, j
        while start > first and new_start > new_first and a[start - 1] == b[new_start - 1]:
            start, new_start = start - 1, new_start - 1
        left.append((first, start, new_first, new_start))
        first, new_first = start, new_start
        while first < last and new_first < new_last and a[first] == b[new_first]:
            image[first] = new_first
            first, new_first = first + 1, new_first + 1
    return [*left, (first, last, new_first, new_last)]


def _drop_islands(image: list[int], n_new: int) -> None:
    """Take short matches back around which hardly anything is matched: two texts share words by chance."""
    is_image = [0] * n_new
    for j in image:
        if j != _ABSENT:
            is_image[j] = 1
    sums, new_sums = _sums([int(j != _ABSENT) for j in image]), _sums(is_image)
    for start, end in list(_runs(image)):
        if end - start >= _ISLAND:
            continue
        share = _share(sums, start, end)
        new_share = _share(new_sums, image[start], image[start] + end - start)
        if max(share, new_share) < _FEW:
            image[start:end] = [_ABSENT] * (end - start)


def _runs(image: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of words that follow one another in both texts."""
    start = 0
    for i in range(1, len(image) + 1):
        if i == len(image) or image[i] != image[i - 1] + 1 or image[i - 1] == _ABSENT:
            if image[start] != _ABSENT:
                yield start, i
            start = i


def _sums(numbers: Sequence[int]) -> list[int]:
    found = [0]
    for number in numbers:
        found.append(found[-1] + number)
    return found


def _share(sums: Sequence[int], start: int, end: int) -> float:
    """Return the share of matched words among those around a run; 1 if there are none."""
    low, high = max(0, start - _AROUND), min(len(sums) - 1, end + _AROUND)
    n = high - low - (end - start)
    return (sums[high] - sums[low] - (end - start)) / n if n else 1.0


def _sliding(a: Sequence[int], b: Sequence[int], image: Sequence[int]) -> list[bool]:
    """Return for each word of `a` whether what was put in or taken out beside it could stand behind it."""
    found = [False] * len(a)
    ends = [(-1, -1), *((i, j) for i, j in enumerate(image) if j != _ABSENT), (len(a), len(b))]
    for (i, j), (next_i, next_j) in pairwise(ends):
        if (next_i - i > 1) == (next_j - j > 1):
            continue
        words, first, behind = (a, i + 1, next_i) if next_i - i > 1 else (b, j + 1, next_j)
        for t in range(min(i, j) + 1):
            if image[i - t] != j - t or words[first - 1 - t] != words[behind - 1 - t]:
                break
            found[i - t] = True
        for t in range(min(len(a) - next_i, len(b) - next_j)):
            if image[next_i + t] != next_j + t or words[first + t] != words[behind + t]:
                break
            found[next_i + t] = True
    return found
