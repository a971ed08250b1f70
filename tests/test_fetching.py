"""Originals are kept with where they are from, once; a study runs on them and says what is missing."""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import pytest
from foreign import Words, pdf
from hypothesis import given
from hypothesis import strategies as st
from served import PAGE, WORDS, file, server, to, visitor
from typer.testing import CliRunner

from coding.cli.results import app
from coding.errors import CodingError
from coding.fetching import chosen_digests, fetch, looked, take
from coding.originals import Fetched, originals_of
from coding.project import Project
from coding.remote.archive import Archive
from coding.study import run

DIGESTS = [f"{donor}/{name}" for donor in ("norland", "sudland") for name in "abc"]
SCHOOLS = "<!doctype html><p>" + "Sudland trains teachers and no one else in all of its schools. " * 8


@pytest.fixture
def site():
    with server() as pages:
        yield pages


@pytest.fixture
def cited(sandbox, site):
    """A project whose digests each name an address on the server, /<donor>/<name>."""
    for name in DIGESTS:
        donor, _, letter = name.partition("/")
        old = f"title: {letter}.txt of {donor}\n"
        url = site.url(f"/{donor}/{letter}")
        sandbox.change(f"corpus/{donor}/case.yaml", old, f"{old}    url: {url}\n")
    return sandbox


def archive(site):
    return Archive(site.url("/available"), site.url("/web/"))


def asked_of_archive(site, path, *, when="20150701"):
    from urllib.parse import urlencode

    return f"/available?{urlencode({'url': site.url(path), 'timestamp': when})}"


def archived(site, path, page, *, stamp="20150630120000"):
    said = {"closest": {"available": True, "status": "200", "timestamp": stamp}}
    site[asked_of_archive(site, path)] = file(json.dumps({"archived_snapshots": said}), "application/json")
    site[f"/web/{stamp}id_/{site.url(path)}"] = page


def fetched(sandbox, site, *documents, donor=None, who=None):
    """Fetch and return the lines of the journal by document."""
    project = Project.open(sandbox.root)
    digests = chosen_digests(project, documents, donor)
    results = fetch(project, digests, who or visitor(), archive=archive(site))
    return {result.fetched.document: result for result in results}


def only(sandbox, site, document="norland/a", **given):
    return fetched(sandbox, site, document, **given)[document]


def coding(*arguments, project):
    return CliRunner().invoke(app, [*map(str, arguments), "--project", str(project.root)])


def test_an_original_is_kept_with_its_file_and_where_it_is_from(cited, site):
    site["/norland/a"], site["/moved"] = to("/moved"), PAGE
    line = only(cited, site).fetched
    folder = cited.root / "originals"
    assert (line.how, line.url, line.address) == ("live", site.url("/norland/a"), site.url("/moved"))
    assert line.at == "2024-05-01T12:00:10Z"
    assert (folder / "norland/a.txt").read_text(encoding="utf-8") == WORDS.strip() + "\n"
    raw = (folder / "norland/files/a.html").read_bytes()
    assert raw == PAGE.encode()
    assert line.sha256 == hashlib.sha256(raw).hexdigest()
    assert originals_of(Project.open(cited.root)).journal == {"norland/a": line}


def test_originals_cannot_be_committed_by_accident(cited, site):
    site["/norland/a"] = PAGE
    subprocess.run(["git", "init", "-q", cited.root], check=True)
    only(cited, site)
    command = ["git", "-C", cited.root, "status", "--short", "--untracked-files=all", "--", "originals"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize(
    "page", [404, 410, 403, 500, "<p>Not found.</p>", to("/"), file(b"GIF89a", "image/gif"), lambda _: None]
)
def test_what_is_not_there_any_more_comes_from_the_archive_nearest_to_its_date(cited, site, page):
    site["/norland/a"], site["/"] = page, PAGE
    archived(site, "/norland/a", PAGE)
    line = only(cited, site).fetched
    assert (line.how, line.snapshot) == ("archive", "2015-06-30")
    assert line.address.startswith(site.url("/web/20150630120000id_/"))
    assert len(line.why) == 1


def test_the_snapshot_to_which_an_archive_redirects_is_the_one_that_is_named(cited, site):
    archived(site, "/norland/a", to(site.url(f"/web/20160102030405id_/{site.url('/norland/a')}")))
    site[f"/web/20160102030405id_/{site.url('/norland/a')}"] = PAGE
    assert only(cited, site).fetched.snapshot == "2016-01-02"


def test_what_neither_has_is_missing_with_both_reasons(cited, site):
    site[asked_of_archive(site, "/norland/a")] = file('{"archived_snapshots": {}}', "application/json")
    line = only(cited, site).fetched
    assert line.how == "missing"
    assert [("gone" in why, "no snapshot" in why) for why in line.why] == [(True, False), (False, True)]
    assert not (cited.root / "originals/norland").exists()


def test_a_site_that_forbids_it_or_leads_to_a_private_place_is_not_asked_for_elsewhere(cited, site):
    site["/norland/a"] = to("http://10.0.0.1/")
    archived(site, "/norland/a", PAGE)
    assert only(cited, site).fetched.how == "missing"
    site["/robots.txt"] = file("User-agent: *\nDisallow: /norland\n", "text/plain")
    line = only(cited, site).fetched
    assert "robots.txt" in line.why[0]
    assert not [path for path in site.asked if path.startswith("/available")]


def test_a_document_without_an_address_is_missing(sandbox, site):
    assert "no address" in only(sandbox, site).fetched.why[0]
    assert site.asked == []


def test_what_is_there_is_not_asked_for_again(cited, site):
    site["/norland/a"] = PAGE
    assert only(cited, site).is_new
    before = list(site.asked)
    again = only(cited, site)
    assert (again.is_new, again.fetched.how) == (False, "live")
    assert site.asked == before


def test_a_text_that_was_changed_is_taken_out_of_its_file_again(cited, site):
    site["/norland/a"] = PAGE
    only(cited, site)
    text = cited.root / "originals/norland/a.txt"
    before, asked = text.read_bytes(), list(site.asked)
    text.write_bytes(b"Other words.\n")
    assert only(cited, site).is_new
    assert (text.read_bytes(), site.asked) == (before, asked)


@pytest.mark.parametrize("harm", ["changed", "removed", "another address"])
def test_a_file_that_is_not_what_it_was_or_another_address_is_asked_for_again(cited, site, harm):
    site["/norland/a"] = site["/norland/new"] = PAGE
    only(cited, site)
    raw = cited.root / "originals/norland/files/a.html"
    if harm == "another address":
        cited.change("corpus/norland/case.yaml", site.url("/norland/a"), site.url("/norland/new"))
    elif harm == "removed":
        raw.unlink()
    else:
        raw.write_bytes(b"x")
    n = len(site.asked)
    assert only(cited, site).is_new
    assert len(site.asked) > n
    assert raw.read_bytes() == PAGE.encode()


def test_what_is_missing_is_asked_for_in_the_next_run(cited, site):
    assert only(cited, site).fetched.how == "missing"
    site["/norland/a"] = PAGE
    assert only(cited, site).fetched.how == "live"


def test_who_stops_keeps_what_has_come_and_the_next_run_goes_on(cited, site):
    for name in DIGESTS:
        site[f"/{name}"] = PAGE

    def stop(_):
        raise KeyboardInterrupt

    project = Project.open(cited.root)
    digests = chosen_digests(project, [], None)
    results = fetch(
        project,
        digests,
        visitor(),
        archive=archive(site),
        told=lambda said: said.startswith("3 ") and stop(said),
    )
    with pytest.raises(KeyboardInterrupt):
        list(results)
    assert sorted(originals_of(project).journal) == DIGESTS[:2]
    site.asked.clear()
    assert all(result.fetched.is_there for result in fetched(cited, site).values())
    assert [path for path in site.asked if path != "/robots.txt"] == [f"/{name}" for name in DIGESTS[2:]]


def test_two_cannot_fetch_for_one_project_at_a_time(cited, site):
    site["/norland/a"] = site["/norland/b"] = PAGE
    project = Project.open(cited.root)
    first = fetch(project, chosen_digests(project, ["norland/a", "norland/b"], None), visitor())
    next(first)
    with pytest.raises(CodingError, match="already"):
        only(cited, site)
    first.close()
    assert only(cited, site, "norland/b").fetched.is_there


def test_a_pdf_keeps_its_pages(cited, site):
    pages = [
        [Words(60, 740 - 12 * i, f"Norland trains police in place {i} of page {n}.") for i in range(8)]
        for n in (1, 2)
    ]
    site["/norland/a"] = file(pdf(pages), "application/octet-stream")
    line = only(cited, site).fetched
    assert line.file == "a.pdf"
    assert "2 pages" in line.read_as
    assert (cited.root / "originals/norland/a.txt").read_text(encoding="utf-8").count("\f") == 1


@pytest.mark.parametrize(
    ("said", "meta"),
    [
        ("text/html; charset=ISO-8859-1", ""),
        ("text/html", "<meta charset=latin1>"),
        ("text/html; charset=shift_jis", "<meta charset=latin1>"),
    ],
)
def test_letters_are_read_as_the_page_or_else_its_server_says(cited, site, said, meta):
    words = "“Über” " * 60
    site["/norland/a"] = file(f"<html>{meta}<p>{words}".encode("cp1252"), said)
    only(cited, site)
    assert (cited.root / "originals/norland/a.txt").read_text(encoding="utf-8") == words.strip() + "\n"


def test_a_page_whose_letters_nobody_names_is_missing_and_says_so(cited, site):
    site["/norland/a"] = file("<html><p>Über ".encode("cp1252") * 60, "text/html")
    assert any("cannot be read" in why for why in only(cited, site).fetched.why)


def test_a_file_saved_by_hand_takes_the_place_of_what_cannot_be_fetched(cited, site, tmp_path):
    saved = tmp_path / "saved.html"
    saved.write_text(PAGE, encoding="utf-8")
    project = Project.open(cited.root)
    (digest,) = chosen_digests(project, ["norland/a"], None)
    line = take(project, digest, saved, visitor()).fetched
    assert (line.how, line.address, line.file) == ("by hand", "saved.html", "a.html")
    assert not only(cited, site).is_new
    assert site.asked == []


@pytest.mark.parametrize("name", ["a.gif", "a.csv", "nothing.pdf"])
def test_a_file_by_hand_that_is_no_text_changes_nothing(cited, tmp_path, name):
    project = Project.open(cited.root)
    if name != "nothing.pdf":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CodingError, match=name):
        take(project, project.corpus["norland/a"], tmp_path / name, visitor())
    assert not (cited.root / "originals").exists()


def test_documents_and_donors_that_are_not_there_are_named_with_the_nearest(cited):
    cited.change("corpus/norland/case.yaml", "fidelity: digest", "fidelity: original")
    project = Project.open(cited.root)
    for documents, donor, said in (
        (["norland/x"], None, "norland/x"), ([], "norlnd", "Did you mean 'norland'"), (["norland/a"], None, "is no digest but original"),
    ):  # fmt: skip
        with pytest.raises(CodingError, match=said):
            chosen_digests(project, documents, donor)
    assert [d.id for d in chosen_digests(project, [], "norland")] == ["norland/b", "norland/c"]


def test_looking_asks_and_writes_nothing(cited, site):
    project = Project.open(cited.root)
    results = looked(project, chosen_digests(project, [], None))
    assert [result.fetched.how for result in results] == ["missing"] * 6
    assert site.asked == []
    assert not (cited.root / "originals").exists()


@pytest.mark.parametrize(
    "line", ["{", "{}", '{"document": "norland/a", "url": "", "how": "live", "file": "../../x"}']
)
def test_a_damaged_journal_is_named_by_its_line(cited, line):
    cited.write("originals/fetched.jsonl", f"{line}\n")
    with pytest.raises(CodingError, match="fetched.jsonl, line 1"):
        originals_of(Project.open(cited.root))


@given(st.text(), st.text())
def test_what_the_journal_is_told_it_says_again(said, address):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        line = Fetched("norland/a", address, "missing", why=(said,))
        originals_of(project).keep(line)
        assert originals_of(project).journal == {"norland/a": line}


def all_but(cited, site, *missing):
    for name in DIGESTS:
        if name not in missing:
            site[f"/{name}"] = SCHOOLS if name.startswith("sudland") else PAGE
    fetched(cited, site)
    return Project.open(cited.root)


def test_a_study_runs_on_originals_under_the_ids_and_variables_of_its_digests(cited, site):
    project = all_but(cited, site, "norland/c")
    before, found = run(project), run(project, texts="originals")
    assert [d.id for d in found.corpus] == [d.id for d in before.corpus if d.id != "norland/c"]
    for document in found.corpus:
        assert "in all of its schools" in document.text or "builds a bridge" in document.text
        own = {k: v for k, v in document.variables.items() if not k.startswith("read_")}
        assert own == {**before.corpus[document.id].variables, "fidelity": "original"}
    assert found.findings[0].said.endswith("in originals")
    assert before.findings[0].said.endswith("in digests")
    assert found.missing == ("norland/c",)
    assert found.left_out == {"want of an original (Norland)": 1}
    assert found.provenance["texts"] == "originals"
    assert found.provenance["corpus digest"] != before.provenance["corpus digest"]


def test_a_study_of_digests_is_not_changed_by_originals_that_are_there(cited, site):
    before = run(Project.open(cited.root))
    after = run(all_but(cited, site))
    assert (after.findings, after.provenance, after.missing) == (before.findings, before.provenance, ())


def test_a_donor_without_any_original_cannot_be_compared(cited, site):
    project = all_but(cited, site, *DIGESTS[:3])
    with pytest.raises(
        CodingError, match="no original for norland. Fetch some: `coding fetch --donor norland`"
    ):
        run(project, texts="originals")


def test_a_text_that_was_changed_is_not_run_on(cited, site):
    project = all_but(cited, site)
    cited.write("originals/norland/a.txt", "It trains police, or so I say.\n")
    with pytest.raises(CodingError, match="norland/a.txt was changed"):
        run(project, texts="originals")


def test_an_original_in_another_language_is_not_searched_by_the_rules(cited, site):
    site["/norland/a"] = (
        f"<!doctype html><meta charset=utf-8><p>{'日本は国際協力を推進する。警察官の研修を行う。' * 30}"
    )
    for name in DIGESTS[1:]:
        site[f"/{name}"] = PAGE
    fetched(cited, site)
    found = run(Project.open(cited.root), texts="originals")
    assert found.corpus["norland/a"].variables["language"] == "ja"
    assert "norland/a" not in {reading.segment.document for reading in found.coded.readings}


def test_people_who_coded_digests_do_not_count_on_originals_and_the_study_says_so(cited, site):
    from coding.model import Coded, Reading

    project = all_but(cited, site)
    reading = Reading("anna", project.corpus["norland/a"].whole)
    project.add(Coded((), (reading,)), by="anna")
    cited.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]")
    found = run(Project.open(cited.root), texts="originals")
    assert found.study.coders == ["rules"]
    assert any("anna" in note and "digests" in note for note in found.study.notes)
    assert {reading.coder for reading in found.coded.readings} == {"rules"}
    cited.change("studies/study.yaml", "coders: [rules, anna]", "coders: [anna]")
    with pytest.raises(CodingError, match="only rules and models count"):
        run(Project.open(cited.root), texts="originals")


def test_an_original_from_another_address_than_the_case_file_names_by_now_is_none(cited, site):
    all_but(cited, site)
    cited.change("corpus/norland/case.yaml", site.url("/norland/a"), site.url("/norland/new"))
    assert run(Project.open(cited.root), texts="originals").missing == ("norland/a",)


def test_a_model_among_the_coders_codes_the_originals_afresh(cited, site):
    from coding.batch import act
    from coding.formats.models import write_model
    from coding.model import Coded, CodedSegment, Coder, Corpus, Document, Reading
    from coding.taggers.learned import LearnedTagger
    from coding.units import unitise

    project = all_but(cited, site)
    lines = [
        " ".join(f"It {('trains police', 'sleeps')[(n + i) % 2]} in year {i}." for i in range(4))
        for n in range(24)
    ]
    learned = Corpus(tuple(Document(f"d{n}", line, {"donor": "norland"}) for n, line in enumerate(lines)))
    book = project.codebook("book")
    units = [(unit, d.quote(unit)) for d in learned for unit in unitise(d, "sentence")]
    coded = Coded(
        tuple(
            CodedSegment(f"s{i}", unit, "behaviour", book["behaviour"].meaning, "anna")
            for i, (unit, words) in enumerate(units)
            if "police" in words
        ),
        tuple(Reading("anna", d.whole) for d in learned),
    )
    tagger = LearnedTagger.fit(
        coded, learned, book, unit="sentence", counts="any", rollup=True, target="f1", seed=1, name="first"
    )
    project.model_path("first").parent.mkdir()
    write_model(project.model_path("first"), tagger.model)
    with project.store() as store:
        store.add(
            act(
                "anna",
                "code",
                Coder("first", "model"),
                Reading("first", project.corpus["norland/a"].whole, kind="model", id="r"),
            )
        )
    cited.change("studies/study.yaml", "coders: [rules]", "coders: [first]")
    found = run(Project.open(cited.root), texts="originals")
    assert found.study.coders == ["first"]
    assert {reading.segment.document for reading in found.coded.readings} == {d.id for d in found.corpus}
    assert {segment.segment.document[:7] for segment in found.coded.segments} == {"norland"}


def test_an_unknown_choice_of_texts_is_refused(cited):
    with pytest.raises(CodingError, match="Did you mean 'originals'"):
        run(Project.open(cited.root), texts="original")


def test_the_command_never_reaches_this_machine_and_ends_with_one_if_some_are_missing(cited, site):
    site["/norland/a"] = PAGE
    ended = coding("fetch", "norland/a", "--json", project=cited)
    assert ended.exit_code == 1
    (line,) = json.loads(ended.stdout)
    assert line["how"] == "missing"
    assert "no place on the public internet" in line["why"][0]
    assert site.asked == []


def test_the_command_shows_what_it_would_ask_for(cited, site):
    ended = coding("fetch", "--donor", "sudland", "--dry-run", project=cited)
    assert ended.exit_code == 0
    assert [line.split("\t")[:3] for line in ended.stdout.splitlines()[1:]] == [
        [f"sudland/{letter}", "to fetch", site.url(f"/sudland/{letter}")] for letter in "abc"
    ]
    assert "Nothing was asked" in ended.stderr
    assert "cannot be asked for" not in ended.stderr


def test_a_digest_without_an_address_is_not_said_to_be_fetched(cited, site):
    cited.change("corpus/norland/case.yaml", f"    url: {site.url('/norland/a')}\n", "")
    ended = coding("fetch", "--donor", "norland", "--dry-run", project=cited)
    rows = [line.split("\t")[:3] for line in ended.stdout.splitlines()[1:]]
    assert rows[0] == ["norland/a", "no address", ""]
    assert {row[1] for row in rows[1:]} == {"to fetch"}
    assert "1 cannot be asked for: their case files name no `url`." in ended.stderr


def test_the_command_keeps_a_file_given_by_hand_of_one_document(cited, tmp_path):
    saved = tmp_path / "saved.txt"
    saved.write_bytes(("Über die Polizei. " * 30).encode("cp1252"))
    for arguments in (
        ["--file", saved, "norland/a"],
        ["--file", saved],
        ["--file", saved, "norland/a", "--dry-run"],
        ["--encoding", "cp1252"],
    ):
        assert isinstance(coding("fetch", *arguments, project=cited).exception, CodingError)
    ended = coding("fetch", "norland/a", "--file", saved, "--encoding", "cp1252", project=cited)
    assert (ended.exit_code, ended.stdout.splitlines()[1].split("\t")[:3]) == (
        0,
        ["norland/a", "by hand", "saved.txt"],
    )


def test_reproduce_writes_the_run_on_originals_beside_that_on_digests(cited, site):
    all_but(cited, site, "norland/c")
    ended = coding(
        "reproduce", "--texts", "originals", "--no-figures", "--out", cited.root / "out", project=cited
    )
    assert ended.exit_code == 0
    assert "norland/c: " in ended.stderr
    assert "Left out for want of an original: 1 of Norland." in ended.stderr
    assert "originals of 5 of 6 documents" in ended.stderr
    report = (cited.root / "out/study-originals/report.html").read_text(encoding="utf-8")
    assert "originals of 5 of 6 documents" in report
    assert "1 for want of an original (Norland)" in report
    assert not (cited.root / "out/study").exists()
