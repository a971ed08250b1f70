"""A site of the coded corpus: every link leads somewhere, every segment has its address, nothing acts."""

import re
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import OTHERS, Page, ran
from test_report import HOSTILE, hostile
from typer.testing import CliRunner

from coding import cli
from coding.errors import CodingError
from coding.model import CodedSegment, Document
from coding.site import MAKER, anchor, paragraphs, site, write_site


@pytest.fixture
def full(sandbox):
    return ran(sandbox, more=OTHERS)


def pages(found):
    return {name: Page(text) for name, text in site(found).items() if name.endswith(".html")}


def coded(document, spans):
    return [
        CodedSegment(str(i), document.segment(start, end), f"c{i % 3}", "m", "anna")
        for i, (start, end) in enumerate(spans)
    ]


def test_every_link_leads_to_a_page_of_the_site_and_to_a_place_on_it(full):
    files = site(full)
    found = pages(full)
    ids = {name: {e["is"]["id"] for e in page.elements if "id" in e["is"]} for name, page in found.items()}
    for name, page in found.items():
        for element in page.elements:
            link = element["is"].get("href")
            if link is None or link == "data:,":
                continue
            assert not re.match(r"[a-z]+:|/", link), f"{name}: {link} is not relative"
            place, _, mark = unquote(link).partition("#")
            folder = name.rpartition("/")[0]
            target = re.sub(r"[^/]+/\.\./", "", f"{folder}/{place}".lstrip("/")) if place else name
            assert target in files, f"{name}: {link}"
            assert not mark or mark in ids[target], f"{name}: {link}"


def test_every_coded_segment_has_an_address_and_its_words_stand_there(full):
    found = pages(full)
    for segment in full.coded.segments:
        page = found[f"documents/{segment.segment.document.replace('/', '--')}.html"]
        (place,) = [e for e in page.elements if e["is"].get("id") == anchor(segment.segment)]
        words = full.corpus[segment.segment.document].quote(segment.segment)
        assert words.startswith(place["text"])
        assert any(
            e["text"] == words for e in page.all("a") if e["is"]["href"] == f"#{anchor(segment.segment)}"
        )


def test_the_page_of_a_document_holds_its_whole_text(full):
    found = pages(full)
    for document in full.corpus:
        (article,) = found[f"documents/{document.id.replace('/', '--')}.html"].all("article")
        text = re.sub(r"\s+", "", article["text"])
        for paragraph in paragraphs(document, (), {}):
            assert re.sub(r"\s+", "", "".join(s.text for s in paragraph.stretches)) in text


TEXT = "One two.\n\nThree\ffour five.\n  \nSix 日本 😀 seven.\n"


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 12)), max_size=12))
def test_stretches_are_the_text_and_say_what_it_bears(spans):
    document = Document("a/b", TEXT)
    segments = coded(document, [(start, min(len(TEXT), start + n)) for start, n in spans])
    shown = paragraphs(document, segments, {"c0": "Zero", "c1": "One", "c2": "Two"})
    assert ["".join(s.text for s in p.stretches).split() for p in shown] == [p.split() for p in TEXT.split("\n\n")[:1] + re.split(r"\n  \n", TEXT.split("\n\n")[1])]  # fmt: skip
    at = 0
    bearing = {"c0": "Zero", "c1": "One", "c2": "Two"}
    for paragraph in shown:
        for stretch in paragraph.stretches:
            at = TEXT.index(stretch.text, at)
            over = {bearing[s.code] for s in segments if s.segment.start <= at < s.segment.end}
            assert set(stretch.codes) == over
            at += len(stretch.text)
    seen = {s.segment for s in segments if document.quote(s.segment).strip()}
    given_ = [name for p in shown for s in p.stretches for name in s.anchors]
    assert {anchor(segment) for segment in seen} <= set(given_)
    assert len(given_) == len(set(given_))
    assert {s.id for p in shown for s in p.coded} >= {s.id for s in segments if s.segment in seen}


def test_a_page_of_a_text_is_marked_where_it_begins():
    marks = [(s.page, s.text) for p in paragraphs(Document("a/b", TEXT), (), {}) for s in p.stretches]
    assert marks == [(0, "One two."), (0, "Three\f"), (2, "four five."), (0, "Six 日本 😀 seven.")]
    several = paragraphs(Document("a/b", "One.\n\n\f\fThree."), (), {})
    assert [s.page for p in several for s in p.stretches] == [0, 3]


def test_every_cell_opens_to_its_passages_and_a_zero_says_which_it_is(full):
    found = pages(full)
    for cell in full.matrix:
        name = f"cells/{cell.case}--{cell.code}.html"
        assert (name in found) is (cell.state == "present")
        if cell.state == "present":
            marked = " ".join(e["text"] for e in found[name].all("mark"))
            assert all(quote in marked for quote in cell.quotes(full.corpus))
            assert f"{cell.n} of {cell.base} sentences searched" in " ".join(found[name].text("main").split())
    zero = found["matrix.html"].all("td", class_="searched")
    assert zero
    assert all("searched by rules, none found" in e["text"] for e in zero)


def test_every_code_has_a_page_with_its_definition_and_all_its_passages(full):
    found = pages(full)
    for code in full.matrix.codes:
        page = found[f"codes/{code}.html"]
        assert full.codebook[code].definition in page.text("main")
        n_hits = sum(len(full.matrix.cells[code, case].coded.segments) for case in full.matrix.cases)
        assert len(page.all("span", class_="hit")) == n_hits


def test_every_page_says_what_the_texts_are(full):
    for name, page in pages(full).items():
        assert "digest" in " ".join(e["text"] for e in page.all("footer")), name
    document = pages(full)["documents/norland--a.html"]
    assert full.corpus["norland/a"].digest in document.text("main")
    (fidelity,) = document.all("p", class_="fidelity")
    assert fidelity["text"].startswith("Digest.")


def test_hostile_text_stays_text_on_every_page(full):
    clean, attacked = pages(full), pages(hostile(full))
    assert attacked.keys() == clean.keys()
    for name, page in attacked.items():
        assert not page.all("script") + page.all("img") + page.all("style")
        names = {key for e in page.elements for key in e["is"]}
        assert not {key for key in names if key.startswith("on")} | names & {"style", "srcdoc"}
        assert not [e for e in page.all("a") if e["is"]["href"].startswith(("javascript", "data", "//"))]
        assert {e["tag"] for e in page.elements} - {e["tag"] for e in clean[name].elements} <= {
            "dl",
            "div",
            "dt",
            "dd",
        }
    assert " ".join(HOSTILE.split()) in attacked["index.html"].text("main").replace("\n", " ")


def test_a_hostile_document_stays_text(sandbox):
    words = f"Norland trains police {HOSTILE}."
    sandbox.change("corpus/norland/a.txt", "Norland trains police.", words)
    (article,) = pages(ran(sandbox))["documents/norland--a.html"].all("article")
    assert words in article["text"]


def test_the_policy_of_every_page_allows_a_style_and_nothing_that_acts(full):
    for name, page in pages(full).items():
        (policy,) = [e["is"]["content"] for e in page.all("meta") if "http-equiv" in e["is"]]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert "script-src" not in rules
        root = "../" if "/" in name else ""
        assert [e["is"]["href"] for e in page.all("link")] == ["data:,", f"{root}site.css"]
        order = [e["tag"] for e in page.elements]
        assert order.index("meta") < order.index("link")
    assert "url(" not in site(full)["site.css"].replace("url(#", "")
    assert "@import" not in site(full)["site.css"]


def test_strange_names_of_documents_become_files_of_their_own(sandbox):
    texts = {"ä ö.txt": "Norland trains police.", "日本.txt": "Training of police."}
    entries = ""
    for name, text in texts.items():
        sandbox.write(f"corpus/norland/{name}", text)
        entries += f"  '{name}':\n    title: {name}\n    year: 2015\n    fidelity: digest\n    source_kind: primary\n"
    path = sandbox.root / "corpus/norland/case.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + entries, encoding="utf-8")
    found = ran(sandbox)
    names = [name for name in site(found) if name.startswith("documents/")]
    assert len(names) == len({name.casefold() for name in names}) == len(found.corpus)
    assert all(re.fullmatch(r"documents/[\w.~-]+\.html", name) for name in names)
    test_every_link_leads_to_a_page_of_the_site_and_to_a_place_on_it(found)


def test_the_same_run_gives_the_same_pages(full):
    assert site(full) == site(full)


def test_pages_of_an_earlier_run_go_and_files_of_others_stay(full, sandbox, tmp_path):
    out = tmp_path / "site"
    write_site(full, out)
    assert (out / "documents/norland--c.html").is_file()
    (out / "CNAME").write_text("example.org", encoding="utf-8")
    (out / "documents/mine.html").write_text("<p>mine</p>", encoding="utf-8")
    sandbox.change("corpus/norland/case.yaml", "  c.txt:\n    title: c.txt of norland\n    year: 2015\n    fidelity: digest\n    source_kind: primary\n", "")  # fmt: skip
    (sandbox.root / "corpus/norland/c.txt").unlink()
    files = write_site(ran(sandbox), out)
    left = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert left == {path.relative_to(out).as_posix() for path in files} | {"CNAME", "documents/mine.html"}
    assert "documents/norland--c.html" not in left


def test_another_site_is_not_written_over(full, tmp_path):
    (tmp_path / "index.html").write_text("<p>mine</p>", encoding="utf-8")
    with pytest.raises(CodingError, match="was made by something else"):
        write_site(full, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "project"] == ["index.html"]


def test_the_command_writes_the_site_and_warns_of_what_is_in_it(sandbox, tmp_path):
    for module in iter_modules(cli.__path__, "coding.cli."):
        import_module(module.name)
    ended = CliRunner().invoke(
        cli.app, ["site", "--out", str(tmp_path / "s"), "--project", str(sandbox.root)]
    )
    assert ended.exit_code == 0
    assert "open index.html there" in ended.stderr
    assert "who holds the rights" in ended.stderr
    assert f'content="{MAKER}"' in (tmp_path / "s/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_pages_are_styled_without_a_server_and_need_no_sideways_scrolling(
    full, browser, tmp_path, width, scheme
):
    write_site(full, tmp_path / "site")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    for name in (
        "index.html",
        "matrix.html",
        "codes.html",
        "documents/norland--a.html#s8-14",
        "codes/behaviour.html",
    ):
        page.goto(f"file://{tmp_path}/site/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style was not loaded"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('mark')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    context.close()
    assert Counter(said) == Counter()
