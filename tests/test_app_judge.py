"""Judge: the units of a blind sample, told apart by nothing but their words, and kept blind elsewhere until then."""

import json
import re

import pytest
from app import App, batch, code, read
from lists import entering, faults, links, shown, suggested, words

from coding.formats.samples import write_sample
from coding.judging import judgements_of, progress
from coding.project import Project
from coding.sampling import draw
from coding.taggers import tag
from coding.taggers.rules import RuleTagger

TOPS = ("role", "behaviour", "orientation")
HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"
MANY = "".join(
    f"""
      - id: role.kind{number}
        name: Kind {number}
        definition: It is of kind {number}.
        rules: [{{id: kind{number}, phrase: word{number}, matches: [A word{number} it is.]}}]
    """.rstrip()
    for number in range(1, 14)
)


def drawn(root, name="first", readers=("anna",), codes=TOPS, unit="sentence", n_found=9, n_others=9):
    """Draw a sample into a project; by default all units in which the rules found something, and all others."""
    project = Project.open(root)
    corpus, book = project.corpus, project.codebook("book")
    sample = draw(
        tag(corpus, [RuleTagger(book, overlap="longest", cases=corpus.known_cases)]),
        corpus,
        book,
        name=name,
        coder="rules",
        readers=readers,
        codes=codes,
        unit=unit,
        counts="any",
        rollup=True,
        by="donor",
        n_found=n_found,
        n_others=n_others,
        seed=1,
    )
    write_sample(project.sample_path(name), sample)
    return sample


@pytest.fixture
def sample(sandbox):
    return drawn(sandbox.root, readers=("anna", "ben"))


@pytest.fixture
def app(sandbox, sample):
    with App(sandbox.root, "anna", "ben", "cleo") as running:
        yield running


@pytest.fixture
def anna(app):
    return app.client("anna")


@pytest.fixture
def judging(app, browser):
    """Give what opens the page of a sample in a browser; nothing may go wrong on it."""
    opened = []

    def new(address="/judge/first", coder="anna", **settings):
        page = entering(app, coder, browser=browser, **settings)
        opened.append(page)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(app.address + address)
        return page

    yield new
    for page in opened:
        page.context.close()


def desk(app):
    return app.server.app.state.desk


def asked(client, name="first"):
    """Return the place and the words that a page asks about; None if it asks about none."""
    page = shown(client, f"/judge/{name}")
    if not page.all("article"):
        return None
    return int(page.all("article")[0]["is"]["data-place"]), page.all("mark")[0]["text"]


def said(client, *codes, name="first", **changed):
    """Judge what is asked; return the answer."""
    place, quote = asked(client, name) or (0, "")
    body = {"batch": batch(), "sample": name, "place": place, "quote": quote, "codes": codes, **changed}
    return client.post("/api/judgements", json=body)


def judged(client, *codes, name="first"):
    answer = said(client, *codes, name=name)
    assert answer.status_code == 200, answer.text
    return answer.json()


def how_far(client, name="first"):
    return words(shown(client, f"/judge/{name}").all("p", class_="how-far")[0])


def counted(app, name="first"):
    """Return how many units each reader has judged, as the library counts."""
    project = Project.open(app.root)
    found = progress(project.sample(name), project.corpus, project.codebook("book"), project.coded)
    return {one.reader: one.n_judged for one in found}


def main(client, address="/judge/first"):
    return shown(client, address).text("main")


# ---- the samples


def test_without_samples_no_place_of_the_bar_leads_there_and_the_page_says_what_they_are_for(sandbox):
    with App(sandbox.root, "anna") as running:
        anna = running.client()
        assert "/judge" not in links(shown(anna, "/library"))
        text = main(anna, "/judge")
        assert "A blind sample asks people" in text
        assert "coding sample first --reader anna" in text


def test_with_samples_it_stands_after_review(anna):
    places = links(shown(anna, "/library"))
    assert places[places.index("/review") + 1] == "/judge"


def test_each_sample_says_what_is_asked_and_how_far_the_coder_has_come(app, anna, sample):
    n = len(sample.drawn)
    page = shown(anna, "/judge")
    text = page.text("main")
    assert f"{n} sentences, drawn {sample.at[:10]}" in text
    assert "Asked: Role, Behaviour, Orientation" in text
    assert f"0 of {n} judged, {n} left Begin" in text
    judged(anna, "role")
    page = shown(anna, "/judge")
    assert f"1 of {n} judged, {n - 1} left Go on" in page.text("main")
    (bar,) = page.all("progress")
    assert (bar["is"]["value"], bar["is"]["max"]) == ("1", str(n))
    assert "/judge/first" in links(page)


def test_samples_of_others_stand_below_with_what_adds_a_reader(app):
    cleo = app.client("cleo")
    assert "coding sample first --reader cleo" in main(cleo, "/judge")
    assert "You are no reader of this sample" in main(cleo)
    assert asked(cleo) is None


def test_a_sample_drawn_meanwhile_is_there_without_a_restart_and_an_unknown_one_is_not(app, anna, sandbox):
    drawn(sandbox.root, "second")
    desk(app).look_again()
    assert asked(anna, "second") is not None
    assert "There is no sample 'secnd'. Did you mean 'second'?" in shown(
        anna, "/judge/secnd", status=404
    ).text("main")


def test_when_all_is_judged_it_says_so_and_what_comes_next(app, anna, sample):
    for _ in sample.drawn:
        judged(anna)
    n = len(sample.drawn)
    for address in ("/judge", "/judge/first"):
        text = main(anna, address)
        assert "All is judged." in text
        assert "coding quality --sample first" in text
        assert f"{n} of {n} judged" in text
    assert counted(app) == {"anna": n, "ben": 0}


# ---- what is shown


def test_the_units_come_in_the_order_of_the_sample_marked_among_their_neighbours(app, anna, sample):
    corpus = Project.open(app.root).corpus
    for place, one in enumerate(sample.drawn):
        text = corpus[one.segment.document].text.strip()
        page = shown(anna, "/judge/first")
        assert asked(anna) == (place, corpus[one.segment.document].quote(one.segment))
        (passage,) = page.all("div", class_="passage")
        assert passage["text"] == text
        judged(anna)


def test_nothing_but_the_words_and_how_far_one_has_come_tells_two_units_apart(app, anna, sample):
    bare = set()
    judged(anna)
    for _ in sample.drawn[1:]:
        place, _ = asked(anna)
        html = anna.get("/judge/first").text
        passage, _, rest = html.partition('<div class="passage')[2].partition("</article>")
        assert set(re.findall(r"<(\w+)", passage)) <= {"mark", "span", "p"}
        html = html.partition('<div class="passage')[0].replace(f'data-place="{place}"', "") + rest
        html = re.sub(r'value="\d+" aria-label="Judged|>\d+ of \d+ judged', "", html)
        bare.add(re.sub(r'data-undo="[0-9a-f-]+"', "", html))
        judged(anna)
    assert len(bare) == 1


def test_neither_page_nor_answer_says_where_a_unit_comes_from_or_what_was_found(app, anna, sample):
    suggested(app)
    for one in sample.drawn:
        document = Project.open(app.root).corpus[one.segment.document]
        html = anna.get("/judge/first").text
        answer = said(anna)
        listed = anna.get("/judge").text
        for text in (html, answer.text, listed):
            assert document.id not in text
            assert str(document.variables["title"]) not in text
            assert one.segment.digest not in text
            assert "rules" not in text.partition("<main")[2].partition("All is judged")[0]
    assert answer.json()["undo"]["document"] is None


def test_documents_and_paragraphs_are_units_too(app, anna, sandbox):
    sandbox.write(
        "corpus/norland/a.txt", "It rains.\n\nNorland trains police.\nIt is a bridge.\n\nIt rests.\n"
    )
    readers = {"paragraph": anna, "document": app.client("ben")}
    for unit, reader in (("paragraph", "anna"), ("document", "ben")):
        drawn(sandbox.root, unit, [reader], unit=unit)
    desk(app).look_again()
    corpus, found = Project.open(app.root).corpus, {"paragraph": {}, "document": {}}
    for unit, reader in readers.items():
        while asked(reader, unit):
            page = shown(reader, f"/judge/{unit}")
            (passage,) = page.all("div", class_="passage")
            found[unit][page.all("mark")[0]["text"]] = passage["text"]
            judged(reader, name=unit)
    assert (
        found["paragraph"]["Norland trains police.\nIt is a bridge."]
        == "It rains.Norland trains police.\nIt is a bridge.It rests."
    )
    assert found["document"][corpus["norland/a"].text] == corpus["norland/a"].text
    assert counted(app, "document") == {"ben": len(corpus)}


def test_codes_of_several_levels_stand_below_one_another_each_with_its_digit(app, anna, sandbox):
    drawn(sandbox.root, "levels", codes=("role", "role.bridge", "orientation.security"))
    desk(app).look_again()
    page = shown(anna, "/judge/levels")
    boxes = page.all("input", name="code")
    assert [(b["is"]["value"], b["is"]["data-key"]) for b in boxes] == [
        ("role", "1"), ("role.bridge", "2"), ("orientation.security", "3"),
    ]  # fmt: skip
    role, security = boxes[0], boxes[2]
    lines = [e for e in boxes[1]["in"] if e["tag"] == "li"]
    assert role["in"][-2] in lines
    (above,) = page.all("li", class_="above")
    assert above in security["in"]
    assert words(above).startswith("Orientation")
    assert "A code counts for those above it too." in page.text("main")


def test_nothing_is_ticked_in_advance_whatever_one_has_coded_there(app, anna, sample):
    _, quote = asked(anna)
    document = sample.drawn[0].segment.document
    code(anna, document, quote, "role", "orientation.security")
    code(anna, document, quote.split()[0], "behaviour")
    page = shown(anna, "/judge/first")
    assert asked(anna) == (0, quote)
    assert counted(app)["anna"] == 0
    boxes = [box for box in page.all("input", type="checkbox") if box["is"].get("id") != "single-keys"]
    assert [box["is"].get("value") for box in boxes] == [*TOPS, None]
    assert not [box for box in boxes if {"checked", "disabled"} & set(box["is"])]
    assert "before" not in page.text("main")


# ---- judging


def test_a_judgement_is_a_blind_reading_for_the_codes_asked_and_the_codes_chosen(app, anna, sample):
    answer = judged(anna, "role", "orientation")
    coded = Project.open(app.root).coded
    book = Project.open(app.root).codebook("book")
    unit = sample.drawn[0].segment
    (reading,) = coded.readings
    assert (reading.coder, reading.segment, reading.codes) == ("anna", unit, TOPS)
    assert (reading.blind, reading.kind) == (True, "person")
    assert [(s.segment, s.code, s.meaning, s.coder) for s in coded.segments] == [
        (unit, code, book[code].meaning, "anna") for code in ("orientation", "role")
    ]
    assert {s.quote for s in coded.segments} == {Project.open(app.root).corpus[unit.document].quote(unit)}
    assert set(answer["ids"]) == {reading.id, *(s.id for s in coded.segments)}
    assert counted(app) == {"anna": 1, "ben": 0}


def test_none_of_the_codes_is_a_judgement_too(app, anna):
    judged(anna)
    coded = Project.open(app.root).coded
    assert (len(coded.readings), coded.segments) == (1, ())
    assert counted(app)["anna"] == 1


def test_a_judgement_sent_twice_is_kept_once_and_answered_alike(app, anna):
    place, quote = asked(anna)
    body = {"batch": batch(), "sample": "first", "place": place, "quote": quote, "codes": ["role"]}
    first, again = (anna.post("/api/judgements", json=body) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(Project.open(app.root).coded.readings) == 1


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"codes": ["behaviour.training"]}, 400, "'behaviour.training' is not asked for here."),
        ({"codes": ["rol"]}, 400, "Did you mean 'role'?"),
        ({"sample": "frist"}, 404, "Did you mean 'first'?"),
        ({"place": 10_000}, 404, "Load the page again."),
        ({"quote": "Other words."}, 409, "have changed since the page was loaded"),
        ({"place": -1}, 400, "place"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(app, anna, changed, status, message):
    answer = said(anna, **changed)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert Project.open(app.root).coded.readings == ()


def test_only_a_reader_judges_and_each_unit_once(app, anna):
    place, quote = asked(anna)
    cleo = app.client("cleo")
    answer = said(cleo, place=place, quote=quote)
    assert answer.status_code == 400
    assert "`coding sample first --reader cleo` adds one" in answer.json()["error"]["message"]
    judged(anna)
    again = said(anna, place=place, quote=quote)
    assert again.status_code == 400
    assert "judged this unit already" in again.json()["error"]["message"]
    assert counted(app) == {"anna": 1, "ben": 0}


def test_two_readers_judge_the_same_units_each_on_their_own(app, anna, sample):
    ben = app.client("ben")
    first = asked(anna)
    judged(anna, "role")
    assert asked(ben) == first
    judged(ben)
    judged(ben)
    assert counted(app) == {"anna": 1, "ben": 2}
    assert "role" not in {s.code for s in Project.open(app.root).coded.by("ben").segments}
    assert how_far(ben) == f"2 of {len(sample.drawn)} judged"


def test_a_unit_drawn_again_is_judged_anew(app, anna, sandbox, sample):
    for _ in sample.drawn:
        judged(anna, "role")
    again = drawn(sandbox.root, "again")
    desk(app).look_again()
    assert {one.segment for one in again.drawn} == {one.segment for one in sample.drawn}
    assert how_far(anna, "again") == f"0 of {len(again.drawn)} judged"
    assert asked(anna, "again")[0] == 0
    for _ in again.drawn:
        judged(anna, "behaviour", name="again")
    assert "All is judged." in main(anna, "/judge/again")
    assert counted(app, "again") == {"anna": len(again.drawn)}


def test_a_judgement_of_whole_documents_is_none_of_their_sentences(app, anna, sandbox, sample):
    whole = drawn(sandbox.root, "whole", unit="document")
    desk(app).look_again()
    for _ in whole.drawn:
        judged(anna, "role", name="whole")
    assert "All is judged." in main(anna, "/judge/whole")
    assert how_far(anna) == f"0 of {len(sample.drawn)} judged"


def coded(app, unit, coder="anna"):
    """Return the codes that a coder gave just these words."""
    return {s.code for s in Project.open(app.root).coded.by(coder).segments if s.segment == unit}


def test_a_judgement_is_what_was_ticked_then_whatever_one_coded_in_these_words_before_or_after(
    app, anna, sandbox, sample
):
    two = drawn(sandbox.root, "two", codes=("role", "behaviour"))
    desk(app).look_again()
    place, quote = asked(anna, "two")
    unit = two.drawn[place].segment
    code(anna, unit.document, quote, "role", "orientation")
    judged(anna, "behaviour", name="two")
    code(anna, unit.document, quote.split()[0], "role")
    project = Project.open(app.root)
    (reading,) = (r for r in project.coded.by("anna").readings if r.sample == "two")
    assert (reading.segment, reading.codes, reading.given) == (unit, ("role", "behaviour"), ("behaviour",))
    assert coded(app, unit) == {"role", "behaviour", "orientation"}
    (answer,) = judgements_of(two, project.coded.by("anna")).segments
    assert answer.code == "behaviour"


def test_the_same_code_given_again_stands_once(app, anna, sample):
    unit, (_, quote) = sample.drawn[0].segment, asked(anna)
    code(anna, unit.document, quote, "role")
    judged(anna, "role")
    (segment,) = Project.open(app.root).coded.segments
    assert (segment.segment, segment.code) == (unit, "role")


def test_undo_brings_the_last_unit_back_and_redo_takes_it_away_again(app, anna):
    first = asked(anna)
    done = judged(anna, "role")
    page = shown(anna, "/judge/first")
    (undo,) = page.all("button", **{"data-undo": done["batch"]})
    assert "disabled" not in undo["is"]
    again = batch()
    assert anna.post("/api/undo", json={"batch": again, "of": done["batch"]}).status_code == 200
    assert asked(anna) == first
    assert counted(app)["anna"] == 0
    assert Project.open(app.root).coded.segments == ()
    assert shown(anna, "/judge/first").all("button", **{"data-redo": done["batch"]})
    judged(anna, "orientation")
    assert [s.code for s in Project.open(app.root).coded.segments] == ["orientation"]


def test_an_act_elsewhere_is_not_undone_from_here(app, anna):
    judged(anna)
    code(anna, "norland/a", "police", "role.bridge")
    (undo,) = [b for b in shown(anna, "/judge/first").all("button") if "data-undo" in b["is"]]
    assert undo["is"]["data-undo"] == ""
    assert "disabled" in undo["is"]


# ---- blind


def test_what_was_looked_at_is_left_out_and_counted(app, anna, sample):
    place, quote = asked(anna)
    document = sample.drawn[place].segment.document
    anna.post("/api/looks", json={"batch": batch(), "document": document})
    n = sum(one.segment.document == document for one in sample.drawn)
    answer = said(anna, place=place, quote=quote)
    assert answer.status_code == 400
    assert "cannot be judged blind" in answer.json()["error"]["message"]
    are = "sentence is" if n == 1 else "sentences are"
    assert f"{n} {are} left out: you have seen what others coded" in main(anna)
    seen = set()
    while asked(anna):
        seen.add(sample.drawn[asked(anna)[0]].segment.document)
        judged(anna)
    assert document not in seen
    assert len(seen) == len({one.segment.document for one in sample.drawn}) - 1
    assert "All that can be judged is judged." in main(anna)
    assert "left out" not in main(app.client("ben"))


def test_a_document_read_whole_is_not_judged_and_cannot_be_any_more(app, anna, sample):
    document = sample.drawn[0].segment.document
    n = sum(one.segment.document == document for one in sample.drawn)
    read(anna, document)
    assert how_far(anna) == f"0 of {len(sample.drawn)} judged"
    assert counted(app)["anna"] == 0
    assert "left out: you have seen what others coded" in main(anna)
    assert desk(app).standings("anna")["first"].seen == tuple(
        place for place, one in enumerate(sample.drawn) if one.segment.document == document
    )
    anna.post("/api/undo", json={"batch": batch()})
    assert "left out: you have seen what others coded" in main(anna)
    assert len(desk(app).standings("anna")["first"].seen) == n


def test_what_was_judged_before_its_document_was_read_whole_stays_judged(app, anna, sample):
    judged(anna, "role")
    read(anna, sample.drawn[0].segment.document)
    assert how_far(anna) == f"1 of {len(sample.drawn)} judged"
    assert counted(app)["anna"] == 1


def test_until_a_reader_is_done_others_coding_of_the_sample_is_in_no_list(app, anna, sample):
    suggested(app)
    documents = {document.id for document in desk(app).files.corpus}
    before = main(anna, "/review")
    assert f"{len(documents)} documents are left out here: you are to read or judge them blind" in before
    assert "No suggestion matches" in before
    assert "6 documents are left out" in main(anna, "/matrix?coder=rules&study=-")
    assert "You are to read or judge 6 documents blind" in main(anna, "/retrieve?q=role")
    assert "left out here" not in main(app.client("cleo"), "/review")
    for _ in sample.drawn[1:]:
        judged(anna)
    assert "6 documents are left out here" in main(anna, "/review")
    judged(anna)
    assert "left out here" not in main(anna, "/review")
    assert desk(app).sight("anna").blind == frozenset()
    assert desk(app).sight("ben").blind == documents
    assert desk(app).sight("ben").assigned == frozenset()


def test_on_the_page_read_others_coding_stays_covered_and_says_why(app, anna, sample):
    suggested(app)
    document = sample.drawn[0].segment.document
    judged(anna)
    found = anna.get("/api/document", params={"id": document}).json()
    assert (found["covered"], found["blind"]) == (True, True)
    assert {segment["coder"] for segment in found["segments"]} <= {"anna"}
    assert found["undo"]["document"] is None
    with desk(app).store() as store:
        assert not store.has_seen("anna", document)


# ---- when something has changed


def test_units_whose_text_has_changed_or_is_gone_are_left_out_and_come_back_with_it(
    app, anna, sandbox, sample
):
    place, quote = asked(anna)
    document = sample.drawn[place].segment.document
    path = sandbox.root / "corpus" / f"{document}.txt"
    text = path.read_text(encoding="utf-8")
    judged(anna, "role")
    path.write_text(f"{text}More.\n", encoding="utf-8")
    desk(app).look_again()
    n = sum(one.segment.document == document for one in sample.drawn)
    are = "sentence is" if n == 1 else "sentences are"
    assert f"{n} {are} left out: the text has changed since the sample was drawn" in main(anna)
    answer = said(anna, place=place, quote=quote)
    assert answer.status_code == 409
    assert document not in answer.text
    case = sandbox.root / "corpus" / document.split("/")[0] / "case.yaml"
    listed = case.read_text(encoding="utf-8")
    name = document.split("/")[1]
    case.write_text(re.sub(rf"  {name}\.txt:\n(    .*\n)+", "", listed), encoding="utf-8")
    path.unlink()
    desk(app).look_again()
    assert desk(app).fault == ""
    assert f"{n} {are} left out" in main(anna)
    assert said(anna, place=place, quote=quote).status_code == 409
    while asked(anna):
        judged(anna)
    assert "All that can be judged is judged." in main(anna)
    path.write_text(text, encoding="utf-8")
    case.write_text(listed, encoding="utf-8")
    desk(app).look_again()
    assert how_far(anna) == f"{len(sample.drawn) - n + 1} of {len(sample.drawn)} judged"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "definition: What it does for others.",
            "definition: Anything.",
            "'role', which means something else by now",
        ),
        ("    name: Role\n", "    name: Role\n    retired: true\n", "'role', which is not in use any more"),
        ("id: book\n", "id: book\n", ""),
    ],
)
def test_a_sample_that_asks_for_what_the_codebook_no_longer_means_is_not_judged(
    app, anna, sandbox, old, new, message
):
    place, quote = asked(anna)
    sandbox.change("codebooks/book.yaml", old, new)
    desk(app).look_again()
    answer = said(anna, place=place, quote=quote)
    assert answer.status_code == (400 if message else 200)
    if message:
        assert message in answer.json()["error"]["message"]
        assert message in main(anna)
        assert message in main(anna, "/judge")
        assert desk(app).sight("anna").blind == frozenset()


def test_a_sample_of_another_codebook_says_how_that_is_opened(app, anna, sandbox):
    path = sandbox.root / "samples" / "first.json"
    file = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(file | {"codebook": "other"}), encoding="utf-8")
    desk(app).look_again()
    assert "`coding serve --codebook other` opens the other." in main(anna)


def test_a_sample_file_that_is_broken_meanwhile_is_said_and_stays_as_it_was_read(app, anna, sandbox, sample):
    first = asked(anna)
    sandbox.write("samples/first.json", "{}")
    sandbox.write("corpus/norland/b.txt", "Norland rests.\n")
    desk(app).look_again()
    page = shown(anna, "/judge/first")
    assert "samples/first.json" in page.text("messages")
    assert desk(app).files.corpus["norland/b"].text == "Norland rests.\n"
    assert desk(app).sight("anna").blind
    if sample.drawn[0].segment.document != "norland/b":
        assert asked(anna) == first


def test_a_sample_file_that_is_broken_at_the_start_is_said_and_the_app_goes_on(sandbox):
    drawn(sandbox.root)
    sandbox.write("samples/other.json", "no sample")
    with App(sandbox.root, "anna") as running:
        anna = running.client()
        assert "samples/other.json" in shown(anna, "/library").text("messages")
        assert asked(anna) is not None
        sandbox.root.joinpath("samples/other.json").unlink()
        desk(running).look_again()
        assert shown(anna, "/library").text("messages") == ""


# ---- in a browser


def then(page, *keys):
    """Press keys of which the last leads on to another unit."""
    before = page.locator(".how-far span").inner_text()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function("was => document.querySelector('.how-far span').textContent !== was", arg=before)


def expect(place):
    from playwright.sync_api import expect as expecting  # there is none where the browser tests are skipped

    return expecting(place)


def test_keys_alone_judge_and_undo(app, judging, sample):
    page = judging()
    then(page, "1", "3", "Enter")
    then(page, "0", "Enter")
    then(page, "1", "2", "1", "Enter")
    then(page, "3", "n", "Enter")
    then(page, "2", "0", "2", "Enter")
    found = Project.open(app.root).coded
    given = [{s.code for s in found.segments if s.segment == one.segment} for one in sample.drawn[:5]]
    assert given == [{"role", "orientation"}, set(), {"behaviour"}, set(), {"behaviour"}]
    assert counted(app)["anna"] == 5
    then(page, "u")
    assert page.locator("#one").get_attribute("data-place") == "4"
    expect(page.locator("#told")).to_contain_text("Undone.")
    assert page.locator("[name=code]:checked").count() == 0
    then(page, "U")
    then(page, "u")
    then(page, "1", "Enter")
    found = Project.open(app.root).coded
    assert {s.code for s in found.segments if s.segment == sample.drawn[4].segment} == {"role"}
    assert page.said == []


def test_a_mouse_does_what_keys_do(app, judging, sample):
    page = judging()
    assert not page.get_by_label("none of these").is_checked()
    page.get_by_label("none of these").check()
    page.get_by_label("Role").check()
    assert not page.get_by_label("none of these").is_checked()
    page.get_by_label("none of these").check()
    assert page.locator("[name=code]:checked").count() == 0
    page.get_by_label("Behaviour").check()
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator("#one")).to_have_attribute("data-place", "1")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#one")).to_have_attribute("data-place", "0")
    assert counted(app)["anna"] == 0


def test_enter_held_down_saves_one_only(app, judging):
    page = judging()
    page.keyboard.press("1")
    page.keyboard.down("Enter")
    for _ in range(5):
        page.keyboard.down("Enter")
    expect(page.locator("#one")).to_have_attribute("data-place", "1")
    page.keyboard.press("2")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert counted(app)["anna"] == 1
    then(page, "1", "Enter")
    assert counted(app)["anna"] == 2


def test_letters_and_digits_can_be_turned_off(app, judging):
    page = judging()
    page.keyboard.press("?")
    page.get_by_label("Letters and digits work as keys").uncheck()
    page.locator("#one").focus()
    page.keyboard.press("1")
    page.keyboard.press("0")
    assert page.locator("[name=code]:checked").count() == 0
    assert not page.get_by_label("none of these").is_checked()
    page.get_by_label("none of these").check()
    then(page, "Enter")
    assert Project.open(app.root).coded.segments == ()
    assert counted(app)["anna"] == 1


UNCHOSEN = "Tick what it bears, or 0 for none of these; then Enter."


def test_enter_without_a_choice_says_what_to_choose_and_files_nothing(app, judging):
    page = judging()
    save = page.get_by_role("button", name="Save and next")
    for ask in (lambda: page.keyboard.press("Enter"), save.click):
        ask()
        expect(page.locator("#messages")).to_contain_text(UNCHOSEN)
        assert page.locator("#messages p").count() == 1
    page.keyboard.press("1")
    expect(page.locator("#messages")).not_to_contain_text(UNCHOSEN)
    page.keyboard.press("1")
    page.locator("#one").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text(UNCHOSEN)
    page.keyboard.press("n")
    expect(page.locator("#messages")).not_to_contain_text(UNCHOSEN)
    page.get_by_label("none of these").uncheck()
    page.locator("#one").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text(UNCHOSEN)
    expect(page.locator("#one")).to_have_attribute("data-place", "0")
    assert Project.open(app.root).coded.readings == ()
    assert page.said == []


def test_nothing_is_chosen_for_the_next_unit_and_what_was_asked_of_one_is_not_said_of_another(app, judging):
    page = judging()
    then(page, "0", "Enter")
    assert not page.get_by_label("none of these").is_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text(UNCHOSEN)
    then(page, "u")
    expect(page.locator("#messages")).not_to_contain_text(UNCHOSEN)
    assert page.locator("#judgement input:checked").count() == 0
    assert counted(app)["anna"] == 0


def test_of_many_codes_one_is_found_by_its_name_and_defined_by_a_key(app, sandbox, judging):
    sandbox.change(
        "codebooks/book.yaml",
        "definition: What it does for others.\n    codes:",
        f"definition: What it does for others.\n    codes:{MANY}",
    )
    desk(app).look_again()
    drawn(sandbox.root, "many", codes=["role", *(f"role.kind{n}" for n in range(1, 14)), "orientation"])
    desk(app).look_again()
    page = judging("/judge/many")
    page.keyboard.press("/")
    page.keyboard.type("kind 13")
    found = page.locator(".codes input:visible").all()
    assert [box.get_attribute("value") for box in found] == ["role", "role.kind13"]
    page.keyboard.press("Enter")
    expect(page.locator("#chosen")).to_have_text("Chosen: Kind 13")
    page.keyboard.press("d")
    expect(page.get_by_text("It is of kind 13.")).to_be_visible()
    assert page.locator(".notes[open]").count() == 1
    assert page.locator("[name=code]:visible").count() == 15
    assert faults(page) == []
    then(page, "Enter")
    assert [s.code for s in Project.open(app.root).coded.segments] == ["role.kind13"]
    assert page.said == []


def test_what_is_judged_while_the_server_is_away_is_kept_and_sent(sandbox, sample, browser):
    with App(sandbox.root, "anna") as first:
        page = first.enter(browser)
        page.goto(f"{first.address}/judge/first")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("One act is kept in this browser")
    with App(sandbox.root, "anna", port=first.port) as second:
        expect(page.locator("#one")).to_have_attribute("data-place", "1", timeout=15_000)
        assert [s.code for s in Project.open(second.root).coded.segments] == ["behaviour"]
        page.context.close()


def test_what_the_server_refuses_is_said_and_the_next_unit_shown(app, judging, anna):
    page = judging()
    judged(anna, "role")  # in another window
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("You have judged this unit already")
    expect(page.locator("#one")).to_have_attribute("data-place", "1")
    assert [s.code for s in Project.open(app.root).coded.segments] == ["role"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(app, judging, width, scheme):
    page = judging("/judge", viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert faults(page) == []
    page.goto(f"{app.address}/judge/first")
    page.keyboard.press("1")
    page.keyboard.press("?")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".bar").bounding_box()["height"] < 72


def test_what_a_page_shows_of_hostile_words_is_text(sandbox, browser):
    for file in ("norland/a", "norland/b", "norland/c", "sudland/a", "sudland/b", "sudland/c"):
        sandbox.write(f"corpus/{file}.txt", f"{HOSTILE} 👩🏽‍✈️ trains {file}. It is a bridge.\n")
    sandbox.change("codebooks/book.yaml", "name: Role", f"name: {json.dumps(HOSTILE)}")
    sandbox.change("codebooks/book.yaml", "definition: What it does.", f"definition: {json.dumps(HOSTILE)}")
    sample = drawn(sandbox.root)
    with App(sandbox.root, "anna") as running:
        page = running.enter(browser)
        page.goto(f"{running.address}/judge/first")
        for _ in sample.drawn:
            assert "broken" not in page.title()
            assert page.locator("main img, main script").count() == 0
            then(page, "1", "Enter")
        assert counted(running)["anna"] == len(sample.drawn)
        page.context.close()
