"""The Codebook: what each code means and what bears it; words are changed without losing any."""

import pytest
from app import App, batch, code, read
from lists import assign, entering, faults, links, shown, suggested, words

from coding.ids import slug

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>\"' </textarea>"


@pytest.fixture
def book(sandbox):
    """The sandbox, its codebook with comments, notes and all that codes can say of each other."""
    sandbox.change(
        "codebooks/book.yaml",
        "definition: It joins two sides.",
        "definition: It joins two sides.  # after Holsti\n"
        "        include: Mediators.\n        examples: [It stands between us.]\n"
        "        implies: [orientation.security]\n        beats: [behaviour.training]",
    )
    sandbox.change("codebooks/book.yaml", "id: book", "# Ours; do not lose this line.\nid: book")
    return sandbox


@pytest.fixture
def app(book):
    with App(book.root, "anna", "ben") as running:
        yield running


def file(book):
    return (book.root / "codebooks/book.yaml").read_text(encoding="utf-8")


def seen(client):
    """Return the digest of the codebook as the page has it."""
    page = shown(client, "/codebook/role.bridge")
    return next(e["is"]["value"] for e in page.all("input") if e["is"].get("name") == "seen")


def changing(client, what, *, status=200, **asked):
    answer = client.post(f"/api/codebook/{what}", json={"seen": seen(client), **asked})
    assert answer.status_code == status, answer.text
    return answer.json() if status == 200 else answer.json()["error"]


def counted(page):
    """Return what the trees count by name of the code: mine, all, documents."""
    found = {}
    for line in page.all("tr"):
        if "depth" in (line["is"].get("class") or ""):
            (name,) = [words(a) for a in page.all("a") if line in a["in"] and "aria-label" not in a["is"]]
            found[name] = tuple(int(words(cell)) for cell in page.all("td") if line in cell["in"])
    return found


def test_a_code_counts_with_the_codes_below_it_mine_and_all_and_documents(app):
    anna, ben = entering(app), entering(app, "ben")
    code(anna, "norland/a", "a bridge", "role.bridge")
    code(anna, "norland/a", "Norland", "role")
    code(ben, "norland/b", "trains", "role.bridge", "behaviour.training")
    found = counted(shown(anna, "/codebook"))
    assert found["Role"] == (2, 3, 2)
    assert found["Bridge"] == (1, 2, 2)
    assert found["Training"] == (0, 1, 1)
    assert found["Orientation"] == (0, 0, 0)
    assert list(found) == [
        "Role", "Bridge", "Behaviour", "Training", "Orientation", "Security", "Development",
    ]  # fmt: skip
    assert {"/retrieve?q=role&coder=anna", "/retrieve?q=role.bridge"} <= set(links(shown(anna, "/codebook")))


def test_what_is_to_be_read_blind_is_not_counted(app):
    assign(app, "anna", "norland/a")
    anna, ben = entering(app), entering(app, "ben")
    code(ben, "norland/a", "a bridge", "role.bridge")
    for address in ("/codebook", "/codebook/role.bridge"):
        assert "You are to read or judge 1 document blind" in shown(anna, address).text("main")
    assert counted(shown(anna, "/codebook"))["Bridge"] == (0, 0, 0)
    assert "Nobody has coded this where you may look" in shown(anna, "/codebook/role.bridge").text("main")
    read(anna, "norland/a")
    assert counted(shown(anna, "/codebook"))["Bridge"] == (0, 1, 1)


def test_a_code_shows_what_it_means_and_how_it_is_found(app):
    page = shown(entering(app), "/codebook/role.bridge")
    said = {words(dt): words(dd) for dt, dd in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert said == {
        "Include": "Mediators.",
        "Examples": "It stands between us.",
        "Implies": "Security is evidence for it",
        "Beats": "Training where hits of rules overlap",
        "Rule": "bridge",
        "Phrase": "bridge",
        "Matches": "A bridge it is.",
        "Rejects": "A road it is.",
    }
    assert "It joins two sides." in page.text("main")
    implied = shown(entering(app), "/codebook/orientation.security")
    assert "Implied by" in [words(dt) for dt in implied.all("dt")]


@pytest.mark.parametrize(
    "name", ["rolle", "%2e%2e", "..%2f..%2fproject.db", "role%00", "role/bridge", "%3Cb%3E"]
)
def test_a_code_that_is_none_is_not_found(app, name):
    assert entering(app).get(f"/codebook/{name}").status_code in (404, 307)


def test_other_words_are_written_and_everything_else_stays(app, book):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    before = file(book)
    now = changing(
        anna, "code", code="role.bridge", definition="It stands between two sides.", source="Holsti"
    )
    assert (now["version"], now["changed"], now["other_meaning"], now["n_earlier"]) == (
        "1.1.0",
        True,
        True,
        1,
    )
    after = before.replace("It joins two sides.", "It stands between two sides.").replace("1.0.0", "1.1.0")
    assert file(book).replace("        source: Holsti\n", "") == after
    assert "# after Holsti" in file(book)
    page = shown(anna, "/codebook/role.bridge")
    assert page.text("earlier") == (
        "1 of 1 segment of the code itself was coded under an earlier meaning of it, and counts in no matrix "
        "until it is coded again or confirmed."
    )


def test_what_a_changed_definition_costs_is_said_before_and_after(app):
    anna, ben = entering(app), entering(app, "ben")
    suggested(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    code(ben, "norland/b", "trains", "role.bridge")
    cost = shown(anna, "/codebook/role.bridge").text("cost")
    assert "2 coded segments of people then count in no matrix until each coder confirms them" in cost
    assert "1 coded segment of people" not in shown(anna, "/codebook/role").text("cost")
    changing(anna, "code", code="role.bridge", definition="It stands between two sides.")
    after = shown(anna, "/codebook/role.bridge").text("earlier")
    assert after.endswith("and count in no matrix until they are coded again or confirmed.")


def test_words_that_mean_the_same_leave_earlier_coding_as_it_was(app):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    now = changing(anna, "code", code="role.bridge", name="Bridges", examples=["One.", "Two."])
    assert (now["version"], now["other_meaning"], now["n_earlier"]) == ("1.0.1", False, 0)
    assert "earlier meaning" not in shown(anna, "/codebook/role.bridge").text("main")
    assert changing(anna, "code", code="role.bridge", name="Bridges")["changed"] is False


def test_an_edit_of_what_somebody_else_changed_is_refused_and_writes_nothing(app, book):
    anna, ben = entering(app), entering(app, "ben")
    digest = seen(anna)
    changing(ben, "code", code="role.bridge", name="Ben's bridge")
    after = file(book)
    for what, asked in {
        "code": {"code": "role.bridge", "definition": "Another."},
        "codes": {"id": "role.new", "name": "New", "definition": "It is new."},
        "retire": {"code": "role.bridge", "why": "Never used."},
        "move": {"code": "role.bridge", "under": "behaviour"},
        "merge": {"code": "role.bridge", "into": "role"},
    }.items():
        answer = anna.post(f"/api/codebook/{what}", json={"seen": digest, **asked})
        assert answer.status_code == 409
        assert "somebody changed it meanwhile" in answer.json()["error"]["message"]
    assert file(book) == after


def test_an_edit_in_an_editor_is_never_written_over(app, book):
    anna = entering(app)
    digest = seen(anna)
    book.change("codebooks/book.yaml", "name: Role", "name: Roles")
    after = file(book)
    answer = anna.post("/api/codebook/code", json={"seen": digest, "code": "role.bridge", "name": "Span"})
    assert answer.status_code == 409
    assert file(book) == after


def test_what_is_sent_twice_is_done_once(app, book):
    anna = entering(app)
    digest = seen(anna)
    words_ = {"seen": digest, "code": "role.bridge", "definition": "Between.\r\nTwice."}
    new = {"seen": digest, "id": "role.new", "name": "New", "definition": "It is new.", "parent": "role"}
    assert anna.post("/api/codebook/code", json=words_).json()["version"] == "1.1.0"
    again = anna.post("/api/codebook/code", json=words_).json()
    assert (again["version"], again["changed"]) == ("1.1.0", False)
    new["seen"] = again["digest"]
    assert [anna.post("/api/codebook/codes", json=new).json()["version"] for _ in range(2)] == ["1.2.0"] * 2
    assert file(book).count("role.new") == 1


def test_an_edit_is_told_as_it_is_while_another_file_is_wrong(app, book):
    anna = entering(app)
    book.change("corpus/norland/case.yaml", "year: 2015", "yaer: 2015")
    now = changing(anna, "code", code="role.bridge", definition="It spans.")
    assert (now["version"], now["changed"], now["other_meaning"]) == ("1.1.0", True, True)
    assert "It spans." in file(book)
    assert "yaer" in shown(anna, "/codebook").text("messages")


def test_all_that_is_wrong_is_told_by_field_and_nothing_is_written(app, book):
    anna, before = entering(app), file(book)
    error = changing(anna, "code", status=400, code="role.bridge", name=" ", definition="", include="a\x00b")
    assert {problem.partition(":")[0] for problem in error["problems"]} == {"Definition", "Include", "Name"}
    error = changing(anna, "codes", status=400, id="../etc", name="", definition="", parent="rolle")
    assert {problem.partition(":")[0] for problem in error["problems"]} == {
        "Id",
        "Parent",
        "Name",
        "Definition",
    }
    assert changing(anna, "codes", status=400, id="role", name="R", definition="d")["message"].startswith(
        "Id: "
    )
    assert changing(anna, "retire", status=400, code="role", why=" ")["message"].startswith("Why: ")
    assert changing(anna, "merge", status=400, code="role", into="role")["message"].startswith("Into: ")
    assert changing(anna, "code", status=404, code="rolle", name="R")["problems"]
    assert changing(anna, "code", status=400, code="role", rules="x")["problems"]
    assert file(book) == before


def test_only_who_is_known_and_comes_from_our_page_writes(app, book):
    anna, before = entering(app), file(book)
    body = {"seen": seen(anna), "code": "role.bridge", "name": "Span"}
    del anna.headers["x-coding-token"]
    assert anna.post("/api/codebook/code", json=body).status_code == 403
    anna.cookies.clear()
    assert anna.post("/api/codebook/code", json=body).status_code == 401
    assert file(book) == before


def test_a_new_code_stands_last_below_its_parent_and_can_be_used(app):
    anna = entering(app)
    now = changing(
        anna,
        "codes",
        id="role.leader",
        name="Leader",
        definition="It leads.",
        parent="role",
        examples=["We lead."],
    )
    assert (now["version"], now["code"]) == ("1.1.0", "role.leader")
    assert list(counted(shown(anna, "/codebook")))[:3] == ["Role", "Bridge", "Leader"]
    code(anna, "norland/a", "a bridge", "role.leader")
    assert counted(shown(anna, "/codebook"))["Leader"] == (1, 1, 1)


def test_merged_coding_and_memos_follow_and_the_old_address_says_where(app):
    anna = entering(app)
    changing(anna, "code", code="role.bridge", definition="It joins two sides.", include="")
    changing(anna, "codes", id="role.span", name="Span", definition="It spans.", parent="role")
    code(anna, "norland/a", "a bridge", "role.span")
    anna.post(
        "/api/memos",
        json={"batch": batch(), "about": "code", "subject": "role.span", "text": "Is it a bridge?"},
    )
    error = changing(anna, "merge", status=400, code="role.span", into="role.bridge")
    assert "differ in `implies`" in error["message"]
    now = changing(anna, "merge", code="role.span", into="role")
    assert now["code"] == "role"
    page = shown(anna, "/codebook/role")
    assert "Is it a bridge?" in page.text("main")
    assert counted(shown(anna, "/codebook"))["Role"] == (1, 1, 1)
    gone = shown(anna, "/codebook/role.span")
    assert "This code is no more: merged into Role." in gone.text("main")
    assert "/codebook/role" in links(gone)
    assert any("merged into Role" in words(row) for row in shown(anna, "/codebook").all("tr"))


def test_a_moved_code_takes_its_coding_along(app):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.security")
    now = changing(anna, "move", code="behaviour.training", under="role", new="role.trainer")
    assert (now["version"], now["code"]) == ("1.1.0", "role.trainer")
    assert list(counted(shown(anna, "/codebook")))[:3] == ["Role", "Bridge", "Training"]
    assert "now Training" in shown(anna, "/codebook/behaviour.training").text("main")


def test_a_split_code_is_retired_and_its_segments_wait_for_a_choice(app):
    anna = entering(app)
    code(anna, "norland/a", "police", "orientation.development")
    into = [
        {"id": "orientation.course", "name": "Courses", "definition": "It teaches."},
        {"id": "orientation.drill", "name": "Drills", "definition": "It drills."},
    ]
    assert changing(anna, "split", status=400, code="orientation.development", into=into[:1])["problems"]
    changing(anna, "split", code="orientation.development", into=into)
    assert "Development" not in counted(shown(anna, "/codebook"))
    page = shown(anna, "/codebook")
    assert any("split into Courses, Drills" in words(row) for row in page.all("tr"))
    assert "/review?queue=split&code=orientation.development" in links(page)
    assert "Not in use." in shown(anna, "/codebook/orientation.development").text("main")


def test_a_retired_code_says_why(app):
    anna = entering(app)
    changing(anna, "retire", code="orientation.development", why="Nobody used it.")
    assert "retired: Nobody used it." in shown(anna, "/codebook/orientation.development").text("main")
    assert not [
        f
        for f in shown(anna, "/codebook/orientation.development").all("form")
        if f["is"].get("id") == "retire-form"
    ]


def test_codes_that_the_codebook_does_not_know_are_not_lost(app, book):
    anna = entering(app)
    code(anna, "norland/a", "trains", "behaviour.training")
    before = file(book)
    start = before.index("      - id: behaviour.training")
    behind = before.index("  - id: orientation")
    text = before[:start].removesuffix("    codes:\n") + before[behind:]
    book.write("codebooks/book.yaml", text.replace("        beats: [behaviour.training]\n", ""))
    app.server.app.state.desk.look_again()
    (row,) = [words(e) for e in shown(anna, "/codebook").all("tr") if "behaviour.training" in words(e)]
    assert row == "behaviour.training not in this codebook 1"


def test_rulings_come_back_to_the_code_where_i_have_read(app):
    anna, ben = entering(app), entering(app, "ben")
    for document in ("norland/a", "norland/b"):
        (one,) = code(anna, document, "police", "orientation.security")
        ruled = {"about": one, "ruling": "reject", "reason": "Too wide.", "cause": "codebook gap"}
        ben.post("/api/decisions", json={"batch": batch(), "decisions": [ruled]})
    read(anna, "norland/a")
    text = shown(anna, "/codebook/orientation.security").text("main")
    assert text.count("The code does not stand (codebook gap): Too wide.") == 1
    assert "1 codebook gap" in text
    assert "1 ruling in documents that you have not read is left out." in text
    assert not app.server.app.state.desk.sight("anna").looked


def form(page, what):
    page.locator(f"details#{what} > summary").click()
    return page.locator(f"#{what}-form")


def test_faults_stand_beside_the_fields_and_what_was_typed_stays(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook/role.bridge")
    edit = form(page, "edit")
    edit.get_by_label("Name").fill("")
    edit.get_by_label("Definition").fill("")
    edit.get_by_label("Source").fill("Holsti 1970")
    edit.get_by_role("button", name="Write into the codebook").click()
    edit.locator("#edit-name-fault").wait_for()
    assert edit.locator("#edit-name-fault").inner_text() == "is empty. Give one."
    assert edit.locator("[aria-invalid]").count() == 2
    assert page.evaluate("document.activeElement.id") == "edit-name"
    assert edit.get_by_label("Source").input_value() == "Holsti 1970"
    assert faults(page) == []
    edit.get_by_label("Name").fill("Span")
    edit.get_by_label("Definition").fill("It spans.")
    edit.get_by_role("button", name="Write into the codebook").press("Enter")
    page.locator("#messages", has_text="Codebook book is version 1.1.0 now.").wait_for()
    assert page.locator("h1").inner_text().startswith("Span")
    page.reload()
    assert page.locator("#messages").inner_text() == ""
    assert not page.locator("#edit").get_attribute("open")
    page.context.close()


def test_a_conflict_keeps_what_was_typed_over_a_reload(app, book, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook/role.bridge#edit")
    edit = page.locator("#edit-form")
    edit.get_by_label("Definition").fill("My words.")
    book.change("codebooks/book.yaml", "name: Bridge", "name: Their bridge")
    app.server.app.state.desk.look_again()
    edit.get_by_role("button", name="Write into the codebook").click()
    edit.get_by_role("button", name="Load again, keep what I typed").click()
    page.locator("h1", has_text="Their bridge").wait_for()
    edit.get_by_text("What you typed before is in the form again").wait_for()
    assert edit.get_by_label("Definition").input_value() == "My words."
    edit.get_by_role("button", name="Write into the codebook").click()
    page.locator("#messages", has_text="is version").wait_for()
    assert "My words." in file(book)
    assert "Their bridge" in file(book)
    page.context.close()


def test_a_name_proposes_an_id_until_another_is_written(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook#add")
    add = page.locator("#add-form")
    page.wait_for_function("document.activeElement.id === 'add-parent'")
    id_, name = add.get_by_label("Id", exact=True), add.get_by_label("Name")
    for named in ("Normative Structure (1st)", "Identité", "2 roles", "日本"):
        name.fill(named)
        assert id_.input_value() == slug(named)
    add.get_by_label("Parent").select_option("role")
    name.fill("Bridge builder")
    assert id_.input_value() == "role.bridge_builder"
    id_.fill("role.builder")
    name.fill("Builder of bridges")
    assert id_.input_value() == "role.builder"
    page.context.close()


def test_a_wrong_id_is_told_with_one_that_the_name_makes(app):
    given = {"name": "Bridge builder", "definition": "d", "parent": "role"}
    error = changing(entering(app), "codes", status=400, id="Bridge builder", **given)
    assert error["message"].endswith("For instance role.bridge_builder.")
    error = changing(entering(app), "codes", status=400, id="", **{**given, "name": "日本"})
    assert "For instance" not in error["message"]


def test_after_a_code_is_added_the_way_back_to_the_document_shows(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook?from=/read/norland/a#add")
    add = page.locator("#add-form")
    add.get_by_label("Name").fill("Leader")
    add.get_by_label("Definition").fill("It leads.")
    add.get_by_role("button", name="Add the code").press("Enter")
    page.locator("h1", has_text="Leader").wait_for()
    page.get_by_role("link", name="Back to the document").click()
    page.wait_for_url(f"{app.address}/read/norland/a")
    page.context.close()


@pytest.mark.parametrize(
    "away", ["https://example.org/read/a", "//example.org/read/", "/read/../matrix", "/read/%2e%2e/matrix", "/matrix",
             "/read/\\..\\x", "javascript:/read/a", "/read/a b"]
)  # fmt: skip
def test_the_way_back_leads_to_documents_only(app, away):
    for address in ("/codebook", "/codebook/role"):
        answer = entering(app).get(address, params={"from": away})
        assert answer.status_code == 200
        assert "Back to the document" not in answer.text


def test_what_was_typed_can_be_forgotten(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook/role.bridge#edit")
    page.locator("#edit-definition").fill("My words.")
    page.reload()
    page.get_by_role("button", name="Forget what I typed").click()
    assert page.locator("#edit-definition").input_value() == "It joins two sides."
    page.reload()
    page.locator("#edit-definition").wait_for()
    assert page.get_by_role("button", name="Forget what I typed").count() == 0
    page.context.close()


def test_a_code_is_added_moved_and_split_in_the_browser(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook")
    add = form(page, "add")
    add.get_by_label("Parent").select_option("role")
    add.get_by_label("Id").fill("role.leader")
    add.get_by_label("Name").fill("Leader")
    add.get_by_label("Definition").fill("It leads.")
    add.get_by_label("Examples").fill("We lead.\n\nThey follow.\n")
    add.get_by_role("button").click()
    page.locator("h1", has_text="Leader").wait_for()
    assert page.locator("dd li").all_inner_texts() == ["We lead.", "They follow."]
    move = form(page, "move")
    move.get_by_label("Under").select_option("")
    move.get_by_role("button", name="Move").click()
    page.locator("#messages", has_text="version 1.2.0").wait_for()
    split = form(page, "split")
    for n, name in enumerate(("one", "two")):
        split.locator(f"[name='into.{n}.id']").fill(name)
        split.locator(f"[name='into.{n}.name']").fill(name.title())
        split.locator(f"[name='into.{n}.definition']").fill(f"It is {name}.")
    split.get_by_role("button", name="Split").click()
    page.get_by_text("split into One, Two").wait_for()
    page.context.close()


def test_a_memo_is_written_rewritten_and_removed(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/codebook/role.bridge")
    page.get_by_label("A memo on this code").fill(f"First line.\n{HOSTILE}")
    page.get_by_role("button", name="Keep the memo").click()
    memo = page.locator(".memo .words")
    memo.wait_for()
    assert memo.text_content() == f"First line.\n{HOSTILE}"
    page.get_by_text("Rewrite or remove").click()
    page.locator(".memo textarea").fill("Better.")
    page.locator(".memo").get_by_role("button", name="Keep").click()
    page.locator(".memo .words", has_text="Better.").wait_for()
    assert page.locator(".memo").count() == 1
    page.get_by_text("Rewrite or remove").click()
    page.locator(".memo").get_by_role("button", name="Remove").click()
    page.locator(".memo").wait_for(state="detached")
    assert app.server.app.state.desk.work.memos == ()
    page.context.close()


def test_hostile_names_and_definitions_are_words(book, browser):
    said = HOSTILE.replace("'", "''")
    book.change("codebooks/book.yaml", "name: Bridge", f"name: '{said}'")
    book.change("codebooks/book.yaml", "It joins two sides.", f"'{said}'")
    with App(book.root) as app:
        page = entering(app, browser=browser)
        heard = []
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("console", lambda message: heard.append(message.text))
        for address in ("/codebook", "/codebook/role.bridge", "/codebook/role"):
            page.goto(app.address + address)
            assert page.locator("main img, main script").count() == 0
            assert page.get_by_text("document.title='broken'").first.is_visible()
        page.goto(f"{app.address}/codebook/role.bridge#edit")
        assert page.locator("#edit-definition").input_value() == HOSTILE
        assert heard == []
        page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_nothing_stands_in_the_way_of_anybody(app, browser, width, scheme):
    anna = entering(app)
    code(anna, "norland/a", "a bridge", "role.bridge")
    changing(anna, "retire", code="orientation.development", why="Nobody used it.")
    page = entering(app, browser=browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for address in (
        "/codebook",
        "/codebook/role.bridge",
        "/codebook/orientation.development",
        "/codebook?below=role",
    ):
        page.goto(app.address + address)
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
