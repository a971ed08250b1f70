"""What to read next: chosen where reading helps, each with a reason that holds, and a valid sample all the same."""

import json
import random
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.choosing import choose, shared_out
from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError, StaleText
from coding.formats.samples import read_sample, write_sample
from coding.judging import judged
from coding.model import Case, Coded, CodedSegment, Corpus, Document, Reading
from coding.promising import ALIKE, FEW, Chosen
from coding.sample import NOTHING, UNPLACED
from coding.sample_quality import sample_quality
from coding.sampling import draw
from coding.taggers import tag
from coding.taggers.learned import LearnedTagger
from coding.taggers.rules import RuleTagger
from coding.units import PRESENT, counting, on_units, unitise

AID = Rule("aid", "phrase", ("aid",), matches=(Example("It gives aid."),))
TRUCE = Rule("truce", "phrase", ("truce",), matches=(Example("A truce holds."),))
CODES = (
    Code("help", "Help", "It helps others.", rules=(AID,)),
    Code("trade", "Trade", "It trades."),
    Code("peace", "Peace", "It makes peace.", rules=(TRUCE,)),
    Code("sport", "Sport", "It plays."),
)
BOOK = Codebook("book", "1.0.0", CODES)
CASES = {"norland": Case("norland", "Norland"), "sudland": Case("sudland", "Sudland")}
ASKED = ("help", "trade", "peace")
SIGNS = {"help": ["aid", "grants", "relief"], "trade": ["markets", "exports"], "peace": ["truce"]}
OFTEN = {"help": 0.25, "trade": 0.3, "peace": 0.04}
FILLERS = [
    "we", "will", "see", "more", "new", "old", "states", "and", "roads", "in", "this", "year", "with", "many",
    "people", "under", "good", "law", "for", "all",
]  # fmt: skip
BOILERPLATE = "This statement was read out before the whole assembly of states."


def made_up(seed=1, n_documents=30, n_sentences=12):
    """Return texts of two donors, and for each sentence the codes that a person gives it."""
    chance = random.Random(seed)
    documents, truth = [], {}
    for number in range(n_documents):
        sentences, codes = [], []
        for _ in range(n_sentences):
            given = [code for code, often in OFTEN.items() if chance.random() < often]
            signs = [chance.choice(SIGNS[code]) for code in given if chance.random() < 0.8]
            signs += [chance.choice(SIGNS[code]) for code in OFTEN if chance.random() < 0.03]
            words = [*chance.choices(FILLERS, k=7), *signs]
            chance.shuffle(words)
            sentences.append(" ".join(words).capitalize() + ".")
            codes.append(given)
        document = Document(
            f"d{number:02}",
            "\n\n".join([*sentences, BOILERPLATE]),
            {"donor": "norland" if number % 3 else "sudland"},
        )
        units = unitise(document, "sentence")
        assert len(units) == n_sentences + 1
        documents.append(document)
        truth |= dict(zip(units, [*codes, []], strict=True))
    return Corpus(tuple(documents), CASES), truth


CORPUS, TRUTH = made_up()
READ = [document.id for document in CORPUS][:14]


def coded_by(reader, documents, *, truth=TRUTH, corpus=CORPUS):
    """Return that a person has read documents whole."""
    segments = [
        CodedSegment(f"{reader}{unit.document}{unit.start}{code}", unit, code, BOOK[code].meaning, reader)
        for unit, codes in truth.items()
        for code in codes
        if unit.document in documents
    ]
    return Coded(tuple(segments), tuple(Reading(reader, corpus[name].whole) for name in documents))


PEOPLE = coded_by("anna", READ)
RULES = tag(CORPUS, [RuleTagger(BOOK, overlap="longest")])


def trained(people=PEOPLE, corpus=CORPUS, codes=ASKED, **more):
    return LearnedTagger.fit(
        people, corpus, BOOK, unit="sentence", counts="any", rollup=True, target="f1", seed=1, codes=codes, **more
    )  # fmt: skip


TAGGER = trained()


def chosen(tagger=TAGGER, corpus=CORPUS, **asked):
    asked = {
        "people": PEOPLE, "rules": RULES, "name": "next", "coder": "rules", "readers": ["anna"],
        "codes": ASKED, "by": "donor", "n": 20, "share": 0.2, "seed": 1,
    } | asked  # fmt: skip
    return choose(tagger, corpus, **asked)


def by_reason(choice):
    found = defaultdict(list)
    for one in choice.units:
        found[one.why].append(one)
    return found


def on_values(coded, codes=ASKED, corpus=CORPUS):
    on = on_units(coded, corpus, unit="sentence", counts="any", counts_for=counting(BOOK, codes, rollup=True))
    return {
        unit: {code: on.values[row, on.codes.index(code)] for code in codes}
        for row, unit in enumerate(on.units)
    }


# What is chosen, and why


def test_only_what_no_reader_has_read_is_chosen_and_nothing_twice():
    choice = chosen(n=60)
    units = [one.segment for one in choice.units]
    assert len(set(units)) == len(units) == 60
    assert not {unit.document for unit in units} & set(READ)
    assert choice.n_read == 13 * len(READ)


def test_what_others_have_read_can_be_chosen():
    choice = chosen(readers=["ben"], n=60)
    assert choice.n_read == 0
    assert {one.segment.document for one in choice.units} & set(READ)


def test_what_a_reader_has_read_for_other_codes_can_be_chosen():
    other = Coded((), tuple(Reading("anna", d.whole, ("sport",)) for d in CORPUS))
    assert chosen(people=PEOPLE + other).units == chosen().units
    same = Coded((), tuple(Reading("anna", d.whole, ("peace",)) for d in CORPUS))
    with pytest.raises(CodingError, match="nothing is left to read: of 390 sentences 390 anna read"):
        chosen(people=PEOPLE + same)


def test_the_three_reasons_take_turns():
    first = [one.why for one in chosen(n=20).units[:6]]
    assert first == ["unsure", "disagreement", "rare"] * 2


def test_a_share_is_drawn_by_chance():
    for n, share, by_chance in ((20, 0.2, 4), (30, 0.5, 15), (20, 1.0, 20), (20, 0.0, 0)):
        assert len(by_reason(chosen(n=n, share=share))["random"]) == by_chance


def test_every_reason_holds():
    found, examples = on_values(RULES), Counter(code for s in PEOPLE.segments for code in (s.code,))
    foreseen = {
        (unit, code.code): some.probabilities[row, place]
        for some in TAGGER.foresee(CORPUS)
        for row, unit in enumerate(some.units)
        for place, code in enumerate(TAGGER.model.codes)
    }
    bounds = {code.code: (code.low, code.threshold) for code in TAGGER.model.codes}
    reasons = by_reason(chosen(n=60))
    assert {why: len(units) for why, units in reasons.items()}.keys() == {
        "unsure", "disagreement", "rare", "random",
    }  # fmt: skip
    for one in [*reasons["unsure"], *reasons["disagreement"], *reasons["rare"]]:
        assert one.n_examples == examples[one.code]
        if one.probability is not None:
            assert one.probability == pytest.approx(foreseen[one.segment, one.code], abs=1e-4)
    for one in reasons["disagreement"]:
        low, threshold = bounds[one.code]
        rules = found[one.segment][one.code] == PRESENT
        assert one.found == rules
        assert one.probability < low if rules else one.probability >= threshold
    for one in reasons["rare"]:
        assert examples[one.code] < FEW
    for one in reasons["random"]:
        assert (one.code, one.probability, one.found, one.said) == ("", None, None, "drawn by chance")


def test_the_reason_names_the_code_and_what_was_given_to_it():
    reasons = by_reason(chosen(n=60))
    for one in reasons["unsure"]:
        assert one.said == (
            f"{one.code}: the model is unsure, {one.probability:.2f} where {one.threshold:.2f} is enough"
        )
    for one in reasons["disagreement"]:
        gives = f"the model gives it {one.probability:.2f}"
        rest = f"rules find it, {gives}" if one.found else f"{gives}, rules do not find it"
        assert one.said == f"{one.code}: {rest}"
    for one in reasons["rare"]:
        assert one.said.startswith(f"{one.code}: few examples so far ({one.n_examples}), ")


def test_of_a_code_that_the_model_never_gives_it_says_that_no_probability_is_enough():
    one = Chosen(CORPUS["d20"].whole, "unsure", "peace", 0.3, None, 12, False)
    assert one.said == "peace: the model is unsure, 0.30 where none is enough yet"


def test_for_each_code_the_least_sure_unit_is_the_first():
    choice = chosen(n=20, rules=Coded())
    bounds = {code.code: code.threshold for code in TAGGER.model.codes}
    (free,) = [
        (some.units, some.probabilities)
        for some in TAGGER.foresee(Corpus(tuple(d for d in CORPUS if d.id not in READ), CASES))
    ]

    def away(p, code):
        return abs(np.log(p / (1 - p)) - np.log(bounds[code] / (1 - bounds[code])))

    for code in bounds:
        first = next(one for one in choice.units if one.why == "unsure" and one.code == code)
        column = [each.code for each in TAGGER.model.codes].index(code)
        assert away(first.probability, code) == pytest.approx(
            min(away(p, code) for p in free[1][:, column]), abs=1e-2
        )


def test_a_code_that_is_not_learned_is_looked_for_where_rules_find_it():
    rare = coded_by("anna", READ[:6])
    tagger = trained(rare)
    assert "peace" in {code.code for code in tagger.model.left_out}
    units = [one for one in chosen(tagger, people=rare, n=60).units if one.code == "peace"]
    assert units
    for one in units:
        assert (one.why, one.probability, one.threshold, one.found) == ("rare", None, None, True)
        assert "truce" in CORPUS[one.segment.document].quote(one.segment).lower()
        assert one.said == f"peace: few examples so far ({one.n_examples}), rules find it"


def test_without_rules_there_is_no_disagreement():
    assert not by_reason(chosen(n=60, rules=Coded()))["disagreement"]


def test_no_two_chosen_units_are_nearly_alike_to_the_model():
    units = [one.segment for one in chosen(n=100).units if one.why != "random"]
    rows = {}
    for some in TAGGER.foresee(CORPUS):
        dense = some.looked.rows().toarray()
        rows |= dict(zip(some.units, dense / np.linalg.norm(dense, axis=1, keepdims=True), strict=True))
    assert max(rows[a] @ rows[b] for a, b in combinations(units, 2)) < ALIKE
    same = [unit for unit in units if CORPUS[unit.document].quote(unit) == BOILERPLATE]
    assert len(same) <= 1


def test_a_unit_in_which_the_model_sees_nothing_is_like_no_other():
    odd = Document("odd", "9 9\n\n7 7\n\n5 5", {"donor": "norland"})
    both = Corpus((*CORPUS, odd), CASES)
    units = chosen(corpus=both, rules=Coded(), n=150, share=0).units
    assert sum(one.segment.document == "odd" for one in units) == 3


def test_where_all_is_alike_the_rest_is_drawn_by_chance():
    corpus, truth = made_up(n_documents=14)
    same = tuple(
        Document(f"e{i}", " ".join([BOILERPLATE] * 10), {"donor": ["norland", "sudland"][i % 2]})
        for i in range(6)
    )
    both = Corpus((*corpus, *same), CASES)
    people = coded_by("anna", [d.id for d in corpus], truth=truth, corpus=corpus)
    choice = chosen(trained(people, both), both, people=people, rules=Coded(), n=20)
    reasons = by_reason(choice)
    assert len(reasons["random"]) == 19
    assert len(choice.units) == 20
    assert len(chosen(trained(people, both), both, people=people, rules=Coded(), n=20, share=0).units) == 1


def test_no_cluster_and_no_case_gives_more_than_twice_an_even_share_while_others_can():
    choice = [one.segment for one in chosen(n=40).units if one.why != "random"]
    clusters = Counter(unit.document for unit in choice)
    assert max(clusters.values()) <= np.ceil(2 * 32 / 16)
    one = Corpus(tuple(d for d in CORPUS if d.id in (*READ, "d20")), CASES)
    rules = tag(one, [RuleTagger(BOOK, overlap="longest")])
    only = chosen(corpus=one, n=10, rules=rules).units
    assert {unit.segment.document for unit in only} == {"d20"}
    assert len(only) == 10


def test_what_the_model_cannot_read_is_drawn_by_chance_alone():
    foreign = tuple(
        Document(f"f{i}", "Nous donnons aid. Il y a truce.", {"donor": "norland", "language": "fr"})
        for i in range(8)
    )
    both = Corpus((*CORPUS, *foreign), CASES)
    choice = chosen(corpus=both, n=150, rules=tag(both, [RuleTagger(BOOK, overlap="longest")]))
    why = {one.why for one in choice.units if one.segment.document.startswith("f")}
    assert why <= {"random"}
    assert choice.sample.n_units == 13 * 16 + 16


def test_documents_in_which_a_reader_saw_what_others_coded_are_left_aside():
    choice = chosen(seen={"d20", "d21", READ[0]}, n=100)
    assert not {one.segment.document for one in choice.units} & {"d20", "d21"}
    assert (choice.n_read, choice.n_seen) == (13 * 14, 26)
    assert choice.sample.n_units == 13 * 14


def test_units_that_wait_in_another_sample_are_left_aside():
    first = chosen(n=60)
    waiting = {one.segment for one in first.units}
    second = chosen(n=60, waiting=waiting)
    assert not waiting & {one.segment for one in second.units}
    assert (second.n_waiting, second.sample.n_units) == (60, first.sample.n_units - 60)


def test_the_same_seed_gives_the_same_and_another_draws_others_by_chance():
    one, again, other = chosen(seed=3), chosen(seed=3), chosen(seed=4)
    assert one.units == again.units
    assert one.sample.drawn == again.sample.drawn
    assert [u.segment for u in by_reason(one)["random"]] != [u.segment for u in by_reason(other)["random"]]


# The sample


@pytest.mark.parametrize("share", [0.1, 0.2, 1.0])
def test_what_was_chosen_stands_for_itself_and_what_was_drawn_by_chance_for_all_the_rest(share):
    choice = chosen(n=40, share=share)
    sample = choice.sample
    certain = {one.segment for one in choice.units if one.why != "random"}
    stands = defaultdict(float)
    for one in sample.drawn:
        probability = sample.probability(one)
        assert (probability == 1) == (one.segment in certain)
        stands[sample.strata[one.stratum].cases] += 1 / probability
    free = [d for d in CORPUS if d.id not in READ]
    assert dict(stands) == pytest.approx(
        {(case,): 13 * sum(d.variables["donor"] == case for d in free) for case in CASES}
    )
    assert {one.segment for one in sample.drawn} == {one.segment for one in choice.units}
    assert (sample.n_found, sample.n_others) == (len(certain), 40 - len(certain))


def test_what_was_read_before_is_in_no_stratum_and_its_documents_are_not_in_the_sample():
    half = CORPUS["d20"].segment(0, unitise(CORPUS["d20"], "sentence")[5].end)
    people = PEOPLE + Coded((), (Reading("anna", half),))
    sample = chosen(people=people).sample
    assert set(sample.documents) == {d.id for d in CORPUS} - set(READ)
    assert [place == UNPLACED for place in sample.documents["d20"].strata] == [True] * 6 + [False] * 7


def test_nothing_in_the_file_says_for_what_a_unit_was_chosen(tmp_path):
    choice = chosen(n=30)
    write_sample(tmp_path / "next.json", choice.sample)
    plain = draw(
        RULES, CORPUS, BOOK, name="plain", coder="rules", readers=["anna"], codes=["help", "peace"], unit="sentence",
        counts="any", rollup=True, by="donor", n_found=3, n_others=3, seed=1,
    )  # fmt: skip
    write_sample(tmp_path / "plain.json", plain)
    file, other = (json.loads((tmp_path / f"{name}.json").read_text("utf-8")) for name in ("next", "plain"))
    assert file.keys() == other.keys()
    assert file["drawn"][0].keys() == other["drawn"][0].keys()
    assert {stratum["found"] for stratum in file["strata"]} == {NOTHING}
    assert {each["probability"] for each in file["drawn"]} == {
        s["drawn"] / s["units"] for s in file["strata"]
    }
    assert read_sample(tmp_path / "next.json") == choice.sample


def test_units_come_to_readers_in_an_order_that_tells_nothing():
    choice = chosen(n=60, share=0.5)
    by_chance = {one.segment for one in choice.units if one.why == "random"}
    places = [i for i, one in enumerate(choice.sample.drawn) if one.segment in by_chance]
    assert 20 < np.mean(places) < 40


def judge(sample):
    """Return what a reader who makes no error says of all units of a sample."""
    at, asked = "2999-01-01T00:00:00.000000Z", tuple(sample.codes)
    return Coded(
        (),
        tuple(
            Reading(
                "anna", one.segment, asked, at, id=f"judged{place}", sample=sample.name,
                given=tuple(code for code in asked if code in TRUTH[one.segment]),
            )
            for place, one in enumerate(sample.drawn)
        ),
    )  # fmt: skip


def test_what_readers_say_of_the_sample_is_without_bias_what_they_would_say_of_all():
    free = [unit for unit in TRUTH if unit.document not in READ]
    truth = {code: np.mean([code in TRUTH[unit] for unit in free]) for code in ASKED}
    weighted, plain = defaultdict(list), defaultdict(list)
    for seed in range(80):
        sample = chosen(n=40, share=0.5, seed=seed).sample
        weights = np.array([1 / sample.probability(one) for one in sample.drawn])
        for code in ASKED:
            bears = np.array([code in TRUTH[one.segment] for one in sample.drawn])
            weighted[code].append((weights * bears).sum() / sample.n_units)
            plain[code].append(bears.mean())
    for code in ASKED:
        error = np.std(weighted[code], ddof=1) / np.sqrt(len(weighted[code]))
        assert abs(np.mean(weighted[code]) - truth[code]) < 4 * error
        assert error < 0.02
    assert np.mean(plain["peace"]) > 3 * truth["peace"]
    assert abs(np.mean(plain["help"]) - truth["help"]) > 0.1


def test_quality_works_on_it_unchanged_and_its_shares_are_the_weighted_ones():
    corrected = defaultdict(list)
    for seed in range(12):
        sample = chosen(n=60, share=0.5, codes=["help", "peace"], seed=seed).sample
        found = judged(sample, CORPUS, BOOK, people=PEOPLE + judge(sample), coder=RULES)
        assert found.readers[0].n_judged == 60
        for one in sample_quality(found, seed=1, width=0.2).shares:
            of_case = [each for each in sample.drawn if sample.strata[each.stratum].cases == (one.case,)]
            weights = np.array([1 / sample.probability(each) for each in of_case])
            bears = np.array([one.code in TRUTH[each.segment] for each in of_case])
            if one.ppi.value is None:  # none of those in which the rules found it was drawn in this case
                continue
            assert one.sample.value == pytest.approx((weights * bears).sum() / weights.sum())
            corrected[one.code, one.case].append(one.ppi.value)
    assert set(corrected) == {(code, case) for code in ("help", "peace") for case in CASES}
    for (code, case), values in corrected.items():
        units = [u for u in TRUTH if u.document not in READ and CORPUS[u.document].variables["donor"] == case]
        truth = np.mean([code in TRUTH[unit] for unit in units])
        assert np.mean(values) == pytest.approx(truth, abs=0.05), (code, case)


def test_if_fewer_units_are_left_than_asked_for_all_of_them_are_read():
    people = PEOPLE + Coded((), tuple(Reading("anna", d.whole) for d in CORPUS.documents[:-1]))
    choice = chosen(people=people, n=50)
    assert {one.segment for one in choice.units} == set(unitise(CORPUS.documents[-1], "sentence"))
    assert all(stratum.probability == 1 for stratum in choice.sample.strata)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(0, 600))
def test_what_is_drawn_by_chance_is_shared_out_in_proportion_and_no_stratum_is_forgotten(sizes, n):
    given_ = shared_out(sizes, n)
    assert sum(given_) == min(n, sum(sizes))
    assert all(0 <= one <= size for one, size in zip(given_, sizes, strict=True))
    if n >= len(sizes):
        assert min(given_) >= 1
    for (one, size), (other, larger) in combinations(zip(given_, sizes, strict=True), 2):
        assert one <= other or size >= larger


# What cannot be chosen


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "Next"}, "cannot be a sample's name"),
        ({"readers": []}, "nobody to judge the sample"),
        ({"readers": ["rules"]}, "rules cannot judge its own coding"),
        ({"readers": ["model"]}, "model cannot judge its own coding"),
        ({"readers": ["anna", "anna"]}, "'anna' is named twice"),
        ({"codes": ["hlep"]}, "no code 'hlep'. Did you mean 'help'"),
        ({"codes": []}, "readers need a code to look for"),
        ({"codes": ["sport"]}, "model has learned none of sport, so it cannot say where to look. It knows help"),
        ({"n": 0}, "0 units are none to read"),
        ({"share": 1.5}, "a share lies between 0 and 1, not at 1.5"),
        ({"share": float("nan")}, "a share lies between 0 and 1"),
        ({"seed": -1}, "a seed is a whole number, 0 or more, not -1"),
        ({"by": "donr"}, "Did you mean 'donor'"),
        (
            {"n": 5},
            r"is 1 drawn by chance, .* from each of 2 cases \(norland, sudland\), .*10`\), .* \(`--random 0.40`\)",
        ),
        ({"seen": [d.id for d in CORPUS]}, "of 390 sentences 182 anna read, 208 stand in documents in which anna saw"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_says_why(asked, said):
    with pytest.raises(CodingError, match=said):
        chosen(**asked)


@pytest.mark.parametrize("said", [{"n": 10}, {"n": 5, "share": 0.4}])
def test_what_the_error_about_too_few_proposes_is_enough(said):
    assert len(by_reason(chosen(**said))["random"]) == 2


def test_without_texts_there_is_nothing_to_choose_from():
    with pytest.raises(CodingError, match="there is no text to choose from"):
        chosen(corpus=Corpus((), CASES), people=Coded(), rules=Coded())


def test_a_text_that_has_changed_since_it_was_read_is_refused():
    texts = [Document(d.id, d.text + " More.", d.variables) if d.id == "d00" else d for d in CORPUS]
    with pytest.raises(StaleText, match="d00 has changed since it was coded"):
        chosen(corpus=Corpus(tuple(texts), CASES))
