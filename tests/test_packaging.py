"""An installed wheel carries all it needs and runs from an empty folder."""

import json
import os
import signal
import subprocess
import sys
import zipfile

import httpx
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


def apart(site):
    return {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_wheel_holds_the_package_and_the_material_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"coding"}
    for wanted in (
        "coding/shipped/codebooks/constructivist.yaml",
        "coding/shipped/studies/bimantara-2022.yaml",
        "coding/shipped/corpus/japan/case.yaml",
        "coding/shipped/corpus/references.bib",
        "coding/templates/report.html.j2",
        "coding/templates/start/study.yaml",
        "coding/migrations/0001_first.sql",
        "coding/web/templates/read.html.j2",
        "coding/web/static/app.js",
        "coding/web/static/read/offsets.js",
        "coding/py.typed",
    ):
        assert wanted in names


def test_an_installed_wheel_runs_the_study_from_an_empty_folder(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = apart(site)
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


def test_an_installed_wheel_begins_a_project_and_opens_it_in_the_browser(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    command = [sys.executable, "-m", "coding"]
    subprocess.run([*command, "init", "mine"], cwd=tmp_path, env=apart(site), capture_output=True, check=True)
    serving = subprocess.Popen(
        [*command, "serve", "--coder", "anna", "--port", "0"],
        cwd=tmp_path / "mine", env=apart(site), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        entrance = serving.stdout.readline().removeprefix("anna: ").strip()
        with httpx.Client(follow_redirects=True) as client:
            assert "Library" in client.get(entrance).text
            assert client.get(entrance.split("/enter")[0] + "/static/read.js").status_code == 200
    finally:
        serving.send_signal(signal.SIGINT)
        _, said = serving.communicate(timeout=30)
    assert serving.returncode == 0
    assert said.strip().endswith("Stopped. Everything is kept.")
