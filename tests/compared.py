"""Small matrices of three cases in which every share is known, for tests of contrasts and ranks."""

import numpy as np
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.findings import ClusterSums
from coding.matrix import tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded

BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "d"),
        Code("act", "Act", "d"),
        Code("aim", "Aim", "d"),
        Code("aim.peace", "Peace", "d", parent="aim"),
        Code("aim.trade", "Trade", "d", parent="aim"),
    ),
    families={"category": ("role", "act"), "aim": ("aim",)},
)
NAMES = {"n": "Norland", "s": "Sudland", "w": "Westland"}
RULES = Coder("rules", "rules")
# What each letter of a document's sentences bears; R and A are a role and an act without an aim.
CODES = {
    "P": ("aim.peace",), "T": ("aim.trade",), "B": ("aim.peace", "aim.trade"), "R": ("role",), "A": ("act",),
    "p": ("role", "aim.peace"), "t": ("role", "aim.trade"), "-": (),
}  # fmt: skip


def matrix(documents, weight="unit"):
    """Make a matrix of documents, by name `case/name` or `case/name=family`.

    A value is a letter for each sentence; or, for a document about several cases, a list of the cases that a
    sentence names and its letter: `[("ns", "P"), ("s", "T")]`.
    """
    texts, letters = [], {}
    for name, said in documents.items():
        sentences = [("", letter) for letter in said] if isinstance(said, str) else said
        words = [
            f"{' and '.join(NAMES[c] for c in cases) or 'Sentence'} {i}."
            for i, (cases, _) in enumerate(sentences)
        ]
        variables = {"donor": name[0]} | ({"family": name.partition("=")[2]} if "=" in name else {})
        if not isinstance(said, str):
            variables["about"] = tuple(sorted({c for cases, _ in sentences for c in cases}))
        texts.append(Document(name, " ".join(words), variables))
        letters[name] = list(zip(words, (letter for _, letter in sentences), strict=True))
    cases = {c: Case(c, NAMES[c], aliases=(NAMES[c],)) for c in NAMES if any(c in d.id[0] for d in texts)}
    corpus = Corpus(tuple(texts), cases)
    segments = []
    for document in texts:
        for words, letter in letters[document.id]:
            start = document.text.index(words)
            place = document.segment(start, start + len(words) - 1)
            segments += [machine_coded(place, BOOK[code], RULES, "r") for code in CODES[letter]]
    coded = Coded(tuple(segments), tuple(Reading("rules", d.whole, kind="rules") for d in texts))
    return tabulate(
        coded, corpus, BOOK, by="donor", measure="share", unit="sentence", counts="any", weight=weight,
        rollup=True, implies=False,
    )  # fmt: skip


def sums(pairs, prefix="", n_shared=0, *, is_of_searched=False):
    """Make a side from (bearing, base) of each cluster; the first `n_shared` lie on both sides."""
    y, x = np.array(pairs, dtype=float).reshape(-1, 2).T
    names = tuple(f"shared {i}" if i < n_shared else f"{prefix}{i}" for i in range(len(pairs)))
    return ClusterSums(names, y, x, int(y.sum()), int(x.sum()), is_of_searched)


cluster = st.integers(1, 8).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
clusters = st.lists(cluster, min_size=2, max_size=12)


@st.composite
def two_sides(draw):
    first, second = draw(clusters), draw(clusters)
    n_shared = draw(st.integers(0, min(len(first), len(second))))
    searched = draw(st.booleans())
    return (
        sums(first, "a", n_shared, is_of_searched=searched),
        sums(second, "b", n_shared, is_of_searched=searched),
    )


letters = st.text(st.sampled_from("PTB-pt"), min_size=1, max_size=5)


@st.composite
def corpora(draw, cases="nsw", most=4):
    """Draw the documents of some cases, some of them in a common family, and one about all cases."""
    documents = {}
    for case in cases:
        for i in range(draw(st.integers(1, most))):
            documents[f"{case}/{i}{draw(st.sampled_from(['', '=x', f'={case}']))}"] = draw(letters)
    named = st.lists(st.sampled_from(cases), min_size=1, unique=True).map("".join)
    shared = draw(st.lists(st.tuples(named, st.sampled_from("PT-p")), max_size=5))
    if shared:
        documents[f"{cases[0]}/shared"] = [*shared, (cases, "-")]
    return documents
