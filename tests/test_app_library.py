"""The Library: every document once, under its donor, with what a coder may know of how far the work is."""

import pytest
from app import App, code, read
from lists import assign, entering, faults, links, shown, words

from coding.web.pages import library
from coding.web.shelf import web_address

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"
JAPANESE = "日本は途上国の警察官を訓練する。それは橋である。\n"


@pytest.fixture
def project(sandbox):
    """The sandbox, its first document of Norland older and its first of Sudland in Japanese."""
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2009\n    agency: [JICA, NISC]")
    sandbox.change("corpus/sudland/case.yaml", "year: 2015", "year: 2020\n    language: ja")
    sandbox.change("corpus/sudland/case.yaml", "fidelity: digest", "fidelity: original")
    sandbox.write("corpus/sudland/a.txt", JAPANESE)
    return sandbox


@pytest.fixture
def app(project):
    with App(project.root, "anna", "ben") as running:
        yield running


def rows(page):
    """Return the cells of each document's row, by its id, in order."""
    lines = [e for e in page.all("tr") if "data-document" in e["is"]]
    return {
        line["is"]["data-document"]: [
            words(e) for e in page.elements if e["tag"] in ("td", "th") and line in e["in"]
        ]
        for line in lines
    }


def headings(page):
    return [words(e) for e in page.all("h2")]


def test_every_document_stands_once_under_its_donor_by_year(app):
    page = shown(entering(app), "/library")
    assert list(rows(page)) == [
        "norland/a", "norland/b", "norland/c", "sudland/b", "sudland/c", "sudland/a",
    ]  # fmt: skip
    assert headings(page) == ["Norland 3 documents", "Sudland 3 documents"]


def test_a_row_says_the_variables_and_how_long_the_text_is(app):
    found = rows(shown(entering(app), "/library"))
    assert found["norland/a"] == [
        "2009", "a.txt of norland norland/a", "digest", "primary", "en", "JICA, NISC", "7 words", "", "",
    ]  # fmt: skip
    assert found["sudland/a"][6] == f"{len(JAPANESE.strip())} characters"


def test_one_word_is_one_word(sandbox):
    sandbox.write("corpus/norland/a.txt", "Norland.\n")
    with App(sandbox.root, "anna") as running:
        assert rows(shown(entering(running), "/library"))["norland/a"][6] == "1 word"


def test_on_a_small_screen_all_places_are_in_sight(app, browser):
    page = entering(app, browser=browser, viewport={"width": 360, "height": 700})
    page.goto(f"{app.address}/library")
    places = page.get_by_role("navigation", name="Places").get_by_role("link")
    assert places.count() == 7
    for one in places.all():
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    assert page.locator(".bar").bounding_box()["height"] < 70
    page.context.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("donor=sudland", ["sudland/b", "sudland/c", "sudland/a"]),
        ("donor=sudland&donor=norland&to=2010", ["norland/a"]),
        ("from=2020", ["sudland/a"]),
        ("from=2015&to=2015&donor=norland", ["norland/b", "norland/c"]),
        ("fidelity=original", ["sudland/a"]),
        ("kind=secondary", []),
        ("where=agency%3DNISC", ["norland/a"]),
        ("where=language%3Dja,en+year%3D2020", ["sudland/a"]),
        ("mine=1", []),
    ],
)
def test_filters_leave_what_meets_all_of_them(app, asked, found):
    if asked == "kind=secondary":
        page = shown(entering(app), f"/library?{asked}", status=400)
        assert "'secondary' as 'source_kind'" in page.text("main")
    else:
        page = shown(entering(app), f"/library?{asked}")
    assert list(rows(page)) == found


def test_filters_stay_in_the_form_that_they_came_from(app):
    asked = "q=&donor=sudland&from=2014&to=2016&fidelity=digest&mine=1&where=year%3D2015"
    page = shown(entering(app), f"/library?{asked}")
    checked = {(e["is"]["name"], e["is"]["value"]) for e in page.all("input") if "checked" in e["is"]}
    assert checked == {("donor", "sudland"), ("fidelity", "digest"), ("mine", "1")}
    typed = {e["is"]["name"]: e["is"]["value"] for e in page.all("input") if "type" not in e["is"]}
    assert typed == {"from": "2014", "to": "2016", "where": "year=2015"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=20x5", "'20x5' is no year"),
        ("from=2016&to=2015", "there is no year"),
        ("donor=norlnd", "Did you mean 'norland'?"),
        ("where=yaer%3D2015", "Did you mean 'year'?"),
        ("q=%22%22", "no word"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_form_and_stays_in_it(app, asked, said):
    page = shown(entering(app), f"/library?{asked}", status=400)
    assert any(said in words(e) for e in page.all(class_="fault"))
    assert any(
        e["is"].get("value") in asked.replace("%22", '"').replace("%3D", "=") for e in page.all("input")
    )


def test_a_search_finds_documents_and_leads_to_the_place(app):
    page = shown(entering(app), "/library?q=police")
    places = [address for address in links(page) if "#at=" in address]
    assert [address.partition("#")[0] for address in places] == [
        "/read/norland/b", "/read/norland/c", "/read/sudland/b", "/read/norland/a",
    ]  # fmt: skip
    text = entering(app).get("/api/text", params={"id": "norland/a"}).json()["text"]
    start, _, end = places[3].partition("#at=")[2].partition("-")
    assert text[int(start) : int(end)] == "police"
    assert {words(e) for e in page.all("mark")} == {"police"}


def test_a_search_in_japanese_finds_words_inside_of_others(app):
    page = shown(entering(app), "/library", status=200)
    page = shown(entering(app), "/library?q=警察")
    (place,) = [address for address in links(page) if "#at=" in address]
    start = JAPANESE.index("警察")
    assert place == f"/read/sudland/a#at={start}-{start + 2}"
    assert words(page.all("mark")[0]) == "警察"


def test_a_search_keeps_to_the_documents_that_are_chosen(app):
    page = shown(entering(app), "/library?q=police&donor=sudland")
    assert [a for a in links(page) if "#at=" in a] == ["/read/sudland/b#at=23-29"]
    assert headings(page)[0] == "1 document says “police” of those chosen"
    assert headings(shown(entering(app), "/library?q=zebra"))[0].startswith("0 documents say “zebra”")


def test_a_text_that_changes_is_searched_as_it_is_now(app, project):
    client = entering(app)
    assert not [a for a in links(shown(client, "/library?q=zebra")) if "#at=" in a]
    project.write("corpus/norland/b.txt", "A zebra stands there.\n")
    app.server.app.state.desk.look_again()
    assert [a for a in links(shown(client, "/library?q=zebra")) if "#at=" in a] == ["/read/norland/b#at=2-7"]
    assert (project.root / ".coding/texts.db").is_file()


def test_my_list_stands_in_the_order_in_which_it_was_given(app):
    assign(app, "anna", "sudland/b", "norland/a", to="pilot")
    assign(app, "anna", "norland/c", blind=False)
    assign(app, "ben", "norland/b")
    client = entering(app)
    page = shown(client, "/library?mine=1")
    assert headings(page)[:2] == ["Round pilot 2 documents", "Round main 1 document"]
    assert list(rows(page)) == ["sudland/b", "norland/a", "norland/c"]
    read(client, "sudland/b")
    page = shown(client, "/library?mine=1&unread=1")
    assert list(rows(page)) == ["norland/a", "norland/c"]
    assert words(page.all(class_="own")[0]) == "My list: 1 of 3 documents read. Next: a.txt of norland."


def test_a_document_says_how_far_i_have_come_with_it(app):
    assign(app, "anna", "norland/a", "norland/b")
    assign(app, "anna", "norland/c", blind=False)
    client = entering(app)
    code(client, "norland/a", "police", "role.bridge", "orientation.security")
    read(client, "norland/a")
    client.post("/api/looks", json={"batch": "00000000-0000-4000-8000-000000000001", "document": "sudland/b"})
    read(client, "sudland/b")
    found = rows(shown(client, "/library"))
    assert found["norland/a"][7] == "read, blind round main, blind 2 segments"
    assert found["norland/b"][7] == "not read round main, blind"
    assert found["norland/c"][7] == "not read round main, open"
    assert found["sudland/b"][7] == "read, not blind"
    assert found["sudland/c"][7] == ""


def test_segments_on_an_earlier_text_are_told(app, project):
    client = entering(app)
    code(client, "norland/a", "police", "role.bridge")
    project.write("corpus/norland/a.txt", "Norland trains many police.\n")
    app.server.app.state.desk.look_again()
    assert rows(shown(client, "/library"))["norland/a"][7] == "1 segment, 1 on an earlier text"


def test_of_others_it_says_only_whether_they_have_read(app):
    assign(app, "anna", "norland/a")
    assign(app, "ben", "norland/a", "norland/b")
    ben = entering(app, "ben")
    read(ben, "norland/a")
    page = shown(entering(app), "/library")
    before = page.text("main")
    assert rows(page)["norland/a"][8] == "ben"
    lines = [e for e in page.all("tr") if words(e).startswith(("anna", "ben"))]
    cells = [[words(c) for c in page.elements if c["tag"] in ("th", "td") and e in c["in"]] for e in lines]
    assert cells == [["anna (me)", "1", "0", "0"], ["ben", "2", "1", "1"]]
    code(ben, "norland/a", "police", "orientation.security")
    assert shown(entering(app), "/library").text("main") == before


def test_only_an_address_of_the_web_becomes_a_link():
    for written in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//host",
        "https://",
        "http://[",
    ):
        assert web_address(written) == ""
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"


def test_a_source_is_named_by_its_site(project):
    project.change(
        "corpus/norland/case.yaml", "year: 2009", "year: 2009\n    url: https://www.example.org/a?b=<c"
    )
    project.change("corpus/norland/case.yaml", "?b=<c", "?b=c&d")
    with App(project.root) as app:
        page = shown(entering(app), "/library")
    (link,) = page.all("a", rel="external")
    assert link["is"]["href"] == "https://www.example.org/a?b=c&d"
    assert words(link) == "example.org"


def test_an_empty_project_says_how_texts_come_into_it(project):
    for case in ("norland", "sudland"):
        for path in (project.root / "corpus" / case).iterdir():
            path.unlink()
        (project.root / "corpus" / case).rmdir()
    with App(project.root) as app:
        page = shown(entering(app), "/library")
    assert "coding add" in page.text("main")
    assert not page.all("table")


def test_who_deals_out_documents_is_said_until_somebody_has(app):
    assert "coding assign" in shown(entering(app), "/library").text("main")
    assign(app, "ben", "norland/a")
    assert "coding assign" not in shown(entering(app), "/library").text("main")
    assert "coding assign" in shown(entering(app), "/library?mine=1").text("main")


def test_pages_hold_every_document_once(app, monkeypatch):
    monkeypatch.setattr(library, "ON_A_PAGE", 4)
    client = entering(app)
    first, second = shown(client, "/library?from=2009"), shown(client, "/library?from=2009&page=2")
    assert [*rows(first), *rows(second)] == list(rows(shown(client, "/library"))) + list(rows(second))
    assert links(first, rel="next") == ["/library?from=2009&page=2"]
    assert links(second, rel="prev") == ["/library?from=2009"]
    assert "Sudland 3 documents" in headings(second)
    assert list(rows(shown(client, "/library?page=99"))) == list(rows(second))


def test_a_hostile_title_is_words_alone(project, browser):
    project.change(
        "corpus/norland/case.yaml", "title: a.txt of norland", f"title: {HOSTILE!r}".replace("\\'", "''")
    )
    with App(project.root) as app:
        page = entering(app, browser=browser)
        said = []
        page.on("dialog", lambda dialog: said.append(dialog.message))
        for address in ("/library", "/library?q=trains"):
            page.goto(app.address + address)
            assert page.get_by_role("link", name="document.title='broken'").first.is_visible()
            assert page.title() == "Library · project"
        page.goto(f"{app.address}/library?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&where=%22%3E%3Cb%3E")
        assert page.get_by_label("Words in the texts").input_value() == "<img src=x onerror=alert(1)>"
        assert said == []
        page.context.close()


def test_the_filters_are_reached_by_keys_and_stay_in_the_address(app, browser):
    page = entering(app, browser=browser)
    page.get_by_label("Words in the texts").press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Norland").press("Space")
    page.get_by_label("from").fill("2015")
    page.keyboard.press("Enter")
    page.locator("#count", has_text="2 of 6 documents").wait_for()
    assert "donor=norland" in page.url
    assert "from=2015" in page.url
    assert page.get_by_role("checkbox", name="Norland").is_checked()
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(app, browser, width, scheme):
    assign(app, "anna", "norland/a", "sudland/b")
    read(entering(app), "norland/a")
    page = entering(app, browser=browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for address in ("/library", "/library?mine=1&donor=norland", "/library?q=police", "/library?from=x"):
        page.goto(app.address + address)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
