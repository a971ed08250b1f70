"""In which language a text is written, as far as its letters and words tell; offline, by py3langid.

Letters tell much however short a text is: kana are Japanese, hangul is Korean, and other letters than Latin
ones leave few languages. Han alone is most likely Chinese, but a short Japanese title may be so too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PART = 1_000  # characters: a text is judged part by part, for one judgement of all of it is always certain
_PARTS = 20
_LEAST = 200  # characters below which nothing is sure
_LEAST_DENSE = 60  # the same of Chinese, Japanese and Korean, which say more with less
_SURE = 0.8  # of the parts are in one language
_SHARE = 0.1  # of the letters are kana or hangul: a text of that language, not one that quotes it
_KANA, _HANGUL = (
    re.compile("[\u3041-\u30fa\uff66-\uff9d]"),
    re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"),
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WRITTEN = {
    "ARABIC": ("ar", "fa", "ps", "ug", "ur"), "ARMENIAN": ("hy",), "BENGALI": ("bn", "as"),
    "CYRILLIC": ("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "uk"), "DEVANAGARI": ("hi", "mr", "ne"),
    "GEORGIAN": ("ka",), "GREEK": ("el",), "HEBREW": ("he",), "KHMER": ("km",), "LAO": ("lo",),
    "TAMIL": ("ta",), "THAI": ("th",),
}  # fmt: skip
_ALIKE = (frozenset({"no", "nb", "nn"}), frozenset({"hr", "sr", "bs"}), frozenset({"id", "ms"}))


@dataclass(frozen=True, slots=True)
class Identified:
    """The language of a text.

    Attributes
    ----------
    language : ISO 639-1; empty if the text has no words
    share : of the parts of the text that are in it
    is_long : whether the text is long enough to tell, or its letters do
    """

    language: str
    share: float
    is_long: bool

    @property
    def is_sure(self) -> bool:
        """Whether its letters tell, or the text is long enough and nearly all of it in that language."""
        return self.is_long and self.share >= _SURE

    @property
    def taken(self) -> str:
        """The language to take where nobody says one: it is sure, or Han alone is Chinese; else empty."""
        return self.language if self.is_sure or self.language == "zh" else ""

    def contradicts(self, language: str) -> bool:
        """Say whether the text is surely in another language than that."""
        return self.is_sure and not self._may_be(language)

    def may_not_be(self, language: str) -> bool:
        """Say whether a text seems to be in another language than that, though that is not sure."""
        return bool(self.language) and not self.is_sure and not self._may_be(language)

    def _may_be(self, language: str) -> bool:
        return language == self.language or any({language, self.language} <= same for same in _ALIKE)


def identified(text: str) -> Identified:
    """Return the language of a text, judged by up to twenty parts spread over it.

    Examples
    --------
    >>> identified("Die Regierung bildet Polizisten aus. " * 10)
    Identified(language='de', share=1.0, is_long=True)
    >>> identified("It trains police.").is_sure
    False
    >>> identified("\u8b66\u5bdf\u3092\u8a13\u7df4\u3057\u305f").taken
    'ja'
    """
    words = " ".join(text.split())
    if not any(c.isalpha() for c in words):
        return Identified("", 0.0, is_long=False)
    found = Counter(map(_language, _parts(words)))
    language, n = found.most_common(1)[0]
    least = _LEAST_DENSE if language == "zh" else 0 if _is_told_by_letters(words, language) else _LEAST
    return Identified(language, n / found.total(), is_long=len(words) >= least)


def foreign(text: str) -> str:
    """Return the language to take of a text where nobody says one, if it is not English; else empty.

    As `identified`, but it stops as soon as more than a fifth of the parts are English and none holds Han:
    then no other language can be that of four fifths.

    Examples
    --------
    >>> foreign("It trains police. " * 100), foreign("Die Regierung bildet Polizisten aus. " * 10)
    ('', 'de')
    """
    parts = _parts(" ".join(text.split()))
    if not any(map(_HAN.search, parts)):
        most, english = (1 - _SURE) * len(parts), 0
        for part in parts:
            english += _language(part) == "en"
            if english > most:
                return ""
    taken = identified(text).taken
    return "" if taken == "en" else taken


def _parts(words: str) -> list[str]:
    """Return parts spread over a text, all of it if it is short."""
    starts = range(0, len(words), _PART)
    chosen = [starts[i * len(starts) // _PARTS] for i in range(_PARTS)] if len(starts) > _PARTS else starts
    return [words[start : start + _PART] for start in chosen]


def _language(part: str) -> str:
    """Return the language of a part of a text, by its letters if they tell it."""
    letters = sum(c.isalpha() for c in part)
    for sign, language in ((_KANA, "ja"), (_HANGUL, "ko")):
        if len(sign.findall(part)) > _SHARE * letters:
            return language
    if 2 * len(_HAN.findall(part)) > letters:
        return "zh"
    return str(_identifier().classify(part)[0])


def _is_told_by_letters(words: str, language: str) -> bool:
    """Say whether most letters of a text are those of a script in which few write but this language."""
    if language in ("ja", "ko"):
        return any(sign.search(words) for sign in (_KANA, _HANGUL))
    letters = [unicodedata.name(c, "").partition(" ")[0] for c in words[:_PART] if c.isalpha()]
    own = sum(language in _WRITTEN.get(script, ()) for script in letters)
    return 2 * own > len(letters)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
