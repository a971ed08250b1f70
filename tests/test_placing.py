"""Words keep their place: exactly where they stand again, never on a guess, and in quick time."""

import random
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coding.placing import LEAST, Place, Placer

WORDS = st.sampled_from(
    ["a", "bridge", "norm", "Yes.", "It", "is\n", "海", "は。", "e\u0301té", "😀", "\n\nNo."]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)


@st.composite
def texts_with_span(draw):
    """Return two texts and a stretch of the first."""
    old, new = draw(TEXTS), draw(TEXTS)
    start = draw(st.integers(0, len(old) - 1))
    return old, new, start, draw(st.integers(start + 1, len(old)))


@st.composite
def edited(draw):
    """Return a text, another that comes of it by putting in, taking out and changing words, and a stretch."""
    words = draw(st.lists(WORDS, min_size=3, max_size=25))
    new = list(words)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(new) - 1)))
        new[at : at + draw(st.integers(0, 2))] = draw(st.lists(WORDS, max_size=2))
    old = " ".join(words)
    start = draw(st.integers(0, len(old) - 1))
    return old, " ".join(new) or "x", start, draw(st.integers(start + 1, len(old)))


def n_times(text, words):
    return sum(text.startswith(words, at) for at in range(len(text)))


@settings(max_examples=300)
@given(texts_with_span() | edited())
def test_what_is_placed_without_a_change_has_the_same_words(drawn):
    old, new, start, end = drawn
    place = Placer(old, new).place(start, end)
    if isinstance(place, Place):
        assert 0 <= place.start < place.end <= len(new)
        if place.how != "changed":
            assert new[place.start : place.end] == old[start:end]


@settings(max_examples=300)
@given(texts_with_span() | edited())
def test_words_that_stand_once_in_both_texts_are_placed_there(drawn):
    old, new, start, end = drawn
    words = old[start:end]
    assume(n_times(old, words) == n_times(new, words) == 1)
    place = Placer(old, new).place(start, end)
    assert isinstance(place, Place)
    assert place.how != "changed"
    assert place.start == new.index(words)


@settings(max_examples=200)
@given(TEXTS, st.data())
def test_in_the_same_text_every_stretch_stays(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assume(text[start:end].strip())
    assert Placer(text, text).place(start, end) == Place(start, end, "exact")


@settings(max_examples=200)
@given(edited())
def test_two_stretches_apart_are_never_placed_on_the_same_words_unchanged(drawn):
    old, new, start, end = drawn
    words = old[start:end]
    assume(words.strip())
    placer = Placer(old, new)
    starts = [at for at in range(len(old)) if old.startswith(words, at)]
    places = [placer.place(at, at + len(words)) for at in starts]
    found = [place.start for place in places if isinstance(place, Place) and place.how != "changed"]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One. Yes sir. Yes sir. Two.", "One. Yes sir. Two."),
        ("One. Yes sir. Two.", "One. Yes sir. Yes sir. Two."),
        ("One. Yes sir. Two. Yes sir. Three.", "One. Yes sir. Three."),
        ("One. Yes sir. Three.", "One. Yes sir. Two. Yes sir. Three."),
        ("Yes sir. Yes sir.", "Yes sir."),
        ("One. Yes sir. Yes sir. Two.", "One. Yes\nsir. Two."),
    ],
)
def test_of_two_equal_candidates_none_is_chosen(old, new):
    placer = Placer(old, new)
    starts = [at for at in range(len(old)) if old.startswith("Yes sir.", at)]
    assert not any(isinstance(placer.place(at, at + 8), Place) for at in starts)


@pytest.mark.parametrize(
    ("old", "new", "words", "place", "how"),
    [
        ("It is a norm.", "Now it is so: It is a norm.", "a norm", "a norm", "exact"),
        ("It is tbe nonn of all.", "It is the norm of all.", "tbe nonn", "the norm", "changed"),
        ("Norland leads the fight.", "Norland leads in the fight.", "leads the fight", "leads in the fight", "changed"),
        ("One line\nand more of it.", "One line and more of it.", "line\nand", "line and", "changed"),
        ("It is a co-\noperation of all.", "It is a cooperation of all.", "co-\noperation", "cooperation", "changed"),
        ("サイバー攻撃は怖い。備える。", "しかしサイバー攻撃は怖い。備える。", "攻撃", "攻撃", "exact"),
        ("A 👩\u200d🚀 flies. So it is.", "The 👩\u200d🚀 flies. So it is.", "👩\u200d🚀", "👩\u200d🚀", "exact"),
        ("It was e\u0301te\u0301 then.", "Once it was e\u0301te\u0301 then.", "e\u0301te\u0301", "e\u0301te\u0301", "exact"),
        ("First a ship. Then a plane flew. End.", "Then a plane flew. First a ship. End.", "a plane", "a plane", None),
    ],
)  # fmt: skip
def test_words_are_found_where_a_reader_finds_them(old, new, words, place, how):
    start = old.index(words)
    found = Placer(old, new).place(start, start + len(words))
    assert isinstance(found, Place)
    assert new[found.start : found.end] == place
    assert how is None or found.how == how


def test_a_paragraph_that_moved_takes_the_words_with_it_that_stand_elsewhere_too():
    body = [f"Paragraph {i} says that the norm number {i} is a bridge for all states." for i in range(6)]
    old, new = "\n\n".join(body), "\n\n".join([*body[3:], *body[:3]])
    start = old.index("the norm", old.index("Paragraph 1"))
    found = Placer(old, new).place(start, start + len("the norm"))
    assert isinstance(found, Place)
    assert found.start == new.index("the norm", new.index("Paragraph 1"))
    moved = [Placer(old, new).place(old.index(part), old.index(part) + len(part)) for part in body]
    assert {place.how for place in moved} == {"exact", "moved"}


def test_words_that_are_gone_have_no_place():
    placer = Placer("It is a bridge. It trains police officers.", "It is a bridge. Nothing else.")
    assert placer.place(16, 42) == "gone"


def test_words_between_which_much_was_put_in_are_not_those_words_any_more():
    more = " ".join(f"word{i}" for i in range(30))
    assert Placer("One. It is a bridge. Two.", f"One. It is {more} a bridge. Two.").place(5, 20) == "gone"


def test_a_repeated_passage_is_placed_by_its_order_where_nothing_beside_it_changed():
    page = "Annex. The same words on every page. "
    old = f"First. {page}Second. {page}Third. {page}"
    new = f"Zero. {old}Fourth."
    placer = Placer(old, new)
    for at in (at for at in range(len(old)) if old.startswith("The same words", at)):
        assert placer.place(at, at + 14) == Place(at + 6, at + 20, "exact")


def test_a_long_text_in_which_every_word_is_the_same_ends():
    placer = Placer("a b " * 20000, "b a a " * 12000)
    assert placer.place(0, 3) == "several"


def test_in_a_long_text_with_few_changes_nearly_everything_is_placed():
    chance = random.Random(3)
    words = [f"w{chance.randrange(4000)}" for _ in range(20000)]
    new = [f"{word}x" if chance.random() < 0.02 else word for word in words]
    old = " ".join(words)
    placer = Placer(old, " ".join(new))
    assert len(placer.alignment.matched) > 0.97 * len(words)
    starts = [chance.randrange(len(old) - 200) for _ in range(300)]
    places = [placer.place(start, start + 150) for start in starts]
    assert sum(isinstance(place, Place) for place in places) >= 299


# Of no two of these are the letters alike, so none is another in other letters.
UNLIKE = st.lists(
    st.sampled_from(["bridge", "kantzow", "muffly", "oxen", "it", "pq."]), min_size=1, max_size=14
)


def n_in_order(one, other):
    """Return the most words that stand in both, in order."""
    row = [0] * (len(other) + 1)
    for word in one:
        before, row = row, [0]
        for n, each in enumerate(other):
            row.append(before[n] + 1 if word == each else max(before[n + 1], row[-1]))
    return row[-1]


@settings(max_examples=300)
@given(UNLIKE, UNLIKE, st.data())
def test_of_the_words_of_a_changed_segment_and_of_those_now_six_in_ten_are_the_others(old, new, data):
    first = data.draw(st.integers(0, len(old) - 1))
    words = old[first : data.draw(st.integers(first + 1, len(old)))]
    start = len(" ".join([*old[:first], ""]))
    text = " ".join(new)
    place = Placer(" ".join(old), text).place(start, start + len(" ".join(words)))
    if isinstance(place, Place) and place.how == "changed":
        before = [word.strip(".") for word in words]
        now = [word.strip(".") for word in text[place.start : place.end].split()]
        assert n_in_order(before, now) >= LEAST * max(len(before), len(now))


@pytest.mark.parametrize(
    "new",
    [
        "It trains police. Norland is not alone. It rests.",
        "Norland is not alone in this world and has no friends.",
        "It trains police. New words come. Norland is not alone. It rests.",
    ],
)
def test_letters_that_are_alike_do_not_make_other_words_the_same(new):
    old = "It trains police. A paragraph says that Norland is a leader. It rests."
    at = old.index("Norland")
    assert Placer(old, new).place(at, at + len("Norland is a leader")) == "gone"


def test_a_few_changed_words_have_a_place_only_between_the_words_that_were_around_them():
    old = "One says that Norland is a leader of all. It rests."
    at = old.index("Norland")
    end = at + len("Norland is a leader")
    there = Placer(old, "One says that Norland is no leader of all. It rests.").place(at, end)
    assert isinstance(there, Place)
    assert there.how == "changed"
    assert Placer(old, "Two say Norland is no leader. It rests.").place(at, end) == "gone"


@pytest.mark.parametrize("words", ["café of Zürich", "fé of Z", "é", "är", "ấy", "한국은"])
@pytest.mark.parametrize(("form", "other"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_letters_written_otherwise_keep_their_place_and_are_no_change(words, form, other):
    text = "The café of Zürich thrives. Kär là cây ấy. 한국은 그렇다. It is é of old."
    text = text.replace(" é ", " e ") if words != "é" else text.replace("café", "cafe")
    old, new = unicodedata.normalize(form, text), unicodedata.normalize(other, text)
    quote, now = unicodedata.normalize(form, words), unicodedata.normalize(other, words)
    start = old.index(quote)
    place = Placer(old, new).place(start, start + len(quote))
    assert place == Place(new.index(now), new.index(now) + len(now), "same letters")
