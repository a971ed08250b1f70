"""A file of another program taken into a project: looked at first, then all of it in one act, or nothing.

`look` says what a file would bring: which documents and codes are those of the project, what is new, what is
dropped. `take_in` does it: texts, case files and codebook into their places, and one batch into the store,
which `coding undo` takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding.batch import Batch, Decision, Kept, Memo, act, new_id
from coding.errors import CodingError, refuse
from coding.files import in_place
from coding.formats import exchange, yaml
from coding.formats.codebook import values
from coding.formats.exchange.taguette_tables import nested
from coding.formats.refi import read as read_file
from coding.formats.refi.beyond import heard
from coding.formats.refi.nouns import Dropped, Exchanged, Source, Tally
from coding.formats.refi.offsets import Convention, Solved, solve
from coding.formats.refi.ours import BEYOND
from coding.joining import in_study
from coding.keeping import Said, kept_in, row_of, said_of
from coding.model import Coder
from coding.received.codes import Matched, made_codebook, matched
from coding.received.kept import Found, to_keep
from coding.received.people import NOBODY, People, There, left_by_people
from coding.received.texts import About, Texts, placed_texts

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.project import Project

__all__ = ["About", "Arriving", "look", "look_at_codebook", "take_in"]


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a file would bring into a project. Nothing is written yet.

    Attributes
    ----------
    solved : what its offsets count; None for a codebook
    problems : what keeps it from being taken in
    dropped : all of it that is left out, or becomes something else; what depends on a code or a document
        that is missing so far is not among it
    n_waiting : how many coded segments, and how many documents, could come once that is no longer missing
    """

    exchanged: Exchanged
    solved: Solved | None
    codes: Matched
    texts: Texts
    people: People
    problems: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    n_waiting: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was written: the batch (None if all stood already) and the files, from the project's folder on.

    Attributes
    ----------
    study : what the project's study makes of the new documents, in sentences
    """

    batch: Batch | None
    files: tuple[str, ...] = field(default=())
    study: tuple[str, ...] = ()


def look(
    project: Project,
    path: Path,
    *,
    codebook: str | None = None,
    offsets: Convention | None = None,
    about: About | None = None,
    coder: str = NOBODY,
    read: bool = False,
    encoding: str | None = None,
    force: bool = False,
) -> Arriving:
    """Return what a `.qdpx` or `.qde`, or a file of `coding.formats.exchange`, would bring into a project.

    A file of these that holds codes alone brings a codebook.

    Parameters
    ----------
    codebook : the codebook in which its codes are looked for, or which is made of them if it is not there
    offsets : what its offsets count; found out if left out
    about : what is said of documents that are new
    coder : who coded what names no user
    read : whether every person who coded in a document has read the whole of it, for all codes: files of
        other programs do not say it, and without a reading what a person coded counts nowhere
    encoding : of a `.csv` that is not UTF-8
    force : whether `offsets` stand though most names of selections are other words of the text

    Raises
    ------
    CodingError
        If the file is refused, or what its offsets count cannot be told.
    """
    exchanged, solved = _solved(project, path, offsets, encoding)
    if exchange.is_codebook(exchanged):
        return _codebook(project, path, exchanged, codebook)
    tally = Tally()
    books = [project.codebook(name) for name in project.codebooks]
    codes = matched(exchanged, books, into=codebook, used=_used(exchanged), tally=tally)
    folder = project.root / "corpus"
    texts = placed_texts(exchanged, solved.texts, project.corpus, folder, about or About(), tally)
    there = _there(project)
    is_whole = not (codes.problems or texts.problems)
    rest = tally if is_whole else Tally()  # nobody knows what is lost before all that can be here is
    people = left_by_people(
        exchanged, solved, codes, texts.placed, there, nobody=coder, read=read, tally=rest
    )
    documents = {guid: placed.document for guid, placed in texts.placed.items()}
    donors = {str(document.variables.get("donor")) for document in documents.values()}
    found = Found(codes.ids, documents, people.named, frozenset({*donors, *project.corpus.known_cases}))
    is_refi = exchange.ending(path) is None  # elsewhere a name is a quote, and no title
    n_other = solved.checks.get("another name", 0) + solved.checks.get("name elsewhere", 0)
    tally.drop("quote", "is not the words at its place.", 0 if is_refi else n_other)
    rows = to_keep(exchanged, solved if is_refi else None, found, there.kept, rest)
    people = _with_kept(people, rows, path, exchanged.origin, there.coders)
    misread = () if offsets is None or force else _misread(solved)
    problems = tuple(f"{path.name}: {problem}" for problem in (*misread, *codes.problems, *texts.problems))
    n_waiting = (0, 0) if is_whole else _waiting(exchanged, solved, codes, texts)
    dropped = exchanged.dropped + tally.told()
    return Arriving(exchanged, solved, codes, texts, people, problems, dropped, n_waiting)


def look_at_codebook(project: Project, path: Path, *, codebook: str | None = None) -> Arriving:
    """Return the codebook that a `.qdc` would bring into a project.

    Raises
    ------
    CodingError
        If the file is refused, holds no code, or does not say its id and nobody does.
    """
    return _codebook(project, path, nested(read_file(path)), codebook)


def take_in(project: Project, arriving: Arriving, *, by: str) -> TakenIn:
    """Write what a file brings: files and one batch, all or nothing. `project` knows nothing of it.

    Raises
    ------
    CodingError
        Listing what keeps it from being taken in, or what would be wrong in the corpus; then everything is
        as before.
    """
    refuse(arriving.problems)
    contents = dict(arriving.texts.contents)
    if arriving.codes.new is not None:
        contents |= _codebook_file(project, arriving.codes.new)
    with in_place(contents):
        opened = replace(project)
        if arriving.texts.contents:
            _refuse_other_texts(opened, arriving.texts)
        with ExitStack() as files:
            study, said = in_study(project, arriving.texts.grown)
            files.enter_context(in_place(study))
            contents |= study
            batch = _added(opened, arriving.people, by)
    written = tuple(sorted(path.relative_to(project.root).as_posix() for path in contents))
    return TakenIn(batch, written, said)


def _solved(
    project: Project, path: Path, offsets: Convention | None, encoding: str | None
) -> tuple[Exchanged, Solved]:
    """Return what a file says, and what its offsets count: as the user or the format says, or as it fits."""
    if exchange.ending(path) is None:
        if encoding is not None:
            raise CodingError(f"--encoding: {path.name} says its own; only a .csv does not. Leave it out.")
        exchanged = read_file(path)
        return exchanged, solve(_untitled(exchanged), origin=exchanged.origin, given=offsets)
    brought = exchange.read(path, project.corpus, encoding=encoding)
    sources = brought.exchanged.sources
    if offsets is not None and brought.counted == (Convention(),):
        raise CodingError(f"--offsets: in {path.name} the quotes say where they stand. Leave it out.")
    return brought.exchanged, solve(sources, given=offsets, among=brought.counted)


def _waiting(exchanged: Exchanged, solved: Solved, codes: Matched, texts: Texts) -> tuple[int, int]:
    """Return how many coded segments lack a code or a document here; and how many texts are none here."""
    sources = [source for source in exchanged.sources if source.guid in solved.texts]
    n_segments = 0
    for source in sources:
        codings = [*source.codings, *(coding for each in source.selections for coding in each.codings)]
        is_there = source.guid in texts.placed
        n_segments += sum(not is_there or coding.code not in codes.ids for coding in codings)
    return n_segments, sum(source.guid not in texts.placed for source in sources)


def _misread(solved: Solved) -> tuple[str, ...]:
    """Return what is wrong if most of the names that are words of a text stand elsewhere than they should."""
    n_elsewhere = solved.checks.get("name elsewhere", 0)
    n_right = solved.checks.get("the name", 0) + solved.checks.get("its beginning", 0)
    if n_elsewhere <= n_right:
        return ()
    said = f"{n_elsewhere} of {n_elsewhere + n_right} selections are not the words after which they are named"
    how = "Choose another --offsets, or ask for another export; --force takes them so."
    return (f"counted as {solved.convention}, {said}. {how}",)


def _codebook(project: Project, path: Path, exchanged: Exchanged, codebook: str | None) -> Arriving:
    """Return the codebook that a file of codes alone would bring."""
    tally = Tally()
    made, ids = made_codebook(exchanged, codebook)
    is_there = made.id in project.codebooks
    said = f"codebooks/{made.id}.yaml is there already. Give another id (--codebook ID); then "
    problems = (f"{said}`coding codebook diff {made.id} ID` says what differs.",)
    codes = Matched({}, {}, None if is_there else made)
    there = _there(project)
    rows = to_keep(exchanged, None, Found(ids), there.kept, tally)
    people = _with_kept(People((), 0, 0), rows, path, exchanged.origin, there.coders)
    dropped = exchanged.dropped + tally.told()
    return Arriving(exchanged, None, codes, Texts({}, {}), people, problems if is_there else (), dropped)


def _untitled(exchanged: Exchanged) -> Iterable[Source]:
    """Return the sources, without the names of which a file of ours says that they are titles."""
    said = next((note.text for note in exchanged.notes if note.name == BEYOND), "")
    titled = {title.selection for title in heard(said)[0].titles} if '{"titles"' in said else set()
    if not titled:
        return exchanged.sources
    return [
        replace(
            source,
            selections=tuple(
                replace(each, name="") if each.guid in titled else each for each in source.selections
            ),
        )
        for source in exchanged.sources
    ]


def _with_kept(
    people: People, rows: Iterable[Kept], path: Path, origin: str, coders: Iterable[Coder]
) -> People:
    """Return what people left with what is kept besides, and with the name of the file if anything is new."""
    rows = tuple(rows)
    known = {coder.id for coder in (*coders, *(row for row in people.rows if isinstance(row, Coder)))}
    new = dict.fromkeys(said_of(row).coder for row in rows)
    makers = tuple(Coder(name, "person") for name in new if name and name not in known)
    if not (people.rows or rows):
        return people
    file = row_of(new_id(), "file", path.name, Said(origin=origin))
    return replace(people, rows=(*makers, *people.rows, file, *rows), n_kept=len(rows))


def _used(exchanged: Exchanged) -> frozenset[str]:
    """Return the GUIDs of the codes that something bears whose text is there."""
    sources = [source for source in exchanged.sources if source.text is not None]
    used = {coding.code for source in sources for s in source.selections for coding in s.codings}
    return frozenset(used | {coding.code for source in sources for coding in source.codings})


def _there(project: Project) -> There:
    if not project.store_path.is_file():
        return There()
    coded = project.coded
    with project.store() as store:
        rows = tuple(store.rows(Memo)), tuple(store.rows(Decision)), store.coders()
    return There(coded.segments, coded.readings, *rows, kept_in(project))


def _codebook_file(project: Project, codebook: Codebook) -> Mapping[Path, bytes]:
    path = project.root / "codebooks" / f"{codebook.id}.yaml"
    if path.exists():
        raise CodingError(f"codebooks/{path.name} is there already. Choose another id.")
    return {path: yaml.dump(values(codebook)).encode()}


def _refuse_other_texts(project: Project, texts: Texts) -> None:
    """Raise unless the project reads each new text as it was in the file: offsets count in it."""
    corpus = project.corpus
    refuse(
        [
            f"{placed.document.id}: its text is not the same once it is written. It was not taken in."
            for placed in texts.placed.values()
            if placed.how == "new" and corpus[placed.document.id].digest != placed.document.digest
        ]
    )


def _added(project: Project, people: People, by: str) -> Batch | None:
    if not people.rows:
        return None
    batch = act(by, "import", *people.rows)
    with project.store() as store:
        store.add(batch)
    return batch
