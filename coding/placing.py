"""Where a stretch of an earlier text stands in the later one: by its words, what is around it, their diff.

Words that stand once in both texts are placed, wherever they are. Words that stand several times are placed
where their neighbours are too. Words that changed a little are placed if most of them are left; a few words,
only between the words that were around them. Of two places that are equally good none is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from unicodedata import normalize

from coding.aligning import Alignment, Gap, align, likeness

How = Literal["exact", "moved", "same letters", "changed"]
Lost = Literal["gone", "several", "text not kept"]

LEAST = 0.6  # the share (0..1) of the words before, and of those now, that must stand in the others

_SHORT = 5  # words: fewer prove nothing without those around them
_ALIKE = 0.5  # how alike (0..1) two words must be for one to be the other in other letters
_CONTEXT = 64  # code points on either side by which equal words are told apart
_NEIGHBOURS = 4  # words on one side that say enough, if the other side has changed
_COMPARED = 600  # code points of a gap in which single characters are compared


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch stands now.

    Attributes
    ----------
    how : the same words in the same order of the text (exact) or elsewhere in it (moved); the same to a
        reader, whose accents are code points of their own or no more (same letters); or a little changed
    """

    start: int
    end: int
    how: How


class Placer:
    """Finds in the later of two texts what stood in the earlier one."""

    def __init__(self, old: str, new: str) -> None:
        """Lay the texts side by side."""
        self.old = old
        self.new = new
        self.alignment: Alignment = align(old, new)
        self._blocks = lru_cache(maxsize=None)(self._matching_blocks)

    def place(self, start: int, end: int) -> Place | Lost:
        """Return where the words from `start` to `end` of the earlier text stand in the later one.

        Where that cannot be said, why: "gone" are words that stand nowhere, or changed by too much; of
        "several" places none is better.
        """
        words = self.alignment.words(start, end)
        straight = self._straight(start, end, words)
        if straight is not None and self._is_sure(words):
            return Place(straight, straight + end - start, "exact")
        quote = self.old[start:end]
        n_new, first = _count(self.new, quote)
        if n_new == 0:
            return self._changed(start, end, words)
        if n_new == 1 and _count(self.old, quote)[0] == 1:
            return self._same(first, end - start, words)
        found = self._by_context(start, end)
        if found is None or self._is_another(found, found + end - start, words):
            return "several"
        return self._same(found, end - start, words)

    def _straight(self, start: int, end: int, words: tuple[int, int]) -> int | None:
        """Return where a stretch begins of which nothing has changed, by the matches of its words."""
        first, behind = words
        if first == behind or self.alignment.image[first] < 0:
            return None
        begin = self.alignment.new_starts[self.alignment.image[first]] + start - self.alignment.starts[first]
        is_there = begin >= 0 and self.new.startswith(self.old[start:end], begin)
        return begin if is_there and self._is_run(first, behind) else None

    def _is_run(self, first: int, behind: int) -> bool:
        image = self.alignment.image
        return all(image[i] == image[first] + i - first for i in range(first, behind))

    def _is_sure(self, words: tuple[int, int]) -> bool:
        """Say whether words have the neighbours that they had, and no other place is as good."""
        first, behind = words
        if all(self.alignment.sliding[first:behind]):
            return False
        image = self.alignment.image
        new = image[first], image[behind - 1] + 1
        left, right = self._fits_left(first, new[0]), self._fits_right(behind, new[1])
        return (left and right) or max(self._n_left(first), self._n_right(behind)) >= _NEIGHBOURS

    def _fits_left(self, first: int, new_first: int) -> bool:
        """Say whether the same word stands before, maybe in other letters; or none in both texts."""
        if first == 0 or new_first == 0:
            return first == new_first
        return self.alignment.origins[new_first - 1][1] == self.alignment.ends[first - 1]

    def _fits_right(self, behind: int, new_behind: int) -> bool:
        """Say whether the same word stands behind, maybe in other letters; or none in both texts."""
        origins, starts = self.alignment.origins, self.alignment.starts
        if behind == len(starts) or new_behind == len(origins):
            return (behind == len(starts)) == (new_behind == len(origins))
        return origins[new_behind] != (0, 0) and origins[new_behind][0] == starts[behind]

    def _n_left(self, first: int) -> int:
        """Return how many words before are those that were before; no more than are asked for."""
        image, n = self.alignment.image, 0
        while n < _NEIGHBOURS and first - n > 0 and 0 <= image[first - n - 1] == image[first] - n - 1:
            n += 1
        return n

    def _n_right(self, behind: int) -> int:
        """Return how many words behind are those that were behind; no more than are asked for."""
        image, n = self.alignment.image, 0
        while n < _NEIGHBOURS and behind + n < len(image) and image[behind + n] == image[behind - 1] + n + 1:
            n += 1
        return n

    def _same(self, start: int, length: int, words: tuple[int, int]) -> Place:
        """Return a place with the same words: moved if it is not between those that were around them."""
        gap = self.alignment.gap(*words, sure=True)
        first, behind = self.alignment.new_words(start, start + length)
        is_there = gap.new_start <= first and behind <= gap.new_end
        return Place(start, start + length, "exact" if is_there else "moved")

    def _is_another(self, start: int, end: int, words: tuple[int, int]) -> bool:
        """Say whether what stands there is what stood elsewhere in the earlier text."""
        if words[0] == words[1]:
            return False
        at = self.alignment
        low, high = at.starts[words[0]], at.ends[words[1] - 1]
        origins = at.origins[slice(*at.new_words(start, end))]
        return any(origin != (0, 0) and not (low < origin[1] and origin[0] < high) for origin in origins)

    def _by_context(self, start: int, end: int) -> int | None:
        """Return where the words of a stretch stand with what was around them; None if not in one place."""
        low, high = max(0, start - _CONTEXT), min(len(self.old), end + _CONTEXT)
        both = self._once_in_both(low, high)
        if both is not None:
            return both + start - low
        left = None if low == start else self._once_in_both(low, end)
        right = None if high == end else self._once_in_both(start, high)
        found = {*(() if left is None else (left + start - low,)), *(() if right is None else (right,))}
        if len(found) != 1:
            return None
        (begin,) = found
        finish = begin + end - start
        behind = self.new[begin : finish + _CONTEXT] if right is None else ""
        before = self.new[max(0, begin - _CONTEXT) : finish] if left is None else ""
        quote = self.old[start:end]
        others = [
            at + len(whole) - len(quote) if whole is before else at
            for whole in (behind, before)
            if len(whole) > len(quote)
            for at in [self.old.find(whole)]
            if at >= 0
        ]
        return begin if all(at == start for at in others) else None

    def _once_in_both(self, start: int, end: int) -> int | None:
        """Return where a stretch begins now, if it stands once in either text."""
        words = self.old[start:end]
        n_new, first = _count(self.new, words)
        return first if n_new == 1 and _count(self.old, words)[0] == 1 else None

    def _changed(self, start: int, end: int, words: tuple[int, int]) -> Place | Lost:
        """Return where the words of a stretch stand that have changed a little."""
        first, behind = words
        if first == behind:
            return "gone"
        new_first, new_behind = self._new_first(first), self._new_behind(behind)
        if new_first is None or new_behind is None or new_first >= new_behind:
            return "gone"
        new_words = new_first, new_behind
        begin, finish = self._ends(start, end, words, new_words)
        is_between = self._fits_left(first, new_first) and self._fits_right(behind, new_behind)
        if not self._is_likely(words, new_words) or not (is_between or self._is_long(words)):
            return "gone"
        now = self.new[begin:finish]
        is_same = normalize("NFC", self.old[start:end]) == normalize("NFC", now)
        place = Place(begin, finish, "same letters" if is_same else "changed")
        if is_between and not all(self.alignment.sliding[first:behind]):
            return place
        is_only = _count(self.old, self.old[start:end])[0] == 1 and _count(self.new, now)[0] == 1
        return place if is_only else "several"

    def _ends(self, start: int, end: int, words: tuple[int, int], new: tuple[int, int]) -> tuple[int, int]:
        """Return the ends of some words of the later text; a word that was cut is cut where it was."""
        at = self.alignment
        begin, finish = at.new_starts[new[0]], at.new_ends[new[1] - 1]
        if at.image[words[0]] == new[0]:
            begin += self._cut(words[0], start - at.starts[words[0]], new[0])
        if at.image[words[1] - 1] == new[1] - 1 and end < at.ends[words[1] - 1]:
            finish = at.new_starts[new[1] - 1]
            finish += self._cut(words[1] - 1, end - at.starts[words[1] - 1], new[1] - 1)
        return begin, finish

    def _cut(self, number: int, length: int, new_number: int) -> int:
        """Return how long the beginning of a word is now that was `length` code points long."""
        beginning = normalize("NFC", self._word(number)[: max(0, length)])
        word = self._new_word(new_number)
        same = (n for n in range(len(word) + 1) if normalize("NFC", word[:n]) == beginning)
        return next(same, min(max(0, length), len(word)))

    def _word(self, number: int) -> str:
        return self.old[self.alignment.starts[number] : self.alignment.ends[number]]

    def _new_word(self, number: int) -> str:
        return self.new[self.alignment.new_starts[number] : self.alignment.new_ends[number]]

    def _is_long(self, words: tuple[int, int]) -> bool:
        return sum(self._word(i)[0].isalnum() for i in range(*words)) >= _SHORT

    def _is_likely(self, words: tuple[int, int], new: tuple[int, int]) -> bool:
        """Say whether most words of before stand in those of now, in order, and most of these in those.

        Signs that are no words are not counted, where there is any word.
        """
        before, now = self._standing(words, new)
        own = [self._word(i)[0].isalnum() for i in range(*words)]
        others = [self._new_word(j)[0].isalnum() for j in range(*new)]
        if not (any(own) and any(others)):
            return min(len(before) / len(own), len(now) / len(others)) >= LEAST
        n_before = sum(own[i - words[0]] for i in before)
        n_now = sum(others[j - new[0]] for j in now)
        return min(n_before / sum(own), n_now / sum(others)) >= LEAST

    def _standing(self, words: tuple[int, int], new: tuple[int, int]) -> tuple[set[int], set[int]]:
        """Return which words of two stretches are those of the other: the same, or in other letters."""
        image = self.alignment.image
        pairs = [(i, image[i]) for i in range(*words) if new[0] <= image[i] < new[1]]
        before, now = {i for i, _ in pairs}, {j for _, j in pairs}
        ends = [(words[0] - 1, new[0] - 1), *pairs, (words[1], new[1])]
        for (i, j), (next_i, next_j) in pairwise(ends):
            if next_i - i == next_j - j:
                alike = [n for n in range(1, next_i - i) if self._is_alike(i + n, j + n)]
                before |= {i + n for n in alike}
                now |= {j + n for n in alike}
            elif next_i - i > 1 < next_j - j and self.alignment.is_mended(Gap(i + 1, next_i, j + 1, next_j)):
                before |= set(range(i + 1, next_i))
                now |= set(range(j + 1, next_j))
        return before, now

    def _is_alike(self, number: int, new_number: int) -> bool:
        return likeness(self._word(number).casefold(), self._new_word(new_number).casefold()) >= _ALIKE

    def _new_first(self, first: int) -> int | None:
        """Return the word of the later text with which a stretch begins whose first word was this."""
        if self.alignment.image[first] >= 0:
            return self.alignment.image[first]
        gap = self.alignment.gap(first, first + 1)
        if first == gap.start or gap.end - gap.start == gap.new_end - gap.new_start:
            return gap.new_start + first - gap.start
        at = self._across(gap, self.alignment.starts[first], is_end=False)
        return None if at is None else self.alignment.new_words(at, at + 1)[0]

    def _new_behind(self, behind: int) -> int | None:
        """Return the word of the later text before which a stretch ends that ended before this word."""
        last = behind - 1
        if self.alignment.image[last] >= 0:
            return self.alignment.image[last] + 1
        gap = self.alignment.gap(last, behind)
        if behind == gap.end or gap.end - gap.start == gap.new_end - gap.new_start:
            return gap.new_end - gap.end + behind
        at = self._across(gap, self.alignment.ends[last], is_end=True)
        return None if at is None else self.alignment.new_words(max(0, at - 1), at)[1]

    def _across(self, gap: Gap, position: int, *, is_end: bool) -> int | None:
        """Return where a position in a gap is in the later text, by the characters that are the same."""
        blocks = self._blocks(gap)
        at = position - 1 if is_end else position
        for start, new_start, size in blocks:
            if start <= at < start + size:
                return new_start + position - start
        if is_end:
            return max((b + n for a, b, n in blocks if a + n <= at), default=None)
        return min((b for a, b, n in blocks if a > at), default=None)

    def _matching_blocks(self, gap: Gap) -> Sequence[tuple[int, int, int]]:
        """Return the characters of a gap that are the same in both texts: where in either, and how many."""
        if gap.start == gap.end or gap.new_start == gap.new_end:
            return ()
        start, end = self.alignment.starts[gap.start], self.alignment.ends[gap.end - 1]
        new_start = self.alignment.new_starts[gap.new_start]
        new_end = self.alignment.new_ends[gap.new_end - 1]
        if max(end - start, new_end - new_start) > _COMPARED:
            return ()
        compared = SequenceMatcher(None, self.old[start:end], self.new[new_start:new_end], autojunk=False)
        return [(a + start, b + new_start, n) for a, b, n in compared.get_matching_blocks() if n]


def _count(text: str, words: str) -> tuple[int, int]:
    """Return whether words stand nowhere (0), once (1) or more often (2) in a text, and where first."""
    first = text.find(words)
    if first < 0:
        return 0, first
    return (1 if text.find(words, first + 1) < 0 else 2), first
