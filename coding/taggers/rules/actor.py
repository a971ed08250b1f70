"""Of whom a sentence speaks: the document's own donor, or another.

A sentence speaks of the cases that it names, by name, alias or agency. *We* and *our* are the donor where
the donor speaks, the writers in scholarship and press, and nobody in quotation marks, which may hold
another's words. A sentence that names nobody speaks of the one last named before it in its paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from coding.attribution import Mentioned, mentions
from coding.model import Case, Document

# Upper-case US is a state, not a pronoun.
# Upper-case US is a state, not a pronoun.
FIRST_PERSON = re.compile(
    r"\b(?:[Ww]e|WE|[Oo]ur|OUR|[Oo]urs|[Uu]s|[Oo]urselves)\b"
    r"|\b[Mm]y (?:[Gg]overnment|[Cc]ountry|[Nn]ation|[Dd]elegation)\b"
    "|\u6211\u304c\u56fd|\u308f\u304c\u56fd|\u6211\u3005|\uc6b0\ub9ac"
)
_QUOTED = re.compile(
    '\u201c[^\u201d]*\u201d|\u201e[^\u201c\u201d]*[\u201c\u201d]|\u00ab[^\u00bb]*\u00bb|\u300c[^\u300d]*\u300d|"[^"\n]*"'
    # Single marks are apostrophes too: one inside a word closes nothing.
    r"|(?<!\w)\u2018(?:[^\u2019\n]|\u2019(?=\w))*\u2019|(?<!\w)'(?:[^'\n]|'(?=\w))*'(?!\w)"
)


@dataclass(frozen=True)
class Voices:
    """Knows the cases of a corpus, and of whom each sentence speaks."""

    cases: Mapping[str, Case] = field(default_factory=dict)
    _read: dict[tuple[str, str], tuple[Mentioned, frozenset[str]]] = field(default_factory=dict, repr=False)

    def actor(self, document: Document, start: int, end: int) -> tuple[str, str]:
        """Return "self", "other" or "nobody" for a sentence, and in words why."""
        mentioned, own = self._of(document)
        named, itself = mentioned.of(start, end)
        if itself:
            said = "the sentence names " + (" and ".join(map(self._name, named)) or "none of the cases")
        else:
            said = f"named last before it is {self._name(named[0])}" if named else "it names nobody"
        if own & set(named):
            return "self", said
        return ("other" if named or itself else "nobody"), said

    def _name(self, case: str) -> str:
        return self.cases[case].name if case in self.cases else case

    def _of(self, document: Document) -> tuple[Mentioned, frozenset[str]]:
        key = (document.id, document.digest)
        if key not in self._read:
            own = _own(document)
            found = mentions(document.text, self.cases)
            speaks = document.variables.get("source_kind", "primary") == "primary"
            who: list[str | None] = [*sorted(own)] if own and speaks else [None]
            found += [(at, case) for at in _first_person(document.text) for case in who]
            self._read[key] = Mentioned(document.text, sorted(found, key=lambda one: one[0])), own
        return self._read[key]


def _own(document: Document) -> frozenset[str]:
    """Return the cases whose document it is."""
    about = document.variables.get("about")
    cases = about if isinstance(about, tuple) and about else (document.variables.get("donor"),)
    return frozenset(str(case) for case in cases if case)


def _first_person(text: str) -> list[int]:
    quoted = [m.span() for m in _QUOTED.finditer(text)]
    found = (m.start() for m in FIRST_PERSON.finditer(text))
    return [at for at in found if not any(start < at < end for start, end in quoted)]
