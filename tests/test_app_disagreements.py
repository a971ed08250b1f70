"""Adjudicate: two readers' coding over the same words, a ruling with its cause, and back to the page of the code."""

import pytest
from app import App, batch, code, read, span
from lists import assign, faults, shown, words
from reviewing import HOSTILE, instead, opening, project


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben", "cleo") as running:
        yield running


@pytest.fixture
def open_page(app, browser):
    with opening(app, browser) as new:
        yield lambda: new("/review/disagreements", "cleo", tagged=False)


@pytest.fixture
def disagreeing(app):
    """Anna and Ben have read a document; on one passage they agree, on two they do not."""
    anna, ben = app.client("anna"), app.client("ben")
    code(anna, "norland/a", "trains police", "behaviour.training", memo=f"Why {HOSTILE}")
    code(ben, "norland/a", "Norland trains", "role.bridge", "behaviour")
    code(anna, "norland/a", "bridge", "role.bridge")
    code(ben, "norland/a", "a bridge", "role.bridge")
    code(ben, "norland/a", "It is", "role")
    read(anna, "norland/a")
    read(ben, "norland/a")
    return anna, ben


def test_a_disagreement_is_adjudicated_from_the_list_to_the_page_of_the_code(app, disagreeing, open_page):
    page = open_page()
    assert page.get_by_text("they disagree on 2 passages; 2 are open").count() == 1
    lines = page.eval_on_selector_all(
        "#passage .line", "all => all.map(e => [e.classList[1], e.textContent])"
    )
    assert {where: [t for w, t in lines if w == where] for where in ("above", "below")} == {
        "above": ["trains", " police"],
        "below": ["Norland ", "Norland ", "trains", "trains"],
    }
    assert page.locator("#passage").inner_text() == "Norland trains police."
    for name, choice in (("Training", "stands"), ("Bridge", "does not stand"), ("Behaviour", "another code")):
        legend = page.locator("legend strong", has_text=name)
        page.locator("fieldset[data-about]", has=legend).get_by_label(choice, exact=True).check()
    page.get_by_label("Another code in place of Behaviour").select_option("orientation.security")
    page.get_by_label("the codebook has a gap").check()
    page.get_by_role("button", name="Keep the ruling").click()
    assert project(app).decisions == (), "without a reason nothing is kept"
    page.get_by_label("Why, in your words").fill(f"Training is nowhere bounded {HOSTILE}")
    page.get_by_role("button", name="Keep the ruling").click()
    page.get_by_text("they disagree on 2 passages; 1 is open").wait_for()
    assert page.locator("#passage").inner_text() == "It is a bridge."
    found = project(app).decisions
    assert sorted((d.ruling, d.cause, d.coder) for d in found) == [
        ("accept", "codebook gap", "cleo"), ("recode", "codebook gap", "cleo"), ("reject", "codebook gap", "cleo"),
    ]  # fmt: skip
    assert [(s.quote, s.code) for s in instead(app)] == [("Norland trains", "orientation.security")]
    with project(app).store() as store:
        assert sum(each.act == "decide" for each in store.batches()) == 1
    page.goto(app.address + "/codebook/role.bridge")
    assert "Training is nowhere bounded" in page.locator("main").inner_text()
    assert page.title().endswith("project"), "nothing of the hostile words has run"


def test_a_settled_disagreement_is_reopened_or_undone(app, disagreeing, open_page):
    page = open_page()

    def settle():
        for given in page.locator("fieldset[data-about]").all():
            given.get_by_label("does not stand").check()
        page.get_by_label("a slip").check()
        page.get_by_label("Why, in your words").fill("Tired.")
        page.get_by_role("button", name="Keep the ruling").click()
        page.get_by_text("1 is open").wait_for()
        page.wait_for_load_state()

    settle()
    page.goto(app.address + "/review/disagreements?state=settled")
    assert "Settled by cleo" in page.locator(".decision").first.inner_text()
    assert "Tired." in page.locator(".decision").first.inner_text()
    page.get_by_role("button", name="Reopen").click()
    page.get_by_text("None is settled yet").wait_for()
    assert project(app).decisions == ()
    page.goto(app.address + "/review/disagreements")
    settle()
    page.keyboard.press("u")
    page.get_by_text("2 are open").wait_for()
    assert project(app).decisions == ()


def test_what_a_ruling_put_in_place_is_no_new_disagreement(app, disagreeing):
    """Ben rules on his own disagreement: what stands in its place bears his name."""
    _, ben = disagreeing
    about = next(s for s in project(app).coded.segments if s.quote == "It is")
    put = {**span(ben, "norland/a", "It is"), "code": "orientation.security"}
    asked = {"about": about.id, "ruling": "recode", "cause": "slip", "reason": "r", "instead": put}
    assert ben.post("/api/decisions", json={"batch": batch(), "decisions": [asked]}).status_code == 200
    page = shown(ben, "/review/disagreements?state=all")
    assert "they disagree on 2 passages; 1 is open" in " ".join(words(e) for e in page.all("p"))


def test_documents_to_be_read_blind_are_not_adjudicated_and_are_counted(app, disagreeing):
    assign(app, "cleo", "norland/a")
    page = shown(app.client("cleo"), "/review/disagreements")
    said = " ".join(words(e) for e in page.all("p"))
    assert "Both have read 0 documents" in said
    assert "1 more is left out: you are to read or judge it blind" in said
    assert "police" not in said


def test_the_pair_with_most_documents_read_twice_comes_first(app, disagreeing):
    ben, cleo = disagreeing[1], app.client("cleo")
    for document in ("norland/b", "norland/c"):
        read(ben, document)
        read(cleo, document)
    page = shown(ben, "/review/disagreements")
    chosen = [words(e) for e in page.all("option") if "selected" in e["is"]]
    assert chosen[:2] == ["ben", "cleo"]
    page = shown(ben, "/review/disagreements?first=ben&second=anna")
    assert [words(e) for e in page.all("option") if "selected" in e["is"]][:2] == ["anna", "ben"]


def test_who_share_no_document_are_told_what_to_do(app):
    page = shown(app.client("anna"), "/review/disagreements")
    assert any("coding assign" in e["text"] for e in page.all("code"))


def test_axe_finds_nothing_where_people_disagree(app, disagreeing, open_page):
    page = open_page()
    assert faults(page) == []


def test_nothing_scrolls_sideways_on_a_narrow_screen(disagreeing, open_page):
    page = open_page()
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
