"""Texts brought into a project: copied to their donor's folder, their variables written to its case.yaml.

All is checked before a file is written, and the project is opened once more before anything stays.
What stood in case.yaml and study stays as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse
from coding.files import replacing
from coding.formats import splice
from coding.formats.case import CaseFile
from coding.formats.case_edit import EditableCase, Variables, checked_variables, editable_case
from coding.formats.text import decode
from coding.model import Corpus, Document
from coding.project import is_of_the_system, readers
from coding.selection import select
from coding.study import read_study

if TYPE_CHECKING:
    from coding.project import Project


@dataclass(frozen=True, slots=True)
class Added:
    """What is now in a project, and what became of the other files.

    Attributes
    ----------
    documents : the new documents, by the file that each came from
    unchanged : ids of documents that were there already, with this text and these variables
    left_out : files of a folder that no format reads
    twins : for each new document whose text stands under another id already, that id
    case : the case file, from the project's folder on
    new_case : whether it was made
    study : what the project's study makes of it, in a sentence; empty if there is nothing to say
    still_wrong : what was wrong in the corpus before, and is
    """

    documents: Mapping[Path, Document]
    unchanged: tuple[str, ...]
    left_out: tuple[Path, ...]
    twins: Mapping[str, str]
    case: str
    new_case: bool
    study: str
    still_wrong: tuple[str, ...]


def add(
    project: Project,
    files: Sequence[Path],
    *,
    donor: str,
    year: int,
    fidelity: str,
    source_kind: str,
    title: str | None = None,
    publisher: str | None = None,
    date: str | None = None,
    type: str | None = None,  # noqa: A002  the word of the case file
    language: str | None = None,
    url: str | None = None,
    name: str | None = None,
    iso: str | None = None,
) -> Added:
    """Copy texts into `corpus/<donor>/` and write their variables to its `case.yaml`.

    A donor that is not there yet is made. The project's study takes it into its cases as long as it
    tests no claim and reads one of the texts. `project` knows of nothing new: open it again.

    Parameters
    ----------
    files : texts, or folders whose texts are meant (not those of folders in them)
    donor : id of the case
    title : of the only text; made of the name of the file if left out
    name, iso : of a new donor; `iso` is obligatory then, `name` is made of the id if left out

    Raises
    ------
    CodingError
        Listing everything that is wrong with files and variables. Nothing has changed then.
    """
    given = {
        "title": title, "publisher": publisher, "year": year, "date": date, "type": type,
        "language": language, "url": url, "source_kind": source_kind, "fidelity": fidelity,
    }  # fmt: skip
    variables = checked_variables(given)
    case = editable_case(project.root / "corpus", donor, name=name, iso=iso)
    sources, left_out = _sources(files, project.root / "corpus")
    if title is not None and len(sources) > 1:
        raise CodingError(f"--title: one title for {len(sources)} texts. Left out, file names make titles.")
    texts, unchanged = _texts(sources, case, variables)
    if not texts:
        return Added({}, unchanged, left_out, {}, case.place, new_case=False, study="", still_wrong=())
    entries = {text.target.name: text.variables for text in texts}
    edited, file = case.with_documents({k: v for k, v in entries.items() if k not in case.file.documents})
    study, said = _study(project, case, file, list(entries))
    contents = {text.target: text.source.read_bytes() for text in texts if not text.target.exists()}
    opened, still_wrong = _put(project, contents | {case.path: edited.encode()} | study)
    documents = {text.source: text.document(file) for text in texts}
    twins = {} if still_wrong else _twins(documents.values(), opened.corpus)
    return Added(documents, unchanged, left_out, twins, case.place, case.is_new, said, still_wrong)


def file_name(path: Path) -> str:
    """Return the name of a file as it stands in the corpus: small letters and digits of any script, hyphens.

    Raises
    ------
    CodingError
        If nothing of the name is left.

    Examples
    --------
    >>> file_name(Path("../Cyber Security (2018).TXT")), file_name(Path("서울 선언.md"))
    ('cyber-security-2018.txt', '서울-선언.md')
    """
    stem = unicodedata.normalize("NFC", path.stem).lower()
    kept = "".join(c if c == "_" or unicodedata.category(c)[0] in "LMN" else "-" for c in stem)
    name = unicodedata.normalize("NFC", re.sub("-+", "-", kept).strip("-"))
    if not name.strip("_"):
        raise CodingError(f"{path}: its name has no letter or digit. Rename the file.")
    return name + path.suffix.lower()


def title_of(path: Path) -> str:
    """Return a title made of the name of a file, its words as they are written there.

    Examples
    --------
    >>> title_of(Path("white-paper_2018.txt")), title_of(Path("A non-binding norm.txt"))
    ('white paper 2018', 'A non-binding norm')
    """
    stem = unicodedata.normalize("NFC", path.stem)
    words = stem if " " in stem.strip() else re.sub("[-_]+", " ", stem)
    return _in_a_line("".join(" " if unicodedata.category(c)[0] == "C" else c for c in words))


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that is to be added."""

    source: Path
    target: Path
    text: str
    variables: Variables

    def document(self, file: CaseFile) -> Document:
        return Document(f"{file.id}/{self.target.stem}", self.text, file.variables(self.target.name))


def _sources(files: Sequence[Path], corpus: Path) -> tuple[list[Path], tuple[Path, ...]]:
    """Return the texts that are meant, each once, and the files of folders that no format reads."""
    texts: dict[Path, Path] = {}
    left_out: list[Path] = []
    problems: list[str] = [] if files else ["Name a file, or a folder with texts."]
    for path in files:
        found = [path]
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.is_file() and not is_of_the_system(p)]
            found = [p for p in inside if _is_read(p)]
            left_out += [p for p in inside if not _is_read(p) and p.name != "case.yaml"]
            problems += [] if found else [f"{path}: no text in this folder. {_what_is_read()}"]
        elif not path.is_file():
            problems.append(f"{path}: no such file.")
        elif not _is_read(path):
            problems.append(f"{path}: no format reads {path.suffix or 'it'}. {_what_is_read()}")
        elif path.resolve().parent == corpus.resolve():
            problems.append(
                f"{path} lies in corpus/ itself, where no text can stay. Move it elsewhere first."
            )
        for text in found:
            texts.setdefault(text.resolve(), text)
    refuse(problems)
    return list(texts.values()), tuple(left_out)


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in readers()


def _what_is_read() -> str:
    return f"Texts are files that end in {', '.join(sorted(readers()))}: save it as .txt (UTF-8)."


def _texts(
    sources: Sequence[Path], case: EditableCase, variables: Variables
) -> tuple[list[_Text], tuple[str, ...]]:
    """Return the texts that are to be added, and the ids of those that are there already."""
    problems: list[str] = []
    texts: dict[str, _Text] = {}
    unchanged: list[str] = []
    for source in sources:
        try:
            text = _text(source, case, variables)
        except CodingError as error:
            problems += error.problems
            continue
        known = f"{case.file.id}/{text.target.stem}"
        if known in texts:
            problems.append(f"{source}: would be {known}, as {texts[known].source} is. Rename one of them.")
        elif text.target.name in case.file.documents and text.target.exists():
            unchanged.append(known)
        else:
            texts[known] = text
    refuse(problems)
    return list(texts.values()), tuple(unchanged)


def _text(source: Path, case: EditableCase, variables: Variables) -> _Text:
    """Return a text with its place in the corpus.

    Raises
    ------
    CodingError
        If it cannot be read, or another text or other variables have its place.
    """
    folder = case.path.parent
    stays = source.resolve().parent == folder.resolve()
    target = folder / (source.name if stays else file_name(source))
    read = readers()[source.suffix.lower()].read_text
    text = str(read(source, name=str(source)))
    place = f"corpus/{folder.name}/{target.name}"
    names = {*case.file.documents, *(path.name for path in folder.glob("*") if _is_read(path))}
    for other in sorted(names - {target.name}):
        if Path(other).stem == target.stem:
            raise CodingError(f"{source}: {folder.name}/{target.stem} is '{other}' already. Rename the file.")
    if target.exists() and not stays and str(read(target, name=place)) != text:
        raise CodingError(f"{source}: {place} is there with another text. Rename the file to add it.")
    if entry := case.file.documents.get(target.name):
        there = entry.model_dump()
        differ = [
            f"{key} {there[key]}, not {value}" for key, value in variables.items() if there[key] != value
        ]
        if differ:
            raise CodingError(f"{source}: {case.place} says of it: {'; '.join(differ)}. Change that there.")
    return _Text(source, target, text, {"title": title_of(source), **variables})


def _study(
    project: Project, case: EditableCase, file: CaseFile, new: Sequence[str]
) -> tuple[dict[Path, bytes], str]:
    """Return the study's file if the donor joins its cases, and what the study makes of the new texts.

    A donor joins whose texts are the first that the study would read, unless it tests claims: then its
    cases were chosen with them.
    """
    try:
        path = project.study_path()
        plan, _ = read_study(path, name=f"studies/{path.name}")
    except CodingError:  # `coding check` says it; texts can be added nonetheless
        return {}, ""
    donor, place = file.id, f"studies/{path.name}"
    widened = plan.corpus.model_copy(update={"cases": [*plan.corpus.cases, donor]})
    kept, reasons = select(_of(file, new), widened)
    left = ", ".join(f"{n} by its {reason}" for reason, n in reasons.items())
    left_out = f" Of the new texts it leaves out {left}." if reasons else ""
    if donor in plan.corpus.cases:
        return {}, left_out and f"Study {plan.id} reads {donor}.{left_out}"
    if not kept:
        return {}, (
            f"Study {plan.id} reads none of it: left out {left}. If it should, widen that and add {donor} to "
            f"`cases`, both under `corpus` in {place}."
        )
    if plan.findings or select(_of(case.file, case.file.documents), widened)[0]:
        return {}, f"Study {plan.id} does not read {donor}. If it should, add it to `cases` in {place}."
    text = splice.append(decode(path), ["corpus", "cases"], [donor])
    text = splice.held(text, plan.model_copy(update={"corpus": widened}), [donor], name=place)
    return {path: text.encode()}, f"Study {plan.id} compares {', '.join(widened.cases)} now.{left_out}"


def _of(file: CaseFile, names: Iterable[str]) -> Corpus:
    """Return documents of a case with their variables and without their texts."""
    return Corpus(tuple(Document(f"{file.id}/{name}", "", file.variables(name)) for name in names))


def _put(project: Project, contents: Mapping[Path, bytes]) -> tuple[Project, tuple[str, ...]]:
    """Return the project with new contents of files, and what is still wrong in its corpus.

    Raises
    ------
    CodingError
        If something is wrong where nothing was; then every file is as before.
    """
    before = _problems(replace(project))
    with _in_place(contents):
        opened = replace(project)  # with nothing read yet
        after = _problems(opened)
        refuse([] if before else after)
    return opened, tuple(after)


def _problems(project: Project) -> Sequence[str]:
    try:
        _ = project.corpus
    except CodingError as error:
        return error.problems
    return ()


@contextmanager
def _in_place(contents: Mapping[Path, bytes]) -> Iterator[None]:
    """Put contents into files for a block; after an error in it, or Ctrl-C, every file is as before."""
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    new = {path.parent for path in contents if not path.parent.exists()}
    try:
        _write(contents)
        yield
    except BaseException:
        _write({p: old for p, old in before.items() if old is not None and not _holds(p, old)})
        for path in (path for path, old in before.items() if old is None):
            path.unlink(missing_ok=True)
        for folder in new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _write(contents: Mapping[Path, bytes]) -> None:
    if contents:
        with replacing(list(contents)) as places:
            for place, content in zip(places, contents.values(), strict=True):
                place.write_bytes(content)


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _twins(documents: Iterable[Document], corpus: Corpus) -> dict[str, str]:
    """Return for each document that repeats a text the id under which that stands, best an earlier one."""
    new = {document.id: document.digest for document in documents}
    first: dict[str, str] = {}
    for other in sorted(corpus, key=lambda document: document.id in new):
        first.setdefault(other.digest, other.id)
    return {document: first[digest] for document, digest in new.items() if first[digest] != document}


def _in_a_line(text: str) -> str:
    return " ".join(text.split())
