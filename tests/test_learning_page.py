"""The page of a model says what it learned and how good it would be, in one file that loads nothing."""

import re
from dataclasses import replace
from html import unescape

import pytest
from pages import Page

from coding.codebook import Code, Codebook
from coding.estimating import Estimate
from coding.held_out import Plan
from coding.learned import LeftOut, Recipe
from coding.learning import learning_report
from coding.learning_page import MOST, page
from coding.model import Case, Coded, CodedSegment, Corpus, Document, Reading
from coding.plots import svg
from coding.plots.learning import calibration, learning_curve
from coding.units import unitise

HOSTILE = "<script>document.title='broken'</script>"
BOOK = Codebook(
    "book", "1", (Code("role", f"Role {HOSTILE}", "r"), Code("act", "Act", "a"), Code("rare", "Rare", "x"))
)
CASES = {"norland": Case("norland", f"Norland {HOSTILE}"), "sudland": Case("sudland", "Sudland")}
WORDS = {"role": "stands as a partner", "act": "trained the police", "": "rained"}


def made_up(n=24):
    """Return texts, and what anna coded there: what its words say, but of each twelfth sentence the other."""
    documents, segments, readings, number = [], [], [], 0
    for i in range(n):
        kinds = [("role", "", "act", "")[(i + j) % 4] for j in range(6)]
        text = " ".join(
            f"The year {j} went by and it {WORDS[kind]} {HOSTILE} there." for j, kind in enumerate(kinds)
        )
        document = Document(f"d{i}", text, {"donor": list(CASES)[i % 2], "title": f"Text {HOSTILE}"})
        documents.append(document)
        readings.append(Reading("anna", document.whole))
        for kind, unit in zip(kinds, unitise(document, "sentence"), strict=True):
            number += 1
            given = kind if number % 12 else {"role": "", "": "role", "act": ""}[kind]
            if given:
                segments.append(CodedSegment(f"s{number}", unit, given, BOOK[given].meaning, "anna"))
    return Corpus(tuple(documents), CASES), Coded(tuple(segments), tuple(readings))


CORPUS, CODED = made_up()
PLAN = Plan(
    codes=("role", "act"), unit="sentence", counts="any", rollup=True, target="f1", seed=1, recipe=Recipe()
)


@pytest.fixture(scope="module")
def model():
    fitted = PLAN.fit(CODED, CORPUS, BOOK, name="first", weak=None, told=lambda _: None).model
    return replace(fitted, left_out=(LeftOut("rare", "fewer than 10 units bear it", 3),))


@pytest.fixture(scope="module")
def report():
    rules = Coded(CODED.segments[::2], tuple(Reading("rules", d.whole, kind="rules") for d in CORPUS))
    return learning_report(CODED, CORPUS, BOOK, PLAN, by="donor", rules=rules)


@pytest.fixture(scope="module")
def written(model, report):
    return page(model, report, CORPUS, BOOK, coders=["anna", "ben"])


def said(html):
    """Return the words of a page as a reader sees them."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html.partition("<main>")[2])).split()).replace(" .", ".")


def test_the_page_loads_nothing_and_runs_nothing(written):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', written)[1]
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"<(script|link|iframe|object)|\s(on\w+|style|srcset)=", written)
    assert all(
        source.startswith("data:image/svg+xml;base64,") for source in re.findall(r'src="([^"]+)"', written)
    )
    assert "&lt;script&gt;" in written


def test_two_pages_of_one_report_are_equal_byte_for_byte(model, report, written):
    assert page(model, report, CORPUS, BOOK, coders=["anna", "ben"]) == written


def test_it_says_what_was_learned_from_what(model, written):
    words = said(written)
    assert "The model learned 2 codes from 144 sentences that anna and ben judged." in words
    assert "It looks at words, pairs of words and runs of letters." in words
    assert "had not seen" in words
    assert model.training in words
    assert BOOK.digest in words
    assert f"scikit-learn {model.made_with['scikit-learn']}" in words
    assert "Not learned, since fewer than 10 units bear it: Rare (3)." in words


def test_what_rules_alone_taught_is_named_and_otherwise_never(model, report, written):
    assert "weak" not in said(written)
    words = said(page(replace(model, n_weak=1200), report, CORPUS, BOOK, coders=["anna"]))
    assert "1,200 more sentences, which nobody has judged" in words
    assert "No figure on this page stands on them." in words
    assert "Taught by anna; weakly, rules" in words


def test_every_figure_of_the_report_stands_with_its_interval(report, written):
    words = said(written)
    for one in report.codes.values():
        scored = [one.model, one.rules, *one.by_case.values()]
        figures = [each for every in scored for each in (every.precision, every.recall, every.f1)]
        figures = [each for each in figures if each not in (one.rules.precision, one.rules.recall)]
        figures += [one.average_precision, *(each.f1 for each in one.left_out.values())]
        for figure in figures:
            assert f"{figure.value:.2f} {figure.low:.2f} to {figure.high:.2f}" in words
        for group in one.calibration:
            assert (
                f"{group.low:g} to {group.high:g} {group.n} {group.probability:.2f} {group.share:.2f}"
                in words
            )


def test_a_figure_that_is_not_to_be_had_is_none_and_says_why(model, report):
    bare = replace(report.codes["act"].model, precision=Estimate(None, reason="it was found in no unit"))
    codes = dict(report.codes) | {"act": replace(report.codes["act"], model=bare)}
    words = said(page(model, replace(report, codes=codes), CORPUS, BOOK, coders=["anna"]))
    assert "None: Act, Precision: it was found in no unit." in words


def test_without_rules_nothing_is_said_of_them(model, report):
    codes = {code: replace(one, rules=None) for code, one in report.codes.items()}
    words = said(page(model, replace(report, codes=codes), CORPUS, BOOK, coders=["anna"]))
    assert "of the rules" not in words


def test_of_each_code_the_surest_errors_stand_in_context_and_all_are_counted(model, report, written):
    shown = [words for each in Page(written).all("article") if (words := " ".join(each["text"].split()))]
    wanted = 0
    for code in report.codes:
        for missed in (True, False):
            own = [one for one in report.mistakes if (one.code, one.missed) == (code, missed)]
            wanted += min(len(own), MOST)
            for one in own[:MOST]:
                quote = " ".join(CORPUS[one.segment.document].quote(one.segment).split())
                kind = "Missed" if missed else "Found alone"
                place = f"{one.segment.document} {one.segment.start}:{one.segment.end}"
                assert [
                    e
                    for e in shown
                    if place in e and quote in e and f"{kind}, probability {one.probability:.2f}" in e
                ]
    assert len(shown) == wanted > 0
    many = replace(report, mistakes=(*report.mistakes, *[report.mistakes[0]] * 30))
    longer = page(model, many, CORPUS, BOOK, coders=["anna"])
    n = sum(
        (one.code, one.missed) == (report.mistakes[0].code, report.mistakes[0].missed)
        for one in many.mistakes
    )
    assert f"{MOST} of {n}" in said(longer)


def test_where_nothing_went_wrong_it_says_so(model, report):
    assert "There is none." in said(page(model, replace(report, mistakes=()), CORPUS, BOOK, coders=["anna"]))


def test_the_figures_hold_a_dot_for_each_group_and_each_size(report):
    from matplotlib.lines import Line2D

    def dots(figure):
        return [line for line in figure.findobj(Line2D) if line.get_marker() != "None"]

    assert len(dots(calibration(report, {}))) == sum(len(one.calibration) for one in report.codes.values())
    assert len(dots(learning_curve(report))) == len(report.curve)
    assert svg(calibration(report, {})) == svg(calibration(report, {}))


def test_a_code_that_no_model_could_learn_has_words_in_place_of_its_panel(report):
    from matplotlib.text import Text

    codes = {code: replace(one, calibration=()) for code, one in report.codes.items()}
    drawn = calibration(replace(report, codes=codes), {})
    words = " ".join(text.get_text() for text in drawn.findobj(Text))
    assert words.count("No model could learn it") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_it_is_quiet_readable_and_never_wider_than_the_window(
    browser, written, tmp_path, scheme
):
    from axe_playwright_python.sync_playwright import Axe

    file = tmp_path / "first.html"
    file.write_text(written, encoding="utf-8")
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    opened = context.new_page()
    told = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.goto(file.as_uri())
    assert opened.title() == "The model “first” on texts that it has not seen"
    assert opened.evaluate("document.documentElement.scrollWidth") == 360
    opened.set_viewport_size({"width": 640, "height": 900})  # a sheet of A4 between its margins
    opened.emulate_media(media="print")
    assert opened.evaluate("document.documentElement.scrollWidth") == 640
    # An audit looks into the page by a script, which the page's own policy would forbid.
    audited = browser.new_context(bypass_csp=True, color_scheme=scheme).new_page()
    audited.goto(file.as_uri())
    found = Axe().run(audited).response["violations"]
    assert [(each["id"], [part["target"] for part in each["nodes"]]) for each in found] == []
    assert told == []
    audited.context.close()
    context.close()
