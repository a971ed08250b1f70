"""A codebook as tables: what is exported is imported again; what is wrong is told with row and column."""

import openpyxl
import pytest
from drawn import codebooks
from hypothesis import HealthCheck, given, settings

from coding.codebook import Code, Codebook, Rule
from coding.errors import CodingError
from coding.formats import csv, xlsx
from coding.formats.codebook import CodeEntry, RuleEntry, read_codebook, write_codebook
from coding.formats.codebook_tables import read_tables, tables, take_tables, write_tables

many = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(codebooks())
@many
def test_a_codebook_file_that_is_written_is_read_again(tmp_path_factory, book):
    path = tmp_path_factory.mktemp("y") / "book.yaml"
    write_codebook(path, book)
    assert read_codebook(path) == book


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@given(codebooks())
@many
def test_a_codebook_that_is_exported_is_imported_again(tmp_path_factory, suffix, book):
    path = tmp_path_factory.mktemp("t") / f"book{suffix}"
    write_tables(path, book)
    assert read_tables(path) == book


def test_the_shipped_codebook_survives_a_workbook_and_files(repository, tmp_path):
    book = read_codebook(repository / "codebooks/constructivist.yaml")
    for name in ("a.csv", "a.xlsx"):
        write_tables(tmp_path / name, book)
        assert read_tables(tmp_path / name) == book
    write_codebook(tmp_path / "a.yaml", book)
    assert read_codebook(tmp_path / "a.yaml") == book


def test_no_part_of_a_code_or_rule_has_no_column():
    made = tables(Codebook("book", "1.0.0", ()))
    kinds = {"phrase", "near", "all", "pattern", "regex"}
    assert set(made["codes"][0]) == set(CodeEntry.model_fields) - {"codes", "rules"}
    assert set(made["rules"][0]) == set(RuleEntry.model_fields) - kinds | {"code", "kind", "patterns"}


def test_no_cell_of_an_exported_codebook_is_a_formula(tmp_path):
    book = Codebook("book", "1.0.0", (Code("role", "=1+1", "@SUM(A1)", examples=("-1",)),))
    write_tables(tmp_path / "a.csv", book)
    assert (
        (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1].startswith("role,,'=1+1,'@SUM(A1)")
    )
    write_tables(tmp_path / "a.xlsx", book)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx")["codes"] for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert read_tables(tmp_path / "a.csv") == read_tables(tmp_path / "a.xlsx") == book


def test_ids_are_made_of_names_and_parents_are_found_by_name(tmp_path):
    csv.write_table(
        tmp_path / "mine.csv",
        [["Name", "Parent", "Definition"], ["Rôle", "", "What it does."], ["Bridge builder", "Rôle", "Joins."], ["Near", "Bridge builder", ""]],
    )  # fmt: skip
    book = read_tables(tmp_path / "mine.csv")
    assert (book.id, book.version) == ("mine", "0.1.0")
    assert [(c.id, c.name, c.parent) for c in book.codes] == [
        ("role", "Rôle", None),
        ("role.bridge_builder", "Bridge builder", "role"),
        ("role.bridge_builder.near", "Near", "role.bridge_builder"),
    ]
    assert read_tables(tmp_path / "mine.csv", codebook="other").id == "other"


def test_a_workbook_of_one_sheet_is_a_table_of_codes_whatever_the_name_of_the_sheet(tmp_path):
    xlsx.write_sheets(tmp_path / "mine.xlsx", {"Sheet1": [["name"], ["Role"], [None], [2]]})
    assert [c.id for c in read_tables(tmp_path / "mine.xlsx").codes] == ["role", "n2"]


# Lists of codes as other programs write them; the tables are invented.


def listed(book):
    return [(c.id, c.name, c.parent, c.definition, c.include) for c in book.codes]


BRIDGES = [
    ("role", "Role", None, "What it does.", ""),
    ("role.bridge", "Bridge", "role", "It joins.", ""),
    ("role.bridge.far", "Far", "role.bridge", "Imported from mine.csv; say what it means.", ""),
]


@pytest.mark.parametrize(
    ("content", "left_out"),
    [
        ("Name,Parent,Description,Files,References\nRole,,What it does.,3,12\nBridge,Role,It joins.,2,4\nFar,Bridge,,0,0\n", "Files, References"),
        ("Color;Parent code;Code;Code memo;Cod. seg. (all documents);% Cod. seg.;Created;Modified by;Author\n;;Role;What it does.;3;1;x;y;z\n;Role;Bridge;It joins.;;;;;\n;Role > Bridge;Far;;;;;;\n", "Color, Cod. seg. (all documents), % Cod. seg., Created, Modified by, Author"),
        ("Code\tComment\tNumber of quotations\nRole\tWhat it does.\t1\nRole > Bridge\tIt joins.\t1\nRole > Bridge > Far\t\t\n", "Number of quotations"),
        ('"Code Name";"Memo";"Documents"\n"Role";"What it does.";1\n"Role\\Bridge";"It joins.";1\n"Role\\Bridge\\Far";;\n', "Documents"),
        ("Hierarchical Name,Description,Frequency\nCodes\\\\Role,What it does.,1\nCodes\\\\Role\\Bridge,It joins.,1\nCodes\\\\Role\\Bridge\\Far,,\n", "Frequency"),
        ("name;definition\nRole;What it does.\nRole/Bridge;It joins.\nRole/Bridge/Far;\n", ""),
    ],
)  # fmt: skip
def test_a_list_of_codes_of_another_program_is_read_and_what_it_counts_is_left_out(
    tmp_path, content, left_out
):
    (tmp_path / "mine.csv").write_text(content, encoding="utf-8")
    taken = take_tables(tmp_path / "mine.csv")
    assert listed(taken.codebook) == BRIDGES
    assert ", ".join(taken.left_out) == left_out


def test_a_workbook_of_another_program_is_read_as_a_file_is(tmp_path):
    rows = [
        ["Code", "Memo", "Coded segments"],
        ["Role", "What it does.", 2],
        ["Role > Bridge", "It joins.", 1],
    ]
    xlsx.write_sheets(tmp_path / "mine.xlsx", {"Codesystem": rows})
    taken = take_tables(tmp_path / "mine.xlsx")
    assert (listed(taken.codebook), taken.left_out) == (BRIDGES[:2], ("Coded segments",))


def test_a_memo_beside_a_definition_is_a_note(tmp_path):
    rows = [
        ["Name", "Description", "Memo", "Include"],
        ["A", "D", "M", ""],
        ["B", "", "M", ""],
        ["C", "D", "M", "I"],
    ]
    csv.write_table(tmp_path / "mine.csv", rows)
    said = [(c.definition, c.include) for c in read_tables(tmp_path / "mine.csv").codes]
    assert said == [("D", "M"), ("M", ""), ("D", "I\nM")]


def test_a_code_above_others_that_is_no_row_is_made(tmp_path):
    csv.write_table(tmp_path / "mine.csv", [["Code"], ["Role > Bridge"], ["Role > Other"], ["Aim > Other"]])
    book = read_tables(tmp_path / "mine.csv")
    assert [c.id for c in book.codes] == ["role", "role.bridge", "role.other", "aim", "aim.other"]
    assert book["role"].definition == "Imported from mine.csv; say what it means."


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["name"], ["Press/Media"], ["Press"], ["Law/Order"]], ["Press/Media", "Press", "Law/Order"]),
        ([["name"], ["From A -> B"], ["/s"], ["B >"]], ["From A -> B", "/s", "B >"]),
        ([["id", "name"], ["a", "A"], ["b", r"A\B"]], ["A", r"A\B"]),
        ([["name", "parent"], ["A > B", ""], ["C > D", "A > B"]], ["A > B", "C > D"]),
    ],
)
def test_a_sign_in_a_name_is_no_path_where_it_need_not_be_one(tmp_path, rows, names):
    csv.write_table(tmp_path / "mine.csv", rows)
    assert [c.name for c in read_tables(tmp_path / "mine.csv").codes] == names


def test_files_with_semicolons_hold_rules_too(tmp_path):
    (tmp_path / "a.csv").write_text("id;name;definition\nrole;Role;d\n", encoding="utf-8")
    (tmp_path / "a.rules.csv").write_text(
        "code;id;kind;patterns;matches\nrole;r;phrase;a;A.\n", encoding="utf-8"
    )
    assert read_tables(tmp_path / "a.csv")["role"].rules[0].patterns == ("a",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["name", "defintion"], ["Role", "x"]], "mine.csv, row 1: unknown column 'defintion'. Did you mean 'definition'?"),
        ([["Code", "Name"], ["Role", "x"]], "the column 'name' stands there 2 times"),
        ([["Code", "Description", "Retired"], ["Role", "x", "maybe"]], "row 2, column retired"),
        ([["name", "name"], ["Role", "x"]], "the column 'name' stands there 2 times"),
        ([["name"], ["Role", "stray"]], "row 2: has a cell without a column"),
        ([["name", "parent"], ["Role", "Rloe"]], "row 2, parent: no code has the id or name 'Rloe'. Did you mean 'Role'?"),
        ([["name", "parent"], ["A", ""], ["A", ""], ["B", "A"]], "2 codes are 'A'. Give them an `id`"),
        ([["name", "parent"], ["A", "B"], ["B", "A"]], "its own ancestor"),
        ([["name"], ["日本"]], "row 2: no id can be made of the name '日本'. Add an `id`"),
        ([["name", "definition"], ["", "x"]], "row 2: a code needs a name"),
        ([["name"], ["A"], ["a"]], "row 3: code 'a' stands already at row 2"),
        ([["id", "name"], ["Role!", "Role"]], "row 2, column id: 'id': should be small letters"),
        ([["name", "retired"], ["A", "maybe"]], "row 2, column retired: 'retired': should be true or false"),
        ([["name", "definition"], [r"A\B", "x"], ["", "x"]], "row 3: a code needs a name"),
        ([["name"], [r"A\日"]], "no id can be made of the name '日'"),
        ([["name"], [r"A\B"], [r"A\B"]], "row 3: code 'a.b' stands already at row 2"),
        ([["name"]], "has no code"),
        ([], "is empty. Its first row names the columns"),
    ],
)  # fmt: skip
def test_a_wrong_table_says_row_column_and_what_next(tmp_path, rows, message):
    csv.write_table(tmp_path / "mine.csv", rows)
    with pytest.raises(CodingError, match=message):
        read_tables(tmp_path / "mine.csv")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["rloe", "r", "phrase", "a", "x"], "mine.rules.csv, row 2, column code: no code 'rloe'. Did you mean 'role'?"),
        (["role", "r", "phrse", "a", "x"], "column kind: no kind 'phrse'. Did you mean 'phrase'?"),
        (["role", "r", "phrase", "(a", "x"], "column patterns: .* never closed"),
        (["role", "r", "pattern", "[{", "x"], "column patterns: a token pattern is a JSON list"),
        (["role", "r", "near", "a\nb", "x"], "row 2: rule 'r': `near` needs `within`"),
        (["role", "r", "phrase", "a", ""], "row 2: 'matches' is missing"),
    ],
)  # fmt: skip
def test_a_wrong_rule_says_row_column_and_what_next(tmp_path, cells, message):
    csv.write_table(tmp_path / "mine.csv", [["name"], ["Role"]])
    csv.write_table(tmp_path / "mine.rules.csv", [["code", "id", "kind", "patterns", "matches"], cells])
    with pytest.raises(CodingError, match=message):
        read_tables(tmp_path / "mine.csv")


def test_a_family_is_made_of_top_level_codes(tmp_path):
    codes = (Code("role", "Role", ""), Code("role.bridge", "Bridge", "", parent="role"))
    with pytest.raises(CodingError, match="family 'f': no top-level code 'role.bridge'. Known: role"):
        Codebook("book", "1.0.0", codes, families={"f": ("role.bridge",)})
    csv.write_table(tmp_path / "mine.csv", [["name", "parent"], ["Role", ""], ["Bridge", "Role"]])
    csv.write_table(tmp_path / "mine.about.csv", [["key", "value"], ["family f", "role.bridge"]])
    with pytest.raises(
        CodingError, match="mine.about.csv, row 2, column value: no top-level code 'role.bridge'"
    ):
        read_tables(tmp_path / "mine.csv")


def test_all_problems_of_a_table_are_told_at_once(tmp_path):
    csv.write_table(tmp_path / "mine.csv", [["name", "parent"], ["A", "x"], ["B", "y"], ["", "A"]])
    with pytest.raises(CodingError, match="^3 problems:"):
        read_tables(tmp_path / "mine.csv")


def test_what_cannot_stand_in_a_cell_is_refused_and_an_earlier_file_stays(tmp_path):
    write_tables(tmp_path / "a.xlsx", Codebook("book", "1.0.0", (Code("role", "Role", "d"),)))
    before = (tmp_path / "a.xlsx").read_bytes()
    for text, message in (("x" * 32_768, "longer than a cell can be"), ("a\x00b", "control character")):
        with pytest.raises(CodingError, match=f"'role', column definition: .*{message}"):
            write_tables(tmp_path / "a.xlsx", Codebook("book", "1.0.0", (Code("role", "Role", text),)))
    assert (tmp_path / "a.xlsx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("content", [b"no workbook", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_workbook_is_a_plain_error(tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(CodingError, match="is no Excel workbook"):
        read_tables(tmp_path / "a.xlsx")


def test_a_workbook_escapes_what_looks_like_its_own_escapes(tmp_path):
    book = Codebook("book", "1.0.0", (Code("role", "_x0041_", "d"),))
    write_tables(tmp_path / "a.xlsx", book)
    assert read_tables(tmp_path / "a.xlsx") == book


def test_a_rule_of_a_table_stands_as_in_a_file(tmp_path):
    csv.write_table(tmp_path / "a.csv", [["name"], ["Role"]])
    head = ["code", "id", "kind", "patterns", "unless", "matches"]
    csv.write_table(
        tmp_path / "a.rules.csv", [head, ["role", "r", "phrase", "train*\nteach", "not", "[japan] We teach."]]
    )
    (rule,) = read_tables(tmp_path / "a.csv")["role"].rules
    assert rule.patterns == ("train*", "teach")
    assert (rule.matches[0].donor, rule.matches[0].text) == ("japan", "We teach.")
    assert rule == Rule("r", "phrase", ("train*", "teach"), unless=("not",), matches=rule.matches)
