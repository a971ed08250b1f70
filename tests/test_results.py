"""What a run leaves on disk: whole or not at all, the same each time, harmless when opened."""

import json
import re

import pytest

import coding
from coding.errors import CodingError
from coding.formats import csv, xlsx

FILES = ["findings.json", "matrix.csv", "matrix.xlsx", "report.html", "units.csv"]


def written(sandbox, out, **keywords):
    found = coding.run(coding.Project.open(sandbox.root))
    return found, coding.write_results(
        found, out, **{"figures": False, "progress": lambda _: None, **keywords}
    )


def test_a_run_leaves_these_files(sandbox, tmp_path):
    _, files = written(sandbox, tmp_path / "out", figures=True)
    names = [path.relative_to(tmp_path / "out").as_posix() for path in files]
    figures = [
        f"figures/{n}.{kind}"
        for n in ("by-year", "composition", "estimates", "heatmap", "timeline")
        for kind in ("png", "svg")
    ]
    assert sorted(names) == sorted([*FILES, *figures])


def test_the_same_run_leaves_the_same_bytes(sandbox, tmp_path):
    for out in ("one", "two"):
        written(sandbox, tmp_path / out, figures=True)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            assert (
                path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
            ), path


def test_every_unit_has_one_row_and_every_code_a_column(sandbox, tmp_path):
    run, _ = written(sandbox, tmp_path / "out")
    head, *rows = csv.read_table(tmp_path / "out/units.csv")
    assert head[:7] == ["document", "start", "end", "cases", "cluster", "year", "text"]
    assert head[7:] == list(run.matrix.codes)
    assert len(rows) == len(run.matrix.projection.units)
    for row in rows:
        assert run.corpus[row[0]].text[int(row[1]) : int(row[2])] == row[6]


def test_the_evidence_sheet_quotes_every_coded_segment(sandbox, tmp_path):
    run, _ = written(sandbox, tmp_path / "out")
    sheets = xlsx.read_sheets(tmp_path / "out/matrix.xlsx")
    assert list(sheets) == ["matrix", "bases", "findings", "evidence", "about"]
    head, *rows = sheets["evidence"]
    assert len(rows) == len(run.coded.segments)
    for row in rows:
        said = dict(zip(head, row, strict=True))
        assert run.corpus[said["document"]].text[said["start"] : said["end"]] == said["quote"]


def test_findings_json_says_verdict_interval_and_provenance(sandbox, tmp_path):
    written(sandbox, tmp_path / "out")
    found = json.loads((tmp_path / "out/findings.json").read_text(encoding="utf-8"))
    (finding,) = found["findings"]
    assert finding["contrasts"][0]["difference"] == pytest.approx(1 - 1 / 3)
    assert len(finding["contrasts"][0]["interval"]) == 2
    assert finding["said"].startswith(finding["verdict"])
    assert re.fullmatch("[0-9a-f]{64}", found["provenance"]["corpus digest"])
    assert found["documents"] == {"norland": 3, "sudland": 3}


def test_files_of_the_reader_stay_and_earlier_results_are_replaced(sandbox, tmp_path):
    out = tmp_path / "out"
    written(sandbox, out)
    (out / "my notes.txt").write_text("mine", encoding="utf-8")
    sandbox.change("studies/study.yaml", "title: A study", "title: Another title")
    written(sandbox, out)
    assert (out / "my notes.txt").read_text(encoding="utf-8") == "mine"
    assert "Another title" in (out / "findings.json").read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_a_failure_half_way_leaves_the_earlier_results_whole(sandbox, tmp_path):
    out = tmp_path / "out"
    written(sandbox, out)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    sandbox.change("studies/study.yaml", "title: A study", "title: Another title")

    def stop(step):
        if "report" in step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(sandbox, out, progress=stop)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(sandbox, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(CodingError, match="cannot be written"):
        written(sandbox, tmp_path / "file" / "out")
    with pytest.raises(CodingError, match="cannot be written"):
        written(sandbox, tmp_path / "file")
    assert [p.name for p in tmp_path.iterdir()] == ["file", "project"] or sorted(
        p.name for p in tmp_path.iterdir()
    ) == ["file", "project"]


def test_hostile_texts_reach_no_table_as_a_formula(sandbox, tmp_path):
    sandbox.change("corpus/norland/a.txt", "Norland trains", "=HYPERLINK(1) trains")
    sandbox.change("corpus/norland/case.yaml", "title: a.txt of norland", "title: '=cmd|calc'")
    written(sandbox, tmp_path / "out")
    for name in ("matrix.csv", "units.csv"):
        for row in (tmp_path / "out" / name).read_text(encoding="utf-8").splitlines():
            assert not re.search(r'(^|,)"?[=+@]', row)
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "out/matrix.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_a_folder_in_the_way_of_one_file_leaves_all_earlier_results(sandbox, tmp_path):
    out = tmp_path / "out"
    written(sandbox, out)
    (out / "units.csv").unlink()
    (out / "units.csv").mkdir()
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    sandbox.change("corpus/norland/a.txt", "Norland trains", "Norland now trains")
    with pytest.raises(CodingError, match="a folder is in the way"):
        written(sandbox, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_figures_of_an_earlier_run_never_stand_beside_new_numbers(sandbox, tmp_path):
    written(sandbox, tmp_path / "out", figures=True)
    (tmp_path / "out/figures/mine.png").write_bytes(b"mine")
    written(sandbox, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out/figures").iterdir()] == ["mine.png"]


def test_the_mean_of_the_documents_shares_in_units_csv_is_the_number_of_the_matrix(sandbox, tmp_path):
    sandbox.change("studies/study.yaml", "weight: unit", "weight: document")
    run, _ = written(sandbox, tmp_path / "out")
    head, *rows = csv.read_table(tmp_path / "out/units.csv")
    for case in run.matrix.cases:
        shares = {}
        for row in rows:
            said = dict(zip(head, row, strict=True))
            if case in said["cases"].split():
                shares.setdefault(said["document"], []).append(int(said["behaviour"]))
        means = [sum(values) / len(values) for values in shares.values()]
        assert sum(means) / len(means) == pytest.approx(run.matrix.cell(case, "behaviour").value)
