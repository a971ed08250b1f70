"""Rules as a coder: a codebook's phrases, found in texts, exactly and with their offsets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from coding.errors import choose
from coding.model import Coded, CodedSegment, Coder, Document, Reading, machine_coded
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.match import hits

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook

Overlap = Literal["longest", "all"]
Found = dict[tuple[int, int, int], list[str]]


@dataclass(frozen=True, slots=True)
class RuleTagger:
    """Codes documents by the rules of a codebook.

    Parameters
    ----------
    overlap : {"longest", "all"}
        Whether a hit inside a longer hit of the same code is dropped. Hits of different codes
        never cancel each other.
    """

    codebook: Codebook
    overlap: Overlap
    coder: Coder = field(default=Coder("rules", "rules"))

    def __post_init__(self) -> None:
        choose(self.overlap, get_args(Overlap), "overlap")

    def tag(self, documents: Sequence[Document]) -> Coded:
        """Return the hits of all rules as coded segments, and a reading of each document.

        The reading names the codes that have rules, and the codes above them: of a code without
        rules nothing was searched, so nothing is said.
        """
        index = TokenIndex.build(documents, self.codebook.language)
        segments: list[CodedSegment] = []
        for code in self.codebook.codes:
            found = self._find(code, index)
            if self.overlap == "longest":
                found = _longest(found)
            segments += [
                machine_coded(documents[d].segment(start, end), code, self.coder, ", ".join(rules))
                for (d, start, end), rules in sorted(found.items())
            ]
        searched = self._searched()
        readings = tuple(Reading(self.coder.id, d.whole, searched, kind="rules") for d in documents if d.text)
        return Coded(tuple(segments), readings)

    def _find(self, code: Code, index: TokenIndex) -> Found:
        found: Found = defaultdict(list)
        for rule in code.rules:
            first, last = hits(rule, index, self.codebook.language)
            spans = zip(index.document[first], index.start[first], index.end[last], strict=True)
            for document, start, end in spans:
                found[int(document), int(start), int(end)].append(rule.id)
        return found

    def _searched(self) -> tuple[str, ...]:
        with_rules = {code.id for code in self.codebook.codes if code.rules}
        above = {up for code in with_rules for up in self.codebook.ancestors(code)}
        return tuple(code.id for code in self.codebook.codes if code.id in with_rules | above)


def _longest(found: Found) -> Found:
    """Drop every span that lies inside a longer one of the same document."""
    kept: Found = {}
    furthest: tuple[int, int] = (-1, -1)
    for document, start, end in sorted(found, key=lambda span: (span[0], span[1], -span[2])):
        if (document, end) > furthest:
            kept[document, start, end] = found[document, start, end]
            furthest = (document, end)
    return kept
