"""A project: a folder with `corpus/`, `codebooks/` and `studies/`, opened and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from coding import editions
from coding.corpus_folder import read_corpus, readers
from coding.errors import CodingError, closest, nearest
from coding.formats import yaml
from coding.formats.changes import read_succession
from coding.formats.codebook import read_codebook
from coding.formats.measured import Measured, read_measured
from coding.formats.models import read_model
from coding.formats.samples import read_sample
from coding.learned import refuse_name
from coding.model import Coded, Corpus, digest_of
from coding.review import carried, carried_memos, without_twins

if TYPE_CHECKING:
    from coding.batch import Batch, Decision, Memo
    from coding.codebook import Codebook
    from coding.learned import Model
    from coding.revision import Succession
    from coding.sample import Sample
    from coding.store import Store

SETTINGS = {"study": str}

_FOLDERS = ("corpus", "codebooks")


@dataclass(frozen=True)
class Project:
    """A folder that holds texts, codebooks and studies.

    Attributes
    ----------
    root : the folder
    study : id of the study that runs when none is named, as the settings say; may be None
    """

    root: Path
    study: str | None = None

    @classmethod
    def open(cls, root: str | Path | None = None) -> Project:
        """Return the project of a folder; of the shipped material if no folder is given.

        Without `root`, the working directory is the project if it holds `corpus/` and
        `codebooks/`; the material that comes with Normatrix is if it holds neither.

        Raises
        ------
        CodingError
            If the folder is no project, or its settings are wrong. Without `root` also if the
            working directory has one of the two folders only, or lies inside a project.
        """
        if root is None:
            return cls._at(_here() or shipped())
        folder = Path(root)
        if not folder.is_dir():
            raise CodingError(f"{folder}: no such folder.")
        if not _is_project(folder):
            raise CodingError(f"{folder} is no project: {_missing(folder)}")
        return cls._at(folder)

    @classmethod
    def _at(cls, folder: Path) -> Project:
        return cls(folder, **_settings(folder))

    @cached_property
    def corpus(self) -> Corpus:
        """The documents of all cases, in the order of case and file.

        Raises
        ------
        CodingError
            Listing everything wrong in the case files and texts: a text that no case claims, a file
            that no format reads, an unknown variable, an empty, binary or undecodable text.
        """
        return read_corpus(self.root)

    def codebook(self, codebook: str) -> Codebook:
        """Return a codebook by its id.

        Raises
        ------
        CodingError
            If there is none of that id, or its file is wrong.
        """
        path = self._named("codebooks", codebook)
        book = read_codebook(path, name=self._name(path))
        if book.id != path.stem:
            where = yaml.load(path, name=self._name(path)).where("id")
            raise CodingError(f"{where}: the id is '{book.id}', the file '{path.name}'.")
        return book

    @property
    def store_path(self) -> Path:
        """The database of people's coding, made with the first act."""
        return self.root / "project.db"

    def store(self) -> Store:
        """Return a connection to the store; use it in a `with` block.

        Raises
        ------
        CodingError
            If the database cannot be opened.
        """
        from coding.store import Store

        return Store(self.store_path)

    @property
    def coded(self) -> Coded:
        """The coded segments and readings that stand in the store, in the texts and under the codes of today.

        What was coded in an earlier text stands where `coding realign` placed it. Codes that were moved or
        merged have carried their segments along; those of a code that was split keep its id until a person
        decides.

        Raises
        ------
        CodingError
            If the database cannot be opened.
        """
        if not self.store_path.is_file():
            return Coded()
        with self.store() as store:
            coded = editions.coded_in(store, lambda: self.corpus)
        through = self.successions
        today = carried(coded, through, map(self.codebook, self.codebooks if through else ()))
        return without_twins(today, self.decisions)

    def add(self, coded: Coded, *, by: str) -> tuple[Batch, ...]:
        """Return the batches by which coded segments and readings are kept in the store.

        A machine's stand in the place of what it coded in these documents before; a person's are added.
        What stands already is left alone.

        Parameters
        ----------
        by : the coder who adds them, and can undo it

        Raises
        ------
        StaleText
            If a text has changed since it was coded.
        CodingError
            If a document is not in the corpus.
        """
        from coding.suggesting import add

        with self.store() as store:
            return add(store, coded, self.corpus, by=by)

    @property
    def memos(self) -> tuple[Memo, ...]:
        """The memos that stand in the store, those about codes under the codes of today."""
        if not self.store_path.is_file():
            return ()
        with self.store() as store:
            return carried_memos(editions.memos_in(store, lambda: self.corpus), self.successions)

    @property
    def successions(self) -> tuple[Succession, ...]:
        """What came after each code that was moved, merged, split or retired, in all codebooks."""
        folder = self.root / "codebooks" / "changes"
        return tuple(one for codebook in self.codebooks for one in read_succession(folder, codebook))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions that stand in the store."""
        if not self.store_path.is_file():
            return ()
        with self.store() as store:
            return editions.decisions_in(store, lambda: self.corpus)

    def measured(self, codebook: Codebook) -> Measured | None:
        """Return what was measured of a codebook's rules; None if nothing was, or of another version."""
        path = self.root / "codebooks" / "quality" / f"{codebook.id}.json"
        if not path.is_file():
            return None
        found = read_measured(path, name=self._name(path))
        return found if found.digest == codebook.digest else None

    @property
    def samples(self) -> tuple[str, ...]:
        """The names of all samples, in the order of their names."""
        return tuple(sorted(path.stem for path in (self.root / "samples").glob("*.json")))

    def sample_path(self, name: str) -> Path:
        """Return the file of a sample, whether it is there or not."""
        return self.root / "samples" / f"{name}.json"

    def edition_path(self, document: str, digest: str, suffix: str) -> Path:
        """Return the file of an earlier text of a document, whether it is kept or not."""
        return self.root / "editions" / f"{document}.{digest[:12]}{suffix}"

    def earlier_text(self, document: str, digest: str) -> str | None:
        """Return a text that a document had before it was realigned; None if it is not kept."""
        path = self.kept_edition(document, digest)
        if path is None:
            return None
        text = str(readers()[path.suffix].read_text(path, name=self._name(path)))
        if digest_of(text) != digest:
            raise CodingError(
                f"{self._name(path)} is another text than its name says. Put it back, or remove the file."
            )
        return text

    def kept_edition(self, document: str, digest: str) -> Path | None:
        """Return the file in which an earlier text of a document is kept; None if it is not."""
        paths = (self.edition_path(document, digest, suffix) for suffix in readers())
        return next((path for path in paths if path.is_file()), None)

    def sample(self, name: str, *, as_drawn: bool = False) -> Sample:
        """Return a sample by its name, in the texts of today.

        Parameters
        ----------
        as_drawn : whether the sample is wanted as its file says it, in the texts of then

        Raises
        ------
        CodingError
            If there is none of that name, or its file is wrong.
        """
        if name not in self.samples:
            known = self.samples
            said = nearest(name, known) if known else " Draw one: `coding sample`."
            raise CodingError(f"samples/: no '{name}'.{said}")
        path = self.sample_path(name)
        found = read_sample(path, name=self._name(path))
        if found.name != name:
            raise CodingError(f"{self._name(path)}: the name is '{found.name}', the file '{path.name}'.")
        if as_drawn:
            return found
        from coding.following import followed

        return followed(found, self.earlier_text, lambda: self.corpus)

    @property
    def models(self) -> tuple[str, ...]:
        """The names of all models, in the order of their names."""
        return tuple(sorted(path.stem for path in (self.root / "models").glob("*.model")))

    def model_path(self, name: str) -> Path:
        """Return the file of a model, whether it is there or not.

        Raises
        ------
        CodingError
            If the name cannot be that of a model.
        """
        refuse_name(name)
        return self.root / "models" / f"{name}.model"

    def model(self, name: str) -> Model:
        """Return a model by its name.

        Raises
        ------
        CodingError
            If there is none of that name, or its file is wrong.
        """
        if name not in self.models:
            known = self.models
            said = nearest(name, known) if known else " Train one: `coding train`."
            raise CodingError(f"models/: no '{name}'.{said}")
        path = self.model_path(name)
        found = read_model(path, name=self._name(path))
        if found.name != name:
            raise CodingError(
                f"{self._name(path)}: the name is '{found.name}', the file '{path.name}'. Name the file "
                f"{found.name}.model."
            )
        return found

    def study_path(self, study: str | None = None) -> Path:
        """Return the file of a study: the named one, else that of the settings, else the only one.

        Raises
        ------
        CodingError
            If there is no such study, or several and none is named.
        """
        name = study or self.study or (self.studies[0] if len(self.studies) == 1 else None)
        if name is None:
            raise CodingError(f"name a study: {', '.join(self.studies) or 'there is none in studies/'}.")
        return self._named("studies", name)

    @property
    def codebooks(self) -> tuple[str, ...]:
        """The ids of all codebooks."""
        return tuple(sorted(path.stem for path in (self.root / "codebooks").glob("*.yaml")))

    @property
    def studies(self) -> tuple[str, ...]:
        """The ids of all studies."""
        return tuple(sorted(path.stem for path in (self.root / "studies").glob("*.yaml")))

    def _named(self, folder: str, name: str) -> Path:
        path = self.root / folder / f"{name}.yaml"
        known = {p.stem for p in (self.root / folder).glob("*.yaml")}
        if name not in known:
            raise CodingError(f"{folder}/: no '{name}'.{nearest(name, known)}")
        return path

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def shipped() -> Path:
    """Return the folder of the corpus, codebooks and studies that come with Normatrix."""
    package = Path(__file__).parent
    for folder in (package / "shipped", package.parent):
        if _is_project(folder):
            return folder
    raise CodingError("The shipped corpus is missing. Install Normatrix again.")


def _here() -> Path | None:
    """Return the working directory if it is a project, None if there is none near it."""
    here = Path.cwd()
    if _is_project(here):
        return here
    if any((here / name).is_dir() for name in _FOLDERS):
        raise CodingError(f"{here} is no project: {_missing(here)}")
    for above in here.parents:
        if _is_project(above):
            raise CodingError(
                f"{here} lies inside the project {above}. Go there, or name the project (--project {above})."
            )
    return None


def _is_project(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in _FOLDERS)


def _missing(folder: Path) -> str:
    """Say which folders a project still needs, and where one of that name, or nearly, stands."""
    missing = [name for name in _FOLDERS if not (folder / name).is_dir()]
    said = f"it needs {' and '.join(f'the folder {name}/' for name in missing)}."
    others = sorted(path.name for path in folder.iterdir() if path.is_dir())
    for name in missing:
        for other in others:
            if (folder / other / name).is_dir():
                return f"{said} There is {other}/{name}/: move it up."
        near = closest(name, set(others) - set(_FOLDERS))
        if near:
            return f"{said} Is it {near}/? Rename that."
    return said


def _settings(folder: Path) -> dict[str, str]:
    path = folder / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CodingError(f"{path}: not valid TOML: {error}.") from error
    tool = written.get("tool", {})
    settings = tool.get("coding", {}) if isinstance(tool, dict) else tool
    if not isinstance(settings, dict):
        raise CodingError(f"{path}: [tool.coding] is no table. Write its settings below that heading.")
    for key, value in settings.items():
        if key not in SETTINGS:
            raise CodingError(f"{path}, [tool.coding]: unknown key '{key}'.{nearest(key, SETTINGS)}")
        if not isinstance(value, SETTINGS[key]):
            raise CodingError(f"{path}, [tool.coding]: '{key}' is not a {SETTINGS[key].__name__}.")
    return dict(settings)
