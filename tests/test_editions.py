"""What was coded in an earlier text stands in the text of today where it was placed, and nowhere else."""

from coding.batch import Decision, Memo, Placing
from coding.editions import Placed, placed
from coding.model import Coded, CodedSegment, Corpus, Document, Reading

OLD = Document("land/a", "A bridge.")
NEW = Document("land/a", "It is: A bridge. And more.")
NEXT = Document("land/a", "So it is: A bridge.")
HERE = CodedSegment("s", OLD.segment(2, 8), "role", "m", "anna", quote="bridge")
READ = Reading("anna", OLD.whole, id="r")


def today(found, document, *segments, readings=()):
    return found.today(Coded(segments, readings), Corpus((document,)))


def at(*placings):
    return placed((placing, "act") for placing in placings)


def test_a_segment_stands_in_the_text_that_is_there_whichever_that_is():
    found = at(Placing("1", "s", NEW.segment(9, 15)), Placing("2", "s", NEXT.segment(12, 18)))
    for document in (OLD, NEW, NEXT):
        (segment,) = today(found, document, HERE).segments
        assert document.quote(segment.segment) == segment.quote == "bridge"
        assert segment.id == "s"


def test_what_was_not_placed_in_the_text_of_today_stays_in_that_of_then():
    found = at(Placing("1", "s", NEW.segment(9, 15)))
    assert today(found, NEXT, HERE) == Coded((HERE,))
    assert today(Placed(), NEW, HERE) == Coded((HERE,))


def test_in_a_corpus_without_the_document_all_is_as_it_was():
    found = at(Placing("1", "s", NEW.segment(9, 15)))
    assert found.today(Coded((HERE,), (READ,)), Corpus(())) == Coded((HERE,), (READ,))


def test_a_reading_has_a_part_for_each_of_its_placings():
    found = at(Placing("1", "r", NEW.segment(0, 5)), Placing("2", "r", NEW.segment(7, 16)))
    readings = today(found, NEW, readings=(READ,)).readings
    assert [(r.segment.start, r.segment.end) for r in readings] == [(0, 5), (7, 16)]
    assert {r.id for r in readings} == {"r"}


def test_of_two_acts_that_place_the_same_the_later_holds():
    placings = [
        (Placing("1", "r", NEW.segment(0, 5)), "first"),
        (Placing("2", "r", NEW.segment(7, 16)), "first"),
        (Placing("3", "r", NEW.segment(3, 4)), "second"),
    ]
    (reading,) = today(placed(placings), NEW, readings=(READ,)).readings
    assert reading.segment == NEW.segment(3, 4)


def test_what_a_machine_coded_has_the_id_of_what_it_codes_there_and_stands_once():
    found = at(Placing("1", "s", NEW.segment(9, 15), "t"))
    afresh = CodedSegment("t", NEW.segment(9, 15), "role", "m", "rules")
    assert [s.id for s in today(found, NEW, HERE).segments] == ["t"]
    assert today(found, NEW, HERE, afresh).segments == (afresh,)
    assert today(found, NEW, afresh, HERE).segments == (afresh,)


def test_decisions_and_memos_are_about_what_stands_today():
    found = at(Placing("1", "s", NEW.segment(9, 15), "t"), Placing("2", "t", NEXT.segment(12, 18), "u"))
    decisions = [Decision(name, name, "accept", "ben", name) for name in ("s", "t", "x")]
    memos = [Memo("m", "segment", "s", "Why?", "ben", "1"), Memo("n", "code", "s", "So.", "ben", "1")]
    for document, name in ((OLD, "s"), (NEW, "t"), (NEXT, "u")):
        corpus = Corpus((document,))
        second = CodedSegment("t", NEW.segment(9, 15), "role", "m", "rules")
        coded = found.today(Coded((HERE, second)), corpus)
        assert [d.about for d in found.decisions(decisions, coded, corpus)] == [name, name, "x"]
        assert [m.subject for m in found.memos(memos, coded, corpus)] == [name, "s"]


def test_the_names_of_one_segment_are_found_from_each_of_them():
    found = at(Placing("1", "s", NEW.segment(9, 15), "t"), Placing("2", "t", NEXT.segment(12, 18), "u"))
    assert found.with_other_names(["u"]) == {"s", "t", "u"}
    assert found.with_other_names(["x"]) == {"x"}
