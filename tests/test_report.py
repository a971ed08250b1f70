"""The report opens every number to its passages, loads nothing, and stays harmless whatever texts say."""

import base64
import hashlib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from pages import OTHERS, Page, page, ran

import coding
from coding.codebook import Code, Codebook, Example, Rule
from coding.model import Case, Corpus, Document
from coding.report import render, said_of, usual
from coding.study import run

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}</style>]]>"


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


def test_every_number_of_a_composition_leads_to_its_passages(full):
    found = page(full)
    linked = {e["is"]["href"] for e in found.all("a", within="composition")}
    expected = set()
    for code, cases in full.compositions.items():
        for case, composition in cases.items():
            expected |= {f"#part-{case}-{code}-{part}" for part, n in composition.counts.items() if n}
            expected |= {f"#cell-{case}-{code}"} if composition.base else set()
    assert linked == expected
    assert any(href.endswith("-mixed") for href in linked)


def test_a_part_is_named_with_its_share_of_the_sentences(full):
    found = page(full)
    assert found.text("part-sudland-behaviour-mixed") == "mixed 1 of 3 sentences in Behaviour, Sudland"
    said = found.text("part-norland-behaviour-orientation.security")
    assert said == "Security 3 of 3 sentences in Behaviour, Norland"


def test_a_number_of_coded_segments_is_told_with_its_sentences(sandbox):
    sandbox.change("corpus/norland/a.txt", "Norland trains police.", "Norland trains and trains police.")
    found = page(ran(sandbox))
    (summary,) = [e["text"] for e in found.all("summary") if e["text"].startswith("Behaviour, Norland")]
    assert summary == "Behaviour, Norland 4 coded segments in 3 sentences, 3 documents"


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


def test_a_figure_opens_at_full_size_two_pixels_a_point(full):
    drawn = {"heatmap": SVG.replace(b"<svg", b'<svg width="240.5pt" height="100pt"'), "extra": SVG}
    found = page(full, drawn)
    sizes = [(e["is"].get("width"), e["is"].get("height")) for e in found.all("img")]
    assert sizes == [("481", "200"), (None, None)]
    assert len(found.all("details", within="figures", class_="enlarge")) == 2


def test_a_study_without_findings_is_a_page_all_the_same(full):
    found = page(ran_without_findings(full))
    assert "puts no claim to the test" in found.text("answer")
    assert "The study names no claim, so nothing was tested." in found.text("findings")
    assert "as matrix and composition." in found.text("findings")
    assert found.all("table", within="matrix")
    assert found.all("table", within="composition")


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


def test_what_may_scroll_is_named_reached_by_keys_and_described(full):
    found = page(full, {"heatmap": SVG})
    frames = found.all(class_="wide") + found.all(class_="sheet")
    assert len(frames) > 8
    for frame in frames:
        asked = [frame["is"][name] for name in ("role", "tabindex", "aria-describedby")]
        assert asked == ["region", "0", "sideways"]
        assert frame["is"]["aria-label"]
    assert "scrolls sideways" in found.text("sideways")
    assert all(any(outer in frames for outer in table["in"]) for table in found.all("table"))


def test_a_rule_is_said_pattern_by_pattern(full):
    asked = Rule(
        "r", "near", ("train, at most 4 words between", "police or with"), within=4, unless=("not",),
        actor="self", scope="paragraph",
    )  # fmt: skip
    said = said_of(asked)
    assert [(heading, lines) for heading, lines, _ in said] == [
        ("Near", [("", "train, at most 4 words between"), ("with", "police or with")]),
        ("Unless", [("", "not")]),
        ("Speaks of", []),
    ]
    assert said[0][2] == ["at most 4 words between", "within a paragraph"]
    book = replace(full.codebook, codes=(Code("a", "A", "A.", rules=(asked,)), *full.codebook.codes))
    sought = [e["text"] for e in page(replace(full, codebook=book)).all("code", within="code-a")]
    assert sought == [*asked.patterns, "not"]


def test_what_every_rule_asks_is_said_once(full):
    def book(*rules):
        return replace(full.codebook, codes=(Code("a", "A", "A.", rules=rules), *full.codebook.codes))

    written = [Rule(name, "phrase", (name,), match="surface") for name in "ab"]
    alike = Codebook("b", "1", (Code("a", "A", "A.", rules=tuple(written)),))
    assert usual(alike) == ["words as written"]
    assert usual(book(*written)) == []
    told = replace(
        full,
        codebook=Codebook("b", "1", (*alike.codes, *(replace(c, rules=()) for c in full.codebook.codes))),
    )
    assert page(told).text("codebook").count("words as written") == 1


def test_the_codebook_says_who_tries_its_rules_and_on_whose_documents(sandbox):
    sandbox.change(
        "codebooks/book.yaml", 'matches: ["It trains."]', 'matches: [{text: "It trains.", donor: norland}]'
    )
    said = page(ran(sandbox)).text("codebook")
    assert "coding check runs them" in said
    assert "“It trains.” in a document of Norland" in said


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
