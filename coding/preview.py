"""What a tag run would do: for each code its hits and near-misses, some of them in context."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.concordance import Line, line
from coding.taggers.rules.why import BEATEN, LONGER, Outcome, outcomes

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Corpus, Document
    from coding.taggers.rules import Overlap

WIDTH = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit or near-miss in its context."""

    outcome: Outcome
    line: Line


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rules of a code do in some documents.

    Attributes
    ----------
    n_hits : coded segments that the code would get
    n_documents : documents with one
    by_case : coded segments in the documents of each donor, a shared document under its own
    misses : near-misses by what turned them away
    never : ids of the rules that hit nowhere, near-misses apart
    hits_shown, misses_shown : a random sample of both, in the order of the documents
    """

    code: str
    n_rules: int
    n_hits: int
    n_documents: int
    by_case: Mapping[str, int]
    misses: Mapping[str, int]
    never: tuple[str, ...]
    hits_shown: tuple[Shown, ...]
    misses_shown: tuple[Shown, ...]


def preview(
    corpus: Corpus,
    codebook: Codebook,
    *,
    overlap: Overlap,
    codes: Sequence[str] | None = None,
    sample: int = 10,
    seed: int = 0,
) -> list[Preview]:
    """Return what the rules of each code do in a corpus; nothing is stored.

    Parameters
    ----------
    codes : sequence of str, optional
        Only for these codes and those below them.
    sample : how many hits and near-misses of a code are shown

    Raises
    ------
    CodingError
        If a code is unknown.
    """
    asked = [codebook[code].id for code in codes] if codes is not None else None
    searched = [code for code in codebook.codes if code.rules and not code.retired]
    wanted = [
        code for code in searched if asked is None or {code.id, *codebook.ancestors(code.id)} & set(asked)
    ]
    texts = [d for d in corpus if d.text]
    found = outcomes(
        codebook, texts, overlap=overlap, cases=corpus.known_cases, codes=[code.id for code in wanted]
    )
    order = list(dict.fromkeys(str(d.variables.get("donor", "")) for d in corpus))
    chosen = random.Random(seed)  # noqa: S311  a sample to look at
    told = []
    for code in wanted:
        own = [outcome for outcome in found if outcome.code == code.id]
        hits = list({o.segment: o for o in own if o.kind == "hit"}.values())
        kept = {outcome.segment for outcome in hits}
        hitting = {outcome.rule for outcome in own if outcome.kind in ("hit", LONGER, BEATEN)}
        misses = list(
            {(o.segment, o.kind): o for o in own if o.kind != "hit" and o.segment not in kept}.values()
        )
        donors = Counter(str(corpus[o.segment.document].variables.get("donor", "")) for o in hits)
        told.append(
            Preview(
                code=code.id,
                n_rules=len(code.rules),
                n_hits=len(hits),
                n_documents=len({o.segment.document for o in hits}),
                by_case={corpus.name(case): donors[case] for case in order},
                misses=dict(sorted(Counter(o.kind for o in misses).items())),
                never=tuple(rule.id for rule in code.rules if rule.id not in hitting),
                hits_shown=_sampled(hits, corpus, sample, chosen),
                misses_shown=_sampled(misses, corpus, sample, chosen),
            )
        )
    return told


def _sampled(found: Sequence[Outcome], corpus: Corpus, size: int, chosen: random.Random) -> tuple[Shown, ...]:
    order: dict[str, int] = {document.id: number for number, document in enumerate(corpus)}
    some = chosen.sample(found, min(size, len(found)))
    some.sort(key=lambda o: (order[o.segment.document], o.segment.start))
    return tuple(Shown(o, line(_document(corpus, o), o.segment, width=WIDTH)) for o in some)


def _document(corpus: Corpus, outcome: Outcome) -> Document:
    return corpus[outcome.segment.document]
