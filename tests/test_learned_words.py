"""Texts as numbers: those of scikit-learn, in any script, whatever was seen before."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from coding.taggers.learned.words import Weigher, learn_vocabulary

WORDS = (
    "norm", "norms", "Norm", "promoter", "PROMOTER", "a", "I", "ΣΑΣ", "σας", "İstanbul", "straße", "don't",
    "state-of-the-art", "e\u0301te\u0301", "été", "x_y", "2015", "3", "日本は", "日本", "平和を築く。", "한국은", "훈련한다",
    "👩🏽‍💻", "🙂", "\u0301", "«norm»", "norm,norm", "ﬁn", "ǅ", "\ud800", "...",
)  # fmt: skip
SPACES = (
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2003 ", "\u2028", "\x0b", "\x1f", "\x85", "\u200b",
    "",
)  # fmt: skip
written = st.lists(
    st.tuples(st.sampled_from(WORDS) | st.text(max_size=6), st.sampled_from(SPACES)), max_size=9
).map(lambda parts: "".join(word + space for word, space in parts))
corpora = st.lists(written, min_size=2, max_size=8)


def by_scikit_learn(texts, tried):
    """Return the names and rows that scikit-learn gives, words then runs; None where it finds no feature."""
    found = []
    for settings_ in ({"ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (3, 5)}):
        vectorizer = TfidfVectorizer(min_df=2, sublinear_tf=True, **settings_)
        try:
            vectorizer.fit(texts)
        except ValueError:  # it refuses to learn nothing
            found.append(((), np.zeros((len(tried), 0))))
            continue
        found.append((tuple(vectorizer.get_feature_names_out()), vectorizer.transform(tried).toarray()))
    return found


@settings(max_examples=300)
@given(corpora, corpora)
def test_features_and_weights_are_those_of_scikit_learn(texts, others):
    tried = [*texts, *others, ""]
    vocabulary = learn_vocabulary(texts)
    blocks = Weigher(vocabulary).blocks(tried)
    for (names, rows), ours, block in zip(
        by_scikit_learn(texts, tried), (vocabulary.words, vocabulary.runs), blocks, strict=True
    ):
        assert ours == names
        assert np.allclose(block.toarray(), rows, rtol=0, atol=1e-12)


def test_a_real_page_has_the_features_of_scikit_learn():
    sentences = [
        f"Norland {verb} norms of {what}; it {verb} them with {number} partners, 日本は{what}を話す。"
        for number, verb in enumerate(("promotes", "teaches", "bridges", "shares"))
        for what in ("peace", "trade", "human security", "the rule of law")
    ]
    vocabulary = learn_vocabulary(sentences)
    ours = hstack(Weigher(vocabulary).blocks(sentences)).toarray()
    (words, word_rows), (runs, run_rows) = by_scikit_learn(sentences, sentences)
    assert vocabulary.names == (*words, *runs)
    assert len(vocabulary) == len(words) + len(runs) > 300
    assert np.allclose(ours, np.hstack([word_rows, run_rows]), rtol=0, atol=1e-12)


@given(corpora, corpora, st.randoms())
def test_the_same_text_has_the_same_row_whatever_was_seen_before(texts, before, chance):
    vocabulary = learn_vocabulary(texts)
    fresh = Weigher(vocabulary).blocks(texts)
    used = Weigher(vocabulary)
    used.blocks(before)
    used.blocks(chance.sample(texts, len(texts)))
    for first, second in zip(fresh, used.blocks(texts), strict=True):
        for part in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(first, part), getattr(second, part))


@given(corpora)
def test_a_text_among_others_has_the_row_that_it_has_alone(texts):
    weigher = Weigher(learn_vocabulary(texts))
    whole = [block.toarray() for block in weigher.blocks(texts)]
    for i, text in enumerate(texts):
        for block, alone in zip(whole, weigher.blocks([text]), strict=True):
            assert np.array_equal(block[[i]], alone.toarray())


@given(corpora)
def test_a_row_has_length_one_or_holds_nothing(texts):
    for block in Weigher(learn_vocabulary(texts)).blocks(texts):
        lengths = np.sqrt((block.toarray() ** 2).sum(1))
        assert np.all(np.isclose(lengths, 1) | (lengths == 0))


@given(corpora)
def test_a_pair_never_reaches_from_one_text_into_the_next(texts):
    joined = ["end", "begin", *texts]
    vocabulary = learn_vocabulary(["end begin", "end begin"])
    found = Weigher(vocabulary).blocks(joined)[0].toarray()
    pair = vocabulary.words.index("end begin")
    assert found[0, pair] == found[1, pair] == 0


@given(corpora)
def test_the_order_of_texts_does_not_matter_to_what_is_learned(texts):
    first, second = learn_vocabulary(texts), learn_vocabulary(texts[::-1])
    assert first.names == second.names
    assert np.array_equal(first.word_weights, second.word_weights)
    assert np.array_equal(first.run_weights, second.run_weights)


@pytest.mark.parametrize("texts", [[], [""], ["", " \r\n\t"], ["a", "I"]])
def test_texts_without_words_give_rows_without_words(texts):
    vocabulary = learn_vocabulary(texts)
    words, runs = Weigher(vocabulary).blocks(texts)
    assert words.shape == (len(texts), len(vocabulary.words))
    assert vocabulary.words == ()
    assert runs.shape == (len(texts), len(vocabulary.runs))


def test_no_texts_have_no_rows():
    words, runs = Weigher(learn_vocabulary(["a norm", "a norm"])).blocks([])
    assert (words.shape[0], runs.shape[0]) == (0, 0)


BYTES = """
import hashlib
from coding.taggers.learned.words import Weigher, learn_vocabulary
texts = [f"norm {i % 7} promoter 日本 한국 word{i % 5} teaches{i % 3} again and again" for i in range(60)]
blocks = Weigher(learn_vocabulary(texts)).blocks(texts)
parts = [p.tobytes() for b in blocks for p in (b.data, b.indices, b.indptr)]
print(hashlib.sha256(b"".join(parts)).hexdigest())
"""


def test_rows_are_the_same_in_every_process():
    said = {
        subprocess.run(
            [sys.executable, "-c", BYTES],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
