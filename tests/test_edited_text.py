"""The text of an edited codebook: the words are those that were given, all else stays byte for byte."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from edited import BOOK, FLAT, HOSTILE, WORDS, add, edit, plain, seen, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.codebook import Code
from coding.editing import add_code, edit_code
from coding.formats.codebook import read_codebook
from coding.project import Project


@pytest.fixture
def project(sandbox):
    sandbox.write("codebooks/book.yaml", BOOK)
    return Project.open(sandbox.root)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    """Return a project for tests that write nothing."""
    root = tmp_path_factory.mktemp("lasting")
    (root / "corpus").mkdir()
    (root / "codebooks").mkdir()
    (root / "codebooks/book.yaml").write_text(dedent(BOOK).lstrip("\n"), encoding="utf-8")
    return Project.open(root)


def differing(before, after):
    """Return the lines that are not the same in two texts as long as one another."""
    return [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]


# What an edit writes


def test_another_name_changes_its_line_and_the_version_and_keeps_comments_and_quotes(project):
    made = edit(project, "role.bridge", name="Bridges")
    assert differing(text(project), made.text) == [
        ('version: "1.0.9"   # the last', 'version: "1.0.10"   # the last'),
        ('        name: "Bridge"   # not a tunnel', '        name: "Bridges"   # not a tunnel'),
    ]


def test_the_other_fields_and_the_other_codes_are_as_before(project):
    old = project.codebook("book")
    made = edit(project, "role", name="Roles", include="All.", examples=["One.", "Two."])
    assert made.new["role"] == replace(old["role"], name="Roles", include="All.", examples=("One.", "Two."))
    assert [c for c in made.new.codes if c.id != "role"] == [c for c in old.codes if c.id != "role"]


def test_comments_stay_where_they_are_when_a_value_becomes_longer_or_shorter(project):
    long = "It joins two sides that would not meet. " * 6
    made = edit(project, "role.bridge", definition=long.strip())
    assert "        definition: >-   # or more\n          It joins two sides" in made.text
    assert max(map(len, made.text.splitlines())) <= 100
    made = edit(project, "role", definition="What it does.")
    assert "    definition: What it does.   # to be discussed\n\n    # Bridges are dear" in made.text


def test_lines_of_a_definition_stay_lines_of_the_file(project):
    made = edit(project, "behaviour", definition="What it does:\n- it trains,\n- it builds.\n")
    assert made.text.endswith(
        "    definition: |\n      What it does:\n      - it trains,\n      - it builds.\n"
    )


def test_a_folded_definition_stays_folded(project):
    made = edit(project, "role", definition="What it does\nfor others.")
    assert (
        "definition: >-   # to be discussed\n      What it does\n\n      for others.\n\n    # Br" in made.text
    )


def test_examples_that_stay_keep_their_quotes_and_comments(project):
    made = edit(project, "role.bridge", examples=("New.", "It is a 'bridge'.", "It joins: some.", "# Last"))
    assert (
        "        examples:\n"
        "          - New.\n"
        "          - It is a 'bridge'.   # literally\n"
        "          # The second.\n"
        '          - "It joins: some."   # or some\n'
        '          - "# Last"\n'
        "        rules:\n"
    ) in made.text
    made = edit(project, "role.helper", examples=("More help.", "a, b", "Help."))
    assert 'definition: "It helps.", examples: [\'More help.\', "a, b", Help.]}' in made.text


def test_a_field_set_to_empty_is_taken_out(project):
    made = edit(project, "role.bridge", source=None, examples=())
    assert "          two sides.   # or more\n        rules:\n" in made.text
    assert (made.new["role.bridge"].source, made.new["role.bridge"].examples) == ("", ())
    made = edit(project, "role.helper", examples=None)
    assert '- {id: role.helper, name: Helper, definition: "It helps."}' in made.text
    assert edit(project, "role.bridge", source=" \n\t").text == edit(project, "role.bridge", source="").text


def test_a_new_field_stands_in_the_order_of_the_reference(project):
    made = edit(project, "role.bridge", include="Roads.", exclude="Tunnels: all.")
    assert (
        "          two sides.   # or more\n"
        "        include: Roads.\n"
        '        exclude: "Tunnels: all."\n'
        "        source: |\n"
    ) in made.text


def test_a_written_codebook_is_read_as_any_other(project):
    examples = tuple(dict.fromkeys(filter(None, map(plain, HOSTILE))))
    edit(project, "role.bridge", definition="It\njoins.", examples=examples).write()
    add(project).write()
    assert read_codebook(Path(project.root) / "codebooks/book.yaml")["role.bridge"].examples == examples


@pytest.mark.parametrize("code", ["role", "role.bridge", "role.helper", "behaviour"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_text_comes_back_as_it_was_given(lasting, code, hostile):
    words = plain(hostile) or "x"
    changes = {"name": words, "definition": words, "source": words, "examples": (words, "Help.")}
    made = edit(lasting, code, **changes)
    assert made.new[code] == replace(made.old[code], **changes)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    code=st.sampled_from(["role", "role.bridge", "role.helper", "behaviour"]),
    field=st.sampled_from(["definition", "include", "source"]),
    words=WORDS.map(plain).filter(bool),
    examples=st.lists(WORDS.map(plain).filter(bool) | st.just("Help."), max_size=4).map(tuple),
)
def test_an_edit_and_its_undoing_leave_all_other_lines_as_they_were(lasting, code, field, words, examples):
    made = edit(lasting, code, **{field: words, "examples": examples})
    assert made.new[code] == replace(made.old[code], **{field: words, "examples": examples})
    with_it, without = (
        [line for line in whole.splitlines() if line.strip()] for whole in (made.text, text(lasting))
    )
    start = next(i for i, line in enumerate(without) if f"id: {code}" in line)
    assert with_it[:start][3:] == without[:start][3:]
    following = [i for i, line in enumerate(without) if i > start and "id: " in line]
    if following:
        assert with_it[following[0] - len(without) :] == without[following[0] :]


# The shipped codebook


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("normative_structure", {"definition": "Rules. " * 30, "include": None}),
        ("normative_structure.international_law", {"name": "Law: of nations", "examples": ("One.", "Two.")}),
        ("orientation.security", {"source": "", "exclude": "a\nb"}),
    ],
)
def test_an_edit_of_the_shipped_codebook_touches_the_lines_of_that_code_and_the_version_only(
    repository, code, changes
):
    project = Project.open(repository)
    digest = seen(project, "constructivist")
    made = edit_code(project, "constructivist", code, changes, seen=digest)
    before, after = made.revised.before.split("\n"), made.text.split("\n")
    start = next(i for i, line in enumerate(before) if line.endswith(f"- id: {code}"))
    end = next(i for i in range(start, len(before)) if before[i].strip() in ("codes:", "rules:"))
    assert (before[1], after[1]) == ("version: 1.0.0", f"version: {made.new.version}")
    assert [before[0], *before[2 : start + 1]] == [after[0], *after[2 : start + 1]]
    assert before[end:] == after[end - len(before) :]
    assert made.old == replace(made.new, version="1.0.0", codes=made.old.codes)


def test_a_code_added_to_the_shipped_codebook_is_nothing_but_more_lines(repository):
    project = Project.open(repository)
    digest = seen(project, "constructivist")
    made = add_code(
        project, "constructivist", id="role.pupil", name="Pupil", definition="It learns. " * 12 + "A lot.", parent="role",
        examples=("It learns from others.",), seen=digest,
    )  # fmt: skip
    more = made.text.partition("      - id: role.pupil\n")[2].partition("  - id: ")[0]
    version = "version: 1.0.0\n", "version: 1.1.0\n"
    assert made.text == made.revised.before.replace(*version).replace(
        "  - id: interest_normative\n", f"      - id: role.pupil\n{more}  - id: interest_normative\n"
    )
    assert more.startswith("        name: Pupil\n        definition: >-\n          It learns. It learns.")


# New codes


def test_a_new_code_is_the_last_below_its_parent(project):
    made = add(project, include="Chairs.", examples=["It leads.", "It chairs."])
    assert [code.id for code in made.new.children("role")] == ["role.bridge", "role.helper", "role.leader"]
    assert made.new["role.leader"] == Code(
        "role.leader", "Leader", "It leads.", "Chairs.", "", ("It leads.", "It chairs."), parent="role"
    )
    assert (
        "      - id: role.leader\n"
        "        name: Leader\n"
        "        definition: It leads.\n"
        "        include: Chairs.\n"
        "        examples:\n"
        "          - It leads.\n"
        "          - It chairs.\n"
        "  - id: behaviour\n"
    ) in made.text


@pytest.mark.parametrize(
    ("parent", "lines"),
    [
        (None, "    definition: What it does.\n  - id: new\n    name: New\n    definition: It is new.\n"),
        (
            "behaviour",
            "    definition: What it does.\n    codes:\n      - id: new\n        name: New\n        definition: It is new.\n",
        ),
        (
            "role.bridge",
            'rejects: ["A road."]}\n        codes:\n          - id: new\n            name: New\n            definition: It is new.\n',
        ),
        ("role.helper", "'More help.'], codes: [{id: new, name: New, definition: It is new.}]}\n"),
    ],
)
def test_a_code_without_codes_below_gets_them_in_the_manner_of_the_file(project, parent, lines):
    made = add(project, id="new", name="New", definition="It is new.", parent=parent)
    assert lines in made.text
    assert made.new["new"].parent == parent


def test_in_a_flat_file_a_new_code_stands_beside_the_others_and_names_its_parent(sandbox):
    sandbox.write("codebooks/book.yaml", FLAT)
    made = add(Project.open(sandbox.root))
    assert [code.id for code in made.new.codes] == ["role", "role.bridge", "role.leader", "behaviour"]
    assert (
        "- id: role.leader\n  name: Leader\n  definition: It leads.\n  parent: role\n- id: beh" in made.text
    )


@pytest.mark.parametrize("below", ["[]", "[{id: role.bridge, name: Bridge, definition: It joins.}]"])
def test_codes_between_brackets_get_another_between_them(sandbox, below):
    sandbox.write(
        "codebooks/book.yaml",
        f"id: book\nversion: 1.0.0\ncodes: [{{id: role, name: R, definition: R., codes: {below}}}]",
    )
    made = add(Project.open(sandbox.root))
    assert "{id: role.leader, name: Leader, definition: It leads.}]}]" in made.text
    again = add(Project.open(sandbox.root), parent=None)
    assert again.text.endswith(", {id: role.leader, name: Leader, definition: It leads.}]")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=WORDS.map(plain).filter(bool), parent=st.sampled_from([None, "role", "role.bridge", "role.helper"])
)
def test_the_words_of_a_new_code_come_back_as_they_were_given(lasting, words, parent):
    made = add(lasting, name=words, definition=words, exclude=words, examples=[words], parent=parent)
    assert made.new["role.leader"] == Code(
        "role.leader", words, words, exclude=words, examples=(words,), parent=parent
    )


def test_a_file_that_ends_without_a_line_end_can_be_edited(sandbox):
    written = dedent(FLAT).strip()
    sandbox.write("codebooks/book.yaml", b"\xef\xbb\xbf" + written.encode())
    made = edit(Project.open(sandbox.root), "behaviour", include="All.")
    assert made.text == written.replace("1.0.0", "1.1.0") + "\n  include: All.\n"
