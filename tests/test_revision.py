"""A codebook's next version: what the steps say and nothing else, comments kept, codings carried along."""

from textwrap import dedent

import pytest

from coding.changing import apply_changes
from coding.differences import compare
from coding.errors import CodingError
from coding.formats.changes import read_map
from coding.formats.codebook import read_codebook
from coding.project import Project
from coding.revision import Merge, Move, Rename, Retire, Split, carry, successions

BOOK = """
    # A book with comments.
    id: book
    version: 1.0.0   # the first
    families: {category: [role, behaviour], orientation: [orientation]}
    codes:
      - id: role
        name: Role
        definition: >-
          What it does
          for others.
        codes:
          # Bridges are dear to us.
          - id: role.bridge
            name: "Bridge"   # not a tunnel
            definition: It joins two sides.
            rules:
              - {id: bridge, phrase: "bridge", matches: ["A bridge."], rejects: ["A road."]}
          - id: role.mediator
            name: Mediator
            definition: It mediates.
            examples: [It mediates between them.]
            beats: [role.bridge]
            rules:
              - id: mediates
                phrase: mediat*   # any ending
                matches: [It mediates.]
      - id: behaviour
        name: Behaviour
        definition: What it does.
        codes:
          - id: behaviour.training
            name: Training
            definition: It trains.
            implies: [orientation.security]
            rules:
              - {id: training, phrase: "train*", matches: ["It trains."]}
      - id: orientation
        name: Orientation
        definition: What it is about.
        codes:
          - id: orientation.security
            name: Security
            definition: Protection.
"""


@pytest.fixture
def changed(sandbox):
    """Return a function that applies steps to the book and writes it."""
    sandbox.write("codebooks/book.yaml", BOOK)

    def apply(steps, version="1.1.0", *, write=True):
        head = f"codebook: book\nversion: {version}\nsteps:\n"
        sandbox.write("changes.yaml", head + "".join(f"  - {step}\n" for step in steps))
        applied = apply_changes(Project.open(sandbox.root), sandbox.root / "changes.yaml")
        if write:
            applied.write()
        return applied

    return apply


def book(sandbox):
    return read_codebook(sandbox.root / "codebooks/book.yaml")


def text(sandbox):
    return (sandbox.root / "codebooks/book.yaml").read_text(encoding="utf-8")


def test_a_new_name_is_the_only_line_that_changes(sandbox, changed):
    changed(["rename: {code: role, name: Roles}"])
    before, after = dedent(BOOK).strip().splitlines(), text(sandbox).splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ("version: 1.0.0   # the first", "version: 1.1.0   # the first"),
        ("    name: Role", "    name: Roles"),
    ]


def test_a_move_changes_the_parent_and_keeps_the_id_rules_and_comments(sandbox, changed):
    before = read_codebook(sandbox.write("old.yaml", BOOK))
    changed(["move: {code: role.mediator, under: behaviour}"])
    found = compare(before, book(sandbox))
    assert [(d.kind, d.code, d.new) for d in found] == [("moved", "role.mediator", "behaviour")]
    for comment in ("# A book with comments.", "# Bridges are dear to us.", "# not a tunnel", "# any ending"):
        assert comment in text(sandbox)


def test_a_move_with_another_id_is_followed_by_all_that_names_the_code(sandbox, changed):
    applied = changed(["move: {code: role.bridge, under: null, as: bridge}"])
    after = book(sandbox)
    assert after["bridge"].parent is None
    assert after["role.mediator"].beats == ("bridge",)
    assert read_map(applied.map) == successions([Move("role.bridge", None, "bridge")])


def test_a_merger_carries_rules_examples_children_and_references(sandbox, changed):
    changed(["merge: {codes: [role.bridge, role.mediator], into: role.bridge}"])
    after = book(sandbox)
    assert "role.mediator" not in after
    assert [rule.id for rule in after["role.bridge"].rules] == ["bridge", "mediates"]
    assert after["role.bridge"].examples == ("It mediates between them.",)
    assert after["role.bridge"].beats == ()


def test_a_split_code_is_retired_beside_the_new_ones_and_keeps_what_they_do_not_take(sandbox, changed):
    with pytest.raises(
        CodingError, match="'role.mediator' beats 'role.bridge', which is retired. Take that out first."
    ):
        changed(
            [
                "split: {code: role.bridge, into: [{id: a, name: A, definition: A.}, {id: b, name: B, definition: B.}]}"
            ]
        )
    sandbox.change("codebooks/book.yaml", "        beats: [role.bridge]\n", "")
    changed(
        [
            "split: {code: role.bridge, into: [{id: role.convener, name: Convener, definition: It convenes.}, {id: role.joiner, name: Joiner, definition: It joins., rules: [{id: bridge, phrase: bridge, matches: [A bridge.]}]}]}"
        ]
    )
    after = book(sandbox)
    assert [c.id for c in after.codes if c.parent == "role"] == [
        "role.bridge",
        "role.convener",
        "role.joiner",
        "role.mediator",
    ]
    assert after["role.bridge"].retired
    assert after["role.bridge"].rules == ()
    assert [rule.id for rule in after["role.joiner"].rules] == ["bridge"]


def test_a_retired_code_says_why_in_the_file_and_in_the_map(sandbox, changed):
    applied = changed(["retire: {code: behaviour.training, why: Nobody trains.}"])
    assert book(sandbox)["behaviour.training"].retired
    assert "retired: true # Nobody trains." in " ".join(text(sandbox).split())
    assert read_map(applied.map)[0].why == "Nobody trains."


def test_steps_build_on_one_another(sandbox, changed):
    applied = changed(
        [
            "merge: {codes: [role.mediator], into: role.bridge}",
            "move: {code: role.bridge, under: behaviour, as: behaviour.joining}",
            "rename: {code: behaviour.joining, name: Joining}",
        ]
    )
    after = book(sandbox)
    assert (after["behaviour.joining"].name, after["behaviour.joining"].parent) == ("Joining", "behaviour")
    carried = carry(["role.mediator", "role.bridge", "behaviour"], read_map(applied.map))
    assert carried.sure == {
        "role.mediator": "behaviour.joining",
        "role.bridge": "behaviour.joining",
        "behaviour": "behaviour",
    }
    assert "codes:" not in text(sandbox).partition("id: role")[2].partition("id: behaviour")[0]


def test_a_dry_run_and_a_second_version_of_one_name_write_nothing(sandbox, changed):
    changed(["rename: {code: role, name: Roles}"], write=False)
    assert text(sandbox) == dedent(BOOK).lstrip("\n")
    changed(["rename: {code: role, name: Roles}"])
    sandbox.write("codebooks/book.yaml", BOOK)
    with pytest.raises(CodingError, match="book.1.1.0.map.yaml is there already"):
        changed(["rename: {code: role, name: Roles}"])
    assert text(sandbox) == dedent(BOOK).lstrip("\n")


def test_a_map_is_no_codebook(sandbox, changed):
    changed(["rename: {code: role, name: Roles}"])
    assert Project.open(sandbox.root).codebooks == ("book",)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("rename: {code: rloe, name: x}", "changes.yaml, line 4, column 5: no code 'rloe'. Did you mean 'role'?"),
        ("move: {code: role, under: role.bridge}", "cannot stand below itself or a code of its own"),
        ("move: {code: role, under: behaviour}", "family 'category' lists 'role', which is no top code now"),
        ("move: {code: role.bridge, under: role, as: behaviour}", "'behaviour' is there already. An id is for ever"),
        ("move: {code: role.bridge, under: role, as: Bridge!}", "'as': should be small letters"),
        ("merge: {codes: [role], into: role.bridge}", "'role' cannot go into 'role.bridge', which stands below it"),
        ("merge: {codes: [behaviour.training], into: role.bridge}", "differ in `implies`. Make them equal first"),
        ("split: {code: role.mediator, into: [{id: a, name: A, definition: A.}, {id: role, name: B, definition: B.}]}", "'role' is there already"),
        ("split: {code: role.mediator, into: [{id: a, name: A, definition: A.}]}", "at least 2 items"),
        ("retire: {code: role, why: x}", "3 problems:\n.*'role.bridge' stands below 'role', which is retired"),
        ("retire: {code: orientation.security, why: x}", "'behaviour.training' implies 'orientation.security', which is retired"),
        ("retire: {code: role, why: ''}", "at least 1 character"),
        ("remove: {code: role}", "unknown key 'remove'.* Did you mean 'move'?"),
        ("{rename: {code: role, name: x}, retire: {code: role, why: x}}", "a step is one of rename, move, merge, split, retire"),
    ],
)  # fmt: skip
def test_a_change_that_does_not_fit_says_where_and_writes_nothing(sandbox, changed, step, message):
    with pytest.raises(CodingError, match=f"(?s){message}"):
        changed([step])
    assert text(sandbox) == dedent(BOOK).lstrip("\n")
    assert not (sandbox.root / "codebooks/changes").exists()


def test_all_steps_that_do_not_fit_are_told_at_once(changed):
    with pytest.raises(CodingError, match="(?s)2 problems:.*no code 'x'.*no code 'y'"):
        changed(["rename: {code: x, name: x}", "retire: {code: y, why: y}"])


def test_a_family_and_a_reference_that_no_longer_fit_are_told_at_once(changed):
    steps = ["move: {code: role, under: behaviour}", "retire: {code: orientation.security, why: x}"]
    with pytest.raises(
        CodingError, match="(?s)2 problems:.*lists 'role', which is no top code.*which is retired"
    ):
        changed(steps)


@pytest.mark.parametrize(
    ("version", "said"), [("1.0.0", "1.0.0 does not come after 1.0.0"), ("0.9.0", "does not come after")]
)
def test_a_version_goes_up(changed, version, said):
    with pytest.raises(CodingError, match=said):
        changed(["rename: {code: role, name: Roles}"], version)


# Where codings go


def test_one_successor_is_sure_and_several_are_for_a_person():
    through = successions([Split("a", ({"id": "a1"}, {"id": "a2"})), Retire("b", "unused"), Rename("c", "C")])
    carried = carry(["a", "b", "c", "d"], through)
    assert carried.sure == {"b": "b", "c": "c", "d": "d"}
    assert carried.undecided == {"a": ("a1", "a2")}


def test_what_was_merged_into_a_code_follows_it_when_that_is_split():
    through = successions([Merge(("a",), "b"), Split("b", ({"id": "b1"}, {"id": "b2"}))])
    assert carry(["a", "b"], through).undecided == {"a": ("b1", "b2"), "b": ("b1", "b2")}


def test_two_halves_that_are_merged_again_are_sure():
    through = successions([Split("a", ({"id": "a1"}, {"id": "a2"})), Merge(("a1",), "a2")])
    assert carry(["a"], through).sure == {"a": "a2"}
    assert [s.old for s in through] == ["a"]
