"""Codings of every earlier version find the codes of today: all maps of a codebook as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.changing import succession
from coding.editing import revise_codebook
from coding.errors import CodingError
from coding.formats.changes import read_succession
from coding.project import Project
from coding.revision import Merge, Move, Retire, Split, carry, composed, successions

BOOK = """
    id: book
    version: 1.0.0
    codes:
      - id: role
        name: Role
        definition: What it does for others.
        codes:
          - {id: role.bridge, name: Bridge, definition: It joins.}
          - {id: role.helper, name: Helper, definition: It helps.}
      - id: behaviour
        name: Behaviour
        definition: What it does.
"""


@pytest.fixture
def project(sandbox):
    sandbox.write("codebooks/book.yaml", BOOK)
    return Project.open(sandbox.root)


def seen(project):
    return project.codebook("book").digest


def test_a_chain_of_maps_leads_to_the_codes_of_today(project):
    digest = seen(project)
    for steps in (
        [Move("role.helper", "role", "role.aide")],
        [Split("role.aide", ({"id": "x", "name": "X", "definition": "X."}, {"id": "y", "name": "Y", "definition": "Y."}))],
        [Merge(("x",), "y"), Merge(("role.bridge",), "behaviour")],
    ):  # fmt: skip
        revise_codebook(project, "book", steps, seen=seen(project)).write()
    assert seen(project) != digest
    through = succession(project, "book")
    assert [(one.old, one.new, one.kind) for one in through] == [
        ("role.helper", ("y",), "moved"),
        ("role.aide", ("y",), "split"),
        ("x", ("y",), "merged"),
        ("role.bridge", ("behaviour",), "merged"),
    ]


def test_maps_are_read_in_the_order_of_their_versions_up_to_that_of_the_codebook(sandbox, project):
    for version, old, new in (("1.10.0", "b", "c"), ("1.9.0", "a", "b"), ("2.0.0", "c", "d")):
        sandbox.write(
            f"codebooks/changes/book.{version}.map.yaml",
            f"codebook: book\nfrom: 1.0.0\nto: {version}\ncodes: [{{old: {old}, new: [{new}], kind: moved}}]\n",
        )
    folder = project.root / "codebooks/changes"
    assert carry(["a"], read_succession(folder, "book")).sure == {"a": "d"}
    assert carry(["a"], read_succession(folder, "book", until="1.10.0")).sure == {"a": "c"}
    assert succession(project, "book") == ()
    assert read_succession(folder, "boo") == read_succession(project.root / "none", "book") == ()


def test_a_map_of_another_codebook_is_refused(sandbox, project):
    sandbox.write(
        "codebooks/changes/book.1.0.1.map.yaml", "codebook: other\nfrom: 1.0.0\nto: 1.0.1\ncodes: []\n"
    )
    with pytest.raises(
        CodingError, match=r"codebooks/changes/book.1.0.1.map.yaml, line 1.*is 'other', not 'book'"
    ):
        succession(project, "book")


@st.composite
def histories(draw):
    """Return the steps of several versions; no id is used twice."""
    codes, retired, fresh = ["a", "b", "c", "d"], set(), iter(f"n{i}" for i in range(1000))
    history = []
    for _ in range(draw(st.integers(1, 5))):
        steps = []
        for _ in range(draw(st.integers(0, 4))):
            code = draw(st.sampled_from(codes))
            match draw(st.sampled_from(["move", "stay", "merge", "split", "retire"])):
                case "move":
                    new = next(fresh)
                    steps.append(Move(code, None, new))
                    codes[codes.index(code)] = new
                    retired ^= {code, new} if code in retired else set()
                case "stay":
                    steps.append(Move(code, None))
                case "merge":
                    into = draw(st.sampled_from(codes))
                    if code != into and into not in retired:
                        steps.append(Merge((code, into), into))
                        codes.remove(code)
                case "split" if code not in retired:
                    parts = [next(fresh), next(fresh)]
                    steps.append(Split(code, tuple({"id": part} for part in parts)))
                    codes += parts
                    retired.add(code)
                case "retire" if code not in retired:
                    steps.append(Retire(code, "unused"))
                    retired.add(code)
        history.append(steps)
    return history


@given(histories())
def test_carrying_through_all_changes_is_carrying_through_each_in_turn(history):
    changes = [successions(steps) for steps in history]
    for start in range(len(changes)):
        known = {"a", "b", "c", "d"} if start == 0 else {new for s in changes[start - 1] for new in s.new}
        carried = carry(known, composed(changes[start:]))
        for code in known:
            ids = {code}
            for change in changes[start:]:
                step = carry(ids, change)
                ids = {*step.sure.values(), *(new for news in step.undecided.values() for new in news)}
            assert {*carried.undecided.get(code, [carried.sure.get(code)])} == ids


def test_codes_that_change_places_in_one_version_do_not_become_one():
    swap = successions([Move("a", None, "t"), Move("b", None, "a"), Move("t", None, "b")])
    assert carry(["a", "b"], swap).sure == {"a": "b", "b": "a"}
    assert carry(["a", "b"], composed([swap, swap])).sure == {"a": "a", "b": "b"}


def test_of_an_id_that_stayed_the_next_change_is_told():
    through = composed([successions([Retire("a", "unused")]), successions([Merge(("a",), "b")])])
    assert [(one.old, one.new, one.kind) for one in through] == [("a", ("b",), "merged")]
