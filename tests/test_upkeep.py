"""A document that was taken out: what machines coded in it is no fault, what people did is told, once."""

import pytest

from coding.batch import Decision, Memo, act, new_id, now
from coding.checks import check, doubts
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project
from coding.suggesting import suggest
from coding.upkeep import misfits, taken_out


@pytest.fixture
def tagged(sandbox):
    """Return a project whose rules coded its documents."""
    sandbox.write("corpus/norland/c.txt", "It is a bridge.\n")
    opened = Project.open(sandbox.root)
    with opened.store() as store:
        suggest(store, opened.codebook("book"), opened.corpus, overlap="longest", by="anna")
    return opened


def without_c(project):
    (project.root / "corpus/norland/c.txt").unlink()
    case = project.root / "corpus/norland/case.yaml"
    written = case.read_text("utf-8")
    case.write_text(written[: written.index("  c.txt:")], encoding="utf-8")
    return Project.open(project.root)


def bridge(project):
    return next(s for s in project.coded.segments if s.segment.document == "norland/c")


def test_a_document_that_rules_alone_coded_can_be_taken_out(tagged):
    assert bridge(tagged).quote == "bridge"
    after = without_c(tagged)
    assert check(after).documents == len(tagged.corpus) - 1
    assert (misfits(after, [after.codebook("book")]), taken_out(after)) == ([], [])


def test_what_people_did_in_a_document_that_is_gone_is_told_and_is_no_fault(tagged):
    document = tagged.corpus["norland/c"]
    own = CodedSegment(new_id(), document.segment(0, 2), "role.bridge", "m", "ben", quote="It")
    with tagged.store() as store:
        store.add(
            act("ben", "code", Coder("ben", "person"), own),
            act("ben", "read", Reading("ben", document.whole, at=now(), id=new_id())),
            act("ben", "memo", Memo(new_id(), "document", "norland/c", "Well.", "ben", now())),
        )
    after = without_c(tagged)
    check(after)
    (told,) = taken_out(after)
    assert told in doubts(after)
    assert told == (
        "norland/c is not in corpus/, and people worked on it (1 coded segment, a memo). It is kept, and "
        "counts nowhere: leave it, or put the document back."
    )


def test_a_suggestion_on_which_somebody_decided_is_told_of(tagged):
    with tagged.store() as store:
        store.add(act("ben", "decide", Decision(new_id(), bridge(tagged).id, "accept", "ben", now())))
    (told,) = taken_out(without_c(tagged))
    assert "norland/c is not in corpus/, and people worked on it (1 coded segment)" in told
