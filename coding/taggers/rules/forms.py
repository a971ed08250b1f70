"""Inflected forms: what a word of a rule stands for besides itself.

A base form stands for its inflections (*promote* for *promotes, promoted, promoting*), an inflected form
for itself alone, so a rule says what it means. The dictionary is LemmInflect's (docs/decisions). A word
that is not in it at all (*cyberattack*) stands for its regular form in -s too.
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
    (['training', 'trainings'], ['csirt', 'csirts'])
    >>> sorted(forms("not", "en"))
    ["n't", 'not']
    """
    if language not in LANGUAGES:
        return frozenset((word,))
    if word == "not":
        return frozenset(("not", "n't"))
    from lemminflect import getAllInflections, getAllLemmas

    # The table has an entry for base forms only.
    inflected = {form.lower() for found in getAllInflections(word).values() for form in found}
    if not inflected and word.isalpha() and len(word) > 2 and not getAllLemmas(word):
        inflected = {_regular(word)}
    return frozenset({word, *inflected})


def _regular(word: str) -> str:
    """Return a noun's plural, or a verb's third person, by the rule.

    Examples
    --------
    >>> [_regular(word) for word in ("botnet", "telcoswitch", "cyberagency", "cyberday")]
    ['botnets', 'telcoswitches', 'cyberagencies', 'cyberdays']
    """
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"
