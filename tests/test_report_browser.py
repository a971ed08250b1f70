"""The report in a browser: quiet console, passages that open, no sideways scrolling, readable by day and night."""

import os
import shutil
from pathlib import Path

import pytest

import coding
from coding.report import render
from coding.study import run

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
WIDTHS = (360, 768, 1280)
# The contrast of letters and their ground after WCAG 2, for every element with words of its own.
CONTRAST = """
selector => {
  const brightness = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let outer = element; outer; outer = outer.parentElement) {
      const colour = getComputedStyle(outer).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)" && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const speaks = element => [...element.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
  return [...document.querySelectorAll(selector)].filter(speaks).map(element => {
    const [one, other] = [getComputedStyle(element).color, ground(element)].map(brightness).sort((a, b) => b - a);
    return [(one + 0.05) / (other + 0.05), element.tagName + "." + element.className];
  });
}
"""


def absent():
    """Return why there is no browser, None if there is one."""
    try:
        import playwright.sync_api  # noqa: F401
    except ModuleNotFoundError:
        return "playwright is not installed: pip install 'normatrix[browser]'"
    return None if chromium() else "no chromium: apt-get install chromium"


def chromium():
    known = Path("/usr/bin/chromium")
    return str(known) if known.exists() else shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser():
    reason = absent()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def report(sandbox, tmp_path):
    """A report with long words, hostile text and figures."""
    sandbox.change(
        "corpus/norland/a.txt",
        "It is a bridge.",
        f"It is a bridge. {LONG} <script>document.title = 'broken'</script>",
    )
    sandbox.change(
        "corpus/norland/case.yaml",
        "title: a.txt of norland",
        f"title: '{LONG}'\n    url: https://example.org/{LONG}",
    )
    path = tmp_path / "report.html"
    found = run(coding.Project.open(sandbox.root))
    drawn = {
        "heatmap": b'<svg xmlns="http://www.w3.org/2000/svg" width="500" height="20"><rect width="500" height="20"/></svg>'
    }
    path.write_text(render(found, drawn), encoding="utf-8", newline="\n")
    return path.as_uri()


@pytest.fixture
def open_page(browser, report):
    """Opens the report in a new window and keeps what the console says and what is asked of the net."""
    opened = []

    def new(*, width=1280, anchor="", **settings):
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        opened.append(context)
        page = context.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else said.append(asked.url),
        )
        page.goto(report + anchor)
        return page, said

    yield new
    for context in opened:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_console_stays_silent_and_nothing_is_asked_of_the_net(open_page, scheme):
    page, said = open_page(color_scheme=scheme)
    page.get_by_role("button", name="Show all codes").click()
    page.get_by_label("Show only passages that hold").fill("police")
    page.locator("#filtered", has_text="in all cells").wait_for()
    assert said == []
    assert page.title() == "A study · evidence report"


def test_the_policy_stops_a_foreign_script(open_page):
    page, said = open_page()
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.foreign = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.foreign === undefined")
    assert any("Content Security Policy" in words for words in said)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_number_opens_its_passages(open_page, scripted):
    page, _ = open_page(java_script_enabled=scripted)
    passage = page.locator("#cell-norland-behaviour .passage").first
    assert not passage.is_visible()
    page.locator("#matrix a[href='#cell-norland-behaviour']").click()
    passage.wait_for(state="visible")
    assert passage.locator("mark").first.inner_text() == "trains"


def test_an_address_with_an_anchor_opens_its_passage(open_page):
    page, _ = open_page(anchor="#cell-sudland-orientation.development")
    page.locator("#cell-sudland-orientation\\.development .passage").first.wait_for(state="visible")


def test_a_number_opens_its_passages_again_after_they_were_closed(open_page):
    page, _ = open_page()
    cell = page.locator("#matrix a[href='#cell-norland-behaviour']")
    opened = page.locator("#cell-norland-behaviour")
    cell.click()
    opened.wait_for(state="visible")
    page.evaluate("document.querySelector('#cell-norland-behaviour').closest('details').open = false")
    cell.click()
    opened.wait_for(state="visible")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_category_opens_to_its_codes(open_page, scripted):
    page, _ = open_page(java_script_enabled=scripted)
    code = page.locator("#matrix tr.below", has_text="Training")
    assert not code.is_visible()
    page.locator("#matrix summary", has_text="Behaviour").click()
    code.wait_for(state="visible")


def test_the_filter_leaves_only_passages_that_hold_the_words(open_page):
    page, _ = open_page()
    page.get_by_label("Show only passages that hold").fill("Teachers")
    page.locator("#filtered", has_text="in all cells").wait_for()
    shown = page.locator("#passages .passage:visible").all_inner_texts()
    assert shown
    assert all("teachers" in words.lower() for words in shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(open_page, width):
    page, _ = open_page(width=width)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(open_page, scheme):
    page, _ = open_page(color_scheme=scheme)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    found = page.evaluate(CONTRAST, "main *:not(svg *), nav a")
    assert len(found) > 100
    assert [place for place in found if place[0] < 4.5] == []


def test_light_and_dark_differ(open_page):
    grounds = {
        open_page(color_scheme=s)[0].evaluate("getComputedStyle(document.body).backgroundColor")
        for s in ("light", "dark")
    }
    assert len(grounds) == 2


def test_the_first_screen_holds_answer_and_notice(open_page):
    page, _ = open_page()
    for place in (".answer", "#notice-digests"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 800


def test_the_page_is_walked_with_the_keyboard(open_page):
    page, _ = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    page.keyboard.press("Enter")
    assert page.url.endswith("#answer")


def test_on_paper_there_is_no_navigation(open_page):
    page, _ = open_page()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("#matrix tr.below").first.is_visible()
