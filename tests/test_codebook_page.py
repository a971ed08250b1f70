"""A codebook as a page: all of it is there, and hostile words are shown, never obeyed."""

import re
from html.parser import HTMLParser

import pytest
from drawn import texts
from hypothesis import given
from markdown_it import MarkdownIt

from coding.codebook import Code, Codebook, Example, Rule
from coding.codebook_page import escape_markdown, page
from coding.errors import CodingError
from coding.formats.codebook import read_codebook

HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) | `a` *b* </style>"


def hostile():
    rule = Rule(
        "r", "phrase", (HOSTILE,), unless=(HOSTILE,), matches=(Example(HOSTILE),), rejects=(Example(HOSTILE),)
    )
    code = Code("role", HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, rules=(rule,))
    return Codebook("book", "1.0.0", (code,), title=HOSTILE, families={HOSTILE: ("role",)})


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links = set(), set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]


def shown(markdown):
    """Return what a reader sees of one line of Markdown."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    parts = [child for token in tokens if token.children for child in token.children]
    assert {part.type for part in parts} <= {"text", "html_inline", "text_special"}
    return "".join(part.content for part in parts if part.content not in ("<span>", "</span>"))


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_every_part_of_every_code_is_on_the_page(repository, form):
    book = read_codebook(repository / "codebooks/constructivist.yaml")
    said = page(book, format=form)
    plain = (
        escape_markdown
        if form == "markdown"
        else lambda text: (
            text.replace("&", "&amp;")
            .replace("'", "&#39;")
            .replace('"', "&#34;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
        )
    )
    for code in book.codes:
        wanted = [
            code.id,
            code.name,
            code.definition,
            code.include,
            code.exclude,
            code.source,
            *code.examples,
        ]
        wanted += [example.text for rule in code.rules for example in (*rule.matches, *rule.rejects)]
        assert [text for text in wanted if text != code.id and plain(text) not in said] == []
        assert code.id in said


def test_a_retired_code_stays_on_the_page_and_is_marked():
    codes = (
        Code("a", "A", "x"),
        Code("a.b", "B", "x", parent="a", retired=True),
        Code("a.b.c", "C", "x", parent="a.b"),
    )
    book = Codebook("book", "1.0.0", codes, families={"f": ("a",)})
    assert "### B (retired)\n\n`a.b`" in page(book, format="markdown")
    assert "`a.b.c`" in page(book, format="markdown")
    assert 'B <span class="quiet">retired</span>' in page(book, format="html")


def ruled(*matches):
    rules = [
        Rule(f"r{i}", "phrase", ("a (b|c)",), match=match, matches=(Example("A b.", "japan"),))
        for i, match in enumerate(matches)
    ]
    return Codebook("book", "1.0.0", (Code("role", "Role", "d", rules=(*rules, Rule("x", "regex", ("x",)))),))


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_signs_of_patterns_are_explained_once_if_there_are_any(form):
    assert page(ruled("lemma"), format=form).count("up to two words between") == 1
    assert "up to two words between" not in page(ruled(), format=form)


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_what_holds_for_the_words_of_all_rules_is_said_once(form):
    alike = page(ruled("surface", "surface"), format=form)
    assert (alike.count("as they are written"), alike.count("words as written")) == (1, 0)
    mixed = page(ruled("surface", "lemma", "surface"), format=form)
    assert (mixed.count("as they are written"), mixed.count(", words as written")) == (0, 2)


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_an_example_says_in_whose_document_it_stands(form):
    assert page(ruled("lemma"), format=form).count("(in a document of japan)") == 1


def test_the_list_of_codes_keeps_a_code_with_those_below_it(repository):
    book = read_codebook(repository / "codebooks/constructivist.yaml")
    contents = page(book, format="html").partition("</details>")[0]
    lists = [re.findall(r'<li class="depth-(\d)">', part) for part in contents.split("<ul>")[1:]]
    assert len(lists) == contents.count("</ul>") == len(book.children(None))
    assert all(depths[0] == "0" and "0" not in depths[1:] for depths in lists)


def test_a_hostile_codebook_does_not_act_in_html():
    said = page(hostile(), format="html")
    tags = Tags(said)
    assert not tags.tags & {"script", "img", "iframe", "object", "form", "base", "link"}
    assert not {name for name in tags.attributes if name.startswith("on") or name == "style"}
    assert all(link.startswith("#") for link in tags.links)
    assert said.count("</style>") == 1


def test_the_html_page_loads_nothing_and_its_links_lead_somewhere(repository):
    tags = Tags(page(read_codebook(repository / "codebooks/constructivist.yaml"), format="html"))
    assert {link.removeprefix("#") for link in tags.links} <= set(tags.ids)
    assert len(tags.ids) == len(set(tags.ids))


def test_only_the_style_of_the_page_itself_acts():
    said = page(hostile(), format="html")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', said)[1]
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy


@given(texts)
def test_markdown_shows_a_text_as_it_is(text):
    assert shown(escape_markdown(text)).split() == text.split()


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "# a", "- a", "+ a", "1. a", "1) a", "=== a", "---", "> a", "    a", "~~a~~", "&amp;", "[^1]", "![a](b)", "<!-- a", "a\n===", "\\*a\\*", "$x$ and $y$"],
)  # fmt: skip
def test_no_mark_of_markdown_acts(text):
    assert shown(escape_markdown(text)).split() == text.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://x.org", "http\\://x.org"),
        ("www.x.org", "www\\.x.org"),
        ("a@b.org", "a\\@b.org"),
        (":smile:", "\\:smile:"),
    ],
)
def test_what_github_would_link_or_draw_stays_plain(text, said):
    assert escape_markdown(text) == said


def test_headings_of_the_markdown_page_are_those_of_the_codes():
    said = page(hostile(), format="markdown")
    assert [line.split(" ")[0] for line in said.splitlines() if line.startswith("#")] == ["#", "##"]
    assert "<script" not in said.replace("\\<script", "")


def test_an_unknown_format_offers_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'markdown'"):
        page(hostile(), format="markdwn")
