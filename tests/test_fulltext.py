"""Full-text search finds what a reader with time would find, and says exactly where it stands."""

import json
import re
import subprocess
import sys
import unicodedata
from contextlib import closing, suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from coding.errors import CodingError
from coding.folding import BREAK, places, words
from coding.fulltext import N_PASSAGES, TextIndex
from coding.model import Corpus, Document
from coding.terms import parse


def corpus(*texts):
    return Corpus(tuple(Document(str(i), text) for i, text in enumerate(texts)))


def searched(texts, query, **options):
    with TextIndex.open(None) as index:
        index.update(corpus(*texts))
        return index.search(query, **{"limit": None, **options})


def ids(found):
    return [each.document for each in found]


def hits(text, query):
    """Return every place where a text of one document meets a query, as the index shows them."""
    found = searched([text], query)
    spans = [span for each in found for passage in each.passages for span in passage.hits]
    assert sum(each.n_hits for each in found) == len(spans)
    return spans


# A search by hand: try every stretch of the text, compare it without case and accents, look at its edges.


def plain(written):
    """Return words without case and accents; other marks, such as those of voiced kana, stay."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", written).casefold())
    kept = [c for c in bare if c.isalnum() or (unicodedata.category(c)[0] == "M" and not is_accent(c))]
    return unicodedata.normalize("NFC", "".join(kept))


def is_accent(character):
    name = unicodedata.name(character, "")
    return unicodedata.category(character)[0] == "M" and (
        unicodedata.combining(character) >= 200 or name.startswith(("COMBINING ENCLOSING", "VARIATION"))
    )


def is_mark(character):
    return unicodedata.category(character)[0] == "M" or character in "\u00ad\u200c\u200d\uff9e\uff9f"


def is_alone(character):
    """Say whether a character is a word by itself."""
    return unicodedata.name(character, "").startswith(
        ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "HANGUL")
    )


def clings(text, at):
    """Say whether a character belongs to one word with what stands before it."""
    base = next((c for c in reversed(text[:at]) if not is_mark(c)), " ")
    if is_mark(text[at]) or "\u1160" <= text[at] <= "\u11ff":
        return base.isalnum()
    return base.isalnum() and text[at].isalnum() and not is_alone(base) and not is_alone(text[at])


def by_hand(text, word):
    """Return where one word stands."""
    wanted = plain(word)
    return [
        (i, j)
        for i in range(len(text))
        for j in range(i + 1, len(text) + 1)
        if plain(text[i:j]) == wanted
        and text[i].isalnum()
        and all(clings(text, k) for k in range(i + 1, j))
        and (i == 0 or not clings(text, i))
        and (j == len(text) or not clings(text, j))
    ]


def phrase_by_hand(text, phrase):
    """Return where words stand side by side, with nothing but gaps of a sentence between them."""
    found = by_hand(text, phrase[0])
    for word in phrase[1:]:
        following = by_hand(text, word)
        pairs = product(found, following)
        found = [(one[0], two[1]) for one, two in pairs if one[1] <= two[0] and is_gap(text[one[1] : two[0]])]
    return found


def is_gap(between):
    return not any(c.isalnum() or c in "。！？｡" for c in between) and not re.search(r"\n\s*\n", between)


def disjoint(spans):
    joined = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


LETTERS = ["a", "b", "B", "é", "e\u0301", "É", "ß", "ﬁ", "İ", "й", "σ", "ς", "1", "２", "Ａ", "½"]
UNSPACED = ["日", "本", "が", "か", "か\u3099", "ガ", "ｶﾞ", "ー", "한", "\u1112\u1161\u11ab", "국", "々"]
GAPS = [
    " ",
    "\n",
    "\n\n",
    "\n \n",
    "。",
    ".",
    "-",
    "’",
    "_",
    "😀",
    "👩\u200d💻",
    "🇯🇵",
    "\u3000",
    "「",
    "\ud800",
]
pieces = st.sampled_from(LETTERS + UNSPACED + GAPS)
texts = st.lists(pieces, max_size=14).map("".join)
spaced_words = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=2).map("".join)
any_words = spaced_words | st.sampled_from(UNSPACED)


@given(texts, any_words)
def test_a_word_is_found_where_every_stretch_of_the_text_says_it_stands(text, word):
    assert hits(text, f'"{word}"') == by_hand(text, word)


@given(texts, st.lists(any_words, min_size=2, max_size=3))
def test_a_phrase_is_found_where_its_words_stand_side_by_side(text, phrase):
    assert hits(text, f'"{" ".join(phrase)}"') == disjoint(phrase_by_hand(text, phrase))


@given(texts, spaced_words)
def test_a_beginning_finds_the_words_that_begin_so(text, begin):
    own = [text[i:j] for i, j in places(text)]
    expected = [
        span for span, word in zip(places(text), own, strict=True) if plain(word).startswith(plain(begin))
    ]
    assert hits(text, begin + "*") == expected


@given(st.lists(texts, min_size=1, max_size=4), st.lists(any_words, min_size=3, max_size=3))
def test_a_query_finds_the_documents_that_meet_it(drawn, three):
    with TextIndex.open(None) as index:
        index.update(corpus(*drawn))
        a, b, c = ({each.document for each in index.search(f'"{word}"', limit=None)} for word in three)
        one, two, three = (f'"{word}"' for word in three)
        for query, expected in [
            (f"{one} {two}", a & b),
            (f"{one} OR {two}", a | b),
            (f"{one} -{two}", a - b),
            (f"{one} OR {two} {three}", (a | b) & c),
            (f"{three} -{two} {one}", (c & a) - b),
        ]:
            assert {each.document for each in index.search(query, limit=None)} == expected, query
            assert index.count(query) == len(expected)


@given(texts, st.lists(any_words, min_size=1, max_size=2))
def test_a_passage_shows_its_hits_as_they_stand_in_the_text(text, asked):
    for found in searched([text, "padding"], " OR ".join(f'"{word}"' for word in asked)):
        for passage in found.passages:
            shown = slice(passage.at, passage.at + len(passage.snippet))
            assert text[shown] == passage.snippet
            assert passage.hits[0] == (passage.start, passage.end)
            for start, end in passage.hits:
                assert shown.start <= start < end <= shown.stop
                assert plain(text[start:end]) in {plain(word) for word in asked}


@given(st.text() | st.text(st.sampled_from("ab\"*-()ORANDNEAR:^+{}“”„'\\ \x00\ud800")))
def test_no_query_is_malformed_and_an_empty_one_is_refused_in_words(query):
    with TextIndex.open(None) as index:
        index.update(corpus("a b ab OR AND NEAR", ""))
        if not any(c.isalnum() for c in query):
            with pytest.raises(CodingError, match='Write words .*, "a phrase", begin*'):
                index.search(query, limit=1)
        else:
            with suppress(CodingError):  # words to do without alone
                assert ids(index.search(query, limit=1)) in ([], ["0"])


@given(st.text(max_size=40) | texts)
def test_every_word_of_any_text_is_found_where_it_stands(text):
    with TextIndex.open(None) as index:
        index.update(corpus(text))
        for word, (start, end) in zip(words(text), places(text), strict=True):
            if word != BREAK:
                (found,) = index.search(f'"{text[start:end]}"', limit=1)
                shown = {span for passage in found.passages for span in passage.hits}
                assert (start, end) in shown or found.n_hits > len(shown)


@given(texts)
def test_words_and_places_of_a_text_stand_in_order_without_overlap(text):
    spans = places(text)
    assert len(words(text)) == len(spans)
    assert [i for span in spans for i in span] == sorted(i for span in spans for i in span)
    covered = {i for start, end in spans for i in range(start, end)}
    assert {i for i, c in enumerate(text) if c.isalnum()} <= covered


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("police training", '("police") AND ("training")'),
        ('"rule of law" aid', '("rule of law") AND ("aid")'),
        ("“rule of law” „gute Arbeit“", '("rule of law") AND ("gute arbeit")'),
        ("train* 'police*'", '("train"*) AND ("police")'),
        ('"police train*" "police train"*', '("police train"*) AND ("police train"*)'),
        ("Japan OR Korea police", '("japan" OR "korea") AND ("police")'),
        ("a OR b OR c", '("a" OR "b" OR "c")'),
        ("aid -military -“armed force”", '(("aid")) NOT ("military" OR "armed force")'),
        ("e-mail don't C++ AND NEAR(x)", '("e mail") AND ("don t") AND ("c") AND ("and") AND ("near x")'),
        ("OR a or b OR", '("or") AND ("a") AND ("or") AND ("b") AND ("or")'),
        ("a OR -b", '(("a") AND ("or")) NOT ("b")'),
        ("a OR OR b", '("a") AND ("or") AND ("or") AND ("b")'),
        ('"unclosed phrase', '("unclosed") AND ("phrase")'),
        ('a "" - * OR b', '("a" OR "b")'),
        ("École ＪＩＣＡ", '("ecole") AND ("jica")'),
        ("支援。 한국*", '("支 援") AND ("한 국"*)'),
    ],
)
def test_a_query_is_read_as_people_write_it(query, asked):
    assert str(parse(query)) == asked


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "holds no word to look for. Write words"),
        (' -- ** "" 😀 ', "holds no word to look for"),
        ("-army", "says only what to do without. Write words"),
        ("a " * 101, "has 101 words. Write 100 at most"),
    ],
)
def test_a_query_that_asks_for_nothing_says_what_to_write(query, message):
    with pytest.raises(CodingError, match=message):
        parse(query)


def test_as_many_words_as_a_query_may_have_can_be_searched():
    text = " ".join(f"w{i}" for i in range(100))
    for query in (
        text,
        text.replace(" ", " OR "),
        f'"{text}"',
        "w1 " + " ".join(f"-v{i}" for i in range(99)),
    ):
        assert ids(searched([text, "w1 v1"], query))[0] == "0"


def test_japanese_and_korean_are_found_inside_of_words_however_short_the_query():
    text = "日本はサイバー能力構築を支援した。한국은 경찰을 지원했다."
    assert [text[i:j] for i, j in hits(text, "能力 本 サイバー 지원 국")] == [
        "本",
        "サイバー",
        "能力",
        "국",
        "지원",
    ]
    assert hits("警察を訓\n練する", "訓練") == [(3, 6)]
    assert searched(["ハブ"], "バ") == searched(["か"], "が") == []


def test_a_phrase_goes_across_no_ideographic_stop_and_no_paragraph():
    query = "支援能力 OR “police training”"
    assert searched(["支援。能力", "police\n\ntraining", "police\n \ntraining"], query) == []
    assert len(searched(["police\ntraining", "police; training", "支援、能力"], query)) == 3


def test_a_long_word_is_found_by_itself_and_by_its_beginning():
    text = "x" + "z" * 70_000
    for query in (text, text[:-1] + "*", "x*"):
        assert hits(text, query) == [(0, len(text))]


def test_terms_that_overlap_are_one_hit():
    text = "Police training for police officers."
    assert hits(text, '"police training" police train*') == [(0, 15), (20, 26)]


def test_the_passages_are_those_that_say_the_most_in_the_order_of_the_text():
    filler = " and so on" * 40
    text = f"police{filler} police{filler} police{filler} police trains{filler} police"
    (found,) = searched([text], "police trains")
    shown = [passage.snippet for passage in found.passages]
    assert len(shown) == N_PASSAGES
    assert found.n_hits == 6
    assert [snippet.count("police") for snippet in shown] == [1, 1, 1]
    assert "police trains" in shown[2]
    assert [passage.at for passage in found.passages] == sorted(passage.at for passage in found.passages)


def test_a_snippet_begins_and_ends_with_whole_words_and_what_clings_to_them():
    text = "An e\u0301cole 👩\u200d💻 (the police trains), “so” it said. " * 5
    passages = searched([text], "police")[0].passages
    assert len(passages) == 2
    for passage in passages:
        before, after = text[: passage.at], text[passage.at + len(passage.snippet) :]
        assert passage.snippet == passage.snippet.strip()
        assert all(not side or side[edge].isspace() for side, edge in ((before, -1), (after, 0)))
        assert len(passage.snippet) < 400


def test_the_best_document_comes_first_and_of_equals_the_first_in_the_corpus():
    texts = ["police " + "x " * 50, "police police x", "y", "police " + "x " * 50, *["z"] * 6]
    assert ids(searched(texts, "police")) == ["1", "0", "3"]
    assert ids(searched(texts, "police", limit=1)) == ["1"]
    assert ids(searched(texts, "police", documents=["3", "2", "0"])) == ["0", "3"]
    scores = [found.score for found in searched(texts, "police")]
    assert scores == sorted(scores, reverse=True)


def test_a_search_needs_documents_that_exist_and_a_limit():
    with TextIndex.open(None) as index:
        with pytest.raises(CodingError, match="Call `update` with a corpus first"):
            index.search("a", limit=1)
        index.update(corpus("a"))
        with pytest.raises(CodingError, match="no document '00'"):
            index.search("a", limit=1, documents=["00"])
        with pytest.raises(CodingError, match="Ask for 1 or more"):
            index.search("a", limit=0)


versions = st.lists(st.dictionaries(st.sampled_from("abcd"), texts, max_size=4), min_size=1, max_size=4)


@given(versions, any_words)
def test_an_updated_index_is_like_a_new_one(drawn, word):
    query = f'"{word}"'
    with TextIndex.open(None) as kept:
        before = {}
        for version in drawn:
            now = Corpus(tuple(Document(name, text) for name, text in version.items()))
            differing = {n for n in {*before, *version} if before.get(n) != version.get(n)}
            assert kept.update(now) == len(differing)
            assert kept.update(now) == 0
            with TextIndex.open(None) as new:
                new.update(now)
                assert kept.search(query, limit=None) == new.search(query, limit=None)
            before = version


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index" / "search?.db"


def test_a_file_keeps_the_index_and_only_what_is_new_is_written(path):
    with TextIndex.open(path) as index:
        assert index.update(corpus("police", "army")) == 2
    written = path.read_bytes()
    with TextIndex.open(path) as index:
        assert index.update(corpus("police", "army")) == 0
        assert path.read_bytes() == written
        assert index.update(corpus("police", "army", "police")) == 1
        assert ids(index.search("police", limit=None)) == ["0", "2"]
        assert index.update(corpus("police", "navy", "police")) == 1
        assert index.search("army", limit=None) == []
        assert index.update(corpus("police")) == 2
        assert ids(index.search("police OR navy", limit=None)) == ["0"]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_index_holds_no_text(path):
    text = "An uncommon sentence stands here once. " * 500
    with TextIndex.open(path) as index:
        index.update(corpus(text))
        assert b"uncommon sentence" not in path.read_bytes().lower()
        assert index.search("sentence", limit=1)[0].n_hits == 500


def damaged(whole):
    yield b""
    yield b"no database at all"
    yield whole[: len(whole) // 2]
    yield whole[:100] + bytes(len(whole) - 100)
    yield whole[:4096] + b"\xff" * (len(whole) - 4096)
    yield whole[:60] + (1).to_bytes(4, "big") + whole[64:]  # made by an older version


@pytest.mark.parametrize("kind", range(6))
def test_a_damaged_file_or_one_of_another_version_is_made_anew(path, kind):
    texts = corpus("police", "army")
    with TextIndex.open(path) as index:
        index.update(texts)
    path.write_bytes(list(damaged(path.read_bytes()))[kind])
    with TextIndex.open(path) as index:
        assert index.update(texts) == 2
        assert ids(index.search("police", limit=None)) == ["0"]


def test_a_file_that_is_damaged_where_its_words_are_is_made_anew_when_searched(path):
    texts = corpus(*(f"police {' '.join(f'w{i}x{j}' for j in range(2000))}" for i in range(4)))
    with TextIndex.open(path) as index:
        index.update(texts)
    whole = path.read_bytes()
    pages = [whole[i : i + 4096] for i in range(0, len(whole), 4096)]
    path.write_bytes(b"".join(b"\xff" * 4096 if b"w1x" in page else page for page in pages))
    with TextIndex.open(path) as index:
        assert index.update(texts) == 0
        assert ids(index.search("police w1x*", limit=None)) == ["1"]
        assert index.update(Corpus((*texts.documents, Document("new", "police")))) == 1
        assert index.count("police") == 5


def test_the_database_of_another_program_is_never_overwritten(path):
    import sqlite3

    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE precious (work)")
    whole = path.read_bytes()
    with TextIndex.open(path) as index, pytest.raises(CodingError, match="is another database"):
        index.update(corpus("police"))
    assert path.read_bytes() == whole


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "search.db", tmp_path):
        with TextIndex.open(place) as index, pytest.raises(CodingError, match="cannot be"):
            index.update(corpus("police"))


def test_after_an_update_that_fails_all_is_as_before(path):
    with TextIndex.open(path) as index:
        index.update(corpus("police", "army"))
        path.parent.rename(path.parent.with_name("elsewhere"))
        path.parent.write_text("a file where the folder was")
        with pytest.raises(CodingError, match="cannot be written"):
            index.update(corpus("navy"))
        assert ids(index.search("police OR navy", limit=None)) == ["0"]
        assert len(list(path.parent.with_name("elsewhere").iterdir())) == 1


def test_two_indexes_of_one_file_each_find_what_their_own_corpus_says(path):
    with TextIndex.open(path) as one, TextIndex.open(path) as other:
        one.update(corpus("police", "army"))
        other.update(corpus("navy"))
        assert ids(one.search("police OR army OR navy", limit=None)) == ["0", "1"]
        assert ids(other.search("police OR army OR navy", limit=None)) == ["0"]
        assert one.update(corpus("police", "army")) == 2
        assert ids(other.search("navy", limit=None)) == ["0"]


RACE = """
import sys
from pathlib import Path
from coding.fulltext import TextIndex
from coding.model import Corpus, Document
own = sys.argv[2]
for n in range(1, 12):
    texts = Corpus(tuple(Document(f"{own}{i}", f"police {own} {i}") for i in range(n)))
    with TextIndex.open(Path(sys.argv[1])) as index:
        index.update(texts)
        assert [f.document for f in index.search(own, limit=None)] == [d.id for d in texts], n
"""


def test_processes_that_write_one_file_at_once_all_find_their_own(path):
    running = [subprocess.Popen([sys.executable, "-c", RACE, str(path), own]) for own in ("north", "south")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_threads_may_share_an_index(path):
    from concurrent.futures import ThreadPoolExecutor

    versions = [corpus(*["police"] * n) for n in (3, 5, 4)]
    with TextIndex.open(path) as index, ThreadPoolExecutor(4) as pool:
        index.update(versions[0])
        acts = [pool.submit(index.update, versions[i % 3]) for i in range(12)]
        counts = [pool.submit(index.count, "police") for _ in range(40)]
        assert all(act.exception() is None for act in acts)
        assert {count.result() for count in counts} <= {3, 4, 5}


def shown(root, *arguments):
    from coding.cli import search  # noqa: F401  its command joins the app
    from coding.cli.app import app

    return CliRunner().invoke(app, ["search", *arguments, "--project", str(root)])


def test_the_command_shows_documents_the_best_first_with_their_passages(sandbox):
    ended = shown(sandbox.root, "train* police")
    head, *rows = [line.split("\t") for line in ended.stdout.splitlines()]
    assert head == ["", "document", "hits", "span", "before", "hit", "after"]
    assert {row[1] for row in rows} == {"norland/a", "norland/b", "norland/c", "sudland/b"}
    assert ["8:14", "Norland", "trains", "police. It is a bridge."] in [row[3:] for row in rows]
    assert "4 of 6 documents." in ended.stderr
    assert (sandbox.root / ".coding/search.db").is_file()


def test_the_command_can_be_limited_and_speak_json(sandbox):
    ended = shown(sandbox.root, "teachers rests", "--case", "sudland", "--limit", "1", "--json")
    (found,) = json.loads(ended.stdout)
    (passage,) = found["passages"]
    assert (found["document"], found["hits"]) == ("sudland/a", 2)
    assert (passage["start"], passage["end"], passage["quote"]) == (15, 23, "teachers")
    assert passage["snippet"] == {"start": 0, "text": "Sudland trains teachers. Then it rests."}
    assert ended.stderr == ""
    assert shown(sandbox.root, "teachers").stderr == "3 of 6 documents.\n"
    assert (
        "3 of 3 documents. The best 1 are shown"
        in shown(sandbox.root, "teachers", "--case", "sudland", "--limit", "1").stderr
    )
    assert "Did you mean 'sudland'" in str(shown(sandbox.root, "teachers", "--case", "sudlnd").exception)


def test_a_break_is_no_word_that_a_text_or_query_can_hold():
    assert words(BREAK) == []
    assert parse(f"a{BREAK}b").groups[0][0].words == ("a", "b")
