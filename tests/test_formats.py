"""Formats: what is written is read again; what cannot be read says where and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import without_size

from coding import plugins
from coding.codebook import Codebook
from coding.errors import CodingError
from coding.formats import csv, text, xlsx, yaml
from coding.formats.case import CaseFile
from coding.formats.codebook import CodebookFile, read_codebook
from coding.study import Study

plain = st.text(
    st.characters(exclude_characters="\r", exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40
)


def test_no_format_or_tagger_vanishes():
    formats = {"case", "codebook", "csv", "models", "refi", "samples", "text", "xlsx", "yaml"}
    assert set(plugins.installed("coding.formats")) >= formats
    assert set(plugins.installed("coding.taggers")) >= {"rules"}


@given(plain.filter(str.strip))
def test_a_text_that_is_written_is_read_again(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("t") / "a.txt"
    text.write_text(path, content)
    assert text.read_text(path) == content.removeprefix("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_marks_are_made_one(tmp_path, encoding, end):
    path = tmp_path / "a.txt"
    path.write_bytes(f"Erste Zeile{end}日本 👩🏽‍💻 e\u0301{end}".encode(encoding))
    assert text.read_text(path) == "Erste Zeile\n日本 👩🏽‍💻 e\u0301\n"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the text is empty"),
        (b"  \n\n", "the text is empty"),
        (b"\xef\xbb\xbf", "the text is empty"),
        (b"one\ntwo \xff three", "line 2: is not utf-8"),
        ("ein Stück".encode("cp1252"), "line 1: is not utf-8"),
        (b"%PDF-1.7\0\0", "is not text"),
    ],
)
def test_a_text_that_cannot_be_read_says_why(tmp_path, raw, message):
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    with pytest.raises(CodingError, match=message):
        text.read_text(path, name="a.txt")


def test_a_file_that_is_not_there_is_a_plain_error(tmp_path):
    with pytest.raises(CodingError, match="cannot be read: No such file"):
        text.read_text(tmp_path / "none.txt")


@given(st.lists(st.lists(plain, min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_csv_table_that_is_written_is_read_again(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("t") / "a.csv"
    csv.write_table(path, rows)
    assert csv.read_table(path) == rows


@pytest.mark.parametrize("danger", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_cell_of_a_table_is_a_formula(tmp_path, danger):
    csv.write_table(tmp_path / "a.csv", [[danger]])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").lstrip('"').startswith("'")
    xlsx.write_sheets(tmp_path / "a.xlsx", {"s": [["head"], [danger]]})
    import openpyxl

    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["s"]["A2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", danger, None)


def test_a_workbook_that_is_written_is_read_again(tmp_path):
    rows = [["code", "n", "share"], ["日本 👩🏽‍💻", 3, 0.25], [None, 0, None]]
    xlsx.write_sheets(tmp_path / "a.xlsx", {"one": rows, "two": [["x"]]})
    assert xlsx.read_sheets(tmp_path / "a.xlsx") == {"one": rows, "two": [["x"]]}


def test_the_rows_of_a_sheet_that_does_not_say_its_size_are_equally_long(tmp_path):
    xlsx.write_sheets(
        tmp_path / "a.xlsx", {"s": [["code", "n", "share"], ["x", None, None], [None, 1, None]]}
    )
    said = without_size(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert xlsx.read_sheets(said)["s"] == [["code", "n", "share"], ["x", None, None], [None, 1, None]]


def test_a_workbook_takes_texts_that_excel_cannot_hold(tmp_path):
    xlsx.write_sheets(tmp_path / "a.xlsx", {"s": [["head"], ["a\x00b"], ["x" * 40_000]]})
    cells = [row[0] for row in xlsx.read_sheets(tmp_path / "a.xlsx")["s"]]
    assert cells[1] == "a\ufffdb"
    assert len(cells[2]) == xlsx.MOST_CHARACTERS
    assert cells[2].endswith(" [...]")


# YAML


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("no: no\nyes: true\n", {"no": "no", "yes": True}),
        ("a: 1\nb: 1.5\nc: 2019-03-14\nd: '007'\n", {"a": 1, "b": 1.5, "c": "2019-03-14", "d": "007"}),
        ("a: [x, {b: y}]\nc: ~\n", {"a": ["x", {"b": "y"}], "c": None}),
    ],
)
def test_yaml_values_are_what_they_look_like(sandbox, content, values):
    assert yaml.load(sandbox.write("a.yaml", content)).values == values


@pytest.mark.parametrize("n", [900, 5_000])
def test_yaml_that_is_nested_without_end_is_refused(sandbox, n):
    with pytest.raises(CodingError, match="a.yaml.* nest"):
        yaml.load(sandbox.write("a.yaml", "[" * n + "]" * n))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: 'a' stands already in line 1"),
        ("a: [1, 2\n", "line 2, column 1: not valid YAML"),
        ("a: !!python/object:os.system x\n", "line 1, column 1: a YAML tag"),
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
    ],
)
def test_wrong_yaml_says_where(sandbox, content, message):
    with pytest.raises(CodingError, match=message):
        yaml.load(sandbox.write("a.yaml", content))


# Codebooks


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("definition: It trains.", "defintion: It trains.", "line 20, column 9: unknown key 'defintion'. Did you mean 'definition'"),
        ("version: 1.0.0", "version: one", "line 2, column 1: 'version'"),
        ("id: behaviour\n", "id: role\n", "code 'role' stands already at line 5, column 5"),
        ("id: training, phrase", "id: bridge, phrase", "rule 'bridge' stands already at"),
        ('phrase: "train*"', 'phrase: "(train*"', "column 1: this '\\(' is never closed"),
        ('phrase: "train*"', 'phrase: "train*", near: [a, b]', "give one of phrase, near, all, pattern, regex, not phrase and near"),
        ('phrase: "train*"', 'near: ["train*", "police"]', "`near` needs `within`"),
        ('phrase: "train*"', 'phrase: "train*", within: 3', "belong to `near`"),
        ("orientation: [orientation]", "orientation: [orientatoin]", "line 3, column 55: no top-level code 'orientatoin'. Did you mean 'orientation'"),
        ("    definition: What it does.\n", "    definition: What it does.\n    parent: rloe\n", "line 17, column 5: no code 'rloe'. Did you mean 'role'"),
        ("        definition: It joins two sides.\n", "        definition: x\n        parent: behaviour\n", "Say it once"),
        ("        definition: It joins two sides.\n", "        definition: x\n        implies: [orientation.secure]\n", "Did you mean 'orientation.security'"),
        (", matches: [\"It trains.\"]", "", "'matches' is missing"),
    ],
)  # fmt: skip
def test_a_wrong_codebook_says_file_line_and_what_next(sandbox, old, new, message):
    sandbox.change("codebooks/book.yaml", old, new)
    with pytest.raises(CodingError, match=message):
        read_codebook(sandbox.root / "codebooks/book.yaml", name="codebooks/book.yaml")


def test_all_problems_of_a_file_are_told_at_once(sandbox):
    sandbox.change("codebooks/book.yaml", "version: 1.0.0", "version: one")
    sandbox.change("codebooks/book.yaml", "name: Bridge", "nmae: Bridge")
    with pytest.raises(CodingError) as caught:
        read_codebook(sandbox.root / "codebooks/book.yaml", name="book.yaml")
    assert str(caught.value).splitlines()[0] == "3 problems:"


def test_a_codebook_is_read_as_it_is_written(sandbox):
    book = read_codebook(sandbox.root / "codebooks/book.yaml")
    assert isinstance(book, Codebook)
    assert [c.id for c in book.codes] == [
        "role", "role.bridge", "behaviour", "behaviour.training",
        "orientation", "orientation.security", "orientation.development",
    ]  # fmt: skip
    assert book["role.bridge"].rules[0].patterns == ("bridge",)
    assert book.family("role.bridge") == "category"
    assert book.parts("orientation") == ("orientation.security", "orientation.development")
    assert book.ancestors("role.bridge") == ("role",)


def test_a_code_cannot_be_its_own_ancestor():
    from coding.codebook import Code

    loop = (Code("a", "A", "d", parent="b"), Code("b", "B", "d", parent="a"))
    with pytest.raises(CodingError, match="its own ancestor"):
        Codebook("book", "1.0.0", loop)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("on", "on"), ("True", True), ("~", None), ("2019-03-14", "2019-03-14"), ("1:30", "1:30"),
        ("010", 10), ("1_000", "1_000"), ("0x1F", "0x1F"), ("1.5", 1.5), ("'5'", "5"), (".inf", ".inf"), ("=", "="),
    ],
)  # fmt: skip
def test_values_are_those_of_yaml_1_2(written, value, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(f"key: {written}\n", encoding="utf-8")
    assert yaml.load(path).values == {"key": value}


@pytest.mark.parametrize("written", ["&a [*a]", "[&a [x], *a]", "!!python/object:os.system x", "!mine x"])
def test_yaml_that_does_more_than_say_is_refused(written, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(f"key: {written}\n", encoding="utf-8")
    with pytest.raises(CodingError, match="line 1, column .* not allowed here"):
        yaml.load(path)


def test_the_place_of_a_wrong_byte_counts_the_byte_order_mark(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\n\ncaf\xe9")
    with pytest.raises(CodingError, match=r"line 3: is not utf-8 \(byte 11\)"):
        text.read_text(path)


# Messages


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: bridge, phrase", "id: Bridge it, phrase", "'id': should be small letters, digits and hyphens, such as 'joins-two-sides', not 'Bridge it'"),
        ("id: role.bridge", "id: role-bridge", "'id': should be small letters, digits and underscores, a dot before each lower level, such as 'role.norm_promoter', not 'role-bridge'"),
        ("version: 1.0.0", "version: 1", "'version': should be a text, not 1"),
        ('phrase: "train*"', "phrase: 3", "'phrase': should be a"),
        ('phrase: "train*"', "pattern: [3]", "'pattern', entry 1: should be keys with values"),
        ('matches: ["It trains."]', "matches: [3]", "'matches', entry 1: should be"),
        ('matches: ["It trains."]', "matches: [{tex: It trains.}]", "unknown key 'tex'. Did you mean 'text'"),
        ("definition: It trains.", "definition:", "'definition': should be a text, not empty"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_in_words(sandbox, old, new, message):
    sandbox.change("codebooks/book.yaml", old, new)
    with pytest.raises(CodingError) as caught:
        read_codebook(sandbox.root / "codebooks/book.yaml", name="codebooks/book.yaml")
    assert message in str(caught.value)
    for internal in ("list[", "function-", "^[", "instance of", "ExampleEntry"):
        assert internal not in str(caught.value)


def test_a_file_that_is_a_list_says_that_keys_are_expected(sandbox):
    sandbox.write("codebooks/book.yaml", "- id: book\n")
    with pytest.raises(
        CodingError, match="line 1, column 1: the file: should be keys with values .*, not a list"
    ):
        read_codebook(sandbox.root / "codebooks/book.yaml")


def patterns(schema):
    inside = schema.items() if isinstance(schema, dict) else enumerate(schema)
    for key, value in inside:
        if key == "pattern" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from patterns(value)


@pytest.mark.parametrize("model", [CaseFile, CodebookFile, Study])
def test_every_pattern_of_a_file_is_said_in_words(model):
    found = set(patterns(model.model_json_schema()))
    assert found
    assert found - set(yaml.FORMS) == set()
