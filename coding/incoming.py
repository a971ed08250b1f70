"""Texts that come in: each with its place in the corpus and its variables, or found to be there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coding import sources
from coding.bibliography import Match
from coding.corpus_folder import readers
from coding.describing import Said
from coding.errors import CodingError, refuse
from coding.file_names import file_name, title_of
from coding.formats.case import CaseFile
from coding.formats.case_edit import EditableCase, Variables, checked_variables, editable_case
from coding.identifying import Identified, identified
from coding.model import Document
from coding.sources import Source, Wanted

ANY_YEAR = 2000  # in the place of a year that each row of a table says for itself, or that is yet to be said


class Cases:
    """The case files that texts may join: that of a given donor, or of whichever donor a row names."""

    def __init__(self, corpus: Path, given: EditableCase | None) -> None:
        """Take in the folder of all cases, and the case of all texts if there is one."""
        self._corpus = corpus
        self.given = given
        self._read: dict[str, EditableCase] = {}

    @property
    def known(self) -> tuple[str, ...]:
        """The ids of all donors that have a case file."""
        return tuple(sorted(path.parent.name for path in self._corpus.glob("*/case.yaml")))

    @property
    def met(self) -> tuple[EditableCase, ...]:
        """The given case, else those that some text joins or has joined, in the order of the texts."""
        return tuple(self._read.values()) if self.given is None else (self.given,)

    def of(self, source: Source) -> EditableCase:
        """Return the case that a text joins.

        Raises
        ------
        CodingError
            If its file is wrong.
        """
        if self.given is not None:
            return self.given
        if source.donor not in self._read:
            self._read[source.donor] = editable_case(self._corpus, source.donor, name=None, iso=None)
        return self._read[source.donor]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that is to be added.

    Attributes
    ----------
    case : as it is without the text
    target : the file that it will be
    has_year : whether anything says its year
    """

    source: Source
    case: EditableCase
    target: Path
    variables: Variables
    language: Identified
    match: Match
    has_year: bool

    @property
    def id(self) -> str:
        """The id that the document will have."""
        return f"{self.case.file.id}/{self.target.stem}"

    def document(self, file: CaseFile) -> Document:
        """Return the document, of a case file that has it; without its year if nothing says one."""
        own = file.variables(self.target.name)
        known = own if self.has_year else {**own, "year": None}
        return Document(self.id, self.source.text, known)


@dataclass(frozen=True, slots=True)
class Standing:
    """A text that is there already, by its id."""

    id: str
    match: Match


def incoming(
    named: Sequence[Path], cases: Cases, said: Said, wanted: Wanted
) -> tuple[list[Incoming], list[Standing], list[str]]:
    """Return the texts that are to be added, those that are there already, and why others cannot be.

    Parameters
    ----------
    named : files, each once
    said : what is said of all texts
    wanted : what some files cannot be read without
    """
    problems: list[str] = []
    texts: dict[str, Incoming] = {}
    unchanged: list[Standing] = []
    for path in named:
        try:
            found = _found(path, cases, said, wanted)
        except CodingError as error:
            problems += error.problems
            continue
        for text in found:
            if isinstance(text, Standing):
                unchanged.append(text)
                continue
            if text.id in texts:
                place, other = text.source.place, texts[text.id].source.place
                problems.append(
                    f"{place}: would be {text.id}, as {other} is. Name the files that are meant, with one of "
                    "the two, or rename one."
                )
            else:
                texts[text.id] = text
    return list(texts.values()), unchanged, list(dict.fromkeys(problems))


def _found(path: Path, cases: Cases, said: Said, wanted: Wanted) -> list[Incoming | Standing]:
    """Return the texts of a file with their places in the corpus; of those that are there already the name.

    Raises
    ------
    CodingError
        Listing what cannot be read, and every text whose place another one has, or other variables.
    """
    raw, sha256 = sources.digest(path)
    case = cases.given
    if case is not None and sources.is_taken_out(path) and (there := _taken_before(sha256, case)):
        match = said.match(path, stem=path.stem, title=title_of(path))
        known = said.of(match, {})
        year = known["year"] or case.file.documents[there].year
        _refuse_others(str(path), there, case, checked_variables({**known, "year": year}))
        # read once: a later version of its reader changes nothing
        return [Standing(f"{case.file.id}/{Path(there).stem}", match)]
    donor = None if case is None else case.file.id
    problems: list[str] = []
    found: list[Incoming | Standing] = []
    for source in sources.read(path, raw, sha256, donor=donor, wanted=wanted, known=cases.known):
        try:
            found.append(_text(source, cases.of(source), said))
        except CodingError as error:
            problems += error.problems
    refuse(list(dict.fromkeys(problems)))
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


def _text(source: Source, case: EditableCase, said: Said) -> Incoming | Standing:
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
            return Standing(f"{case.file.id}/{target.stem}", match)
    language = identified(source.text)
    if language.taken not in ("", "en"):
        variables = {"language": language.taken, **variables}
    own: Variables = {"title": source.title or title_of(source.name)}
    own |= {} if has_year else {"year": ANY_YEAR}
    return Incoming(
        source, case, target, {**own, **variables, **source.read},
        language, match, has_year,
    )  # fmt: skip


def _in_corpus(path: Path, place: str) -> str:
    return str(readers()[path.suffix.lower()].read_text(path, name=place))


def _variables(source: Source, said: Said, match: Match) -> Variables:
    """Return the variables that a text is given; those of its row of a table win. The year may be missing."""
    merged = said.of(match, source.variables)
    try:
        known = checked_variables({**merged, "year": merged["year"] or ANY_YEAR})
    except CodingError as error:
        raise CodingError("", [f"{source.place}: {problem}" for problem in error.problems]) from error
    return {key: value for key, value in known.items() if key != "year" or merged["year"] is not None}


def _refuse_others(place: str, name: str, case: EditableCase, variables: Variables) -> None:
    """Raise if a document has other variables than it is given."""
    there = case.file.documents[name].model_dump()
    differ = [f"{key} {there[key]}, not {value}" for key, value in variables.items() if there[key] != value]
    if differ:
        raise CodingError(f"{place}: {case.place} says of it: {'; '.join(differ)}. Change that there.")
