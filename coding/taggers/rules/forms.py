"""Inflected forms: what a word of a rule stands for besides itself.

A base form stands for its inflections (*promote* for *promotes, promoted, promoting*), an inflected form
for itself alone, so a rule says what it means. The dictionary is LemmInflect's (docs/decisions).
"""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("en",)


@lru_cache(maxsize=65536)
def forms(word: str, language: str) -> frozenset[str]:
    """Return the folded forms for which a folded word stands, itself among them.

    Examples
    --------
    >>> sorted(forms("promote", "en")), sorted(forms("promoting", "en"))
    (['promote', 'promoted', 'promotes', 'promoting'], ['promoting'])
    >>> sorted(forms("training", "en")), sorted(forms("csirt", "en"))
    (['training', 'trainings'], ['csirt'])
    """
    if language not in LANGUAGES:
        return frozenset((word,))
    from lemminflect import getAllInflections

    # The table has an entry for base forms only.
    return frozenset({word, *(form.lower() for found in getAllInflections(word).values() for form in found)})
