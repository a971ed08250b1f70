"""Summaries of cells in the app: written beside the passages, never lost, shown to whoever may see them."""

import csv
import io

import docx
import openpyxl
import pytest
from app import App, batch, code, read
from lists import assign, entering, faults, links, shown, words

from coding.cells import cell_name
from coding.framework import summarise
from coding.project import Project

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"
CELL = "code=role&case=norland"
ROLE = "donor=norland/role"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


def expect(place):
    from playwright.sync_api import expect as expecting  # there is none where the browser tests are skipped

    return expecting(place)


def write(client, text, subject=ROLE, *, status=200, **more):
    """Write a summary; return its id, or what the server says."""
    body = {"batch": batch(), "about": "cell", "subject": subject, "text": text, **more}
    answer = client.post("/api/memos", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["ids"][0] if status == 200 and text else answer.json()


def standing(app):
    return [(memo.subject, memo.coder, memo.text) for memo in Project.open(app.root).memos]


def said(page, within=None):
    return [e["text"].strip() for e in page.all("p", class_="words", within=within)]


# ---- the API


def test_a_summary_is_kept_rewritten_undone_and_done_again(app):
    anna = entering(app)
    first = write(anna, "One.")
    write(anna, "Two.", replaces=first)
    assert standing(app) == [(ROLE, "anna", "Two.")]
    assert anna.post("/api/undo", json={"batch": batch()}).status_code == 200
    assert standing(app) == [(ROLE, "anna", "One.")]
    assert anna.post("/api/redo", json={"batch": batch()}).status_code == 200
    assert standing(app) == [(ROLE, "anna", "Two.")]


def test_a_summary_sent_twice_is_kept_once(app):
    anna = entering(app)
    body = {"batch": batch(), "about": "cell", "subject": ROLE, "text": "One."}
    assert [anna.post("/api/memos", json=body).status_code for _ in range(2)] == [200, 200]
    assert standing(app) == [(ROLE, "anna", "One.")]


@pytest.mark.parametrize(
    ("subject", "status", "message"),
    [
        ("norland", 400, "names no cell"),
        ("donor=norlnd/role", 400, "no case 'norlnd'. Did you mean 'norland'?"),
        ("donor=norland/rolle", 400, "no code 'rolle'. Did you mean 'role'?"),
        ("dnoor=norland/role", 400, "Did you mean 'donor'?"),
        ("donor=Norland/role", 404, "It is called donor=norland/role."),
    ],
)
def test_nothing_is_written_of_what_is_no_cell(app, subject, status, message):
    answer = write(entering(app), "One.", subject, status=status)
    assert message in answer["error"]["message"]
    assert standing(app) == []


def test_nobody_rewrites_what_another_wrote(app):
    first = write(entering(app), "One.")
    answer = write(entering(app, "ben"), "Two.", status=400, replaces=first)
    assert "another coder's" in answer["error"]["message"]
    assert standing(app) == [(ROLE, "anna", "One.")]


# ---- the pages


def test_a_cell_shows_what_was_written_of_it_and_how_it_read_before(app):
    anna = entering(app)
    first = write(anna, "One.")
    write(anna, "Two.", replaces=first)
    page = shown(anna, f"/matrix/cell?{CELL}")
    assert said(page) == ["Two.", "One."]
    assert words(page.all("details", class_="before")[0]).startswith("1 earlier wording One.")
    assert page.all("textarea")[0]["text"].strip() == "Two."
    assert said(shown(anna, "/matrix/cell?code=role&case=sudland")) == [""]


def test_a_summary_stands_at_its_cell_however_the_cell_is_measured(app):
    anna = entering(app)
    write(anna, "One.")
    for query in ("measure=documents", "unit=document&coder=anna&study=-", "rollup=without"):
        assert said(shown(anna, f"/matrix/cell?{CELL}&{query}"))[0] == "One."
    by_year = shown(anna, "/matrix/cell?code=role&case=2015&by=year&study=-")
    assert said(by_year) == [""]
    assert by_year.all("div", class_="own")[0]["is"]["data-subject"] == "year=2015/role"


def test_a_summary_older_than_its_evidence_says_so(app):
    anna = entering(app)
    code(anna, "norland/a", "It is a bridge", "role.bridge")
    read(anna, "norland/a")
    write(anna, "One.")
    query = f"/matrix/cell?{CELL}&coder=anna&study=-"
    assert "newer" not in shown(anna, query).text("cell")
    code(anna, "norland/a", "Norland", "role")
    assert "1 coded segment of the cell is newer" in shown(anna, query).text("cell")


def test_the_framework_shows_every_cell_with_the_way_to_it(app):
    anna = entering(app)
    page = shown(anna, "/matrix/framework")
    assert "Nobody has written a summary yet." in page.text("nothing")
    assert len(page.all("td")) == 6
    write(anna, "One.")
    write(anna, "Of a bridge.", "donor=sudland/role.bridge")
    page = shown(anna, "/matrix/framework")
    assert said(page) == ["One.", "Of a bridge."]
    assert [words(e) for e in page.all("th", scope="row")] == ["Role", "Bridge", "Behaviour", "Orientation"]
    cell = next(href for href in links(page) if "code=role&case=norland" in href)
    assert said(shown(anna, cell.partition("#")[0]), within="cell")[0] == "One."
    assert len([words(e) for e in page.all("a", class_="write")]) == 6
    assert len(shown(anna, "/matrix/framework?open=*").all("td")) == 14
    assert "/matrix/framework?" in "".join(links(shown(anna, "/matrix")))


def test_who_has_not_written_of_a_cell_is_led_there_whoever_else_has(app):
    anna, ben = entering(app), entering(app, "ben")
    write(anna, "One.")
    ways = [
        [words(e) for e in shown(who, "/matrix/framework").all("a", class_="write")] for who in (anna, ben)
    ]
    assert ways[1] == ["Write a summary of Role, Norland", *ways[0]]


def taken_in(app, texts, coder="anna"):
    """Write summaries as a workbook does, in one act; return its id."""
    project = Project.open(app.root)
    with project.store() as store:
        return summarise(store, texts, coder=coder, memos=project.memos).id


def undo_button(client, cell):
    page = shown(client, f"/matrix/cell?{cell}")
    return next(words(e) for e in page.all("button") if words(e).startswith("Undo"))


def test_an_undo_says_how_many_summaries_it_takes_back(app):
    anna = entering(app)
    write(anna, "One.")
    write(anna, "To go.", "donor=sudland/behaviour")
    assert undo_button(anna, "code=behaviour&case=sudland") == "Undo what I wrote last"
    last = taken_in(
        app,
        {
            cell_name(ROLE): "Two.",
            cell_name("donor=sudland/role"): "New.",
            cell_name("donor=sudland/behaviour"): "",
        },
    )
    assert undo_button(anna, CELL) == "Undo what I wrote last: 3 summaries"
    assert anna.post("/api/undo", json={"batch": batch(), "of": last}).status_code == 200
    assert standing(app) == [(ROLE, "anna", "One."), ("donor=sudland/behaviour", "anna", "To go.")]


def test_summaries_that_no_cell_of_the_matrix_has_are_shown_beside_it(app):
    anna, ben = entering(app), entering(app, "ben")
    write(anna, "Of a year.", "year=2015/role")
    write(ben, "Of a year too.", "year=2015/role")
    page = shown(anna, "/matrix/framework")
    assert said(page) == ["Of a year."]
    assert "1 summary of others besides" in page.text("main")


def test_what_an_address_asks_for_wrongly_is_said(app):
    page = shown(entering(app), "/matrix/framework?measure=shares", status=400)
    assert "Did you mean 'share'?" in words(page.all("div", class_="fault")[0])


def test_the_files_hold_what_the_page_shows(app):
    anna = entering(app)
    write(anna, "One.")
    write(anna, "=1+1", "donor=sudland/behaviour")
    rows = list(csv.reader(io.StringIO(anna.get("/matrix/framework.csv").text)))
    assert [row[12] for row in rows if row[13]] == ["text", "One.", "'=1+1"]
    book = openpyxl.load_workbook(io.BytesIO(anna.get("/matrix/framework.xlsx").content))
    assert book["framework"]["B2"].value == "One."
    about = {row[0].value: row[1].value for row in book["about"].rows}
    assert (about["coder"], about["coded by"], about["measure"]) == ("anna", "rules", "share")
    write(entering(app, "ben"), "Of ben.")
    book = openpyxl.load_workbook(io.BytesIO(anna.get("/matrix/framework.xlsx").content))
    assert dict([c.value for c in row] for row in book["about"].rows)["coder"] == "everybody"
    paper = docx.Document(io.BytesIO(anna.get("/matrix/framework.docx").content))
    assert "Of ben. (ben, " in paper.tables[0].rows[1].cells[1].text


def test_nobody_enters_without_a_session(app):
    import httpx

    for path in ("/matrix/framework", *(f"/matrix/framework.{kind}" for kind in ("csv", "xlsx", "docx"))):
        answer = httpx.get(app.address + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/enter")


def test_summaries_and_names_are_shown_as_they_are_written(sandbox):
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    sandbox.change("corpus/norland/case.yaml", "name: Norland", f"name: {quoted}")
    sandbox.change("codebooks/book.yaml", "name: Role", f"name: {quoted}")
    with App(sandbox.root) as app:
        anna = entering(app)
        write(anna, HOSTILE)
        for path in ("/matrix/framework", f"/matrix/cell?{CELL}"):
            page = shown(anna, path)
            assert not page.all("img")
            assert HOSTILE in said(page)


# ---- blindness


def test_what_others_wrote_of_a_case_is_a_look_at_its_documents(app):
    write(entering(app), "One.")
    ben = entering(app, "ben")
    read(ben, "norland/c")
    page = shown(ben, f"/matrix/cell?{CELL}")
    assert said(page)[0] == "One."
    assert "You now see what others wrote of Norland: in 2 documents of it" in page.text("cell")
    for document in ("norland/a", "sudland/a"):
        read(ben, document)
    blind = {r.segment.document: r.blind for r in app.server.app.state.desk.work.coded.readings}
    assert blind == {"norland/a": False, "norland/c": True, "sudland/a": True}
    assert "You now see what others wrote" not in shown(ben, f"/matrix/cell?{CELL}").text("cell")


def test_the_framework_keeps_looks_and_says_of_how_many(app):
    anna, ben = entering(app), entering(app, "ben")
    write(anna, "One.")
    assert "You now see what others wrote of 3 documents" in shown(ben, "/matrix/framework").text("main")
    assert "You now see what others wrote" not in shown(ben, "/matrix/framework").text("main")
    looks = app.server.app.state.desk.work.looks
    assert {(look.coder, look.document) for look in looks} == {("ben", f"norland/{d}") for d in "abc"}


def test_ones_own_summaries_are_no_look_at_others(app):
    anna = entering(app)
    write(anna, "One.")
    before = app.server.app.state.desk.work.looks
    shown(anna, "/matrix/framework?coder=anna")
    shown(anna, f"/matrix/cell?{CELL}&coder=anna")
    assert app.server.app.state.desk.work.looks == before


def test_who_is_still_to_read_blind_is_shown_no_summary_of_others_of_that_case(app):
    anna, ben = entering(app), entering(app, "ben")
    first = write(anna, "One.")
    write(anna, "One again.", replaces=first)
    write(anna, "Of Sudland.", "donor=sudland/role")
    write(ben, "Of ben.")
    assign(app, "ben", "norland/b")
    cell = shown(ben, f"/matrix/cell?{CELL}")
    assert said(cell) == ["Of ben."]
    assert "What others wrote of Norland is left out" in cell.text("cell")
    page = shown(ben, "/matrix/framework")
    assert said(page) == ["Of ben.", "Of Sudland."]
    assert "What others wrote of Norland is left out" in page.text("main")
    for kind in ("csv", "xlsx", "docx"):
        assert ben.get(f"/matrix/framework.{kind}").content != anna.get(f"/matrix/framework.{kind}").content
    assert "One" not in ben.get("/matrix/framework.csv").text
    read(ben, "norland/b")
    assert said(shown(ben, f"/matrix/cell?{CELL}"))[:2] == ["One again.", "One."]


def test_that_others_wrote_nothing_is_not_told_either(app):
    ben = entering(app, "ben")
    assign(app, "ben", "norland/b")

    def seen():
        return shown(ben, "/matrix/framework").text("main"), shown(ben, f"/matrix/cell?{CELL}").text("cell")

    seen()  # what the rules coded is told once
    before = seen()
    write(entering(app), "One.")
    assert seen() == before


def test_summaries_show_on_no_page_of_a_document(app):
    anna = entering(app)
    write(anna, "One.")
    assert anna.get("/api/document", params={"id": "norland/a"}).json()["memos"] == []


# ---- in a browser


def cell(app, browser, **settings):
    page = entering(app, browser=browser, **settings)
    page.goto(f"{app.address}/matrix?{CELL}")
    page.locator("[data-summary][data-ready]").wait_for()
    return page


def box(page):
    return page.get_by_label("Your summary of Role, Norland")


def test_a_summary_is_written_beside_the_passages_with_keys_alone(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/matrix")
    page.get_by_role("link", name="passages of Role, Norland").focus()
    page.keyboard.press("Enter")
    page.locator("[data-summary][data-ready]").wait_for()
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type("They build bridges.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".state")).to_have_text("Kept.")
    expect(page.locator(".stands .words")).to_have_text("They build bridges.")
    assert page.evaluate("document.activeElement.innerText") == "Rewrite"
    assert standing(app) == [(ROLE, "anna", "They build bridges.")]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Twice.")
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_visible()
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".state")).to_have_text("Kept.")
    assert standing(app) == [(ROLE, "anna", "They build bridges. Twice.")]
    page.locator(".rewrite summary").click()
    box(page).fill("")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".state")).to_have_text("Taken back.")
    assert standing(app) == []
    page.context.close()


def test_what_was_written_last_is_undone_where_it_was_written_and_nowhere_else(app, browser):
    page = cell(app, browser)
    for text in ("One.", "Two."):
        if page.locator(".rewrite:not([open])").count():
            page.locator(".rewrite summary").click()
        box(page).fill(text)
        page.get_by_role("button", name="Keep").click()
        expect(page.locator(".state")).to_have_text("Kept.")
    page.goto(f"{app.address}/read/norland/a")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("body")).to_contain_text("Your last act was a summary of a cell: its page in Matrix")
    assert standing(app) == [(ROLE, "anna", "Two.")]
    page.goto(f"{app.address}/matrix/cell?code=role&case=sudland")
    page.locator("[data-ready]").wait_for()
    assert not page.get_by_role("button", name="Undo what I wrote last").is_visible()
    page.goto(f"{app.address}/matrix?{CELL}")
    page.locator("[data-ready]").wait_for()
    page.get_by_role("button", name="Undo what I wrote last").click()
    expect(page.locator(".stands .words").first).to_have_text("One.")
    assert standing(app) == [(ROLE, "anna", "One.")]
    page.locator("[data-ready]").wait_for()
    page.get_by_role("button", name="Undo what I wrote last").click()
    expect(page.locator(".rewrite summary")).to_have_text("Write a summary")
    assert standing(app) == []
    page.context.close()


def test_after_a_workbook_a_summary_that_is_kept_is_undone_alone(app, browser):
    taken_in(app, {cell_name(ROLE): "One.", cell_name("donor=sudland/role"): "Two."})
    page = cell(app, browser)
    expect(page.get_by_role("button", name="Undo what I wrote last: 2 summaries")).to_be_visible()
    page.locator(".rewrite summary").click()
    box(page).fill("One, longer.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".back button")).to_have_text("Undo what I wrote last")
    page.context.close()


def test_what_is_typed_is_a_draft_until_it_is_kept(app, browser):
    page = cell(app, browser)
    box(page).fill("Half a sent")
    expect(page.locator(".state")).to_have_text("A draft, not kept yet.")
    page.get_by_role("link", name="passages of Behaviour, Norland").click()
    page.get_by_label("Your summary of Behaviour, Norland").wait_for()
    assert page.get_by_label("Your summary of Behaviour, Norland").input_value() == ""
    page.reload()
    page.goto(f"{app.address}/matrix/cell?{CELL}")
    expect(page.locator(".state")).to_have_text("A draft, not kept yet.")
    assert box(page).input_value() == "Half a sent"
    assert standing(app) == []
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".state")).to_have_text("Kept.")
    page.reload()
    expect(page.locator(".stands .words").first).to_have_text("Half a sent")
    assert page.locator(".state").inner_text() == ""
    page.context.close()


def test_what_is_kept_while_the_server_is_away_waits_and_can_be_rewritten(app, browser):
    page = cell(app, browser)
    page.route("**/api/memos", lambda route: route.abort())
    box(page).fill("One.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#messages")).to_contain_text("kept in this browser and sent when it can be")
    expect(page.locator(".stands .words")).to_have_text("One.")
    page.locator(".rewrite summary").click()
    box(page).fill("Two.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".stands .words")).to_have_text("Two.")
    assert standing(app) == []
    page.unroute("**/api/memos")
    expect(page.locator(".state")).to_have_text("Kept.")
    assert standing(app) == [(ROLE, "anna", "Two.")]
    page.context.close()


def test_a_page_loaded_while_a_summary_waits_shows_it(app, browser):
    page = cell(app, browser)
    page.context.route("**/api/memos", lambda route: route.abort())
    box(page).fill("One.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#messages")).to_contain_text("does not answer")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{app.address}/matrix/cell?{CELL}")
    expect(page.locator(".stands .words")).to_have_text("One.")
    expect(page.locator(".state")).to_have_text("Being kept.")
    page.context.unroute("**/api/memos")
    expect(page.locator(".state")).to_have_text("Kept.")
    assert standing(app) == [(ROLE, "anna", "One.")]
    page.context.close()


def test_what_the_server_refuses_stays_as_a_draft_and_is_said_loudly(app, browser):
    anna = entering(app)
    first = write(anna, "One.")
    page = cell(app, browser)
    write(anna, "Two, elsewhere.", replaces=first)
    page.locator(".rewrite summary").click()
    box(page).fill("Three.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".state")).to_have_text("Not kept. It stays here as a draft.")
    expect(page.locator("#messages")).to_contain_text("Not kept: Three.")
    expect(page.locator(".stands .words")).to_have_text("One.")
    assert standing(app) == [(ROLE, "anna", "Two, elsewhere.")]
    page.reload()
    expect(page.locator(".state")).to_have_text("A draft, not kept yet.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".state")).to_have_text("Kept.")
    assert standing(app) == [(ROLE, "anna", "Three.")]
    page.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(app, browser, scheme, width):
    anna = entering(app)
    first = write(anna, "One " + "very long sentence " * 40)
    write(anna, f"Two, rewritten. {HOSTILE}", replaces=first)
    write(entering(app, "ben"), "Of ben.\n\nTwo paragraphs.")
    write(anna, "Of a year.", "year=2015/role")
    page = entering(app, browser=browser, color_scheme=scheme, viewport={"width": width, "height": 800})
    said_there = []
    page.on("console", lambda message: said_there.append(message.text))
    page.on("pageerror", lambda error: said_there.append(str(error)))
    for path in ("/matrix/framework", "/matrix/framework?open=*&by=donor&by=year&study=-"):
        page.goto(f"{app.address}{path}")
        assert page.get_by_role("heading", name="Framework", exact=True).is_visible()
        assert page.get_by_role("rowheader", name="Role").is_visible()
        assert page.get_by_role("cell").count() >= 6
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for path in (f"/matrix?{CELL}", f"/matrix/cell?{CELL}"):
        page.goto(f"{app.address}{path}")
        page.locator("[data-summary][data-ready]").wait_for()
        page.locator(".rewrite summary").click()
        page.locator(".own .before summary").click()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{app.address}/matrix/framework?measure=shares")
    assert faults(page) == []
    assert [line for line in said_there if "400" not in line] == []
    page.context.close()


def test_printed_summaries_stand_without_their_boxes(app, browser):
    write(entering(app), "One.")
    page = cell(app, browser)
    page.emulate_media(media="print")
    assert page.locator(".stands .words").is_visible()
    assert not page.locator(".rewrite").is_visible()
    page.goto(f"{app.address}/matrix/framework")
    assert page.get_by_text("One.").is_visible()
    assert not page.get_by_role("link", name="Write").first.is_visible()
    page.context.close()
