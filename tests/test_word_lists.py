"""Dictionaries of other programs: each category a code with one rule that `coding check` accepts."""

import pytest

from coding.checks import check
from coding.errors import CodingError
from coding.importing import import_codebook
from coding.project import Project

QUANTEDA = """
economy:
  tax: [tax*, value added tax]
  trade:
    - import*
    - don't
    - e-mail
security:
  - police
  - army: [tank*]
empty:
"""
LIWC = "%\n1\tposemo\n2\tneg emo (Negative)\n%\nabandon*\t2\na  lot\t1 2\nhappy 1\n"
WORDS = "police\n\n  police   officer*\npolice\n"


@pytest.fixture
def taken(sandbox):
    """Return a function that imports a file of given content and returns the codebook as read again."""

    def take(name, content, **options):
        path = sandbox.write(name, content)
        made = import_codebook(Project.open(sandbox.root), path, codebook="mine", **options)
        assert Project.open(sandbox.root).codebook("mine") == made.codebook
        return made

    return take


def rules(book):
    return {code.id: [rule.patterns for rule in code.rules] for code in book.codes}


def test_nested_categories_become_codes_below_codes(taken):
    book = taken("Dictionary.yaml", QUANTEDA).codebook
    assert rules(book) == {
        "economy": [], "economy.tax": [("tax*", "value added tax")], "economy.trade": [("import*", "don't", "e-mail")],
        "security": [("police",)], "security.army": [("tank*",)], "empty": [],
    }  # fmt: skip
    assert [c.parent for c in book.codes] == [None, "economy", "economy", None, "security", None]
    assert book["economy.tax"].definition == "Imported from Dictionary.yaml; say what it means."
    (rule,) = book["economy.tax"].rules
    assert (rule.match, [example.text for example in rule.matches]) == ("surface", ["tax"])


def test_numbered_categories_become_codes_with_the_words_of_their_numbers(taken):
    book = taken("l.dic", LIWC).codebook
    assert rules(book) == {"posemo": [("a lot", "happy")], "neg_emo_negative": [("abandon*", "a lot")]}
    assert book["neg_emo_negative"].name == "neg emo (Negative)"


def test_a_plain_list_becomes_a_code_with_the_name_of_its_file(taken):
    book = taken("The Police.txt", WORDS).codebook
    assert rules(book) == {"the_police": [("police", "police officer*")]}
    assert book["the_police"].name == "The Police"


def test_a_text_that_begins_as_liwc_does_is_read_as_that(taken):
    assert "posemo" in taken("l.txt", LIWC).codebook


@pytest.mark.parametrize(("name", "content"), [("d.yaml", QUANTEDA), ("l.dic", LIWC), ("w.txt", WORDS)])
def test_what_is_imported_passes_the_check(sandbox, taken, name, content):
    taken(name, content)
    assert check(Project.open(sandbox.root)).codebooks == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.txt", "police\n*foo\n", "w.txt, line 2: '\\*foo': a `\\*` stands only at the end of a word"),
        ("w.txt", "po*ce\n", "line 1: 'po\\*ce': a `\\*` stands only"),
        ("w.txt", "*\n", "line 1: '\\*': a `\\*` stands only"),
        ("w.txt", "a (b)\n", "has a sign of the rule language"),
        ("w.txt", "---\n", "would never be found"),
        ("l.dic", LIWC + ":)\t1\n", "l.dic, line 8: ':\\)' has a sign of the rule language"),
    ],
)
def test_words_that_no_rule_can_say_are_refused_unless_left_out(sandbox, taken, name, content, message):
    with pytest.raises(CodingError, match=f"--leave-out.\n.*{message}"):
        taken(name, content)
    assert not (sandbox.root / "codebooks/mine.yaml").exists()
    assert len(taken(name, content, leave_out=True).left_out) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.dic", "happy\t1\n", "names its categories between two lines '%'"),
        ("l.dic", "%\n1\ta\n1\tb\n%\n", "line 3: '1' stands already"),
        ("l.dic", "%\n1\ta\n%\nhappy\t2\n", "line 4: 'happy\t2': no category 2"),
        ("l.dic", "%\n1\ta\n%\nhappy\n", "line 4: 'happy': the numbers of its categories are missing"),
        ("d.yaml", "a: [x, 1.5]\n", "line 1, column 8: 1.5 is no word. Put it in quotes"),
        ("d.yaml", "a: [x]\nA: [y]\n", "'A' gets the id of that at d.yaml, line 1, column 1"),
        ("d.yaml", "日本: [x]\n", "no id can be made of '日本'"),
        ("d.yaml", "- a\n", "maps categories to lists of words"),
        ("d.yaml", "id: x\nversion: 1.0.0\ncodes: []\n", "is a codebook already. Copy it into codebooks/"),
        ("w.txt", "\n\n", "has no word"),
        ("w.doc", "x", "no dictionary ends in '.doc'"),
    ],
)
def test_a_wrong_dictionary_says_where(taken, name, content, message):
    with pytest.raises(CodingError, match=message):
        taken(name, content)


def test_a_codebook_that_is_there_is_never_overwritten(sandbox):
    path = sandbox.write("w.txt", WORDS)
    with pytest.raises(CodingError, match="codebooks/book.yaml is there already. Choose another id."):
        import_codebook(Project.open(sandbox.root), path, codebook="book")


def test_an_id_that_no_codebook_may_have_is_refused_before_anything_is_written(sandbox):
    path = sandbox.write("w.txt", WORDS)
    with pytest.raises(CodingError, match="'id': should be"):
        import_codebook(Project.open(sandbox.root), path, codebook="../Mine")
    assert [p.name for p in (sandbox.root / "codebooks").iterdir()] == ["book.yaml"]


def test_an_unknown_format_offers_the_nearest(taken):
    with pytest.raises(CodingError, match="Did you mean 'quanteda'"):
        taken("w.txt", WORDS, format="quantda")


def test_two_codes_whose_rules_would_have_one_id_get_two(taken):
    book = taken("d.yaml", "a:\n  b: [x]\na_b: [y]\n").codebook
    assert [rule.id for code in book.codes for rule in code.rules] == ["a-b-1", "a-b-2"]
