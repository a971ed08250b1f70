"""Originals: the sources of digests, kept beside the project's corpus and outside version control.

Each stands in `originals/<donor>/<name>.txt`, the file of which it was taken out beside it in `files/`, and
where it is from in a line of `originals/fetched.jsonl`. A study can be run on them in the place of its
digests. What people coded in a digest is no coding of its original, which is another text.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from coding.attribution import NAMED_BY_MENTION
from coding.coders import RULES
from coding.errors import CodingError, refuse
from coding.files import replacing
from coding.formats.text import decode, read_text
from coding.model import Coded, Corpus, Document
from coding.selection import Selection, why_none_is_left

if TYPE_CHECKING:
    from coding.project import Project

Texts = Literal["corpus", "originals"]
How = Literal["live", "archive", "by hand", "missing"]

_Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
_FileName = Annotated[str, Field(pattern=r"^[^/\\]*$")]
_IGNORE = "# These texts are under the rights of others: they stay on this machine.\n*\n"


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Fetched:
    """What became of the original of a digest: a line of the journal.

    Attributes
    ----------
    document : its id
    url : where the case file says it is
    how : from the address itself, from an archive, given by hand; or that there is none
    address : from which it came, after redirects; a name of a file if it was given by hand
    snapshot : the date on which an archive took it; empty otherwise
    at : when it came, in UTC
    file, sha256 : its file in `files/`, and the digest of that
    digest : of its text
    language : in which its text is, if that is sure; empty otherwise
    read_as : how the text was taken out
    notes : what a reader should look at
    why : what failed, step by step
    """

    document: str
    url: str
    how: How
    address: str = ""
    snapshot: str = ""
    at: str = ""
    file: _FileName = ""
    sha256: _Digest = ""
    digest: _Digest = ""
    language: str = ""
    read_as: str = ""
    notes: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether there is an original."""
        return self.how != "missing"


@dataclass(frozen=True, slots=True)
class Originals:
    """The originals of a project.

    Attributes
    ----------
    folder : where they stand
    journal : what became of each, by the id of its document
    """

    folder: Path
    journal: Mapping[str, Fetched] = field(repr=False)

    def text_path(self, document: str) -> Path:
        """Return the file of a text, whether it is there or not."""
        donor, _, name = document.partition("/")
        return self.folder / donor / f"{name}.txt"

    def file_path(self, fetched: Fetched) -> Path:
        """Return the file of which a text was taken out, whether it is there or not."""
        return self.folder / fetched.document.partition("/")[0] / "files" / fetched.file

    def line(self, document: Document) -> Fetched:
        """Return what became of an original; that it is missing if its address is another by now."""
        url = str(document.variables.get("url") or "")
        line = self.journal.get(document.id)
        if line is None or (line.url != url and line.how != "by hand"):
            return Fetched(document.id, url, "missing")
        return line

    def raw(self, fetched: Fetched) -> bytes | None:
        """Return the file of an original as it came; None if it is gone or was changed."""
        path = self.file_path(fetched)
        if not fetched.is_there or not path.is_file():
            return None
        content = path.read_bytes()
        return content if hashlib.sha256(content).hexdigest() == fetched.sha256 else None

    def has_text(self, fetched: Fetched) -> bool:
        """Say whether the text of an original is there as it was taken out."""
        try:
            return self._text(fetched).digest == fetched.digest
        except CodingError:
            return False

    def of(self, document: Document) -> Document | None:
        """Return the original of a digest, with its id and variables; None if there is none.

        A text that is an original is its own. The language is that of the original.

        Raises
        ------
        CodingError
            If its text was changed since it was taken out.
        """
        if document.variables.get("fidelity") == "original":
            return document
        fetched = self.line(document)
        if not fetched.is_there or not self.text_path(document.id).is_file():
            return None
        found = self._text(fetched)
        if found.digest != fetched.digest:
            raise CodingError(
                f"{self._name(document.id)} was changed since it was taken out of its file. "
                f"`coding fetch {document.id}` takes it out again."
            )
        own = {
            "fidelity": "original", "read_from": fetched.address, "read_sha256": fetched.sha256,
            "read_as": fetched.read_as, **({"language": fetched.language} if fetched.language else {}),
        }  # fmt: skip
        return Document(document.id, found.text, {**document.variables, **own})

    def keep(self, fetched: Fetched, *, raw: bytes = b"", text: str = "") -> Originals:
        """Return the originals with one more, kept on disk; its line is written last.

        Parameters
        ----------
        raw, text : its file and the text of it; none if it is missing

        Raises
        ------
        CodingError
            If the folder cannot be written.
        """
        journal = {**self.journal, fetched.document: fetched}
        lines = "".join(_LINE.dump_json(journal[name]).decode() + "\n" for name in sorted(journal))
        contents = {self.folder / ".gitignore": _IGNORE.encode()}
        if fetched.is_there:
            contents |= {self.file_path(fetched): raw, self.text_path(fetched.document): text.encode()}
        contents[_journal(self.folder)] = lines.encode()
        with replacing(list(contents)) as places:
            for place, content in zip(places, contents.values(), strict=True):
                place.write_bytes(content)
        return Originals(self.folder, journal)

    def _text(self, fetched: Fetched) -> Document:
        path = self.text_path(fetched.document)
        return Document(fetched.document, read_text(path, name=self._name(fetched.document)))

    def _name(self, document: str) -> str:
        return self.text_path(document).relative_to(self.folder.parent).as_posix()


def originals_of(project: Project) -> Originals:
    """Return the originals of a project; none if none was fetched.

    Raises
    ------
    CodingError
        If the journal is damaged.
    """
    folder = project.root / "originals"
    path = _journal(folder)
    if not path.is_file():
        return Originals(folder, {})
    name = path.relative_to(project.root).as_posix()
    found, problems = {}, []
    for n, line in enumerate(decode(path, name=name).removesuffix("\n").split("\n"), 1):
        try:
            one = _LINE.validate_json(line)
        except ValidationError:
            problems.append(f"{name}, line {n}: is no line of this file. Remove it, then `coding fetch`.")
        else:
            found[one.document] = one
    refuse(problems)
    return Originals(folder, found)


@dataclass(frozen=True, slots=True)
class OnOriginals:
    """The documents of a study with their originals in the place of digests.

    Attributes
    ----------
    corpus : those that have one
    selection : of the study, as it is now
    coders : rules and models, which code them afresh
    not_counted : coders of the study who have coded digests, and so other texts
    missing : ids of the documents that have no original
    left_out : how many these are, by donor in words
    """

    corpus: Corpus
    selection: Selection
    coders: tuple[str, ...]
    not_counted: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: Mapping[str, int]

    def decisions(self, notes: Sequence[str], why: Mapping[str, str]) -> dict[str, object]:
        """Return what differs from the study's own decisions, with notes and reasons that say so."""
        asked = "the study was run on originals, in the place of its own choice of texts"
        return {
            "corpus": self.selection,
            "coders": list(self.coders),
            "unreviewed": None,
            "notes": [*notes, *self._said()],
            "why": {**{k: v for k, v in why.items() if k != "unreviewed"}, "fidelity": asked},
        }

    def modelled(self, project: Project) -> Coded:
        """Return what the models among the coders code in these texts.

        Raises
        ------
        CodingError
            If a model does not fit its codebook any more.
        """
        from coding.taggers import tag
        from coding.taggers.learned import LearnedTagger
        from coding.taggers.learned.vectors import sentence_vectors

        taggers = []
        for name in self.coders:
            if name in project.models:
                model = project.model(name)
                vectors = sentence_vectors(project.root / ".coding") if model.recipe.embeddings else None
                book = project.codebook(model.codebook)
                taggers.append(LearnedTagger(model, book, cases=self.corpus.known_cases, vectors=vectors))
        return tag(self.corpus, taggers) if taggers else Coded()

    def _said(self) -> Iterator[str]:
        n = len(self.corpus)
        yield (
            f"Read were the originals of {n} of {n + len(self.missing)} documents, as they were fetched; a "
            "page may have changed since it was cited."
        )
        if self.not_counted:
            yield (
                f"What {', '.join(self.not_counted)} coded was coded in the digests, which are other texts, "
                "and does not count here; nor do decisions of reviewers."
            )


def on_originals(
    project: Project, corpus: Corpus, selection: Selection, coders: Sequence[str]
) -> OnOriginals:
    """Return the originals of a study's documents, and who codes them.

    Parameters
    ----------
    corpus, selection, coders : the documents that the study reads, what selects them, whose coding counts

    Raises
    ------
    CodingError
        If only people code in the study. Else listing each case that has no original, and each text that was
        changed.
    """
    machines = tuple(name for name in coders if name == RULES or name in project.models)
    if not machines:
        raise CodingError(
            f"the study counts what {', '.join(coders)} coded, and that was coded in its digests. On "
            "originals only rules and models count: name one under `coders`."
        )
    kept = originals_of(project)
    found: dict[str, Document | None] = {}
    problems: list[str] = []
    for document in corpus:
        try:
            found[document.id] = kept.of(document)
        except CodingError as error:
            problems += error.problems
    there = Corpus(tuple(d for d in found.values() if d is not None), corpus.known_cases)
    widened = selection.model_copy(update={"fidelity": ["original"]})
    refuse([*problems, *([] if problems else _without(there, widened))])
    missing = tuple(name for name, document in found.items() if document is None)
    not_counted = tuple(name for name in coders if name not in machines)
    return OnOriginals(there, widened, machines, not_counted, missing, _by_donor(corpus, missing))


def _without(corpus: Corpus, selection: Selection) -> Iterator[str]:
    for case in selection.cases:
        if why_none_is_left(corpus, selection, case, by=NAMED_BY_MENTION):
            yield f"there is no original for {case}. Fetch some: `coding fetch --donor {case}`."


def _by_donor(corpus: Corpus, documents: Iterable[str]) -> dict[str, int]:
    counts = Counter(str(corpus[document].variables["donor"]) for document in documents)
    return {f"want of an original ({corpus.name(donor)})": n for donor, n in counts.items()}


def _journal(folder: Path) -> Path:
    return folder / "fetched.jsonl"


_LINE: TypeAdapter[Fetched] = TypeAdapter(Fetched)
