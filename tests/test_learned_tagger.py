"""A model as a coder: it codes units, says with what probability and why, and is silent where it abstains."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coding.taggers.learned as learned_tagger
from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError, StaleText
from coding.model import Case, Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.project import Project
from coding.store import Store
from coding.suggesting import keep
from coding.taggers import tag
from coding.taggers.learned import LearnedTagger, Recipe
from coding.taggers.learned.training import training_set
from coding.taggers.rules import RuleTagger
from coding.units import ABSENT, PRESENT, UNREAD, counting, on_units, unitise

BRIDGE = Rule("joins", "phrase", ("bridge",), matches=(Example("A bridge."),))
CODES = (
    Code("role", "Role", "What it is for others."),
    Code("role.bridge", "Bridge", "It joins.", parent="role", rules=(BRIDGE,)),
    Code("training", "Training", "It trains."),
    Code("peace", "Peace", "It speaks of peace."),
)
BOOK = Codebook("book", "1.0.0", CODES)
CASES = {"norland": Case("norland", "Norland"), "japan": Case("japan", "Japan", aliases=("日本",))}
SAID = {
    "role.bridge": ("It is a bridge between two sides.", "A bridge joins both 🙂 sides."),
    "training": ("It trains 👩🏽‍💻 police officers.", "Training of officers goes on.", "한국은 경찰을 훈련한다."),
    "peace": ("Peace is what it seeks.", "日本は平和を築く。", "It builds peace e\u0301ternal."),
    "": ("The weather was fine.", "Money was counted.", "It rains.", "Roads were long.", "天気がよい。", "날씨가 좋다."),
}  # fmt: skip
SPACES = (" ", "\r\n\r\n", "\n\n", "\u00a0 ", "  ")


def written(seed, *, n=30):
    """Return a text of sentences in several scripts."""
    chance = random.Random(seed)
    return "".join(
        chance.choice(SAID[chance.choice(list(SAID))]) + chance.choice(SPACES) for _ in range(n)
    ).strip()


CORPUS = Corpus(
    tuple(
        Document(
            f"{donor}/{i}",
            written(f"{donor}{i}"),
            {"donor": donor, **({"family": "both"} if i < 2 else {})},
        )
        for donor in CASES
        for i in range(5)
    ),
    CASES,
)
NEW = Corpus(
    tuple(Document(f"norland/new{i}", written(f"new{i}"), {"donor": "norland"}) for i in range(4)), CASES
)
RECIPES = {
    "words": Recipe(),
    "context": Recipe(context=True),
    "rules": Recipe(words=False, rules=True),
    "words and rules": Recipe(rules=True),
    "embeddings": Recipe(words=False, embeddings=True),
    "all": Recipe(context=True, rules=True, embeddings=True),
}


class Vectors:
    """Three numbers for each text: whether it has these words."""

    id = "three words"

    def __call__(self, texts):
        return np.array([[float(word in text) for word in ("bridge", "eace", "rain")] for text in texts])


vectors = Vectors()


def by_anna(corpus=CORPUS, *, book=BOOK, codes=None, whole=True, documents=None):
    """Return what anna read and coded: every unit that says what the code is about."""
    segments, readings = [], []
    for document in corpus:
        if documents is not None and document.id not in documents:
            continue
        if whole:
            readings.append(Reading("anna", document.whole, codes))
        for unit in unitise(document, "sentence"):
            for code, said in SAID.items():
                if code and (codes is None or code in codes) and document.quote(unit) in said:
                    name = f"{document.id}{unit.start}{code}"
                    segments.append(CodedSegment(name, unit, code, book[code].meaning, "anna"))
    return Coded(tuple(segments), tuple(readings))


ASKED = {"unit": "sentence", "counts": "any", "rollup": False, "target": "f1", "seed": 1}


def trained(coded=None, corpus=CORPUS, book=BOOK, **asked):
    recipe = asked.get("recipe", Recipe())
    given_vectors = {"vectors": vectors} if recipe.embeddings else {}
    return LearnedTagger.fit(
        by_anna(corpus) if coded is None else coded, corpus, book, **(ASKED | given_vectors | asked)
    )


@pytest.fixture(scope="module")
def tagger():
    return trained()


def projected(coded, corpus, *, book=BOOK, rollup=False):
    targets = counting(book, [code.id for code in book.codes], rollup=rollup)
    return on_units(coded, corpus, unit="sentence", counts="any", counts_for=targets)


def unsure(tagger):
    """Return the tagger with a wide band: most units lie in it for one of its codes."""
    codes = tuple(
        replace(each, low=low, threshold=0.9)
        for each, low in zip(tagger.model.codes, (0.0, 0.05, 0.5), strict=True)
    )
    return LearnedTagger(replace(tagger.model, codes=codes), BOOK, cases=CASES)


# What it says


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_learns_what_people_coded(name):
    tagger = trained(recipe=RECIPES[name])
    found = projected(tagger.tag(NEW), NEW)
    wanted = projected(by_anna(NEW), NEW)
    code = "role.bridge"
    assert code in {each.code for each in tagger.model.codes}
    said, meant = found.column(code) == PRESENT, wanted.column(code) == PRESENT
    assert (said & meant).sum() / max((said | meant).sum(), 1) > 0.9


def test_a_segment_is_a_unit_with_its_probability_its_meaning_and_its_coder(tagger):
    coded = tagger.tag(NEW)
    thresholds = {each.code: each.threshold for each in tagger.model.codes}
    units = {unit for document in NEW for unit in unitise(document, "sentence")}
    assert len(coded.segments) > 20
    for segment in coded.segments:
        assert segment.segment in units
        assert thresholds[segment.code] <= segment.score <= 1
        assert segment.meaning == BOOK[segment.code].meaning
        assert (segment.coder, tagger.coder) == ("model", Coder("model", "model"))


def test_the_segments_are_the_units_whose_probability_reaches_the_threshold(tagger):
    said = {(s.segment, s.code): s.score for s in tagger.tag(NEW).segments}
    wanted = {
        (unit, each.code): some.probabilities[row, column]
        for some in tagger.foresee(NEW)
        for row, unit in enumerate(some.units)
        for column, each in enumerate(tagger.model.codes)
        if some.probabilities[row, column] >= each.threshold
    }
    assert said == wanted


def test_offsets_are_those_of_the_text_in_any_script(tagger):
    for text in (
        "It is a bridge between two sides.\r\n\r\n日本は平和を築く。한국은 경찰을 훈련한다. 👩🏽‍💻 Peace is what it seeks.",
        "\r\n\u00a0\r\n🙂🙂 A bridge joins both 🙂 sides.\r\nPeace is what it seeks.",
    ):
        document = Document("norland/x", text, {"donor": "norland"})
        coded = tagger.tag([document])
        quotes = {(s.code, document.quote(s.segment)) for s in coded.segments}
        assert {code for code, _ in quotes} >= {"role.bridge", "peace"}
        for code, quote in quotes:
            assert quote == quote.strip()
            assert any(
                word in quote
                for word in {"role.bridge": ("bridge",), "peace": ("eace", "平和")}.get(code, ("",))
            )


def test_the_same_documents_give_the_same_segments_under_the_same_ids(tagger):
    assert tagger.tag(NEW) == tagger.tag(NEW)
    again = trained().tag(NEW)
    assert [s.id for s in again.segments] == [s.id for s in tagger.tag(NEW).segments]
    assert again == tagger.tag(NEW)
    ids = [s.id for s in again.segments]
    assert len(set(ids)) == len(ids)


@settings(max_examples=15)
@given(st.randoms(), st.sampled_from([1, 300, 10**9]))
def test_order_and_batches_of_documents_do_not_matter(chance, batch):
    tagger = TAGGERS.setdefault("all", trained(recipe=RECIPES["all"]))
    shuffled = Corpus(tuple(chance.sample(NEW.documents, len(NEW))), CASES)
    before = learned_tagger.BATCH
    learned_tagger.BATCH = batch
    try:
        found = tagger.tag(shuffled)
    finally:
        learned_tagger.BATCH = before
    whole = tagger.tag(NEW)
    assert {s.id: (s.score, s.because) for s in found.segments} == {
        s.id: (s.score, s.because) for s in whole.segments
    }
    assert set(found.readings) == set(whole.readings)


TAGGERS = {}


def test_nothing_is_said_of_no_documents_and_of_empty_ones(tagger):
    for documents in ([], [Document("norland/x", "")], [Document("norland/x", " \r\n\t")]):
        assert tagger.tag(documents) == Coded()


@pytest.mark.parametrize("unit", ["sentence", "paragraph", "document"])
def test_documents_without_words_are_no_error_whatever_the_unit(unit):
    texts = [f"{SAID['role.bridge'][0]} {i} " if i % 2 else f"It rains. {i}" for i in range(40)]
    corpus = Corpus(tuple(Document(f"norland/{i}", text) for i, text in enumerate(texts)))
    tagger = trained(by_anna(corpus), corpus, unit=unit)
    assert tagger.tag([Document("norland/x", "")]) == Coded()
    assert [s.code for s in tagger.tag([corpus.documents[1]]).segments] == ["role.bridge"]


# Silence


def test_readings_cover_exactly_the_units_of_which_it_says_something(tagger):
    for each in (tagger, unsure(tagger)):
        coded = each.tag(NEW)
        found = projected(coded, NEW)
        codes = [one.code for one in each.model.codes]
        for some in each.foresee(NEW):
            for row, unit in enumerate(some.units):
                for column, one in enumerate(each.model.codes):
                    p = some.probabilities[row, column]
                    wanted = PRESENT if p >= one.threshold else ABSENT if p < one.low else UNREAD
                    assert found.values[found.units.index(unit), found.codes.index(one.code)] == wanted
        others = [code for code in found.codes if code not in codes]
        assert others == ["role"]
        assert np.all(found.column("role") == UNREAD)
        assert not found.unread
        assert not found.by_person.any()


def test_a_wide_band_leaves_units_unread_for_one_code_and_read_for_another(tagger):
    found = projected(unsure(tagger).tag(NEW), NEW)
    first, last = (found.column(tagger.model.codes[i].code) for i in (0, 2))
    assert np.any((first == UNREAD) & (last != UNREAD))
    assert set(first.tolist()) == {PRESENT, UNREAD}


def test_a_model_that_says_nothing_leaves_no_reading(tagger):
    codes = tuple(replace(each, low=0.0, threshold=2.0) for each in tagger.model.codes)
    silent = LearnedTagger(replace(tagger.model, codes=codes), BOOK)
    assert silent.tag(NEW) == Coded()


def test_every_reading_is_a_models_and_lies_in_one_document(tagger):
    lengths = {document.id: len(document.text) for document in NEW}
    for reading in unsure(tagger).tag(NEW).readings:
        assert (reading.coder, reading.kind, reading.blind) == ("model", "model", True)
        assert reading.segment.end <= lengths[reading.segment.document]
        assert reading.codes


def test_a_document_in_a_language_that_nobody_read_is_not_read():
    texts = tuple(replace_language(document, "en") for document in CORPUS)
    tagger = trained(corpus=Corpus(texts, CASES))
    french = replace_language(NEW.documents[0], "fr")
    british = replace_language(NEW.documents[1], "en-GB")
    unsaid = NEW.documents[2]
    coded = tagger.tag([french, british, unsaid])
    assert {reading.segment.document for reading in coded.readings} == {british.id, unsaid.id}
    assert {segment.segment.document for segment in coded.segments} == {british.id, unsaid.id}
    assert tagger.model.languages == ("en",)


def replace_language(document, language):
    return Document(document.id, document.text, {**document.variables, "language": language})


# What it learns from


def test_a_unit_that_nobody_read_teaches_nothing():
    read = [document.id for document in CORPUS][:8]
    some = trained(by_anna(documents=read))
    only = trained(by_anna(documents=read), Corpus(tuple(CORPUS[name] for name in read), CASES))
    assert some.model.n_units == len([u for name in read for u in unitise(CORPUS[name], "sentence")])
    assert some.model.training == only.model.training
    assert all(
        np.array_equal(first.weights, second.weights)
        for first, second in zip(some.model.codes, only.model.codes, strict=True)
    )


def test_what_machines_alone_read_teaches_nothing():
    rules = RuleTagger(BOOK, overlap="longest", cases=CASES).tag(CORPUS)
    read = [document.id for document in CORPUS][:8]
    anna = by_anna(documents=read)
    both = training_set_of(anna + Coded((), rules.readings))
    assert both.digest == training_set_of(anna).digest
    with pytest.raises(CodingError, match="nobody has read a unit"):
        trained(rules)


def training_set_of(coded, *, codes=("role.bridge", "training", "peace"), rollup=False, weak=None, book=BOOK):
    return training_set(
        coded, CORPUS, book, codes=codes, unit="sentence", counts="any", rollup=rollup, weak=weak
    )


def test_what_rules_found_teaches_only_where_nobody_has_read():
    rules = RuleTagger(BOOK, overlap="longest", cases=CASES).tag(CORPUS)
    read = [document.id for document in CORPUS][:8]
    found = training_set_of(by_anna(documents=read), weak=rules)
    for row, unit in enumerate(found.units):
        assert found.by_person[row].all() == (unit.document in read)
        if unit.document not in read:
            bridge = "bridge" in CORPUS[unit.document].quote(unit)
            assert found.values[row].tolist() == [int(bridge), UNREAD, UNREAD]
    tagger = trained(by_anna(documents=read), weak=rules)
    assert tagger.model.n_units + tagger.model.n_weak == len(found.units)
    bridge = next(each for each in tagger.model.codes if each.code == "role.bridge")
    assert bridge.n_units == len(bridge.scores) == tagger.model.n_units


def test_a_code_counts_for_those_above_it_if_so_asked():
    below, above = (
        training_set_of(by_anna(), codes=("role", "role.bridge"), rollup=up) for up in (False, True)
    )
    assert not (below.values[:, 0] == PRESENT).any()
    assert np.array_equal(above.values[:, 0], above.values[:, 1])
    assert (above.values[:, 0] == PRESENT).any()


def test_documents_of_one_family_are_one_cluster():
    found = training_set_of(by_anna())
    clusters = {}
    for unit, cluster in zip(found.units, found.clusters.tolist(), strict=True):
        clusters.setdefault(cluster, set()).add(unit.document)
    assert {"norland/0", "norland/1", "japan/0", "japan/1"} in clusters.values()
    assert len(clusters) == 7


def test_the_digest_of_a_training_set_follows_what_was_coded_and_read():
    whole = training_set_of(by_anna()).digest
    less = Coded(by_anna().segments[1:], by_anna().readings)
    unread = Coded(by_anna().segments, by_anna().readings[1:])
    assert len({whole, training_set_of(less).digest, training_set_of(unread).digest}) == 3
    assert training_set_of(by_anna()).digest == whole


def test_where_several_people_read_one_is_enough():
    anna = by_anna()
    ben = Coded((), tuple(replace(reading, coder="ben") for reading in anna.readings))
    assert np.array_equal(training_set_of(anna + ben).values, training_set_of(anna).values)


# Rules and context as features


def test_what_rules_find_is_looked_at():
    tagger = trained(recipe=RECIPES["rules"], codes=["role.bridge"])
    document = Document("norland/x", "Sea and bridge and land. Sea and land.")
    assert [document.quote(s.segment) for s in tagger.tag([document]).segments] == [
        "Sea and bridge and land."
    ]
    assert {s.because for s in tagger.tag([document]).segments} <= {
        "rules: role, rules: role.bridge", "rules: role.bridge, rules: role", "rules: role.bridge",
    }  # fmt: skip


def test_what_stands_beside_a_unit_is_looked_at():
    chance = random.Random(1)
    words = ("sea", "land", "sky", "fire", "wood", "rock")

    def plain():
        return " ".join(chance.choice(words) for _ in range(4)).capitalize() + "."

    documents, segments = [], []
    for i in range(12):
        sentences = [s for _ in range(8) for s in (plain(), plain(), "Then came trumpets.", plain(), plain())]
        document = Document(f"norland/{i}", " ".join(sentences))
        documents.append(document)
        units = unitise(document, "sentence")
        segments += [
            CodedSegment(f"{i}{n}", unit, "peace", BOOK["peace"].meaning, "anna")
            for n, unit in enumerate(units)
            if n + 1 < len(units) and document.quote(units[n + 1]) == "Then came trumpets."
        ]
    corpus = Corpus(tuple(documents))
    coded = Coded(tuple(segments), tuple(Reading("anna", document.whole) for document in corpus))
    with_it, without = (
        trained(coded, corpus, codes=["peace"], recipe=Recipe(context=so)) for so in (True, False)
    )
    found = [quality(each.model.codes[0], coded, corpus) for each in (with_it, without)]
    assert found[0] > found[1] + 0.1
    because = {reason for s in with_it.tag(corpus).segments for reason in s.because.split(", ")}
    assert "came trumpets (beside)" in because


def quality(code, coded, corpus):
    """Return the average precision of the scores of units that were not seen."""
    from sklearn.metrics import average_precision_score

    return average_precision_score(projected(coded, corpus).column(code.code) == PRESENT, code.scores)


# Why


def test_what_is_named_as_a_reason_stands_in_the_unit(tagger):
    for segment in tagger.tag(NEW).segments:
        quote = NEW[segment.segment.document].quote(segment.segment).lower()
        reasons = segment.because.split(", ") if segment.because else []
        assert len(reasons) <= learned_tagger.N_REASONS
        assert len(set(reasons)) == len(reasons)
        for reason in reasons:
            assert all(word in quote for word in reason.split(" "))
    bridges = [s.because for s in tagger.tag(NEW).segments if s.code == "role.bridge"]
    assert bridges
    assert all("bridge" in because for because in bridges)


def test_reasons_are_those_that_moved_the_model_most(tagger):
    model = tagger.model
    some = next(tagger.foresee(NEW))
    rows = some.looked.rows().toarray()
    for row, column in np.argwhere(some.probabilities > 0.5).tolist():
        moved = (
            rows[row][: len(model.vocabulary.words)]
            * model.codes[column].weights[: len(model.vocabulary.words)]
        )
        best = sorted(
            ((-value, name) for value, name in zip(moved, model.vocabulary.words, strict=True) if value > 0)
        )
        assert tagger.why(some.looked, row, column) == tuple(
            name for _, name in best[: learned_tagger.N_REASONS]
        )


def test_sentence_vectors_give_no_reason():
    coded = trained(recipe=RECIPES["embeddings"]).tag(NEW)
    assert {s.because for s in coded.segments} == {""}


# What is refused


def changed(code, **values):
    return Codebook("book", "1.1.0", tuple(replace(c, **values) if c.id == code else c for c in CODES))


def test_a_changed_meaning_is_refused(tagger):
    with pytest.raises(CodingError, match="'training', which means something else .* `coding train model`"):
        LearnedTagger(tagger.model, changed("training", definition="It teaches."))


def test_a_code_that_is_gone_is_refused(tagger):
    without = Codebook("book", "2.0.0", CODES[:-1])
    with pytest.raises(CodingError, match="'peace', which book 2.0.0 does not know"):
        LearnedTagger(tagger.model, without)


def test_all_that_does_not_fit_is_told_at_once(tagger):
    other = Codebook("book", "2.0.0", (CODES[0], replace(CODES[2], definition="It teaches.")))
    with pytest.raises(CodingError, match="3 problems"):
        LearnedTagger(tagger.model, other)


def test_changed_rules_are_refused_only_where_the_model_looks_at_them(tagger):
    other = changed("role.bridge", rules=(replace(BRIDGE, patterns=("bridges",)),))
    assert LearnedTagger(tagger.model, other, cases=CASES).tag(NEW).segments
    looking = trained(recipe=RECIPES["words and rules"]).model
    assert LearnedTagger(looking, BOOK, cases=CASES).tag(NEW).segments
    with pytest.raises(CodingError, match="rules of book find, which have changed"):
        LearnedTagger(looking, other)


def test_a_changed_name_of_a_code_is_no_change_of_its_meaning(tagger):
    assert LearnedTagger(tagger.model, changed("training", name="Schooling")).tag(NEW) == tagger.tag(NEW)


def test_missing_vectors_are_refused():
    model = trained(recipe=RECIPES["embeddings"]).model
    with pytest.raises(CodingError, match="looks at sentence vectors, and none are given"):
        LearnedTagger(model, BOOK)


def test_other_vectors_than_those_learned_from_are_refused():
    class Others(Vectors):
        id = "other words"

    model = trained(recipe=RECIPES["embeddings"]).model
    with pytest.raises(CodingError, match=r"learned from other sentence vectors \(three words\) than these"):
        LearnedTagger(model, BOOK, vectors=Others())


def test_rules_are_looked_at_or_taught_by_but_not_both():
    rules = RuleTagger(BOOK, overlap="longest", cases=CASES).tag(CORPUS)
    with pytest.raises(CodingError, match="it would find what they find"):
        trained(weak=rules, recipe=RECIPES["words and rules"])


def test_what_was_coded_in_another_meaning_is_refused():
    coded = by_anna()
    old = Coded(
        tuple(replace(s, meaning="old") if s.code == "peace" else s for s in coded.segments), coded.readings
    )
    with pytest.raises(CodingError, match="anna coded 'peace' in another meaning than codebook book 1.0.0"):
        trained(old)
    assert {each.code for each in trained(old, codes=["training"]).model.codes} == {"training"}


def test_coded_segments_of_unknown_codes_are_refused():
    coded = by_anna()
    odd = replace(coded.segments[0], id="odd", code="pease")
    with pytest.raises(
        CodingError, match="'pease', which codebook book 1.0.0 does not know. Did you mean 'peace'"
    ):
        trained(Coded((*coded.segments, odd), coded.readings))


def test_where_nobody_has_read_nothing_is_learned():
    with pytest.raises(CodingError, match="nobody has read a unit"):
        trained(by_anna(whole=False))


def test_a_code_that_people_did_not_read_for_is_left_out_with_the_reason():
    tagger = trained(by_anna(codes=("training", "peace")))
    assert {each.code for each in tagger.model.codes} == {"training", "peace"}
    left = {each.code: each.reason for each in tagger.model.left_out}
    assert left["role.bridge"] == "nobody has read a unit for it"


def test_if_no_code_can_be_learned_it_is_said_why():
    with pytest.raises(
        CodingError, match="no code can be learned yet .role: 0 units bear it, fewer than 10 units"
    ):
        trained(codes=["role"])


def test_units_that_have_nothing_in_common_teach_nothing():
    signs = [chr(0x3041 + i) for i in range(24)]
    corpus = Corpus(tuple(Document(f"norland/{i}", sign) for i, sign in enumerate(signs)))
    coded = Coded((), tuple(Reading("anna", document.whole) for document in corpus))
    with pytest.raises(CodingError, match="no word stands in two of the units"):
        trained(coded, corpus)


def test_a_code_that_is_asked_twice_is_learned_once():
    tagger = trained(codes=["training", "training"])
    assert [each.code for each in tagger.model.codes] == ["training"]


@pytest.mark.parametrize("target", ["f2", 0.0, 1.0, 1, float("nan"), None])
def test_a_wrong_target_is_refused(target):
    with pytest.raises(CodingError, match="is no target. Take 'f1', or a precision"):
        trained(target=target)


def test_a_text_that_has_changed_is_refused():
    changed_text = Corpus(
        tuple(replace(d, text=f"{d.text} More.") if d.id == "norland/2" else d for d in CORPUS), CASES
    )
    with pytest.raises(StaleText, match="norland/2 has changed since it was coded"):
        trained(by_anna(), changed_text)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"words": False}, "has to look at something"),
        ({"words": False, "rules": True, "context": True}, "Take both"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(recipe, message):
    with pytest.raises(CodingError, match=message):
        Recipe(**recipe)


# Among other coders


def test_models_and_rules_code_side_by_side(tagger):
    rules = RuleTagger(BOOK, overlap="longest", cases=CASES)
    both = tag(NEW, [rules, tagger])
    assert {s.coder for s in both.segments} == {"rules", "model"}
    assert both.by("model") == tagger.tag(NEW)


@pytest.mark.parametrize("name", ["rules", "", "Anna", "../x", "a b", "x" * 65])
def test_a_name_that_is_no_models_is_refused(name):
    with pytest.raises(CodingError, match="cannot be"):
        trained(name=name)


def test_a_model_under_the_name_of_a_person_replaces_nothing(sandbox):
    project = Project.open(sandbox.root)
    corpus = project.corpus
    document = corpus["norland/a"]
    book = project.codebook("book")
    anna = CodedSegment("1", document.segment(0, 7), "role.bridge", book["role.bridge"].meaning, "anna")
    project.add(Coded((anna,), (Reading("anna", document.whole),)), by="anna")
    model = Coder("anna", "model")
    said = machine_coded(document.segment(0, 7), book["role.bridge"], model, "", score=0.9)
    coded = Coded((said,), (Reading("anna", document.whole, ("role.bridge",), kind="model"),))
    with (
        Store(project.store_path) as store,
        pytest.raises(CodingError, match="'anna' is the name of a person here"),
    ):
        keep(store, coded, corpus, model, by="anna")
    assert [s.id for s in project.coded.segments] == ["1"]


def test_what_a_model_says_is_kept_and_stands_once(sandbox, tagger):
    for name in ("norland/new0", "norland/new1"):
        sandbox.write(f"corpus/{name}.txt", NEW[name].text.replace("\r\n", "\n"))
    sandbox.change(
        "corpus/norland/case.yaml",
        "documents:\n",
        "documents:\n"
        + "".join(
            f"  new{i}.txt: {{title: t, year: 2015, fidelity: digest, source_kind: primary}}\n"
            for i in (0, 1)
        ),
    )
    project = Project.open(sandbox.root)
    coded = tagger.tag(project.corpus)
    assert len(coded.segments) > 10
    with Store(project.store_path) as store:
        assert keep(store, coded, project.corpus, tagger.coder, by="boss") is not None
        assert keep(store, coded, project.corpus, tagger.coder, by="boss") is None
    kept = {s.id: (s.segment, s.code, s.score, s.because) for s in project.coded.segments}
    assert kept == {s.id: (s.segment, s.code, s.score, s.because) for s in coded.segments}
    assert len(project.coded.readings) == len(coded.readings)
