"""The examples of a suggestion are the nearest units that people have read, with its code and without."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError, StaleText
from coding.examples import DIGITS, Examples
from coding.model import Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.taggers.learned import LearnedTagger, Recipe
from coding.units import unitise

BRIDGE = Rule("joins", "phrase", ("bridge",), matches=(Example("A bridge."),))
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "What it is for others."),
        Code("role.bridge", "Bridge", "It joins.", parent="role", rules=(BRIDGE,)),
        Code("training", "Training", "It trains."),
    ),
)
WORDS = (
    "a bridge joins both 🙂 sides", "trains the police", "it rains on the sea", "peace e\u0301ternal",
    "日本は平和を築く", "as it was", "in the year", "of the north",
)  # fmt: skip


def written(seed):
    """Return a text of sentences, of which some are said twice."""
    chance = random.Random(seed)
    said = [" ".join(chance.sample(WORDS, 3)) for _ in range(6)]
    return " ".join(f"{each.capitalize()}." for each in (*said, said[0]))


CORPUS = Corpus(tuple(Document(f"d{i}", written(i), {"donor": "norland"}) for i in range(12)))
UNITS = tuple(unit for document in CORPUS for unit in unitise(document, "sentence"))


def coded_by(coder, *documents, code="role.bridge", word="bridge"):
    """Return what a coder makes of documents: a sentence with the word bears the code, all are read."""
    segments = []
    for name in documents:
        text = CORPUS[name].text
        for unit in unitise(CORPUS[name], "sentence"):
            if word in text[unit.start : unit.end]:
                start = text.index(word, unit.start)
                place = CORPUS[name].segment(start, start + len(word))
                segments.append(CodedSegment(f"{coder}{name}{start}", place, code, BOOK[code].meaning, coder))
    return Coded(tuple(segments), tuple(Reading(coder, CORPUS[name].whole) for name in documents))


ALL = coded_by("anna", *(document.id for document in CORPUS))


def fitted(recipe, vectors=None):
    return LearnedTagger.fit(
        ALL, CORPUS, BOOK, unit="sentence", counts="any", rollup=True, target="f1", seed=1,
        codes=["role.bridge", "role"], recipe=recipe, vectors=vectors,
    )  # fmt: skip


class Numbers:
    """Three numbers for each text, in place of sentence vectors."""

    id = "whether it has three words"

    def __call__(self, texts):
        return np.array([[float(word in text) for word in ("bridge", "police", "year")] for text in texts])


@pytest.fixture(scope="module")
def tagger():
    return fitted(Recipe())


@pytest.fixture(scope="module")
def examples(tagger):
    return Examples(tagger, ALL, CORPUS)


def words(segment):
    return CORPUS[segment.document].quote(segment)


def seen(tagger):
    """Return each unit with the row that the model sees of it."""
    return {
        unit: row
        for some in tagger.foresee(CORPUS)
        for unit, row in zip(some.units, some.looked.rows().toarray(), strict=True)
    }


@given(data=st.data())
@settings(max_examples=40)
def test_the_nearest_are_those_that_scikit_learn_finds_in_what_the_model_sees(tagger, data):
    names = [document.id for document in CORPUS]
    by_anna, by_ben = (data.draw(st.sets(st.sampled_from(names), min_size=low)) for low in (1, 0))
    coded = coded_by("anna", *sorted(by_anna)) + coded_by("ben", *sorted(by_ben))
    asked, most = data.draw(st.lists(st.sampled_from(UNITS), max_size=5)), data.draw(st.integers(1, 9))
    rows = seen(tagger)
    read = [unit for unit in UNITS if unit.document in by_anna | by_ben]
    found = Examples(tagger, coded, CORPUS).nearest(asked, "role.bridge", most=most)
    assert len(found) == len(asked)
    for unit, near in zip(asked, found, strict=True):
        cosines = cosine_similarity([rows[unit]], [rows[each] for each in read])[0].round(DIGITS)
        ordered = sorted(zip(-cosines, range(len(read)), read, strict=True))
        others = [(each, -cosine) for cosine, _, each in ordered if each != unit and cosine < 0]
        for bears in (True, False):
            wanted = [(each, value) for each, value in others if ("bridge" in words(each)) == bears][:most]
            assert [(e.segment, e.nearness) for e in near if e.bears == bears] == [
                (each, pytest.approx(value)) for each, value in wanted
            ]
        assert [e.bears for e in near] == sorted((e.bears for e in near), reverse=True)


def test_a_unit_is_no_example_of_itself_nor_of_words_inside_it(examples):
    (near,) = examples.nearest([UNITS[0]], "role", most=99)
    assert UNITS[0] not in [each.segment for each in near]
    inside = CORPUS["d0"].segment(UNITS[0].start + 2, UNITS[0].end - 2)
    assert UNITS[0] not in [each.segment for each in examples.nearest([inside], "role", most=99)[0]]


def test_the_same_words_elsewhere_are_an_example_and_said_to_be_the_same(examples):
    for unit in UNITS:
        (near,) = examples.nearest([unit], "role", most=99)
        again = [each for each in near if words(each.segment) == words(unit)]
        assert [each for each in near if each.is_same] == again
        assert {each.nearness for each in again} <= {1.0}
        assert len(again) == sum(words(each) == words(unit) for each in UNITS) - 1


def test_many_are_answered_as_each_alone(examples):
    many = UNITS * 3
    assert examples.nearest(many, "role") == tuple(examples.nearest([unit], "role")[0] for unit in many)


def test_who_gave_the_code_is_named_and_without_it_who_read_for_it(tagger):
    whole, judged = CORPUS["d1"].whole, Reading("cara", CORPUS["d1"].whole, ("training",))
    silent = Coded((), (Reading("ben", whole), judged))
    two = Examples(tagger, coded_by("anna", "d1") + silent, CORPUS)
    for example in two.nearest([UNITS[0]], "role", most=99)[0]:
        assert example.coders == (("anna",) if example.bears else ("anna", "ben"))


def test_whoever_accepted_a_machines_word_stands_for_it(tagger):
    place = next(unit for unit in unitise(CORPUS["d2"], "sentence") if "bridge" in words(unit))
    given = machine_coded(
        place, BOOK["role.bridge"], Coder("first", "model"), "bridge", meaning=BOOK["role.bridge"].meaning
    )
    accepted = Coded((given,), (Reading("ben", place, ("role.bridge",), blind=False),))
    ((example,),) = Examples(tagger, accepted, CORPUS).nearest([UNITS[0]], "role.bridge")
    assert (example.segment, example.bears, example.coders) == (place, True, ("ben",))


def test_what_machines_alone_have_read_is_no_example(tagger):
    rules = tuple(Reading("rules", document.whole, kind="rules") for document in CORPUS)
    near = Examples(tagger, coded_by("anna", "d1") + Coded((), rules), CORPUS).nearest(UNITS, "role", most=99)
    assert {each.segment.document for some in near for each in some} == {"d1"}
    with pytest.raises(CodingError, match="nobody has read"):
        Examples(tagger, Coded((), rules), CORPUS)


def test_a_code_above_is_borne_by_what_bears_the_one_below(examples):
    for above, below in zip(
        examples.nearest(UNITS, "role"), examples.nearest(UNITS, "role.bridge"), strict=True
    ):
        assert above == below


def test_a_code_that_was_not_learned_names_the_nearest(examples):
    with pytest.raises(CodingError, match="has not learned 'roel'. Did you mean 'role'"):
        examples.nearest(UNITS, "roel")


def test_a_text_that_has_changed_is_refused(tagger, examples):
    other = Document("d0", "Another text.").whole
    with pytest.raises(StaleText):
        examples.nearest([other], "role")
    changed = Corpus((Document("d0", "Another text."), *CORPUS.documents[1:]))
    with pytest.raises(StaleText):
        Examples(tagger, ALL, changed)


def test_without_words_vectors_are_compared_and_with_words_they_are_not_asked():
    bare = fitted(Recipe(words=False, embeddings=True), Numbers())
    found = Examples(bare, ALL, CORPUS, vectors=Numbers()).nearest(UNITS, "role", most=99)
    vectors = dict(zip(UNITS, Numbers()([words(unit) for unit in UNITS]), strict=True))
    for unit, near in zip(UNITS, found, strict=True):
        for each in near:
            cosine = cosine_similarity([vectors[unit]], [vectors[each.segment]])[0, 0]
            assert each.nearness == pytest.approx(cosine, abs=1e-6)
    with pytest.raises(CodingError, match="none are given"):
        Examples(bare, ALL, CORPUS)
    assert Examples(fitted(Recipe(embeddings=True), Numbers()), ALL, CORPUS).nearest(UNITS, "role")


def test_where_a_model_looks_at_rules_alone_nothing_is_near():
    with pytest.raises(CodingError, match="nothing is near"):
        Examples(fitted(Recipe(words=False, rules=True)), ALL, CORPUS)


@pytest.mark.usefixtures("vectors")
def test_kept_vectors_are_taken_and_none_is_made(tmp_path):
    from coding.taggers.learned.vectors import COLUMNS, sentence_vectors

    made = sentence_vectors(tmp_path)
    kept = sentence_vectors(tmp_path, makes=False)
    with pytest.raises(CodingError, match="1 texts have no sentence vector yet"):
        kept(["a bridge", "a bridge"])
    given = np.arange(COLUMNS, dtype=np.float32)
    made._shelf.put({made._digest("a bridge"): given})
    assert kept(["a bridge", "a bridge"]).tolist() == [given.tolist()] * 2
    with pytest.raises(CodingError, match="1 texts have no"):
        kept(["a bridge", "a road"])
    assert list(tmp_path.iterdir()) == [tmp_path / "vectors.db"]
