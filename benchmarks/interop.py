"""What survives on the way to other programs and back: each is installed and run, nothing of it is copied.

A made-up project with emoji, Japanese, ampersands and blank lines goes out, is taken in by the peer, written
by it and read again here; and a project that the peer made comes in. A row says how many things went, and how
many of them arrived with the same code and the same words in the same place. A peer that does not install, or
cannot do it, is said to be so.

It needs the package index, and is otherwise offline. Peers stay in out/interop/; each runs with limits of
time and memory. `--only PEER` takes one, `--installed` installs none, `--json` prints rows for a script.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.project import Project
    from coding.received import Arriving

VERSIONS = {"taguette": "1.5.2", "qualitative-coding": "1.7.8", "potato-annotation": "2.12.1"}
HERE = Path(__file__).parent
VENVS = HERE.parent / "out" / "interop"
INSTALL_SECONDS, RUN_SECONDS, MEMORY = 600, 120, 6_000_000_000

CASE = """id: norland
name: Norland
iso: NOR
aliases: [Norland]
documents:
  a.txt: {title: Act, year: 2015, fidelity: original, source_kind: primary}
  b.txt: {title: Speech, year: 2016, fidelity: original, source_kind: primary}
"""
TEXTS = {
    "a.txt": "Norland 😀 trains people & police.\n\nIt is <a> bridge.\nAnd “more”: 日本語.\n",
    "b.txt": "It trains cafe\u0301 owners.\n\n\nIt ends here: 👍🏽.\n",
}
CODED = (
    ("a", "😀 trains people & police", "behaviour.training", "anna"),
    ("a", "police.\n\nIt is <a>", "role.bridge", "ben"),
    ("a", "日本語", "role", "anna"),
    ("a", "日本語", "behaviour", "anna"),
    ("b", "cafe\u0301 owners.\n\n\nIt", "role.bridge", "anna"),
    ("b", "👍🏽", "behaviour", "ben"),
    ("b", "It trains cafe\u0301 owners.\n\n\nIt ends here: 👍🏽.\n", "role", "ben"),
)
PAGE = """<html><head><meta charset="utf-8"><title>No</title></head><body><h1>Aid &amp; trade</h1>\r
<p>They train <b>pe<i>op</i>le</b> 😀 <em>every</em>\r\nday.</p><p>A bridge.<br>Two.</p></body></html>"""
LINES = 30  # of the document that qualitative-coding codes: more than what offsets count needs to be told


Facts = tuple[str, int, int, str, str, str]  # document, start, end, quote, code, coder


@dataclass(frozen=True)
class Row:
    """So many things went a way, and so many arrived as they were."""

    peer: str
    way: str
    what: str
    n_sent: int
    n_same: int
    said: str = ""


def main() -> int:
    """Print what survives; return 1 if anything that could arrive did not."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--only", choices=VERSIONS)
    asking.add_argument("--installed", action="store_true")
    asking.add_argument("--json", action="store_true")
    asked = asking.parse_args()
    rows = [
        row
        for peer in ([asked.only] if asked.only else VERSIONS)
        for row in exchanged_with(peer, install=not asked.installed)
    ]
    if asked.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
    else:
        _print(rows)
    return int(any(row.n_same < row.n_sent for row in rows))


def exchanged_with(peer: str, *, install: bool) -> list[Row]:
    """Return what survives on the way to a peer and back; one row that says why, if it is not there."""
    python = _python(peer)
    why = "" if python.exists() else "is not installed" if not install else _install(peer)
    if why:
        return [Row(peer, "", "", 0, 0, why)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        return list(_WAYS[peer](_Ours(root), python.parent, root))


class _Ours:
    """The project that goes out, and one without any coding into which it comes back."""

    def __init__(self, root: Path) -> None:
        from coding.batch import act, new_id, quoted
        from coding.codebook import Code, Codebook
        from coding.formats.codebook import write_codebook
        from coding.model import CodedSegment, Coder
        from coding.project import Project

        book = Codebook(
            "book", "1.0.0",
            (
                Code("role", "Role", "What it does for others."),
                Code("role.bridge", "Bridge", "It joins “two” sides.", include="Offices.", parent="role"),
                Code("behaviour", "Behaviour", "What it does & says."),
                Code("behaviour.training", "Training", "It trains.", parent="behaviour"),
            ),
        )  # fmt: skip
        for name in ("ours", "bare"):
            (root / name / "corpus/norland").mkdir(parents=True)
            (root / name / "codebooks").mkdir()
            (root / name / "corpus/norland/case.yaml").write_text(CASE, "utf-8")
            for file, text in TEXTS.items():
                (root / name / "corpus/norland" / file).write_bytes(text.encode())
            write_codebook(root / name / "codebooks/book.yaml", book)
        self.project, self.bare = Project.open(root / "ours"), Project.open(root / "bare")
        corpus, segments = self.project.corpus, []
        for name, words, code, coder in CODED:
            document = corpus[f"norland/{name}"]
            at = document.text.index(words)
            place = document.segment(at, at + len(words))
            segments.append(CodedSegment(new_id(), place, code, book[code].meaning, coder))
        with self.project.store() as store:
            coders = (Coder("anna", "person"), Coder("ben", "person"))
            store.add(act("anna", "code", *coders, *quoted(segments, corpus)))
        self.segments = {_facts(segment) for segment in segments}
        self.codes = {code.id: (code.name, code.parent, code.definition) for code in book.codes}

    def sent(self, path: Path) -> Path:
        """Write the project for a peer."""
        from coding.exporting import exported
        from coding.formats import exchange
        from coding.formats.refi.writer import write

        made = exported(self.project, [self.project.codebook("book")]).exchanged
        (write if exchange.ending(path) is None else exchange.write)(path, made)
        return path


def _taguette(ours: _Ours, bin_: Path, root: Path) -> Iterator[Row]:
    peer, file = "taguette", ours.sent(root / "ours.sqlite3")
    there = root / "there"
    there.mkdir()
    ended = _run([bin_ / "python", HERE / "peers/with_taguette.py", "take", file, there])
    if ended.returncode:
        yield Row(peer, "out", "project (.sqlite3)", len(ours.segments), 0, _last(ended))
        return
    shown = json.loads(ended.stdout)
    seen = {(_bare(words), tag) for _, words, tags in shown["highlights"] for tag in tags}
    meant = {(_bare(words), code) for _, words, code, _ in CODED}
    yield Row(
        peer, "out", "coded segments (.sqlite3)", len(meant), len(meant & seen), "who coded is lost there"
    )
    yield Row(peer, "out", "codes with definitions", len(ours.codes), sum(
        definition in shown["tags"].get(code, "") for code, (_, _, definition) in ours.codes.items()
    ))  # fmt: skip
    yield _segments_back(peer, ours, there / "project.sqlite3", "coded segments (.sqlite3)")
    for kind in ("csv", "xlsx"):
        yield _segments_back(peer, ours, there / f"highlights.{kind}", f"highlights (.{kind})")
    for kind in ("qdc", "csv", "xlsx"):
        yield _codebook_back(peer, ours, there / f"codebook.{kind}", definitions=kind != "qdc")
    yield _own_page(bin_, root, ours)


def _own_page(bin_: Path, root: Path, ours: _Ours) -> Row:
    """Return what comes of a project that Taguette made of a web page."""
    there = root / "own"
    there.mkdir()
    (root / "page.html").write_text(PAGE, "utf-8")
    ended = _run([bin_ / "python", HERE / "peers/with_taguette.py", "make", root / "page.html", there])
    what = "its own page (.sqlite3)"
    if ended.returncode:
        return Row("taguette", "in", what, 1, 0, _last(ended))
    meant = {
        (_bare(words), tag.lower())
        for _, words, tags in json.loads(ended.stdout)["highlights"]
        for tag in tags
    }
    arriving = _look(ours.bare, there / "project.sqlite3", codebook="theirs")
    found = {(_bare(quote), code) for _, _, _, quote, code, _ in _arrived(arriving)}
    return Row("taguette", "in", what, len(meant), len(meant & found), _dropped(arriving))


def _qualitative_coding(ours: _Ours, bin_: Path, root: Path) -> Iterator[Row]:
    peer, file, qc = "qualitative-coding", ours.sent(root / "ours.qdpx"), bin_ / "qc"
    there, own = root / "there", root / "own"
    there.mkdir()
    ended = _run([qc, "init", "--import", file], there)
    if ended.returncode:
        yield Row(peer, "out", "project (.qdpx)", 0, 0, f"it cannot import: {_last(ended)}")
    else:
        yield Row(peer, "out", "project (.qdpx)", len(ours.segments), 0, "it can import now: compare it here")
    own.mkdir()
    lines = [f"Line {i} of 😀 日本語 and {'more' * (i % 5)}.\n" for i in range(LINES)]
    (root / "lines.txt").write_text("".join(lines), "utf-8")
    codes = ("training", "bridge")
    given = {"anna": [(i, codes[i % 2]) for i in range(LINES)], "ben": [(3, "bridge")]}
    steps: list[list[str | Path]] = [
        [qc, "init"],
        [qc, "corpus", "import", root / "lines.txt", "-i", "verbatim"],
        [bin_ / "python", HERE / "peers/with_qualitative_coding.py", json.dumps(["lines.txt", given])],
        [qc, "export", "theirs.qdpx"],
    ]
    meant = {(lines[i], code, coder) for coder, said in given.items() for i, code in said}
    for step in steps:
        ended = _run(step, own)
        if ended.returncode:
            yield Row(peer, "in", "coded lines (.qdpx)", len(meant), 0, _last(ended))
            return
    arriving = _look(ours.bare, own / "theirs.qdpx", codebook="theirs")
    found = {(quote, code, coder) for _, _, _, quote, code, coder in _arrived(arriving)}
    yield Row(peer, "in", "coded lines (.qdpx)", len(meant), len(meant & found), _dropped(arriving))


def _potato(ours: _Ours, bin_: Path, root: Path) -> Iterator[Row]:
    peer, file, there = "potato-annotation", ours.sent(root / "ours.qdpx"), root / "there"
    scheme = ("--schema-name", "codes", "--seed-user", "anna")
    ended = _run([bin_ / "python", "-m", "potato.importers", "-i", file, "-o", there, *scheme], root)
    if ended.returncode:
        yield Row(peer, "out", "project (.qdpx)", len(ours.segments), 0, _last(ended))
        return
    names = {name: code for code, (name, _, _) in ours.codes.items()}
    texts = "".join(path.read_text("utf-8") for path in sorted((there / "data").iterdir()))
    seen = set()
    for each in map(json.loads, texts.splitlines()):
        for span in each.get("predictions", {}).get("codes", ()):
            words = each["text"][span["start"] : span["end"]]
            document = each["id"].replace(" - ", "/")
            seen.add((document, span["start"], span["end"], words, names.get(span["name"], "")))
    meant = {facts[:5] for facts in ours.segments}
    yield Row(peer, "out", "coded segments (.qdpx)", len(meant), len(meant & seen), "all become one user's")
    back = ["--config", there / "config.yaml", "--format", "qdpx", "--output", root / "back"]
    ended = _run([bin_ / "python", "-m", "potato.export", *back], root)
    written = list((root / "back").glob("*.qdpx"))
    if ended.returncode or not written:
        yield Row(peer, "in", "coded segments (.qdpx)", len(ours.segments), 0, _last(ended))
        return
    yield _segments_back(peer, ours, written[0], "coded segments (.qdpx)")


def _segments_back(peer: str, ours: _Ours, path: Path, what: str) -> Row:
    """Return what of ours is read from a file that a peer wrote; none of them keeps who coded."""
    arriving = _look(ours.bare, path)
    meant, found = ({_where(facts, path) for facts in each} for each in (ours.segments, _arrived(arriving)))
    return Row(peer, "in", what, len(meant), len(meant & found), _dropped(arriving))


def _where(facts: Facts, path: Path) -> tuple[object, ...]:
    """Return place and code; the end of a highlight in a table is that of its last word."""
    document, start, end, quote, code, _ = facts
    is_table = path.suffix in (".csv", ".xlsx")
    return document, start, start + len(quote.rstrip()) if is_table else end, quote.rstrip(), code


def _codebook_back(peer: str, ours: _Ours, path: Path, *, definitions: bool) -> Row:
    from coding.received import look_at_codebook

    seen = look_at_codebook if path.suffix == ".qdc" else _look
    book = seen(ours.bare, path, codebook="theirs").codes.new
    found = {code.id: (code.name, code.parent, code.definition) for code in (book.codes if book else ())}
    meant = ours.codes if definitions else {
        id_: (id_.rpartition(".")[2], parent, "") for id_, (_, parent, _) in ours.codes.items()
    }  # fmt: skip
    n_same = sum(found.get(id_) == said for id_, said in meant.items())
    said = "" if definitions else "without names and definitions: it writes none"
    return Row(peer, "in", f"codebook ({path.suffix})", len(ours.codes), n_same, said)


def _look(project: Project, path: Path, codebook: str | None = None) -> Arriving:
    from coding.received import About, look

    about = About("norland", {"year": 2017, "fidelity": "original", "source_kind": "primary"})
    return look(project, path, codebook=codebook, about=about)


def _arrived(arriving: Arriving) -> set[Facts]:
    from coding.model import CodedSegment

    return {_facts(row) for row in arriving.people.rows if isinstance(row, CodedSegment)}


def _facts(segment: object) -> Facts:
    from coding.model import CodedSegment

    assert isinstance(segment, CodedSegment)
    place = segment.segment
    file = TEXTS.get(f"{place.document.rpartition('/')[2]}.txt", "")
    quote = segment.quote or file[place.start : place.end]
    return place.document, place.start, place.end, quote, segment.code, segment.coder


def _dropped(arriving: Arriving) -> str:
    return "; ".join(f"{each.n} × {each.what}" for each in arriving.dropped if each.what != "Code")


def _bare(words: str) -> str:
    return "".join(words.split())


def _python(peer: str) -> Path:
    return VENVS / peer / "bin" / "python"


def _install(peer: str) -> str:
    """Install a peer; return why it cannot be, or nothing."""
    folder = VENVS / peer
    venv.create(folder, with_pip=True, clear=True)
    wanted = f"{peer}=={VERSIONS[peer]}"
    command = [_python(peer), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        shutil.rmtree(folder)
        return f"was not installed within {INSTALL_SECONDS} seconds"
    if ended.returncode:
        shutil.rmtree(folder)
        return f"does not install: {_last(ended)}"
    return ""


def _run(command: Sequence[str | Path], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Return how a peer ended, run with limits, no input, and a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        try:
            return subprocess.run(
                [*map(str, command)], cwd=folder or home, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=RUN_SECONDS, check=False, preexec_fn=_limit,
                env=os.environ | {"HOME": home, "PYTHONUTF8": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            said = f"was not done within {RUN_SECONDS} seconds"
            return subprocess.CompletedProcess([*map(str, command)], 1, "", said)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _last(ended: subprocess.CompletedProcess[str]) -> str:
    lines = (ended.stderr.strip() or ended.stdout.strip() or f"ended with {ended.returncode}").splitlines()
    return re.sub(r"\s+", " ", lines[-1])[:100]


def _print(rows: Iterable[Row]) -> None:
    print(f"{'peer':25} {'':4} {'what':26} {'same':>7}  what else")
    for row in rows:
        name = f"{row.peer} {VERSIONS[row.peer]}" if row.way else row.peer
        same = f"{row.n_same}/{row.n_sent}" if row.n_sent else "-"
        print(f"{name:25} {row.way:4} {row.what:26} {same:>7}  {row.said}")


_WAYS: dict[str, Callable[[_Ours, Path, Path], Iterator[Row]]] = {
    "taguette": _taguette,
    "qualitative-coding": _qualitative_coding,
    "potato-annotation": _potato,
}

if __name__ == "__main__":
    sys.exit(main())
