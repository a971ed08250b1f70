"""The evidence for a claim is all of it, in one order, with its source; nothing is left out unsaid."""

import io
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import bibtexparser
import docx
import pytest
from pages import OTHERS, ran
from typer.testing import CliRunner

import coding
from coding import cli
from coding.batch import Memo, act
from coding.citations import cited, entries, references
from coding.errors import CodingError
from coding.evidence import evidence
from coding.evidence_pack import counted, pack, packs
from coding.paper.markdown import markdown
from coding.paper.word import word

HOSTILE = "<script>alert(1)</script> | **b** $x$ # %"


@pytest.fixture
def full(sandbox):
    return ran(sandbox, more=OTHERS)


def of(run, claim, **keywords):
    (found,) = evidence(run, claim=claim, **keywords)
    return found


def words(paper):
    return [p.text for p in docx.Document(io.BytesIO(word(paper))).paragraphs]


def test_the_groups_of_a_contrast_are_its_two_bases(full):
    found = of(full, "training")
    (contrast,) = found.finding.contrasts
    counts = [(g.speaks, g.case, g.what, g.n_units) for g in found.groups]
    assert counts == [
        ("for", "Norland", "with Security", contrast.first.n),
        ("for", "Sudland", "without Security", contrast.second.base - contrast.second.n),
        ("against", "Sudland", "with Security", contrast.second.n),
        ("against", "Norland", "without Security", contrast.first.base - contrast.first.n),
    ]
    assert [g.n_units for g in found.groups] == [3, 2, 1, 0]


def test_two_codes_of_one_case_share_their_base_and_what_bears_both_stands_apart(full):
    found = of(full, "within")
    (contrast,) = found.finding.contrasts
    units = {speaks: found.n_units(speaks) for speaks in ("for", "against", "both", "neither")}
    assert units == {"for": 2, "against": 0, "both": 1, "neither": 0}
    assert sum(units.values()) == contrast.first.base
    assert units["for"] + units["both"] == contrast.first.n
    assert units["against"] + units["both"] == contrast.second.n


def test_of_all_that_was_searched_the_rest_is_counted_and_not_shown(full):
    found = of(full, "searched")
    (contrast,) = found.finding.contrasts
    silent = [g for g in found.groups if not g.is_listed]
    assert [g.n_units for g in silent] == [contrast.second.base - contrast.second.n, contrast.first.base - contrast.first.n]  # fmt: skip
    assert not any(g.passages for g in silent)
    assert f"{sum(g.n_units for g in silent)} sentences of the base without the code not shown" in counted(found, "sentence")  # fmt: skip


def test_what_is_described_speaks_neither_for_nor_against(full):
    for claim in ("levels", "chain"):
        found = of(full, claim)
        assert {g.speaks for g in found.groups} == {"neither"}
        assert "for it" not in counted(found, "sentence")
    levels = of(full, "levels")
    for code, cases in levels.finding.compositions.items():
        for case, composition in cases.items():
            names = full.matrix.names
            own = [g.n_units for g in levels.groups if (g.part, g.case) == (names[code], names[case])]
            assert sum(own) == composition.base


def test_a_derived_claim_names_what_it_rests_on(full):
    found = of(full, "derived")
    assert [f.claim.id for f in found.rests_on] == ["training", "within"]
    said = words(pack(full, [found]))
    assert "More police: undetermined, in digests." in said


def test_every_passage_is_there_with_its_words_and_in_the_order_of_the_corpus(full):
    order = {document.id: i for i, document in enumerate(full.corpus)}
    for found in evidence(full):
        for group in found.groups:
            places = [(order[n.passage.document.id], n.passage.start) for n in group.passages]
            assert places == sorted(places)
            assert group.n_left_out == 0
            for numbered in group.passages:
                passage = numbered.passage
                shown = "".join(text for piece in passage.pieces for text, _ in piece.words)
                assert shown == passage.document.text[passage.start : passage.end]
                for hit in passage.hits:
                    assert passage.start <= hit.segment.start < hit.segment.end <= passage.end


def numbers(found):
    return {(n.passage.document.id, n.passage.start): n.number for g in found.groups for n in g.passages}


def test_numbers_stay_when_fewer_are_shown(full):
    every, few = of(full, "training"), of(full, "training", most=1)
    assert [len(g.passages) for g in few.groups] == [1, 1, 1, 0]
    assert [g.n_left_out for g in few.groups] == [2, 1, 0, 0]
    assert numbers(few).items() <= numbers(every).items()
    assert sorted(numbers(every).values()) == [1, 2, 3, 4, 5, 6]
    assert "3 passages left out, as asked" in counted(few, "sentence")
    assert "none left out" in counted(every, "sentence")


def test_a_passage_on_both_sides_is_shown_once_and_counted_on_both(sandbox):
    sandbox.change(
        "corpus/sudland/b.txt", "It trains teachers and police.", "Norland and Sudland train police."
    )
    sandbox.change(
        "corpus/sudland/case.yaml", "b.txt of sudland", "b.txt of sudland\n    about: [norland, sudland]"
    )
    found = of(ran(sandbox), "training")
    shown = [n for g in found.groups for n in g.passages if n.passage.document.id == "sudland/b"]
    assert [n.again is None for n in shown] == [True, False]
    assert shown[1].again == shown[0].number
    assert sum(g.n_units for g in found.groups) == sum(s.base for c in found.finding.contrasts for s in (c.first, c.second))  # fmt: skip
    assert f"{shown[1].number} is passage {shown[0].number} again." in words(pack(ran(sandbox), [found]))


def test_a_claim_stands_with_its_words_its_verdict_its_interval_and_its_sources(full):
    said = words(pack(full, evidence(full), references={"somebody2020": "Somebody (2020). A paper."}))
    finding = full.findings[0]
    text = "\n".join(said)
    assert finding.claim.claim in said
    assert f"Undetermined, in digests: {finding.reason}." in said
    assert "95 % interval" in text
    assert "Norland 100\u00a0% (3/3; 3)" in text
    assert "somebody2020: Somebody (2020). A paper." in said
    assert any(line.startswith("1 Training (rules, training); Security (rules, police). a.txt of norland (2015), para. 1 of the digest; norland/a 0–22") for line in said)  # fmt: skip
    assert "Digests are no quotations." in text


def test_notes_of_coders_stand_with_what_they_are_about(full, sandbox):
    hit = next(
        s for s in full.coded.segments if s.segment.document == "norland/a" and s.code == "behaviour.training"
    )
    memos = (
        Memo("1", "segment", hit.id, "A clear one.", "anna", "2024-01-01T00:00:00Z"),
        Memo("2", "code", "behaviour", "Courses too?", "ben", "2024-01-02T00:00:00Z"),
        Memo("3", "document", "sudland/a", "Seen twice.", "anna", "2024-01-03T00:00:00Z"),
        Memo("4", "segment", "another", "Not here.", "anna", "2024-01-03T00:00:00Z"),
    )
    project = coding.Project.open(sandbox.root)
    with project.store() as store:
        store.add(act("anna", "memo", *memos))
    said = words(pack(full, evidence(full, claim="training"), memos=project.memos))
    assert "Note of anna on “trains”: A clear one." in said
    assert "Note of ben on the code Behaviour: Courses too?" in said
    assert "Note of anna on the document: Seen twice." in said
    assert not any("Not here." in line for line in said)


def test_hostile_texts_stay_texts(sandbox):
    sandbox.change("corpus/norland/a.txt", "police.", f"police {HOSTILE}.")
    sandbox.change("studies/study.yaml", "title: More police", f"title: '{HOSTILE}'")
    found = ran(sandbox)
    paper = pack(found, evidence(found))
    assert HOSTILE in words(paper)
    shown = markdown(paper)
    assert "<script>" not in shown
    assert "$x$" not in shown.replace("<span>$</span>", "")


def test_the_index_leads_to_the_file_of_each_claim(full):
    papers = packs(full, evidence(full))
    index, *others = papers
    assert index == "index.md"
    linked = re.findall(r"\]\(<([^>]+)>\)", markdown(papers[index]))
    (only,) = packs(full, evidence(full, claim="within")).keys() - {"index.md"}
    assert only in others
    assert linked == others == [f"{n:02d}-{f.claim.id}.md" for n, f in enumerate(full.findings, 1)]


def test_the_same_run_gives_the_same_evidence(full):
    one, two = (word(pack(full, evidence(full))) for _ in range(2))
    assert one == two


def test_an_unknown_claim_is_named_with_the_nearest(full):
    with pytest.raises(CodingError, match="has no claim 'trainin'. Did you mean 'training'?"):
        evidence(full, claim="trainin")


@pytest.mark.parametrize("command", ["findings", "evidence"])
def test_of_a_study_without_claims_nothing_is_written_and_that_is_said(sandbox, tmp_path, command):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(f"{path.read_text('utf-8').partition('findings:')[0]}findings: []\n", encoding="utf-8")
    for module in iter_modules(cli.__path__, "coding.cli."):
        import_module(module.name)
    given = [command, "--project", str(sandbox.root)]
    assert "The study names no claim." in CliRunner().invoke(cli.app, given).stderr
    refused = CliRunner().invoke(cli.app, [*given, "--out", str(tmp_path / "x.md")]).exception
    assert isinstance(refused, CodingError)
    assert str(refused).startswith("study study tests no claim, so there is nothing to write. Name claims")
    assert not (tmp_path / "x.md").exists()


def test_entries_are_read_as_the_peer_reads_them(repository):
    text = (repository / "corpus/references.bib").read_text(encoding="utf-8")
    peer = {
        entry.key: {
            f.key.lower(): " ".join(re.sub(r"[{}]|\\(?=[&%$#_])", "", str(f.value)).split())
            for f in entry.fields
        }
        for entry in bibtexparser.parse_string(text).entries
    }
    assert entries(text) == peer


@pytest.mark.parametrize(
    "text", ["", "@", "@misc", "@misc{", "@misc{a", "@misc{a,", "@misc{a, title", "@misc{a, title = {x", '@misc{a, title = "x}', "@misc{a,}}}{", "@comment{a, b = {c}}"]
)  # fmt: skip
def test_a_broken_entry_breaks_nothing_else(text):
    assert entries(f"{text}\n\n@book{{whole, title = {{T}}, year = 2001}}").get("whole", {}).get("year") in (
        "2001",
        None,
    )
    assert entries("@misc{a, title = {x}}\n" + text)["a"] == {"title": "x"}


def test_an_entry_in_words_says_who_when_what_and_where():
    assert cited({"title": "T", "date": "2020-03-01", "editor": "A and B", "booktitle": "Book", "pages": "1--2"}) == "A; B (2020). T. Book, 1–2"  # fmt: skip
    assert cited({"author": "WHO", "publisher": "WHO", "title": "T", "doi": "10.1/x"}) == "WHO (n.d.). T. https://doi.org/10.1/x"  # fmt: skip
    assert references(Path("/nowhere")) == {}


def commanded(*arguments, folder):
    for module in iter_modules(cli.__path__, "coding.cli."):
        import_module(module.name)
    return CliRunner().invoke(cli.app, ["evidence", *arguments, "--project", str(folder)])


def test_the_command_counts_and_writes(sandbox):
    root = sandbox.root
    ended = commanded("--out", f"{root}/e.docx", folder=root)
    assert ended.stdout.splitlines()[1] == (
        "training\tundetermined, in digests\t5 sentences for it, 1 sentence against it, 6 passages shown, none left out."
    )
    assert "What speaks against it" in [p.text for p in docx.Document(root / "e.docx").paragraphs]
    assert (
        commanded("--claim", "training", "--most", "1", "--out", f"{root}/pack", folder=root).exit_code == 0
    )
    assert sorted(path.name for path in (root / "pack").iterdir()) == ["01-training.md", "index.md"]
    assert "3 passages left out, as asked" in (root / "pack/01-training.md").read_text(encoding="utf-8")
    assert "end" in str(commanded("--out", "e.pdf", folder=root).exception)
