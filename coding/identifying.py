"""In which language a text is written, as far as its letters and words tell; offline, by py3langid."""

from __future__ import annotations

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
_ALIKE = (frozenset({"no", "nb", "nn"}), frozenset({"hr", "sr", "bs"}), frozenset({"id", "ms"}))


@dataclass(frozen=True, slots=True)
class Identified:
    """The language of a text.

    Attributes
    ----------
    language : ISO 639-1; empty if the text has no words
    share : of the parts of the text that are in it
    is_long : whether the text is long enough to tell
    """

    language: str
    share: float
    is_long: bool

    @property
    def is_sure(self) -> bool:
        """Whether the text is long enough, and nearly all of it in that language."""
        return self.is_long and self.share >= _SURE

    def contradicts(self, language: str) -> bool:
        """Say whether the text is surely in another language than that."""
        return self.is_sure and not self._may_be(language)

    def may_not_be(self, language: str) -> bool:
        """Say whether most of a text that is long enough seems to be in another language than that."""
        return self.is_long and not self.is_sure and not self._may_be(language)

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
    """
    words = " ".join(text.split())
    if not any(c.isalpha() for c in words):
        return Identified("", 0.0, is_long=False)
    starts = range(0, len(words), _PART)
    chosen = [starts[i * len(starts) // _PARTS] for i in range(_PARTS)] if len(starts) > _PARTS else starts
    found = Counter(str(_identifier().classify(words[start : start + _PART])[0]) for start in chosen)
    language, n = found.most_common(1)[0]
    least = _LEAST_DENSE if language in ("zh", "ja", "ko") else _LEAST
    return Identified(language, n / found.total(), is_long=len(words) >= least)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
