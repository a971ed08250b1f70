"""A blind sample follows its texts: what is there with the same words stays judged, what is new was never drawn."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from coding.batch import act, new_id, now
from coding.following import followed
from coding.formats.samples import write_sample
from coding.judging import judgements_of, progress
from coding.model import Corpus, Document, Reading
from coding.new_edition import look, undo
from coding.project import Project
from coding.sample import UNPLACED, Drawn, Framed, Sample, Stratum
from coding.units import unitise

SENTENCES = [
    f"Norland says {word} to its neighbours." for word in ("one", "two", "three", "four", "five", "six")
]
OLD = " ".join(SENTENCES)


def sampled(text=OLD, unit="sentence", strata=(0, 1, 0, 1, 0, 1), drawn=(0, 1, 3), document="norland/a"):
    found = Document(document, text)
    units = unitise(found, unit)
    n_drawn = Counter(strata[place] for place in drawn)
    return Sample(
        name="first", at="2026-01-01T00:00:00.000000Z", coder="rules", readers=("anna",), codebook="book", digest="d",
        codes={"role": "m"}, unit=unit, counts="any", rollup=True, by=("donor",), where=(), n_found=1,
        n_others=1, seed=0, reworded=(),
        documents={found.id: Framed(found.digest, tuple(strata[: len(units)]))},
        strata=tuple(
            Stratum(("norland",), name, Counter(strata[: len(units)])[i], n_drawn[i])
            for i, name in enumerate(("role", ""))
        ),
        drawn=tuple(Drawn(units[place], strata[place]) for place in drawn),
    )  # fmt: skip


def after(new, sample=None, old=OLD):
    """Return a sample as it speaks for a new text, and the words of the units that are drawn there."""
    sample = sampled() if sample is None else sample
    document = Document("norland/a", new)
    found = followed(sample, lambda *_: old, lambda: Corpus((document,)))
    here = (one.segment for one in found.drawn if one.segment.digest == document.digest)
    return found, [document.quote(segment) for segment in here]


def test_in_a_text_with_more_before_it_the_same_units_are_drawn():
    found, words = after(f"A new beginning. {OLD}")
    assert words == [SENTENCES[0], SENTENCES[1], SENTENCES[3]]
    assert found.documents["norland/a"].strata == (UNPLACED, 0, 1, 0, 1, 0, 1)
    assert found.strata == sampled().strata


def test_what_was_taken_out_leaves_its_stratum():
    found, words = after(" ".join([*SENTENCES[:1], *SENTENCES[2:5]]))
    assert words == [SENTENCES[0], SENTENCES[3]]
    assert [(stratum.n_units, stratum.n_drawn) for stratum in found.strata] == [(3, 1), (1, 1)]


def test_a_stratum_of_which_nothing_drawn_is_left_speaks_for_nothing():
    found, words = after(" ".join(SENTENCES[1:]))
    assert words == [SENTENCES[1], SENTENCES[3]]
    assert [stratum.found for stratum in found.strata] == [""]
    assert found.documents["norland/a"].strata == (0, UNPLACED, 0, UNPLACED, 0)


def test_a_unit_with_a_word_mended_is_still_drawn():
    _, words = after(OLD.replace("says two", "says too"))
    assert words[1] == SENTENCES[1].replace("two", "too")


def test_where_nothing_is_left_or_the_earlier_text_is_not_kept_the_sample_is_as_it_was():
    assert after("Something else entirely stands here.")[0] == sampled()
    document = Document("norland/a", f"A new beginning. {OLD}")
    assert followed(sampled(), lambda *_: None, lambda: Corpus((document,))) == sampled()


def test_a_sample_of_documents_goes_with_them():
    whole = sampled(unit="document", strata=(0, 1), drawn=(0,))
    whole_only = Sample(
        **{name: getattr(whole, name) for name in Sample.__slots__} | {"strata": whole.strata[:1]}
    )
    found, words = after(f"A new beginning. {OLD}", whole_only)
    assert words == [f"A new beginning. {OLD}"]
    assert found.strata == whole_only.strata


@given(st.lists(st.integers(0, 6), max_size=4), st.sets(st.integers(0, 5), max_size=5))
def test_what_is_said_of_the_strata_is_always_what_stands_in_them(put_in, left_out):
    kept = [sentence for i, sentence in enumerate(SENTENCES) if i not in left_out]
    for i, at in enumerate(put_in):
        kept.insert(at, f"This sentence number {i} is new here.")
    found, words = after(" ".join(kept) or "Nothing.")
    drawn = [sentence for sentence in (SENTENCES[0], SENTENCES[1], SENTENCES[3]) if sentence in kept]
    assert words == drawn
    if drawn:
        new = [i for i, sentence in enumerate(kept) if sentence.startswith("This")]
        assert all(found.documents["norland/a"].strata[i] == UNPLACED for i in new)


def test_what_was_judged_stays_judged_and_what_changed_is_judged_again(sandbox):
    sandbox.write("corpus/norland/a.txt", OLD)
    project = Project.open(sandbox.root)
    book = project.codebook("book")
    sample = sampled()
    sample = Sample(
        **{name: getattr(sample, name) for name in Sample.__slots__}
        | {"digest": book.digest, "codes": {"role": book["role"].meaning}}
    )
    (sandbox.root / "samples").mkdir()
    write_sample(project.sample_path("first"), sample)
    with project.store() as store:
        for one in sample.drawn:
            said = {"id": new_id(), "sample": "first", "given": ("role",)}
            store.add(act("anna", "read", Reading("anna", one.segment, ("role",), now(), **said)))
    assert n_judged(project, book) == 3
    path = sandbox.write("new.txt", f"A new beginning. {OLD.replace('says two', 'says too')}")
    batch = look(project, "norland/a", path).write(by="anna")
    later = Project.open(sandbox.root)
    (how_far,) = progress(later.sample("first"), later.corpus, book, later.coded)
    assert how_far.n_judged == 2
    assert [later.corpus["norland/a"].quote(unit) for unit in how_far.left] == [
        SENTENCES[1].replace("two", "too")
    ]
    assert len(judgements_of(later.sample("first"), later.coded).readings) == 2
    assert later.sample("first", as_drawn=True).drawn == sample.drawn
    undo(later, batch, by="anna")
    assert n_judged(Project.open(sandbox.root), book) == 3


def n_judged(project, book):
    (how_far,) = progress(project.sample("first"), project.corpus, book, project.coded)
    return how_far.n_judged
