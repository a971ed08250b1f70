"""What a coder may see of others' coding: nothing of what they have still to read or judge blind."""

from hypothesis import given
from hypothesis import strategies as st

from coding.batch import Assignment, Look
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.sight import read_whole, sight

DOCUMENTS = tuple(Document(name, f"Text {name}.") for name in "abcd")
CORPUS = Corpus(DOCUMENTS)


def reading(document, coder="anna", **more):
    return Reading(coder, document.whole, **more)


def assigned(document, coder="anna", *, blind=True):
    return Assignment(f"{coder}-{document}", coder, document, "main", blind)


def seeing(*, readings=(), looks=(), assignments=(), judging=(), coder="anna"):
    return sight(coder, CORPUS, readings=readings, looks=looks, assignments=assignments, judging=judging)


def segment(document, coder):
    return CodedSegment(f"{document.id}-{coder}", document.whole, "role", "m", coder)


def test_a_document_stays_covered_until_it_is_read_or_looked_at():
    a, b, c, _ = DOCUMENTS
    found = seeing(readings=[reading(a)], looks=[Look("l", "anna", "b")])
    assert [found.is_covered(document.id) for document in (a, b, c)] == [False, False, True]


def test_only_what_is_assigned_blind_and_still_covered_is_withheld():
    found = seeing(
        assignments=[assigned("a"), assigned("b", blind=False), assigned("c"), assigned("d", "ben")]
    )
    assert [found.is_withheld(name) for name in "abcd"] == [True, False, True, False]
    assert found.assigned == {"a", "b", "c"}
    assert found.blind == {"a", "c"}


def test_reading_or_looking_ends_the_withholding():
    wanted = {"assignments": [assigned("a")]}
    assert seeing(**wanted).is_withheld("a")
    assert not seeing(**wanted, readings=[reading(DOCUMENTS[0])]).is_withheld("a")
    assert not seeing(**wanted, looks=[Look("l", "anna", "a")]).is_withheld("a")


def test_what_is_to_be_judged_blind_is_withheld_as_what_is_assigned_so_but_not_assigned():
    found = seeing(assignments=[assigned("a")], judging={"b", "c"}, looks=[Look("l", "anna", "c")])
    assert [found.is_withheld(name) for name in "abcd"] == [True, True, False, False]
    assert (found.blind, found.assigned) == ({"a", "b", "c"}, {"a"})


def test_judging_some_codes_of_a_unit_uncovers_nothing_and_reading_the_whole_does():
    a, b, *_ = DOCUMENTS
    readings = [Reading("anna", a.segment(0, 4), codes=("role",)), reading(b)]
    found = seeing(readings=readings, judging={"a", "b"})
    assert [found.is_withheld(name) for name in "ab"] == [True, False]


def test_what_others_read_or_looked_at_uncovers_nothing():
    found = seeing(readings=[reading(DOCUMENTS[0], "ben")], looks=[Look("l", "ben", "a")])
    assert found.is_covered("a")


def test_a_part_some_codes_or_an_earlier_text_are_no_whole_reading():
    a, b, _, d = DOCUMENTS
    readings = [
        Reading("anna", a.segment(0, 3)),
        reading(b, codes=("role",)),
        Reading("anna", Document("c", "An earlier text.").whole),
        reading(d),
    ]
    assert read_whole(readings, CORPUS, "anna") == {"d"}
    assert seeing(readings=readings).read == {"d"}


def test_a_reading_of_a_document_that_is_gone_counts_for_nothing():
    assert read_whole([reading(Document("gone", "Text."))], CORPUS, "anna") == frozenset()


SOME = st.sets(st.sampled_from("abcd"))


@given(SOME, SOME, SOME, SOME)
def test_lists_hold_all_of_ones_own_and_others_coding_where_nothing_is_withheld(blind, judging, read, looked):
    found = seeing(
        readings=[reading(document) for document in DOCUMENTS if document.id in read],
        looks=[Look(name, "anna", name) for name in sorted(looked)],
        assignments=[assigned(name) for name in sorted(blind)],
        judging=judging,
    )
    coded = Coded(
        tuple(segment(document, coder) for document in DOCUMENTS for coder in ("anna", "ben", "rules")),
        tuple(reading(document, coder) for document in DOCUMENTS for coder in ("anna", "ben")),
    )
    listed = found.in_lists(coded)
    withheld = (blind | judging) - read - looked
    assert {(s.segment.document, s.coder) for s in listed.segments} == {
        (name, coder)
        for name in "abcd"
        for coder in ("anna", "ben", "rules")
        if coder == "anna" or name not in withheld
    }
    assert {(r.segment.document, r.coder) for r in listed.readings} == {
        (name, coder)
        for name in "abcd"
        for coder in ("anna", "ben")
        if coder == "anna" or name not in withheld
    }
