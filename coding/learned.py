"""What a model has learned of codes: features, weights, and from which probability on a unit bears a code.

How it is learned and applied stands in `coding.taggers.learned`, how it is kept in `coding.formats.models`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError
from coding.model import Coder
from coding.units import Counts, Unit

Target = Literal["f1"] | float

NEVER = 2.0  # a threshold that no probability reaches
PAIR = " "  # between the two words of a pair
DIGITS = 6  # of a probability
PARTS = ("normatrix", "scikit-learn", "numpy")  # whose versions are kept with a model
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model looks at.

    Attributes
    ----------
    words : words, pairs of words, and runs of letters
    context : the same of the units before and after
    rules : which codes the rules of the codebook find in the unit
    embeddings : the sentence vector of a language model (extra `embeddings`)
    """

    words: bool = True
    context: bool = False
    rules: bool = False
    embeddings: bool = False

    def __post_init__(self) -> None:
        if not (self.words or self.rules or self.embeddings):
            raise CodingError("a model has to look at something: words, what rules find, or embeddings.")
        if self.context and not self.words:
            raise CodingError("the words beside a unit are looked at with its own. Take both, or neither.")


@dataclass(frozen=True)
class Vocabulary:
    """The features of a model, and how rare each is.

    Attributes
    ----------
    words : single words and pairs of them, sorted
    runs : runs of letters within a word, sorted; white space stands for the edge of the word
    word_weights, run_weights : inverse document frequency of each
    """

    words: tuple[str, ...]
    runs: tuple[str, ...]
    word_weights: NDArray[np.float64] = field(repr=False)
    run_weights: NDArray[np.float64] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The features in the order of the columns: words and pairs, then runs."""
        return (*self.words, *self.runs)

    def __len__(self) -> int:
        return len(self.words) + len(self.runs)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedCode:
    """What was learned of one code.

    Attributes
    ----------
    meaning : what the code meant to those who coded
    weights, intercept : of the linear model, (F,)
    slope, shift : the probability is 1 / (1 + exp(-(slope * score + shift)))
    threshold : from this probability on a unit is said to bear the code; `NEVER` if from none
    low : below it is said not to; between the two nothing is said
    strength : the one of `STRENGTHS` that was taken
    n_units, n_bearing, n_clusters : units it learned from, those that bear the code, and clusters of these
    scores : (n_units,), the score of each unit that a person judged, by a model that had not seen it
    """

    code: str
    meaning: str
    weights: NDArray[np.float64] = field(repr=False)
    intercept: float
    slope: float
    shift: float
    threshold: float
    low: float
    strength: float
    n_units: int
    n_bearing: int
    n_clusters: int
    scores: NDArray[np.float64] = field(repr=False)

    def probability(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that belongs to each score, to `DIGITS` digits.

        So it is the same on every machine, and what is kept of it is what was held against the threshold.
        """
        exact = 1 / (1 + np.exp(-np.clip(self.slope * scores + self.shift, -500, 500)))
        return np.asarray(np.round(exact, DIGITS))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A code that could not be learned, and why; `n_bearing` units bear it, said people."""

    code: str
    reason: str
    n_bearing: int


def _versions() -> dict[str, str]:
    return {part: version(part) for part in PARTS}


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned, and from what.

    Attributes
    ----------
    name : under which it codes
    codebook : id of the codebook
    rules_digest : what identifies the codebook, where the model looks at what rules find; else empty
    rule_codes : the codes whose rules it looks at
    vectors : what identifies the sentence vectors it looks at; else empty
    vocabulary : None if it looks at no words
    codes, left_out : what was learned, and what could not be
    training : digest of the training set
    n_units, n_weak : units that people judged, and others that only rules did
    languages : of the documents that people read; what is in another it does not read
    made_with : the versions of what it was made with
    """

    name: str
    codebook: str
    unit: Unit
    counts: Counts
    rollup: bool
    target: Target
    seed: int
    recipe: Recipe
    rules_digest: str
    rule_codes: tuple[str, ...]
    vectors: str
    vocabulary: Vocabulary | None = field(repr=False)
    codes: tuple[LearnedCode, ...] = field(repr=False)
    left_out: tuple[LeftOut, ...]
    training: str
    n_units: int
    n_weak: int
    languages: tuple[str, ...]
    made_with: Mapping[str, str] = field(default_factory=_versions, repr=False)

    def __post_init__(self) -> None:
        refuse_name(self.name)

    @property
    def reasons(self) -> dict[str, tuple[LeftOut, ...]]:
        """Why codes could not be learned, each reason with its codes, those first that most units bear."""
        found: dict[str, tuple[LeftOut, ...]] = {}
        for one in sorted(self.left_out, key=lambda each: -each.n_bearing):
            found[one.reason] = (*found.get(one.reason, ()), one)
        return found

    @property
    def coder(self) -> Coder:
        """Who signs its coded segments."""
        return Coder(self.name, "model")


def refuse_name(name: str) -> None:
    """Raise unless a name can be that of a model, which is a coder's and a file's too."""
    if name == "rules":
        raise CodingError("a model cannot be called 'rules', as the rules sign. Name it otherwise.")
    if not _NAME.fullmatch(name):
        raise CodingError(
            f"{name!r} cannot be a model's name. Take small letters, digits and . _ -, at most 64 of them, "
            "a letter or digit first."
        )
