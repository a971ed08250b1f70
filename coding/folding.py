"""The words of a text as a search sees them: without case, accents or width, with their places.

A word is a run of letters, digits and the marks upon them. Scripts that do not part words by spaces
(Japanese, Chinese, Thai), and Korean, whose particles follow a word without one, have each character for
a word, so what is searched for is found inside longer words there. Half and full width, ligatures and
composed or decomposed characters are alike; a voiced kana is not its plain one.

Between two sentences that end in an ideographic stop, and between two paragraphs, stands `BREAK`, which
nobody searches for: no phrase goes across.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BREAK = "\ue000"  # for private use in Unicode, and no letter: no word is like it

_LONGEST = 8000  # characters of a word that tell it from others; FTS5 looks at 32 KB
_ASCII = "A-Za-z0-9"
_ASCII_GAP = r"\x00-\x09\x0b-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f"
# Thai, Lao, Burmese, jamo, Khmer, Chinese and Japanese, Hangul, half-width forms, the rarer of all these.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdc\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
)
_SYLLABLE = (
    r"(?:[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*|[\uac00-\ud7a3])"
    r"[\u11a8-\u11ff\ud7cb-\ud7fb]*"
)
_VOICED = "\uff9e\uff9f"  # half-width marks, which Unicode has among the letters
_SILENT = "\u00ad\u200c\u200d"  # soft hyphen and joiners, inside of words
_STOPS = "\u3002\uff01\uff1f\uff61"
# Accents, enclosing marks and variation selectors. Other marks (of kana, Arabic, Hindi) tell words apart.
_ACCENTS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"


def words(text: str) -> list[str]:
    """Return the words of a text, folded, with `BREAK` where no phrase goes across.

    Examples
    --------
    >>> words("The École trains 警察."), words("ＪＩＣＡ’s co-operation")
    (['the', 'ecole', 'trains', '警', '察'], ['jica', 's', 'co', 'operation'])
    """
    return [_folded(word) for word in _pattern().findall(text)]


def places(text: str) -> list[tuple[int, int]]:
    """Return for each of the `words` of a text where it stands, in code points."""
    return [match.span() for match in _pattern().finditer(text)]


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word.lower()[:_LONGEST]
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return unicodedata.normalize("NFC", _dropped().sub("", plain))[:_LONGEST] or BREAK


@cache
def _pattern() -> re.Pattern[str]:
    """Return what finds a word or a break. Each first alternative is there for speed alone."""
    spaced = rf"[^\W_{_UNSPACED}]"
    marks = _marks() + _SILENT
    return re.compile(
        rf"(?![{_ASCII_GAP}])(?:[{_ASCII}]++(?![^\x00-\x7f])"
        rf"|{spaced}+(?:[{marks}]+{spaced}*)*"
        rf"|{_SYLLABLE}"
        rf"|(?!_)(?=\w)[{_UNSPACED}][{marks}{_VOICED}]*"
        rf"|[{_STOPS}][\s{_STOPS}]*|\n[^\S\n]*\n[\s{_STOPS}]*)"
    )


@cache
def _dropped() -> re.Pattern[str]:
    """Return what finds the characters that folding leaves out."""
    return re.compile(rf"[{_ACCENTS}]|_|[^\w{_marks()}]")


@cache
def _marks() -> str:
    """Return the combining marks of Unicode as ranges of a character class."""
    found = [point for point in range(0x300, 0x1F000) if unicodedata.category(chr(point)).startswith("M")]
    return _ranges([*found, *range(0xE0100, 0xE01F0)])


def _ranges(points: Iterable[int]) -> str:
    rising = list(points)
    cuts = [0, *(i for i, (one, other) in enumerate(pairwise(rising), 1) if other != one + 1), len(rising)]
    return "".join(f"{chr(rising[a])}-{chr(rising[b - 1])}" for a, b in pairwise(cuts))
