"""The outbox of the browser: what is done there reaches the project and the coder it was done for, or waits."""

import subprocess
import sys

import pytest
from app import App

from coding.project import Project

ACT = """async ([subject, text]) => {
  const { act } = await import("/static/app.js");
  window.ended = "waits";
  act("/api/memos", { about: "document", subject, text }).then(() => { window.ended = "kept"; }, () => { window.ended = "refused"; });
}"""
EMPTY = """() => Object.keys(localStorage).filter((key) => key.startsWith("coding-outbox:" +
  document.querySelector("meta[name=coding-place]").content)).every((key) => localStorage.getItem(key) === "[]")"""
WAITING = "async () => (await import('/static/app.js')).waiting().length"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


@pytest.fixture
def anna(app, browser):
    page = app.enter(browser, "anna")
    yield page
    page.context.close()


def expect(place):
    from playwright.sync_api import expect as expecting  # there is none where the browser tests are skipped

    return expecting(place)


def write(page, text, document="norland/a"):
    page.evaluate(ACT, [document, text])


def ends(page, how):
    page.wait_for_function("how => window.ended === how", arg=how)


def memos(root):
    return sorted((memo.coder, memo.text) for memo in Project.open(root).memos)


def again(app, page, coder):
    """Enter in another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(f"{app.address}/enter?token={app.server.app.state.sessions.token(coder)}")
    return tab


def test_what_is_done_is_kept(app, anna):
    write(anna, "one")
    ends(anna, "kept")
    assert memos(app.root) == [("anna", "one")]
    assert anna.evaluate(WAITING) == 0


def test_a_page_goes_on_after_its_coder_has_entered_again(app, anna):
    again(app, anna, "anna")
    write(anna, "one")
    ends(anna, "kept")
    assert memos(app.root) == [("anna", "one")]


def test_what_is_done_in_a_page_is_never_that_of_another_coder_who_entered_since(app, anna):
    ben = again(app, anna, "ben")
    write(anna, "of anna")
    expect(anna.locator("#messages")).to_contain_text("entered as ben")
    expect(anna.locator("#messages")).to_contain_text("kept")
    assert (memos(app.root), anna.evaluate(WAITING), ben.evaluate(WAITING)) == ([], 1, 0)
    write(ben, "of ben")
    ends(ben, "kept")
    again(app, anna, "anna").wait_for_function(EMPTY)
    anna.bring_to_front()
    ends(anna, "kept")
    assert memos(app.root) == [("anna", "of anna"), ("ben", "of ben")]


def test_what_another_coder_coded_blind_never_shows_in_a_page_of_ones_own(app, anna):
    anna.goto(f"{app.address}/read/norland/a")
    again(app, anna, "ben")
    said = anna.evaluate(
        "async () => (await import('/static/app.js')).ask('/api/document?id=norland/a').catch((e) => e.status)"
    )
    assert said == 401


def test_what_waits_for_one_project_is_not_sent_to_another_on_the_same_port(
    sandbox, browser, tmp_path_factory
):
    other = tmp_path_factory.mktemp("other")
    type(sandbox)(other)
    first = App(sandbox.root, "anna")
    with first:
        page = first.enter(browser, "anna")
    write(page, "for the first")
    expect(page.locator("#messages")).to_contain_text("does not answer")
    with App(other, "anna", port=first.port) as second:
        tab = again(second, page, "anna")
        assert tab.evaluate(WAITING) == 0
        expect(page.locator("#messages")).to_contain_text("another coder or project")
    assert memos(other) == []
    with App(sandbox.root, "anna", port=first.port) as third:
        again(third, page, "anna").wait_for_function(EMPTY)
    assert memos(sandbox.root) == [("anna", "for the first")]
    page.context.close()


def test_a_page_whose_act_another_tab_has_sent_goes_on(sandbox, browser):
    first = App(sandbox.root, "anna")
    with first:
        page = first.enter(browser, "anna")
    write(page, "one")
    expect(page.locator("#messages")).to_contain_text("does not answer")
    with App(sandbox.root, "anna", port=first.port):
        page.context.new_page().goto(f"{first.address}/library")
        ends(page, "kept")
        expect(page.locator("#messages")).not_to_contain_text("does not answer")
    assert memos(sandbox.root) == [("anna", "one")]
    page.context.close()


def served(root, port):
    """Run `coding serve` in a process of its own; return it and the address it printed."""
    command = [sys.executable, "-m", "coding", "serve", "-p", str(root), "-c", "anna", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, process.stdout.readline().removeprefix("anna: ").strip()


def killed(process):
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_server_that_is_killed_loses_nothing_of_what_was_done(sandbox, browser):
    process, entrance = served(sandbox.root, 0)
    port = entrance.split(":")[2].split("/")[0]
    page = browser.new_context().new_page()
    page.goto(entrance)
    for i in range(5):
        write(page, f"before {i}")
    killed(process)
    for i in range(3):
        write(page, f"after {i}")
    assert page.evaluate(WAITING) >= 3
    process, _ = served(sandbox.root, port)
    page.wait_for_function(EMPTY)
    killed(process)
    texts = [*(f"after {i}" for i in range(3)), *(f"before {i}" for i in range(5))]
    assert [text for _, text in memos(sandbox.root)] == texts
    with Project.open(sandbox.root).store() as store:
        assert store.faults() == []
    page.context.close()


def test_what_is_refused_is_said_and_set_aside(app, anna):
    write(anna, "what I wrote", document="norland/zz")
    ends(anna, "refused")
    expect(anna.locator("#messages")).to_contain_text("Not kept: what I wrote")
    kept = anna.evaluate(
        "() => Object.entries(localStorage).filter(([key]) => key.startsWith('coding-refused'))"
    )
    assert "what I wrote" in kept[0][1]
    write(anna, "another")
    ends(anna, "kept")


def test_a_full_storage_is_said_and_nothing_is_lost(app, anna):
    anna.evaluate(
        "() => { for (let size = 1 << 22; size; size >>= 1) try { for (let i = 0; ; i++) "
        "localStorage.setItem(`fill-${size}-${i}`, 'x'.repeat(size)); } catch { /* less */ } }"
    )
    write(anna, "one")
    ends(anna, "refused")
    expect(anna.locator("#messages")).to_contain_text("storage is full")
