"""What commands show beside a model's suggestions: the nearest units that people have read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.cli.show import note, print_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.examples import Example, Examples
    from coding.model import Coded, Corpus, Segment
    from coding.project import Project
    from coding.taggers.learned import LearnedTagger

LONGEST = 200  # code points of an example that a terminal shows


def examples_of(opened: Project, tagger: LearnedTagger) -> Examples | None:
    """Return what people have read, to be held beside suggestions; None if there is nothing, saying why."""
    from coding.cli.train import vectors_of
    from coding.errors import CodingError
    from coding.examples import Examples

    corpus, model = opened.corpus, tagger.model
    vectors = vectors_of(opened) if model.recipe.embeddings and model.vocabulary is None else None
    try:
        return Examples(tagger, by_people(opened, corpus), corpus, vectors=vectors)
    except CodingError as error:
        note(f"No examples are shown beside it: {error}")
        return None


def by_people(opened: Project, corpus: Corpus) -> Coded:
    """Return what all people coded in the texts as they are."""
    from coding.cli.sample import own_coding

    stored = opened.coded
    machines = {reading.coder for reading in stored.readings if reading.kind != "person"}
    coders = {s.coder for s in stored.segments} | {r.coder for r in stored.readings}
    return own_coding(sorted(coders - machines), opened, corpus)


def near(examples: Examples | None, tagger: LearnedTagger, unit: Segment, code: str) -> Sequence[Example]:
    """Return the nearest unit that bears a code and the nearest that does not; none if they are not known."""
    if examples is None or code not in {each.code for each in tagger.model.codes}:
        return ()
    return examples.nearest([unit], code, most=1)[0]


def print_near(found: Sequence[Example], corpus: Corpus) -> None:
    """Print examples below the passage that they explain."""
    for one in found:
        place, by = one.segment, ", ".join(one.coders)
        who = f"near, and coded so by {by}" if one.bears else f"near, and not coded so by {by}"
        alike = "the same words" if one.is_same else f"{one.nearness:.2f}"
        words = " ".join(corpus[place.document].quote(place).split())
        short = words if len(words) <= LONGEST else f"{words[:LONGEST]} …"
        print_below(f"{who} ({alike}), {place.document} {place.start}:{place.end}:", short)


def as_values(found: Sequence[Example], corpus: Corpus) -> list[dict[str, object]]:
    """Return examples as JSON values."""
    return [
        {
            "document": one.segment.document,
            "start": one.segment.start,
            "end": one.segment.end,
            "words": " ".join(corpus[one.segment.document].quote(one.segment).split()),
            "bears": one.bears,
            "coders": list(one.coders),
            "nearness": one.nearness,
            "same": one.is_same,
        }
        for one in found
    ]
