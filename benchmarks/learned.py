"""How well codes are learned from what people coded, and how fast a model reads, on texts that are not ours.

DIR/double_coded holds sentences that two coders coded apart from each other: does a sentence mention a social
group? The first coder is the gold; F1 of the second is what a machine can hope for (`f1_second_coder`).
`f1_tfidf`, `f1_embeddings` and `f1_stacked` are those of models that look at words, at sentence vectors, at
both; `f1_stacked_unmarked` of the last if the coder had given the code to whole sentences, so that no marked
words teach. `..._100` are those of models that learned from 100 sentences, each measured on all others, the
mean over draws. Sentences do not belong together, so folds are plain; what is printed is the mean
of three divisions into folds.

DIR/coded_sentences holds sentences that two readers coded for six categories: the mean over readers and
categories of F1, for the rules of the shipped codebook (`category_f1_rules`) and for the best of the models
(`category_f1_best`). Folds hold documents together. Who wrote the rules saw two thirds of these readings;
`..._aside` are the same figures on the third that was kept from them (docs/methods/validity.md).

Whatever is chosen (words, strength, calibration, threshold) is chosen inside the part that is learned from.

`predict_per_s` is how many sentences a second get their probability from a model that looks at words: on one
thread, words known, sentences cut. `predict_ratio` is how many times that is what scikit-learn's own
vectorizers do with the same weights, in turns, to the same probabilities. The seconds are the processor's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")})  # read by numpy

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from coding.codebook import Code, Codebook
from coding.formats.gold import Sentence, read_gold
from coding.learned import LeftOut, Recipe
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.project import Project, shipped
from coding.quality import coded_sentences
from coding.taggers.learned import LearnedTagger
from coding.taggers.learned.fitting import Examples, divide, fit_code
from coding.taggers.learned.recipe import Looked
from coding.taggers.learned.vectors import sentence_vectors
from coding.taggers.learned.words import Weigher, learn_vocabulary

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

SEED = 1
GROUP = "social-group"
WRITTEN = "social group"  # how the two coders call it
FEW, N_DRAWS = 100, 10
N_DIVISIONS = 3  # into folds
N_READ = 20_000  # sentences of which the speed is taken
WORDS, VECTORS, STACKED = Recipe(), Recipe(words=False, embeddings=True), Recipe(embeddings=True)
RECIPES = {
    "words": WORDS,
    "embeddings": VECTORS,
    "stacked": STACKED,
    "rules + words": Recipe(rules=True),
    "rules + embeddings": Recipe(words=False, rules=True, embeddings=True),
    "rules + stacked": Recipe(rules=True, embeddings=True),
}
ASIDE, ASIDE_SEED = 105, 20261125
BOOK = Codebook("groups", "1.0.0", (Code(GROUP, "Social group", "People who have something in common."),))

read_vectors = sentence_vectors()


def main() -> None:
    """Measure, print tables and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="holds double_coded/*_coder-{a,b}.jsonl and coded_sentences/"
    )
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("give --data DIR: the coded texts are not ours and not in this repository.")
    folders = [asked.data / name for name in ("double_coded", "coded_sentences")]
    if not all(folder.is_dir() for folder in folders):
        parser.error(f"{asked.data} lacks double_coded or coded_sentences.")
    double = DoubleCoded.read(asked.data / "double_coded")
    found = groups(double) | categories(read_gold(asked.data / "coded_sentences" / "sentences.jsonl"))
    found |= speed(double)
    if asked.json:
        print(json.dumps({name: round(value, 3) for name, value in found.items()}))


@dataclass(frozen=True)
class DoubleCoded:
    """Documents of one sentence, what the first coder coded in them, and which bear the code to either."""

    documents: tuple[Document, ...]
    segments: tuple[CodedSegment, ...]
    bears: Bools
    second: Bools

    @classmethod
    def read(cls, folder: Path) -> DoubleCoded:
        """Return the sentences that both coders read."""
        first, second = (_lines(folder, coder) for coder in "ab")
        both = [each for name, each in first.items() if name in second]
        documents = tuple(Document(each["id"], each["text"]) for each in both)
        segments = tuple(
            CodedSegment(f"{one.id}-{i}", one.segment(start, end), GROUP, BOOK[GROUP].meaning, "coder-a")
            for one, each in zip(documents, both, strict=True)
            for i, (start, end, code) in enumerate(each["label"])
            if code == WRITTEN
        )
        return cls(documents, segments, _bears(both), _bears([second[one.id] for one in documents]))

    def learned(self, which: Integers, recipe: Recipe) -> LearnedTagger:
        """Return what is learned of some of the sentences."""
        some = [self.documents[i] for i in which]
        names = {one.id for one in some}
        segments = tuple(each for each in self.segments if each.segment.document in names)
        coded = Coded(segments, tuple(Reading("coder-a", one.whole) for one in some))
        return LearnedTagger.fit(
            coded,
            Corpus(some),
            BOOK,
            unit="document",
            counts="any",
            rollup=False,
            target="f1",
            seed=SEED,
            recipe=recipe,
            vectors=read_vectors,
        )

    def unmarked(self) -> DoubleCoded:
        """Return the same as if the coder had given the code to whole sentences."""
        whole = {one.id: one.whole for one in self.documents}
        segments = tuple(replace(each, segment=whole[each.segment.document]) for each in self.segments)
        return replace(self, segments=segments)

    def said(self, tagger: LearnedTagger, which: Integers) -> Bools:
        """Return of which of some sentences a tagger says that they bear the code."""
        some = [self.documents[i] for i in which]
        given = {each.segment.document for each in tagger.tag(some).segments}
        return np.array([one.id in given for one in some])


def groups(double: DoubleCoded) -> dict[str, float]:
    """Return F1 of social groups: of the second coder, of models, and of models of few sentences."""
    n, bears = len(double.documents), double.bears
    read_vectors([one.text for one in double.documents])
    found = {"f1_second_coder": f1(double.second, bears)}
    print(f"{n:,} sentences, {bears.sum()} with a social group")
    print(f"{'':18}{'F1':>8}{'of the second':>15}{f'of {FEW} sentences':>19}{'draws differ by':>17}")
    print(f"{'second coder':18}{found['f1_second_coder']:8.3f}")
    tried = {
        "tfidf": (double, WORDS),
        "embeddings": (double, VECTORS),
        "stacked": (double, STACKED),
        "stacked_unmarked": (double.unmarked(), STACKED),
    }
    for name, (coded, recipe) in tried.items():
        all_but_a_fold = [_of_most(coded, recipe, seed) for seed in range(N_DIVISIONS)]
        few = [_of_few(coded, recipe, draw) for draw in range(N_DRAWS)]
        found[f"f1_{name}"] = statistics.mean(all_but_a_fold)
        found[f"f1_{name}_{FEW}"] = statistics.mean(few)
        share = found[f"f1_{name}"] / found["f1_second_coder"]
        print(
            f"{name:18}{found[f'f1_{name}']:8.3f}{share:15.1%}"
            f"{found[f'f1_{name}_{FEW}']:19.3f}{statistics.stdev(few):17.3f}"
        )
    return found


def _of_most(double: DoubleCoded, recipe: Recipe, seed: int) -> float:
    """Return F1 of what is said of each sentence by a model that learned from four fifths without it."""
    said = np.zeros(len(double.documents), dtype=np.bool_)
    for learn, score in divide(double.bears, np.arange(len(said)), seed=seed):
        said[score] = double.said(double.learned(learn, recipe), score)
    return f1(said, double.bears)


def _of_few(double: DoubleCoded, recipe: Recipe, draw: int) -> float:
    """Return F1, on all other sentences, of what is learned from a few."""
    order = np.random.default_rng(draw).permutation(len(double.documents))
    return f1(double.said(double.learned(order[:FEW], recipe), order[FEW:]), double.bears[order[FEW:]])


class Categories:
    """Sentences that readers coded for categories, and all that a model may look at in them."""

    def __init__(self, gold: Sequence[Sentence]) -> None:
        project = Project.open(shipped())
        book, cases = project.codebook("constructivist"), project.corpus.known_cases
        found = [codes for codes, _ in coded_sentences(gold, book, overlap="longest", cases=cases)]
        used = [code.id for code in book.codes]
        given = {code for sentence in gold for read in sentence.readers.values() for code in read.codes}
        self.readers = tuple(gold[0].readers)
        self.names = [code for code in used if code in given]
        self.by_rules = {name: np.array([name in codes for codes in found]) for name in self.names}
        self.read = {
            (name, reader): np.array([name in sentence.readers[reader].codes for sentence in gold])
            for name, reader in product(self.names, self.readers)
        }
        numbers = {name: i for i, name in enumerate(dict.fromkeys(one.document for one in gold))}
        self.clusters = np.array([numbers[sentence.document] for sentence in gold])
        self._texts = [sentence.text for sentence in gold]
        self._rules = csr_array(np.array([[code in codes for code in used] for codes in found], dtype=float))
        self._vectors = read_vectors(self._texts)

    def f1(self, given: Mapping[tuple[str, str], Bools], which: Bools) -> list[float]:
        """Return F1 of each category and then their mean, on some of the sentences."""
        found = [
            statistics.mean(
                f1(given[name, reader][which], self.read[name, reader][which]) for reader in self.readers
            )
            for name in self.names
        ]
        return [*found, statistics.mean(found)]

    def rows(self, recipe: Recipe, learn: Integers) -> csr_array:
        """Return what a model of some of the sentences sees in all of them."""
        blocks: list[csr_array | Floats] = []
        if recipe.words:
            blocks += Weigher(learn_vocabulary([self._texts[i] for i in learn])).blocks(self._texts)
        if recipe.rules:
            blocks.append(self._rules)
        if recipe.embeddings:
            blocks.append(self._vectors)
        return Looked(tuple(blocks)).rows()

    def said(self, recipe: Recipe, category: str, reader: str) -> Bools:
        """Return what models say that learned from other documents.

        Of a category that cannot be learned they say what the rules find if they look at it, else nothing.
        """
        bears, said = self.read[category, reader], np.zeros(len(self.clusters), dtype=np.bool_)
        for learn, score in divide(bears, self.clusters, seed=SEED):
            rows = self.rows(recipe, learn)
            n = len(learn)
            examples = Examples(
                rows[learn], bears[learn], self.clusters[learn], np.ones(n), np.ones(n, dtype=np.bool_)
            )
            code = fit_code(category, "", examples, target="f1", seed=SEED)
            if not isinstance(code, LeftOut):
                scores = rows[score] @ code.weights + code.intercept
                said[score] = code.probability(scores) >= code.threshold
            elif recipe.rules:
                said[score] = self.by_rules[category][score]
        return said


def categories(gold: Sequence[Sentence]) -> dict[str, float]:
    """Return the mean F1 of categories, of rules and of models: on all sentences, and on those kept aside."""
    these = Categories(gold)
    every, aside = np.ones(len(gold), dtype=np.bool_), np.zeros(len(gold), dtype=np.bool_)
    aside[random.Random(ASIDE_SEED).sample(range(len(gold)), ASIDE)] = True
    print(
        f"\n{len(gold)} sentences of {len(set(these.clusters))} documents; in brackets the {ASIDE} kept aside"
    )
    print(" " * 20 + "".join(f"{name:>21}" for name in [*these.names, "mean"]))
    means = {}
    for name in ("rules", *RECIPES):
        said = {
            (code, reader): these.said(RECIPES[name], code, reader)
            if name in RECIPES
            else these.by_rules[code]
            for code, reader in these.read
        }
        rows = these.f1(said, every), these.f1(said, aside)
        print(
            f"{name:20}"
            + "".join(f"{f'{one:.3f} ({other:.3f})':>21}" for one, other in zip(*rows, strict=True))
        )
        means[name] = rows[0][-1], rows[1][-1]
    best = max(RECIPES, key=lambda name: means[name])
    print(f"the best of the models looks at {best}")
    return {
        "category_f1_rules": means["rules"][0],
        "category_f1_best": means[best][0],
        "category_f1_rules_aside": means["rules"][1],
        "category_f1_best_aside": means[best][1],
    }


def speed(double: DoubleCoded) -> dict[str, float]:
    """Return how many sentences a second a model reads by their words, and times scikit-learn's."""
    tagger = double.learned(np.arange(len(double.documents)), WORDS)
    texts = [double.documents[i % len(double.documents)].text for i in range(N_READ)]
    documents = [Document(str(i), text) for i, text in enumerate(texts)]
    theirs = peer(tagger, [one.text for one in double.documents])

    def ours() -> Floats:
        return np.concatenate([each.probabilities[:, 0] for each in tagger.foresee(documents)])

    ours()
    rounds = []
    for _ in range(3):
        slow, expected = timed(lambda: theirs(texts))
        fast, probabilities = timed(ours)
        assert np.abs(probabilities - expected).max() < 2e-6, "the two sides differ"
        rounds.append((fast, slow))
    found = {
        "predict_per_s": statistics.median(N_READ / fast for fast, _ in rounds),
        "predict_ratio": statistics.median(slow / fast for fast, slow in rounds),
    }
    print(f"\n{found['predict_per_s']:,.0f} sentences a second by their words")
    print(f"{found['predict_ratio']:.1f} times what scikit-learn's vectorizers do")
    return found


def peer(tagger: LearnedTagger, texts: Sequence[str]) -> Callable[[Sequence[str]], Floats]:
    """Return what gives the same probabilities with scikit-learn's vectorizers."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(texts)
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True).fit(texts)
    code = tagger.model.codes[0]
    features = [*words.get_feature_names_out(), *runs.get_feature_names_out()]
    assert tagger.model.vocabulary is not None
    assert features == list(tagger.model.vocabulary.names), "the two sides look at other features"

    def probabilities(read: Sequence[str]) -> Floats:
        rows = hstack([words.transform(read), runs.transform(read)], format="csr")
        return code.probability(rows @ code.weights + code.intercept)

    return probabilities


def timed(run: Callable[[], Floats]) -> tuple[float, Floats]:
    """Run something; return the processor's seconds and what it returned."""
    begun = time.process_time()
    found = run()
    return time.process_time() - begun, found


def f1(said: Bools, bears: Bools) -> float:
    """Return F1, 0 if nothing is said and nothing borne."""
    return 2 * int((said & bears).sum()) / max(1, int(said.sum() + bears.sum()))


def _lines(folder: Path, coder: str) -> dict[str, dict]:
    (path,) = folder.glob(f"*_coder-{coder}.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {each["id"]: each for each in lines}


def _bears(sentences: Sequence[Mapping]) -> Bools:
    return np.array([any(code == WRITTEN for *_, code in each["label"]) for each in sentences])


if __name__ == "__main__":
    main()
