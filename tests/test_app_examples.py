"""Beside a model's suggestion Review shows what moved it, and the nearest that people coded, if one may see it."""

import re
import sys
from urllib.parse import unquote

import numpy as np
import pytest
from app import App
from lists import assign, faults, shown, suggested, words
from reviewing import HOSTILE

from coding.batch import Look, act, new_id, now, quoted
from coding.formats.models import write_model
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project
from coding.taggers.learned import LearnedTagger, Recipe
from coding.units import unitise

CASE = "id: norland\nname: Norland\niso: NOR\naliases: [Norlanders]\nagencies: [Agency]\nhomonyms: []\ndocuments:\n"
READ = [f"norland/t{number}" for number in range(20)]
REVIEW = "/review?coder=first&code=role"


class Numbers:
    """Two numbers for each text, in place of sentence vectors."""

    def __init__(self, like):
        self.id = like.id

    def __call__(self, texts):
        return np.array([[float(word in text) for word in ("bridge", "rain")] for text in texts])


@pytest.fixture
def taught(sandbox):
    """A project in which anna read twenty documents, coded bridges as a role, and four are left."""
    folder, case = sandbox.root / "corpus/norland", CASE
    for old in folder.glob("*.txt"):
        old.unlink()
    for number in range(24):
        said = ["a bridge between north and south", f"rain and wind {HOSTILE} over the sea"]
        lines = [f"Norland is {said[(number + i) % 2]} in year {number} {i}." for i in range(4)]
        (folder / f"t{number}.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
        case += f"  t{number}.txt: {{title: T{number}, year: 2015, fidelity: digest, source_kind: primary}}\n"
    (folder / "case.yaml").write_text(case, encoding="utf-8")
    project = Project.open(sandbox.root)
    meaning = project.codebook("book")["role"].meaning
    readings = [Reading("anna", project.corpus[name].whole, at=now(), id=new_id()) for name in READ]
    segments = [
        CodedSegment(new_id(), unit, "role", meaning, "anna")
        for name in READ
        for unit in unitise(project.corpus[name], "sentence")
        if "bridge" in project.corpus[name].quote(unit)
    ]
    with project.store() as store:
        store.add(act("anna", "read", Coder("anna", "person"), *readings, *quoted(segments, project.corpus)))
    return sandbox


def train(root, *, recipe=Recipe(), vectors=None, name="first"):  # noqa: B008  it is frozen
    """Train a model on what anna read, and keep it and what it suggests."""
    project = Project.open(root)
    tagger = LearnedTagger.fit(
        project.coded.by("anna"), project.corpus, project.codebook("book"), unit="sentence", counts="any",
        rollup=True, target="f1", seed=1, codes=["role"], name=name, recipe=recipe, vectors=vectors,
    )  # fmt: skip
    write_model(project.model_path(name), tagger.model)
    project.add(tagger.tag(project.corpus), by="ada")


@pytest.fixture
def app(taught):
    train(taught.root)
    with App(taught.root, "anna", "ben") as running:
        yield running


def why(page):
    """Return what a page says of why something is suggested."""
    return words(page.all("section", class_="why")[0])


def near(page):
    """Return the examples on a page: words, document, start, end, and what is said of each."""
    found = []
    for entry in page.all("li"):
        if any(outer["is"].get("class") == "near" for outer in entry["in"]):
            (link,) = [e for e in page.all("a") if entry in e["in"]]
            (text,) = [e for e in page.all("span", class_="words") if entry in e["in"]]
            document, start, end = re.fullmatch(r"/read/(.+)#at=(\d+)-(\d+)", link["is"]["href"]).groups()
            found.append((text["text"], unquote(document), int(start), int(end), words(entry)))
    return found


def opened(client, address=REVIEW):
    """Return a page once its examples are there: what takes long is said, and asked for again."""
    page = shown(client, address)
    while "still being looked for" in why(page):
        page = shown(client, address)
    return page


def looked(app, coder):
    with app.server.app.state.desk.store() as store:
        return {look.document for look in store.rows(Look) if look.coder == coder}


def test_a_suggestion_says_what_moved_it_and_what_people_coded_that_is_near(app):
    page = opened(app.client("anna"))
    assert re.search(r"By first, probability [01]\.\d\d\. Moved by: \w+", why(page))
    corpus = Project.open(app.root).corpus
    examples = near(page)
    assert len(examples) == 4
    for quote, document, start, end, said in examples:
        assert corpus[document].text[start:end] == quote
        assert "anna" in said
        assert ("read by anna" in said) == ("bridge" not in quote)
    assert ["bridge" in quote for quote, *_ in examples] == [True, True, False, False]


def test_a_suggestion_is_no_example_of_itself(app):
    page = opened(app.client("anna"), f"{REVIEW}&texts=norland/t0&state=coded")
    (one,) = page.all("article", id="one")
    own = (one["is"]["data-document"], int(one["is"]["data-start"]), int(one["is"]["data-end"]))
    assert own not in [(document, start, end) for _, document, start, end, _ in near(page)]


def test_what_rules_suggest_has_no_examples(app):
    suggested(app)
    page = shown(app.client("anna"), "/review?coder=rules")
    assert near(page) == []
    assert "No examples" not in why(page)
    assert "for this rule" in why(page)


def test_documents_that_are_covered_are_no_examples(app):
    ben = app.client("ben")
    page = shown(ben, f"{REVIEW}&texts=norland/t0")
    assert near(page) == []
    assert "They are looked for in documents that you have read" in why(page)
    assert looked(app, "ben") == {"norland/t0"}  # whose suggestions were in the list
    shown(ben, f"{REVIEW}&texts=norland/t1")
    examples = near(opened(ben, f"{REVIEW}&texts=norland/t1"))
    assert {document for _, document, *_ in examples} == {"norland/t0", "norland/t1"}


def test_documents_that_are_withheld_are_no_examples(app):
    assign(app, "ben", *READ[1:])
    ben = app.client("ben")
    opened(ben)
    examples = near(opened(ben))
    assert {document for _, document, *_ in examples} == {"norland/t0"}
    assert not looked(app, "ben") & set(READ[1:])


def test_without_its_file_the_page_says_so_and_shows_the_rest(app):
    Project.open(app.root).model_path("first").unlink()
    page = opened(app.client("anna"))
    assert "No examples beside it. models/: no 'first'. Train one" in why(page)
    assert "Moved by: " in why(page)
    assert page.all("button", class_="main")


def test_a_file_that_was_changed_is_refused_and_one_put_back_is_taken(app):
    anna, path = app.client("anna"), Project.open(app.root).model_path("first")
    kept = path.read_bytes()
    middle = len(kept) // 2
    path.write_bytes(kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :])
    assert "No examples beside it. models/first.model" in why(opened(anna))
    path.write_bytes(kept)
    assert near(opened(anna))


def test_a_code_that_means_something_else_by_now_is_refused(taught):
    train(taught.root)
    taught.change("codebooks/book.yaml", "What it does for others.", "Something else altogether.")
    with App(taught.root, "anna") as app:
        page = opened(app.client("anna"))
        assert "No examples beside it. first gives 'role', which means something else" in why(page)


def test_the_app_never_makes_sentence_vectors_for_examples(taught, vectors):
    before = "sentence_transformers" in sys.modules
    train(taught.root, recipe=Recipe(words=False, embeddings=True), vectors=Numbers(vectors))
    with App(taught.root, "anna") as app:
        page = opened(app.client("anna"))
        assert re.search(r"No examples beside it\. \d+ texts have no sentence vector yet", why(page))
        assert "No single word moved it." in why(page)
    assert ("sentence_transformers" in sys.modules) == before


def test_where_a_model_looks_at_words_too_these_are_enough(taught, vectors):
    train(taught.root, recipe=Recipe(embeddings=True), vectors=Numbers(vectors))
    with App(taught.root, "anna") as app:
        assert len(near(opened(app.client("anna")))) == 4


def test_what_people_code_meanwhile_is_an_example_on_the_next_page(app):
    anna = app.client("anna")
    address = f"{REVIEW}&state=all&texts=norland/t0"
    before = near(opened(anna, address))
    project = Project.open(app.root)
    other = project.corpus[before[0][1]].segment(*before[0][2:4])
    with project.store() as store:
        meaning = project.codebook("book")["role"].meaning
        again = CodedSegment(new_id(), other, "role", meaning, "ben")
        filed = Reading("ben", project.corpus[other.document].whole, at=now(), id=new_id())
        store.add(act("ben", "read", filed, *quoted([again], project.corpus)))
    after = near(opened(anna, address))
    assert [each[:4] for each in after] == [each[:4] for each in before]
    assert "anna, ben" in after[0][4]


def test_hostile_words_are_shown_as_written_and_axe_finds_nothing(app, browser):
    page = app.enter(browser, "anna", viewport={"width": 1280, "height": 900})
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(app.address + REVIEW)
    page.locator(".near").nth(1).wait_for()
    assert HOSTILE in page.locator(".near").nth(1).inner_text()
    assert page.title() != "broken"
    assert faults(page) == []
    assert said == []
    page.context.close()
