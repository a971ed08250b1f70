"""A matrix from counts: the same numbers and verdicts as a run on the same texts as files, or a clear refusal."""

import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from typer.testing import CliRunner

from coding import backend
from coding.cli import results, texts, write_up  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.codebook import Code, Codebook
from coding.counted_results import counted_figures
from coding.errors import CodingError
from coding.findings import MOST_RELABELLED, ClusterSums, contrast, placebo
from coding.large import Columns, Setup, tag_large
from coding.large.carried import run_counted
from coding.large.counted import tabulate_counts
from coding.large.counts import Counts, read_counts
from coding.large.driver import MANIFEST
from coding.large.tagged import Tagged
from coding.matrix import Measurement, tabulate
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.project import Project
from coding.study import read_checked, run
from coding.taggers import tag
from coding.taggers.learned import LearnedTagger
from coding.units import unitise

if os.environ.get("CI") == "true":
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = pytest.importorskip("pyarrow", reason="needs `pip install '.[large]'`")
    pq = pytest.importorskip("pyarrow.parquet")

DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)  # an example is a whole study: none is made smaller
SERIAL = backend.parse("serial")
NAMES = ("id", "text", "donor", "about", "family", "fidelity", "source_kind", "year", "language")
KINDS = {"about": pa.list_(pa.string()), "year": pa.int64()}
SCHEMA = pa.schema([(name, KINDS.get(name, pa.string())) for name in NAMES])


def parted(folder, documents, cuts=()):
    """Write documents into one partition more than there are cuts."""
    folder.mkdir(parents=True)
    rows = [{"id": d.id, "text": d.text, **{n: d.variables.get(n) for n in NAMES[2:]}} for d in documents]
    for i, (start, end) in enumerate(pairwise([0, *sorted(cuts), len(rows)])):
        pq.write_table(pa.Table.from_pylist(rows[start:end], schema=SCHEMA), folder / f"part {i}.parquet")
    return folder


def setup(project, study=None, **given):
    plan, book = read_checked(project, study)
    how = plan.measurement
    made = Setup(book, project.corpus.known_cases, plan.overlap, how.unit, how.counts, (how.by,))
    return replace(made, **given)


def tagged(project, root, cuts=(), study=None, **given):
    folder = parted(root / "in", project.corpus, cuts)
    tag_large([str(folder)], str(root / "out"), setup(project, study, **given), backend=SERIAL)
    return Tagged.open(str(root / "out"))


def near(value):
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-14)


def same_cells(counted, plain):
    assert (counted.codes, counted.cases, counted.names) == (plain.codes, plain.cases, plain.names)
    assert counted.n_unplaced == plain.n_unplaced
    for key, cell in plain.cells.items():
        own = counted.cells[key]
        assert (own.n, own.base, own.n_documents, own.state) == (
            cell.n, cell.base, cell.n_documents, cell.state,
        ), key  # fmt: skip
        assert own.value == near(cell.value), key
    assert [counted.size(case) for case in plain.cases] == [plain.size(case) for case in plain.cases]


def same_contrast(counted, plain):
    assert (counted.what, counted.reason) == (plain.what, plain.reason)
    for own, side in ((counted.first, plain.first), (counted.second, plain.second)):
        assert (own.name, own.n, own.base, own.n_clusters) == (side.name, side.n, side.base, side.n_clusters)
        assert own.share == near(side.share)
    for name in ("difference", "low", "high", "df", "placebo"):
        assert getattr(counted, name) == near(getattr(plain, name)), name


def same_findings(counted, plain):
    assert [(f.claim, f.said, f.reason) for f in counted] == [(f.claim, f.said, f.reason) for f in plain]
    for own, finding in zip(counted, plain, strict=True):
        assert own.compositions == finding.compositions
        for one, two in zip(own.contrasts, finding.contrasts, strict=True):
            same_contrast(one, two)


@pytest.fixture(scope="module")
def shipped(repository, tmp_path_factory):
    project = Project.open(repository)
    return project, tagged(project, tmp_path_factory.mktemp("shipped"), (50,))


@pytest.mark.parametrize("study", ["bimantara-2022", "six-donors"])
def test_a_shipped_study_is_the_same_from_counts(shipped, study):
    project, folder = shipped
    plain, counted = run(project, study), run_counted(project, folder, study)
    same_cells(counted.matrix, plain.matrix)
    assert counted.compositions == plain.compositions
    same_findings(counted.findings, plain.findings)
    assert counted.left_out == plain.left_out
    assert counted.texts == plain.texts
    assert sum(counted.n_documents.values()) == len(plain.corpus)


@pytest.mark.parametrize("measure", ["units", "share", "profile", "documents"])
@pytest.mark.parametrize("weight", ["unit", "document"])
def test_every_measure_that_counts_units_is_the_same(shipped, measure, weight):
    project, folder = shipped
    changed = {"measure": measure, "weight": weight}
    plain, counted = (
        f(*a, changed=changed) for f, a in ((run, (project,)), (run_counted, (project, folder)))
    )
    same_cells(counted.matrix, plain.matrix)
    same_findings(counted.findings, plain.findings)


def test_the_frame_of_counts_is_that_of_the_texts(shipped):
    from pandas.testing import assert_frame_equal

    project, folder = shipped
    for measure in ("share", "documents"):
        changed = {"measure": measure}
        plain, counted = run(project, changed=changed), run_counted(project, folder, changed=changed)
        assert_frame_equal(counted.matrix.frame(), plain.matrix.frame(), rtol=1e-12)


# -- drawn corpora -----------------------------------------------------------------------------------------

SENTENCES = (
    "Norland trains police.", "Sudland trains teachers.", "It trains nobody.", "A bridge of police stands.",
    "Norland and Sudland train police and teachers.", "It rests.", "Teachers rest.\n\nSudland is a bridge.",
)  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {
        "text": st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join),
        "donor": st.sampled_from(["norland", "sudland"]),
        "about": st.sampled_from([None, None, ["norland", "sudland"], ["norland"]]),
        "family": st.sampled_from([None, None, "f", "g"]),
        "language": st.sampled_from([None, None, None, "fr"]),
        "fidelity": st.sampled_from(["digest", "digest", "original"]),
        "source_kind": st.sampled_from(["primary", "primary", "secondary"]),
        "year": st.integers(2010, 2014),
    }
)
DECISIONS = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["donor", "donor", "source_kind"]),
        "measure": st.sampled_from(["units", "share", "profile", "documents"]),
        "unit": st.sampled_from(["sentence", "paragraph", "document"]),
        "counts": st.sampled_from(["any", "greater part"]),
        "weight": st.sampled_from(["document", "unit"]),
        "rollup": st.booleans(),
        "implies": st.booleans(),
    }
)
CLAIMS = """
findings:
  - {id: a, title: A, claim: A, source: {citation: x, place: p}, kind: contrast, operationalisation: o, why: w,
     test: {first: FIRST, second: SECOND, 'on': orientation.security, base: coded}}
  - {id: b, title: B, claim: B, source: {citation: x, place: p}, kind: contrast, operationalisation: o, why: w,
     test: {first: SECOND, second: FIRST, 'on': role, within: orientation, base: searched}}
  - {id: c, title: C, claim: C, source: {citation: x, place: p}, kind: within, operationalisation: o, why: w,
     test: {case: FIRST, 'on': orientation.security, versus: orientation.development, base: coded}}
  - {id: d, title: D, claim: D, source: {citation: x, place: p}, kind: levels, operationalisation: o, why: w,
     test: {family: orientation, along: [role, behaviour]}}
"""
SURE = {"fidelity": "digest", "language": None, "about": None, "family": None, "year": 2012}
FIRST = [  # so that every case has a document, whatever is drawn
    {"text": "Norland trains police.", "donor": "norland", "source_kind": "primary", **SURE},
    {"text": "Sudland trains teachers.", "donor": "sudland", "source_kind": "secondary", **SURE},
]


def written(root, documents, decisions):
    """Write a project of these documents, and open it."""
    import yaml
    from conftest import CODEBOOK, STUDY, Sandbox

    sandbox = Sandbox(root)
    for case in ("norland", "sudland"):
        for old in (root / "corpus" / case).glob("*.txt"):
            old.unlink()
        own = {f"{i:02}.txt": d for i, d in enumerate(documents) if d["donor"] == case}
        said = yaml.safe_load((root / f"corpus/{case}/case.yaml").read_text(encoding="utf-8"))
        said["documents"] = {
            name: {
                "title": name,
                **{k: v for k, v in d.items() if v is not None and k not in ("text", "donor")},
            }
            for name, d in own.items()
        }
        sandbox.write(f"corpus/{case}/case.yaml", json.dumps(said))
        for name, document in own.items():
            sandbox.write(f"corpus/{case}/{name}", document["text"].encode())
    implying = CODEBOOK.replace(
        "definition: It trains.", "definition: It trains.\n        implies: [orientation.development]"
    )
    sandbox.write("codebooks/book.yaml", implying)
    plan = yaml.safe_load(STUDY)
    plan |= {"measurement": decisions, "findings": yaml.safe_load(CLAIMS)["findings"]}
    plan["corpus"] |= {"fidelity": ["digest"], "source_kind": ["primary", "secondary"], "years": {"to": 2013}}
    text = json.dumps(plan)
    by_donor = decisions["by"] == "donor"
    for name, case in zip(("FIRST", "SECOND"), CASES[by_donor], strict=True):
        text = text.replace(name, case)
    sandbox.write("studies/study.yaml", text)
    return Project.open(root)


CASES = {True: ("norland", "sudland"), False: ("primary", "secondary")}


@settings(max_examples=25, phases=DRAWN)
@given(st.lists(DOCUMENTS, max_size=7), DECISIONS, st.sets(st.integers(1, 4), max_size=2))
def test_a_drawn_study_is_the_same_from_counts(tmp_path_factory, documents, decisions, cuts):
    root = tmp_path_factory.mktemp("drawn")
    project = written(root / "project", [*FIRST, *documents], decisions)
    folder = tagged(project, root, [cut for cut in cuts if cut < len(project.corpus)])
    plain, counted = run(project), run_counted(project, folder)
    same_cells(counted.matrix, plain.matrix)
    assert counted.compositions == plain.compositions
    same_findings(counted.findings, plain.findings)
    assert counted.left_out == plain.left_out


@settings(max_examples=10, phases=DRAWN)
@given(st.lists(DOCUMENTS, max_size=6), DECISIONS)
def test_a_cell_opens_to_its_coded_segments(tmp_path_factory, documents, decisions):
    root = tmp_path_factory.mktemp("opened")
    project = written(root / "project", [*FIRST, *documents], decisions | {"by": "donor"})
    folder = tagged(project, root, [1])
    plain, counted = run(project), run_counted(project, folder)
    for (code, case), cell in plain.matrix.cells.items():
        expected = {(s.segment.document, s.segment.start, s.segment.end, s.code) for s in cell.coded.segments}
        hits, n = counted.hits(case, code, most=1000)
        assert len(hits) == n
        assert all(project.corpus[h.document].text[h.start : h.end] == h.quote for h in hits)
        found = {(h.document, h.start, h.end, h.code) for h in hits}
        assert expected <= found
        assert {(h.document, h.start, h.end, h.code) for h in hits if h.is_surely} <= expected


def test_a_model_has_said_nothing_of_codes_that_it_does_not_know(tmp_path):
    decisions = {"by": "donor", "measure": "share", "unit": "sentence", "counts": "any", "weight": "document",
                 "rollup": True, "implies": False}  # fmt: skip
    drawn = [{**FIRST[i % 2], "text": " ".join(SENTENCES[(i + k) % 6] for k in range(4))} for i in range(24)]
    project = written(tmp_path / "project", drawn, decisions)
    book = project.codebook("book")
    own = Coded(
        tuple(
            CodedSegment(
                f"{unit.document}{unit.start}", unit, "role.bridge", book["role.bridge"].meaning, "anna"
            )
            for d in project.corpus
            for unit in unitise(d, "sentence")
            if "bridge" in d.quote(unit)
        ),
        tuple(Reading("anna", d.whole, ("role.bridge",)) for d in project.corpus),
    )
    learned = LearnedTagger.fit(
        own, project.corpus, book, unit="sentence", counts="any", rollup=False, target="f1", seed=1,
        codes=["role.bridge"],
    )  # fmt: skip
    folder = tagged(project, tmp_path, model=learned.model)
    counted = tabulate_counts(
        counts := read_counts(folder, project.corpus.known_cases), [d.id for d in counts.kinds], book,
        Measurement(**decisions), kind="model", cases=CASES[True],
    )  # fmt: skip
    plain = tabulate(tag(project.corpus, [learned]), project.corpus, book, **decisions, cases=CASES[True])
    same_cells(counted, plain)
    assert counted.cell("norland", "role").state == "not examined"
    assert counted.cell("norland", "role.bridge").n > 0


# -- many clusters -----------------------------------------------------------------------------------------


def sums(n, seed):
    y = np.random.default_rng(seed).integers(0, 3, n).astype(float)
    return ClusterSums(tuple(f"{seed}.{i}" for i in range(n)), y, y + 1, int(y.sum()), int(y.sum()) + n)


def test_the_placebo_of_many_clusters_is_that_of_all_labels_dealt_at_once(monkeypatch):
    one, two = sums(40, 1), sums(50, 2)
    at_once = placebo(one, two, seed=3)
    monkeypatch.setattr("coding.findings._AT_ONCE", 1000)
    assert placebo(one, two, seed=3) == at_once


def test_of_very_many_clusters_a_contrast_says_why_it_has_no_placebo():
    n = MOST_RELABELLED + 1
    drawn = np.random.default_rng(1).integers(0, 2, n)
    counts = Counts(
        kinds=Corpus((Document("a", "", {"donor": "n"}), Document("b", "", {"donor": "s"}))),
        kind=np.arange(n) % 2,
        cluster=np.arange(n),
        cluster_names=tuple(f"d{i}" for i in range(n)),
        document=np.arange(n),
        units=np.ones(n, dtype=np.int64),
        pattern=drawn,
        named=np.arange(n) % 2,
        patterns=(((), ()), (("role",), ())),
        speaks_of=(("n",), ("s",)),
        starts=np.array([0, n]),
    )
    book = Codebook("book", "1", (Code("role", "Role", "d"),), families={"role": ("role",)})
    how = Measurement(
        by="donor", measure="share", unit="sentence", counts="any", weight="unit", rollup=True, implies=False
    )
    many = tabulate_counts(counts, ["a", "b"], book, how, kind="rules", cases=["n", "s"])
    found = contrast(many, "n", "s", on="role", within=None, base="searched", seed=1)
    assert found.first.n + found.second.n == drawn.sum()
    assert found.low < found.difference < found.high
    assert found.placebo is None
    assert found.no_placebo == "20,001 clusters are more than the 20,000 over which labels are dealt anew"


# -- refusals ----------------------------------------------------------------------------------------------


@pytest.fixture
def small(sandbox, tmp_path):
    project = Project.open(sandbox.root)
    return sandbox, project, tagged(project, tmp_path, (2, 4))


def refused(sandbox, folder, said, **changed):
    with pytest.raises(CodingError, match=said):
        run_counted(Project.open(sandbox.root), Tagged.open(folder), **changed)


def test_a_folder_coded_otherwise_than_the_study_decides_is_refused(small):
    sandbox, _, folder = small
    out = folder.folder
    refused(
        sandbox,
        out,
        "was counted with unit 'sentence', asked for is 'paragraph'",
        changed={"unit": "paragraph"},
    )
    refused(sandbox, out, "units are counted, not coded segments", changed={"measure": "rate"})
    refused(sandbox, out, "'mesure' is no decision. Did you mean 'measure'", changed={"mesure": "rate"})
    sandbox.change("studies/study.yaml", "overlap: longest", "overlap: all")
    refused(sandbox, out, "was counted with overlap 'longest', asked for is 'all'")
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [anna]")
    refused(sandbox, out, "was coded by rules, the study counts the coding of anna")
    sandbox.change("codebooks/book.yaml", '"police"', '"policing"')
    refused(
        sandbox, out, "codebook book 1.0.0, the study has book 1.0.0, of the same version but changed since"
    )
    sandbox.change("corpus/norland/case.yaml", "aliases: [Norland]", "aliases: [Norland, Norlandia]")
    refused(sandbox, out, "names of cases")


def test_partitions_that_are_not_done_are_counted_only_on_the_users_word(small, tmp_path):
    _, project, folder = small
    (tmp_path / "in/part 1.parquet").write_bytes(b"PAR1 no more")
    tag_large([str(tmp_path / "in")], folder.folder, setup(project), backend=SERIAL)
    with pytest.raises(CodingError, match="1 of 3 partitions not done"):
        Tagged.open(folder.folder)
    some = Tagged.open(folder.folder, partial=True)
    assert some.what_is_missing == "1 partition not done"
    assert sum(run_counted(project, some).n_documents.values()) == len(project.corpus) - 2


def test_a_run_that_stopped_on_its_way_is_not_taken_for_all(small):
    _, _, folder = small
    place = Path(folder.folder, MANIFEST)
    said = json.loads(place.read_text(encoding="utf-8"))
    assert said["asked"] == 3
    said["partitions"] = said["partitions"][:2]
    place.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(CodingError, match="1 of 3 partitions not done"):
        Tagged.open(folder.folder)


def test_a_sample_says_that_it_is_one(sandbox, tmp_path):
    project = Project.open(sandbox.root)
    folder = parted(tmp_path / "in", project.corpus)
    tag_large([str(folder)], str(tmp_path / "out"), setup(project), backend=SERIAL, limit=5)
    assert Tagged.open(str(tmp_path / "out")).what_is_missing == "only the first 5 documents taken"


def test_what_is_no_tagged_folder_or_damaged_is_refused(small, tmp_path):
    sandbox, _, folder = small
    with pytest.raises(CodingError, match="has no manifest.json. Name the folder"):
        Tagged.open(str(tmp_path / "in"))
    counts = next(Path(folder.folder, "counts").glob("*.parquet"))
    counts.write_bytes(counts.read_bytes()[:-7])
    refused(sandbox, folder.folder, "is not what `coding tag --corpus` wrote")
    place = Path(folder.folder, MANIFEST)
    place.write_text(
        place.read_text(encoding="utf-8").replace('"format": 1', '"format": 2'), encoding="utf-8"
    )
    with pytest.raises(CodingError, match="is of format 2; format 1 is read here"):
        Tagged.open(folder.folder)
    place.write_text("{", encoding="utf-8")
    with pytest.raises(CodingError, match="is damaged, or of another version"):
        Tagged.open(folder.folder)


def bare(sandbox, tmp_path, rows, **columns):
    """Tag rows that may lack variables."""
    (tmp_path / "bare").mkdir()
    for i, some in enumerate(rows):
        pq.write_table(pa.Table.from_pylist(some), tmp_path / f"bare/{i}.parquet")
    made = setup(Project.open(sandbox.root), columns=Columns(**columns))
    tag_large([str(tmp_path / "bare")], str(tmp_path / "tagged"), made, backend=SERIAL)
    return str(tmp_path / "tagged")


ROWS = [
    {"id": "a", "text": "Norland trains police.", "donor": "norland", "year": 2015.0},
    {"id": "b", "text": "Sudland trains teachers.", "donor": "sudland", "year": 2016.0},
]


def test_where_no_document_has_what_studies_select_by_it_is_refused_with_the_remedy(sandbox, tmp_path):
    out = bare(sandbox, tmp_path, [ROWS, [{**ROWS[0], "id": "c", "year": None}]])
    refused(sandbox, out, r"3 documents have no fidelity \('a' is the first\).*--set fidelity=original\|")


def test_documents_that_lack_what_studies_select_by_are_left_out_and_counted(sandbox, tmp_path):
    both = {"fidelity": "digest", "source_kind": "primary"}
    more = [
        {**ROWS[0], "id": "c", "year": None},
        {**ROWS[0], "id": "e", "year": 2015.5},
        {**ROWS[0], "id": "f", "donor": "elsewhere"},
    ]
    found = run_counted(
        Project.open(sandbox.root), Tagged.open(bare(sandbox, tmp_path, [ROWS, more], given=both))
    )
    assert found.n_documents == {"norland": 3, "sudland": 1}  # the study takes all years, so also none
    assert found.left_out == {"other case": 1}
    study = sandbox.root / "studies/study.yaml"
    study.write_text(
        study.read_text(encoding="utf-8").replace("years: {}", "years: {from: 1}"), encoding="utf-8"
    )
    found = run_counted(Project.open(sandbox.root), found.tagged)
    assert found.n_documents == {"norland": 1, "sudland": 1}
    assert found.left_out == {"other case": 1, "no year": 2}
    assert found.others == {"elsewhere": 1}


def test_a_year_may_be_a_whole_number_of_any_type(sandbox, tmp_path):
    both = {"fidelity": "digest", "source_kind": "primary"}
    out = bare(sandbox, tmp_path, [ROWS], given=both)
    assert run_counted(Project.open(sandbox.root), Tagged.open(out)).n_documents == {
        "norland": 1,
        "sudland": 1,
    }


def test_an_id_in_two_partitions_and_a_year_that_is_none_are_refused(sandbox, tmp_path):
    both = {"fidelity": "digest", "source_kind": "primary"}
    out = bare(sandbox, tmp_path, [ROWS, ROWS[:1]], given=both)
    refused(sandbox, out, "1 documents have an id that another partition has too")


def test_a_case_without_documents_is_refused_with_their_number(sandbox, tmp_path):
    both = {"fidelity": "original", "source_kind": "primary"}
    out = bare(sandbox, tmp_path, [[*ROWS, {**ROWS[0], "id": "c"}]], given=both)
    refused(sandbox, out, "no document of 'norland' is left: 2 left out by `fidelity`")


# -- the commands ------------------------------------------------------------------------------------------


def coding(sandbox, *words):
    ended = CliRunner().invoke(app, [*map(str, words), "--project", str(sandbox.root)])
    if ended.exception is not None:
        raise ended.exception
    return ended


def test_the_matrix_and_the_findings_from_counts_are_those_of_the_texts(small):
    sandbox, _, folder = small
    for words in (["matrix"], ["matrix", "--measure", "profile", "--code", "behaviour"], ["findings"]):
        plain = coding(sandbox, *words).stdout
        assert plain.count("\n") > 1
        assert coding(sandbox, *words, "--tagged", folder.folder).stdout == plain
    markdown = ["matrix", "--format", "markdown"]
    assert coding(sandbox, *markdown, "--tagged", folder.folder).stdout == coding(sandbox, *markdown).stdout
    found = json.loads(coding(sandbox, "matrix", "--json", "--tagged", folder.folder).stdout)
    plain = json.loads(coding(sandbox, "matrix", "--json").stdout)
    assert found == [{k: v for k, v in cell.items() if k != "segments"} for cell in plain]


def test_a_cell_prints_its_passages_and_how_many_there_are(small):
    sandbox, _, folder = small
    words = ["matrix", "--tagged", folder.folder, "--cell", "Norland", "behaviour"]
    said = coding(sandbox, *words, "--most", "2")
    head, *rows = (line.split("\t") for line in said.stdout.splitlines())
    assert head == ["document", "start", "end", "code", "because", "quote"]
    assert [row[5] for row in rows] == ["trains", "trains"]
    assert "2 of 3 coded segments, in 3 documents. --most N shows more" in said.stderr
    found = json.loads(coding(sandbox, *words, "--json").stdout)
    assert (found["segments"], len(found["passages"])) == (3, 3)
    none = coding(sandbox, "matrix", "--tagged", folder.folder, "--cell", "Sudland", "role")
    assert "rules searched 4 sentences for Role and found none" in none.stderr
    with pytest.raises(CodingError, match="Did you mean 'behaviour'"):
        coding(sandbox, "matrix", "--tagged", folder.folder, "--cell", "Norland", "behavior")


def test_reproduce_writes_tables_and_figures_and_says_that_there_is_no_report(small, tmp_path):
    sandbox, _, folder = small
    said = coding(sandbox, "reproduce", "--tagged", folder.folder, "--out", tmp_path / "results")
    place = tmp_path / "results/study-tagged"
    written = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    figures = [f"figures/{n}.{k}" for n in ("composition", "estimates", "heatmap") for k in ("png", "svg")]
    assert written == [*figures, "findings.json", "matrix.csv"]
    assert "There is no report of all passages" in said.stderr
    coding(sandbox, "reproduce", "--out", tmp_path / "results")
    own, plain = (
        json.loads((tmp_path / "results" / name / "findings.json").read_text(encoding="utf-8"))
        for name in ("study-tagged", "study")
    )
    for name in ("study", "title", "fidelity", "documents", "measurement", "coders", "findings"):
        assert own[name] == plain[name]
    assert own["provenance"]["partitions"] == "3"


def stopped(project, root, **given):
    """Tag three partitions of which the second cannot be read."""
    folder = parted(root / "halved", project.corpus, (2, 4))
    (folder / "part 1.parquet").write_bytes(b"PAR1 no more")
    tag_large([str(folder)], str(root / "some"), setup(project), backend=SERIAL, **given)
    return root / "some"


def said_on(figure):
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


def test_partial_results_say_so_wherever_they_stand(sandbox, tmp_path):
    project = Project.open(sandbox.root)
    some = ["--tagged", stopped(project, tmp_path), "--partial"]
    said = coding(sandbox, "reproduce", *some, "--out", tmp_path / "results")
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["study-partial"]
    assert "A study: 4 digests (1 partition not done), counted from" in said.stderr
    place = tmp_path / "results/study-partial"
    found = json.loads((place / "findings.json").read_text(encoding="utf-8"))
    assert found["provenance"]["not in it"] == "1 partition not done"
    figures = counted_figures(run_counted(project, Tagged.open(str(some[1]), partial=True)))
    assert sorted(figures) == ["composition", "estimates", "heatmap"]
    for name, figure in figures.items():
        assert "in 4 digests (1 partition not done)" in said_on(figure), name
    for command in ("matrix", "findings"):
        table = coding(sandbox, command, *some, "--format", "markdown").stdout
        assert "in digests (1 partition not done)" in table
        assert " Not in it: 1 partition not done." in table


def test_results_of_all_texts_say_that_nothing_is_missing_by_saying_nothing(small, tmp_path):
    sandbox, project, folder = small
    assert run_counted(project, folder).texts == run(project).texts == "digests"
    table = coding(sandbox, "matrix", "--tagged", folder.folder, "--partial", "--format", "markdown").stdout
    assert "Not in it" not in table
    coding(
        sandbox, "reproduce", "--tagged", folder.folder, "--partial", "--no-figures", "--out", tmp_path / "r"
    )
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["study-tagged"]


def test_a_trial_that_is_partial_too_is_a_trial_and_says_both(sandbox, tmp_path):
    project = Project.open(sandbox.root)
    folder = stopped(project, tmp_path, share=0.9)
    words = ["reproduce", "--tagged", folder, "--partial", "--no-figures", "--out", tmp_path / "results"]
    said = coding(sandbox, *words)
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["study-trial"]
    assert "(1 partition not done, only a share of 0.9 of the documents drawn" in said.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reproduce", "--tagged", "x", "--docx"], "without --docx and --texts"),
        (["matrix", "--partial"], "--partial goes with --tagged"),
        (["findings", "--partial"], "--partial goes with --tagged"),
        (["matrix", "--tagged", "nowhere"], "nowhere: has no manifest.json"),
    ],
)
def test_what_cannot_be_meant_is_refused(sandbox, words, said):
    with pytest.raises(CodingError, match=said):
        coding(sandbox, *words)


def test_a_folder_in_a_store_of_objects_is_counted_as_one_here(small):
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    fsspec.register_implementation("gs", MemoryFileSystem, clobber=True)
    system = fsspec.filesystem("gs")
    _, project, folder = small
    for path in Path(folder.folder).rglob("*.*"):
        if path.is_file():
            place = path.relative_to(folder.folder).as_posix()
            system.pipe_file(f"gs://counted/out/{place}", path.read_bytes())
    here, there = (run_counted(project, Tagged.open(each)) for each in (folder.folder, "gs://counted/out"))
    assert there.matrix.cells == here.matrix.cells
    assert there.hits("norland", "behaviour", most=2) == here.hits("norland", "behaviour", most=2)
