"""Which documents of a project the sources of a file are, and the new documents that the others make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from coding.errors import CodingError, nearest
from coding.file_names import file_name, title_of
from coding.formats import yaml
from coding.formats.case import CaseFile, DocumentEntry
from coding.formats.case_edit import EditableCase, Variables, editable_case
from coding.formats.refi.nouns import Tally
from coding.formats.refi.ours import DOCUMENT, guid_of, listed, unlisted
from coding.ids import slug
from coding.model import Document, digest_of
from coding.received.names import Names
from coding.received.variables import OF_DOCUMENTS, of_case, of_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coding.formats.refi.nouns import Exchanged, FileCase, Source, Told
    from coding.formats.refi.offsets import Text
    from coding.model import Corpus, Value

How = Literal["its GUID", "its text", "new"]

_STEM = re.compile(r"\w[^/\\\x00-\x1f:*?\"<>|]{0,99}")  # of a file, as it can stand in corpus/
_LONGEST = 80
_NAMES = ("aliases", "agencies", "homonyms")
_LISTS = ("source_language", "recipient", "agency", "about")


@dataclass(frozen=True, slots=True)
class About:
    """What is said of new documents where the file says nothing; None where nobody does.

    Attributes
    ----------
    donor : the id of the case
    variables : document variables, by their names
    name, iso : of `donor`, else of the only donor that is new
    names, codes : names and ISO 3166 codes of new donors, by their ids
    """

    donor: str | None = None
    variables: Mapping[str, str | int] = field(default_factory=dict)
    name: str | None = None
    iso: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """A source of the file and the document that it is."""

    source: str
    document: Document
    how: How


@dataclass(frozen=True, slots=True)
class Texts:
    """The documents of a file.

    Attributes
    ----------
    placed : the document of each source, by the GUID of the source
    contents : what is to be written: new texts, and case files with their variables
    grown : case files as they were and as they will be, with the files of the new documents
    problems : what keeps the file from being taken in
    """

    placed: Mapping[str, Placed]
    contents: Mapping[Path, bytes] = field(repr=False)
    problems: tuple[str, ...] = ()
    grown: tuple[tuple[EditableCase, CaseFile, tuple[str, ...]], ...] = ()


def placed_texts(
    exchanged: Exchanged, texts: Mapping[str, Text], corpus: Corpus, folder: Path, about: About, tally: Tally
) -> Texts:
    """Return which documents the sources of a file are: by GUID, else by their text; else they are new.

    Parameters
    ----------
    texts : the texts of the sources, by their GUIDs
    folder : the folder `corpus/` of the project
    """
    there = _There(corpus)
    placed: dict[str, Placed] = {}
    new: list[Source] = []
    problems: list[str] = []
    for source in exchanged.sources:
        text = texts[source.guid].plain if source.guid in texts else None
        if text is None:
            continue
        if not text.strip() or "\0" in text:
            tally.drop("TextSource", "its text is empty, or holds a NUL character.")
            continue
        try:
            found = there.document(source, text, of_source(exchanged, source).get(DOCUMENT))
        except CodingError as error:
            problems += error.problems
            continue
        if found is None:
            new.append(source)
        else:
            placed[source.guid] = found
    made = _New(exchanged, texts, corpus, folder, about, tally)
    unsaid = made.unsaid(new)
    problems += unsaid
    for source in [] if unsaid else new:
        try:
            placed[source.guid] = made.document(source)
        except CodingError as error:
            problems += error.problems
    _tally_rest(exchanged, placed, tally)
    if problems:
        return Texts(placed, {}, tuple(dict.fromkeys(problems)))
    return Texts(placed, made.contents(), grown=made.grown())


class _There:
    """The documents of the project, to be found by GUID or text."""

    def __init__(self, corpus: Corpus) -> None:
        self._by_guid = {guid_of("document", document.id): document for document in corpus}
        self._by_text: dict[str, list[Document]] = {}
        for document in corpus:
            self._by_text.setdefault(digest_of(document.text.rstrip()), []).append(document)

    def document(self, source: Source, text: str, said: Told) -> Placed | None:
        """Return the document that a source is; None if it is not here.

        White space at the end of a text may differ: programs add and strip it, and no offset is moved.

        Raises
        ------
        CodingError
            If it says that it is a document of ours, whose text is another.
        """
        alike = self._by_text.get(digest_of(text.rstrip()), [])
        named = self._by_guid.get(source.guid)
        if named is not None and named in alike:
            return Placed(source.guid, named, "its GUID")
        if named is not None:
            raise CodingError(
                f"{source.name or source.guid}: has the GUID of {named.id}, whose text is another"
                f"{_where(named.text, text)}. Import it into a copy of the project as it was."
            )
        same_name = [document for document in alike if document.id in (said, source.name)]
        for document in [*same_name, *alike]:
            return Placed(source.guid, document, "its text")
        return None


class _New:
    """The documents that a file adds, and the files in which they will stand."""

    def __init__(
        self,
        exchanged: Exchanged,
        texts: Mapping[str, Text],
        corpus: Corpus,
        folder: Path,
        about: About,
        tally: Tally,
    ) -> None:
        self._exchanged = exchanged
        self._texts = texts
        self._folder = folder
        self._about = about
        self._tally = tally
        self._known = corpus.known_cases
        self._cases: dict[str, EditableCase] = {}
        self._entries: dict[str, dict[str, Variables]] = {}
        self._files: dict[Path, bytes] = {}
        self._names: dict[str, Names] = {}
        self._called: dict[str, str] = {}
        self._meant = about.donor  # the donor of which a name or a code is that is said of none
        self._cases_of: dict[str, list[FileCase]] = {}
        for case in exchanged.cases:
            for guid in case.sources:
                self._cases_of.setdefault(guid, []).append(case)

    def unsaid(self, sources: Iterable[Source]) -> list[str]:
        """Return what must be said of the donors of new documents before any of them can be made."""
        donors: dict[str, None] = {}
        for source in sources:
            try:
                donors[self._donor(source, of_source(self._exchanged, source))] = None
            except CodingError as error:
                return list(error.problems)
        new = [each for each in donors if each not in self._known and self._restored(each) is None]
        known = [*self._known, *donors]
        problems = [
            self._idle(option, donor, value, known)
            for option, values in (("--name", self._about.names), ("--iso", self._about.codes))
            for donor, value in values.items()
            if donor not in donors and not self._says(option, donor, value)
        ]
        if self._meant is None:
            self._meant = (new or list(donors))[0] if len(new or donors) == 1 else None
        bare = {"--name": self._about.name, "--iso": self._about.iso}
        if self._meant is None and donors:
            problems += [
                f"{option} {value}: whose is it? Write {_each(option, new or donors)}."
                for option, value in bare.items()
                if value is not None
            ]
        lacking = [donor for donor in new if self._asked(donor)[1] is None]
        if len(new) > 1 and lacking:
            shown = " or ".join(f"'{donor}'" for donor in lacking)
            problems.append(
                f"There is no donor {shown} in corpus/ yet. Give the "
                f"ISO 3166 code of three letters of each: {_each('--iso', lacking)}; what is no state takes "
                "one from XAA to XZZ."
            )
        return problems

    def _says(self, option: str, donor: str, value: str) -> bool:
        """Say whether a donor that is there has this name or code, as when an import is run once more."""
        case = self._known.get(donor)
        return case is not None and value == (case.name if option == "--name" else case.iso)

    def _idle(self, option: str, donor: str, value: str, known: Iterable[str]) -> str:
        """Return what is wrong with an option about a donor of whom no document is new."""
        if donor not in self._known:
            return f"{option}: no new document is of '{donor}'.{nearest(donor, known)}"
        return (
            f"{option} {donor}={value}: {donor} is here already, and its case.yaml says something else. "
            "Leave it out, or correct it there."
        )

    def document(self, source: Source) -> Placed:
        """Return the new document that a source becomes.

        Raises
        ------
        CodingError
            If nobody says its donor or its year, or a new donor has no code.
        """
        said = of_source(self._exchanged, source)
        donor = self._donor(source, said)
        case = self._case(donor)
        variables = self._variables(source, said)
        text = self._texts[source.guid].plain
        file = self._file(case, source, said.get(DOCUMENT))
        self._entries.setdefault(donor, {})[file] = variables
        mark = b"\xef\xbb\xbf" if text.startswith("\ufeff") else b""  # one is taken for a byte order mark
        self._files[case.path.parent / file] = mark + text.encode("utf-8", "surrogatepass")
        document = Document(f"{donor}/{Path(file).stem}", text, {"donor": donor, **_frozen(variables)})
        return Placed(source.guid, document, "new")

    def contents(self) -> dict[Path, bytes]:
        """Return all files that are to be written."""
        files = dict(self._files)
        for told in self._exchanged.cases:
            donor_ = of_case(self._exchanged, told).get("case")
            if isinstance(donor_, str) and not told.sources and (made := self._restored(donor_)) is not None:
                files[made.path] = _with_documents(made, {}).encode()
        for donor, entries in self._entries.items():
            case = self._cases[donor]
            files[case.path] = _with_documents(case, entries).encode()
        return files

    def grown(self) -> tuple[tuple[EditableCase, CaseFile, tuple[str, ...]], ...]:
        """Return the case files that get documents, as they are and as they will be."""
        return tuple(
            (case, case.with_documents(self._entries[donor])[1], tuple(self._entries[donor]))
            for donor, case in self._cases.items()
            if donor in self._entries
        )

    def _donor(self, source: Source, said: Mapping[str, Told]) -> str:
        cases = self._cases_of.get(source.guid, [])
        for given in (said.get("donor"), *(of_case(self._exchanged, case).get("case") for case in cases)):
            if isinstance(given, str) and given:
                return self._id(given)
        for case in cases:
            name = slug(case.name).replace("_", "-")
            if name in self._known:
                return name
        if self._about.donor is not None:
            return self._about.donor
        raise CodingError(
            "its documents are new, and nothing says whose they are. Name their donor (--donor ID) and what "
            "else `coding add` asks (--year, ...)."
        )

    def _id(self, said: str) -> str:
        """Return the id of a donor that a file calls so; one that is none here is made of the name."""
        made = slug(said).replace("_", "-")
        if said in self._known or not made or made == said:
            return said
        self._called.setdefault(made, said)
        return made

    def _asked(self, donor: str) -> tuple[str | None, str | None]:
        """Return the name and the ISO 3166 code that are said of a donor."""
        about, is_meant = self._about, donor == self._meant
        name = about.names.get(donor, about.name if is_meant else None)
        return name, about.codes.get(donor, about.iso if is_meant else None)

    def _case(self, donor: str) -> EditableCase:
        if donor not in self._cases:
            name, iso = self._asked(donor)
            if name is None and donor not in self._known:
                name = self._called.get(donor)
            self._cases[donor] = self._restored(donor) or editable_case(
                self._folder, donor, name=name, iso=iso
            )
        return self._cases[donor]

    def _restored(self, donor: str) -> EditableCase | None:
        """Return the case file of a new donor of which the file tells all; None if it does not."""
        path = self._folder / donor / "case.yaml"
        for case in self._exchanged.cases:
            said = of_case(self._exchanged, case)
            if path.exists() or said.get("case") != donor or "iso" not in said:
                continue
            lists = {name: list(unlisted(str(said[name]))) for name in _NAMES if name in said}
            head = {"id": donor, "name": case.name, "iso": said["iso"], "aliases": [case.name], **lists}
            meant = yaml.parse(yaml.dump({**head, "documents": {}}), name=f"the case {donor}")
            return EditableCase(path, yaml.dump(head), yaml.checked(meant, CaseFile), is_new=True)
        return None

    def _variables(self, source: Source, said: Mapping[str, Told]) -> Variables:
        """Return the variables of a new document: what the file says, else what the user does."""
        title = title_of(Path(_plain_name(source.name))) or source.guid
        made: dict[str, Any] = {
            "title": title, "fidelity": "original", "source_kind": "primary", **self._about.variables,
        }  # fmt: skip
        for name, value in said.items():
            if name in ("donor", DOCUMENT) or name not in OF_DOCUMENTS or value is None:
                continue  # of a variable that documents here have not, it is kept
            fit = list(unlisted(str(value))) if name in _LISTS else value
            if _is_fit(name, fit):
                made[name] = fit
            else:
                self._tally.drop(f"value of the variable '{name}'", "is none that it can have here.")
        if "year" not in made:
            raise CodingError("nothing says the year of its documents. Say it: --year 2015.")
        return made

    def _file(self, case: EditableCase, source: Source, said: Told) -> str:
        donor = case.file.id
        own = _STEM.fullmatch(said.removeprefix(f"{donor}/")) if isinstance(said, str) else None
        if own is not None:
            wanted = f"{own[0]}.txt"
        else:
            try:
                wanted = file_name(Path(f"{Path(_plain_name(source.name)).stem[:_LONGEST]}.txt"))
            except CodingError:  # a name without a letter
                wanted = f"text-{source.guid[:8]}.txt"
        if donor not in self._names:
            there = [Path(name).stem for name in case.file.documents]
            there += [path.stem for path in case.path.parent.glob("*.*")]
            self._names[donor] = Names(there, between="-")
        return f"{self._names[donor].free(Path(wanted).stem)}.txt"


def _each(option: str, donors: Iterable[str]) -> str:
    return " ".join(f"{option} {donor}={'ISO' if option == '--iso' else 'NAME'}" for donor in donors)


def _with_documents(case: EditableCase, entries: Mapping[str, Variables]) -> str:
    """Return the text of a case file with more documents; what a person wrote there stays as it is."""
    if case.is_new and "#" not in case.text:
        return case.text + yaml.dump({"documents": entries})
    return case.with_documents(entries)[0]


def _frozen(variables: Variables) -> dict[str, Value]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in variables.items()}


def _plain_name(name: str) -> str:
    return name.replace("/", " ").replace("\\", " ").strip() or "text"


def _is_fit(name: str, value: object) -> bool:
    base = {"title": "t", "year": 2000, "fidelity": "original", "source_kind": "primary"}
    try:
        DocumentEntry.model_validate({**base, name: value})
    except ValidationError:
        return False
    return True


def _where(ours: str, theirs: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
    at = min(len(ours), len(theirs)) if at is None else at
    return f" from character {at} on ({ours[at : at + 20]!r} here, {theirs[at : at + 20]!r} there)"


def _tally_rest(exchanged: Exchanged, placed: Mapping[str, Placed], tally: Tally) -> None:
    """Count what variables of ours say of documents that are here, and is not what these have."""
    for source in exchanged.sources:
        found = placed.get(source.guid)
        if found is not None and found.how != "new":
            own = {**found.document.variables, DOCUMENT: found.document.id}
            for name, value in of_source(exchanged, source).items():
                is_ours = name in OF_DOCUMENTS and value is not None
                if is_ours and _as_told(own.get(name)) != str(value):
                    tally.drop(f"value of the variable '{name}'", "what case.yaml says of a document stays.")


def _as_told(value: Value) -> str:
    return listed(value) if isinstance(value, tuple) else str(value)
