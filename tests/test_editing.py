"""Codes edited one by one: the versions that follow, what is refused, and edits at the same moment lose nothing."""

import multiprocessing
import signal
import subprocess
import sys
from textwrap import dedent

import pytest
from edited import BOOK, add, edit, seen, text

from coding.changing import succession
from coding.editing import FIELDS, add_code, edit_code, revise_codebook
from coding.errors import Changed, CodingError
from coding.formats.changes import read_map
from coding.project import Project
from coding.revision import Merge, Move, Rename, Retire, Split, carry


@pytest.fixture
def project(sandbox):
    sandbox.write("codebooks/book.yaml", BOOK)
    return Project.open(sandbox.root)


# What is written


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
