"""The commands: results on stdout, the rest on stderr, exit 2 with one message for bad input."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def command(*arguments):
    return [sys.executable, "-m", "coding", *map(str, arguments)]


def coding(*arguments, cwd):
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_reproduce_prints_matrix_and_verdicts_and_writes_results(sandbox):
    ended = coding("reproduce", "--no-figures", cwd=sandbox.root)
    assert ended.returncode == 0
    assert "Behaviour\t0.750 (3/4)\t0.750 (3/4)" in ended.stdout
    assert "in digests" in ended.stdout
    assert "open report.html there" in ended.stderr
    assert (sandbox.root / "out/study/report.html").is_file()


def test_reproduce_prints_no_table_of_verdicts_where_no_claim_is_tested(sandbox):
    study = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8")
    sandbox.write("studies/study.yaml", f"{study.partition('findings:')[0]}findings: []\n")
    ended = coding("reproduce", "--no-figures", cwd=sandbox.root)
    assert ended.returncode == 0
    assert "Behaviour\t0.750 (3/4)\t0.750 (3/4)" in ended.stdout
    assert "verdict" not in ended.stdout


def test_reproduce_can_speak_json(sandbox):
    ended = coding("reproduce", "--no-figures", "--json", "--out", "elsewhere", cwd=sandbox.root)
    said = json.loads(ended.stdout)
    assert said["study"] == "study"
    assert "elsewhere/study/matrix.csv" in said["files"]
    assert ended.stderr == ""


def test_check_counts_what_is_sound(sandbox):
    ended = coding("check", cwd=sandbox.root)
    assert ended.stdout.startswith("All is well: 6 documents, 2 cases, 1 codebook, 7 codes, 4 rules")
    assert json.loads(coding("check", "--json", cwd=sandbox.root).stdout)["rules"] == 4


def test_matrix_takes_other_decisions_and_says_them(sandbox):
    ended = coding("matrix", "--measure", "documents", "--code", "behaviour", cwd=sandbox.root)
    assert "Behaviour\t3 (3/4)\t3 (3/4)" in ended.stdout
    assert "documents with the code" in ended.stderr


def test_a_cell_opens_to_its_passages(sandbox):
    ended = coding("matrix", "--cell", "Norland", "behaviour", cwd=sandbox.root)
    assert ended.stdout.splitlines()[1].split("\t") == [
        "norland/a", "8", "14", "behaviour.training", "training", "trains", "Norland trains police.",
    ]  # fmt: skip
    said = json.loads(coding("matrix", "--cell", "Norland", "behaviour", "--json", cwd=sandbox.root).stdout)
    assert said["quotes"] == ["trains", "trains", "Training"]
    assert said["passages"][1:] == ["Norland trains police officers.", "Training of police goes on."]


def test_a_cell_of_whole_documents_opens_to_sentences(sandbox):
    ended = coding(
        "matrix", "--unit", "document", "--cell", "Norland", "behaviour", "--json", cwd=sandbox.root
    )
    assert json.loads(ended.stdout)["passages"][0] == "Norland trains police."


def test_an_empty_cell_says_in_words_what_its_zero_means(sandbox):
    ended = coding("matrix", "--cell", "Sudland", "role", cwd=sandbox.root)
    assert ended.stderr == (
        "Sudland, –: rules searched 4 sentences for Role and found none; other words may say it.\n"
    )


def in_a_terminal(*words, cwd):
    """Return the lines that a reader sees."""
    import pty

    ours, theirs = pty.openpty()
    plain = {**os.environ, "TERM": "dumb", "COLUMNS": "80"}
    subprocess.run(command(*words), cwd=cwd, stdout=theirs, env=plain, check=True, timeout=120)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    return [line.rstrip() for line in shown.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="asks for a terminal of Linux")
def test_in_a_terminal_the_hit_is_marked_in_its_passage(sandbox):
    shown = "\n".join(in_a_terminal("matrix", "--cell", "Norland", "behaviour", cwd=sandbox.root))
    assert "norland/a 8:14" in shown
    assert "Norland «trains» police." in shown


@pytest.mark.skipif(sys.platform != "linux", reason="asks for a terminal of Linux")
def test_in_a_terminal_a_verdict_stands_with_the_two_shares_that_were_compared(sandbox):
    assert in_a_terminal("findings", cwd=sandbox.root)[-1] == (
        "    Security in Behaviour: Norland 1.00 (3/3), Sudland 0.33 (1/3)"
    )
    sandbox.change("studies/study.yaml", "base: coded", "base: searched")
    assert in_a_terminal("findings", cwd=sandbox.root)[-1].startswith("    Security, of all in Behaviour: ")
    sandbox.change("studies/study.yaml", "within: behaviour", "within: role")
    assert in_a_terminal("findings", cwd=sandbox.root)[-1] == (
        "    Security, of all in Role: Norland 0.00 (0/1), Sudland without a base"
    )


def test_codes_lists_the_codebook_and_shows_one_code(sandbox):
    assert "\nrole.bridge\tBridge\t1\n" in coding("codes", cwd=sandbox.root).stdout
    assert "It joins two sides." in coding("codes", "role.bridge", cwd=sandbox.root).stdout
    assert json.loads(coding("codes", "role", "--json", cwd=sandbox.root).stdout)[0]["id"] == "role"


def test_codes_takes_the_only_codebook_where_no_single_study_names_one(sandbox):
    sandbox.write("studies/other.yaml", "id: other")
    assert "\nrole.bridge\tBridge\t1\n" in coding("codes", cwd=sandbox.root).stdout
    sandbox.write("codebooks/second.yaml", "id: second")
    ended = coding("codes", cwd=sandbox.root)
    assert ended.stderr == "Error: name a codebook with --codebook: book, second.\n"


def test_kwic_shows_a_phrase_in_its_context(sandbox):
    ended = coding("kwic", "train* .. police", "--width", "10", cwd=sandbox.root)
    assert "norland/a\t8:21\tpara. 1\tNorland\ttrains police\t. It is a" in ended.stdout
    assert "4 hits in 4 of 6 documents" in ended.stderr
    assert json.loads(coding("kwic", "teachers", "--case", "sudland", "--json", cwd=sandbox.root).stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reproduce", "studdy"], "Did you mean 'study'"),
        (["matrix", "--unit", "sentense"], "Did you mean 'sentence'"),
        (["matrix", "--code", "behavior"], "Did you mean 'behaviour'"),
        (["matrix", "--cell", "Norlnd", "role"], "Did you mean 'Norland'"),
        (["codes", "roll"], "Did you mean 'role'"),
        (["kwic", "(a|b"], "never closed"),
        (["kwic", "a", "--case", "norlandd"], "Did you mean 'norland'"),
        (["check", "--project", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_bad_input_ends_with_one_message_and_exit_code_2(sandbox, arguments, message):
    ended = coding(*arguments, cwd=sandbox.root)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: ")
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_check_lists_all_that_is_wrong(sandbox):
    sandbox.change("codebooks/book.yaml", 'rejects: ["It rains."]', 'rejects: ["It trained."]')
    sandbox.write("corpus/norland/a.txt", b"")
    sandbox.change("studies/study.yaml", "within: behaviour", "within: behavior")
    ended = coding("check", cwd=sandbox.root)
    assert ended.returncode == 2
    assert "should reject but matches: 'It trained.'" in ended.stderr
    assert "the text is empty" in ended.stderr


def test_a_text_that_is_not_utf8_stops_reproduce_before_anything_is_written(sandbox):
    sandbox.write("corpus/norland/a.txt", b"caf\xe9")
    ended = coding("reproduce", cwd=sandbox.root)
    assert ended.returncode == 2
    assert not (sandbox.root / "out").exists()


def test_an_unwritable_folder_is_a_plain_error(sandbox):
    (sandbox.root / "out").write_text("in the way", encoding="utf-8")
    ended = coding("reproduce", "--no-figures", cwd=sandbox.root)
    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr


def test_importing_coding_and_its_help_load_nothing_heavy():
    script = (
        "import sys, coding, coding.cli\n"
        "heavy = {'spacy', 'pandas', 'matplotlib', 'scipy', 'pydantic', 'numpy', 'sklearn'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_the_public_names_are_a_screenful_and_all_load():
    import coding as package

    assert len(package.__all__) <= 40
    assert all(getattr(package, name).__doc__ for name in package.__all__)
    with pytest.raises(AttributeError):
        package.nothing  # noqa: B018  asking is the act


def test_an_escape_sequence_in_a_text_does_not_reach_the_terminal(sandbox):
    sandbox.change("corpus/norland/a.txt", "Norland trains", "Norland \x1b]0;mine\x07 trains")
    shown = coding("kwic", "train*", cwd=sandbox.root)
    assert "\x1b" not in shown.stdout
    assert "mine" in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["codes"],
        ["matrix"],
        ["reproduce", "--no-figures"],
        ["kwic", "police"],
        ["tag", "--dry-run"],
    ],
    ids=lambda a: a[0],
)
def test_a_command_says_when_it_takes_the_shipped_material(tmp_path, arguments):
    said = "There is no project here"
    assert said in coding(*arguments, cwd=tmp_path).stderr
    assert coding(*arguments, "--json", cwd=tmp_path).stderr == ""


def test_in_a_project_nothing_is_said_of_the_shipped_material(sandbox):
    assert coding("codes", cwd=sandbox.root).stderr.startswith("Codebook book")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_ends_with_one_message(sandbox):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command("matrix", "--json"),
            cwd=sandbox.root, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr == "Error: nothing can be written: No space left on device.\n"


def test_what_the_system_refuses_is_a_plain_error(sandbox):
    ended = coding("check", "--project", "x" * 300, cwd=sandbox.root)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: " + "x" * 300)
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a word")
def test_a_terminated_run_leaves_nothing_half_written(sandbox):
    running = subprocess.Popen(command("reproduce"), cwd=sandbox.root, stderr=subprocess.DEVNULL)
    out = sandbox.root / "out"
    while not any(out.glob(".study-*/units.csv")):
        assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 143
    assert list(out.iterdir()) == []


def test_check_shows_hits_near_misses_and_rules_without_a_hit(sandbox):
    sandbox.change("codebooks/book.yaml", 'phrase: "train*"', 'phrase: "train*", unless: [Norland]')
    shown = coding("check", cwd=sandbox.root).stdout.splitlines()
    assert shown[1] == "code\trules\thits\tnear-misses\trules without a hit"
    (training,) = [line for line in shown if line.startswith("behaviour.training")]
    assert "unless" in training.split("\t")[3]
    by_code = json.loads(coding("check", "--json", cwd=sandbox.root).stdout)["by_code"]
    assert {one["code"]: one["near_misses"] for one in by_code}["behaviour.training"]["unless"] > 0


def test_tag_writes_the_coded_segments_and_a_dry_run_nothing(sandbox):
    ended = coding("tag", "--dry-run", "--codes", "behaviour", cwd=sandbox.root)
    assert "behaviour.training: hits" in ended.stdout
    assert "Nothing was written" in ended.stderr
    assert not (sandbox.root / "out").exists()
    ended = coding("tag", "--documents", "norland", "--codes", "behaviour", cwd=sandbox.root)
    rows = (sandbox.root / "out/coded.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["norland/a", "norland/b", "norland/c"]
    assert "3 coded segments" in ended.stderr
    said = json.loads(coding("tag", "--dry-run", "--json", cwd=sandbox.root).stdout)
    assert {one["code"]: one["hits"] for one in said}["behaviour.training"] == 6


def test_tag_writes_a_workbook_too_and_refuses_other_endings(sandbox):
    assert coding("tag", "--out", "coded.xlsx", cwd=sandbox.root).returncode == 0
    assert (sandbox.root / "coded.xlsx").read_bytes().startswith(b"PK")
    ended = coding("tag", "--out", "coded.doc", cwd=sandbox.root)
    assert ended.returncode == 2
    assert "end the name in .csv or .xlsx" in ended.stderr


def test_why_names_rule_words_and_reason(sandbox):
    ended = coding("why", "norland/a", "0:20", cwd=sandbox.root)
    head, first, *_ = (line.split("\t") for line in ended.stdout.splitlines())
    assert head == ["", "code", "rule", "start", "end", "words", "what matched", "why not"]
    assert first[:6] == ["\u2713", "behaviour.training", "training", "8", "14", "trains"]
    said = json.loads(coding("why", "norland/a", "--json", cwd=sandbox.root).stdout)
    assert said[0]["words"] == [{"start": 8, "end": 14, "quote": "trains"}]
    ended = coding("why", "norland/a", "20:10", cwd=sandbox.root)
    assert ended.returncode == 2
    assert "write START:END with 0 <= START < END" in ended.stderr


def test_quality_prints_a_table_and_speaks_json(sandbox):
    read = {"codes": ["behaviour"], "orientation": "security"}
    rows = [
        {
            "id": str(i),
            "donor": "Norland",
            "document": str(i),
            "text": text,
            "readers": {"a": read, "b": read},
        }
        for i, text in enumerate(["Norland trains police.", "It builds."])
    ]
    sandbox.write("gold.jsonl", "\n".join(map(json.dumps, rows)).encode())
    ended = coding("quality", "--gold", "gold.jsonl", "--errors", "1", cwd=sandbox.root)
    assert "behaviour\tall\t1\t2.0\t1.00\t0.50\t0.67" in ended.stdout
    assert "behaviour: missed (1 sentences)" in ended.stdout
    said = json.loads(coding("quality", "--gold", "gold.jsonl", "--json", cwd=sandbox.root).stdout)
    assert said["categories"]["behaviour"]["recall"] == 0.5
    assert said["categories"]["behaviour"]["f1_readers"] == 1
    assert said["macro_f1"] is None
    assert "No case of the project" not in ended.stderr
    assert said["orientation_accuracy"] == 1


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\u202eb"])
def test_what_would_steer_a_terminal_reaches_it_in_no_message(sandbox, text):
    sandbox.change("studies/study.yaml", "title: ", f'"{text}": 1\ntitle: ') if "\x1b" not in text else None
    sandbox.change("corpus/norland/case.yaml", "name: Norland", f'name: "Norland{json.dumps(text)[1:-1]}"')
    for ended in (coding("matrix", cwd=sandbox.root), coding("check", cwd=sandbox.root)):
        assert text[0] not in ended.stdout + ended.stderr or text[0] == "a"
        assert "\u202e" not in ended.stdout + ended.stderr
