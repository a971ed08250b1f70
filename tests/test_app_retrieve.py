"""Retrieve: what a query selects of what a coder may see, in its context, counted, kept and taken along."""

import csv
import io
import re
import zipfile
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from app import App, batch, code, read
from lists import assign, entering, faults, links, shown, suggested, words

from coding.web.pages import retrieve

HOSTILE = "<img src=x onerror=alert(1)>\"' role"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


def decide(client, about, ruling, **more):
    ruled = {"about": about, "ruling": ruling, **more}
    answer = client.post("/api/decisions", json={"batch": batch(), "decisions": [ruled]})
    assert answer.status_code == 200, answer.text


def quotes(page):
    return [words(e) for e in page.all("mark")]


def counted(page, caption):
    """Return a table of counts: name, segments, documents."""
    (table,) = [
        e
        for e in page.all("table")
        if any(c["tag"] == "caption" and words(c) == caption and e in c["in"] for c in page.elements)
    ]
    lines = [e for e in page.all("tr") if table in e["in"]]
    cells = [
        [words(c) for c in page.elements if c["tag"] in ("th", "td") and line in c["in"]] for line in lines
    ]
    return {name: (int(segments), int(documents)) for name, segments, documents in cells[1:]}


def asked(address):
    return dict(parse_qsl(urlsplit(address).query))


def test_a_query_shows_passages_with_words_code_coder_source_and_place(app):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge", memo="Is it one?")
    page = shown(anna, "/retrieve?q=role")
    (passage,) = [e for e in page.all("li") if any(o["tag"] == "ol" for o in e["in"])]
    assert words(passage) == (
        "Bridge anna Norland trains police. It is a bridge. "
        "2015, a.txt of norland (digest), norland/a, para. 1, characters 29–37 · read there: norland/a, 29 "
        "Memo, anna: Is it one?"
    )
    assert quotes(page) == ["a bridge"]
    assert "/read/norland/a#at=29-37" in links(page)
    assert "/codebook/role.bridge" in links(page)


def test_the_unit_decides_what_stands_together(app):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    code(anna, "norland/a", "a bridge", "role.bridge")
    assert quotes(shown(anna, "/retrieve?q=role+and+orientation")) == []
    assert quotes(shown(anna, "/retrieve?q=role+and+orientation&unit=paragraph")) == ["police", "a bridge"]
    assert quotes(shown(anna, "/retrieve?q=role+near/1+orientation")) == ["police", "a bridge"]


def test_coders_and_documents_can_be_chosen(app):
    anna, ben = entering(app), entering(app, "ben")
    code(anna, "norland/a", "police", "orientation.security")
    code(ben, "norland/b", "police", "orientation.security")
    code(ben, "sudland/b", "police", "orientation.security")
    every = "/retrieve?q=orientation"
    assert len(quotes(shown(anna, every))) == 3
    assert len(quotes(shown(anna, f"{every}&coder=ben"))) == 2
    assert len(quotes(shown(anna, f"{every}&coder=ben&donor=sudland"))) == 1
    assert len(quotes(shown(anna, f"{every}&coder=ben&coder=anna&where=donor%3Dnorland"))) == 2
    page = shown(anna, f"{every}&coder=bem", status=400)
    assert "Did you mean 'ben'?" in page.text("fault")


def test_a_wrong_query_stays_in_its_box_with_what_is_wrong(app):
    anna = entering(app)
    for query, said in (
        ("rolle", "Did you mean 'role'?"),
        ("role and", "a code is missing"),
        ("(role", "never closed"),
        (HOSTILE, "onerror"),
    ):
        page = shown(anna, f"/retrieve?{urlencode({'q': query})}", status=400)
        assert said in page.text("fault")
        (box,) = [e for e in page.all("input") if e["is"].get("name") == "q"]
        assert box["is"]["value"] == query
        assert box["is"]["aria-describedby"] == "fault"


def test_what_is_assigned_blind_and_unread_is_left_out_and_said(app):
    assign(app, "anna", "norland/a", "norland/b")
    anna, ben = entering(app), entering(app, "ben")
    code(ben, "norland/a", "police", "orientation.security")
    code(ben, "norland/c", "police", "orientation.security")
    code(anna, "norland/a", "trains", "behaviour.training")
    page = shown(anna, "/retrieve?q=orientation+or+behaviour")
    assert quotes(page) == ["trains", "police"]
    assert "/read/norland/c#at=12-18" in links(page)
    assert "You are to read or judge 2 documents blind" in page.text("main")
    assert counted(page, "By code") == {"Training": (1, 1), "Security": (1, 1)}
    for ending in ("csv", "txt"):
        taken = anna.get(f"/retrieve.{ending}?q=orientation").text
        assert "norland/c" in taken
        assert "norland/a" not in taken
    read(anna, "norland/a")
    page = shown(anna, "/retrieve?q=orientation")
    assert len(quotes(page)) == 2
    assert "You are to read or judge 1 document blind" in page.text("main")


def test_a_ruling_on_my_segment_is_left_out_where_i_still_have_to_read(app):
    assign(app, "anna", "norland/a")
    anna, ben = entering(app), entering(app, "ben")
    (mine,) = code(anna, "norland/a", "police", "orientation.security")
    decide(ben, mine, "reject", reason="Not so.")
    page = shown(anna, "/retrieve?q=orientation&stands=reviewed")
    assert quotes(page) == ["police"]
    assert "Not so." not in page.text("main")
    read(anna, "norland/a")
    assert quotes(shown(anna, "/retrieve?q=orientation&stands=reviewed")) == []
    assert "Rejected by ben: Not so." in shown(anna, "/retrieve?q=orientation").text("main")


def test_who_sees_others_passages_reads_no_longer_blind(app):
    anna, ben = entering(app), entering(app, "ben")
    code(ben, "norland/a", "police", "orientation.security")
    code(ben, "norland/b", "trains", "behaviour.training")
    sight = app.server.app.state.desk.sight
    shown(anna, "/retrieve?q=role")
    assert not sight("anna").looked
    page = shown(anna, "/retrieve?q=orientation")
    assert "1 document that you have not read" in page.text("main")
    assert sight("anna").looked == {"norland/a"}
    assert "have not read" not in shown(anna, "/retrieve?q=orientation").text("main")
    anna.get("/retrieve.csv?q=behaviour")
    assert sight("anna").looked == {"norland/a", "norland/b"}
    assert sight("ben").looked == set()


def test_what_stands_after_review_is_another_choice(app):
    anna, ben = entering(app), entering(app, "ben")
    suggested(app)
    found = shown(ben, "/retrieve?q=orientation&coder=rules")
    n = len(quotes(found))
    desk = app.server.app.state.desk
    first, second, *_ = [s for s in desk.work.coded.segments if s.code == "orientation.security"]
    decide(anna, first.id, "reject", reason="No.")
    decide(anna, second.id, "accept")
    every = "/retrieve?q=orientation&coder=rules"
    assert len(quotes(shown(ben, every))) == n
    assert len(quotes(shown(ben, f"{every}&stands=reviewed"))) == n - 1
    assert len(quotes(shown(ben, f"{every}&stands=decided"))) == 1


def test_a_recoded_segment_stands_once_and_only_after_review(app):
    anna, ben = entering(app), entering(app, "ben")
    (mine,) = code(anna, "norland/a", "police", "orientation.security")
    segment = app.server.app.state.desk.work.by_id[mine]
    instead = {
        "document": "norland/a", "digest": segment.segment.digest, "start": 15, "end": 21, "quote": "police",
        "code": "orientation.development",
    }  # fmt: skip
    decide(ben, mine, "recode", reason="Growth.", instead=instead)
    assert counted(shown(anna, "/retrieve?q=orientation"), "By code") == {"Security": (1, 1)}
    after = shown(anna, "/retrieve?q=orientation&stands=reviewed&coder=anna")
    assert counted(after, "By code") == {"Development": (1, 1)}


def test_counts_lead_to_what_they_count(app):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    code(anna, "norland/a", "Norland", "role")
    code(anna, "sudland/b", "police", "orientation.security")
    page = shown(anna, "/retrieve?q=role+or+orientation&unit=paragraph")
    assert counted(page, "By code") == {"Role": (1, 1), "Security": (2, 2)}
    assert counted(page, "By donor") == {"Norland": (2, 1), "Sudland": (1, 1)}
    numbers = {
        words(e) + " " + e["is"]["aria-label"]: e["is"]["href"]
        for e in page.all("a")
        if "aria-label" in e["is"]
    }
    of_code = numbers["2 2, segments of Security"]
    assert asked(of_code) == {"q": "=orientation.security", "unit": "paragraph"}
    assert len(quotes(shown(anna, of_code))) == 2
    of_donor = numbers["1 1, segments of Sudland"]
    assert asked(of_donor) == {"q": "role or orientation", "unit": "paragraph", "donor": "sudland"}
    assert len(quotes(shown(anna, of_donor))) == 1


def test_codes_together_count_units_and_lead_to_them(app):
    anna = entering(app)
    for document in ("norland/a", "norland/b"):
        code(anna, document, "police", "orientation.security")
        code(anna, document, "trains", "behaviour.training")
    code(anna, "norland/a", "a bridge", "role.bridge")
    page = shown(anna, "/retrieve?q=role+or+behaviour+or+orientation&coder=anna")
    (table,) = page.all("table", class_="together")
    lines = [e for e in page.all("tr") if table in e["in"]][1:]
    numbers = [[words(c) for c in page.all("td") if line in c["in"]] for line in lines]
    assert numbers == [["1", "", ""], ["0", "2", ""], ["0", "2", "2"]]
    (cell,) = [e for e in page.all("a") if e["is"].get("aria-label") == "2, Security with Training"]
    assert asked(cell["is"]["href"]) == {
        "q": "=orientation.security and =behaviour.training", "coder": "anna",
    }  # fmt: skip
    assert quotes(shown(anna, cell["is"]["href"])) == ["trains", "police"] * 2


def test_coding_under_another_meaning_and_on_another_text_is_told(app, sandbox):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    code(anna, "norland/b", "police", "orientation.security")
    sandbox.change("codebooks/book.yaml", "definition: Protection.", "definition: Protection of people.")
    sandbox.write("corpus/norland/b.txt", "Norland rests.\n")
    app.server.app.state.desk.look_again()
    page = shown(anna, "/retrieve?q=orientation")
    assert quotes(page) == ["police"]
    assert "1 coded segment lies in texts that have changed since" in page.text("main")
    assert "1 segment was coded when the code meant something else" in page.text("main")


def test_a_query_is_kept_with_all_it_asks_and_opened_by_its_name(app):
    anna, ben = entering(app), entering(app, "ben")
    code(anna, "norland/a", "police", "orientation.security")
    address = (
        "/retrieve?q=orientation+or+role&unit=paragraph&coder=anna&stands=reviewed&donor=norland&from=2010"
    )
    page = shown(anna, address)
    (text,) = [e["is"]["value"] for e in page.all("input") if e["is"].get("name") == "text"]
    kept = anna.post("/api/queries", json={"batch": batch(), "name": "Who is safe?", "text": text})
    assert kept.status_code == 200
    page = shown(anna, "/retrieve")
    (link,) = [e for e in page.all("a") if words(e) == "Who is safe?"]
    assert sorted(parse_qsl(urlsplit(link["is"]["href"]).query)) == sorted(parse_qsl(urlsplit(address).query))
    assert len([e for e in page.all("button") if words(e) == "Remove"]) == 1
    others = shown(ben, "/retrieve")
    assert "kept by anna" in others.text("main")
    assert not [e for e in others.all("button") if words(e) == "Remove"]


@pytest.mark.parametrize(
    "text", ["role and behaviour", HOSTILE, "q=%00&unit=nowhere&q=", "&" * 1500, "unit=x"]
)
def test_whatever_is_kept_as_a_query_leads_to_this_page_alone(app, text):
    anna = entering(app)
    anna.post("/api/queries", json={"batch": batch(), "name": HOSTILE, "text": text})
    page = shown(anna, "/retrieve")
    (link,) = [e for e in page.all("a") if words(e) == HOSTILE]
    assert link["is"]["href"].startswith("/retrieve?q=")


def test_pages_hold_every_passage_once(app, monkeypatch):
    monkeypatch.setattr(retrieve, "ON_A_PAGE", 2)
    anna = entering(app)
    for document in ("norland/a", "norland/b", "norland/c"):
        code(anna, document, "police", "orientation.security")
    pages = [shown(anna, f"/retrieve?q=orientation&page={n}") for n in (1, 2)]
    assert [len(quotes(page)) for page in pages] == [2, 1]
    assert [e["is"]["start"] for page in pages for e in page.all("ol")] == ["1", "3"]
    assert links(pages[0], rel="next") == ["/retrieve?q=orientation&page=2"]
    assert links(pages[1], rel="prev") == ["/retrieve?q=orientation"]


def test_a_table_holds_all_passages_with_citations_and_no_formula(app, sandbox):
    sandbox.change("corpus/norland/case.yaml", "title: a.txt of norland", "title: =1+1")
    sandbox.write("corpus/norland/b.txt", "=HYPERLINK(1) trains police.\n")
    app.server.app.state.desk.look_again()
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    code(anna, "norland/b", "=HYPERLINK(1)", "orientation.security")
    answer = anna.get("/retrieve.csv?q=orientation&donor=norland")
    head, *rows = csv.reader(io.StringIO(answer.text))
    lines = [dict(zip(head, line, strict=True)) for line in rows]
    assert [line["quote"] for line in lines] == ["police", "'=HYPERLINK(1)"]
    assert lines[0]["source"] == "2015, =1+1 (digest), norland/a, para. 1, characters 15–21"
    assert lines[0]["title"] == "'=1+1"
    book = anna.get("/retrieve.xlsx?q=orientation&donor=norland")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "=HYPERLINK(1)" in parts.read("xl/sharedStrings.xml").decode()


def test_text_holds_each_quote_with_its_source(app):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    assert anna.get("/retrieve.txt?q=role&donor=norland").text == (
        "role\nin sentences · whoever coded · as coded · Norland\ncodebook book 1.0.0\n"
        "1 coded segment in 1 of 3 documents\n\n"
        "“a bridge”\n2015, a.txt of norland (digest), norland/a, para. 1, characters 29–37\nBridge (role.bridge), anna\n"
    )


def test_a_file_has_a_plain_name(app):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    for query, ending in zip(
        ("role", "role or (behaviour not role)", '"role"'), ("csv", "xlsx", "txt"), strict=True
    ):
        answer = anna.get(f"/retrieve.{ending}", params={"q": query})
        assert answer.status_code == 200
        said = answer.headers["content-disposition"]
        assert re.fullmatch(rf'attachment; filename="project-role[a-z-]*\.{ending}"', said)


def test_no_other_file_is_given(app):
    anna = entering(app)
    for ending in ("exe", "csv.exe", "..", "%2e%2e%2fproject.db", "db"):
        assert anna.get(f"/retrieve.{ending}?q=role").status_code == 404


def test_nothing_is_given_to_strangers_or_without_a_query(app):
    anna = entering(app)
    assert anna.get("/retrieve.csv").status_code == 400
    assert anna.get("/retrieve.csv?q=rolle").status_code == 400
    anna.cookies.clear()
    assert anna.get("/retrieve.csv?q=role").status_code == 303


def test_a_project_without_coding_says_where_it_begins(app):
    page = shown(entering(app), "/retrieve")
    assert "Nothing is coded yet" in page.text("main")
    assert {"/library", "/review"} <= set(links(page))


def test_a_query_is_asked_kept_and_removed_with_keys(app, browser):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/retrieve")
    page.get_by_label("Query").fill("orientation")
    page.keyboard.press("Enter")
    page.wait_for_url("**/retrieve?*", wait_until="load")  # the script that keeps it is there with the page
    page.get_by_label("Keep this query as").fill("<b>Safe</b>")
    page.keyboard.press("Enter")
    page.get_by_text("Kept queries (1)").press("Enter")
    page.wait_for_load_state("load")
    page.get_by_role("button", name="Remove <b>Safe</b>").press("Enter")
    page.get_by_text("Kept queries").wait_for(state="detached")
    assert app.server.app.state.desk.work.queries == ()
    page.context.close()


def test_hostile_words_stay_words(sandbox, browser):
    sandbox.change("codebooks/book.yaml", "name: Bridge", f"name: {HOSTILE!r}".replace("\\'", "''"))
    sandbox.write("corpus/norland/a.txt", f"{HOSTILE} is a bridge.\n")
    with App(sandbox.root) as app:
        anna = entering(app)
        code(anna, "norland/a", HOSTILE, "role.bridge", memo=HOSTILE)
        code(anna, "norland/a", "bridge", "behaviour.training")
        page = entering(app, browser=browser)
        said = []
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{app.address}/retrieve?q=role+or+behaviour")
        assert page.locator("mark").all_inner_texts() == [HOSTILE, "bridge"]
        assert page.locator("main img").count() == 0
        assert said == []
        page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(app, browser, width, scheme):
    anna = entering(app)
    for document in ("norland/a", "norland/b"):
        code(anna, document, "police", "orientation.security", memo="A memo.")
        code(anna, document, "trains", "behaviour.training")
    anna.post("/api/queries", json={"batch": batch(), "name": "One", "text": "q=role&donor=norland"})
    page = entering(app, browser=browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for address in ("/retrieve", "/retrieve?q=orientation+or+behaviour&coder=anna", "/retrieve?q=(("):
        page.goto(app.address + address)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
