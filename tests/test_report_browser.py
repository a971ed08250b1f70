"""The report in a browser: quiet console, passages that open, no sideways scrolling, readable by day and night."""

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
        "heatmap": b'<svg xmlns="http://www.w3.org/2000/svg" width="500pt" height="20pt"><rect width="500" height="20"/></svg>'
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
    page.locator("#filtered", has_text="passages").wait_for()
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


def filtered(page, words):
    page.get_by_label("Show only passages that hold").fill("")
    page.locator("#filtered:empty").wait_for(state="attached")
    page.get_by_label("Show only passages that hold").fill(words)
    page.locator("#filtered", has_text="passages").wait_for()
    return page.locator("#passages .passage:visible")


def test_the_filter_leaves_only_passages_that_hold_the_words_themselves(open_page):
    page, _ = open_page()
    shown = filtered(page, "TEACHERS")
    own = shown.evaluate_all(
        "all => all.map(p => [...p.querySelector('blockquote').childNodes]"
        ".filter(n => n.className !== 'near').map(n => n.textContent).join(''))"
    )
    assert own
    assert all("teachers" in words.lower() for words in own)
    near = page.locator("#passages .near", has_text="It is a bridge")
    assert near.count()
    assert (
        filtered(page, "It is a bridge").count()
        == page.locator("#passages .passage", has=page.locator("mark", has_text="bridge")).count()
    )


def test_the_filter_marks_the_words_and_says_how_many_of_how_many(open_page):
    page, _ = open_page()
    shown = filtered(page, "police  officers")
    assert [page.evaluate("[...CSS.highlights.get('sought')].map(String)")] == [
        ["police officers"] * shown.count()
    ]
    cell = page.locator(".of-cell", has=page.locator("#cell-norland-behaviour"))
    assert cell.locator("summary").inner_text() == "Behaviour, Norland 1 of 3 passages"
    assert cell.locator("h4").inner_text().split() == ["Security", "1", "of", "3", "passages"]
    every = page.locator("#passages .passage").count()
    assert page.locator("#filtered").inner_text().startswith(f"{shown.count()} of {every} passages")
    page.get_by_label("Show only passages that hold").fill("")
    page.locator("#filtered:empty").wait_for(state="attached")
    assert (
        cell.locator("summary").inner_text().startswith("Behaviour, Norland 3 coded segments in 3 sentences")
    )
    assert page.locator("#passages details[open]").count() == 0
    assert page.evaluate("CSS.highlights.get('sought').size") == 0


def test_what_is_sought_is_taken_as_it_is_written(open_page):
    page, said = open_page()
    assert filtered(page, "<script>document.title").count() == 0
    assert filtered(page, "trains (.*").count() == 0
    assert said == []


def test_a_link_to_a_passage_that_the_filter_hides_shows_all_again(open_page):
    page, _ = open_page()
    filtered(page, "bridge")
    page.locator("#matrix a[href='#cell-sudland-behaviour']").click()
    page.locator("#cell-sudland-behaviour .passage").first.wait_for(state="visible")
    assert page.get_by_label("Show only passages that hold").input_value() == ""


@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_number_leads_to_a_heading_that_stands_in_view(open_page, width, scripted):
    page, _ = open_page(width=width, java_script_enabled=scripted)
    page.locator("#matrix a[href='#cell-norland-behaviour']").click()
    page.locator("#cell-norland-behaviour .passage").first.wait_for(state="visible")
    bar = page.locator("nav").bounding_box()
    below = bar["y"] + bar["height"] if width < 1280 else 0
    for place in (
        page.locator("#passages h3", has_text="Behaviour"),
        page.locator("summary", has_text="Behaviour, Norland"),
    ):
        box = place.bounding_box()
        assert below <= box["y"] <= 400


@pytest.mark.parametrize("scripted", [True, False])
def test_a_number_of_a_composition_opens_its_passages(open_page, scripted):
    page, _ = open_page(width=360, java_script_enabled=scripted)
    page.locator("#composition a[href='#part-sudland-behaviour-mixed']").click()
    part = page.locator(".of-part", has=page.locator("[id='part-sudland-behaviour-mixed']"))
    part.locator(".passage").first.wait_for(state="visible")
    assert part.locator(".passage").count() == 1
    assert part.locator(".speaks").first.inner_text() == "teachers"
    bar = page.locator("nav").bounding_box()
    assert bar["y"] + bar["height"] <= part.locator("h4").bounding_box()["y"] <= 200


@pytest.mark.parametrize("name", ["compositions", "overview", "documents", "decisions"])
def test_on_a_telephone_tables_fit_and_every_value_is_named(open_page, name):
    page, _ = open_page(width=360)
    table = page.locator(f"table.{name}").first
    assert table.evaluate("t => t.parentElement.scrollWidth <= t.parentElement.clientWidth")
    assert page.get_by_role("table", name=table.locator("caption").inner_text(), exact=True).count()
    for label in table.locator("td:visible .label").all():
        box = label.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 360


def test_on_a_telephone_a_bar_has_its_name_above_and_its_numbers_below(open_page):
    page, _ = open_page(width=360)
    row = page.locator(".compositions tr", has_text="Norland").filter(has_text="Behaviour").first
    name, bar = row.locator(".case").bounding_box(), row.locator("svg.stack").bounding_box()
    numbers = [n.bounding_box() for n in row.locator("td.number:not(.base-of)").all()]
    assert name["y"] + name["height"] <= bar["y"] + 1
    assert bar["x"] + bar["width"] <= 360
    assert len(numbers) == 4
    assert all(n["y"] >= bar["y"] + bar["height"] - 1 for n in numbers)


@pytest.mark.parametrize("width", WIDTHS)
def test_only_what_scrolls_is_a_stop_for_the_keyboard_and_its_edge_is_shaded(open_page, width):
    page, _ = open_page(width=width)
    page.evaluate("document.querySelector('.wide table').style.minWidth = '90rem'")
    page.locator(".wide:not([tabindex])").first.wait_for()
    page.locator("#matrix .wide[tabindex='0']").wait_for()
    frames = page.locator(".wide, .sheet").evaluate_all(
        "all => all.map(f => [f.scrollWidth > f.clientWidth, f.tabIndex === 0, f.hasAttribute('aria-describedby'),"
        " getComputedStyle(f).backgroundAttachment.includes('local')])"
    )
    assert frames[0][0]
    assert all(scrolls == stop == described for scrolls, stop, described, _ in frames)
    assert all(shaded for *_, shaded in frames)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_figure_opens_at_full_size(open_page, scripted):
    page, _ = open_page(width=360, java_script_enabled=scripted)
    picture = page.locator("#figures img")
    assert picture.bounding_box()["width"] <= 360
    page.locator("#figures summary", has_text="Full size").click()
    page.locator("#figures details[open]").wait_for()
    assert picture.bounding_box()["width"] == 1000
    assert page.locator("#figures").get_by_text("scroll it sideways").is_visible()


def test_a_figure_at_full_size_offers_no_more(open_page):
    page, _ = open_page(width=1440)
    page.locator("#figures .enlarge").wait_for(state="hidden")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(open_page, width):
    page, _ = open_page(width=width)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_matrix_of_many_donors_scrolls_in_its_own_frame(browser, sandbox, tmp_path):
    names = {f"{letter.lower()}land": letter for letter in "ABCDEF"}
    for name, letter in names.items():
        case = (sandbox.root / "corpus/sudland/case.yaml").read_text(encoding="utf-8")
        case = case.replace("sudland", name).replace("Sudland", name.title()).replace("SUD", f"LA{letter}")
        sandbox.write(f"corpus/{name}/case.yaml", case)
        for text in "abc":
            sandbox.write(f"corpus/{name}/{text}.txt", f"{name.title()} builds a bridge.\n")
    sandbox.change("studies/study.yaml", "[norland, sudland]", f"[norland, sudland, {', '.join(names)}]")
    path = tmp_path / "report.html"
    path.write_text(render(run(coding.Project.open(sandbox.root)), {}), encoding="utf-8", newline="\n")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(path.as_uri())
    frame = page.locator("#matrix .wide")
    assert frame.evaluate("frame => frame.scrollWidth > frame.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


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
