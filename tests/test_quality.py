"""Rules against readers: counts, means over readers, intervals over documents, errors in context."""

import json

import pytest

from coding.codebook import Code, Codebook, Rule
from coding.errors import CodingError
from coding.formats.gold import read_gold
from coding.formats.measured import write_measured
from coding.model import Case
from coding.quality import measured, quality


def ruled(code, *patterns, **keywords):
    return Code(code, code, "d", rules=(Rule(code.replace(".", "-"), "phrase", patterns, **keywords),))


BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("act", "Act", "d"),
        Code("act.train", "Train", "d", parent="act", rules=(Rule("t", "phrase", ("train",)),)),
        ruled("role", "bridge", actor="self"),
        Code("orientation", "Orientation", "d"),
        Code(
            "orientation.security",
            "Security",
            "d",
            parent="orientation",
            rules=(Rule("s", "phrase", ("police",)),),
        ),
        Code(
            "orientation.development",
            "D",
            "d",
            parent="orientation",
            rules=(Rule("e", "phrase", ("teacher",)),),
        ),
    ),
    families={"category": ("act", "role"), "orientation": ("orientation",)},
)


def sentence(text, a, b=None, *, before="", after="", document="x", donor="Norland"):
    given = {
        name: {"codes": list(codes), "orientation": to} for name, (codes, to) in (("a", a), ("b", b or a))
    }
    return {
        "id": text, "donor": donor, "document": document, "text": text, "before": before, "after": after,
        "readers": given,
    }  # fmt: skip


GOLD = [
    sentence("Norland trains police.", (["act"], "security")),
    sentence("Norland trains teachers.", (["act"], "development"), (["act"], "neutral"), document="y"),
    sentence("It trains.", ([], None), (["act"], "neutral"), before="Police came.", after="Teachers left."),
    sentence("Norland teaches.", (["act"], "development"), document="z"),
    sentence("Sudland is a bridge.", ([], None), document="z"),
    sentence("Norland is a bridge.", (["role"], "neutral"), document="z"),
]


def written(tmp_path, rows):
    path = tmp_path / "gold.jsonl"
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8"
    )
    return path


@pytest.fixture
def found(tmp_path):
    gold = read_gold(written(tmp_path, GOLD))
    return quality(gold, BOOK, overlap="longest", cases={"s": Case("s", "Sudland")}, seed=1)


def test_precision_recall_and_f1_are_counted_against_each_reader(found):
    against_a, against_b = (found.scores["act", reader, ""] for reader in "ab")
    assert (against_a.n_found, against_a.n_read, against_a.n_both) == (3, 3, 2)
    assert (against_b.n_found, against_b.n_read, against_b.n_both) == (3, 4, 3)
    assert against_a.f1 == pytest.approx(2 / 3)
    assert (against_b.precision, against_b.recall) == (1, 0.75)
    assert found.mean("act") == pytest.approx((2 / 3 + 6 / 7) / 2)


def test_readers_are_measured_against_each_other_in_the_same_way(found):
    assert found.between["act"] == pytest.approx(6 / 7)
    assert found.macro_between == pytest.approx((6 / 7 + 1) / 2)


def test_a_sentence_is_read_in_its_context_and_speaks_for_its_donor(found):
    assert found.scores["role", "a", ""].f1 == 1
    assert [e.sentence.text for e in found.errors if e.category == "role"] == []


def test_only_what_lies_in_the_sentence_counts(found):
    (alone,) = [e for e in found.errors if e.sentence.text == "It trains."]
    assert (alone.category, alone.reader, alone.missed, alone.words) == ("act", "a", False, ("trains",))


def test_orientation_is_judged_where_both_coded_and_oriented(found):
    assert (found.orientation["a", ""].n, found.orientation["a", ""].accuracy) == (2, 1)
    assert (found.orientation["b", ""].n, found.orientation["b", ""].accuracy) == (2, 0.5)
    assert found.orientation["a", ""].n_read == 3
    assert found.orientation_accuracy == 0.75
    assert found.orientation["a", ""].none_as_neutral == 1
    assert found.orientation_between == 3 / 4


def test_the_interval_holds_the_estimate_and_comes_again_with_its_seed(found, tmp_path):
    assert found.scores["act", "a", ""].low is None  # three documents say nothing of others
    rows = [
        {**row, "id": f"{row['id']} {n}", "document": f"{row['document']} {n}"}
        for n in range(3)
        for row in GOLD
    ]
    gold = read_gold(written(tmp_path, rows))
    score, again = (
        quality(gold, BOOK, overlap="longest", cases={}, seed=1).scores["act", "a", ""] for _ in range(2)
    )
    assert 0 <= score.low <= score.f1 <= score.high <= 1
    assert again == score


def test_donors_are_told_apart_and_an_empty_base_is_missing(tmp_path):
    rows = [*GOLD, sentence("Nothing.", ([], None), donor="Westland")]
    found = quality(read_gold(written(tmp_path, rows)), BOOK, overlap="longest", cases={}, seed=1)
    assert found.donors == ("Norland", "Westland")
    assert found.scores["act", "a", "Norland"].n_read == 3
    assert found.scores["act", "a", "Westland"].f1 is None
    assert found.mean("act", "f1", "Westland") is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "line 2, column 2: not JSON"),
        ({"id": "x"}, "line 2: 'donor': field required"),
        (sentence("", ([], None)), "line 2: 'text'"),
        ({**sentence("x", ([], None)), "readers": {"c": {"codes": []}}}, "was read by c, the first by a, b"),
    ],
)
def test_a_line_that_is_no_sentence_is_named(tmp_path, row, message):
    with pytest.raises(CodingError, match=message):
        read_gold(written(tmp_path, [GOLD[0], row]))


def test_an_id_given_twice_is_an_error(tmp_path):
    with pytest.raises(CodingError, match="2 sentences have the id 'Norland trains police.'"):
        read_gold(written(tmp_path, [GOLD[0], GOLD[0]]))


def test_no_sentence_is_an_error(tmp_path):
    with pytest.raises(CodingError, match="no sentence"):
        read_gold(written(tmp_path, []))


@pytest.mark.parametrize(
    ("given", "message"),
    [((["akt"], None), "Did you mean 'act'"), ((["act"], "securty"), "Did you mean 'security'")],
)
def test_what_the_codebook_does_not_know_names_the_nearest(tmp_path, given, message):
    gold = read_gold(written(tmp_path, [sentence("x", given)]))
    with pytest.raises(CodingError, match=message):
        quality(gold, BOOK, overlap="longest", cases={}, seed=1)


def test_what_was_measured_is_kept_and_belongs_to_one_version_of_a_codebook(sandbox):
    import coding

    project = coding.Project.open(sandbox.root)
    book = project.codebook("book")
    assert project.measured(book) is None
    read = {"codes": ["behaviour"], "orientation": "security"}
    row = {
        "id": "1",
        "donor": "Norland",
        "document": "1",
        "text": "It trains police.",
        "readers": {"a": read},
    }
    sandbox.write("gold.jsonl", json.dumps(row).encode())
    found = quality(read_gold(sandbox.root / "gold.jsonl"), book, overlap="longest", cases={}, seed=1)
    kept = measured(found, book, texts="one sentence")
    write_measured(sandbox.root / "codebooks/quality/book.json", kept)
    assert project.measured(book) == kept
    assert coding.run(project).measured == kept
    sandbox.change("codebooks/book.yaml", 'phrase: "train*"', 'phrase: "trains"')
    assert coding.Project.open(sandbox.root).measured(project.codebook("book")) is None


def test_a_file_of_figures_that_is_none_says_so(sandbox):
    import coding

    sandbox.write("codebooks/quality/book.json", b'{"codebook": "book 1.0.0"}')
    project = coding.Project.open(sandbox.root)
    with pytest.raises(CodingError, match=r"codebooks/quality/book.json: 'digest': field required"):
        project.measured(project.codebook("book"))
