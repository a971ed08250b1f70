"""The shipped codebooks: defined, sourced, tested, and for any donor."""

import pytest

import coding
from coding.model import Case, Document
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.check import problems

CATEGORIES = [
    "normative_structure",
    "identity",
    "role",
    "interest_normative",
    "interest_material",
    "behaviour",
]


@pytest.fixture(scope="module")
def book(repository):
    return coding.Project.open(repository).codebook("constructivist")


def test_it_has_the_six_categories_and_the_orientations(book):
    assert [c.id for c in book.children(None)] == [*CATEGORIES, "orientation"]
    assert {c.id for c in book.children("orientation")} == {
        "orientation.security", "orientation.development", "orientation.economic",
    }  # fmt: skip
    assert book.families == {"category": tuple(CATEGORIES), "orientation": ("orientation",)}


def test_every_code_is_defined_and_every_leaf_has_examples_and_tested_rules(book):
    for code in book.codes:
        assert code.definition
        assert code.include
        assert code.exclude
        if not book.children(code.id):
            assert len(code.examples) >= 2, code.id
            assert code.source, code.id
            assert code.rules, code.id
            assert all(rule.matches and rule.rejects for rule in code.rules), code.id


def test_every_rule_does_what_its_examples_say(book):
    assert problems(book) == []


def test_orientation_rests_on_words_of_its_own(book):
    assert [code.id for code in book.codes if code.implies] == []


def test_no_code_and_no_rule_is_made_for_one_donor(book, repository):
    cases = coding.Project.open(repository).corpus.known_cases.values()
    names = {name for case in cases for name in (case.name, *case.aliases, *case.agencies)}
    short = {name for name in names if len(name) < 3}  # US is a donor, us is not
    for code in book.codes:
        said = f" {code.name} {code.definition} {' '.join(p for rule in code.rules for p in rule.patterns)} "
        assert [name for name in short if f" {name} " in said] == [], code.id
        assert [name for name in names - short if f" {name.lower()} " in said.lower()] == [], code.id


def test_it_is_large_enough_for_the_study_it_serves(book):
    leaves = [code for code in book.codes if not book.children(code.id)]
    assert len(leaves) >= 45
    assert sum(len(code.rules) for code in book.codes) >= 250


@pytest.mark.parametrize(
    ("text", "orientation"),
    [
        ("{} trained police officers of its neighbours in the investigation of cybercrime.", "security"),
        ("{} held a cyber exercise with the response teams of the region.", "security"),
        ("{} offers a degree course in informatics to students from developing countries.", "development"),
        ("{} gave scholarships to forty students.", "development"),
    ],
)
@pytest.mark.parametrize("donor", ["Norland", "Sudland"])
def test_mixed_cases_hold_whoever_the_donor_is(book, text, orientation, donor):
    cases = {name.lower(): Case(name.lower(), name) for name in ("Norland", "Sudland")}
    document = Document("d", text.format(donor), {"donor": donor.lower()})
    coded = RuleTagger(book, overlap="longest", cases=cases).tag([document])
    assert {s.code.partition(".")[0] for s in coded.segments} >= {"behaviour", "orientation"}
    assert {s.code for s in coded.segments if s.code.startswith("orientation.")} == {
        f"orientation.{orientation}"
    }
