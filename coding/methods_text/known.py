"""What is known of how a study was done, and how numbers and lists stand in its sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.report import in_words

if TYPE_CHECKING:
    from coding.agreeing import Agreement
    from coding.batch import Memo
    from coding.model import Reading
    from coding.robustness import Multiverse
    from coding.sample_quality import SampleQuality
    from coding.study import Run


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of how a study was done.

    Attributes
    ----------
    people : readings that people filed in the documents of the study, judgements of samples left out
    agreement : of people who read the same; None if no two did, and `alone` says so
    samples : what blind samples say of how good the coding is
    multiverse : what came of the findings under other decisions
    references : for each citation key its entry in words
    """

    run: Run
    people: tuple[Reading, ...] = field(default=(), repr=False)
    agreement: Agreement | None = field(default=None, repr=False)
    alone: str = ""
    samples: tuple[SampleQuality, ...] = field(default=(), repr=False)
    multiverse: Multiverse | None = field(default=None, repr=False)
    memos: tuple[Memo, ...] = field(default=(), repr=False)
    references: Mapping[str, str] = field(default_factory=dict, repr=False)


def plural(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> plural(1, "code"), plural(2, "code"), plural(2, "family", "families")
    ('1 code', '2 codes', '2 families')
    """
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def counted(values: Iterable[object]) -> str:
    """Return how often each value stands there, the most frequent first."""
    counts = Counter(_value(value) for value in values)
    ordered = sorted(counts.items(), key=lambda each: (each[0] == "not stated", -each[1], each[0]))
    return ", ".join(f"{name} ({n})" for name, n in ordered)


def listed(names: Iterable[str]) -> str:
    """Return names in words: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def number(value: float | None) -> str:
    """Return a share with two decimals, or that there is none."""
    return "not defined" if value is None else f"{value:.2f}"


def _value(value: object) -> str:
    if isinstance(value, tuple) and value:
        return listed(map(in_words, value))
    return "not stated" if value in (None, "", ()) else in_words(value)
