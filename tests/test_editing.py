"""Codes edited one by one: the words are those that were given, all else stays byte for byte, nothing is lost."""

import multiprocessing
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coding.changing import succession
from coding.codebook import Code
from coding.editing import FIELDS, add_code, edit_code, revise_codebook
from coding.errors import Changed, CodingError
from coding.formats import splice
from coding.formats.changes import read_map
from coding.formats.codebook import read_codebook
from coding.project import Project
from coding.revision import Merge, Move, Rename, Retire, Split, carry

BOOK = """
    # A book with comments.
    id: book
    version: "1.0.9"   # the last
    families: {category: [role, behaviour]}
    codes:
      - id: role
        name: Role   # or duty
        definition: >-   # to be discussed
          What it does
          for others.

        # Bridges are dear to us.
        codes:
          - id: role.bridge
            name: "Bridge"   # not a tunnel
            definition: It joins
              two sides.   # or more
            source: |
              Ours.
            examples:
              - It is a 'bridge'.   # literally
              # The second.
              - "It joins: all."   # or some
            rules:
              - {id: bridge, phrase: "bridge", matches: ["A bridge."], rejects: ["A road."]}

          # Old.
          - {id: role.helper, name: Helper, definition: "It helps.", examples: [Help., 'More help.']}
      - id: behaviour
        name: Behaviour
        definition: What it does.
"""
FLAT = """
    id: book
    version: 1.0.0
    codes:
    - id: role
      name: Role
      definition: What it does for others.
    - id: role.bridge
      name: Bridge
      definition: It joins two sides.
      parent: role
    - id: behaviour
      name: Behaviour
      definition: What it does.
"""


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


def seen(project, codebook="book"):
    return project.codebook(codebook).digest


def edit(project, code, **changes):
    return edit_code(project, "book", code, changes, seen=seen(project))


def add(project, **given):
    said = {"id": "role.leader", "name": "Leader", "definition": "It leads.", "parent": "role", **given}
    return add_code(project, "book", **said, seen=seen(project))


def text(project):
    return (project.root / "codebooks/book.yaml").read_text(encoding="utf-8")


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


def test_what_is_written_is_what_was_shown(project):
    made = edit(project, "role.bridge", definition="It joins.")
    assert text(project) == dedent(BOOK).lstrip("\n")
    made.write()
    assert text(project) == made.text
    assert project.codebook("book") == made.new


@pytest.mark.parametrize(
    ("field", "given", "version"),
    [
        ("definition", "It joins.", "1.1.0"),
        ("include", "Roads.", "1.1.0"),
        ("exclude", "Roads.", "1.1.0"),
        ("name", "Bridges", "1.0.10"),
        ("examples", ("It joins.",), "1.0.10"),
        ("source", None, "1.0.10"),
    ],
)
def test_what_a_code_means_makes_a_minor_version_and_other_words_a_patch(project, field, given, version):
    assert edit(project, "role.bridge", **{field: given}).new.version == version


def test_a_new_code_makes_a_minor_version(project):
    assert add(project).new.version == "1.1.0"


def test_an_edit_that_changes_nothing_writes_nothing_and_keeps_the_version(project):
    before = project.codebook("book")["role.bridge"]
    path = project.root / "codebooks/book.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    made = edit(project, "role.bridge", **{field: getattr(before, field) for field in FIELDS})
    made.write()
    assert made.new == made.old == project.codebook("book")
    assert b"\r\n" in path.read_bytes()


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


HOSTILE = [
    "no", "- x", ": ", "a: b", "#", "a # b", "'", '"', "it's \"so\"", "\\n", "\t", "a\tb", "🦊 fox", "日本語の定義。",
    " leading", "trailing ", "a\n", "a\n\n", "\na", "a\n b\nc", "a\r\nb\r", "a\n\n\nb", "null", "~", "1", "1e3",
    "2015-01-01", "0x1f", "=", "<<", "!x", "&x", "*x", "%x", "@x", "`x", "? x", "[x", "{x", "x]", "x}", "a,b", "|", ">-",
    "---", "...", "\u2028", "a\u2029b", "\ufeff", "\ufffe", "\u00a0", "a\u00a0", "\U0001f98a" * 60, "word " * 50, "x" * 300,
    "- a\n- b: c\n# d", "a  b " * 30 + "c", "tab\n\tindented\n", "{{ x }}", "line\n" * 40, "\U0010ffff", "e\u0301",
]  # fmt: skip
HOSTILE_CHARACTERS = st.sampled_from("\n\t :#-'\"{}[]|>&*!%@`,?~\\é日🦊\u2028\ufeff") | st.characters(
    exclude_categories=("Cc", "Cs")
)
WORDS = st.text(HOSTILE_CHARACTERS, max_size=120) | st.lists(st.sampled_from(HOSTILE), max_size=3).map(
    " ".join
)


def plain(words):
    """Return words as they are kept: line ends as everywhere, blanks alone are nothing."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    return words if words.strip(" \t\n") else ""


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


@settings(max_examples=100, deadline=None)
@given(words=WORDS.map(plain).filter(bool), column=st.integers(0, 6))
@example(words="a" * 90 + " b", column=6)
def test_no_line_is_longer_than_words_make_it(words, column):
    said = splice.put(" " * column + "x: y\n", ["z"], words)
    longest = max(map(len, words.split()), default=0)
    wide = max(map(len, said.split("\n")))
    assert "z: >" not in said or wide <= max(splice.WIDTH, column + 2 + longest)


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


# What is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "^Name: is empty. Give one."),
        ({"name": None}, "^Name: is empty"),
        ({"definition": " \n"}, "^Definition: is empty. Say when a passage bears the code."),
        ({"definition": "It j\x07oins."}, r"Definition: holds a character that nobody can see \(U\+0007, after 'It j'\). Take it out"),
        ({"source": "\ud83d"}, r"Source: holds .*\(U\+D83D, at its start\)"),
        ({"include": "a\x85b"}, r"U\+0085"),
        ({"include": "a\x00b"}, r"U\+0000"),
        ({"examples": ("a", "\x1b")}, r"Examples: number 2 holds .*U\+001B"),
        ({"examples": ("a", "")}, "Examples: number 2 is empty. Write a sentence, or take it out"),
        ({"examples": "It joins."}, "Examples: should be a list of texts"),
        ({"examples": (1,)}, "Examples: should be a list of texts"),
        ({"name": ("a",)}, "Name: should be a text"),
        ({"rules": "x"}, "'rules' are changed in the codebook file"),
        ({"parent": "x"}, "'parent' is changed by moving the code"),
        ({"definiton": "x"}, "no field 'definiton'. Did you mean 'definition'?"),
        ({"name": "", "definition": "", "x": ""}, "3 problems:"),
    ],
)  # fmt: skip
def test_words_that_do_not_fit_are_refused_by_field(project, changes, message):
    with pytest.raises(CodingError, match=f"(?s){message}"):
        edit(project, "role.bridge", **changes)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"id": "Role Leader"}, "Id: should be small letters, digits and underscores.*not 'Role Leader'"),
        ({"id": "role.leader\n"}, "Id: should be small letters"),
        ({"id": "role.bridge"}, "Id: 'role.bridge' is there already. Choose another"),
        ({"id": "mixed"}, "Id: a code cannot be called 'mixed'"),
        ({"parent": "rloe"}, "Parent: no code 'rloe'. Did you mean 'role'?"),
        ({"definition": ""}, "Definition: is empty"),
        ({"id": "A", "parent": "b", "name": ""}, "3 problems:\nId: .*\nParent: .*\nName: "),
    ],
)
def test_a_new_code_that_does_not_fit_is_refused_by_field(project, given, message):
    with pytest.raises(CodingError, match=f"(?s){message}"):
        add(project, **given)


def test_an_unknown_code_is_refused_with_the_nearest(project):
    with pytest.raises(CodingError, match="no code 'role.brige'. Did you mean 'role.bridge'?"):
        edit(project, "role.brige", name="x")


def test_a_retired_code_gets_no_new_ones(project):
    revise_codebook(project, "book", [Retire("role.bridge", "unused")], seen=seen(project)).write()
    with pytest.raises(CodingError, match=r"Parent: 'role.bridge' is retired"):
        add(project, parent="role.bridge")
    with pytest.raises(CodingError, match=r"'role.bridge' is there already \(retired\)"):
        add(project, id="role.bridge")


def test_a_file_written_as_is_not_known_here_is_left_to_an_editor(sandbox):
    sandbox.change("codebooks/book.yaml", "codes:\n", "codes: &all\n")
    project = Project.open(sandbox.root)
    with pytest.raises(
        CodingError,
        match="codebooks/book.yaml: the lines of code 'role.leader' can only be changed in an editor",
    ):
        add(project, parent=None)


# Two edits


def test_what_was_changed_since_it_was_seen_is_not_edited(project):
    digest = seen(project)
    edit(project, "role", name="Roles").write()
    for late in (
        lambda: edit_code(project, "book", "role", {"name": "Duty"}, seen=digest),
        lambda: add_code(
            project, "book", id="x", name="X", definition="X.", parent=None, seen=digest
        ),
        lambda: revise_codebook(project, "book", [Rename("role", "Duty")], seen=digest),
    ):  # fmt: skip
        with pytest.raises(
            Changed, match="codebooks/book.yaml: somebody changed it meanwhile.*Load it again"
        ):
            late()
    assert project.codebook("book")["role"].name == "Roles"


def test_what_was_changed_before_it_is_written_is_not_lost(project, sandbox):
    makers = [
        lambda: edit(project, "role", name="Duty"),
        lambda: revise_codebook(project, "book", [Retire("behaviour", "x")], seen=seen(project)),
    ]
    sandbox.change("codebooks/book.yaml", "families: {category: [role, behaviour]}\n", "")
    made = [maker() for maker in makers]
    sandbox.change("codebooks/book.yaml", "# A book", "# A good book")
    for late in made:
        with pytest.raises(Changed):
            late.write()
    assert text(project).startswith("# A good book")
    assert [path.name for path in (project.root / "codebooks").iterdir()] == ["book.yaml"]


def test_while_somebody_writes_nobody_else_does_and_a_killed_process_holds_nothing(project):
    path = project.root / "codebooks/book.yaml"
    made = edit(project, "role", name="Duty")
    holder = (
        "import sys; from pathlib import Path; from coding.changing import holding; path = Path(sys.argv[1])\n"
        "with holding(path, path.read_text(encoding='utf-8')):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Changed, match="book.yaml: somebody is changing it now"):
            made.write()
        other.send_signal(signal.SIGKILL)
    made.write()
    assert project.codebook("book")["role"].name == "Duty"


def write_when_all_are_ready(root, name, ready):
    """Edit a code in a process of its own; say whether it was written."""
    project = Project.open(root)
    made = edit(project, "role", name=name)
    ready.wait()
    try:
        made.write()
    except Changed:
        return None
    return name


def attempt(root, name, ready, results):
    results.put(write_when_all_are_ready(root, name, ready))


def test_of_edits_at_the_same_moment_one_is_written_and_the_others_are_told(project):
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(3), context.Queue()
    processes = [
        context.Process(target=attempt, args=(project.root, f"Name {i}", ready, results)) for i in range(3)
    ]
    for process in processes:
        process.start()
    written = [name for name in (results.get(timeout=60) for _ in processes) if name]
    for process in processes:
        process.join()
    assert written == [project.codebook("book")["role"].name]


def test_a_file_that_cannot_be_written_says_so(project):
    made = edit(project, "role", name="Duty")
    path = project.root / "codebooks/book.yaml"
    path.unlink()
    with pytest.raises(CodingError, match="cannot be read: No such file"):
        made.write()


# Steps


def test_steps_get_the_next_version_and_their_map(project):
    made = revise_codebook(
        project,
        "book",
        [Move("role.helper", "behaviour", "behaviour.help"), Rename("role", "Duty")],
        seen=seen(project),
    )
    made.write()
    book = project.codebook("book")
    assert (book.version, book["behaviour.help"].parent, book["role"].name) == ("1.1.0", "behaviour", "Duty")
    assert read_map(project.root / "codebooks/changes/book.1.1.0.map.yaml") == made.revised.through
    assert (
        revise_codebook(project, "book", [Rename("role", "Role")], seen=seen(project)).revised.new.version
        == "1.1.1"
    )


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([Rename("role", "x"), Rename("rloe", "x")], "^step 2: no code 'rloe'. Did you mean 'role'?"),
        ([Rename("role", "")], "^step 1: 'name'"),
        ([Move("role.helper", None, "Help!")], "^step 1: 'as': should be small letters"),
        ([Merge(("role.helper",), "role.brigde")], "^step 1: no code 'role.brigde'"),
        ([Split("role.helper", ({"id": "a"}, {"id": "b", "name": "B", "definition": "B."}))], "step 1: 'name' is missing"),
        ([Retire("role", "x")], "the change: family 'category' lists 'role', which is retired"),
        ([Retire("role", "a\x07")], "^step 1: holds a character that nobody can see"),
        ([Split("role.helper", ({"id": "a", "name": "A", "definition": "\ud800"},))], "^step 1: holds .*U.D800"),
        ([], "'steps'"),
    ],
)  # fmt: skip
def test_steps_that_do_not_fit_say_which(project, steps, message):
    with pytest.raises(CodingError, match=message):
        revise_codebook(project, "book", steps, seen=seen(project))


def test_an_id_that_was_another_code_is_not_given_again(project):
    revise_codebook(project, "book", [Move("role.helper", "role", "role.aide")], seen=seen(project)).write()
    with pytest.raises(
        CodingError, match="^Id: 'role.helper' was another code, which is role.aide now. An id is for ever"
    ):
        add(project, id="role.helper")
    with pytest.raises(CodingError, match="'role.helper' was another code"):
        revise_codebook(project, "book", [Move("role.bridge", "role", "role.helper")], seen=seen(project))
    back = revise_codebook(project, "book", [Move("role.aide", "role", "role.helper")], seen=seen(project))
    back.write()
    assert carry(["role.helper", "role.aide"], succession(project, "book")).sure == {
        "role.helper": "role.helper",
        "role.aide": "role.helper",
    }
