"""The report opens every number to its passages, loads nothing, and stays harmless whatever texts say."""

import base64
import hashlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

import coding
from coding.codebook import Codebook, Example
from coding.model import Case, Corpus, Document
from coding.report import N_TELLING, behind, render
from coding.study import run

VOID = {"meta", "link", "img", "input", "br", "hr"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}</style>]]>"
OTHERS = """
  - id: levels
    title: Levels
    claim: It is high.
    source: {citation: x, place: abstract}
    kind: levels
    operationalisation: Counts.
    why: No benchmark.
    test: {family: orientation, along: [role, behaviour]}
  - id: chain
    title: Chain
    claim: One shapes the next.
    source: {citation: x, place: abstract}
    kind: chain
    operationalisation: Link by link.
    why: It is claimed.
    test: {on: orientation.security, along: [role, behaviour], base: coded}
  - id: within
    title: Within
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: within
    operationalisation: Two codes.
    why: Rival.
    test: {case: sudland, on: orientation.development, versus: orientation.security, within: behaviour, base: coded}
  - id: searched
    title: Of everything searched
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: contrast
    operationalisation: Of all sentences.
    why: Another base.
    test: {first: sudland, second: norland, on: orientation.development, base: searched}
  - id: derived
    title: Derived
    claim: It follows.
    source: {citation: x, place: abstract}
    kind: derived
    operationalisation: Counted.
    why: A conclusion.
    test: {findings: [training, within]}
"""


class Page(HTMLParser):
    """A page as a list of elements, each with its attributes, the elements around it, and its text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {[e['tag'] for e in self._open]}"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        element = {"tag": tag, "is": dict(attrs), "in": list(self._open), "text": ""}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1]["tag"] == tag, f"</{tag}> closes <{self._open[-1]['tag']}>"
        self._open.pop()

    def handle_data(self, words):
        for element in self._open:
            element["text"] += words

    def all(self, tag=None, *, within=None, **attributes):
        """Elements of a tag (and attributes) inside the element with an id."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            e
            for e in self.elements
            if tag in (None, e["tag"])
            and all(value in (e["is"].get(name) or "").split() for name, value in wanted.items())
            and (within is None or any(outer["is"].get("id") == within for outer in e["in"]))
        ]

    def text(self, identity):
        (element,) = [e for e in self.elements if e["is"].get("id") == identity]
        return " ".join(element["text"].split())


def ran(sandbox, *, more="", **keywords):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + more.lstrip("\n"), encoding="utf-8")
    return run(coding.Project.open(sandbox.root), **keywords)


def page(found, drawn=None):
    return Page(render(found, drawn or {}))


@pytest.fixture
def full(sandbox):
    return ran(sandbox, more=OTHERS)


def hostile(found, text=HOSTILE, url="javascript:alert(1)"):
    """The same run, with `text` wherever text comes from outside."""
    documents = tuple(
        replace(
            d,
            variables={
                **d.variables,
                "title": text,
                "url": url,
                "type": text,
                "citation": text,
                "family": text,
            },
        )
        for d in found.corpus
    )
    cases = {c: replace(case, name=f"{c} {text}") for c, case in found.corpus.known_cases.items()}
    codes = tuple(
        replace(
            code,
            name=f"{code.id} {text}", definition=text, include=text, exclude=text, source=text, examples=(text,),
            rules=tuple(replace(rule, patterns=(text,), unless=(text,), matches=(Example(text),), rejects=(Example(text),)) for rule in code.rules),
        )
        for code in found.codebook.codes
    )  # fmt: skip
    book = Codebook(found.codebook.id, text, codes, text, "en", found.codebook.families)
    claims = [
        f.claim.model_copy(update={"title": text, "claim": text, "operationalisation": text, "why": text})
        for f in found.findings
    ]
    return replace(
        found,
        study=found.study.model_copy(
            update={"title": text, "question": text, "notes": [text], "citation": text, "why": {"seed": text, text: text}}
        ),
        corpus=Corpus(documents, cases),
        codebook=book,
        matrix=replace(found.matrix, names={name: f"{name} {text}" for name in found.matrix.names}),
        findings=tuple(
            replace(f, claim=claim, reason=text, contrasts=tuple(replace(c, what=text) for c in f.contrasts))
            for f, claim in zip(found.findings, claims, strict=True)
        ),
        left_out={text: 1},
        provenance={**found.provenance, text: text},
    )  # fmt: skip


def test_hostile_text_stays_text(full):
    clean, attacked = page(full), page(hostile(full))
    assert Counter(e["tag"] for e in attacked.all("script")) == {"script": 1}
    assert {e["tag"] for e in attacked.elements} == {e["tag"] for e in clean.elements}
    assert not attacked.all("img")
    names = {name for e in attacked.elements for name in e["is"]}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "srcdoc", "formaction"}
    assert attacked.text("title") == " ".join(HOSTILE.split())
    assert "49" not in attacked.text("title")


def test_a_hostile_document_stays_text(sandbox):
    words = f"Norland trains police {HOSTILE}."
    sandbox.change("corpus/norland/a.txt", "Norland trains police.", words)
    found = page(ran(sandbox))
    assert any(words in e["text"] for e in found.all("blockquote", within="cell-norland-behaviour"))
    assert len(found.all("script")) == 1


def test_only_web_addresses_become_links(full):
    for url in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "https://a b",
        'https://x"onclick="y',
        None,
    ):
        links = page(hostile(full, url=url)).all("a")
        assert {e["is"]["href"][0] for e in links} == {"#"}, url
    linked = [
        e
        for e in page(hostile(full, url="https://example.org/?a=1&b=2")).all("a")
        if e["is"]["href"][0] != "#"
    ]
    assert {(e["is"]["href"], e["is"]["rel"]) for e in linked} == {
        ("https://example.org/?a=1&b=2", "noreferrer")
    }


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(full):
    found = page(full, {"heatmap": SVG})
    (policy,) = [e["is"]["content"] for e in found.all("meta") if "http-equiv" in e["is"]]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {
        tag: f"'sha256-{base64.b64encode(hashlib.sha256(e['text'].encode()).digest()).decode()}'"
        for tag in ("style", "script")
        for e in found.all(tag)
    }
    assert rules == {
        "default-src": "'none'", "style-src": hashes["style"], "script-src": hashes["script"],
        "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip
    order = [e["tag"] for e in found.elements]
    assert order.index("meta") < order.index("style") < order.index("script")


def test_nothing_is_loaded_from_anywhere(full):
    html = render(full, {"heatmap": SVG})
    for element in Page(html).elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            value = element["is"].get(name) or ""
            assert element["tag"] == "a" or not value or value.startswith("data:"), element
    (style,) = Page(html).all("style")
    assert re.findall(r"url\(([^)]*)\)|@import", style["text"]) == ["#hatch"]


def test_every_coded_segment_of_every_cell_is_in_the_page(full):
    found = page(full)
    n_cells = 0
    for cell in full.matrix:
        hits = found.all("span", within=f"cell-{cell.case}-{cell.code}", class_="hit")
        offsets = [f"{s.segment.start}–{s.segment.end}" for s in cell.coded.segments]
        assert sorted(e["text"].split()[-1] for e in hits) == sorted(offsets)
        assert all(
            any(
                s.because in e["text"] and e["text"].endswith(f"{s.segment.start}–{s.segment.end}")
                for e in hits
            )
            for s in cell.coded.segments
        )
        marks = "".join(e["text"] for e in found.all("mark", within=f"cell-{cell.case}-{cell.code}"))
        assert all(quote in marks for quote in cell.quotes(full.corpus))
        n_cells += bool(hits)
    assert n_cells > 5


@pytest.mark.parametrize("unit", ["sentence", "paragraph", "document"])
def test_passages_are_complete_whatever_the_unit(sandbox, unit):
    found = ran(sandbox, changed={"unit": unit})
    opened = page(found)
    for cell in found.matrix:
        hits = opened.all("span", within=f"cell-{cell.case}-{cell.code}", class_="hit")
        assert len(hits) == len(cell.coded.segments)


def test_a_passage_stands_between_its_neighbours(sandbox):
    sandbox.write(
        "corpus/norland/a.txt", "First it waits. Norland trains police. Then it rests. Long after.\n"
    )
    found = page(ran(sandbox))
    (passage,) = [
        e
        for e in found.all("blockquote", within="cell-norland-behaviour")
        if "Norland trains police." in e["text"]
    ]
    assert passage["text"] == "First it waits. Norland trains police. Then it rests."
    near = [e["text"] for e in found.all("span", within="cell-norland-behaviour", class_="near")]
    assert {"First it waits. ", " Then it rests."} <= set(near)


def test_every_id_is_unique_and_every_anchor_leads_somewhere(full):
    for found in (page(full, {"heatmap": SVG}), page(hostile(full)), page(ran_without_findings(full))):
        ids = [e["is"]["id"] for e in found.elements if "id" in e["is"]]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[A-Za-z0-9._~:-]+", name) for name in ids)
        asked = {e["is"]["href"][1:] for e in found.all("a") if e["is"]["href"].startswith("#")}
        for e in found.elements:
            asked |= set((e["is"].get("aria-labelledby") or "").split()) | set(
                (e["is"].get("for") or "").split()
            )
        assert asked <= set(ids)


def ran_without_findings(found):
    return replace(found, findings=(), study=found.study.model_copy(update={"findings": []}))


def test_every_number_of_the_matrix_leads_to_its_passages(full):
    found = page(full)
    linked = {e["is"]["href"] for e in found.all("a", within="matrix")}
    for cell in full.matrix:
        if cell.state == "present":
            assert f"#cell-{cell.case}-{cell.code}" in linked


def test_the_notice_on_digests_stands_before_the_matrix_and_only_where_there_are_digests(full):
    found = page(full)
    ids = [e["is"].get("id") for e in found.elements]
    assert ids.index("notice-digests") < ids.index("matrix")
    said = found.text("notice-digests")
    for words in ("The texts are digests", "has not been made", "not how often", "in digests"):
        assert words in said
    originals = Corpus(
        tuple(replace(d, variables={**d.variables, "fidelity": "original"}) for d in full.corpus),
        full.corpus.known_cases,
    )
    assert not page(replace(full, corpus=originals)).all(id_="notice-digests")


def test_digests_among_originals_are_counted(full):
    first, *rest = full.corpus
    mixed = Corpus(
        (replace(first, variables={**first.variables, "fidelity": "original"}), *rest),
        full.corpus.known_cases,
    )
    found = page(replace(full, corpus=mixed))
    assert "5 of the 6 texts are digests" in found.text("notice-digests")


def test_the_same_run_gives_the_same_bytes(sandbox):
    one, other = ran(sandbox), run(coding.Project.open(sandbox.root))
    assert render(one, {"heatmap": SVG}) == render(other, {"heatmap": SVG}) == render(one, {"heatmap": SVG})


def test_no_day_and_no_folder_is_in_the_page(sandbox):
    html = render(ran(sandbox), {})
    assert str(sandbox.root) not in html
    assert not re.search(r"20\d\d-\d\d-\d\d", html)


def test_every_verdict_is_said_with_the_fidelity_of_its_texts(full):
    found = page(full)
    for finding in full.findings:
        said = found.text(f"finding-{finding.claim.id}")
        assert finding.said in said
        assert finding.reason in said
        assert finding.claim.claim in said
        assert finding.claim.source.citation in said
        for link in finding.contrasts:
            for side in (link.first, link.second):
                assert f"{side.n}/{side.base}" in said


SUPPORTED = """
In these digests, the share of Security in Behaviour is larger for Norland than for Sudland: difference +0.67,
95 % interval +0.10 to +0.90, 6 documents. ✓ supported, in digests
"""
CONTRADICTED = """
In these digests, the share of Security in Behaviour is smaller for Norland than for Sudland: difference −0.67,
95 % interval −0.90 to −0.10, 6 documents. ✗ contradicted, in digests
"""
UNDETERMINED = """
These digests neither support nor contradict the one claim tested.
? Undetermined for Security in Behaviour. These digests cannot tell
"""


@pytest.mark.parametrize(
    ("low", "high", "verdict", "words"),
    [
        (0.1, 0.9, "supported", SUPPORTED),
        (-0.9, -0.1, "contradicted", CONTRADICTED),
        (-0.1, 0.9, "undetermined", UNDETERMINED),
    ],
)
def test_the_answer_says_what_the_verdict_says(sandbox, low, high, verdict, words):
    found = ran(sandbox)
    finding = found.findings[0]
    sign = -1 if verdict == "contradicted" else 1
    link = replace(finding.contrasts[0], low=low, high=high, difference=sign * 2 / 3)
    told = replace(found, findings=(replace(finding, verdict=verdict, contrasts=(link,)),))
    assert " ".join(words.split()) in page(told).text("answer")


def test_the_answer_counts_the_verdicts(full):
    verdicts = ("supported", None, None, "undetermined", "undetermined", None)
    told = tuple(replace(f, verdict=v) for f, v in zip(full.findings, verdicts, strict=True))
    said = page(replace(full, findings=told)).text("answer")
    assert (
        "Of the 3 claims tested in these digests, 1 is supported, none is contradicted and 2 are undetermined."
        in said
    )


def test_a_contrast_within_a_case_is_told_as_one(full):
    (finding,) = [f for f in full.findings if f.claim.id == "within"]
    told = replace(full, findings=(replace(finding, verdict="supported"),))
    words = (
        "for Sudland, the share of Development in Behaviour is larger than that of Security: difference +0.67"
    )
    assert words in page(told).text("answer")


def test_the_three_zeros_look_and_read_differently(full):
    cells = dict(full.matrix.cells)
    states = {"norland": "absent", "sudland": "not examined"}
    for case, state in states.items():
        cell = cells["role.bridge", case]
        cells["role.bridge", case] = replace(
            cell, state=state, n=0, coded=coding.Coded(), value=0.0 if state == "absent" else None
        )
    found = page(replace(full, matrix=replace(full.matrix, cells=cells)))
    zeros = {
        state: {" ".join(e["text"].split()) for e in found.all("td", within="matrix", class_=state)}
        for state in ("absent", "searched", "not-examined")
    }
    assert all(zeros.values())
    assert {said[0] for said in zeros["absent"]} == {"0"}
    assert {said[0] for said in zeros["searched"]} == {"–"}
    assert {said[0] for said in zeros["not-examined"]} == {"·"}
    words = [re.sub(r"\W+", " ", said) for found_zeros in zeros.values() for said in list(found_zeros)[:1]]
    assert len(set(words)) == 3


def test_figures_stand_in_the_page_with_words(full):
    drawn = dict.fromkeys(("estimates", "heatmap", "extra"), SVG)
    images = page(full, drawn).all("img", within="figures")
    assert [e["is"]["alt"].split()[0] for e in images] == ["Heat", "Dots", "extra"]
    assert {base64.b64decode(e["is"]["src"].split(",")[1]) for e in images} == {SVG}
    assert not page(full).all(id_="figures")


def test_a_study_without_findings_is_a_page_all_the_same(full):
    found = page(ran_without_findings(full))
    assert "puts no claim to the test" in found.text("answer")
    assert found.all("table", within="matrix")


def test_a_case_without_an_id_of_its_own_and_a_code_that_runs_into_it_keep_their_anchors(full):
    odd = Corpus(
        tuple(
            Document(d.id, d.text, {**d.variables, "publisher": f"{d.variables['donor']} / <b> & co"})
            for d in full.corpus
        ),
        {c: Case(c, c) for c in full.corpus.known_cases},
    )
    decisions = {**full.study.measurement.model_dump(), "by": "publisher"}
    matrix = coding.tabulate(full.coded, odd, full.codebook, **decisions)
    told = replace(full, corpus=odd, matrix=matrix, findings=(), compositions={})
    found = page(told)
    assert found.all("span", within="cell-norland-b-co-behaviour", class_="hit")


def test_the_telling_passages_come_first_in_turns_and_none_is_lost(full):
    found = page(full)
    (finding,) = [f for f in full.findings if f.claim.id == "training"]
    link = finding.contrasts[0]
    tags = [e["text"] for e in found.all("span", within="finding-training", class_="tag")]
    assert tags[:2] == ["Norland", "Sudland"]
    assert Counter(tags) == {"Norland": link.first.base, "Sudland": link.second.base}
    assert len(tags[: link.first.n + link.second.n]) <= N_TELLING


def test_the_passages_behind_a_share_are_as_many_as_the_share_counts(full):
    for finding in full.findings:
        if finding.claim.kind == "contrast":
            test, link = finding.claim.test, finding.contrasts[0]
            for case, side in ((test.first, link.first), (test.second, link.second)):
                bearing, rest = behind(full.matrix, case, test.on, within=test.within, base=test.base)
                assert (len(bearing), len(bearing) + len(rest)) == (side.n, side.base)
                assert not np.intersect1d(bearing, rest).size


def test_a_chain_points_to_the_passages_that_stand_elsewhere(full):
    found = page(full)
    assert "#finding-training" in {e["is"]["href"] for e in found.all("a", within="finding-chain")}


def test_every_decision_stands_with_its_reason(sandbox):
    sandbox.change("studies/study.yaml", "findings:", "why: {unit: A reason., texts: One more.}\nfindings:")
    found = page(ran(sandbox))
    said = found.text("method")
    decisions = ran(sandbox).study.measurement.model_dump()
    heads = {e["text"] for e in found.all("th", within="method", scope="row")}
    assert {*decisions, "source kind", "years", "least clusters", "seed", "overlap", "texts"} <= heads
    assert "A reason." in said
    assert "One more." in said


def test_what_was_left_out_and_what_is_unplaced_is_said(full):
    unit = full.matrix.projection.units[0]
    told = page(replace(full, left_out={"year": 4}, matrix=replace(full.matrix, unplaced=(unit,))))
    assert "4 for year" in told.text("method")
    assert full.corpus[unit.document].quote(unit) in told.text("method")


def test_codebook_documents_and_provenance_are_whole(full):
    found = page(full)
    book = found.text("codebook")
    for code in full.codebook.codes:
        assert code.definition in found.text(f"code-{code.id}")
        assert all(pattern in book for rule in code.rules for pattern in rule.patterns)
    assert len(found.all("tr", within="documents")) == len(full.corpus) + 1
    for name, value in full.provenance.items():
        assert f"{name}{value}" in found.text("provenance")


def test_tables_and_pictures_have_words_for_those_who_do_not_see(full):
    found = page(full, {"heatmap": SVG})
    for table in found.all("table"):
        inside = [e for e in found.elements if table in e["in"]]
        assert [e["text"].strip() for e in inside if e["tag"] == "caption"] != [""]
        assert all(e["is"].get("scope") for e in inside if e["tag"] == "th")
    for picture in found.all("svg"):
        assert picture["is"].get("aria-hidden") == "true" or picture["is"].get("aria-label")
    levels = [int(e["tag"][1]) for e in found.elements if re.fullmatch("h[1-6]", e["tag"])]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_loading_the_report_loads_neither_jinja_nor_matplotlib():
    code = "import sys, coding.report; print(sorted({'jinja2', 'matplotlib'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
