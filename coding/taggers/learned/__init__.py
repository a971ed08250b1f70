"""A model as a coder: codes learned from units that people read, and given to others with a probability.

A unit whose probability reaches the code's threshold is said to bear the code; below a lower bound it is said
not to. In the band between the two the model abstains: it has not read the unit for the code, so that its
silence there means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coding.errors import CodingError, refuse
from coding.learned import LearnedCode as LearnedCode
from coding.learned import LeftOut as LeftOut
from coding.learned import Model as Model
from coding.learned import Recipe as Recipe
from coding.learned import Target as Target
from coding.learned import Vocabulary as Vocabulary
from coding.model import Coded, CodedSegment, Coder, Corpus, Reading, machine_coded
from coding.taggers.learned.fitting import Examples, fit_code
from coding.taggers.learned.recipe import Looker
from coding.taggers.learned.training import TrainingSet, language_of, training_set
from coding.taggers.learned.words import Weigher, learn_vocabulary
from coding.units import PRESENT, UNREAD, Counts, Unit

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from coding.codebook import Codebook
    from coding.model import Case, Document, Segment
    from coding.resampling import Floats
    from coding.taggers.learned.recipe import Looked, Vectors

Told = Callable[[str], None]

BATCH = 4_000_000  # code points looked at at once
WEAK = 0.2  # how much a unit weighs that only rules have read
N_REASONS = 3  # features named as what moved a suggestion


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """The probability with which each of N units bears each of C codes, and what the model saw in it."""

    units: tuple[Segment, ...]
    probabilities: Floats
    looked: Looked = field(repr=False)


class LearnedTagger:
    """Codes documents by a model."""

    def __init__(
        self,
        model: Model,
        codebook: Codebook,
        *,
        cases: Mapping[str, Case] | None = None,
        vectors: Vectors | None = None,
    ) -> None:
        """Take a model and the codebook of whose codes it was learned.

        Parameters
        ----------
        cases : the cases whose names tell of whom a sentence speaks, for rules that ask for the actor; those
            of the corpus if left out
        vectors : gives texts their sentence vectors; needed if the model looks at them

        Raises
        ------
        CodingError
            If a code is gone or means something else by now, the rules are others where the model looks at
            what they find, or there are no vectors, or others, where it looks at them.
        """
        _refuse_other(model, codebook)
        _refuse_other_vectors(model, vectors)
        self.model, self.codebook, self.cases = model, codebook, cases
        self._looker = _looker(model.recipe, model.vocabulary, codebook, model.rule_codes, vectors)
        self._weights = np.stack([each.weights for each in model.codes], axis=1)
        self._intercepts = np.array([each.intercept for each in model.codes])

    @property
    def coder(self) -> Coder:
        """Who signs the coded segments."""
        return self.model.coder

    @classmethod
    def fit(
        cls,
        coded: Coded,
        corpus: Corpus,
        codebook: Codebook,
        *,
        unit: Unit,
        counts: Counts,
        rollup: bool,
        target: Target,
        seed: int,
        codes: Sequence[str] | None = None,
        recipe: Recipe = Recipe(),  # noqa: B008  it is frozen
        weak: Coded | None = None,
        name: str = "model",
        vectors: Vectors | None = None,
        told: Told = lambda _: None,
    ) -> LearnedTagger:
        """Return a tagger that has learned what people coded in what they read.

        Parameters
        ----------
        coded : what people coded and read; a unit that nobody read teaches nothing
        unit, counts : as in `on_units`
        rollup : whether a segment counts for the codes above its own too
        target : {"f1"} or float
            The threshold of a code is that with the best F1, or the lowest that reaches this precision with a
            certainty of nine in ten.
        codes : ids; all in use if left out
        weak : what rules coded. It teaches, weighing little, where nobody has read; calibration, thresholds
            and figures stand on people's judgements alone
        told : is told what is being done

        Raises
        ------
        CodingError
            If nobody has read anything, no code can be learned, a code was coded in another meaning, or rules
            are looked at and taught by alike.
        StaleText
            If a coded text has changed since.
        """
        refuse_target(target)
        if weak is not None and recipe.rules:
            raise CodingError(
                "a model that looks at what rules find learns nothing where rules alone have read: it would "
                "find what they find. Take rules as something to look at, or as something to learn from."
            )
        used = [code.id for code in codebook.codes if not code.retired]
        asked = used if codes is None else list(dict.fromkeys(codebook[code].id for code in codes))
        training = training_set(
            coded, corpus, codebook, codes=asked, unit=unit, counts=counts, rollup=rollup, weak=weak
        )
        told("looking at the units")
        vocabulary = learn_vocabulary(texts_of(training.units, corpus)) if recipe.words else None
        rule_codes = tuple(used) if recipe.rules else ()
        looker = _looker(recipe, vocabulary, codebook, rule_codes, vectors)
        rows = _rows(training, corpus, looker, unit)
        if not rows.shape[1]:
            raise CodingError("no word stands in two of the units that were read. Read and code more.")
        marked = _marked_rows(training, corpus, looker)
        found = [
            _fitted(training, i, rows, marked, codebook, target=target, seed=seed, told=told)
            for i in range(len(asked))
        ]
        learned = tuple(each for each in found if isinstance(each, LearnedCode))
        left_out = tuple(each for each in found if isinstance(each, LeftOut))
        if not learned:
            nearest = sorted(left_out, key=lambda one: -one.n_bearing)[:5]
            said = "; ".join(f"{one.code}: {one.n_bearing} units bear it, {one.reason}" for one in nearest)
            raise CodingError(f"no code can be learned yet ({said}). Read and code more.")
        by_person = training.by_person.any(1)
        read = {training.units[row].document for row in np.flatnonzero(by_person)}
        model = Model(
            name=name,
            codebook=codebook.id,
            unit=unit,
            counts=counts,
            rollup=rollup,
            target=target,
            seed=seed,
            recipe=recipe,
            rules_digest=codebook.digest if recipe.rules else "",
            rule_codes=rule_codes,
            vectors=vectors.id if vectors is not None and recipe.embeddings else "",
            vocabulary=vocabulary,
            codes=learned,
            left_out=left_out,
            training=training.digest,
            n_units=int(by_person.sum()),
            n_weak=int((~by_person).sum()),
            languages=tuple(sorted({language_of(corpus[name], codebook) for name in read})),
        )
        return cls(model, codebook, cases=corpus.known_cases, vectors=vectors)

    def tag(self, documents: Corpus | Sequence[Document]) -> Coded:
        """Return the units that the model says bear a code, and its readings where it does not abstain.

        A coded segment has the probability as its score, and says which words moved the model most. A
        document in a language in which people had read nothing is not read: there silence means nothing.
        """
        segments: list[CodedSegment] = []
        readings: list[Reading] = []
        readable = tuple(d for d in documents if language_of(d, self.codebook) in self.model.languages)
        known = documents.known_cases if isinstance(documents, Corpus) else {}
        for foreseen in self.foresee(Corpus(readable, known)):
            segments += self._segments(foreseen)
            readings += self._readings(foreseen)
        return Coded(tuple(segments), tuple(readings))

    def foresee(self, documents: Corpus | Sequence[Document]) -> Iterator[Foreseen]:
        """Yield the units of documents with their probabilities, some documents at a time."""
        cases = self.cases
        if cases is None:
            cases = documents.known_cases if isinstance(documents, Corpus) else {}
        for some in _batches([document for document in documents if document.text]):
            units, looked = self._looker.look(some, cases, self.model.unit)
            if units:
                scores = looked.scores(self._weights, self._intercepts)
                probabilities = [each.probability(scores[:, i]) for i, each in enumerate(self.model.codes)]
                yield Foreseen(units, np.stack(probabilities, axis=1), looked)

    def why(self, looked: Looked, row: int, code: int, *, most: int = N_REASONS) -> tuple[str, ...]:
        """Return the words, pairs of words and rules that moved the model most towards a code in a unit.

        Runs of letters and sentence vectors, which say nothing to a reader, are left out.
        """
        from scipy.sparse import csr_array

        names, first = self._names, 0
        weights = self._weights[:, code]
        found: list[tuple[float, str]] = []
        for block, width in zip(looked.blocks, looked.widths, strict=True):
            if names[first]:
                one = csr_array(block[[row]])
                moved = one.data * weights[first + one.indices]
                found += [(value, names[first + i]) for value, i in zip(moved, one.indices, strict=True)]
            first += width
        best = sorted((each for each in found if each[0] > 0), key=lambda each: (-each[0], each[1]))
        return tuple(dict.fromkeys(name for _, name in best))[:most]

    def _segments(self, foreseen: Foreseen) -> Iterator[CodedSegment]:
        thresholds = np.array([each.threshold for each in self.model.codes])
        for row, code in np.argwhere(foreseen.probabilities >= thresholds).tolist():
            learned = self.model.codes[code]
            yield machine_coded(
                foreseen.units[row],
                self.codebook[learned.code],
                self.coder,
                ", ".join(self.why(foreseen.looked, row, code)),
                meaning=learned.meaning,
                score=float(foreseen.probabilities[row, code]),
            )

    def _readings(self, foreseen: Foreseen) -> Iterator[Reading]:
        """Yield a reading of each run of units for the codes on which the model does not abstain there."""
        thresholds = np.array([each.threshold for each in self.model.codes])
        lows = np.array([each.low for each in self.model.codes])
        says = (foreseen.probabilities >= thresholds) | (foreseen.probabilities < lows)
        ends = [
            i + 1 == len(says)
            or foreseen.units[i].document != foreseen.units[i + 1].document
            or not np.array_equal(says[i], says[i + 1])
            for i in range(len(says))
        ]
        first = 0
        for i in np.flatnonzero(ends).tolist():
            begin, end = foreseen.units[first], foreseen.units[i]
            codes = tuple(each.code for each, so in zip(self.model.codes, says[i], strict=True) if so)
            if codes:
                yield Reading(self.coder.id, replace(begin, end=end.end), codes, blind=True, kind="model")
            first = i + 1

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """What each column is called to a reader; empty for what says nothing to one."""
        model = self.model
        names: list[str] = []
        if model.vocabulary is not None:
            own = (*model.vocabulary.words, *([""] * len(model.vocabulary.runs)))
            names += own
            if model.recipe.context:
                names += [f"{name} (beside)" if name else "" for name in own]
        names += [f"rules: {code}" for code in model.rule_codes]
        return (*names, *([""] * (len(self._weights) - len(names))))


def refuse_target(target: Target) -> None:
    """Raise unless a target is "f1" or a precision."""
    if target != "f1" and not (isinstance(target, float) and 0 < target < 1):
        raise CodingError(f"{target!r} is no target. Take 'f1', or a precision between 0 and 1, such as 0.8.")


def _refuse_other_vectors(model: Model, vectors: Vectors | None) -> None:
    """Raise unless a model that looks at sentence vectors is given those that it learned from."""
    if not model.recipe.embeddings:
        return
    if vectors is None:
        raise CodingError(f"{model.name} looks at sentence vectors, and none are given (`vectors`).")
    if vectors.id != model.vectors:
        raise CodingError(
            f"{model.name} learned from other sentence vectors ({model.vectors}) than these ({vectors.id}). "
            f"Train it again: `coding train {model.name}`."
        )


def texts_of(units: Sequence[Segment], corpus: Corpus) -> list[str]:
    """Return the words of units."""
    return [corpus[unit.document].quote(unit) for unit in units]


def _looker(
    recipe: Recipe,
    vocabulary: Vocabulary | None,
    codebook: Codebook,
    rule_codes: tuple[str, ...],
    vectors: Vectors | None,
) -> Looker:
    weigher = None if vocabulary is None else Weigher(vocabulary)
    return Looker(recipe, weigher, codebook, rule_codes, vectors if recipe.embeddings else None)


def _rows(training: TrainingSet, corpus: Corpus, looker: Looker, unit: Unit) -> csr_array:
    """Return what is seen in each unit of a training set: (U, F)."""
    names = dict.fromkeys(each.document for each in training.units)
    units, looked = looker.look([corpus[name] for name in names], corpus.known_cases, unit)
    place = {each: row for row, each in enumerate(units)}
    return looked.rows()[[place[each] for each in training.units]]


def _marked_rows(training: TrainingSet, corpus: Corpus, looker: Looker) -> csr_array | None:
    """Return what is seen in the words that people marked and those they left: (M, F); None if none were."""
    if not training.marked:
        return None
    documents = [each.document for each in training.marked]
    return looker.look(documents, corpus.known_cases, "document")[1].rows()


def _fitted(
    training: TrainingSet,
    column: int,
    rows: csr_array,
    marked: csr_array | None,
    codebook: Codebook,
    *,
    target: Target,
    seed: int,
    told: Told,
) -> LearnedCode | LeftOut:
    code = training.codes[column]
    told(f"learning {code}")
    values = training.values[:, column]
    known = np.flatnonzero(values != UNREAD)
    by_person = training.by_person[known, column]
    examples = Examples(
        rows[known],
        values[known] == PRESENT,
        training.clusters[known],
        np.where(by_person, 1.0, WEAK),
        by_person,
    )
    places = [i for i, each in enumerate(training.marked) if each.column == column]
    if marked is not None and places:
        of = [training.marked[i] for i in places]
        examples = examples.joined(
            marked[places],
            np.array([each.bears for each in of]),
            training.clusters[[each.row for each in of]],
        )
    return fit_code(code, codebook[code].meaning, examples, target=target, seed=seed)


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    some: list[Document] = []
    length = 0
    for document in documents:
        if some and length + len(document.text) > BATCH:
            yield some
            some, length = [], 0
        some.append(document)
        length += len(document.text)
    if some:
        yield some


def _refuse_other(model: Model, codebook: Codebook) -> None:
    known = [code.id for code in codebook.codes]
    book, again = f"{codebook.id} {codebook.version}", f"Train it again: `coding train {model.name}`."
    problems = []
    for each in model.codes:
        if each.code not in known:
            problems.append(f"{model.name} gives '{each.code}', which {book} does not know. {again}")
        elif not codebook[each.code].holds(each.meaning):
            problems.append(
                f"{model.name} gives '{each.code}', which means something else in {book} than when it was "
                f"trained. {again}"
            )
    if model.rules_digest and model.rules_digest != codebook.digest:
        problems.append(
            f"{model.name} looks at what the rules of {codebook.id} find, which have changed since it was "
            f"trained. {again}"
        )
    refuse(problems)
