"""The matrix page: the library's own numbers for every combination, each opening to its passages, blind documents left out."""

import csv
import io
import itertools
import re
import threading
from urllib.parse import parse_qsl, urlencode, urlsplit

import openpyxl
import pytest
from app import App, batch, code, read, span
from lists import assign, entering, faults, links, shown, suggested, words
from pages import Page

import coding
from coding.batch import Decision, act, new_id, now
from coding.coders import count
from coding.matrix import tabulate
from coding.plots.words import number
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.web import tabulated
from coding.web.kept import REST, Kept

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


def matrix(client, query="", *, status=200):
    return shown(client, f"/matrix?{query}", status=status)


def cells(page):
    """Return what each cell shows, by code and case: value and base."""
    found = {}
    for link in page.all("a"):
        if "data-cell" not in link["is"] or not link["is"]["href"].startswith("/matrix/cell"):
            continue
        if not any(e["tag"] == "td" for e in link["in"]):
            continue
        asked = dict(parse_qsl(urlsplit(link["is"]["href"]).query))
        parts = [e for e in page.elements if link in e["in"] and e["is"].get("class") in ("value", "base")]
        found[asked["code"], asked["case"]] = tuple(words(part) for part in parts)
    return found


def rules_of(project):
    return tag(project.corpus, [RuleTagger(project.codebook("book"), overlap="longest")])


def in_text(value, measure):
    return " ".join(number(value, measure).split())


def as_shown(found):
    """Return what the cells of a matrix must show."""
    said = {}
    for cell in found:
        base = f"{cell.n}/{cell.base}"
        if cell.state == "present":
            said[cell.code, cell.case] = (in_text(cell.value, found.measurement.measure), base)
        else:
            zero = {"absent": "0", "searched": "–", "not examined": "·"}[cell.state]
            said[cell.code, cell.case] = (zero,) if cell.state == "not examined" else (zero, base)
    return said


def people(app):
    """Let anna and ben code: anna reads two documents, ben one."""
    anna, ben = entering(app), entering(app, "ben")
    code(anna, "norland/a", "It is a bridge", "role.bridge", "orientation.development")
    code(anna, "sudland/b", "police", "orientation.security")
    read(anna, "norland/a")
    read(anna, "sudland/b")
    code(ben, "norland/b", "police officers", "behaviour")
    read(ben, "norland/b")
    return anna, ben


MEASURES = ["segments", "units", "share", "profile", "documents", "rate"]
COMBINATIONS = [
    {"measure": m, "unit": u, "weight": w, "counts": c, "rollup": r, "implies": i}
    for (m, u), (w, c, r, i) in itertools.product(
        zip(MEASURES, ["sentence", "document", "paragraph"] * 2, strict=True),
        [("document", "any", "with", "without"), ("unit", "greater part", "without", "with")],
    )
]


@pytest.mark.parametrize("coders", [("rules",), ("anna", "ben"), ("rules", "anna")], ids="+".join)
def test_every_cell_shows_the_number_that_tabulate_gives(app, coders):
    client, _ = people(app)
    project = coding.Project.open(app.root)
    counted = count(
        coders, project.corpus, stored=project.coded, rules=rules_of(project), decisions=(), unreviewed=None
    )
    for combination in COMBINATIONS:
        asked = {
            **combination,
            "rollup": combination["rollup"] == "with",
            "implies": combination["implies"] == "with",
        }
        found = tabulate(counted.coded, project.corpus, project.codebook("book"), by="donor", **asked)
        query = urlencode([*combination.items(), ("study", "-"), *(("coder", coder) for coder in coders)])
        assert cells(matrix(client, query)) == as_shown(found), combination


def test_without_an_address_the_matrix_is_the_studys(app):
    found = coding.study.run(coding.Project.open(app.root)).matrix
    page = matrix(entering(app))
    assert cells(page) == as_shown(found)
    chosen = [e["is"]["value"] for e in page.all("option") if "selected" in e["is"]]
    assert chosen == [
        "share",
        "unit",
        "sentence",
        "any",
        "with",
        "without",
        "donor",
        "rules",
        "as-coded",
        "study",
    ]


def test_the_study_chooses_documents_order_and_coders(app, sandbox):
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [sudland]")
    sandbox.change("studies/study.yaml", "first: norland, second: sudland", "first: sudland, second: sudland")
    client = entering(app)
    assert {case for _, case in cells(matrix(client))} == {"sudland"}
    assert {case for _, case in cells(matrix(client, "study=-"))} == {"norland", "sudland"}


def test_several_variables_make_columns_under_the_first(app, sandbox):
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2009")
    app.server.app.state.desk.look_again()
    page = matrix(entering(app), "by=donor&by=year&measure=segments&study=-")
    assert list(dict.fromkeys(case for _, case in cells(page))) == [
        "norland · 2009", "norland · 2015", "sudland · 2015",
    ]  # fmt: skip
    heads = [
        (words(e), e["is"].get("colspan"))
        for e in page.all("th")
        if e["is"].get("scope") in ("col", "colgroup")
    ]
    assert heads == [
        ("Category", None),
        ("Norland", "2"),
        ("Sudland", None),
        ("2009", None),
        ("2015", None),
        ("2015", None),
    ]


def test_an_address_gives_the_same_page_again(app):
    client, _ = people(app)
    query = "measure=rate&weight=unit&by=donor&by=fidelity&coder=anna&coder=rules&review=drop&study=-&open=role&code=role&case=norland+%C2%B7+digest"
    first, again = client.get(f"/matrix?{query}").text, client.get(f"/matrix?{query}").text
    without = re.compile(r'<p class="seen">.*?</p>')  # said once: afterwards it has been seen
    assert without.sub("", first) == without.sub("", again)
    page = Page(first)
    chosen = [e["is"]["value"] for e in page.all("option") if "selected" in e["is"]]
    assert chosen == [
        "rate",
        "unit",
        "sentence",
        "any",
        "with",
        "without",
        "donor",
        "fidelity",
        "anna",
        "rules",
        "drop",
        "-",
    ]


def test_choices_left_empty_are_left_out_of_the_address(app):
    answer = entering(app).get("/matrix?by=donor&by=&coder=rules&coder=&measure=units")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/matrix?by=donor&coder=rules&measure=units"


def test_the_three_zeros_differ(app):
    client, _ = people(app)
    assert cells(matrix(client, "coder=anna"))["role.bridge", "sudland"] == ("0", "0/1")
    assert cells(matrix(client, "coder=rules"))["role.bridge", "sudland"] == ("–", "0/4")
    assert cells(matrix(client, "coder=ben"))["role.bridge", "sudland"] == ("·",)
    said = words(matrix(client).all("dl", class_="legend")[0])
    assert said.startswith("0a person read all and found none –rules searched and found none ·nobody looked")
    for coder, sentence in (
        ("anna", "People read 1 sentence of Sudland for Bridge and found none."),
        ("rules", "Rules searched 4 sentences of Sudland for Bridge and found none. Other words may say it."),
        ("ben", "Nobody has looked for Bridge in Sudland: it may be there or not."),
    ):
        assert sentence in shown(client, f"/matrix/cell?coder={coder}&code=role.bridge&case=sudland").text(
            "cell"
        )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("measure=shares", "measure: 'shares' is not known here. Did you mean 'share'?"),
        ("mesure=share", "'mesure': no such decision. Did you mean 'measure'?"),
        ("by=dnoor", "by: 'dnoor' is not known here. Did you mean 'donor'?"),
        ("by=family", "by: 'family' is not known here."),
        ("coder=ana", "coder: 'ana' is not known here."),
        ("study=other", "study: 'other' is not known here."),
        ("from=0", "from: '0' is no number of a passage."),
        ("code=rolle&case=norland", "the matrix has no code 'rolle'. Did you mean 'role'?"),
        ("code=role&case=norlnd", "the matrix has no case 'norlnd'. Did you mean 'norland'?"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_form_stays(app, query, said):
    page = matrix(entering(app), f"weight=document&{query}", status=400)
    assert any(said in words(e) for e in page.all("div", class_="fault"))
    chosen = {e["is"]["value"] for e in page.all("option") if "selected" in e["is"]}
    assert "document" in chosen
    assert page.all("button", type="submit")


def test_a_variable_that_not_every_document_has_is_refused_by_name(app, sandbox):
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    family: one")
    app.server.app.state.desk.look_again()
    page = matrix(entering(app), "by=family", status=400)
    assert "norland/b: no single value of 'family'. Give it one." in words(page.all("div", class_="fault")[0])
    offered = {e["is"]["value"] for e in page.all("option")}
    assert {"donor", "fidelity", "year"} <= offered
    assert "title" not in offered  # as many values as documents


def test_columns_that_nobody_could_read_are_refused(app, sandbox, monkeypatch):
    monkeypatch.setattr("coding.web.tabulated.MOST_COLUMNS", 5)
    page = matrix(entering(app), "by=title", status=400)
    assert "By title there are 6 columns; 5 are the most" in words(page.all("div", class_="fault")[0])


def test_a_code_that_means_something_else_by_now_is_refused_with_what_next(app, sandbox):
    client, _ = people(app)
    sandbox.change(
        "codebooks/book.yaml", "definition: It joins two sides.", "definition: It joins many sides."
    )
    app.server.app.state.desk.look_again()
    page = matrix(client, "coder=anna", status=400)
    assert "'role.bridge' was coded in another meaning" in words(page.all("div", class_="fault")[0])
    assert cells(matrix(client, "coder=rules"))


def test_nobody_enters_without_a_session(app):
    import httpx

    for path in ("/matrix", "/matrix/cell?code=role&case=norland", "/matrix.csv", "/matrix.xlsx"):
        answer = httpx.get(app.address + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/enter")


# ---- whose coding


def test_people_count_where_they_have_read_and_what_does_not_count_is_counted(app):
    client, _ = people(app)
    code(client, "norland/c", "police", "orientation.security")  # not read
    page = matrix(client, "coder=anna&measure=segments")
    assert cells(page)["orientation.security", "norland"] == ("0", "0/2")
    assert "1 coded segment lies where the coder has filed no reading yet, and counts nowhere." in words(
        page.all("p", class_="notes")[0]
    )


def test_what_was_coded_in_an_earlier_text_locks_no_matrix_and_is_counted(app, sandbox):
    client, _ = people(app)
    sandbox.write("corpus/norland/a.txt", "Norland trains the police. It is a bridge.\n")
    app.server.app.state.desk.look_again()
    page = matrix(client, "coder=anna&measure=segments")
    assert "2 coded segments lie in an earlier text of their document, and count nowhere." in words(
        page.all("p", class_="notes")[0]
    )
    assert cells(page)["role.bridge", "norland"][0] == "·"
    code(client, "norland/a", "It is a bridge", "role.bridge")
    read(client, "norland/a")
    assert cells(matrix(client, "coder=anna&measure=segments"))["role.bridge", "norland"] == ("1", "1/2")
    assert cells(matrix(client, "coder=rules"))


def test_words_that_bear_two_codes_are_shown_and_count_once_when_these_are_merged(app):
    client, _ = people(app)
    code(client, "norland/a", "police", "role.bridge", "orientation.security")
    desk = app.server.app.state.desk
    into = {"seen": desk.files.codebook.digest, "code": "orientation.security", "into": "role.bridge"}
    before = client.get("/api/document", params={"id": "norland/a"}).json()["segments"]
    assert client.post("/api/codebook/merge", json=into).status_code == 200
    after = client.get("/api/document", params={"id": "norland/a"}).json()["segments"]
    assert (len(before), len(after)) == (4, 3)
    found = cells(matrix(client, "coder=anna&measure=segments&review=keep"))
    assert found["role.bridge", "norland"][0] == "2"


def test_what_was_recoded_can_be_deleted_and_the_reviewed_matrix_still_shows(app):
    client, ben = people(app)
    (about,) = code(client, "sudland/b", "teachers", "role.bridge")
    instead = {**span(ben, "sudland/b", "teachers"), "code": "behaviour.training"}
    ruled = {"about": about, "ruling": "recode", "reason": "so", "instead": instead}
    assert ben.post("/api/decisions", json={"batch": batch(), "decisions": [ruled]}).status_code == 200
    assert "1 recoded" in words(matrix(client, "coder=anna&review=keep").all("p", class_="notes")[0])
    (placed,) = [
        s for s in app.server.app.state.desk.work.coded.by("ben").segments if s.code == "behaviour.training"
    ]
    body = {"batch": batch(), "ids": [placed.id]}
    assert ben.post("/api/take-back", json=body).status_code == 200
    page = matrix(client, "coder=anna&review=keep&measure=segments")
    assert "0 recoded; on 4 nobody has decided" in words(page.all("p", class_="notes")[0])
    assert cells(page)["role.bridge", "sudland"][0] == "1"
    assert client.get("/review?coder=anna&state=all").status_code == 200
    assert about not in app.server.app.state.desk.work.latest


def test_the_rules_coding_is_the_stored_one_and_the_page_says_so(app, sandbox):
    client = entering(app)
    assert "The rules have coded afresh; nothing of theirs is stored." in words(
        matrix(client).all("p", class_="notes")[0]
    )
    afresh = cells(matrix(client))
    suggested(app)
    page = matrix(client)
    assert "The rules’ coding is the stored one, of 6 documents." in words(page.all("p", class_="notes")[0])
    assert cells(page) == afresh
    sandbox.change("codebooks/book.yaml", 'phrase: "teacher*"', 'phrase: "teachers and"')
    app.server.app.state.desk.look_again()
    page = matrix(client)
    assert "afresh: what is stored of them is of other rules or texts" in words(
        page.all("p", class_="notes")[0]
    )
    assert cells(page)["orientation.development", "sudland"][1] == "1/4"


def test_review_is_applied_when_it_is_asked_for(app):
    suggested(app)
    desk = app.server.app.state.desk
    hits = [s for s in desk.work.coded.segments if s.code == "role.bridge"]
    desk.add(act("cleo", "decide", Decision(new_id(), hits[0].id, "reject", "cleo", now(), "no")))
    client = entering(app)
    as_coded, kept, dropped = (
        cells(matrix(client, f"review={review}&measure=segments")) for review in ("as-coded", "keep", "drop")
    )
    assert as_coded["role.bridge", "norland"][0] == "1"
    assert kept["role.bridge", "norland"][0] == "–"
    assert kept["behaviour.training", "norland"] == as_coded["behaviour.training", "norland"]
    assert dropped["behaviour.training", "norland"][0] == "–"
    page = matrix(client, "review=keep")
    assert "0 were accepted in review, 1 rejected, 0 recoded" in words(page.all("p", class_="notes")[0])


# ---- the passages


def test_a_cell_gives_its_passages_with_the_way_to_read_them(app):
    page = shown(entering(app), "/matrix/cell?code=behaviour&case=norland&study=-")
    assert [words(e) for e in page.all("mark")] == ["trains", "trains", "Training"]
    assert "/read/norland/a#at=8-14" in links(page)
    assert "3 sentences of 4 in 3 documents, 3 coded segments." in page.text("cell")
    assert words(page.all("blockquote")[0]) == "Norland trains police. It is a bridge."


def test_passages_come_in_portions_that_together_are_all(app, monkeypatch):
    monkeypatch.setattr("coding.web.tabulated.ON_A_PAGE", 2)
    monkeypatch.setattr("coding.web.pages.matrix.ON_A_PAGE", 2)
    client = entering(app)
    page = shown(client, "/matrix/cell?code=behaviour&case=norland&study=-")
    (more,) = [href for href in links(page) if "from=" in href]
    assert [words(e) for e in page.all("mark")] == ["trains", "trains"]
    last = shown(client, more)
    assert [words(e) for e in last.all("mark")] == ["Training"]
    assert [parse_qsl(href)[-1] for href in links(last) if "from=" in href] == [("from", "1")]


def test_who_sees_what_others_coded_reads_no_longer_blind(app):
    suggested(app)
    client = entering(app)
    page = shown(client, "/matrix/cell?code=role.bridge&case=norland")
    assert "You now see what others coded in 1 document that you have not read" in page.text("cell")
    read(client, "norland/a")
    read(client, "norland/b")
    blind = {
        r.segment.document: r.blind
        for r in app.server.app.state.desk.work.coded.readings
        if r.coder == "anna"
    }
    assert blind == {"norland/a": False, "norland/b": True}
    assert "You now see" not in shown(client, "/matrix/cell?code=role.bridge&case=norland").text("cell")


def test_ones_own_passages_are_no_look_at_others(app):
    anna, _ = people(app)
    code(anna, "norland/c", "Training", "role.bridge")
    read(anna, "norland/c")
    desk = app.server.app.state.desk
    before = desk.work.looks
    page = shown(anna, "/matrix/cell?coder=anna&code=role.bridge&case=norland")
    assert [words(e) for e in page.all("mark")] == ["It is a bridge", "Training"]
    assert desk.work.looks == before


def test_documents_to_be_read_blind_are_left_out_of_what_others_coded(app):
    suggested(app)
    _, ben = people(app)
    assign(app, "anna", "norland/b", "norland/c")
    anna = entering(app)
    page = matrix(anna, "coder=rules&coder=ben")
    seen, whole = cells(page), cells(matrix(ben, "coder=rules&coder=ben"))
    assert whole["behaviour", "norland"][1] == "3/4"
    assert seen["behaviour", "norland"][1] == "1/2"
    assert seen["behaviour", "sudland"] == whole["behaviour", "sudland"]
    assert "2 documents are left out of what others coded: you are to read or judge them blind" in words(
        page.all("p", class_="withheld")[0]
    )
    cell = shown(anna, "/matrix/cell?coder=rules&coder=ben&code=behaviour&case=norland")
    assert not any("norland/b" in href or "norland/c" in href for href in links(cell))
    assert "2 documents are left out" in cell.text("cell")
    for path in ("/matrix.csv", "/matrix.xlsx"):
        assert anna.get(path).content != ben.get(path).content
    read(anna, "norland/b")
    assert cells(matrix(anna, "coder=rules&coder=ben"))["behaviour", "norland"][1] == "2/3"


def test_a_coders_own_coding_counts_though_a_document_is_to_be_read_blind(app):
    assign(app, "anna", "norland/a")
    anna = entering(app)
    code(anna, "norland/a", "It is a bridge", "role.bridge")
    page = matrix(anna, "coder=anna")
    assert not page.all("p", class_="withheld")
    assert "1 coded segment lies where the coder has filed no reading yet" in words(
        page.all("p", class_="notes")[0]
    )


# ---- as a table


def test_the_tables_hold_the_numbers_of_the_page(app):
    client, _ = people(app)
    query = "coder=rules&coder=anna&measure=units&study=-"
    answer = client.get(f"/matrix.csv?{query}")
    assert answer.headers["content-disposition"] == 'attachment; filename="matrix.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text))
    said = [dict(zip(head, row, strict=True)) for row in rows]
    names = {"Norland": "norland", "Sudland": "sudland"}
    numbers = cells(matrix(client, query))
    for row in said:
        if row["state"] == "present":
            assert numbers[row["code"], names[row["case"]]] == (
                in_text(float(row["value"]), "units"),
                f"{row['units']}/{row['base_units']}",
            )
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/matrix.xlsx?{query}").content))
    assert book.sheetnames == ["matrix", "bases", "about"]
    assert [[("" if c.value is None else str(c.value)) for c in row] for row in book["bases"].rows][1][
        :4
    ] == rows[0][:4]
    about = {row[0].value: row[1].value for row in book["about"].rows}
    assert about["measure"] == "units"
    assert about["codebook"] == "book 1.0.0"


def test_no_name_becomes_a_formula(sandbox):
    sandbox.change("corpus/norland/case.yaml", "name: Norland", "name: '=1+1'")
    sandbox.change("codebooks/book.yaml", "name: Role", "name: '@SUM(A1)'")
    with App(sandbox.root) as app:
        client = entering(app)
        table = client.get("/matrix.csv").text
        assert "'=1+1" in table
        assert ",=1+1" not in table
        book = openpyxl.load_workbook(io.BytesIO(client.get("/matrix.xlsx").content))
        kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row}
        assert "f" not in kinds


def test_a_table_that_is_refused_says_why(app):
    answer = entering(app).get("/matrix.csv?measure=shares")
    assert answer.status_code == 400
    assert "Did you mean" in answer.text


def test_names_titles_and_texts_are_shown_as_they_are_written(sandbox):
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    sandbox.change("corpus/norland/case.yaml", "name: Norland", f"name: {quoted}")
    sandbox.change("corpus/norland/case.yaml", "title: a.txt of norland", f"title: {quoted}")
    sandbox.change("codebooks/book.yaml", "name: Role", f"name: {quoted}")
    sandbox.change("codebooks/book.yaml", "definition: What it does for others.", f"definition: {quoted}")
    sandbox.change("corpus/norland/a.txt", "It is a bridge.", f"{HOSTILE} It is a bridge.")
    with App(sandbox.root) as app:
        client = entering(app)
        for path in ("/matrix?code=role&case=norland&study=-", "/matrix/cell?code=role&case=norland&study=-"):
            page = shown(client, path)
            assert not page.all("img")
            assert {e["is"].get("src") for e in page.all("script")} <= {
                "/static/app.js", "/static/leave.js", "/static/matrix.js", "/static/summaries.js",
            }  # fmt: skip
            assert HOSTILE in next(e["text"] for e in page.all("h2", id="cell-head"))
        page = matrix(client, f"by={HOSTILE}&coder={HOSTILE}&code={HOSTILE}", status=400)
        assert not page.all("img")


# ---- made once


def test_what_takes_a_while_is_made_once_and_a_failure_is_forgotten():
    kept, made = Kept(2), []

    def make(value):
        def making():
            made.append(value)
            if value == "bad":
                raise ValueError(value)
            return value

        return making

    assert [kept.get("a", make("a")).result() for _ in range(3)] == ["a"] * 3
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            kept.get("b", make("bad")).result()
    assert made == ["a", "bad", "bad"]
    for key in "cd":
        kept.get(key, make(key)).result()
    kept.get("a", make("again")).result()
    assert made[-1] == "again"  # of three, two are kept


def test_a_page_that_waits_says_for_what_and_ends_as_if_it_had_not(app, sandbox):
    sandbox.write("corpus/norland/c.txt", "Texts that no other test has coded.\n")
    app.server.app.state.desk.look_again()
    files, done = app.server.app.state.desk.files, threading.Event()
    rules = rules_of(coding.Project.open(app.root))
    slow = (files.digest, "longest")
    tabulated._rules.get(slow, lambda: done.wait() and rules)  # rules that take their time
    client = entering(app)
    with client.stream("GET", "/matrix") as answer:
        parts = answer.iter_text()
        begun = next(parts)
        assert "The rules of the codebook are coding 6 documents" in begun
        assert 'class="matrix"' not in begun
        done.set()
        rest = "".join(parts)
    waiting = re.compile(r'<p class="working".*?</p>\n', flags=re.DOTALL)
    assert waiting.sub("", begun) + rest == client.get("/matrix").text.replace(REST, "")


# ---- in a browser


def test_a_number_opens_its_passages_beside_the_table_and_the_address_follows(app, browser):
    page = entering(app, browser=browser)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{app.address}/matrix")
    page.get_by_role("link", name="passages of Role, Norland").click()
    head = page.get_by_role("heading", name="Role, Norland")
    head.wait_for()
    assert page.evaluate("document.activeElement.id") == "cell-head"
    assert page.locator("#panel mark").all_inner_texts() == ["bridge"]
    assert "code=role" in page.url
    assert page.locator("a[aria-current=true]").get_attribute("href").endswith("code=role&case=norland")
    page.reload()
    head.wait_for()
    assert page.locator("#panel mark").all_inner_texts() == ["bridge"]
    page.keyboard.press("Tab")
    page.go_back()
    page.locator("#panel").wait_for(state="hidden")
    page.get_by_role("link", name="passages of Role, Norland").focus()
    page.keyboard.press("Enter")
    head.wait_for()
    page.keyboard.press("Escape")
    page.locator("#panel").wait_for(state="hidden")
    assert "code=" not in page.url
    assert "passages of Role, Norland" in page.evaluate("document.activeElement.innerText")


def test_a_category_opens_to_its_codes_and_stays_open_in_the_address(app, browser):
    page = entering(app, browser=browser)
    page.goto(f"{app.address}/matrix")
    bridge = page.get_by_role("rowheader", name="Bridge")
    assert not bridge.is_visible()
    page.locator("summary", has_text="Role").click()
    bridge.wait_for()
    page.wait_for_url("**open=role**")
    page.get_by_label("Unit", exact=True).select_option("document")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**unit=document**")
    assert bridge.is_visible()
    assert not page.get_by_role("rowheader", name="Training").is_visible()
    page.get_by_role("link", name="Open all codes").click()
    page.get_by_role("rowheader", name="Training").wait_for()


def test_without_its_script_the_page_does_the_same_on_pages_of_their_own(app, browser):
    page = entering(app, browser=browser, java_script_enabled=False)
    page.goto(f"{app.address}/matrix")
    page.get_by_label("Columns, one more").select_option("fidelity")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**by=fidelity**")
    page.get_by_role("link", name="passages of Role, Norland · digest").click()
    page.get_by_role("heading", name="Role, Norland · digest").wait_for()
    assert page.locator("mark").all_inner_texts() == ["bridge"]
    page.locator(".hits a").click()
    assert "/read/norland/a#at=" in page.url


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(app, browser, scheme, width):
    people(app)
    page = entering(app, browser=browser, color_scheme=scheme, viewport={"width": width, "height": 800})
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for query in (
        "study=-&open=*&by=donor&by=year&coder=rules&coder=anna",
        "code=behaviour&case=norland&open=role",
        "coder=ben&measure=documents",
    ):
        page.goto(f"{app.address}/matrix?{query}")
        assert page.get_by_role("heading", name="Matrix", exact=True).is_visible()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{app.address}/matrix/cell?code=behaviour&case=norland")
    assert faults(page) == []
    assert said == []
    page.goto(f"{app.address}/matrix?measure=shares")
    assert faults(page) == []


def test_who_has_coded_besides_the_rules_is_said_and_which_study_selects(app):
    anna = entering(app)
    assert "coded too" not in matrix(anna).text("main")
    for who in ("anna", "ben"):
        read(entering(app, who), "norland/a")
    page = matrix(anna)
    assert page.text("others") == "anna and ben have coded too: choose them above."
    assert "the documents of the study study" in page.text("main")
    assert "coded too" not in matrix(anna, "coder=rules&coder=anna").text("main")


def test_texts_that_the_rules_cannot_read_are_counted_under_the_matrix(sandbox):
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    language: ja")
    with App(sandbox.root, "anna") as running:
        anna = entering(running)
        said = "1 document in ja: not searched by this codebook, whose rules are for en."
        assert said in matrix(anna, "coder=rules").text("main")
        read(anna, "norland/b")
        assert said not in matrix(anna, "coder=anna").text("main")
