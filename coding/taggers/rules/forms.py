"""Inflected forms: what a word of a rule stands for besides itself.

A base form stands for its inflections (*promote* for *promotes, promoted, promoting*), an inflected form
for itself alone, so a rule says what it means. The dictionary is LemmInflect's (docs/decisions). A word
that is not in it at all (*cyberattack*) stands for its regular form in -s too.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en",)

# The file of inflections has none for these.
_AUXILIARIES = {
    "be": "am are is was were being been", "can": "could", "may": "might", "will": "would",
    "shall": "should", "must": "must", "ought": "ought", "dare": "dare",
}  # fmt: skip


@lru_cache(maxsize=65536)
def forms(word: str, language: str) -> frozenset[str]:
    """Return the folded forms for which a folded word stands, itself among them.

    Examples
    --------
    >>> sorted(forms("promote", "en")), sorted(forms("promoting", "en"))
    (['promote', 'promoted', 'promotes', 'promoting'], ['promoting', 'promotings'])
    >>> sorted(forms("training", "en")), sorted(forms("csirt", "en"))
    (['training', 'trainings'], ['csirt', 'csirts'])
    >>> sorted(forms("not", "en"))
    ["n't", 'not']
    """
    if language not in LANGUAGES:
        return frozenset((word,))
    if word == "not":
        return frozenset(("not", "n't"))
    inflected = _table().get(word)
    if inflected is None:
        # An inflected form, which has no entry, gets an -s too, and no text has that.
        inflected = [_regular(word)] if word.isalpha() and len(word) > 3 else []
    return frozenset({word, *inflected})


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    """Return the inflections of each base form.

    LemmInflect's file is read here, not by LemmInflect, which takes four times as long to sort the forms
    by tags that nobody asks for; a test holds the two to be the same.
    """
    from lemminflect import config

    table: dict[str, list[str]] = {word: forms.split() for word, forms in _AUXILIARIES.items()}
    with gzip.open(config.inflection_lu_fn, "rt", encoding="utf-8") as file:
        for line in file:
            word, _, said = line.lower().rstrip().split(",", 2)
            if word not in _AUXILIARIES:
                table.setdefault(word, []).extend(said.replace("/", ",").split(","))
    with Path(config.infl_overrides_fn).open(encoding="utf-8") as file:
        for line in file:
            word, _, form = line.lower().strip().split(",")
            table.setdefault(word, []).append(form)
    for forms_ in table.values():
        while "" in forms_:
            forms_.remove("")
    return table


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
