"""Readings in a new text: only sentences whose words were all read, and judgements whose unit is as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.editions import Placed
from coding.model import Coded, CodedSegment, Document, Reading
from coding.placing import Place
from coding.realigning import Selection, realigned

OLD = "Norland trains police. It is a bridge. It gives money.\n\nThe end is near. 海は青い。空も青い。"


def parts(new, *, old=OLD, span=None, **said):
    """Return the words of a new text that a reading of an earlier one covers."""
    before, after = Document("land/a", old), Document("land/a", new)
    segment = before.whole if span is None else before.segment(*span)
    reading = Reading("anna", segment, id="r", **said)
    found = realigned(after, Coded((), (reading,)), Placed(), {before.digest: old}, before=before.digest)
    (placed,) = found.readings
    assert placed.n_read <= placed.n_sentences
    return [new[start:end] for start, end in placed.parts]


@pytest.mark.parametrize(
    ("new", "covered"),
    [
        (OLD, [OLD]),
        (OLD.replace("\n\n", "\n\n\n"), [OLD.replace("\n\n", "\n\n\n")]),
        (OLD.replace("It is a bridge. ", ""), [OLD.replace("It is a bridge. ", "")]),
        (OLD.replace("polce", "police"), [OLD]),
        (f"New. {OLD}", [OLD]),
        (OLD.replace("It gives", "Also this. It gives"), [OLD[:38], OLD[39:]]),
        (OLD.replace("a bridge", "no bridge at all"), [OLD[:22], OLD[39:]]),
        (OLD.replace("is a bridge", "is not a bridge"), [OLD[:22], OLD[39:]]),
        (OLD.replace("青い。空", "青い。山は高い。空"), [OLD[:-5], OLD[-5:]]),
        ("Everything is other words now.", []),
    ],
)
def test_only_sentences_whose_words_all_stood_there_were_read(new, covered):
    assert parts(new) == covered


def test_a_word_in_other_letters_was_read():
    assert parts(OLD, old=OLD.replace("bridge", "briclge")) == [OLD]


def test_a_sentence_that_moved_was_read():
    first, second = OLD.split("\n\n")
    new = f"{second}\n\nNow this.\n\n{first}"
    assert parts(new) == [second, first]


def test_of_a_part_that_was_read_the_same_part_is():
    assert parts(f"New. {OLD}", span=(23, 38)) == ["It is a bridge."]


def test_a_judgement_holds_where_its_unit_has_the_same_words():
    judged = {"span": (23, 38), "sample": "spring", "codes": ("role",), "given": ()}
    assert parts(f"New. {OLD}", **judged) == ["It is a bridge."]
    assert parts(OLD.replace("bridge", "brigde"), **judged) == []


def test_what_was_read_in_a_text_that_is_not_kept_covers_nothing():
    old, new = Document("land/a", OLD), Document("land/a", f"New. {OLD}")
    found = realigned(new, Coded((), (Reading("anna", old.whole, id="r"),)), Placed(), {}, before="x")
    assert [each.parts for each in found.readings] == [()]
    assert not found.is_new
    assert found.placings(()) == ()


@given(
    st.integers(0, len(OLD) - 1),
    st.integers(1, 20),
    st.integers(0, len(OLD)),
    st.sampled_from(["", "New 😀. ", "é"]),
)
def test_a_selection_without_a_code_goes_where_a_coded_segment_of_its_words_does(start, length, at, put_in):
    before, after = Document("land/a", OLD), Document("land/a", f"{OLD[:at]}{put_in}{OLD[at + 2 :]}")
    place = before.segment(start, min(len(OLD), start + length))
    coded = CodedSegment("s", place, "role", "m", "anna", quote=before.quote(place))
    found = realigned(
        after, Coded((coded,), ()), Placed(), {before.digest: OLD}, before=before.digest,
        selections=[Selection("g", "", place)],
    )  # fmt: skip
    (segment,), (selection,) = found.segments, found.selections
    assert (selection.found, selection.words, selection.quote) == (
        segment.found,
        segment.words,
        before.quote(place),
    )
    placed = [each for each in found.placings(()) if each.row == "g"]
    assert [after.quote(each.segment) for each in placed] == [selection.words] * isinstance(
        selection.found, Place
    )
