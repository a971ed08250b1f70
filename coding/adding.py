"""Texts brought into a project: copied to their donor's folder, their variables written to its case.yaml.

All is checked before a file is written, and the project is opened once more before anything stays.
What stood in case.yaml and study stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding import sources
from coding.bibliography import Bibliography, Match, with_references
from coding.describing import said_of
from coding.errors import CodingError, refuse
from coding.files import in_place
from coding.formats.case_edit import EditableCase, checked_variables, editable_case
from coding.identifying import Identified
from coding.incoming import ANY_YEAR, Cases, Incoming, incoming
from coding.joining import in_study
from coding.likeness import Alike, alike
from coding.model import Corpus, Document
from coding.sources import Source, Wanted

if TYPE_CHECKING:
    from coding.joining import Grown
    from coding.project import Project

_ANY_ISO = "XZZ"  # in the place of a code that is yet to be said
_NO_YEAR = "--year: say the year of the texts. Only rows of a table and a --bibliography may say their own."
_NO_DONOR = (
    "--donor: say whose the texts are. Only rows of a table (--text) may say their own, in a column `donor` "
    "or that which --donor-column names."
)


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
    cases : the case files of their donors, from the project's folder on
    new_case : whether that of the donor was made
    study : what the project's study makes of it, in sentences; empty if there is nothing to say
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
    cases: tuple[str, ...]
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
    donor: str | None,
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
    donor : id of the case; None if each row of a table says its own, which must be there already
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
    checked_variables({**given, "year": ANY_YEAR if year is None else year})
    case, no_iso = _case(project, donor, name=name, iso=iso, wanted=wanted, dry_run=dry_run)
    if title is not None and len(named) > 1:
        raise CodingError(f"--title: one title for {len(named)} texts. Left out, file names make titles.")
    said = said_of(given, bibliography)
    cases = Cases(project.root / "corpus", case)
    texts, there, problems = incoming(named, cases, said, wanted)
    lacking = [f"{text.source.place}: {said.no_year(text.match)}" for text in texts if not text.has_year]
    if year is None and wanted.text is None and bibliography is None:
        lacking = [_NO_YEAR] if lacking else []
    if not dry_run:
        refuse([*problems, *lacking])
    missing, refused = (*no_iso, *lacking), tuple(problems)
    unchanged = tuple(each.id for each in there)
    places = tuple(each.place for each in cases.met)
    without_text = said.without_text([*(text.match for text in texts), *(each.match for each in there)])
    broken = bibliography.problems if bibliography else ()
    if not texts:
        return Added(
            (), {}, {}, unchanged, left_out, {}, (), places, new_case=False, study="", still_wrong=(),
            without_text=without_text, broken=broken, missing=missing, refused=refused,
        )  # fmt: skip
    edited, grown = _grown(texts)
    study, told = ({}, ()) if missing else in_study(project, grown)
    cited = [text.match.entry for text in texts if text.match.entry and "citation" in text.variables]
    library, references = with_references(project.root, cited)
    contents = {text.target: text.source.raw for text in texts if not text.target.exists()}
    files_now = {file.id: file for _, file, _ in grown}
    documents = tuple(text.document(files_now[text.case.file.id]) for text in texts)
    if dry_run:
        still_wrong = tuple(_problems(project))
        corpus = Corpus(() if still_wrong else (*project.corpus, *documents))
    else:
        opened, still_wrong = _put(project, contents | edited | study | library)
        corpus = Corpus(()) if still_wrong else opened.corpus
    return Added(
        documents=documents,
        sources={document.id: text.source for document, text in zip(documents, texts, strict=True)},
        languages={document.id: text.language for document, text in zip(documents, texts, strict=True)},
        unchanged=unchanged,
        left_out=left_out,
        twins={} if still_wrong else _twins(documents, corpus),
        alike=() if still_wrong else tuple(alike(documents, corpus)),
        cases=places,
        new_case=case is not None and case.is_new,
        study=" ".join(told),
        still_wrong=still_wrong,
        matches={document.id: text.match for document, text in zip(documents, texts, strict=True)},
        without_text=without_text,
        broken=broken,
        references=references,
        missing=missing,
        refused=refused,
    )


def _grown(texts: Iterable[Incoming]) -> tuple[dict[Path, bytes], list[Grown]]:
    """Return the case files with the new texts, as they will be written and beside what they were."""
    by_case: dict[Path, list[Incoming]] = {}
    for text in texts:
        by_case.setdefault(text.case.path, []).append(text)
    edited: dict[Path, bytes] = {}
    grown: list[Grown] = []
    for path, own in by_case.items():
        case, entries = own[0].case, {text.target.name: text.variables for text in own}
        new = {name: entry for name, entry in entries.items() if name not in case.file.documents}
        written, file = case.with_documents(new)
        edited[path] = written.encode()
        grown.append((case, file, list(entries)))
    return edited, grown


def _case(
    project: Project,
    donor: str | None,
    *,
    name: str | None,
    iso: str | None,
    wanted: Wanted,
    dry_run: bool,
) -> tuple[EditableCase | None, tuple[str, ...]]:
    """Return the case file of a donor; for a dry run a new one without its code, and a sentence on that.

    None if each row of a table says its donor.
    """
    if donor is None:
        refuse([] if wanted.text is not None else [_NO_DONOR])
        given = [key for key, value in {"--name": name, "--iso": iso}.items() if value is not None]
        refuse(
            [f"{key}: of a new donor, which --donor names. Rows name donors that are there." for key in given]
        )
        return None, ()
    corpus = project.root / "corpus"
    try:
        return editable_case(corpus, donor, name=name, iso=iso), ()
    except CodingError as error:
        if not dry_run or iso is not None or (corpus / donor / "case.yaml").exists():
            raise
        return editable_case(corpus, donor, name=name, iso=_ANY_ISO), (str(error),)


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
