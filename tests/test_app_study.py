"""The study page: the run's own verdicts, made once, held back while somebody is to read blind; the report with its own policy."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from app import App, code, read
from lists import assign, entering, faults, links, shown, words
from pages import OTHERS, Page

import coding
from coding import plots
from coding.report import render
from coding.study import run
from coding.web import running

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as started:
        yield started


def reread(client, address):
    """Return a page once it no longer says that it is still being made."""
    while "refresh" in (answer := client.get(address)).headers:
        pass
    return answer


def test_the_page_says_what_the_run_says(app, sandbox):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHERS.lstrip("\n"), encoding="utf-8")
    found = run(coding.Project.open(sandbox.root))
    page = shown(entering(app), "/study")
    assert words(page.all("h1")[0]) == "A study"
    assert "Does the first train more police?" in page.text("main")
    said = [words(e) for e in page.all("p", class_="said")]
    assert len(said) == len(found.findings) == 6
    for finding, sentence in zip(found.findings, said, strict=True):
        assert finding.said in sentence
        assert sentence.endswith(f"{finding.said}: {finding.reason}")
        assert "in digests" in sentence
    contrast = found.findings[0].contrasts[0]
    estimates = [words(e) for e in page.all("p", class_="estimate")]
    assert any(f"{contrast.difference:+.2f}" in each for each in estimates)
    assert len(page.all("svg", class_="interval")) == sum(
        c.difference is not None for f in found.findings for c in f.contrasts
    )
    verdicts = [finding.verdict for finding in found.findings]
    n_tested = sum(verdict is not None for verdict in verdicts)
    assert f"Of {n_tested} claims tested in these digests" in page.text("main")
    assert f"{verdicts.count('undetermined')} undetermined" in page.text("main")


def test_the_selection_is_counted_and_every_decision_has_its_reason(app, sandbox):
    sandbox.change("corpus/norland/case.yaml", "source_kind: primary", "source_kind: secondary")
    sandbox.change(
        "studies/study.yaml", "least_clusters: 2", "least_clusters: 2\nwhy: {unit: It is small., mood: None.}"
    )
    app.server.app.state.desk.look_again()
    page = shown(entering(app), "/study")
    assert (
        "5 documents, all digests, 5 primary; year 2015. Left out of the corpus: 1 for source kind."
        in page.text("main")
    )
    rows = [
        [words(e) for e in page.elements if line in e["in"] and e["tag"] in ("th", "td")]
        for line in page.all("tr")
    ]
    assert ["Norland", "2", "2"] in rows
    assert ["unit", "sentence", "It is small."] in rows
    assert ["mood", "—", "None."] in rows
    assert ["coders", "rules", "—"] in rows


def test_the_page_leads_to_report_matrix_and_command(app):
    page = shown(entering(app), "/study")
    assert {
        "/study/report?study=study",
        "/study/report?study=study#finding-training",
        "/matrix?study=study",
    } <= set(links(page))
    assert "coding reproduce study" in [words(e) for e in page.all("code")]


def test_a_run_is_made_once_for_the_same_files_and_anew_for_others(app, sandbox):
    desk, client = app.server.app.state.desk, entering(app)

    def carried():
        return running.carried_out(desk, "study", held=False)

    with ThreadPoolExecutor() as several:
        first, *others = (asked.result() for asked in [several.submit(carried) for _ in range(8)])
    assert all(other is first for other in others)
    code(client, "norland/a", "police", "role.bridge")  # the study names the rules alone
    shown(client, "/study")
    assert carried() is first
    sandbox.change("studies/study.yaml", "title: A study", "title: Another title")
    assert words(shown(client, "/study").all("h1")[0]) == "Another title"
    second = carried()
    assert second is not first
    sandbox.write("corpus/norland/a.txt", "Norland trains police. It is a road.\n")
    desk.look_again()
    assert carried() is not second
    assert carried().result().run.matrix.cell("Norland", "role.bridge").n == 0


def test_a_study_that_names_people_follows_their_coding(app, sandbox):
    client = entering(app)
    read(client, "norland/a")
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]\nunreviewed: keep")
    digest = re.compile(r"coded digest</dt><dd><code>([0-9a-f]{64})")
    before = digest.search(client.get("/study").text)[1]
    code(client, "norland/a", "It is a bridge", "behaviour")
    after = digest.search(client.get("/study").text)[1]
    assert before != after
    assert after == run(coding.Project.open(sandbox.root)).provenance["coded digest"]


# ---- what is missing or broken


def test_a_study_says_what_of_peoples_coding_counts_nowhere_and_why(app, sandbox):
    client = entering(app)
    code(client, "norland/a", "bridge", "role.bridge")
    code(client, "norland/b", "police", "orientation.security")
    read(client, "norland/a")
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]\nunreviewed: keep")
    sandbox.write("corpus/norland/a.txt", "Norland trains the police. It is a bridge.\n")
    app.server.app.state.desk.look_again()
    page = shown(client, "/study")
    said = [words(e) for e in page.all("p", class_="uncounted")]
    assert said == [
        (
            "1 coded segment lies where the coder has filed no reading, and counts nowhere. "
            "1 coded segment lies in an earlier text of its document, and counts nowhere: "
            "coding check names the documents."
        )
    ]
    assert page.all("article")


def test_a_project_without_a_study_says_what_to_do(app, sandbox):
    (sandbox.root / "studies/study.yaml").unlink()
    page = shown(entering(app), "/study")
    assert "The project has no study yet." in page.text("main")
    assert "coding check" in [words(e) for e in page.all("code")]
    assert "/matrix" in links(page)


def test_several_studies_are_listed_and_each_has_its_address(app, sandbox):
    text = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8")
    sandbox.write(
        "studies/other.yaml", text.replace("id: study", "id: other").replace("title: A study", "title: Other")
    )
    client = entering(app)
    page = shown(client, "/study")
    assert "none is named as its own" in page.text("main")
    assert {"/study?study=other", "/study?study=study"} <= set(links(page))
    assert words(shown(client, "/study?study=other").all("h1")[0]) == "Other"
    sandbox.write("pyproject.toml", '[tool.coding]\nstudy = "other"\n')
    assert words(shown(client, "/study").all("h1")[0]) == "Other"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: share", "measure: shares", "studies/study.yaml, line 10"),
        ("title: A study", "title: [", "studies/study.yaml"),
        ("within: behaviour", "within: behavior", "no code 'behavior'. Did you mean 'behaviour'"),
        (
            "coders: [rules]",
            "coders: [rules, ana]",
            "line 7, column 17: no coder 'ana' has coded or read here",
        ),
        ("codebook: book", "codebook: bok", "no codebook 'bok'. Did you mean 'book'"),
    ],
)
def test_a_broken_study_says_what_is_wrong_and_what_next(app, sandbox, old, new, said):
    sandbox.change("studies/study.yaml", old, new)
    client = entering(app)
    page = shown(client, "/study", status=400)
    fault = words(page.all("div", class_="fault")[0])
    assert said in fault
    assert "Mend studies/study.yaml and load this page again" in fault
    assert client.get("/study/report").status_code == 400
    sandbox.change("studies/study.yaml", new, old)
    assert shown(client, "/study").all("p", class_="said")


def test_a_study_that_is_not_there_is_met_with_the_nearest(app):
    page = shown(entering(app), "/study?study=stuyd", status=400)
    assert "no 'stuyd'. Did you mean 'study'" in page.text("main")


# ---- blind


def test_results_are_held_back_while_a_document_is_to_be_read_blind(app):
    assign(app, "anna", "norland/a", "sudland/b")
    anna, ben = entering(app), entering(app, "ben")
    page = shown(anna, "/study")
    assert "You are to read or judge 2 of its documents blind" in page.text("main")
    assert not page.all(class_="verdict")
    assert not page.all("svg", class_="interval")
    assert "The first trains more police." in page.text("main")  # what is claimed is no secret
    assert shown(ben, "/study").all(class_="verdict")
    answer = anna.get("/study/report")
    assert answer.status_code == 400
    assert "It opens when you have." in answer.text
    read(anna, "norland/a")
    assert "You are to read or judge 1 of its documents blind" in shown(anna, "/study").text("main")
    read(anna, "sudland/b")
    assert shown(anna, "/study").all(class_="verdict")


def test_the_report_says_first_that_it_uncovers_others_coding(app):
    client = entering(app)
    read(client, "norland/a")
    answer = reread(client, "/study/report")
    page = Page(answer.text)
    assert "shows what others coded in 5 documents that you have not read" in page.text("main")
    assert not app.server.app.state.desk.work.looks
    (way,) = [href for href in links(page) if "seen=" in href]
    assert "Evidence report" in client.get(way).text
    seen = {look.document for look in app.server.app.state.desk.work.looks if look.coder == "anna"}
    assert seen == {"norland/b", "norland/c", "sudland/a", "sudland/b", "sudland/c"}
    assert "Evidence report" in client.get("/study/report").text


def test_the_report_is_the_librarys_and_comes_under_its_own_policy(app, sandbox, tmp_path):
    answer = reread(entering(app), "/study/report?seen=true")
    found = run(coding.Project.open(sandbox.root))
    assert answer.text == render(found, plots.draw_all(found, tmp_path))
    policy = answer.headers["content-security-policy"]
    (meta,) = [e["is"]["content"] for e in Page(answer.text).all("meta") if e["is"].get("http-equiv")]
    assert policy == f"{meta}; frame-ancestors 'none'"
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nobody_enters_without_a_session(app):
    import httpx

    for path in ("/study", "/study/report"):
        answer = httpx.get(app.address + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/enter")


def test_what_a_study_file_says_is_shown_as_it_is_written(app, sandbox):
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    for key in ("title", "question"):
        sandbox.change("studies/study.yaml", f"\n{key}: ", f"\n{key}: {quoted} #")
    sandbox.change("studies/study.yaml", "    claim: The first", f"    claim: {quoted} # The first")
    sandbox.change(
        "studies/study.yaml", "least_clusters", f"notes: [{quoted}]\nwhy: {{unit: {quoted}}}\nleast_clusters"
    )
    client = entering(app)
    page = shown(client, "/study")
    assert not page.all("img")
    assert [e["is"].get("src") for e in page.all("script")] == ["/static/app.js", "/static/leave.js"]
    assert page.all("h1")[0]["text"] == HOSTILE
    page = shown(client, f"/study?study={quote(HOSTILE)}", status=400)
    assert not page.all("img")


# ---- in a browser


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(app, sandbox, browser, scheme, width):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHERS.lstrip("\n"), encoding="utf-8")
    page = entering(app, browser=browser, color_scheme=scheme, viewport={"width": width, "height": 800})
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in ("/study", "/study/report"):
        page.goto(app.address + address)
        page.locator("main .answer .verdict, main a.button").first.wait_for()
        assert not page.locator(".working").is_visible()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Open the report").click()
    page.get_by_role("heading", name="Provenance").wait_for()
    cell = page.locator("#cell-norland-behaviour .passage").first
    assert not cell.is_visible()
    page.locator("#matrix a[href='#cell-norland-behaviour']").click()
    cell.wait_for(state="visible")
    assert page.get_by_role("button", name="Show all codes").is_visible()  # its own script acts
    assert said == []
