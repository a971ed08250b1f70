"""How many units people have to read until a model is nearly as good as one that learned from all.

    python docs/methods/choosing_simulation.py --data DIR [--runs N]

DIR holds `double_coded/` and `coded_sentences/`, sentences that people have coded. A third of the clusters is
kept apart to try models on. Of the others a few are read at random; then again and again a model learns from
what is read (`LearnedTagger.fit`) and some more are read: those of `coding.choosing.choose`, as `coding
suggest` has them, at random, or those of which the model is least sure and nothing else. What people say is
known of all of them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

import coding
from coding.choosing import choose
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.taggers import tag
from coding.taggers.learned import LearnedTagger
from coding.taggers.rules import RuleTagger

READER = "reader"
GOAL = 0.9  # of the figure of a model that learned from all
SMOOTH = 3  # steps over which a figure is averaged before it is held to the goal
Floats = NDArray[np.float64]
Run = tuple[tuple[float, float], dict[str, list[tuple[float, float]]]]
Next = Callable[["World", LearnedTagger, frozenset[str], int, int], list[str]]


@dataclass(frozen=True)
class World:
    """Sentences, each a document, with what a person gave them.

    Attributes
    ----------
    bears : for each document the codes
    first, batch, most : sentences read at random to begin with, in each step, and when to stop
    """

    name: str
    corpus: Corpus
    codebook: Codebook
    codes: tuple[str, ...]
    bears: dict[str, frozenset[str]]
    rules: Coded
    first: int
    batch: int
    most: int

    def read(self, among: frozenset[str]) -> Coded:
        """Return what the reader coded in some documents."""
        documents = [d for d in self.corpus if d.id in among]
        segments = [
            CodedSegment(f"{d.id} {code}", d.whole, code, self.codebook[code].meaning, READER)
            for d in documents
            for code in sorted(self.bears[d.id])
        ]
        return Coded(tuple(segments), tuple(Reading(READER, d.whole) for d in documents))

    def part(self, among: frozenset[str]) -> World:
        """Return the same of some documents alone."""
        kept = Corpus(tuple(d for d in self.corpus if d.id in among), self.corpus.known_cases)
        rules = Coded(
            tuple(s for s in self.rules.segments if s.segment.document in among),
            tuple(r for r in self.rules.readings if r.segment.document in among),
        )
        return World(
            self.name, kept, self.codebook, self.codes, self.bears, rules, self.first, self.batch, self.most
        )


def by_choice(world: World, tagger: LearnedTagger, read: frozenset[str], n: int, seed: int) -> list[str]:
    """Return what `coding suggest` chooses."""
    return _chosen(world, tagger, read, n, seed, share=0.2)


def by_choice_alone(
    world: World, tagger: LearnedTagger, read: frozenset[str], n: int, seed: int
) -> list[str]:
    """Return what it chooses if nothing is drawn by chance."""
    return _chosen(world, tagger, read, n, seed, share=0.0)


def by_chance(world: World, _: LearnedTagger | None, read: frozenset[str], n: int, seed: int) -> list[str]:
    """Return units at random."""
    left = [d.id for d in world.corpus if d.id not in read]
    random = np.random.default_rng((seed, len(read)))
    return [left[i] for i in random.permutation(len(left))[:n]]


def by_doubt(world: World, tagger: LearnedTagger, read: frozenset[str], n: int, _: int) -> list[str]:
    """Return the units with a probability nearest the threshold, of whatever code."""
    left = Corpus(tuple(d for d in world.corpus if d.id not in read), world.corpus.known_cases)
    (some,) = tagger.foresee(left)
    thresholds = np.array([each.threshold for each in tagger.model.codes])
    away = np.abs(some.probabilities - thresholds).min(1)
    return [some.units[i].document for i in np.argsort(away, kind="stable")[:n]]


def _chosen(
    world: World, tagger: LearnedTagger, read: frozenset[str], n: int, seed: int, *, share: float
) -> list[str]:
    n_cases = len({d.variables["donor"] for d in world.corpus})
    choice = choose(
        tagger,
        world.corpus,
        people=world.read(read),
        rules=world.rules,
        name="next",
        coder=tagger.model.name,
        readers=[READER],
        codes=world.codes,
        by="donor",
        n=n,
        share=max(share, n_cases / n) if share else 0.0,  # one at least of each case
        seed=seed,
    )
    return [one.segment.document for one in choice.sample.drawn]


WAYS: dict[str, Next] = {
    "chosen": by_choice,
    "chosen, nothing by chance": by_choice_alone,
    "unsure alone": by_doubt,
    "at random": by_chance,
}


def learned(world: World, read: frozenset[str], seed: int) -> LearnedTagger | None:
    """Return a model that has learned from what is read; None if nothing can be learned."""
    try:
        return LearnedTagger.fit(
            world.read(read),
            world.corpus,
            world.codebook,
            unit="document",
            counts="any",
            rollup=False,
            target="f1",
            seed=seed,
            codes=world.codes,
        )
    except CodingError:
        return None


def tried(tagger: LearnedTagger | None, test: World) -> tuple[float, float]:
    """Return F1 and average precision on the sentences kept apart, both means over the codes."""
    if tagger is None:
        return 0.0, 0.0
    (some,) = tagger.foresee(test.corpus)
    place = {each.code: i for i, each in enumerate(tagger.model.codes)}
    found = []
    for code in test.codes:
        bears = np.array([code in test.bears[unit.document] for unit in some.units])
        if code not in place:
            found.append((0.0, float(bears.mean())))
            continue
        given = some.probabilities[:, place[code]]
        said = given >= tagger.model.codes[place[code]].threshold
        f1 = 2 * (said & bears).sum() / max(1, said.sum() + bears.sum())
        found.append((float(f1), float(average_precision_score(bears, given)) if bears.any() else 0.0))
    f1, precision = np.mean(found, axis=0)
    return float(f1), float(precision)


def curves(world: World, seed: int) -> Run:
    """Return F1 and average precision with all that can be read, and after each step of each way."""
    random = np.random.default_rng(seed)
    names = sorted({d.cluster for d in world.corpus})
    apart = {names[i] for i in random.permutation(len(names))[: len(names) // 3]}
    test = world.part(frozenset(d.id for d in world.corpus if d.cluster in apart))
    pool = world.part(frozenset(d.id for d in world.corpus if d.cluster not in apart))
    everything = frozenset(d.id for d in pool.corpus)
    best = tried(learned(pool, everything, seed), test)
    first = frozenset(by_chance(pool, None, frozenset(), world.first, seed))
    made: dict[str, list[tuple[float, float]]] = {}
    for name, way in WAYS.items():
        read, figures = first, []
        while True:
            tagger = learned(pool, read, seed)
            figures.append(tried(tagger, test))
            if len(read) + world.batch > min(world.most, len(everything)):
                break
            read |= frozenset(
                by_chance(pool, tagger, read, world.batch, seed)
                if tagger is None
                else way(pool, tagger, read, world.batch, seed)
            )
        made[name] = figures
    return best, made


def social_groups(folder: Path) -> World:
    """Return 1,389 sentences of manifestos with the social groups that one person found in them."""
    path = folder / "double_coded" / "uk-manifestos-r1_coder-a.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    corpus = Corpus(tuple(Document(line["id"], line["text"], {"donor": "uk"}) for line in lines))
    book = Codebook("groups", "1.0.0", (Code("social-group", "Social group", "People of a kind."),))
    bears = {
        line["id"]: frozenset(
            {"social-group"} if any(code == "social group" for *_, code in line["label"]) else ()
        )
        for line in lines
    }
    return World("social group", corpus, book, ("social-group",), bears, Coded(), 40, 20, 600)


def categories(folder: Path) -> World:
    """Return 316 sentences of speeches and strategies with the six categories, by the first reader."""
    path = folder / "coded_sentences" / "sentences.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    donors = {
        "Australia": "australia",
        "Japan": "japan",
        "Singapore": "singapore",
        "South Korea": "south-korea",
    }
    documents = tuple(
        Document(line["id"], line["text"], {"donor": donors[line["donor"]], "family": line["document"]})
        for line in lines
    )
    project = coding.Project.open()
    book = project.codebook("constructivist")
    corpus = Corpus(documents, project.corpus.known_cases)
    rules = tag(corpus, [RuleTagger(book, overlap="longest")])
    codes = tuple(code.id for code in book.children(None) if code.id in book.families["category"])
    bears = {line["id"]: frozenset(line["readers"]["reader-a"]["codes"]) & frozenset(codes) for line in lines}
    return World("six categories", corpus, book, codes, bears, rules, 60, 15, 195)


def needed(figures: Floats, goal: float, world: World) -> float:
    """Return after how many sentences the mean of three steps reaches a goal; infinite if it never does."""
    for i in range(len(figures)):
        if figures[max(0, i - SMOOTH + 1) : i + 1].mean() >= goal:
            return world.first + i * world.batch
    return np.inf


def rows(world: World, runs: list[Run]) -> Iterator[str]:
    """Yield a row of Markdown for each way of choosing.

    Of F1, then of average precision: after how many sentences the mean of all runs reaches the goal, the
    median over runs and in how many it never does; the figure after a quarter and half of the steps and all;
    its mean over all steps less that of reading at random in the same run, with its standard error.
    """
    best = np.array([full for full, _ in runs])
    length = min(len(figures) for _, made in runs for figures in made.values())
    by_way = {way: np.array([made[way][:length] for _, made in runs]) for way in WAYS}
    steps = (length // 4, length // 2, length - 1)
    for way, figures in by_way.items():
        cells = []
        for k in range(2):
            each = [needed(one[:, k], GOAL * best[run, k], world) for run, one in enumerate(figures)]
            whole = needed(figures[:, :, k].mean(0), GOAL * best[:, k].mean(), world)
            gain = (figures[:, :, k] - by_way["at random"][:, :, k]).mean(1)
            error = gain.std(ddof=1) / np.sqrt(len(runs)) if len(runs) > 1 else np.nan
            cells += [
                _count(whole),
                f"{_count(float(np.median(each)))} ({int(np.isinf(each).sum())})",
                *(f"{figures[:, i, k].mean():.2f}" for i in steps),
                "" if way == "at random" else f"{gain.mean():+.3f} ± {error:.3f}",
            ]
        yield " | ".join(["", world.name, way, *cells, ""]).strip()
    counts = ", ".join(str(world.first + i * world.batch) for i in steps)
    full = " and ".join(f"{value:.2f}" for value in best.mean(0))
    yield f"{world.name}: {len(runs)} runs; figures after {counts} sentences; with all read {full}."


def _count(n: float) -> str:
    return "never" if np.isinf(n) else f"{n:.0f}"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=10)
    asked = parser.parse_args()
    for world in (social_groups(asked.data), categories(asked.data)):
        for row in rows(world, [curves(world, seed) for seed in range(asked.runs)]):
            print(row, flush=True)


if __name__ == "__main__":
    main()
