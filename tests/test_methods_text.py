"""The methods text says what the run says, and what nobody has said is a gap that nobody overlooks."""

import io
import json
import re
from dataclasses import replace
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules

import docx
import pytest
from conftest import Sandbox
from docx.oxml.ns import qn
from pages import OTHERS, Page
from test_cli_sample import judge, otherwise
from test_report import HOSTILE, hostile
from typer.testing import CliRunner

import coding
from coding import cli
from coding.batch import act, new_id, now
from coding.kept_universes import keep_universes
from coding.methods_text import methods, methods_paper
from coding.methods_text.computing import robustness
from coding.methods_text.known import Known
from coding.model import CodedSegment, Coder, Reading
from coding.paper import GAP
from coding.paper.written import FOR_TEXTS, write, written
from coding.report import decisions, in_words
from coding.robustness import Multiverse, Varied, multiverse
from coding.study import run


@pytest.fixture(scope="module")
def shipped(repository):
    project = coding.Project.open(repository)
    return methods(project, run(project))


def told(sandbox, **keywords):
    project = coding.Project.open(sandbox.root)
    return methods(project, run(project), **keywords)


def section(found, name):
    (one,) = [one for one in found.sections if one.name == name]
    return " ".join(one.said)


def answer(answers, number):
    return next(one for one in answers if one.number == number)


def words(paper, kind="text"):
    return " ".join(written(paper, kind).decode().split())


def test_the_numbers_of_the_text_are_those_of_the_run(shipped):
    done = shipped.run
    corpus, coded = section(shipped, "corpus"), section(shipped, "coders")
    of_japan, of_korea = (done.matrix.size(case)[1] for case in ("japan", "south-korea"))
    n_shared = of_japan + of_korea - len(done.corpus)
    assert f"holds {len(done.corpus)} documents (Japan {of_japan}, South Korea {of_korea}; {n_shared} of them counts for several)" in corpus  # fmt: skip
    assert f"{len({d.cluster for d in done.corpus})} clusters" in corpus
    assert f"cut into {len(done.matrix.projection.units)} sentences" in corpus
    years = [d.variables["year"] for d in done.corpus]
    assert f"Years: {min(years)} to {max(years)}" in corpus
    assert f"digest ({len(done.corpus)})" in corpus
    assert f"Left out were {sum(done.left_out.values())}" in corpus
    for n in done.left_out.values():
        assert re.search(rf"\b{n} (?:about|of) (?:an)?other", corpus)
    assert f"{len(done.matrix.unplaced)} sentences named none" in corpus
    assert f"(coded segments that stand: {len(done.coded.segments)})" in coded
    assert f"Claims put to the texts: {len(done.findings)}, of which 7" in section(shipped, "statistics")
    assert f"fewer than {done.study.least_clusters} clusters" in section(shipped, "statistics")
    assert f"(seed {done.study.seed})" in section(shipped, "statistics")


def test_a_document_that_counts_for_no_case_is_said(sandbox):
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    about: [norland, sudland]")
    sandbox.change("corpus/norland/a.txt", "Norland trains police. It is a bridge.", "It is a bridge.")
    said = section(told(sandbox), "corpus")
    assert "holds 6 documents (Norland 2, Sudland 3; 1 counts for none)" in said


def test_a_study_without_claims_says_that_nothing_is_tested(sandbox):
    study = (sandbox.root / "studies/study.yaml").read_text("utf-8")
    sandbox.write("studies/study.yaml", f"{study.partition('findings:')[0]}findings: []\n")
    said = section(told(sandbox), "statistics")
    assert "No claim is put to the texts: what they say is described, and nothing is tested." in said
    assert "Claims put" not in said


def test_what_is_added_and_how_placebos_are_drawn_is_said_by_the_bases_and_kinds_that_occur(sandbox):
    plain = section(told(sandbox), "statistics")
    assert "a cluster at one half, of twice the mean size of its clusters, so that" in plain
    assert "four units" not in plain
    assert "4 units" not in plain
    assert "between two donors the two sides are dealt anew over the clusters, 4999 times" in plain
    assert "swapped" not in plain
    study = (sandbox.root / "studies/study.yaml").read_text("utf-8")
    sandbox.write("studies/study.yaml", study + OTHERS)
    both = section(told(sandbox), "statistics")
    assert "where the share is of all that was searched at most of 4 units, so that" in both
    assert "dealt anew over the clusters; between two codes of one donor these are swapped at random" in both
    sandbox.write("studies/study.yaml", study.replace("within: behaviour, base: coded", "base: searched"))
    assert "of its clusters but at most of 4 units, so that" in section(told(sandbox), "statistics")
    sandbox.change("studies/study.yaml", "weight: unit", "weight: document")
    assert "at most of the documents that 4 units fill on average" in section(told(sandbox), "statistics")


def test_a_placebo_that_was_left_out_is_said_with_its_reason(sandbox):
    project = coding.Project.open(sandbox.root)
    done = run(project)
    (finding,) = done.findings
    left = replace(finding.contrasts[0], placebo=None, no_placebo="there are too many clusters")
    found = methods(project, replace(done, findings=(replace(finding, contrasts=(left,)),)))
    said = section(found, "statistics")
    assert "No placebo was drawn for “More police”: there are too many clusters." in said
    assert "Beside a difference stands a placebo" not in said


def test_the_codebook_is_counted_as_it_stands(shipped):
    book, said = shipped.run.codebook, section(shipped, "codebook")
    rules = [rule for code in book.codes for rule in code.rules]
    assert f"version {book.version}: {len([c for c in book.codes if not c.retired])} codes" in said
    assert f"{len(rules)} in all" in said
    assert f"{sum(len(rule.matches) for rule in rules)} sentences that a rule must hit" in said
    assert f"and {sum(len(rule.rejects) for rule in rules)} that it must not hit" in said


def test_what_was_measured_and_what_went_in_is_said_with_its_digest(shipped):
    done, said = shipped.run, section(shipped, "quality")
    assert f"Macro-F1 is {done.measured.macro_f1:.2f}" in said
    assert f"{done.measured.sentences} sentences of {done.measured.documents} documents" in said
    software = section(shipped, "software")
    for name in ("study", "codebook digest", "corpus digest", "names digest"):
        assert done.provenance[name] in software
    for package in ("normatrix", "python", "spacy", "numpy"):
        assert f"{package} {done.provenance[package]}" in software


def test_a_claim_stands_under_its_source_and_is_never_said_as_the_words_of_the_publication(shipped):
    said = words(methods_paper(shipped))
    for finding in shipped.run.findings:
        assert finding.claim.claim not in said
    assert "They stand here as it words them." in said
    assert "that the claims are worded as in the publications named" in said


def test_every_decision_has_its_reason_or_a_gap(sandbox):
    sandbox.change(
        "studies/study.yaml",
        "least_clusters: 2",
        "least_clusters: 2\nwhy: {unit: A sentence says one thing.}",
    )
    why = {name: said for name, _, said in told(sandbox).decisions}
    assert why.pop("unit") == "A sentence says one thing."
    assert not GAP.search(why.pop("seed"))
    assert {"cases", "fidelity", "measure"} < set(why)
    assert all(GAP.fullmatch(said) for said in why.values())


@pytest.mark.parametrize("study", ["bimantara-2022", "six-donors"])
def test_every_decision_of_a_shipped_study_has_its_reason(repository, study):
    done = run(coding.Project.open(repository), study)
    cases = [done.corpus.name(case) for case in done.study.corpus.cases]
    without = [name for name, _, why in decisions(done.study, cases) if why == in_words(None)]
    assert without == ["seed"]


def test_how_many_rules_find_inflected_forms_is_counted_and_said_in_the_checklists_too(shipped):
    rules = [rule for code in shipped.run.codebook.codes for rule in code.rules]
    n_written = sum(rule.match == "surface" for rule in rules)
    said = (
        f"Of the {len(rules)} rules {len(rules) - n_written} find a word in its base form with its "
        f"inflected forms too and {n_written} find words as written."
    )
    assert n_written
    assert said in section(shipped, "coders")
    assert said in answer(shipped.coreq, 24).says
    assert said in answer(shipped.srqr, 11).says


def test_a_codebook_whose_rules_all_match_alike_says_so(sandbox):
    n = sum(len(code.rules) for code in coding.Project.open(sandbox.root).codebook("book").codes)
    assert f"Of the {n} rules each finds a word in its base form with" in section(told(sandbox), "coders")
    sandbox.change("codebooks/book.yaml", "version: 1.0.0", "version: 1.0.0\nmatch: surface")
    assert f"Of the {n} rules each finds words as written." in section(told(sandbox), "coders")


def test_codes_left_out_in_turn_are_counted_and_not_listed(shipped):
    left_out = Varied("leave out", ("nothing", *(f"role.r{n}" for n in range(66)), "rule police"))
    found = Multiverse("s", "S", "digests", (left_out, Varied("unit", ("sentence", "document"))), (), {})
    said = " ".join(robustness(Known(run=shipped.run, multiverse=found)))
    assert "leave out (nothing, each of 66 codes in turn, each of 1 rule in turn)" in said
    assert "unit (sentence, document)" in said
    assert "role.r5" not in said


def test_gaps_of_the_text_and_of_the_checklists_are_counted_apart(shipped):
    in_checklists = [
        gap for one in (*shipped.coreq, *shipped.srqr) for gap in GAP.findall(one.says)
    ]  # fmt: skip
    assert list(shipped.gaps_of_checklists) == in_checklists
    assert (
        shipped.n_gaps == f"{len(shipped.gaps)} gaps in the text and {len(in_checklists)} in the checklists"
    )
    assert shipped.n_gaps in words(methods_paper(shipped))


@pytest.mark.parametrize("kind", list(FOR_TEXTS))
def test_no_gap_is_silent_in_any_format(shipped, kind):
    gaps = [*shipped.gaps, *shipped.gaps_of_checklists]
    assert len(gaps) > 30
    said = letters(shown(methods_paper(shipped), kind))
    assert [gap for gap in gaps if letters(gap) not in said] == []


def shown(paper, kind):
    """Return the words of a paper as one sees them in a format."""
    raw = written(paper, kind)
    if kind == "docx":
        return "".join(part.text or "" for part in docx.Document(io.BytesIO(raw)).element.iter(qn("w:t")))
    text = raw.decode()
    if kind == "html":
        return Page(text).all("body")[0]["text"]
    return text.replace(r"\textasciigrave{}", "") if kind == "latex" else text


def letters(text):
    return re.sub(r"[^\w]", "", text)


def test_both_checklists_are_whole_and_say_what_is_to_be_written(shipped):
    assert [one.number for one in shipped.coreq] == list(range(1, 33))
    assert [one.number for one in shipped.srqr] == list(range(1, 22))
    for one in (*shipped.coreq, *shipped.srqr):
        assert one.says
        assert bool(GAP.search(one.says)) is (one.state in ("in part", "to write"))
    assert {one.state for one in shipped.coreq} == {"said", "in part", "to write", "does not apply"}
    assert answer(shipped.coreq, 12).says.startswith(
        f"The corpus of the study holds {len(shipped.run.corpus)}"
    )
    assert answer(shipped.srqr, 4).says == f"The study asks: {shipped.run.study.question}"


# A word by which a reader of the published list knows the point again, in the order of its numbers.
OF_COREQ = (
    "interviews", "Qualifications", "occupation", "gender", "training", "Ties before", "knew of the researchers",
    "Assumptions", "Method and theory", "sample was chosen", "approached", "Size of the sample",
    "did not take part", "Where", "else was present", "sample is like", "asked", "Repeated interviews", "Recording",
    "Notes", "Duration", "Saturation", "Transcripts given back", "How many coded", "codes and their order",
    "before or came of the texts", "Software", "Feedback of participants", "Quotations", "findings follow",
    "main themes", "Minor themes",
)  # fmt: skip
OF_SRQR = (
    "Title", "Abstract", "problem", "Purpose or question", "Approach, theory, paradigm", "researchers are",
    "Context", "chosen", "Ethics", "gathered", "Instruments", "studied", "processed", "analysed", "trust",
    "found", "Evidence", "earlier work", "Limits", "Conflicts of interest", "Funding",
)  # fmt: skip


def test_each_point_stands_under_the_number_and_in_the_part_of_the_published_list(shipped):
    for answers, words in ((shipped.coreq, OF_COREQ), (shipped.srqr, OF_SRQR)):
        for one, word in zip(answers, words, strict=True):
            assert word in one.point

    def parts(answers):
        return [(name, len(list(rows))) for name, rows in groupby(answers, lambda one: one.part)]

    assert parts(shipped.coreq) == [
        ("Research team and reflexivity", 8), ("Study design", 15), ("Analysis and findings", 9),
    ]  # fmt: skip
    assert parts(shipped.srqr) == [
        ("Title and abstract", 2), ("Introduction", 2), ("Methods", 11), ("Results", 2), ("Discussion", 2),
        ("Other", 2),
    ]  # fmt: skip


def test_nobody_or_one_person_is_no_agreement_and_that_is_a_gap(sandbox, hands):
    assert "Nobody has read in the documents of the study" in section(told(sandbox), "agreement")
    hands.reads("anna", "norland/a")
    said = section(told(sandbox), "agreement")
    assert "One person has read" in said
    assert GAP.search(said)


class Hands:
    """People who code and read in a project."""

    def __init__(self, sandbox):
        self.project = coding.Project.open(sandbox.root)
        self.known = set()

    def add(self, coder, verb, *rows):
        with self.project.store() as store:
            if coder not in self.known:
                store.add(act(coder, "coder", Coder(coder, "person")))
                self.known.add(coder)
            store.add(act(coder, verb, *rows))

    def codes(self, coder, document, quote, code):
        text, book = self.project.corpus[document], self.project.codebook("book")
        start = text.text.index(quote)
        place = text.segment(start, start + len(quote))
        self.add(coder, "code", CodedSegment(new_id(), place, code, book[code].meaning, coder, quote=quote))

    def reads(self, coder, *documents, blind=True):
        rows = [
            Reading(coder, self.project.corpus[d].whole, at=now(), blind=blind, id=new_id())
            for d in documents
        ]
        self.add(coder, "read", *rows)


@pytest.fixture
def hands(sandbox):
    return Hands(sandbox)


def test_two_readers_have_an_agreement_and_its_figures_are_those_of_the_verb(sandbox, hands):
    for coder, quote in (("anna", "police"), ("ben", "bridge")):
        hands.codes(coder, "norland/a", quote, "orientation.security")
        hands.reads(coder, "norland/a", "norland/b", "sudland/a")
    found = told(sandbox)
    project = hands.project
    same = coding.agreement(
        project.coded, found.run.corpus, found.run.codebook,
        between=["anna", "ben"], unit="sentence", counts="any", rollup=True, level="nominal", seed=1,
    )  # fmt: skip
    said = section(found, "agreement")
    assert f"anna and ben read {same.over_read.n_units} sentences of {same.n_clusters} clusters" in said
    assert f"alpha is {same.over_read['alpha'].value:.2f}" in said
    assert f"someone coded {same.over_coded.n_units}" in said
    assert "2 people read in 3 documents of the study without counting in it" in section(found, "coders")


def test_who_counts_is_told_with_what_was_read_and_whether_blind(sandbox, hands):
    hands.codes("anna", "norland/a", "bridge", "role.bridge")
    hands.reads("anna", "norland/a")
    hands.reads("anna", "norland/b", blind=False)
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]")
    said = section(told(sandbox), "coders")
    assert "anna read 2 of 6 documents (1 of 2 readings blind to what others had coded)" in said
    assert "coded segments that stand: 1." in said
    assert "No person's coding counts" not in said
    assert "[to be written: who the coders are" in said


def test_other_decisions_are_told_where_they_were_tried_and_else_are_a_gap(sandbox):
    assert GAP.fullmatch(section(told(sandbox), "robustness"))
    sandbox.change(
        "studies/study.yaml",
        "least_clusters: 2",
        "robustness: {unit: [sentence, document]}\nleast_clusters: 2",
    )
    found = multiverse(coding.Project.open(sandbox.root))
    said = section(told(sandbox, multiverse=found), "robustness")
    assert f"carried out in {len(found)} universes, in digests, every combination" in said
    assert f"kept in {100 * found.findings[0].keeps().mean():.1f} %" in said
    assert not GAP.search(said)
    keep_universes(found, sandbox.root / "out" / "study", figures=False)
    ended = commanded("methods", "--results", str(sandbox.root / "out"), folder=sandbox.root)
    assert " ".join(ended.stdout.split()).count(f"carried out in {len(found)} universes") == 1


def test_quality_that_was_not_measured_is_a_gap(sandbox):
    said = section(told(sandbox), "quality")
    assert "was not measured for this version" in said
    assert GAP.search(said)


@pytest.fixture(scope="module")
def foul(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("foul") / "project")
    study = (sandbox.root / "studies/study.yaml").read_text("utf-8")
    sandbox.write("studies/study.yaml", study + OTHERS)
    project = coding.Project.open(sandbox.root)
    return methods_paper(methods(project, hostile(run(project)), references={HOSTILE: HOSTILE}))


def test_hostile_titles_are_shown_and_never_act(foul):
    page = Page(written(foul, "html").decode())
    assert page.all("script") == []
    assert page.all("img") == []
    (policy,) = [e["is"]["content"] for e in page.all("meta") if "http-equiv" in e["is"]]
    assert "default-src 'none'" in policy
    assert any(HOSTILE in e["text"] for e in page.all("h1"))
    assert "<script>" not in written(foul, "markdown").decode()
    assert r"\textless{}script\textgreater{}" in written(foul, "latex").decode()
    assert HOSTILE in words(foul)


def test_a_text_never_makes_two_files_of_one_paper(foul, tmp_path):
    for kind, suffix in FOR_TEXTS.items():
        write(foul, tmp_path / f"x{suffix}", format=kind)
        assert (tmp_path / f"x{suffix}").read_bytes() == written(foul, kind)


def commanded(*arguments, folder):
    for module in iter_modules(cli.__path__, "coding.cli."):
        import_module(module.name)
    return CliRunner().invoke(cli.app, [*arguments, "--project", str(folder)])


def test_the_command_prints_text_writes_files_and_says_how_many_gaps_there_are(sandbox):
    root = sandbox.root
    ended = commanded("methods", folder=root)
    assert ended.stdout.startswith("Methods: A study\n================\n")
    n, n_more = map(
        int, re.search(r"(\d+) gaps in the text and (\d+) in the checklists", ended.stderr).groups()
    )
    said = json.loads(commanded("methods", "--json", folder=root).stdout)
    assert [len(said["gaps"]), len(said["gaps_of_checklists"])] == [n, n_more]
    assert [len(said["coreq"]), len(said["srqr"])] == [32, 21]
    for name in ("m.md", "m.tex", "m.docx", "m.html", "m.txt"):
        assert commanded("methods", "--out", f"{root}/{name}", folder=root).exit_code == 0
        assert (root / name).stat().st_size > 1000
    assert commanded("methods", "--format", "md", folder=root).stdout.startswith("# Methods: A study")
    refused = commanded("methods", "--format", "docx", folder=root)
    assert "docx goes into a file" in str(refused.exception)


def test_a_judged_sample_of_the_codebook_is_told_and_one_that_cannot_be_counted_is_named(sandbox):
    root = sandbox.root
    drawn = ("sample", "first", "--reader", "anna", "--found", "9", "--others", "9")
    assert commanded(*drawn, folder=root).exit_code == 0
    unread = "The sample first is left out: nothing of the sample first is judged yet."
    for words in (("methods",), ("donor", "check")):
        ended = commanded(*words, folder=root)
        assert "From a blind sample" not in ended.stdout
        assert unread in " ".join(ended.stderr.split())
    judge(root, "first", otherwise)
    quality = json.loads(commanded("quality", "--sample", "first", "--json", folder=root).stdout)
    said = json.loads(commanded("methods", "--json", folder=root).stdout)
    (text,) = [" ".join(one["said"]) for one in said["sections"] if one["name"] == "quality"]
    n = len(coding.Project.open(root).sample("first").drawn)
    assert f"(first: {n} of {n} sentences, judged by anna {n})" in text
    (role,) = [
        one
        for one in quality["rates"]
        if (one["code"], one["rule"] or "", one["case"] or "") == ("role", "", "")
    ]
    assert f"role {role['precision']['value']:.2f} and {role['recall']['value']:.2f}" in text
    assert not GAP.search(text)
    sandbox.change(
        "codebooks/book.yaml", "definition: What it does for others.", "definition: Another thing."
    )
    ended = commanded("methods", folder=root)
    assert "The sample first is left out:" in ended.stderr
    assert "From a blind sample" not in ended.stdout
