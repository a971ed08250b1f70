"""An installed wheel carries all it needs and runs from an empty folder."""

import json
import os
import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(out),
        str(repository),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return next(out.glob("normatrix-*.whl"))


def test_the_wheel_holds_the_package_and_the_material_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"coding"}
    for wanted in (
        "coding/shipped/codebooks/constructivist.yaml",
        "coding/shipped/studies/bimantara-2022.yaml",
        "coding/shipped/corpus/japan/case.yaml",
        "coding/shipped/corpus/references.bib",
        "coding/templates/report.html.j2",
        "coding/py.typed",
    ):
        assert wanted in names


def test_an_installed_wheel_runs_the_study_from_an_empty_folder(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import coding; print(coding.__file__)"],
        cwd=empty, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.strip().startswith(str(site))
    ended = subprocess.run(
        [sys.executable, "-m", "coding", "reproduce", "--json"],
        cwd=empty, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["study"] == "bimantara-2022"
    assert sorted(p.name for p in empty.iterdir()) == ["out"]
    assert all((empty / name).is_file() for name in said["files"])
