"""What files of other programs say besides is kept once, whatever comes again, and named by what is here."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.batch import Kept, Memo, act
from coding.errors import CodingError
from coding.formats.refi.ours import guid_of
from coding.keeping import (
    Said,
    contradicts,
    description_of,
    grown,
    in_words,
    kept_in,
    row_of,
    said_of,
    together,
)
from coding.model import CodedSegment, Segment
from coding.project import Project
from coding.revision import Merge, Move, successions

refs = st.tuples(st.sampled_from(["code", "document", "kept"]), st.sampled_from("abc"))
words = st.sampled_from(["", "one", "two"])
told = st.builds(
    Said,
    of=st.none() | refs,
    text=words,
    members=st.lists(refs, unique=True, max_size=3).map(tuple),
    ends=st.sampled_from([(), (("code", "a"), ("code", "b"))]),
    colour=st.sampled_from(["", "#0A1"]),
    is_codable=st.booleans(),
    values=st.dictionaries(st.sampled_from("vw"), st.sampled_from(["3", 3, 2.5, True]), max_size=2),
    segments=st.lists(st.sampled_from("st"), unique=True, max_size=2).map(tuple),
    place=st.none() | st.just(Segment("norland/a", 0, 3, "d")),
    coder=words,
)
rows = st.builds(row_of, st.just("g"), st.just("set"), words, told)


@given(told)
def test_what_is_said_is_read_again(said):
    assert said_of(row_of("g", "set", "Mine", said)) == said


@given(rows, rows)
def test_a_file_that_comes_again_adds_nothing_and_another_takes_nothing_away(one, other):
    both = grown(one, other)
    assert grown(one, one) == one
    assert grown(both, other) == grown(both, one) == both
    found, first = said_of(both), said_of(one)
    assert {*found.members} == {*first.members, *said_of(other).members}
    assert {**found.values, **first.values} == found.values
    assert not contradicts(one, both)


@given(rows, rows)
def test_the_order_of_files_matters_only_where_they_contradict(one, other):
    def plainly(row):
        said = said_of(row)
        return (
            row.name,
            {*said.members},
            {*said.segments},
            said.values,
            said.text,
            said.colour,
            said.is_codable,
        )

    if not contradicts(one, other):
        assert plainly(grown(one, other)) == plainly(grown(other, one))


def test_where_files_contradict_the_first_stands():
    one, other = (row_of("g", "set", name, Said(text=name, values={"v": name})) for name in ("Mine", "Yours"))
    assert contradicts(one, other)
    assert grown(one, other) == one


def test_codes_are_named_as_they_are_called_today():
    rows = [
        row_of(guid_of("code", "old"), "code", "old", Said(of=("code", "old"), colour="#0A1")),
        row_of("s", "set", "Mine", Said(members=(("code", "old"), ("document", "old"), ("code", "other")))),
        row_of("l", "link", "", Said(ends=(("code", "old"), ("kept", "s")))),
    ]
    through = successions([Merge(("old",), "other"), Move("other", None, "new")])
    code, group, link = together(rows, through)
    assert (code.id, code.name, said_of(code).of) == (guid_of("code", "new"), "new", ("code", "new"))
    assert said_of(group).members == (("code", "new"), ("document", "old"))
    assert said_of(link).ends == (("code", "new"), ("kept", "s"))


def test_what_was_undone_is_not_kept_and_names_of_files_are_not_among_it(sandbox):
    project = Project.open(sandbox.root)
    assert kept_in(project) == ()
    one, other = (row_of(name, "set", name, Said(text="x")) for name in ("one", "two"))
    first, second = (act("zoe", "import", row_of("f", "file", "x.qdpx", Said()), row) for row in (one, other))
    with project.store() as store:
        store.add(first, second)
        store.undo(first.id, by="zoe")
    assert kept_in(project) == (other,)


def test_a_row_that_cannot_be_read_is_refused_with_what_to_do():
    with pytest.raises(CodingError, match="no JSON object"):
        Kept("g", "set", "Mine", "[]")
    with pytest.raises(CodingError, match="Did you mean 'set'"):
        Kept("g", "sets", "Mine")
    with pytest.raises(CodingError, match=r"kept set g: .*undo that"):
        said_of(Kept("g", "set", "Mine", json.dumps({"members": "all"})))


def test_descriptions_of_several_projects_are_one():
    rows = [row_of(guid, "project", guid, Said(text=f"About {guid}.")) for guid in "ab"]
    assert description_of([*rows, row_of("n", "note", "", Said(text="not this"))]) == "About a.\n\nAbout b."


def test_what_is_kept_is_told_in_words():
    rows = [
        row_of("v", "variable", "Age", Said(type="Integer")),
        row_of("d", "document", "norland/a", Said(of=("document", "norland/a"), values={"v": 3})),
        row_of("k", "case", "Norland", Said(of=("case", "norland"), text="In the north.")),
        row_of(
            "s", "set", "Mine", Said(members=(("code", "a"), ("code", "b"), ("kept", "k"), ("memo", "m")))
        ),
        row_of("l", "link", "", Said(ends=(("kept", "s"), ("segment", "0123456789")), direction="OneWay")),
        row_of("c", "code", "a", Said(of=("code", "a"), colour="#0A1", is_codable=False)),
        row_of("t", "selection", "Odd", Said(place=Segment("norland/a", 3, 9, "d"))),
        row_of("u", "selection", "Odd", Said(segments=("0", "1"))),
    ]
    assert in_words(rows) == [
        "",
        "Age: 3",
        "of norland; In the north.",
        "a, b, Norland and 1 more",
        "Mine → a coded segment that stands no more",
        "#0A1; bears nothing itself",
        "norland/a 3:9",
        "of 2 coded segments",
    ]
    here = CodedSegment("0123456789", Segment("norland/a", 3, 9, "d"), "role", "m", "anna", quote="a bridge")
    memo = Memo("m", "document", "norland/a", "Why is that so? " * 9, "anna", "2026")
    said = in_words(
        [*rows, row_of("n", "note", "A title", Said(of=("memo", "m")))], memos=[memo], segments=[here]
    )
    assert said[4] == "Mine → role “a bridge” in norland/a"
    assert said[-1] == "of memo “Why is that so? Why is that so? Why is …”"
