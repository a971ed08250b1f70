"""Conflicts in a browser: who says what and why, one ruling about all that is contested, nothing to be read blind."""

import pytest
from app import App, batch, code, read
from lists import assign, entering, faults, links, shown, suggested, words
from reviewing import HOSTILE, decisions, opening, project

from coding.batch import Look
from coding.conflicts import KINDS
from coding.model import Coded, Coder, Reading, machine_coded
from coding.suggesting import keep
from coding.units import unitise

MODEL = Coder("model", "model")


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben", "cleo") as running:
        yield running


@pytest.fixture
def open_page(app, browser):
    with opening(app, browser) as new:
        yield lambda address="/conflicts", coder="cleo": new(address, coder, tagged=False)


def modelled(app, *said):
    """Keep what a model says: of each (document, words in the sentence, code, probability); None means no."""
    desk = app.server.app.state.desk
    segments, readings = [], []
    for name, quote, code_, score in said:
        document = desk.files.corpus[name]
        unit = next(u for u in unitise(document, "sentence") if quote in document.quote(u))
        readings.append(Reading("model", unit, (code_,), kind="model"))
        if score is not None:
            its = desk.files.codebook[code_]
            segments.append(machine_coded(unit, its, MODEL, "some, words", meaning=its.meaning, score=score))
    with desk.store() as store:
        keep(store, Coded(tuple(segments), tuple(readings)), desk.files.corpus, MODEL, by="ada")


@pytest.fixture
def differing(app):
    """Rules, a model and anna differ: on a.txt anna has read, on sudland/a nobody has."""
    suggested(app)
    anna = app.client("anna")
    code(anna, "norland/a", "bridge", "role.bridge")
    code(anna, "norland/a", "It is", "behaviour.training", memo=f"Why {HOSTILE}")
    code(anna, "norland/a", "trains police", "behaviour.training")
    read(anna, "norland/a")  # to anna the first sentence has nothing to do with security
    modelled(
        app,
        ("norland/a", "trains", "orientation.security", 0.9),
        ("norland/a", "bridge", "behaviour.training", None),
        ("norland/a", "bridge", "role.bridge", 0.8),
        ("sudland/a", "rests", "behaviour.training", 0.7),
        ("sudland/a", "trains", "behaviour.training", None),
    )
    return anna


def queue(page):
    """Return words, code, and who says what of each conflict in the list."""
    return [tuple(words(e).split(". ", 1)) for e in page.all("a", within="list")]


def here(page):
    return page.locator("#one").get_attribute("data-id")


def then(page, *keys):
    """Press keys of which the last leads on to another conflict, or to none."""
    before = here(page)
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function("id => document.querySelector('#one')?.dataset.id !== id", arg=before)
    page.wait_for_load_state()


# ---- the queue


def test_conflicts_stand_in_the_order_in_which_reading_settles_most(app, differing):
    page = shown(app.client("cleo"), "/conflicts")
    assert queue(page) == [
        ("Norland trains police", "Security: anna no, rules yes, model yes"),
        ("It is a bridge", "Training: anna yes, rules no, model no"),
        ("Then it rests", "Training: rules no, model yes"),
        ("Sudland trains teachers", "Training: rules yes, model no"),
    ]


def test_the_table_says_who_says_what_and_why(app, differing):
    cleo = app.client("cleo")
    page = shown(cleo, "/conflicts?code=behaviour&texts=norland")
    rows = [words(e) for e in page.all("tr")][1:]
    assert rows[0].startswith("anna a person yes “It is”; memo of anna: Why <script>")
    assert rows[1:] == ["rules no no rule hits", "model no it said no"]
    page = shown(cleo, "/conflicts?code=orientation")
    rows = [words(e) for e in page.all("tr")][1:]
    assert rows == [
        "anna a person no read it and did not give it; gave Training there",
        "rules yes “police” by police (Phrase: police) in Review",
        "model yes probability 0.90; moved by some, words in Review",
    ]


def test_the_queue_holds_what_was_asked_for(app, differing):
    cleo = app.client("cleo")
    for asked, n in (
        ("code=behaviour", 3), ("code=role", 0), ("texts=norland", 2), ("texts=sudland/a", 2),
        ("kind=machine against machine", 2), ("kind=people against rules", 0), ("kind=people divided", 0),
        ("state=settled", 0), ("state=all", 4), ("texts=sudland&code=orientation", 0),
    ):  # fmt: skip
        assert len(queue(shown(cleo, f"/conflicts?{asked}"))) == n, asked


def test_what_there_is_not_is_answered_with_the_nearest_and_all_choices(app, differing):
    cleo = app.client("cleo")
    for asked, nearest, choices in (
        ("code=role.bridges", "'role.bridge'", ["role", "role.bridge", "behaviour.training"]),
        ("kind=people against rule", "'people against rules'", KINDS),
        ("texts=norlands", "'norland'", ["norland", "sudland", "norland/a"]),
    ):
        said = shown(cleo, f"/conflicts?{asked}", status=404).text("main")
        assert f"Did you mean {nearest}?" in said
        assert all(choice in said for choice in choices)


def test_the_page_calls_the_kinds_as_the_command_does(app, differing):
    page = shown(app.client("cleo"), "/conflicts")
    assert [each for each in map(words, page.all("option")) if each in KINDS] == list(KINDS)
    assert [words(e).lower() for e in page.all("li", class_="heading")] == [KINDS[0], KINDS[4]]


def test_people_who_disagree_are_a_kind_of_their_own(app, differing):
    read(app.client("ben"), "norland/a")
    headings = [words(e) for e in shown(app.client("cleo"), "/conflicts").all("li", class_="heading")]
    assert headings == ["People against rules and model", "People divided", "Machine against machine"]


def test_review_says_how_many_conflicts_there_are_and_leads_to_them(app, differing):
    cleo = app.client("cleo")
    assert "/conflicts" in links(shown(cleo, "/review/disagreements"))
    page = shown(cleo, "/review")
    assert "/conflicts" in links(page)
    assert "4 conflicts of people, rules and models" in [words(e) for e in page.all("a")]


def test_the_page_says_that_a_model_is_held_against_what_it_learned_from(app, differing):
    page = shown(app.client("cleo"), "/conflicts")
    assert "coding train NAME --report --errors 10" in [words(e) for e in page.all("code")]


def test_empty_pages_say_what_to_do_next(app):
    anna = app.client("anna")
    assert "coding tag" in [words(e) for e in shown(anna, "/conflicts").all("code")]
    suggested(app)
    assert "Only the rules have read here" in " ".join(words(e) for e in shown(anna, "/conflicts").all("p"))
    code(anna, "norland/c", "Training", "behaviour.training")
    code(anna, "norland/c", "police", "orientation.security")
    read(anna, "norland/c")
    said = " ".join(words(e) for e in shown(anna, "/conflicts").all("p"))
    assert "There is no conflict" in said


# ---- what may be seen


def test_documents_to_be_read_blind_are_left_out_counted_and_not_told_of(app, differing):
    assign(app, "ben", "norland/a")
    ben = app.client("ben")
    page = shown(ben, "/conflicts")
    assert [place for place, _ in queue(page)] == ["Then it rests", "Sudland trains teachers"]
    assert "1 document is left out here: you are to read or judge it blind" in " ".join(
        words(e) for e in page.all("p")
    )
    assert "2 conflicts of people, rules and models" in [words(e) for e in shown(ben, "/review").all("a")]
    at = links(shown(app.client("cleo"), "/conflicts?texts=norland"), within="list")[0]
    assert not [e for e in shown(ben, at).all("tr") if "anna" in e["text"]]


def test_a_reading_after_seeing_conflicts_is_not_blind(app, differing):
    ben = app.client("ben")
    shown(ben, "/conflicts?texts=norland")
    with project(app).store() as store:
        assert [(look.coder, look.document) for look in store.rows(Look)] == [("ben", "norland/a")]
    read(ben, "norland/a")
    read(ben, "norland/b")
    with project(app).store() as store:
        blind = {r.segment.document: r.blind for r in store.rows(Reading) if r.coder == "ben"}
    assert blind == {"norland/a": False, "norland/b": True}


def test_the_page_says_of_how_many_unread_documents_it_shows_what_others_coded(app, differing):
    ben = app.client("ben")
    said = "This list shows what rules, models and other people coded in 2 documents that you have not read: they"
    assert said in shown(ben, "/conflicts").text("main")
    read(ben, "norland/a")
    assert "that you have not read" not in shown(ben, "/conflicts?texts=norland").text("main")


def test_strangers_see_nothing(app, differing):
    import httpx

    answer = httpx.get(app.address + "/conflicts")
    assert answer.status_code == 303
    assert "police" not in answer.text


def test_what_was_coded_in_a_text_that_changed_is_left_out_and_counted(sandbox, app, differing):
    sandbox.write("corpus/norland/a.txt", "Norland rests.\n")
    app.server.app.state.desk.look_again()
    page = shown(app.client("cleo"), "/conflicts")
    assert [place for place, _ in queue(page)] == ["Then it rests", "Sudland trains teachers"]
    assert any("8 coded segments are left out" in words(e) for e in page.all("p"))


# ---- ruling


def test_conflicts_are_ruled_on_by_keyboard_alone(app, differing, open_page):
    page = open_page()
    assert page.locator("#one-code").inner_text() == "Orientation › Security?"
    then(page, "a")
    assert sorted(decisions(app)) == [
        ("Norland trains police.", "orientation.security", "accept", ""),
        ("police", "orientation.security", "accept", ""),
    ]
    with project(app).store() as store:
        assert sum(each.act == "decide" for each in store.batches()) == 1
    assert page.locator("#passage").inner_text() == "It is a bridge."
    then(page, "r", "1")
    assert ("It is", "behaviour.training", "reject", "the words mean something else here") in decisions(app)
    assert page.locator("#passage").inner_text() == "Then it rests."
    then(page, "Space")
    assert page.locator("#passage").inner_text() == "Sudland trains teachers."
    then(page, "k")
    then(page, "u")
    assert page.locator("#passage").inner_text() == "It is a bridge."
    assert len(decisions(app)) == 2
    then(page, "u")
    assert page.locator("#passage").inner_text() == "Norland trains police."
    assert decisions(app) == []
    page.keyboard.press("U")
    page.get_by_text("3 are open").wait_for()
    assert len(decisions(app)) == 2
    assert page.said == []


def test_a_rejection_may_do_without_a_reason_of_ones_own(app, differing, open_page):
    page = open_page("/conflicts?code=behaviour&texts=norland")
    page.keyboard.press("r")
    assert page.locator("#reject").is_visible()
    assert decisions(app) == []
    page.keyboard.press("Enter")
    page.get_by_text("Everything here is settled: 1 of 1").wait_for()
    assert decisions(app) == [("It is", "behaviour.training", "reject", "it does not bear the code")]


def test_a_rejection_that_says_what_the_conflict_came_from_is_asked_nothing(app, differing, open_page):
    page = open_page("/conflicts?code=behaviour&texts=norland")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    assert not page.locator("#reject").is_visible()
    assert decisions(app) == []
    page.get_by_label("It came from").select_option("slip")
    page.get_by_role("button", name="It does not").click()
    page.get_by_text("Everything here is settled: 1 of 1").wait_for()
    (found,) = project(app).decisions
    assert (found.ruling, found.reason, found.cause, found.coder) == ("reject", "", "slip", "cleo")


def test_reason_and_cause_go_with_either_ruling(app, differing, open_page):
    page = open_page("/conflicts?code=behaviour&texts=norland")
    page.get_by_label("Why, if you like").fill(f"An act {HOSTILE}")
    page.get_by_label("It came from").select_option("codebook gap")
    page.get_by_role("button", name="It bears the code").click()
    page.get_by_role("link", name="See the settled ones").click()
    assert "Settled by cleo" in page.locator(".decision").inner_text()
    assert f"An act {HOSTILE}" in page.locator(".decision").inner_text()
    (found,) = project(app).decisions
    assert (found.ruling, found.reason, found.cause) == ("accept", f"An act {HOSTILE}", "codebook gap")
    page.get_by_role("button", name="Reopen").click()
    page.get_by_text("Nothing here is settled yet").wait_for()
    assert project(app).decisions == ()
    assert page.title().endswith("project"), "nothing of the hostile words has run"


def test_a_rejection_is_of_all_of_a_segment_that_reaches_beyond_the_sentence_and_the_page_says_so(
    app, differing, open_page
):
    code(differing, "sudland/a", "Sudland trains teachers. Then it rests.", "role.bridge")
    read(differing, "sudland/a")
    page = open_page("/conflicts?code=role.bridge&texts=sudland/a")
    page.get_by_text(
        "What anna coded reaches beyond this sentence: the ruling is about all of it."
    ).wait_for()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.get_by_text("Everything here is settled: 2 of 2").wait_for()
    assert [words for words, *_ in decisions(app)] == ["Sudland trains teachers. Then it rests."]


def test_enter_alone_rules_on_nothing(app, differing, open_page):
    page = open_page()
    page.get_by_label("Why, if you like").fill("unsure")
    page.keyboard.press("Enter")
    page.get_by_text("Say first whether it bears the code.").wait_for()
    assert decisions(app) == []


def test_keys_in_fields_and_held_with_others_rule_on_nothing(app, differing, open_page):
    page = open_page()
    page.locator("select[name=code]").press("a")
    page.get_by_label("Why, if you like").press("a")
    page.locator("#one").focus()
    page.keyboard.press("Control+a")
    page.locator("#keys summary").click()
    page.get_by_label("Letters work as keys").uncheck()
    page.locator("#one").focus()
    page.keyboard.press("a")
    page.get_by_role("link", name="Next").click()
    page.get_by_text("2 of 4").wait_for()
    assert decisions(app) == []


def test_a_suggestion_decided_on_in_review_is_settled_here(app, differing):
    ids = [s.id for s in project(app).coded.segments if s.coder == "model" and s.quote == "Then it rests."]
    asked = {"batch": batch(), "decisions": [{"about": ids[0], "ruling": "accept"}]}
    assert differing.post("/api/decisions", json=asked).status_code == 200
    cleo = app.client("cleo")
    page = shown(cleo, "/conflicts")
    assert [place for place, _ in queue(page)][-1] == "Sudland trains teachers"
    assert len(queue(page)) == 3
    (settled,) = queue(shown(cleo, "/conflicts?state=settled"))
    assert settled[0] == "Then it rests"


def test_a_ruling_in_a_place_that_the_list_no_longer_holds_leads_to_what_follows(app, differing):
    cleo = app.client("cleo")
    at = [e["is"]["href"] for e in shown(cleo, "/conflicts").all("a", within="list")][2]
    ids = [s.id for s in project(app).coded.segments if s.coder == "model" and s.quote == "Then it rests."]
    cleo.post("/api/decisions", json={"batch": batch(), "decisions": [{"about": ids[0], "ruling": "accept"}]})
    assert shown(cleo, at).text("passage") == "Sudland trains teachers."


def test_who_did_nothing_here_has_nothing_to_undo(app, differing, open_page):
    page = open_page()
    assert page.locator("[data-do=undo]").is_disabled()
    page.keyboard.press("u")
    page.get_by_text("There is no ruling of yours to undo.").wait_for()


def test_words_light_up_with_their_reason(app, differing, open_page):
    page = open_page()
    page.locator("[data-lights]").first.focus()
    assert page.locator("#passage .lit").all_inner_texts() == ["police"]


# ---- for everybody


def test_axe_finds_nothing_among_conflicts(app, differing, browser, open_page):
    page = open_page()
    assert faults(page) == []
    page.keyboard.press("r")
    assert faults(page) == []
    dark = entering(app, "ben", browser=browser, color_scheme="dark")
    dark.goto(app.address + "/conflicts?state=all")
    assert faults(dark) == []
    dark.context.close()


def test_nothing_scrolls_sideways_on_a_narrow_screen(differing, open_page):
    page = open_page()
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
