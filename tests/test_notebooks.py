"""The notebooks run from top to bottom in a clean folder, and are kept without outputs."""

import shutil
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # what the notebook's machinery warns of is not ours
def test_a_notebook_runs(path, repository, tmp_path):
    from nbclient import NotebookClient

    for folder in ("corpus", "codebooks", "studies"):
        shutil.copytree(repository / folder, tmp_path / folder)
    shutil.copy(repository / "pyproject.toml", tmp_path)
    (tmp_path / "notebooks").mkdir()
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path / "notebooks"}}
    )
    client.execute()
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    assert "in digests" in said
    assert "Warning" not in said
    pictures = [
        o for cell in notebook.cells for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})
    ]
    drawing = ("coding.heatmap(", "coding.estimates(", "coding.composition(", "plots.side_by_side(")
    assert len(pictures) == sum(cell.source.count(name) for cell in notebook.cells for name in drawing) > 0
