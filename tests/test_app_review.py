"""Review in a browser: by keys alone, with reasons, only what is seen, nothing that is to be read blind."""

import re

import pytest
from app import App, batch, code, read
from lists import assign, faults, shown, suggested, words
from reviewing import HOSTILE, decisions, instead, opening, project

from coding.batch import Decision, Look
from coding.model import Coded, Coder, Reading, machine_coded
from coding.review import resolve
from coding.suggesting import keep
from coding.units import unitise

EMOJI = "Norland trains 👩🏽‍✈️👩🏽‍✈️ police officers 日本語. It is a bridge.\n"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


@pytest.fixture
def emoji(sandbox):
    sandbox.write("corpus/norland/a.txt", EMOJI)
    return sandbox


@pytest.fixture
def open_review(app, browser):
    with opening(app, browser) as new:
        yield new


def here(page):
    return page.locator("#one").get_attribute("data-id")


def then(page, do):
    """Do something and wait until another suggestion is shown; return the words of that."""
    before = here(page)
    do()
    page.wait_for_function("id => document.querySelector('#one')?.dataset.id !== id", arg=before)
    return page.locator("#passage mark").inner_text() if page.locator("#one").count() else ""


def press(page, *keys):
    """Press keys of which the last leads on to another suggestion."""
    return then(page, lambda: [page.keyboard.press(key) for key in keys])


def queue(page):
    return [each.inner_text() for each in page.locator("#list .words").all()]


# ---- the queue


def test_without_suggestions_the_page_offers_to_apply_the_rules_and_takes_them_back(app, open_review):
    page = open_review(tagged=False)
    page.get_by_role("button", name="Apply the rules of the codebook").click()
    page.locator("#one").wait_for()
    n = len(project(app).coded.segments)
    assert page.locator(".place").inner_text().startswith(f"1 of {n}")
    page.get_by_role("button", name="Undo applying the rules").click()
    page.get_by_role("button", name="Apply the rules of the codebook").wait_for()
    assert project(app).coded.segments == ()


def test_rules_applied_twice_add_nothing(app):
    client = app.client("anna")
    first = client.post("/api/tag", json={"batch": batch()}).json()
    assert first["n_new"] == len(project(app).coded.segments) > 0
    assert client.post("/api/tag", json={"batch": batch()}).json() == {"batch": None, "n_new": 0, "n_gone": 0}


def test_only_who_entered_can_apply_the_rules(app):
    client = app.client("anna")
    del client.headers["x-coding-token"]
    assert client.post("/api/tag", json={"batch": batch()}).status_code == 403


def test_the_queue_follows_the_texts(app):
    suggested(app)
    page = shown(app.client("anna"), "/review")
    assert [e["text"] for e in page.all("span", class_="words")] == [
        "trains", "police", "bridge", "trains", "police", "Training", "police",
        "trains", "teachers", "trains", "teachers", "police", "Training", "teachers",
    ]  # fmt: skip


def test_the_queue_holds_what_was_asked_for(app):
    suggested(app)
    code(app.client("ben"), "sudland/a", "Sudland", "role")
    code(anna := app.client("anna"), "sudland/a", "rests", "role")
    for asked, wanted in (
        ("code=role", ["bridge"]),
        ("texts=norland/c", ["Training", "police"]),
        ("texts=sudland&code=orientation.security", ["police"]),
        ("state=decided", []),
        ("coder=ben", ["Sudland"]),
        ("coder=@people", ["Sudland"]),
        ("coder=rules&texts=norland/b", ["trains", "police"]),
    ):
        page = shown(anna, f"/review?{asked}")
        assert [e["text"] for e in page.all("span", class_="words")] == wanted, asked


def test_what_there_is_not_is_answered_with_the_nearest_and_all_choices(app):
    suggested(app)
    anna = app.client("anna")
    code(anna, "norland/a", "bridge", "role")  # so that she is known
    for asked, nearest, choices in (
        ("coder=ana", "'anna'", ["anna", "rules", "@people"]),
        ("code=role.bridges", "'role.bridge'", ["role", "role.bridge", "behaviour.training"]),
        ("texts=norland/aa", "'norland/a'", ["norland", "sudland", "sudland/c"]),
    ):
        said = shown(anna, f"/review?{asked}", status=404).text("main")
        assert f"Did you mean {nearest}?" in said
        assert all(choice in said for choice in choices)
    said = shown(anna, "/review?coder=ana&code=roles", status=404).text("main")
    assert "'anna'" in said
    assert "'role'" in said


def test_what_the_coder_coded_so_is_left_out_counted_and_can_be_seen(app):
    suggested(app)
    anna = app.client("anna")
    before = len(shown(anna, "/review").all("span", class_="words"))
    assert shown(anna, "/review").all("p", id="coded-so") == []
    code(anna, "norland/a", "Norland trains", "behaviour.training")  # touches what the rules found
    code(anna, "norland/b", "trains", "orientation.security")  # another code
    code(app.client("ben"), "norland/b", "trains", "behaviour.training")  # another coder
    page = shown(anna, "/review")
    assert len(page.all("span", class_="words")) == before - 1
    assert page.text("coded-so") == "1 more is coded so by you already. See it"
    (mine,) = shown(anna, "/review?state=coded").all("a", within="list")
    assert words(mine) == "trains Training · coded so by you"
    ids = [
        e["is"]["data-entry"] for e in shown(anna, "/review?state=coded").all("li") if "data-entry" in e["is"]
    ]
    ruling = {"batch": batch(), "decisions": [{"about": ids[0], "ruling": "accept"}]}
    assert anna.post("/api/decisions", json=ruling).status_code == 200
    assert shown(anna, "/review").all("p", id="coded-so") == []
    assert "Nothing here is coded so by you" in shown(anna, "/review?state=coded").text("main")


def test_where_all_that_is_left_is_coded_so_the_page_says_it(app):
    suggested(app)
    anna = app.client("anna")
    code(anna, "norland/a", "bridge", "role.bridge")
    said = shown(anna, "/review?code=role.bridge").text("main")
    assert "Everything here is decided (0) or coded so by you (1)." in said


def test_a_random_sample_leaves_out_nothing_that_the_coder_coded_so(app):
    suggested(app)
    anna = app.client("anna")
    code(anna, "norland/a", "trains", "behaviour.training")
    page = shown(anna, "/review?sample=14")
    assert len(page.all("span", class_="words")) == 14
    assert page.all("p", id="coded-so") == []


def test_a_suggestion_of_a_code_that_the_coder_read_for_and_did_not_give_says_so(app):
    suggested(app)
    anna = app.client("anna")
    said = "You have read this and did not code it so."
    code(anna, "norland/a", "bridge", "role.bridge")
    assert said not in shown(anna, "/review?texts=norland/a").text("one")
    read(anna, "norland/a")
    assert said in shown(anna, "/review?texts=norland/a").text("one")
    bridge = shown(anna, "/review?code=role.bridge&state=all").text("one")
    assert said not in bridge
    assert "You have coded this so yourself." in bridge
    assert said not in shown(app.client("ben"), "/review?texts=norland/a").text("one")


def test_the_surest_or_the_least_sure_can_come_first_and_what_says_no_probability_last(app):
    suggested(app)
    desk = app.server.app.state.desk
    model, its = Coder("model", "model"), desk.files.codebook["role.bridge"]
    units = [unitise(desk.files.corpus[f"sudland/{name}"], "sentence")[0] for name in "abc"]
    coded = [
        machine_coded(unit, its, model, "", meaning=its.meaning, score=score)
        for unit, score in zip(units, (0.7, 0.9, 0.8), strict=True)
    ]
    readings = [Reading("model", unit, ("role.bridge",), kind="model") for unit in units]
    with desk.store() as store:
        keep(store, Coded(tuple(coded), tuple(readings)), desk.files.corpus, model, by="ada")
    anna = app.client("anna")
    a, b, c = ("Sudland trains teachers.", "It trains teachers and police.", "Training of teachers goes on.")
    for order, wanted in (
        ("text", ["bridge", a, b, c]), ("surest", [b, c, a, "bridge"]), ("unsure", [a, c, b, "bridge"]),
    ):  # fmt: skip
        page = shown(anna, f"/review?code=role&order={order}")
        assert [e["text"] for e in page.all("span", class_="words")] == wanted, order
    following = page.all("a", within="list")[2]["is"]["href"]
    assert shown(anna, following).text("passage").startswith(b)
    assert shown(anna, "/review?order=wrong", status=400).all("h1")


def test_the_page_says_of_how_many_unread_documents_it_shows_what_others_coded(app):
    suggested(app)
    anna = app.client("anna")
    said = (
        "This list shows what rules, models and other people coded in 1 document that you have not read: it"
    )
    for _ in range(2):
        assert said in shown(anna, "/review?texts=norland/b").text("main")
    read(anna, "norland/b")
    assert "that you have not read" not in shown(anna, "/review?texts=norland/b").text("main")
    assert said not in shown(anna, "/review?texts=norland/b&coder=@people").text("main")


def test_documents_to_be_read_blind_are_left_out_and_counted(app):
    suggested(app)
    code(app.client("ben"), "norland/a", "It is", "role")
    assign(app, "anna", "norland/a", "norland/b")
    anna = app.client("anna")
    for address in ("/review", "/review?coder=@people", "/review?state=all&sample=50"):
        page = shown(anna, address)
        assert not [
            e for e in page.all("li") if "Norland trains" in e["text"] or "a.txt of norland" in e["text"]
        ]
        assert "a.txt of norland" not in {e["text"] for e in page.all("span", class_="quiet")}
    left_out = "2 documents are left out here: you are to read or judge them blind"
    assert left_out in " ".join(e["text"] for e in shown(anna, "/review").all("p"))
    read(anna, "norland/a")
    assert "a.txt of norland" in [words(e) for e in shown(anna, "/review").all("li", class_="heading")]


def test_a_reading_after_seeing_suggestions_is_not_blind(app):
    suggested(app)
    anna = app.client("anna")
    shown(anna, "/review?texts=norland/b")
    with project(app).store() as store:
        assert [(look.coder, look.document) for look in store.rows(Look)] == [("anna", "norland/b")]
    for document in ("norland/b", "norland/c"):
        read(anna, document)
    with project(app).store() as store:
        blind = {r.segment.document: r.blind for r in store.rows(Reading) if r.coder == "anna"}
    assert blind == {"norland/b": False, "norland/c": True}


def test_suggestions_in_a_text_that_changed_are_left_out_and_counted(sandbox, app):
    suggested(app)
    sandbox.write("corpus/norland/a.txt", "Norland rests.\n")
    app.server.app.state.desk.look_again()
    page = shown(app.client("anna"), "/review")
    assert words(page.all("li", class_="heading")[0]) == "b.txt of norland"
    assert any(
        "3 suggestions are left out, since their texts have changed" in e["text"] for e in page.all("p")
    )


# ---- deciding


def test_suggestions_are_reviewed_by_keyboard_alone(app, open_review):
    page = open_review()
    assert page.locator("#passage mark").inner_text() == "trains"
    assert press(page, "a") == "police"
    assert press(page, "r", "2") == "bridge"
    page.keyboard.press("c")
    page.keyboard.type("secur")
    assert press(page, "Enter") == "trains"
    assert press(page, "Space") == "police"
    assert press(page, "k") == "trains"
    assert press(page, "ArrowRight") == "police"
    assert press(page, "j") == "Training"
    assert decisions(app) == [
        ("trains", "behaviour.training", "accept", ""),
        ("police", "orientation.security", "reject", "somebody else is spoken of"),
        ("bridge", "role.bridge", "recode", "another code fits"),
    ]
    (made,) = instead(app)
    assert (made.quote, made.code, made.coder) == ("bridge", "orientation.security", "anna")
    assert press(page, "u") == "bridge"
    assert len(decisions(app)) == 2
    assert press(page, "u") == "police"
    assert press(page, "u") == "trains"
    assert decisions(app) == []
    assert press(page, "Shift+U") == "police"
    assert decisions(app) == [("trains", "behaviour.training", "accept", "")]
    assert page.said == []


def test_a_rejection_needs_a_reason(app, open_review):
    page = open_review()
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    assert page.locator("#reject").is_visible()
    assert decisions(app) == []
    page.keyboard.press("Escape")
    assert not page.locator("#reject").is_visible()
    page.get_by_role("button", name="Reject").click()
    page.keyboard.type(f"not 1 of ours {HOSTILE}")
    press(page, "Enter")
    assert decisions(app) == [("trains", "behaviour.training", "reject", f"not 1 of ours {HOSTILE}")]


def test_keys_in_the_filters_and_held_with_others_decide_nothing(app, open_review):
    page = open_review()
    page.get_by_label("Random sample of").press("a")
    page.locator("select[name=code]").press("a")
    page.locator("#one").focus()
    page.keyboard.press("Control+a")
    page.locator("#keys summary").click()
    page.get_by_label("Letters work as keys").uncheck()
    page.locator("#one").focus()
    page.keyboard.press("a")
    page.get_by_role("link", name="Next").click()
    page.wait_for_function("() => document.querySelector('#passage mark').textContent === 'police'")
    assert decisions(app) == []


def test_the_span_is_adjusted_by_words_and_its_quote_is_right_beside_emoji(emoji, app, open_review):
    page = open_review()
    assert press(page, "j") == "police"
    page.keyboard.press("e")
    mark = page.locator("#passage mark")
    for key, wanted in [
        ("ArrowRight", "police officers"),
        ("Shift+ArrowLeft", "👩🏽‍✈️ police officers"),
        ("Shift+ArrowLeft", "👩🏽‍✈️👩🏽‍✈️ police officers"),
        ("ArrowRight", "👩🏽‍✈️👩🏽‍✈️ police officers 日本語"),
        ("ArrowLeft", "👩🏽‍✈️👩🏽‍✈️ police officers"),
        ("Shift+ArrowRight", "👩🏽‍✈️ police officers"),
    ]:
        page.keyboard.press(key)
        assert mark.inner_text() == wanted
    assert press(page, "Enter") == "bridge"
    (made,) = instead(app)
    place = made.segment
    assert (made.code, made.quote) == ("orientation.security", "👩🏽‍✈️ police officers")
    assert EMOJI[place.start : place.end] == made.quote
    assert decisions(app)[0][2:] == ("recode", "other words bear it")


def test_the_span_is_adjusted_with_the_mouse_to_whole_words(emoji, app, open_review):
    page = open_review()
    page.get_by_role("button", name="Adjust").click()
    box = page.evaluate(
        """() => {
          const node = document.querySelector("#passage").lastChild, at = node.data.indexOf("olice"), to = node.data.indexOf("icers");
          const range = document.createRange(); range.setStart(node, at); range.setEnd(node, to);
          const { left, right, top, height } = range.getBoundingClientRect();
          return { left, right, middle: top + height / 2 };
        }"""
    )
    page.mouse.move(box["left"] + 1, box["middle"])
    page.mouse.down()
    page.mouse.move(box["right"], box["middle"], steps=4)
    page.mouse.up()
    assert page.locator("#passage mark").inner_text() == "police officers"
    then(page, page.get_by_role("button", name="Keep these words").click)
    (made,) = instead(app)
    assert EMOJI[made.segment.start : made.segment.end] == made.quote == "police officers"


def test_leaving_the_adjusting_puts_the_passage_back(emoji, app, open_review):
    page = open_review()
    before = page.locator("#passage").inner_html()
    page.keyboard.press("e")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert page.locator("#passage").inner_html() == before
    assert (
        page.locator("#passage").inner_text().startswith("Norland trains 👩🏽‍✈️👩🏽‍✈️ police officers 日本語.")
    )
    assert decisions(app) == []


def test_accepting_together_touches_only_what_is_on_the_screen(sandbox, app, open_review):
    lines = "\n\n".join(f"The bridge number {n}." for n in range(80))
    sandbox.write("corpus/norland/a.txt", lines + "\n")
    app.server.app.state.desk.look_again()
    page = open_review("/review?code=role.bridge")
    button = page.locator("[data-do=bulk]")
    page.wait_for_function("() => !document.querySelector('[data-do=bulk]').disabled")
    page.locator("#list").evaluate("list => { list.scrollTop = 400; }")
    on_screen = """() => {
      const box = document.querySelector("#list").getBoundingClientRect(), bottom = Math.min(box.bottom, innerHeight);
      return [...document.querySelectorAll("#list [data-entry]")].filter((entry) => {
        const { top, bottom: end, height } = entry.getBoundingClientRect();
        return Math.min(end, bottom) - Math.max(top, box.top) > 0.95 * height;
      }).map((entry) => entry.dataset.entry);
    }"""
    page.wait_for_function(
        f"() => document.querySelector('[data-do=bulk]').textContent === `Accept the ${{({on_screen})().length}} shown`"
    )
    seen = page.evaluate(on_screen)
    first = page.locator("#list [data-entry]").first.get_attribute("data-entry")
    assert 5 < len(seen) < 50
    assert first not in seen
    assert button.inner_text() == f"Accept the {len(seen)} shown"
    button.click()
    page.get_by_text(f"{len(seen)} suggestions were accepted").wait_for()
    with project(app).store() as store:
        found = store.rows(Decision)
    assert {d.about for d in found} == set(seen)
    assert {d.ruling for d in found} == {"accept"}
    page.locator("#one").press("u")
    page.wait_for_function("() => document.querySelector('.place').textContent.includes('of 80')")
    assert decisions(app) == []


def test_where_nothing_can_be_accepted_together_no_number_is_offered(app, open_review):
    page = open_review("/review?code=role.bridge")
    button = page.locator("[data-do=bulk]")
    page.get_by_role("button", name="Accept the 1 shown").wait_for()
    page.set_viewport_size({"width": 360, "height": 300})
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="Accept those shown").wait_for()
    assert button.is_disabled()
    press(page, "a")
    page.goto(app.address + "/review?state=decided")
    page.locator("#list").wait_for()
    assert button.count() == 0


def test_a_decision_can_be_withdrawn_by_who_made_it(app, open_review):
    ben = app.client("ben")
    page = open_review()
    press(page, "r", "1")
    page.goto(app.address + "/review?state=decided")
    assert "Rejected by anna" in page.locator(".decision").inner_text()
    assert "Withdraw" not in ben.get("/review?state=decided").text
    page.get_by_role("button", name="Withdraw this decision").click()
    page.locator(".empty", has_text="Nothing here is decided yet").wait_for()
    assert decisions(app) == []


def test_a_later_decision_takes_the_place_of_an_earlier(app, open_review):
    page = open_review("/review?state=all&code=role.bridge")
    page.keyboard.press("c")
    page.keyboard.type("teach")
    assert page.locator("#codes [role=option]:visible").count() == 0
    page.keyboard.press("Enter")
    page.locator("#find").fill("grow")
    page.locator("#find").fill("develop")
    page.keyboard.press("Enter")
    page.locator(".decision").wait_for()
    assert "In its place stands" in page.locator(".decision").inner_text()
    page.keyboard.press("a")
    page.locator(".decision", has_text="Accepted").wait_for()
    opened = project(app)
    found = resolve(opened.coded, opened.decisions, unreviewed="drop", pool=opened.coded)
    assert [(s.quote, s.code) for s in found.segments] == [("bridge", "role.bridge")]


def test_a_decision_made_while_the_server_is_away_is_kept_and_sent(app, open_review):
    page = open_review()
    page.context.set_offline(True)
    page.keyboard.press("a")
    page.locator("#messages", has_text="One act is kept in this browser").wait_for()
    page.keyboard.press("r")
    assert decisions(app) == []
    page.keyboard.press("Escape")
    then(page, lambda: page.context.set_offline(False))
    assert decisions(app) == [("trains", "behaviour.training", "accept", "")]


# ---- how often suggestions were right


def ruled(client, page_of, *rulings):
    """Rule on the first suggestions of a queue by the API."""
    ids = [e["is"]["data-entry"] for e in shown(client, page_of).all("li") if "data-entry" in e["is"]]
    asked = [
        {"about": about, "ruling": ruling, "reason": "r"} for about, ruling in zip(ids, rulings, strict=False)
    ]
    assert client.post("/api/decisions", json={"batch": batch(), "decisions": asked}).status_code == 200


def test_the_precision_is_of_what_was_reviewed_and_says_so(app):
    suggested(app)
    anna = app.client("anna")
    assert shown(anna, "/review").all("p", id="right") == []
    ruled(anna, "/review", "accept", "accept", "reject")
    page = shown(anna, "/review")
    assert page.text("right").startswith(
        "2 of 3 reviewed were right as they stood: 67 %, 95 % interval 21 to 94 %."
    )
    said = " ".join(e["text"] for e in page.all("p"))
    assert "This queue is no random sample" in said
    rows = [
        [words(c) for c in page.elements if row in c["in"] and c["tag"] in ("td", "th")]
        for row in page.all("tr")
    ]
    assert ["Bridge", "rules: bridge", "0", "0", "1", "0 %", "0 to 79 %"] in rows


def test_a_random_sample_is_an_estimate_when_all_of_it_is_decided(app):
    suggested(app)
    anna = app.client("anna")
    address = "/review?sample=4&state=all"
    drawn = [e["is"]["data-entry"] for e in shown(anna, address).all("li") if "data-entry" in e["is"]]
    assert len(drawn) == 4
    ruled(anna, address, "accept", "reject")
    assert "2 of it are undecided: until then the figure is of what was reviewed" in anna.get(address).text
    ruled(anna, "/review?sample=4", "accept", "accept")
    page = shown(anna, address)
    assert [e["is"]["data-entry"] for e in page.all("li") if "data-entry" in e["is"]] == drawn
    assert "all of it is decided: the figure is an estimate for all 14" in " ".join(
        e["text"] for e in page.all("p")
    )
    assert page.text("right").startswith("3 of 4 reviewed were right")


def test_when_everything_is_decided_the_share_has_no_interval(app):
    suggested(app)
    anna = app.client("anna")
    ruled(anna, "/review?texts=norland/c", "accept", "reject")
    page = shown(anna, "/review?texts=norland/c")
    assert page.text("right").startswith("1 of 2 reviewed were right as they stood: 50 %. ")
    assert "this is the share itself" in " ".join(e["text"] for e in page.all("p"))


# ---- codes that were split


@pytest.fixture
def split(app):
    """Split a code that the rules and a person have used."""
    suggested(app)
    anna = app.client("anna")
    code(anna, "norland/a", "It is a bridge", "role.bridge")
    book = app.server.app.state.desk.files.codebook
    into = [
        {"id": f"role.{name}", "name": name.title(), "definition": "d"} for name in ("connector", "mediator")
    ]
    answer = anna.post("/api/codebook/split", json={"seen": book.digest, "code": "role.bridge", "into": into})
    assert answer.status_code == 200, answer.text


def test_segments_of_a_split_code_wait_for_a_choice_with_its_successors_first(app, split, open_review):
    app.entrances["anna"] = f"{app.address}/enter?token={app.server.app.state.sessions.token('anna')}"
    page = open_review("/review?queue=split", tagged=False)
    assert queue(page) == ["It is a bridge", "bridge"]
    assert page.locator("[data-do=accept]").count() == page.locator("[data-do=bulk]").count() == 0
    page.keyboard.press("c")
    offered = page.locator("#codes strong").all_inner_texts()
    assert offered[:2] == ["Connector", "Mediator"]
    page.keyboard.press("ArrowDown")
    assert press(page, "Enter") == "bridge"
    assert [(s.quote, s.code) for s in instead(app)] == [("It is a bridge", "role.mediator")]
    assert page.get_by_role("link", name="Split codes: choose (1)").count() == 1


def test_an_accepted_segment_still_waits_after_its_code_was_split(app):
    suggested(app)
    anna = app.client("anna")
    ruled(anna, "/review?code=role.bridge", "accept")
    book = app.server.app.state.desk.files.codebook
    into = [{"id": f"role.{name}", "name": name, "definition": "d"} for name in ("one", "two")]
    asked = {"seen": book.digest, "code": "role.bridge", "into": into}
    assert anna.post("/api/codebook/split", json=asked).status_code == 200
    page = shown(anna, "/review?queue=split")
    assert [e["text"] for e in page.all("span", class_="words")] == ["bridge"]


# ---- for everybody


def test_texts_codes_and_memos_are_shown_as_they_are_and_never_act(sandbox, app, open_review):
    sandbox.write("corpus/norland/a.txt", f"Norland {HOSTILE} trains.\n")
    sandbox.change("codebooks/book.yaml", "name: Training", f"name: >-\n          Training {HOSTILE}")
    sandbox.change("corpus/norland/case.yaml", "title: a.txt of norland", f"title: >-\n      {HOSTILE}")
    app.server.app.state.desk.look_again()
    ben = app.client("ben")
    code(ben, "norland/a", HOSTILE, "role", memo=HOSTILE)
    page = open_review()
    assert HOSTILE in page.locator("#passage").inner_text()
    assert HOSTILE in page.locator("#one-code").inner_text()
    assert HOSTILE in page.locator(".place").inner_text()
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    assert HOSTILE in page.locator("#passage").inner_text()
    page.keyboard.press("Escape")
    page.goto(app.address + "/review?coder=@people")
    assert HOSTILE in page.locator(".why").first.inner_text()
    assert page.locator("img, main script").count() == 0
    assert page.title() == "Review · project"
    assert page.said == []


def test_axe_finds_nothing_in_review(app, open_review):
    page = open_review()
    assert faults(page) == []
    for key in ("r", "c", "e"):
        page.keyboard.press(key)
        assert faults(page) == []
        page.keyboard.press("Escape")
    press(page, "a")
    page.goto(app.address + "/review?state=decided")
    page.eval_on_selector_all("details", "all => all.forEach((each) => { each.open = true; })")
    assert faults(page) == []


def test_nothing_scrolls_sideways_on_a_narrow_screen(open_review):
    page = open_review()
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_next_suggestion_is_announced(open_review):
    page = open_review()
    press(page, "a")
    assert re.match(r"1 of 13 .*Security.*: police", page.locator("#told").inner_text().replace("\n", " "))
