"""Lines of pages made into paragraphs: where one ends, which words go on, what a hyphen at the end means.

A line ends a paragraph when the next word would have fitted on it, when the next line is set off, indented
or of other letters, or begins with a mark of a list. A paragraph may run over columns and pages; the notes at
the foot of a page stand before it then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median

from coding.locators import PAGE_END

_HYPHENS = "-\u2010"
_SOFT = "\u00ad"
_WORD = re.compile(rf"\w+(?:[{_HYPHENS}]\w+)*")
_LAST_PART = re.compile(rf"(\w+)[{_HYPHENS}]$")
_CLOSED = "\"'\u2019\u201d)\\]\u300d\u300f\uff09"
_ENDED = re.compile(
    rf"[.!?:;\u3002\uff01\uff1f][{_CLOSED}]*$|(?<=[^\d.])[.!?\u3002][{_CLOSED}]*(\d{{1,3}}|[*\u2020\u2021]+)$"
)
_BULLET = re.compile(r"[\u2022\u2023\u25aa\u25cf\u25cb\u25e6\u25a0\u25b6\u2043\u00b7\uf0b7]\s*|[\u2013*]\s")
_NUMBERED = re.compile(r"(\(?\w{1,4}[.)]|\d+(\.\d+)+)\s")
_LEADERS = re.compile(r"(\.\s?){4,}\s*\w{1,5}$")  # of a line of a table of contents
_NOTE = re.compile(r"(\[?\d{1,3}\]?|[*\u2020\u2021§]+)\s*[^\W\d]")
_CJK = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_HANGUL_END, _HANGUL_BEGIN = re.compile("[\uac00-\ud7a3]+$"), re.compile("[\uac00-\ud7a3]+")
_IS_CJK = re.compile(rf"[{_CJK}]")
_CJK_STOP = re.compile("[\u3001\u3002\uff0c\uff0e\uff01\uff1f]")
_AND = frozenset(("and", "or", "und", "oder", "et", "ou", "y", "o", "e", "to", "bis"))
_FUNCTION = frozenset(
    (
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "for",
        "by",
        "on",
        "at",
        "as",
        "or",
        "with",
        "from",
        "up",
        "out",
        "off",
        "over",
        "non",
        "re",
        "pre",
        "post",
        "anti",
    )
)

_PREFIXES = frozenset(("anti", "half", "multi", "non", "quasi", "self", "semi", "well"))
_LEAST_OF_WORD = 4  # letters behind a prefix
_LONGEST_WORD = 100  # characters
_SET_OFF = 1.3  # times the usual distance of lines
_OTHER_SIZE = 0.08
_INDENT = 0.8  # of the size of the letters
_SMALL = 0.93  # of the usual size: letters of notes
# Of its column: a line that leaves so much free ends something even without a full stop; more where the next
# line begins with a small letter.
_SLACK, _MORE_SLACK = 0.25, 0.5
_SAME_EDGE = 3  # times the size of its letters: how far the beginnings of lines of a column may be apart
_NEAR = 8  # lines around one, among which its column is measured
_ENGLISH = 0.1  # of all words, at least, are the commonest of English


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page; sizes in points, from the lower left corner; the columns of a page have numbers.

    A line of cells is a row of a table, or a part of one: a paragraph of its own.
    """

    text: str
    left: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    column: int = 0
    is_of_cells: bool = False


def are_unparted(one: str, other: str) -> bool:
    """Say whether words stand without a space between them: where both are Chinese or Japanese."""
    return _IS_CJK.match(one[-1:]) is not None and _IS_CJK.match(other) is not None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, the number of its page from 0, and how far its column reaches to the left and to the right."""

    line: Line
    page: int
    edge: float
    reach: float

    @property
    def is_indented(self) -> bool:
        """Whether the line begins to the right of others."""
        return self.line.left > self.edge + _INDENT * self.line.size

    def has_room(self, after: Line) -> bool:
        """Say whether the first word of a next line would have fitted."""
        width = (after.right - after.left) / max(1, len(after.text))
        first = after.text if _IS_CJK.match(after.text) else after.text.split(maxsplit=1)[0]
        needed = min(len(first) + 1.5, 2.5 if first is after.text else 99)
        return self.line.right + needed * width < self.reach


_Block = list[_Placed]


def joined(pages: Sequence[Sequence[Line]]) -> str:
    """Return the text of pages, with a form feed between one and the next; empty if they hold no words.

    Parameters
    ----------
    pages : the lines of each page, in the order in which they are read
    """
    lines = [line for page in pages for line in page]
    if not lines:
        return ""
    glue = _gluer(lines)
    parts, at = [], 0
    for paragraph in _paragraphs(pages, lines):
        begins, page = PAGE_END * (paragraph[0].page - at), paragraph[0].page
        text = paragraph[0].line.text
        for placed in paragraph[1:]:
            text = _over(text, placed.line.text, placed.page - page, glue)
            page = placed.page
        parts.append(begins + text.replace(_SOFT, ""))
        at = page
    return "\n\n".join(parts) + "\n" + PAGE_END * (len(pages) - 1 - at)


def _paragraphs(pages: Sequence[Sequence[Line]], lines: Sequence[Line]) -> list[_Block]:
    """Return the paragraphs in order; notes of a page before a paragraph that runs over its end."""
    small = _SMALL * _usual_size(lines)
    pitch = _pitch(lines)
    done: list[_Block] = []
    held: list[_Block] = []
    for number, page in enumerate(pages):
        body, notes = _parted(_blocks(_placed(page, number), pitch), small)
        for block in body:
            goes_on = bool(done) and _goes_on(done[-1][-1], block[0])
            if held:
                before = goes_on and {note[0].page for note in held} == {done[-1][0].page}
                done[len(done) - before : len(done) - before] = held
                goes_on, held = before, []
            if goes_on:
                done[-1] += block
            else:
                done.append(block)
        held += notes
    return done + held


def _placed(page: Sequence[Line], number: int) -> list[_Placed]:
    """Return the lines of a page with the reach of their columns."""
    found = []
    for i, line in enumerate(page):
        near = (other for other in page[max(0, i - _NEAR) : i + _NEAR + 1] if other.column == line.column)
        column = [o for o in near if abs(o.left - line.left) < _SAME_EDGE * line.size and _alike(o, line)]
        edge = min(o.left for o in page if o.column == line.column)
        if line.left > edge + _INDENT * line.size:  # of a list: how far it reaches the whole column tells
            column += [o for o in page if o.column == line.column and _alike(o, line) and o.left <= line.left]
        found.append(_Placed(line, number, min(o.left for o in column), max(o.right for o in column)))
    return found


def _blocks(lines: Sequence[_Placed], pitch: float) -> list[_Block]:
    """Return lines that belong to one paragraph, in one column."""
    blocks: list[_Block] = []
    for placed in lines:
        if blocks and not _begins(blocks[-1], placed, pitch):
            blocks[-1].append(placed)
        else:
            blocks.append([placed])
    return blocks


def _begins(block: _Block, after: _Placed, pitch: float) -> bool:
    """Say whether a line begins another paragraph than that of the lines before it, or a column."""
    before = block[-1]
    one, other = before.line, after.line
    if one.column != other.column or not _alike(one, other) or _LEADERS.search(one.text):
        return True
    if one.is_of_cells or other.is_of_cells:
        return True
    if one.bottom - other.bottom > _SET_OFF * pitch * max(one.size, other.size) or _BULLET.match(other.text):
        return True
    if _ENDED.search(one.text):
        moved = other.left - one.left
        indented = moved > _INDENT * other.size or (
            len(block) == 1 and after.is_indented and moved > -_INDENT * other.size
        )
        return indented or before.has_room(other) or _NUMBERED.match(other.text) is not None
    if one.text[-1:] in f"{_HYPHENS}{_SOFT}" and (other.text[:1].islower() or other.text[:1].isdigit()):
        return False  # within a word
    slack = _MORE_SLACK if other.text[:1].islower() else _SLACK
    return before.reach - one.right > slack * (before.reach - one.left) and before.has_room(other)


def _goes_on(before: _Placed, after: _Placed) -> bool:
    """Say whether a paragraph goes on in the next column, or on the next page."""
    one, other = before.line, after.line
    if (before.page, one.column) == (after.page, other.column):
        return False  # what parts them was decided
    if not _alike(one, other) or _BULLET.match(other.text) or one.is_of_cells or other.is_of_cells:
        return False
    if one.text[-1:] in f"{_HYPHENS}{_SOFT}":
        return True
    if _ENDED.search(one.text):
        return one.text[-1] in ";:" and other.text[:1].islower() and not before.has_room(other)
    return other.text[:1].islower() or not before.has_room(other)


def _parted(blocks: Sequence[_Block], small: float) -> tuple[list[_Block], list[_Block]]:
    """Return what a page says, and the notes at its foot: small letters behind all others of a column."""
    noted: set[int] = set()
    for column in {block[0].line.column for block in blocks}:
        own = [i for i, block in enumerate(blocks) if block[0].line.column == column]
        large = [i for i in own if blocks[i][0].line.size >= small]
        foot = [i for i in own if i > max(large, default=-1)]
        begin = next((i for i in foot if _NOTE.match(blocks[i][0].line.text)), None)
        noted.update(i for i in foot if begin is not None and i >= begin)
    if len(noted) == len(blocks):
        return list(blocks), []
    return (
        [block for i, block in enumerate(blocks) if i not in noted],
        [block for i, block in enumerate(blocks) if i in noted],
    )


def _alike(one: Line, other: Line) -> bool:
    """Say whether lines have letters of one size and weight."""
    return abs(one.size - other.size) <= _OTHER_SIZE * one.size and one.bold == other.bold


def _usual_size(lines: Iterable[Line]) -> float:
    """Return the size of the letters of most of the text."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size))


def _pitch(lines: Sequence[Line]) -> float:
    """Return the usual distance of lines of a paragraph, in sizes of their letters."""
    steps = [(one.bottom - other.bottom) / one.size for one, other in pairwise(lines) if _alike(one, other)]
    near = [round(step, 2) for step in steps if 0.5 < step < 2.5]
    return median(near) if near else 1.2


_Glue = Callable[[str, str], str]


def _over(text: str, line: str, n_pages: int, glue: _Glue) -> str:
    """Return words with those of the next line; form feeds for so many pages stand where white space does."""
    whole = glue(text, line)
    if not n_pages:
        return whole
    feeds = PAGE_END * n_pages
    if whole == f"{text} {line}":
        return text + feeds + line
    seam = len(whole) - len(line)
    space = whole.find(" ", seam)
    if _IS_CJK.match(line):
        stop = _CJK_STOP.search(whole, seam)
        at = stop.end() if stop else seam
        return whole[:at] + feeds + whole[at:]
    return whole + feeds if space < 0 else whole[:space] + feeds + whole[space + 1 :]


def _gluer(lines: Sequence[Line]) -> _Glue:
    """Return the function that puts two lines together, by the words that the text has elsewhere."""
    words: Counter[str] = Counter()
    inner: Counter[str] = Counter()  # those that no line begins or ends with: they are surely whole
    for line in lines:
        found = _WORD.findall(line.text.lower())
        words.update(found[:-1] if line.text[-1:] in _HYPHENS else found)
        inner.update(found[1:-1])
    english = sum(words[word] for word in ("the", "of", "and", "to", "in")) > _ENGLISH * words.total()

    def glue(text: str, line: str) -> str:
        if text.endswith(_SOFT):
            return text.rstrip(_SOFT) + line
        part = _LAST_PART.search(text[-_LONGEST_WORD:])
        follows = _WORD.match(line)
        if part and follows and follows[0].lower() not in _AND:
            keeps = not line[0].islower() or _keeps_hyphen(
                part[1].lower(), follows[0].lower(), words, english=english
            )
            return (text if keeps else text[:-1]) + line
        unparted = are_unparted(text, line) or text[-1:].isspace() or _is_one_in_hangul(text, line, inner)
        return text + line if unparted else f"{text} {line}"

    return glue


def _is_one_in_hangul(text: str, line: str, inner: Counter[str]) -> bool:
    """Say whether a line of Korean ends within a word: the text has it whole, and less often its parts."""
    one, other = _HANGUL_END.search(text[-_LONGEST_WORD:]), _HANGUL_BEGIN.match(line)
    if not one or not other:
        return False
    return inner[one[0] + other[0]] > min(inner[one[0]], inner[other[0]])


def _keeps_hyphen(one: str, other: str, words: Counter[str], *, english: bool) -> bool:
    """Say whether a hyphen at the end of a line is part of the word."""
    with_it = max(words[f"{one}{hyphen}{other}"] for hyphen in _HYPHENS)
    if with_it or words[one + other]:
        return with_it > words[one + other]
    if not english or _is_known(one + other):
        return False
    if one in _PREFIXES and len(other) >= _LEAST_OF_WORD:
        return True
    return (one in _FUNCTION or _is_known(one)) and _is_known(other)


@cache
def _is_known(word: str) -> bool:
    """Say whether a word stands in the dictionary of English."""
    from lemminflect import getAllLemmas

    return bool(getAllLemmas(word))
