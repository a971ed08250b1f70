"""Texts brought into a project: copied to their donor's folder, their variables written to its case.yaml.

All is checked before a file is written, and the project is opened once more before anything stays.
What stood in case.yaml and study stays as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding import sources
from coding.bibliography import Bibliography, Match, with_references
from coding.corpus_folder import readers
from coding.describing import Said, said_of
from coding.errors import CodingError, refuse
from coding.files import in_place
from coding.formats import splice
from coding.formats.case import CaseFile
from coding.formats.case_edit import EditableCase, Variables, checked_variables, editable_case
from coding.formats.text import decode
from coding.identifying import Identified, identified
from coding.likeness import Alike, alike
from coding.model import Corpus, Document
from coding.selection import select
from coding.sources import Source, Wanted
from coding.study import read_study

if TYPE_CHECKING:
    from coding.project import Project

_ANY_YEAR = 2000  # in the place of a year that each row of a table says for itself, or that is yet to be said
_ANY_ISO = "XZZ"  # in the place of a code that is yet to be said
_NO_YEAR = "--year: say the year of the texts. Only rows of a table and a --bibliography may say their own."


@dataclass(frozen=True, slots=True)
class Added:
    """What is now in a project, and what became of the other files.

    Attributes
    ----------
    documents : the new documents, in the order of their files
    sources : how each of them was read, by its id
    languages : the language that each seems to be in, by its id
    unchanged : ids of documents that were there already, with this text and these variables
    left_out : files of a folder that no format reads
    twins : for each new document whose text stands under another id already, that id
    alike : new documents that are nearly the same as another
    case : the case file, from the project's folder on
    new_case : whether it was made
    study : what the project's study makes of it, in a sentence; empty if there is nothing to say
    still_wrong : what was wrong in the corpus before, and is
    matches : by the id of a new document, which entry of the bibliography is its own, or may be
    without_text : keys of entries that no text of this call has
    broken : entries of the bibliography that could not be read, with their lines
    references : keys of the entries that were new in `corpus/references.bib`
    missing : what a dry run did without and the addition needs, a sentence each
    refused : why files that a dry run leaves out would be refused, and all others with them
    """

    documents: tuple[Document, ...]
    sources: Mapping[str, Source]
    languages: Mapping[str, Identified]
    unchanged: tuple[str, ...]
    left_out: tuple[Path, ...]
    twins: Mapping[str, str]
    alike: tuple[Alike, ...]
    case: str
    new_case: bool
    study: str
    still_wrong: tuple[str, ...]
    matches: Mapping[str, Match] = field(default_factory=dict)
    without_text: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def add(
    project: Project,
    files: Sequence[Path],
    *,
    donor: str,
    year: int | None,
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
    wanted: Wanted = Wanted(),  # noqa: B008  frozen
    bibliography: Bibliography | None = None,
    dry_run: bool = False,
) -> Added:
    """Put texts into `corpus/<donor>/` and write their variables to its `case.yaml`.

    A file of text is copied; of any other its text is taken out and written in UTF-8. A donor that is not
    there yet is made. The project's study takes it into its cases as long as it tests no claim and reads one
    of the texts. `project` knows of nothing new: open it again.

    Parameters
    ----------
    files : texts, folders whose texts are meant (not those of folders in them), or patterns of names
    donor : id of the case
    year : of the texts for which neither the row of a table nor an entry says one; None if there are none
    title : of the only text; if left out that which its file says, else made of the file's name
    language : of all texts; if left out, that which a text is surely in, else English
    name, iso : of a new donor; `iso` is obligatory then, `name` is made of the id if left out
    wanted : what some files cannot be read without
    bibliography : says of the texts what is not given; the entries of new ones join `corpus/references.bib`
    dry_run : return what would be, and write nothing; whether the project would open is not tried then. A
        year or `iso` may be missing, and a file that would be refused does not hide the others

    Raises
    ------
    CodingError
        Listing everything that is wrong with files and variables. Nothing has changed then.
    """
    named, left_out = sources.named(files, project.root / "corpus", wanted)
    given: dict[str, str | int | list[str] | None] = {
        "title": title, "publisher": publisher, "author": None, "year": year, "date": date, "type": type,
        "language": language, "source_language": None, "url": url, "citation": None,
        "source_kind": source_kind, "fidelity": fidelity,
    }  # fmt: skip
    if year is None and wanted.text is None and bibliography is None and not dry_run:
        raise CodingError(_NO_YEAR)
    checked_variables({**given, "year": _ANY_YEAR if year is None else year})
    case, no_iso = _case(project, donor, name=name, iso=iso, dry_run=dry_run)
    if title is not None and len(named) > 1:
        raise CodingError(f"--title: one title for {len(named)} texts. Left out, file names make titles.")
    said = said_of(given, bibliography)
    texts, there, problems = _texts(named, case, said, wanted)
    lacking = [f"{text.source.place}: {said.no_year(text.match)}" for text in texts if not text.has_year]
    if year is None and wanted.text is None and bibliography is None:
        lacking = [_NO_YEAR] if lacking else []
    if not dry_run:
        refuse([*problems, *lacking])
    missing, refused = (*no_iso, *lacking), tuple(problems)
    unchanged = tuple(f"{case.file.id}/{each.name}" for each in there)
    without_text = said.without_text([*(text.match for text in texts), *(each.match for each in there)])
    broken = bibliography.problems if bibliography else ()
    if not texts:
        return Added(
            (), {}, {}, unchanged, left_out, {}, (), case.place, new_case=False, study="", still_wrong=(),
            without_text=without_text, broken=broken, missing=missing, refused=refused,
        )  # fmt: skip
    entries = {text.target.name: text.variables for text in texts}
    edited, file = case.with_documents({k: v for k, v in entries.items() if k not in case.file.documents})
    study, told = ({}, "") if missing else in_study(project, case, file, list(entries))
    cited = [text.match.entry for text in texts if text.match.entry and "citation" in text.variables]
    library, references = with_references(project.root, cited)
    contents = {text.target: text.source.raw for text in texts if not text.target.exists()}
    documents = tuple(text.document(file) for text in texts)
    if dry_run:
        still_wrong = tuple(_problems(project))
        corpus = Corpus(() if still_wrong else (*project.corpus, *documents))
    else:
        opened, still_wrong = _put(project, contents | {case.path: edited.encode()} | study | library)
        corpus = Corpus(()) if still_wrong else opened.corpus
    return Added(
        documents=documents,
        sources={document.id: text.source for document, text in zip(documents, texts, strict=True)},
        languages={document.id: text.language for document, text in zip(documents, texts, strict=True)},
        unchanged=unchanged,
        left_out=left_out,
        twins={} if still_wrong else _twins(documents, corpus),
        alike=() if still_wrong else tuple(alike(documents, corpus)),
        case=case.place,
        new_case=case.is_new,
        study=told,
        still_wrong=still_wrong,
        matches={document.id: text.match for document, text in zip(documents, texts, strict=True)},
        without_text=without_text,
        broken=broken,
        references=references,
        missing=missing,
        refused=refused,
    )


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

    source: Source
    target: Path
    variables: Variables
    language: Identified
    match: Match
    has_year: bool

    def document(self, file: CaseFile) -> Document:
        own = file.variables(self.target.name)
        known = own if self.has_year else {**own, "year": None}
        return Document(f"{file.id}/{self.target.stem}", self.source.text, known)


@dataclass(frozen=True, slots=True)
class _There:
    """The name of a text that is there already."""

    name: str
    match: Match


def _texts(
    named: Sequence[Path], case: EditableCase, said: Said, wanted: Wanted
) -> tuple[list[_Text], list[_There], list[str]]:
    """Return the texts that are to be added, those that are there already, and why others cannot be."""
    problems: list[str] = []
    texts: dict[str, _Text] = {}
    unchanged: list[_There] = []
    for path in named:
        try:
            found = _found(path, case, said, wanted)
        except CodingError as error:
            problems += error.problems
            continue
        for text in found:
            if isinstance(text, _There):
                unchanged.append(text)
                continue
            known = f"{case.file.id}/{text.target.stem}"
            if known in texts:
                place, other = text.source.place, texts[known].source.place
                problems.append(
                    f"{place}: would be {known}, as {other} is. Name the files that are meant, with one of "
                    "the two, or rename one."
                )
            else:
                texts[known] = text
    return list(texts.values()), unchanged, problems


def _case(
    project: Project, donor: str, *, name: str | None, iso: str | None, dry_run: bool
) -> tuple[EditableCase, tuple[str, ...]]:
    """Return the case file of a donor; for a dry run a new one without its code, and a sentence on that."""
    corpus = project.root / "corpus"
    try:
        return editable_case(corpus, donor, name=name, iso=iso), ()
    except CodingError as error:
        if not dry_run or iso is not None or (corpus / donor / "case.yaml").exists():
            raise
        return editable_case(corpus, donor, name=name, iso=_ANY_ISO), (str(error),)


def _found(path: Path, case: EditableCase, said: Said, wanted: Wanted) -> list[_Text | _There]:
    """Return the texts of a file with their places in the corpus; of those that are there already the name.

    Raises
    ------
    CodingError
        Listing what cannot be read, and every text whose place another one has, or other variables.
    """
    raw, sha256 = sources.digest(path)
    if sources.is_taken_out(path) and (there := _taken_before(sha256, case)):
        match = said.match(path, stem=path.stem, title=title_of(path))
        known = said.of(match, {})
        year = known["year"] or case.file.documents[there].year
        _refuse_others(str(path), there, case, checked_variables({**known, "year": year}))
        return [_There(Path(there).stem, match)]  # read once: a later version of its reader changes nothing
    problems: list[str] = []
    found: list[_Text | _There] = []
    for source in sources.read(path, raw, sha256, donor=case.file.id, wanted=wanted):
        try:
            found.append(_text(source, case, said))
        except CodingError as error:
            problems += error.problems
    refuse(problems)
    return found


def _taken_before(sha256: str, case: EditableCase) -> str | None:
    """Return the document that was taken out of a file of this digest, if it is there."""
    return next(
        (
            name
            for name, entry in case.file.documents.items()
            if entry.read_sha256 == sha256 and (case.path.parent / name).exists()
        ),
        None,
    )


def _text(source: Source, case: EditableCase, said: Said) -> _Text | _There:
    """Return a text with its place in the corpus, or its name if it is there with these variables.

    Raises
    ------
    CodingError
        If another text or other variables have its place, or it cannot have its variables.
    """
    folder = case.path.parent
    stays = not source.read and source.path.resolve().parent == folder.resolve()
    target = folder / (source.name.name if stays else file_name(source.name))
    place = f"corpus/{folder.name}/{target.name}"
    names = {*case.file.documents, *(p.name for p in folder.glob("*") if p.suffix.lower() in readers())}
    for other in sorted(names - {target.name}):
        if Path(other).stem == target.stem:
            raise CodingError(
                f"{source.place}: {folder.name}/{target.stem} is '{other}' already. Rename the file."
            )
    if target.exists() and not stays and _in_corpus(target, place) != source.text:
        raise CodingError(f"{source.place}: {place} is there with another text. Rename the file to add it.")
    match = said.match(
        None if source.is_a_row else source.path,
        stem=source.name.stem,
        title=str(source.variables.get("title") or title_of(source.name)),
    )
    variables = _variables(source, said, match)
    is_known = target.name in case.file.documents
    has_year = is_known or "year" in variables
    if is_known:
        _refuse_others(source.place, target.name, case, variables)
        if target.exists():
            return _There(target.stem, match)
    language = identified(source.text)
    if language.taken not in ("", "en"):
        variables = {"language": language.taken, **variables}
    own: Variables = {"title": source.title or title_of(source.name)}
    own |= {} if has_year else {"year": _ANY_YEAR}
    return _Text(
        source, target, {**own, **variables, **source.read},
        language, match, has_year,
    )  # fmt: skip


def _in_corpus(path: Path, place: str) -> str:
    return str(readers()[path.suffix.lower()].read_text(path, name=place))


def _variables(source: Source, said: Said, match: Match) -> Variables:
    """Return the variables that a text is given; those of its row of a table win. The year may be missing."""
    merged = said.of(match, source.variables)
    try:
        known = checked_variables({**merged, "year": merged["year"] or _ANY_YEAR})
    except CodingError as error:
        raise CodingError("", [f"{source.place}: {problem}" for problem in error.problems]) from error
    return {key: value for key, value in known.items() if key != "year" or merged["year"] is not None}


def _refuse_others(place: str, name: str, case: EditableCase, variables: Variables) -> None:
    """Raise if a document has other variables than it is given."""
    there = case.file.documents[name].model_dump()
    differ = [f"{key} {there[key]}, not {value}" for key, value in variables.items() if there[key] != value]
    if differ:
        raise CodingError(f"{place}: {case.place} says of it: {'; '.join(differ)}. Change that there.")


def in_study(
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
    with in_place(contents):
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


def _twins(documents: Iterable[Document], corpus: Corpus) -> dict[str, str]:
    """Return for each document that repeats a text the id under which that stands, best an earlier one."""
    new = {document.id: document.digest for document in documents}
    first: dict[str, str] = {}
    for other in sorted(corpus, key=lambda document: document.id in new):
        first.setdefault(other.digest, other.id)
    return {document: first[digest] for document, digest in new.items() if first[digest] != document}


def _in_a_line(text: str) -> str:
    return " ".join(text.split())
