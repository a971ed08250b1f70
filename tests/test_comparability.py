"""Whether a donor can stand beside others: what its texts are, what rules know of them, and the flags."""

import json
import re

import pytest
from typer.testing import CliRunner

import coding.cli.donor  # noqa: F401  its commands join the app
from coding.cli.app import app
from coding.codebook import Code, Codebook, Rule
from coding.comparability import comparability, known_donors
from coding.errors import CodingError
from coding.formats.yaml import dump
from coding.model import Document
from coding.project import Project
from coding.taggers.rules.known import known_words

ENTRY = {"title": "T", "year": 2015, "fidelity": "digest", "source_kind": "primary"}


def book(*rules):
    return Codebook("b", "1.0.0", (Code("role", "Role", "What it does.", rules=rules),))


def known(text, *rules):
    return known_words(book(*rules), [Document("d", text)])["d"]


def eastland(sandbox, *texts, aliases=("Eastland",), **variables):
    """Write a third donor, whose documents share variables."""
    entries = {f"{i}.txt": ENTRY | variables for i, _ in enumerate(texts)}
    case = {"id": "eastland", "name": "Eastland", "iso": "EAS", "aliases": list(aliases)}
    sandbox.write("corpus/eastland/case.yaml", dump({**case, "documents": entries}))
    for i, text in enumerate(texts):
        sandbox.write(f"corpus/eastland/{i}.txt", f"{text}\n")
    return Project.open(sandbox.root)


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what ended."""
    return lambda *words: CliRunner().invoke(app, [*words, "--project", str(sandbox.root)])


def flags(project, donor="eastland", **given):
    return {flag.about: flag.said for flag in comparability(project, donor, **given).flags}


ALIKE = ("Eastland trains police.", "Eastland trains teachers.", "Training of the police by Eastland.")


def test_known_words_are_those_that_stand_in_a_phrase_of_some_rule_in_any_form():
    rule = Rule("r", "phrase", ("train (officers|judges) abroad?",))
    assert known("It trained judges of the harbour.", rule) == (2, 3)


def test_stop_words_and_numbers_are_no_content_words():
    assert known("It is the 12th of 30.", Rule("r", "phrase", ("the of it",))) == (0, 1)


def test_a_beginning_knows_every_word_that_begins_so():
    assert known("Cybersecurity and cybercrime.", Rule("r", "phrase", ("cyber*",))) == (2, 2)


def test_a_word_of_a_regular_expression_is_not_counted():
    assert known("Harbours.", Rule("r", "regex", ("[Hh]arbours",))) == (0, 1)


def test_a_document_without_content_words_knows_none():
    assert known("12, 30.", Rule("r", "phrase", ("train",))) == (0, 0)


def test_what_is_counted_is_what_the_study_would_read(sandbox):
    project = eastland(sandbox, *ALIKE)
    found = comparability(project, "eastland")
    assert (found.own.n_documents, found.own.n_clusters, found.own.words) == (3, 3, (3, 3, 6))
    assert (found.own.fidelity, found.own.years, found.own.n_named) == ({"digest": 3}, {2015: 3}, 3)
    assert (found.others.n_documents, list(found.each)) == (6, ["norland", "sudland"])
    assert found.own.coded["behaviour"].value == 1.0


def test_the_others_are_those_of_the_study_or_those_that_are_named(sandbox):
    project = eastland(sandbox, *ALIKE)
    assert list(comparability(project, "norland").each) == ["sudland"]
    assert list(comparability(project, "norland", against=["eastland"]).each) == ["eastland"]


def test_alike_texts_raise_no_flag_but_that_nothing_was_judged(sandbox):
    assert list(flags(eastland(sandbox, *ALIKE))) == ["quality"]


def test_fewer_projects_than_the_study_asks_for_are_flagged(sandbox):
    assert flags(eastland(sandbox, *ALIKE, family="one"))["size"].startswith("1 independent")


def test_other_kinds_of_texts_are_flagged(sandbox):
    project = eastland(sandbox, *ALIKE, type="speech")
    assert flags(project)["type"].startswith("3 speech; the others: 6 not said")


def test_other_years_are_flagged(sandbox):
    assert flags(eastland(sandbox, *ALIKE, year=1999))["years"].startswith("1999 to 1999, middle 1999;")


def test_much_longer_texts_are_flagged(sandbox):
    assert "length" in flags(eastland(sandbox, *(f"{text} " * 9 for text in ALIKE)))


def test_a_donor_that_its_texts_do_not_name_is_flagged(sandbox):
    project = eastland(sandbox, *ALIKE, aliases=["Ostland"])
    assert "names" not in flags(project)  # its name counts as well
    project = eastland(sandbox, "It trains police.", *ALIKE[:2])
    assert flags(project)["names"].startswith("1 of 3 documents")


def test_texts_in_another_language_are_flagged_and_not_searched(sandbox):
    found = comparability(eastland(sandbox, *ALIKE, language="fr"), "eastland")
    assert (found.own.n_searched, found.own.known, found.own.coded[""]) == (0, None, None)
    assert {"language", "not searched"} <= {flag.about for flag in found.flags}


def test_words_that_no_rule_knows_are_flagged(sandbox):
    texts = [f"Eastland ships harbour cranes, gravel, concrete number {n} onwards." for n in "abcdefgh"]
    found = flags(eastland(sandbox, *texts))
    assert found["vocabulary"].startswith("the rules know 0%")
    assert found["coded"].startswith("rules code 0% of its sentences")


def test_unknown_donors_and_a_donor_against_itself_are_refused(sandbox):
    project = eastland(sandbox, *ALIKE)
    with pytest.raises(CodingError, match="no donor 'estland' in corpus/. Did you mean 'eastland'"):
        comparability(project, "estland")
    with pytest.raises(CodingError, match="compared with itself"):
        comparability(project, "norland", against=["norland"])


def test_a_donor_of_whom_the_study_would_read_nothing_is_refused_with_the_reason(sandbox):
    project = eastland(sandbox, *ALIKE, fidelity="original")
    with pytest.raises(CodingError) as error:
        comparability(project, "eastland")
    assert str(error.value) == (
        "studies/study.yaml: no document of 'eastland' is left: 3 left out by `fidelity`. Widen `fidelity` under "
        "`corpus`. That changes what is compared: better name a study of its own (--study)."
    )
    assert known_donors(project, None) == ("norland", "sudland")


def test_a_donor_without_any_document_is_told_to_get_one(sandbox):
    with pytest.raises(
        CodingError, match="no document is about 'eastland'. `coding add FILE --donor eastland"
    ):
        comparability(eastland(sandbox), "eastland")


def test_a_share_of_one_project_or_event_has_no_interval_and_it_is_said_why(sandbox, run):
    eastland(sandbox, ALIKE[0])
    ended = run("donor", "check", "eastland")
    (coded,) = [line for line in ended.stdout.splitlines() if line.startswith("sentences that rules code")]
    _, own, *others = coded.split("\t")
    assert own == "100%"
    assert all(re.fullmatch(r"\d+% \(\d+%-\d+%\)", other) for other in others)
    assert "Without interval: from one project or event alone" in ended.stderr
    (found,) = json.loads(run("donor", "check", "eastland", "--json").stdout)
    assert found["own"]["coded"]["any"] == {"value": 1.0, "interval": None, "clusters": 1}
    assert "Without interval" not in run("donor", "check", "norland").stderr


def test_the_command_says_it_for_a_person_and_for_a_script(sandbox, run):
    eastland(sandbox, *ALIKE)
    said = run("donor", "check", "eastland")
    assert said.exception is None, repr(said.exception)
    assert said.stdout.splitlines()[0] == "\tEastland\tNorland\tSudland\tall others"
    assert "Eastland beside Norland and Sudland: 1 thing to look at." in said.stderr
    found = json.loads(run("donor", "check", "--json").stdout)
    assert [each["donor"] for each in found] == ["norland", "sudland", "eastland"]
    assert found[2]["own"]["known"]["value"] > 0


def test_a_donor_is_made_with_its_names_and_has_no_documents(sandbox, run):
    made = run(
        "donor", "add", "New Eastland", "--iso", "NEA", "--alias", "Eastlandic", "--agency", "EASTAID",
        "--homonym", "Old New Eastland",
    )  # fmt: skip
    assert made.exception is None, repr(made.exception)
    case = Project.open(sandbox.root).corpus.known_cases["new-eastland"]
    assert (case.name, case.iso, case.aliases) == ("New Eastland", "NEA", ("New Eastland", "Eastlandic"))
    assert (case.agencies, case.homonyms) == (("EASTAID",), ("Old New Eastland",))
    assert "coding donor check new-eastland" in made.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("norland", "--iso", "NOR"), "corpus/norland/case.yaml is there already"),
        (("日本", "--iso", "JPN"), "'日本' gives no id"),
        (("eastland", "--iso", "eas"), "--iso: should be three capital letters"),
        (("eastland", "--iso", "EAS", "--alias", ""), "--alias is empty"),
        (("eastland", "--iso", "EAS", "--agency", "a\u200bb"), "cannot be seen"),
    ],
)
def test_a_donor_that_cannot_be_made_leaves_nothing(sandbox, run, given, said):
    before = sorted(path.name for path in (sandbox.root / "corpus").iterdir())
    ended = run("donor", "add", *given)
    assert isinstance(ended.exception, CodingError)
    assert said in str(ended.exception)
    assert sorted(path.name for path in (sandbox.root / "corpus").iterdir()) == before
