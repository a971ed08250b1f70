"""A project: a folder with `corpus/`, `codebooks/` and `studies/`, opened and checked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from coding import plugins
from coding.errors import CodingError, nearest, refuse
from coding.formats.case import CaseFile, read_case
from coding.formats.codebook import read_codebook
from coding.model import Case, Corpus, Document

if TYPE_CHECKING:
    from types import ModuleType

    from coding.codebook import Codebook
    from coding.formats.yaml import Tree

SETTINGS = {"study": str}


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
        `codebooks/`; otherwise the material that comes with Normatrix is.

        Raises
        ------
        CodingError
            If the folder is no project, or its settings are wrong.
        """
        if root is None:
            here = Path.cwd()
            root = here if _is_project(here) else shipped()
        folder = Path(root)
        if not folder.is_dir():
            raise CodingError(f"{folder}: no such folder.")
        if not _is_project(folder):
            raise CodingError(f"{folder} is no project: it needs the folders corpus/ and codebooks/.")
        return cls(folder, **_settings(folder))

    @cached_property
    def corpus(self) -> Corpus:
        """The documents of all cases, in the order of case and file.

        Raises
        ------
        CodingError
            Listing everything wrong in the case files and texts: a text that no case claims, an
            unknown variable, an empty, binary or undecodable text.
        """
        folder = self.root / "corpus"
        problems = [
            f"corpus/{path.name}: a document without a donor. Put it into the folder of its case."
            for path in sorted(folder.iterdir())
            if path.suffix in _readers()
        ]
        cases: dict[str, Case] = {}
        documents: list[Document] = []
        for path in sorted(p for p in folder.iterdir() if p.is_dir()):
            try:
                file, found = self._case(path, problems)
            except CodingError as error:
                problems.append(str(error))
                continue
            cases[file.id] = file.case()
            documents += found
        refuse(problems)
        return Corpus(tuple(documents), cases)

    def _case(self, folder: Path, problems: list[str]) -> tuple[CaseFile, list[Document]]:
        """Return a case and its documents; what is wrong with single documents joins `problems`."""
        texts = {p.name for p in folder.iterdir() if p.suffix in _readers()}
        path = folder / "case.yaml"
        if not path.is_file():
            raise CodingError(
                f"corpus/{folder.name}: {len(texts)} texts without a donor. Add a case.yaml that names them."
            )
        file, tree = read_case(path, name=self._name(path))
        if file.id != folder.name:
            problems.append(f"{tree.where('id')}: the id is '{file.id}', the folder '{folder.name}'.")
        problems += [
            f"corpus/{folder.name}/{text}: case.yaml has no variables for it. Add them under `documents`."
            for text in sorted(texts - set(file.documents))
        ]
        documents = []
        for name in sorted(file.documents):
            try:
                documents.append(self._document(folder / name, file, tree))
            except CodingError as error:
                problems.append(str(error))
        return file, documents

    def _document(self, path: Path, file: CaseFile, tree: Tree) -> Document:
        where = tree.where("documents", path.name)
        if not path.is_file():
            others = [p.name for p in path.parent.iterdir()]
            raise CodingError(f"{where}: there is no file '{path.name}'.{nearest(path.name, others)}")
        text = str(_reader(path).read_text(path, name=self._name(path)))
        said = file.documents[path.name].statements
        weaker = (*said.known, *said.reference_list, *said.inferred) if said else ()
        refuse(
            [
                f"{where}: `statements` lists a sentence that is not in the text: {sentence!r}"
                for sentence in weaker
                if sentence not in text
            ]
        )
        return Document(f"{file.id}/{path.stem}", text, file.variables(path.name))

    def codebook(self, codebook: str) -> Codebook:
        """Return a codebook by its id.

        Raises
        ------
        CodingError
            If there is none of that id, or its file is wrong.
        """
        path = self._named("codebooks", codebook)
        return read_codebook(path, name=self._name(path))

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


def _is_project(folder: Path) -> bool:
    return (folder / "corpus").is_dir() and (folder / "codebooks").is_dir()


def _settings(folder: Path) -> dict[str, str]:
    path = folder / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CodingError(f"{path}: not valid TOML: {error}.") from error
    settings = written.get("tool", {}).get("coding", {})
    for key, value in settings.items():
        if key not in SETTINGS:
            raise CodingError(f"{path}, [tool.coding]: unknown key '{key}'.{nearest(key, SETTINGS)}")
        if not isinstance(value, SETTINGS[key]):
            raise CodingError(f"{path}, [tool.coding]: '{key}' is not a {SETTINGS[key].__name__}.")
    return dict(settings)


def _readers() -> dict[str, ModuleType]:
    """Return the format module of each file name suffix that holds a text."""
    return {
        suffix: module
        for module in plugins.installed("coding.formats").values()
        if hasattr(module, "read_text")
        for suffix in module.SUFFIXES
    }


def _reader(path: Path) -> ModuleType:
    readers = _readers()
    if path.suffix not in readers:
        raise CodingError(f"{path.name}: no format reads '{path.suffix}'.{nearest(path.suffix, readers)}")
    return readers[path.suffix]
