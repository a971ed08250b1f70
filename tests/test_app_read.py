"""Read and code, in a browser: with the mouse, by keys alone, several codes, blind, and when the server goes away."""

import random
import re
from itertools import pairwise

import pytest
from app import App, batch, code, read
from hypothesis import example, given
from hypothesis import strategies as st
from lists import assign, entering, faults

from coding.batch import act, new_id
from coding.model import CodedSegment, Coder
from coding.project import Project
from coding.units import paragraph_spans
from coding.web.pages.read import BLOCK, LONGEST, blocks, pieces

A, B = "norland/a", "norland/b"
TEXT = "Norland trains police. It is a bridge.\n\nIt trains teachers, too. Then it rests by the sea.\n"
HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'&amp;"
WORLD = (
    "Norland trains 👩🏽‍✈️👩🏽‍✈️ police officers. 🇳🇴 It is a bridge.\n\n"
    "Cafe\u0301 owners saw e\u0323\u0302 many times 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 words.\n\n"
    "日本は国際社会の責任ある一員です。能力構築を支援します。\n\n"
    "노를란드는 경찰을 훈련합니다. 다리입니다.\n"
)
# Where words stand on the screen: the first and the last of their boxes, from the first hit behind `nth` others.
BOXES = """
([words, nth]) => {
  for (const p of document.querySelectorAll("#text p")) {
    for (let at = p.firstChild.data.indexOf(words); at >= 0; at = p.firstChild.data.indexOf(words, at + 1)) {
      if (nth-- > 0) continue;
      const range = document.createRange();
      range.setStart(p.firstChild, at);
      range.setEnd(p.firstChild, at + words.length);
      const boxes = [...range.getClientRects()].filter((box) => box.width);
      const [one, other] = [boxes[0], boxes.at(-1)];
      return [one.left + 1, one.top + one.height / 2, other.right - 1, other.top + other.height / 2];
    }
  }
}
"""
# What the API says of a code, besides its id and name.
KNOWN = {"path": "", "family": "", "depth": 1, "include": "", "exclude": "", "examples": [], "retired": False}
AT = "() => Number(document.getElementById('portrait').ariaValueNow)"
# What stands at the top, and how far up, as soon as nothing scrolls any more.
SETTLED = """
async () => {
  const frames = async () => { for (let i = 0; i < 4; i++) await new Promise((then) => requestAnimationFrame(then)); };
  for (let before = -1; before !== scrollY;) { before = scrollY; await frames(); }
  const top = document.elementFromPoint(600, 200).closest("p");
  return [Number(top.dataset.start), Math.round(top.getBoundingClientRect().top)];
}
"""
PAINTED = """
() => Object.fromEntries([...CSS.highlights].filter(([, ranges]) => ranges.size)
  .map(([name, ranges]) => [name, [...ranges].map(String).sort()]))
"""


@pytest.fixture
def texts(sandbox):
    sandbox.write("corpus/norland/a.txt", TEXT)
    return sandbox


@pytest.fixture
def app(texts):
    with App(texts.root, "anna", "ben") as running:
        yield running


@pytest.fixture
def opened(browser):
    """Opens documents in windows of their own, keeps what the console says, and closes them."""
    pages = []

    def opening(app, document=A, coder="anna", **settings):
        token = app.server.app.state.sessions.token(coder)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **settings})
        page = context.new_page()
        pages.append(page)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(f"{app.address}/enter?token={token}")
        return go(page, app, document)

    yield opening
    for page in pages:
        page.context.close()


def expect(locator):
    from playwright.sync_api import expect as expecting  # there is none where the browser tests are skipped

    return expecting(locator)


def go(page, app, document=A, anchor=""):
    page.goto("about:blank")
    page.goto(f"{app.address}/read/{document}{anchor}")
    page.locator("html[data-ready=yes]").wait_for(state="attached")
    return page


def select(page, words, *, nth=0, alt=False):
    """Select words with the mouse, from the middle of their first letter to that of their last."""
    x, y, to_x, to_y = page.evaluate(BOXES, [words, nth])
    if alt:
        page.keyboard.down("Alt")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=3)
    page.mouse.up()
    if alt:
        page.keyboard.up("Alt")
    expect(page.locator("#strip")).to_be_visible()


def give(page, name):
    """Give a code by typing its name."""
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def saved(page, counts=None):
    """Wait until nothing is left to be sent."""
    expect(page.locator("#counts")).to_have_text(
        re.compile(f"{re.escape(counts) if counts else ''}.*saved"), timeout=15_000
    )


def painted(page):
    """Return the words under each paint of codes."""
    return {name: words for name, words in page.evaluate(PAINTED).items() if name[:3] in ("own", "oth")}


def selected(page):
    return page.evaluate(PAINTED).get("selected")


def kept(app, document=A, coder="anna"):
    """Return what the store holds of one coder in a document: code and words, in the order of the text."""
    opened = Project.open(app.root)
    text = opened.corpus[document].text
    found = sorted(
        (s.segment.start, s.segment.end, s.code, s.quote)
        for s in opened.coded.by(coder).where(document=document).segments
    )
    assert all(text[start:end] == quote for start, end, _, quote in found)
    return [(code, quote) for _, _, code, quote in found]


def memos(app):
    return sorted((memo.about, memo.text) for memo in Project.open(app.root).memos)


# -- the text on the page


@given(st.text(st.sampled_from("a.。 \n\t\u3000e\u0301👩\u200d")))
@example("a" * (3 * LONGEST))
@example("a. " * LONGEST)
@example(f"{'a' * 100}\n" * 200)
@example("e\u0301" * LONGEST)
def test_pieces_and_the_gaps_between_them_are_the_text(text):
    cut = pieces(text)
    assert "".join(piece.gap + piece.text for piece in cut) == text.rstrip() or not text.strip()
    assert all(text[piece.start :].startswith(piece.text) for piece in cut)
    assert all(len(piece.text) <= LONGEST for piece in cut)
    assert all(piece.text == piece.text.strip() for piece in cut)
    goes_on = [False, *(piece.is_part for piece in cut)]
    begun = [piece.start for piece, inside in zip(cut, goes_on, strict=False) if not inside]
    assert begun == [start for start, _ in paragraph_spans(text)]


@given(st.lists(st.integers(1, 9000), max_size=30))
def test_blocks_hold_every_piece_and_are_of_about_one_length(lengths):
    text = "\n\n".join("a" * length for length in lengths)
    found = blocks(text)
    assert [piece for block in found for piece in block.pieces] == list(pieces(text))
    sizes = [sum(len(piece.text) for piece in block.pieces) for block in found]
    assert all(size <= BLOCK or len(block.pieces) == 1 for size, block in zip(sizes, found, strict=True))
    assert all(one + other > BLOCK for one, other in pairwise(sizes))


def test_a_long_paragraph_is_cut_where_a_line_else_a_sentence_else_a_word_ends():
    line = "It trains the police of the neighbouring countries"
    assert {len(piece.text) % 51 for piece in pieces(f"{line}\n" * 300)} == {50}
    assert all(piece.text.endswith("sea.") for piece in pieces("Then it rests by the sea. " * 300))
    assert all(piece.text.endswith("sea。") for piece in pieces("Then it rests by the sea。" * 300))
    assert {word for piece in pieces("police " * 1000) for word in piece.text.split()} == {"police"}


def test_no_character_is_cut_in_two():
    accented = [piece.text for piece in pieces("e\u0323\u0302" * 5000)]
    assert len(accented) > 1
    assert all(text.startswith("e") for text in accented)
    pilots = [piece.text for piece in pieces("👩\u200d✈\ufe0f" * 3000)]
    assert all(text.startswith("👩") and text.endswith("\ufe0f") for text in pilots)


def test_offsets_are_those_of_python_whatever_the_script(app, opened):
    draw = random.Random(3)
    texts = ["".join(draw.choices("aé日👩🏽\u200d\u0301𝔘\n", k=draw.randint(0, 40))) for _ in range(200)]
    found = opened(app).evaluate(
        """async (texts) => {
          const { toPoints, toUnits } = await import("/static/read/offsets.js");
          return texts.map((text) => [...Array([...text].length + 1).keys()].map((points) =>
            [toUnits(text, points), toPoints(text, toUnits(text, points))]));
        }""",
        texts,
    )
    for text, places in zip(texts, found, strict=True):
        units = [len(text[:points].encode("utf-16-le")) // 2 for points in range(len(text) + 1)]
        assert places == [[at, points] for points, at in enumerate(units)]


def test_the_page_knows_the_words_of_every_span_with_the_white_space_around_them(texts, opened):
    odd = "\n\n  Café 👩🏽‍✈️ one.\n\n\n\n\tTwo 日本。 \n \n𝔘\n\n"
    texts.write("corpus/norland/a.txt", odd.encode())
    with App(texts.root) as app:
        found = opened(app).evaluate(
            """async (length) => {
              const { Text } = await import("/static/read/offsets.js");
              const text = new Text(document.getElementById("text"));
              const found = [];
              for (let a = 0; a < length; a++) for (let b = a + 1; b <= length; b++) found.push(text.words(a, b));
              return found;
            }""",
            len(odd),
        )
    assert found == [odd[a:b] for a in range(len(odd)) for b in range(a + 1, len(odd) + 1)]


# -- coding


def test_words_selected_with_the_mouse_are_coded_from_the_palette_and_kept(app, opened):
    page = opened(app)
    select(page, "is a bridge")
    give(page, "bridge")
    expect(page.locator("#said")).to_have_text("Coded as Bridge: “is a bridge”")
    saved(page, "1 segment ")
    assert painted(page) == {"own-0-0": ["is a bridge"]}
    expect(page.get_by_role("button", name="Bridge: “is a bridge”")).to_be_visible()
    assert kept(app) == [("role.bridge", "is a bridge")]
    go(page, app)
    assert painted(page) == {"own-0-0": ["is a bridge"]}
    assert page.said == []


def test_a_code_is_given_by_clicking_it(app, opened):
    page = opened(app)
    select(page, "teachers")
    page.get_by_role("treeitem", name="Training").click()
    saved(page)
    assert kept(app) == [("behaviour.training", "teachers")]


def test_whole_words_are_taken_unless_alt_is_held(app, opened):
    page = opened(app)
    select(page, "rain", nth=0)
    assert selected(page) == ["trains"]
    select(page, "rain", nth=0, alt=True)
    assert selected(page) == ["rain"]
    give(page, "training")
    saved(page)
    assert kept(app) == [("behaviour.training", "rain")]


def test_without_a_mouse_sentences_and_words_are_selected_coded_and_said(app, opened):
    page = opened(app)
    press(page, "ArrowDown", "ArrowDown")
    expect(page.locator("#said")).to_have_text("It is a bridge.")
    give(page, "bridge")
    saved(page, "1 segment ")
    press(page, "ArrowDown", "Shift+ArrowDown")
    assert selected(page) == ["It trains teachers, too. Then it rests by the sea."]
    press(page, "Shift+ArrowUp", "[", "ArrowRight", "Shift+ArrowRight")
    assert selected(page) == ["trains teachers"]
    give(page, "train")
    press(page, "ArrowUp", "1")
    saved(page, "3 segments")
    assert kept(app) == [
        ("role.bridge", "It is a bridge."),
        ("role.bridge", "It trains teachers, too."),
        ("behaviour.training", "trains teachers"),
    ]


def test_a_selection_grows_to_word_sentence_and_paragraph_and_shrinks_back(app, opened):
    page = opened(app)
    x, y, *_ = page.evaluate(BOXES, ["police", 0])
    page.mouse.click(x + 5, y)
    sizes = ["police", "Norland trains police.", "Norland trains police. It is a bridge."]
    for words in sizes:
        page.keyboard.press("]")
        expect(page.locator("#said")).to_have_text(words)
    for words in sizes[-2::-1]:
        page.keyboard.press("[")
        expect(page.locator("#said")).to_have_text(words)
        assert selected(page) == [words]


def test_several_codes_lie_on_one_span_and_on_spans_that_overlap(app, opened):
    page = opened(app)
    select(page, "It is a bridge")
    give(page, "bridge")
    press(page, "Escape", "Escape")
    select(page, "a bridge")
    give(page, "training")
    give(page, "security")
    saved(page, "3 segments")
    assert painted(page) == {
        "own-0-0": ["It is a bridge"],
        "own-1-1": ["a bridge"],
        "own-2-2": ["a bridge"],
    }
    boxes = [stripe.bounding_box() for stripe in page.locator("#margin .stripe").all()]
    assert len({box["x"] for box in boxes}) == 3
    assert kept(app) == [
        ("role.bridge", "It is a bridge"),
        ("behaviour.training", "a bridge"),
        ("orientation.security", "a bridge"),
    ]


def test_the_same_code_is_not_given_twice_to_the_same_words(app, opened):
    page = opened(app)
    select(page, "teachers")
    give(page, "training")
    give(page, "training")
    expect(page.locator("#said")).to_have_text("Already coded as Training.")
    saved(page, "1 segment ")
    assert kept(app) == [("behaviour.training", "teachers")]


def test_the_words_kept_are_those_selected_whatever_the_script(texts, opened):
    words = [
        "👩🏽‍✈️👩🏽‍✈️ police",
        "bridge",
        "Cafe\u0301",
        "e\u0323\u0302 many",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 words",
        "国際社会",
        "能力構築を支援",
        "훈련합니다. 다리",
    ]
    texts.write("corpus/norland/a.txt", WORLD)
    with App(texts.root) as app:
        page = opened(app)
        chosen = []
        for each in words:
            select(page, each)
            chosen += selected(page)
            give(page, "bridge")
            page.keyboard.press("Escape")
        assert all(each in taken for each, taken in zip(words, chosen, strict=True))
        saved(page, "8 segments")
        assert kept(app) == [("role.bridge", each) for each in chosen]
        go(page, app)
        assert painted(page) == {"own-0-0": sorted(chosen)}


def test_japanese_sentences_and_words_are_walked_by_keys(texts, opened):
    texts.write("corpus/norland/a.txt", WORLD)
    with App(texts.root) as app:
        page = opened(app)
        x, y, *_ = page.evaluate(BOXES, ["日本は", 0])
        page.mouse.click(x + 2, y)
        press(page, "ArrowDown")
        expect(page.locator("#said")).to_have_text("日本は国際社会の責任ある一員です。")
        press(page, "ArrowDown")
        give(page, "bridge")
        press(page, "[")
        expect(page.locator("#said")).to_have_text("能力")
        give(page, "training")
        saved(page, "2 segments")
        assert kept(app) == [("behaviour.training", "能力"), ("role.bridge", "能力構築を支援します。")]


def test_a_press_in_the_text_hides_the_strip_and_selects_afresh(texts, opened):
    texts.write("corpus/norland/a.txt", "\n\n".join(f"Line {i} of the bridge." for i in range(30)) + "\n")
    with App(texts.root) as app:
        page = opened(app)
        select(page, "Line 3 of")
        strip = page.locator("#strip")
        box = strip.bounding_box()
        x, y, *_ = page.evaluate(BOXES, ["Line 2 of", 0])
        page.mouse.move(x, y)
        page.mouse.down()
        expect(strip).to_be_hidden()
        assert selected(page) is None
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=5)
        page.mouse.up()
        expect(strip).to_be_visible()
        (words,) = selected(page)
        assert words.startswith("Line 2 of the bridge.")
        assert "Line 7" not in words


@pytest.mark.parametrize("to", ["margin", "state", "codes", "head"])
def test_a_selection_that_ends_outside_the_text_ends_near_the_pointer(texts, opened, to):
    texts.write("corpus/norland/a.txt", "\n\n".join(f"Line {i:02} of the bridge." for i in range(60)) + "\n")
    with App(texts.root) as app:
        page = opened(app)
        x, y, to_x, to_y = page.evaluate(BOXES, ["Line 05 of the", 0])
        ends = {"margin": (1240, to_y), "codes": (30, y), "state": (to_x, 790), "head": (to_x, 80)}
        page.mouse.move(*((to_x, to_y) if to in ("codes", "head") else (x, y)))
        page.mouse.down()
        page.mouse.move(*ends[to], steps=12)
        page.mouse.up()
        (words,) = selected(page)
        assert "Line 05 of the" in words
        assert len(words) < {"margin": 24, "codes": 24}.get(to, 700)


# -- changing what was coded


def test_undo_takes_it_back_redo_brings_it_again_and_a_reload_changes_nothing(app, opened):
    page = opened(app)
    select(page, "teachers")
    give(page, "training")
    select(page, "bridge")
    give(page, "bridge")
    saved(page, "2 segments")
    press(page, "u")
    saved(page, "1 segment ")
    assert kept(app) == [("behaviour.training", "teachers")]
    go(page, app)
    assert painted(page) == {"own-1-0": ["teachers"]}
    page.get_by_role("button", name="Redo").click()
    saved(page, "2 segments")
    press(page, "Control+z", "Control+z")
    saved(page, "0 segments")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert painted(page) == {}
    press(page, "Control+Shift+z")
    saved(page, "1 segment ")
    assert kept(app) == [("behaviour.training", "teachers")]


def test_a_segment_is_walked_to_opened_and_taken_back_by_keys(app, opened):
    client = app.client()
    code(client, A, "bridge", "role.bridge")
    code(client, A, "teachers", "behaviour.training")
    page = opened(app)
    press(page, "n", "n")
    expect(page.locator("#said")).to_have_text("2 of 2: Training, yours: “teachers”")
    press(page, "n")
    expect(page.locator("#said")).to_have_text("That was the last segment.")
    press(page, "p", "Delete")
    saved(page, "1 segment ")
    assert kept(app) == [("behaviour.training", "teachers")]
    press(page, "u")
    saved(page, "2 segments")


def test_coded_words_open_their_segments_the_innermost_first(app, opened):
    client = app.client()
    code(client, A, "It is a bridge.", "role.bridge")
    code(client, A, "bridge", "orientation.security")
    page = opened(app)
    x, y, *_ = page.evaluate(BOXES, ["bridge", 0])
    for name in ("Security", "Bridge", "Security"):
        page.mouse.click(x + 5, y)
        expect(page.locator("#margin .chosen .what")).to_have_text(name)
    x, y, *_ = page.evaluate(BOXES, ["teachers", 0])
    page.mouse.click(x + 5, y)
    expect(page.locator("#margin .chosen")).to_have_count(0)


def test_a_code_lights_up_its_words_and_words_their_codes(app, opened):
    client = app.client()
    code(client, A, "It is a bridge.", "role.bridge")
    code(client, A, "bridge", "orientation.security")
    page = opened(app)
    page.get_by_role("button", name="Security").hover()
    expect(page.locator("#margin .lit .what")).to_have_text("Security")
    assert page.evaluate(PAINTED)["lit"] == ["bridge"]
    x, y, *_ = page.evaluate(BOXES, ["bridge", 0])
    page.mouse.move(x + 5, y)
    expect(page.locator("#margin .lit .what")).to_have_text(["Bridge", "Security"])
    assert "lit" not in page.evaluate(PAINTED)
    x, y, *_ = page.evaluate(BOXES, ["teachers", 0])
    page.mouse.move(x + 5, y)
    expect(page.locator("#margin .lit")).to_have_count(0)
    page.get_by_role("button", name="Bridge:").focus()
    assert page.evaluate(PAINTED)["lit"] == ["It is a bridge."]


def test_a_span_is_adjusted_and_keeps_its_code_and_memo(app, opened):
    client = app.client()
    ids = code(client, A, "teachers, too", "behaviour.training", memo="They, too.")
    page = opened(app)
    press(page, "n", "e", "Shift+ArrowLeft", "Alt+Shift+ArrowLeft", "Enter")
    expect(page.locator("#said")).to_have_text("Adjusted: “trains teachers”")
    saved(page, "1 segment · 1 memo")
    assert kept(app) == [("behaviour.training", "trains teachers")]
    assert ids[0] not in {segment.id for segment in Project.open(app.root).coded.segments}
    expect(page.locator("#margin .chosen .memo")).to_contain_text("They, too.")
    page.keyboard.press("e")
    select(page, "rests by the sea")
    page.get_by_role("button", name="Keep").click()
    saved(page, "1 segment · 1 memo")
    assert kept(app) == [("behaviour.training", "rests by the sea")]
    assert memos(app) == [("segment", "They, too.")]
    page.keyboard.press("u")
    saved(page)
    assert kept(app) == [("behaviour.training", "trains teachers")]


def test_adjusting_is_left_without_a_trace(app, opened):
    code(app.client(), A, "teachers", "behaviour.training")
    page = opened(app)
    press(page, "n", "e", "Shift+ArrowRight", "Escape")
    expect(page.locator("#strip")).to_be_hidden()
    expect(page.locator("#margin .chosen .what")).to_have_text("Training")
    assert painted(page) == {"own-1-0": ["teachers"]}
    assert kept(app) == [("behaviour.training", "teachers")]


def test_a_segment_gets_another_code_instead(app, opened):
    code(app.client(), A, "teachers", "behaviour.training", memo="Hm.")
    page = opened(app)
    press(page, "n", "c")
    page.keyboard.type("develop")
    page.keyboard.press("Enter")
    saved(page, "1 segment · 1 memo")
    assert kept(app) == [("orientation.development", "teachers")]
    assert memos(app) == [("segment", "Hm.")]


def test_memos_are_written_on_segment_document_and_code_rewritten_and_taken_back(app, opened):
    page = opened(app)
    page.keyboard.press("m")
    page.get_by_label("Memo on this document").fill("A short one.")
    page.get_by_role("button", name="Keep memo").click()
    select(page, "teachers")
    give(page, "training")
    page.keyboard.press("m")
    page.get_by_label("Memo on this segment").fill("Who trains whom?")
    page.keyboard.press("Control+Enter")
    press(page, "d")
    page.get_by_role("button", name="Memo on this code").click()
    page.get_by_label("Memo on Training").fill("Wide.")
    page.keyboard.press("Control+Enter")
    saved(page, "1 segment · 2 memos")
    assert memos(app) == [("code", "Wide."), ("document", "A short one."), ("segment", "Who trains whom?")]
    go(page, app)
    expect(page.locator("#document-memos")).to_contain_text("A short one.")
    expect(page.locator("#margin .excerpt")).to_have_text("Who trains whom?")
    page.get_by_role("button", name="Edit the memo on this document").click()
    page.get_by_label("Memo on this document").fill("")
    page.get_by_role("button", name="Keep memo").click()
    press(page, "n", "m")
    page.get_by_label("Memo on this segment").fill("Norland trains them.")
    page.keyboard.press("Control+Enter")
    saved(page, "1 segment · 1 memo")
    assert memos(app) == [("code", "Wide."), ("segment", "Norland trains them.")]


def test_what_is_typed_into_a_memo_outlives_a_reload(app, opened):
    page = opened(app)
    page.keyboard.press("m")
    page.get_by_label("Memo on this document").fill("Half a thou")
    go(page, app)
    expect(page.get_by_label("Memo on this document")).to_have_value("Half a thou")
    page.get_by_role("button", name="Clear the draft").click()
    assert memos(app) == []


def test_what_is_typed_after_m_goes_into_the_memo_and_is_no_command(app, opened):
    code(app.client(), A, "bridge", "role.bridge")
    page = opened(app)
    press(page, "m")
    page.keyboard.type("unpced1")
    area = page.get_by_label("Memo on this document")
    expect(area).to_have_value("unpced1")
    expect(area).to_be_in_viewport()
    page.keyboard.press("Control+Enter")
    press(page, "n", "m")
    page.keyboard.type("uc1")
    expect(page.get_by_label("Memo on this segment")).to_have_value("uc1")
    page.keyboard.press("Control+Enter")
    saved(page, "1 segment · 2 memos")
    assert kept(app) == [("role.bridge", "bridge")]


def test_the_memo_on_the_document_is_written_from_a_button_and_one_comes_back_to_where_one_read(
    texts, opened
):
    texts.write("corpus/norland/a.txt", "\n\n".join(["It trains teachers by the sea. " * 20] * 80) + "\n")
    with App(texts.root) as app:
        page = opened(app)
        portrait = page.get_by_role("slider", name="Portrait of the document")
        portrait.press("End")
        page.wait_for_function(f"() => ({AT})() > 80")
        left = page.evaluate(SETTLED)
        page.get_by_role("button", name="Memo on the document").click()
        page.keyboard.type("Long.")
        area = page.get_by_label("Memo on this document")
        expect(area).to_have_value("Long.")
        expect(area).to_be_in_viewport(ratio=0.99)
        head = page.locator(".head").bounding_box()
        assert area.bounding_box()["y"] > head["y"] + head["height"]
        page.keyboard.press("Control+Enter")
        page.wait_for_function(f"() => ({AT})() > 80")
        assert page.evaluate(SETTLED) == left
        assert memos(app) == [("document", "Long.")]


def test_escape_keeps_what_was_written_as_a_draft_until_it_is_cleared(app, opened):
    page = opened(app)
    press(page, "m")
    page.keyboard.type("Half a thou")
    press(page, "Escape")
    area = page.get_by_role("textbox", name="Memo on this document")
    expect(area).to_have_count(0)
    expect(page.get_by_role("button", name="Go on writing")).to_be_visible()
    go(page, app)
    expect(area).to_have_value("Half a thou")
    expect(page.locator("#document-memos")).to_contain_text("A draft, not kept yet.")
    page.get_by_role("button", name="Clear the draft").click()
    expect(area).to_have_count(0)
    go(page, app)
    expect(area).to_have_count(0)
    press(page, "m")
    expect(area).to_have_value("")
    page.keyboard.type("Whole.")
    page.keyboard.press("Control+Enter")
    saved(page, "0 segments · 1 memo")
    go(page, app)
    expect(area).to_have_count(0)
    assert memos(app) == [("document", "Whole.")]


def test_a_draft_goes_with_a_segment_that_is_recoded(app, opened):
    code(app.client(), A, "bridge", "role.bridge")
    page = opened(app)
    press(page, "n", "m")
    page.keyboard.type("Half")
    press(page, "Escape", "c")
    page.keyboard.type("training")
    press(page, "Enter")
    expect(page.get_by_role("textbox", name="Memo on this segment")).to_have_value("Half")
    saved(page, "1 segment ")
    assert kept(app) == [("behaviour.training", "bridge")]


def test_the_definition_of_a_code_is_at_hand(texts, opened):
    texts.change(
        "codebooks/book.yaml",
        "definition: It joins two sides.",
        "definition: It joins two sides.\n        include: Ferries.\n        exclude: Roads.\n        examples: [A bridge it is.]",
    )
    with App(texts.root) as app:
        page = opened(app)
        give(page, "bridge")
        hand = page.get_by_role("region", name="Definition")
        for words in ("It joins two sides.", "Ferries.", "Roads.", "“A bridge it is.”"):
            expect(hand).to_contain_text(words)
        page.keyboard.press("d")
        expect(hand).to_be_hidden()
        assert kept(app) == []


def test_the_code_that_is_called_so_comes_first_then_names_and_words_that_begin_so(texts, opened):
    names = ("Joint police training", "Retraining", "Training abroad", "Train")
    more = "".join(f"\n  - {{id: more{i}, name: {name}, definition: d.}}" for i, name in enumerate(names))
    texts.change("codebooks/book.yaml", "codes:\n  - id: role\n", f"codes:{more}\n  - id: role\n")
    with App(texts.root) as app:
        page = opened(app)
        select(page, "teachers")
        press(page, "/")
        page.keyboard.type("TRAIN")
        found = page.locator("#tree li:visible .name")
        order = ["Train", "Training abroad", "Training", "Joint police training", "Retraining"]
        expect(found).to_have_text(order)
        expect(page.locator("#tree .active .name")).to_have_text("Train")
        content = "getComputedStyle(document.querySelector('#tree .active'), '::after').content"
        assert "Enter" in page.evaluate(content)
        page.keyboard.type("ing")
        expect(found).to_have_text(["Training", "Training abroad", "Joint police training", "Retraining"])
        press(page, "ArrowDown", "ArrowUp", "Enter")
        saved(page, "1 segment ")
        assert kept(app) == [("behaviour.training", "teachers")]
        expect(found.first).to_have_text("Joint police training")


def test_a_new_code_is_made_in_another_tab_and_is_there_when_one_comes_back(texts, opened):
    with App(texts.root) as app:
        page = opened(app)
        select(page, "teachers")
        link = page.get_by_role("link", name="New code")
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener")
        expect(link).to_have_attribute("href", f"/codebook?from=/read/{A}#add")
        made = {"id": "role.model", "name": "Model", "definition": "It is copied.", "parent": "role"}
        page.route(
            "**/api/codes", lambda route: route.fulfill(json=[*route.fetch().json(), {**KNOWN, **made}])
        )
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.get_by_role("treeitem", name="Model")).to_have_class(re.compile("code-0 deep-1"))
        names = page.locator("#tree .name").all_inner_texts()
        assert names.index("Model") == names.index("Bridge") + 1
        assert selected(page) == ["teachers"]
        press(page, "/")
        page.keyboard.type("model")
        expect(page.get_by_role("region", name="Definition")).to_contain_text("It is copied.")
        assert page.said == []


def test_a_number_once_given_stays_until_it_is_given_away(texts, opened):
    more = "".join(f"\n  - {{id: more{i}, name: More {i}, definition: d.}}" for i in range(10))
    texts.change("codebooks/book.yaml", "codes:\n  - id: role\n", f"codes:{more}\n  - id: role\n")
    with App(texts.root) as app:
        page = opened(app)
        select(page, "teachers")
        for i in range(10):
            give(page, f"More {i}")
        numbers = page.locator("#tree .key:not(:empty)")
        expect(numbers).to_have_text([str(i) for i in range(1, 10)])
        expect(page.get_by_role("treeitem", name="More 9").locator(".key")).to_have_text("")
        strip = page.locator("#strip")
        assert strip.bounding_box()["height"] < 80
        expect(strip.get_by_role("button", name="More 3")).to_have_attribute("title", "4: More 3")
        press(page, "Alt+3")
        expect(page.locator("#said")).to_have_text("More 9 has the number 3 now.")
        expect(page.get_by_role("treeitem", name="More 2").locator(".key")).to_have_text("")
        press(page, "Alt+3", "Alt+5")
        expect(page.get_by_role("treeitem", name="More 9").locator(".key")).to_have_text("5")
        select(page, "bridge")
        give(page, "More 4")
        expect(page.get_by_role("treeitem", name="More 4").locator(".key")).to_have_text("3")
        page.keyboard.press("d")
        page.get_by_role("combobox", name="Number").select_option("none")
        expect(page.get_by_role("treeitem", name="More 4").locator(".key")).to_have_text("")
        saved(page, "11 segments")
        go(page, app)
        expect(numbers).to_have_text(["1", "2", "4", "6", "7", "8", "9", "5"])


def test_codes_keep_their_numbers_and_their_counts_are_shown(app, opened):
    page = opened(app)
    select(page, "teachers")
    give(page, "training")
    give(page, "bridge")
    select(page, "police")
    press(page, "1")
    saved(page, "3 segments")
    training = page.get_by_role("treeitem", name="Training")
    expect(training.locator(".key")).to_have_text("1")
    expect(training.locator(".own")).to_have_text("2")
    expect(page.get_by_role("treeitem", name="Behaviour").locator(".own")).to_have_text("2")
    go(page, app)
    select(page, "sea")
    page.get_by_role("toolbar", name="Code the selection").get_by_role("button", name="Bridge").click()
    saved(page, "4 segments")
    assert kept(app)[-1] == ("role.bridge", "sea")


# -- blindness


def test_until_a_reading_is_filed_nothing_of_others_is_in_the_page_or_the_api(app, opened):
    ben = app.client("ben")
    code(ben, A, "teachers", "behaviour.training", memo="Ben was here.")
    ben.post("/api/memos", json={"batch": batch(), "about": "document", "subject": A, "text": "Ben's word."})
    ben.post("/api/memos", json={"batch": batch(), "about": "code", "subject": "role", "text": "Ben's code."})
    page = opened(app)
    assert all(words not in page.content() for words in ("Ben was here", "Ben's word"))
    assert painted(page) == {}
    anna = entering(app).get("/api/document", params={"id": A}).json()
    assert (anna["segments"], anna["covered"]) == ([], True)
    assert [memo["text"] for memo in anna["memos"]] == ["Ben's code."]  # it is about the codebook
    page.get_by_role("button", name="I have read this").click()
    expect(page.locator("#reading")).to_contain_text("read, blind")
    assert painted(page) == {"other-1-0": ["teachers"]}
    expect(page.get_by_role("button", name="Training · ben")).to_be_visible()
    expect(page.locator("#document-memos")).to_contain_text("Ben's word.")
    reading = next(r for r in Project.open(app.root).coded.readings if r.coder == "anna")
    assert reading.blind
    page.get_by_role("checkbox", name="ben").uncheck()
    expect(page.locator("#margin .other")).to_have_count(0)
    assert painted(page) == {}
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="I have read this")).to_be_visible()
    assert "ben was here" not in page.content().lower()
    assert Project.open(app.root).coded.by("anna").readings == ()


def test_a_reading_after_looking_is_recorded_as_not_blind(app, opened):
    code(app.client("ben"), A, "teachers", "behaviour.training")
    page = opened(app)
    page.get_by_text("Show what others coded").click()
    expect(page.locator("#reading")).to_contain_text("A reading filed afterwards is recorded as not blind.")
    page.get_by_role("button", name="Show it now").click()
    expect(page.get_by_role("button", name="Training · ben")).to_be_visible()
    page.get_by_role("button", name="I have read this").click()
    expect(page.locator("#reading")).to_contain_text("read, not blind")
    assert [reading.blind for reading in Project.open(app.root).coded.by("anna").readings] == [False]
    go(page, app)
    expect(page.locator("#reading")).to_contain_text("read, not blind")


def test_what_another_coded_can_be_seen_but_not_changed(app, opened):
    code(app.client("ben"), A, "teachers", "behaviour.training")
    read(app.client(), A)
    page = opened(app)
    press(page, "n", "Delete")
    expect(page.locator("#said")).to_have_text("It is ben’s. Rule on it in Review.")
    press(page, "e", "c")
    assert page.locator("#strip").is_hidden()
    expect(page.locator("#margin .chosen").get_by_role("link", name="Review")).to_be_visible()
    assert kept(app, coder="ben") == [("behaviour.training", "teachers")]


# -- two at once, and a server that goes away


def test_two_coders_in_one_document_see_and_keep_their_own(app, opened):
    anna, ben = opened(app), opened(app, coder="ben")
    for page, words, name in (
        (anna, "teachers", "training"),
        (ben, "bridge", "bridge"),
        (anna, "police", "security"),
    ):
        select(page, words)
        give(page, name)
    saved(anna, "2 segments")
    saved(ben, "1 segment ")
    assert kept(app) == [("orientation.security", "police"), ("behaviour.training", "teachers")]
    assert kept(app, coder="ben") == [("role.bridge", "bridge")]


def test_an_act_that_is_refused_is_said_and_taken_off_the_page(app, opened):
    code(app.client(), A, "teachers", "behaviour.training")
    one, other = opened(app), opened(app)
    press(one, "n", "Delete")
    saved(one, "0 segments")
    press(other, "n", "c")
    other.keyboard.type("bridge")
    other.keyboard.press("Enter")
    expect(other.locator("#messages")).to_contain_text("it was taken back already")
    expect(other.locator("#counts")).to_contain_text("0 segments")
    assert painted(other) == {}
    assert kept(app) == []


def test_a_server_that_stops_and_starts_again_loses_nothing(texts, opened):
    with App(texts.root) as app:
        page = opened(app)
        select(page, "teachers")
        give(page, "training")
        saved(page, "1 segment ")
    page.keyboard.press("Escape")
    select(page, "police")
    give(page, "security")
    expect(page.locator("#counts")).to_have_text("2 segments · 0 memos · 1 act waiting")
    expect(page.locator("#messages")).to_contain_text("The server does not answer.")
    page.keyboard.press("m")
    page.get_by_label("Memo on this segment").fill("Kept for later.")
    page.keyboard.press("Control+Enter")
    select(page, "bridge")
    give(page, "bridge")
    page.keyboard.press("Delete")
    page.keyboard.press("u")
    expect(page.locator("#counts")).to_have_text("3 segments · 1 memo · 5 acts waiting")
    with App(texts.root, port=app.port) as app:
        saved(page, "3 segments · 1 memo")
        expect(page.locator("#messages")).not_to_contain_text("does not answer")
        assert memos(app) == [("segment", "Kept for later.")]
        assert kept(app) == [
            ("orientation.security", "police"),
            ("role.bridge", "bridge"),
            ("behaviour.training", "teachers"),
        ]
        go(page, app)
        assert painted(page) == {"own-0-0": ["bridge"], "own-1-0": ["teachers"], "own-2-0": ["police"]}


def test_what_waits_is_painted_after_a_reload_and_sent_later(app, opened):
    page = opened(app)
    page.route("**/api/segments", lambda route: route.abort())
    select(page, "teachers")
    give(page, "training")
    expect(page.locator("#counts")).to_contain_text("1 act waiting")
    go(page, app)
    assert painted(page) == {"own-1-0": ["teachers"]}
    expect(page.locator("#margin .pending")).to_have_count(1)
    expect(page.locator("#counts")).to_contain_text("1 segment · 0 memos · 1 act waiting")
    assert kept(app) == []
    page.unroute("**/api/segments")
    saved(page, "1 segment ")
    expect(page.locator("#margin .pending")).to_have_count(0)
    assert kept(app) == [("behaviour.training", "teachers")]


# -- hostile words, and those who do not see the page as we do


def test_texts_code_names_and_memos_are_shown_as_they_are_written(texts, opened):
    texts.write("corpus/norland/a.txt", f"{HOSTILE}\n\nIt is a bridge.\n")
    texts.change("codebooks/book.yaml", "name: Bridge", f"name: '{HOSTILE.replace(chr(39), chr(39) * 2)}'")
    texts.change(
        "corpus/norland/case.yaml",
        "title: a.txt of norland",
        f"title: '{HOSTILE.replace(chr(39), chr(39) * 2)}'",
    )
    with App(texts.root) as app:
        code(app.client(), A, HOSTILE, "role.bridge", memo=HOSTILE)
        page = opened(app)
        assert page.locator("#text p").first.inner_text() == HOSTILE
        expect(page.locator("#margin .what")).to_have_text(HOSTILE)
        expect(page.locator("#margin .excerpt")).to_have_text(HOSTILE)
        assert painted(page) == {"own-0-0": [HOSTILE]}
        press(page, "n", "d")
        expect(page.locator("#margin .memo")).to_contain_text(HOSTILE)
        expect(page.get_by_role("region", name="Definition")).to_contain_text(HOSTILE)
        select(page, "bridge")
        give(page, "script")
        saved(page, "2 segments")
        expect(page.locator("#strip")).to_contain_text(HOSTILE)
        page.emulate_media(media="print")
        expect(page.locator("#endnotes li").first).to_contain_text(HOSTILE)
        assert page.locator("main script, img").count() == 0
        assert page.title() == f"{HOSTILE} · project"
        assert page.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(app, opened, scheme):
    code(app.client("ben"), A, "bridge", "role.bridge")
    page = opened(app, color_scheme=scheme)
    select(page, "teachers")
    give(page, "training")
    saved(page)
    assert faults(page) == []
    page.keyboard.press("/")
    page.keyboard.type("br")
    press(page, "ArrowDown")
    assert faults(page) == []
    press(page, "Escape", "Escape", "n", "d", "m")
    page.get_by_label("Memo on this segment").fill("Who?")
    page.get_by_text("Show what others coded").click()
    assert faults(page) == []
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_role("button", name="Bridge · ben")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Keys").click()
    assert faults(page) == []


def test_everything_on_the_page_is_reached_by_tab_in_reading_order(app, opened):
    code(app.client(), A, "bridge", "role.bridge")
    page = opened(app)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "document.activeElement.id || document.activeElement.className || document.activeElement.textContent"
        )
        if here in seen[1:2]:
            break
        seen.append(here)
    order = ["portrait", "filter", "text", "name", "undo", "help"]
    found = [each for each in seen if each in order]
    assert found == order


def test_single_letters_can_be_switched_off(app, opened):
    code(app.client(), A, "bridge", "role.bridge")
    page = opened(app)
    page.keyboard.press("?")
    page.get_by_label("Single letters and digits are keys").uncheck()
    page.get_by_role("button", name="Close").click()
    press(page, "n", "u")
    expect(page.locator("#margin .chosen")).to_have_count(0)
    assert kept(app) == [("role.bridge", "bridge")]


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_nothing_scrolls_sideways(app, opened, width):
    code(app.client(), A, "It is a bridge.", "role.bridge", memo="A memo. " * 30)
    page = opened(app, viewport={"width": width, "height": 700})
    page.keyboard.press("n")
    expect(page.locator("#margin .chosen .note")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("#text").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_on_a_narrow_page_codes_are_found_and_given_with_the_words_in_view(texts, opened):
    texts.write(
        "corpus/norland/a.txt",
        "\n\n".join(["It trains teachers by the sea. " * 20] * 20) + "\nIt is a bridge.\n",
    )
    with App(texts.root) as app:
        page = opened(app, viewport={"width": 360, "height": 700})
        page.get_by_role("slider", name="Portrait of the document").press("End")
        page.wait_for_function(f"() => ({AT})() > 80")
        select(page, "It is a bridge")
        press(page, "/")
        expect(page.locator("#filter")).to_be_focused()
        page.evaluate(SETTLED.replace("600, 200", "100, 200"))
        _, y, *_ = page.evaluate(BOXES, ["It is a bridge", 0])
        assert 0 < y < page.locator("#codes").bounding_box()["y"]
        page.keyboard.type("bridge")
        press(page, "Enter")
        expect(page.locator("#filter")).to_be_hidden()
        for name in ("training", "security", "development", "role", "behaviour"):
            give(page, name)
        saved(page, "6 segments")
        assert page.locator("#strip").bounding_box()["height"] < 60
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_names_stand_beside_all_stripes_that_pass_them(texts, opened):
    more = "".join(f"\n  - {{id: more{i}, name: More {i}, definition: d.}}" for i in range(8))
    texts.change("codebooks/book.yaml", "codes:\n  - id: role\n", f"codes:{more}\n  - id: role\n")
    texts.write("corpus/norland/a.txt", "It trains teachers by the sea. " * 40 + "\n")
    with App(texts.root) as app:
        whole = ("It trains teachers by the sea. " * 30).strip()
        code(app.client(), A, whole, *(f"more{i}" for i in range(8)))
        page = opened(app)
        expect(page.locator("#margin .name")).to_have_count(8)
        stripes = [stripe.bounding_box() for stripe in page.locator("#margin .stripe").all()]
        assert len({box["x"] for box in stripes}) == 8
        names = [name.bounding_box() for name in page.locator("#margin .name:visible").all()]
        assert min(box["x"] for box in names) >= max(box["x"] + box["width"] for box in stripes)
        assert max(box["x"] + box["width"] for box in names) <= 1280


def test_on_paper_the_segments_stand_behind_the_text(app, opened):
    code(app.client(), A, "It is a bridge.", "role.bridge", memo="Firm.")
    page = opened(app)
    page.emulate_media(media="print")
    expect(page.locator("#endnotes li")).to_have_text("Bridge (anna): It is a bridge.Memo, anna: Firm.")
    assert not page.locator("#margin").is_visible()
    page.emulate_media(media="screen")
    expect(page.locator("#endnotes li")).to_have_count(0)


# -- places


def test_a_long_document_draws_only_what_is_near(texts, opened):
    sentence = "Norland trains the police of its neighbours by the sea. "
    texts.write("corpus/norland/a.txt", "\n\n".join([sentence * 8] * 300) + "\n")
    project = Project.open(texts.root)
    document, meaning = project.corpus[A], project.codebook("book")["role.bridge"].meaning
    starts = range(0, 2400 * 56 - 60, 84)
    coded = [
        CodedSegment(
            new_id(),
            document.segment(at, at + 40),
            "role.bridge",
            meaning,
            "anna",
            quote=document.text[at : at + 40],
        )
        for at in starts
    ]
    with project.store() as store:
        store.add(act("anna", "coder", Coder("anna", "person")), act("anna", "code", *coded))
    with App(texts.root) as app:
        page = opened(app)
        expect(page.locator("#counts")).to_contain_text(f"{len(coded):,} segments")
        for share in (0.0, 0.5, 0.97):
            page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
            page.wait_for_function(
                "share => Math.abs(Number(document.getElementById('portrait').ariaValueNow) - 100 * share) < 8",
                arg=share,
            )
            drawn = page.locator("#margin .coded")
            assert 10 < drawn.count() < 150
            box = drawn.nth(drawn.count() // 2).locator(".stripe").bounding_box()
            assert -2500 < box["y"] < 2500
            assert sum(len(words) for words in painted(page).values()) == drawn.count()


def test_a_stripe_stands_beside_its_words(texts, opened):
    texts.write(
        "corpus/norland/a.txt",
        "\n\n".join(["It trains teachers by the sea. " * 20] * 80) + "\nIt is a bridge.\n",
    )
    with App(texts.root) as app:
        code(app.client(), A, "It is a bridge.", "role.bridge")
        page = opened(app)
        page.keyboard.press("n")
        stripe = page.locator("#margin .stripe")
        expect(stripe).to_be_in_viewport()
        _, y, *_ = page.evaluate(BOXES, ["It is a bridge.", 0])
        box = stripe.bounding_box()
        assert box["y"] <= y <= box["y"] + box["height"]
        expect(page.locator("#margin .name")).to_be_in_viewport()


def test_an_anchor_goes_to_a_span_and_lights_it_up(texts, opened):
    text = "\n\n".join(["It trains teachers by the sea. " * 20] * 80) + "\n\nIt is a 👩🏽‍✈️ bridge.\n"
    texts.write("corpus/norland/a.txt", text)
    start = text.index("a 👩")
    with App(texts.root) as app:
        page = opened(app)
        go(page, app, anchor=f"#at={start}-{start + 9}")
        expect(page.locator("#said")).to_contain_text("Here: “a 👩🏽‍✈️ b")
        assert page.evaluate(PAINTED)["flash"] == [text[start : start + 9]]
        _, y, *_ = page.evaluate(BOXES, ["bridge", 0])
        assert 100 < y < 750


def test_a_document_opens_where_it_was_left_and_the_portrait_goes_elsewhere(texts, opened):
    texts.write(
        "corpus/norland/a.txt",
        "\n\n".join(f"Paragraph {i}. " + "It trains by the sea. " * 20 for i in range(200)) + "\n",
    )
    with App(texts.root) as app:
        page = opened(app)
        portrait = page.get_by_role("slider", name="Portrait of the document")
        box = portrait.bounding_box()
        page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 5)
        page.wait_for_function(f"() => Math.abs(({AT})() - 60) < 3")
        left = page.evaluate(SETTLED)
        assert left[0] > 1000
        go(page, app)
        assert page.evaluate(SETTLED) == left
        portrait.press("Home")
        page.wait_for_function(f"() => ({AT})() === 0")


def test_read_goes_to_what_is_assigned_and_unread_then_to_what_was_last_open(app):
    client = app.client()
    assert client.get("/read").headers["location"] == "/read/norland/a"
    assign(app, "anna", B, "sudland/a")
    assert client.get("/read").headers["location"] == f"/read/{B}"
    client.get("/read/sudland/a")
    assert client.get("/read").headers["location"] == "/read/sudland/a"
    read(client, "sudland/a")
    assert client.get("/read").headers["location"] == f"/read/{B}"
    read(client, B)
    client.get("/read/norland/c")
    assert client.get("/read").headers["location"] == "/read/norland/c"


def test_without_documents_the_page_says_what_to_do(sandbox):
    for case in ("norland", "sudland"):
        for file in (sandbox.root / "corpus" / case).glob("*.txt"):
            file.unlink()
        sandbox.write(
            f"corpus/{case}/case.yaml",
            f"id: {case}\nname: {case}\niso: NOR\naliases: [{case}]\ndocuments: {{}}\n",
        )
    with App(sandbox.root) as app:
        assert "coding add report.txt" in app.client().get("/read").text


def test_an_unknown_document_is_said(app):
    answer = app.client().get("/read/norland/zzz")
    assert answer.status_code == 404
    assert "There is no document" in answer.text


def test_segments_on_an_earlier_text_are_counted_not_shown(texts, opened):
    with App(texts.root) as app:
        code(app.client(), A, "teachers", "behaviour.training")
    texts.write("corpus/norland/a.txt", f"New. {TEXT}")
    with App(texts.root) as app:
        page = opened(app)
        expect(page.locator("main")).to_contain_text("1 coded segment of yours belongs to an earlier text")
        assert painted(page) == {}
