"""The language of queries: what is written is understood, or the error says where it is not, and why."""

import re

import pytest

from coding import queries
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.model import Coded, CodedSegment, Corpus, Document
from coding.queries import DEEPEST, LONGEST, MOST_CODES, Asked, Either, Related, Together, parse
from coding.retrieval import retrieve

IDS = ["role", "role.bridge", "role.leader", "behaviour", "behaviour.training", "within"]
BOOK = Codebook(
    "book",
    "1.0.0",
    tuple(Code(i, i.split(".")[-1].title(), "d", parent=i.split(".")[0] if "." in i else None) for i in IDS),
)


def asked(*codes):
    return Asked(frozenset(codes))


BRIDGE, LEADER, TRAINING = asked("role.bridge"), asked("role.leader"), asked("behaviour.training")


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("role", asked("role", "role.bridge", "role.leader")),
        ("=role", asked("role")),
        ("role.*", asked("role.bridge", "role.leader")),
        ('"within"', asked("within")),
        ("=within", asked("within")),
        ("((role.bridge))", BRIDGE),
        ("role.bridge OR role.leader", Either((BRIDGE, LEADER))),
        ("role.bridge and role.leader", Together((BRIDGE, LEADER))),
        ("role.bridge Not role.leader", Together((BRIDGE,), (LEADER,))),
        ("role.bridge and not role.leader", Together((BRIDGE,), (LEADER,))),
        ("role.bridge NEAR/12 role.leader", Related("near", BRIDGE, LEADER, 12)),
        ("role.bridge overlaps(role.leader)", Related("overlaps", BRIDGE, LEADER)),
        ("role.bridge\nwithin\trole.leader", Related("within", BRIDGE, LEADER)),
    ],
)  # fmt: skip
def test_a_query_means_what_it_says(query, meant):
    assert parse(query, BOOK) == meant


@pytest.mark.parametrize(
    ("short", "bracketed"),
    [
        ("role.bridge or role.leader and behaviour.training", "role.bridge or (role.leader and behaviour.training)"),
        ("role.bridge and role.leader near/1 behaviour.training", "role.bridge and (role.leader near/1 behaviour.training)"),
        ("role.bridge near/1 role.leader within behaviour.training", "(role.bridge near/1 role.leader) within behaviour.training"),
        ("role.bridge not role.leader or behaviour.training", "(role.bridge not role.leader) or behaviour.training"),
    ],
)  # fmt: skip
def test_relations_bind_first_then_and_and_not_then_or(short, bracketed):
    assert parse(short, BOOK) == parse(bracketed, BOOK)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "the query is empty"),
        ("  ", "the query is empty"),
        ("role and", "'role and', column 9: a code is missing at the end."),
        ("role and or role", "column 10: before 'or' a code is missing."),
        ("role near/2", "column 12: a code is missing at the end."),
        ("near/2 role", "column 1: before 'near/2' a code is missing."),
        ("not role", "column 1: 'not' takes away from what stands before it: write 'one not other'."),
        ("role or not within", "column 9: 'not' takes away"),
        ("role near role", "column 6: 'near' needs a distance in units, such as near/2."),
        ("role near/x role", "column 6: 'near' needs a distance in units"),
        ("role near/-1 role", "column 6: 'near' needs a distance in units"),
        ("role behaviour", "column 6: before 'behaviour' an operator is missing: and, or, not, near/2"),
        ("role (behaviour)", "column 6: before '(' an operator is missing"),
        ("role adn behaviour", "column 6: 'adn' is no operator. Did you mean 'and'?"),
        ("role & behaviour", "column 6: '&' is no operator. Did you mean 'and'?"),
        ("role || behaviour", "column 6: '||' is no operator. Did you mean 'or'?"),
        ("(role", "column 1: this '(' is never closed."),
        ("(role or (behaviour)", "column 1: this '(' is never closed."),
        ("role)", "column 5: a ')' without its '('."),
        ("()", "column 2: before ')' a code is missing."),
        ("rolle", "'rolle', column 1: no code 'rolle'. Did you mean 'role'?"),
        ("ROLE", "column 1: no code 'ROLE'. Did you mean 'role'?"),
        ("Bridge", "column 1: no code 'Bridge'. Did you mean 'role.bridge'?"),
        ("role.bridg*", "no code 'role.bridg*'. Did you mean 'role.bridge'?"),
        ("role.bridge.*", "column 1: 'role.bridge' has no codes below it. Leave '.*' away."),
        ("=role.*", "column 1: '=role.*' says both the code alone and those below it."),
        ("role donor=japan", "column 6: 'donor=japan' is a condition on documents, not a code."),
        ("donor=japan", "column 1: 'donor=japan' is a condition on documents, not a code."),
        ('role and "within', "column 10: these quotation marks hold no code, or are never closed."),
        ("😀 and role", "column 1: no code '😀'."),
        ("role and 😀 or )", "column 15: before ')' a code is missing."),
    ],
)  # fmt: skip
def test_an_error_says_where_what_and_what_was_meant(query, said):
    with pytest.raises(CodingError, match=re.escape(said)):
        parse(query, BOOK)


def test_all_unknown_codes_are_said_at_once():
    with pytest.raises(CodingError) as error:
        parse("rolle or (role and behavior)", BOOK)
    assert [problem.partition(": ")[2] for problem in error.value.problems] == [
        "no code 'rolle'. Did you mean 'role'?",
        "no code 'behavior'. Did you mean 'behaviour'?",
    ]


def test_no_query_is_too_deep_to_be_answered():
    deepest = "(" * DEEPEST + "role" + ")" * DEEPEST
    assert parse(deepest, BOOK) == parse("role", BOOK)
    with pytest.raises(CodingError, match=f"column {DEEPEST + 1}: more than {DEEPEST} brackets"):
        parse(f"({deepest})", BOOK)
    longest = " near/1 ".join(["role"] * MOST_CODES)
    assert retrieve(Coded(), Corpus((Document("d", "x"),)), BOOK, longest, unit="sentence").segments == ()
    with pytest.raises(CodingError, match=f"at most {MOST_CODES} codes"):
        parse(f"{longest} or role", BOOK)
    with pytest.raises(CodingError, match="more than 10,000 characters"):
        parse("x" * (LONGEST + 1), BOOK)


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs/reference/queries.md").read_text(encoding="utf-8")


def test_the_published_grammar_is_the_one_the_parser_was_written_from(page):
    published = re.search(r"```ebnf\n(.*?)```", page, flags=re.DOTALL)[1].split()
    assert published == re.search(r"(query  =.*?\.\*\" ;)\n\n", queries.__doc__, flags=re.DOTALL)[1].split()


def test_every_example_of_the_page_finds_what_it_says(page):
    text = re.search(r"```text\n(.*?)\n```", page, flags=re.DOTALL)[1]
    document = Document("d", text)
    coded = re.findall(r"^\| ([\w ]+) \| `([\w.]+)` \|$", page, re.MULTILINE)
    tops = {code.split(".")[0]: None for _, code in coded}
    leaves = {code: code.split(".")[0] for _, code in coded}
    book = Codebook("b", "1.0.0", tuple(Code(i, i, "d", parent=up) for i, up in {**tops, **leaves}.items()))
    segments = tuple(
        CodedSegment(
            words, document.segment(text.index(words), text.index(words) + len(words)), code, "", "p"
        )
        for words, code in coded
    )
    examples = re.findall(r"^\| `([^`]+)` \| (sentence|paragraph|document) \| (.+) \|$", page, re.MULTILINE)
    assert len(examples) > 12
    for query, unit, found in examples:
        retrieved = retrieve(Coded(segments), Corpus((document,)), book, query, unit=unit)
        assert [one.quote for one in retrieved.shown()] == found.split(" · ") * (found != "nothing"), query
