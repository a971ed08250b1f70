"""The folder of a corpus, read: one folder for each case, with its case file and its texts beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coding import plugins
from coding.errors import CodingError, closest, nearest, refuse
from coding.formats.case import CaseFile, read_case
from coding.model import Corpus, Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from coding.formats import yaml

_TYPO = 0.8  # how like a known name must be for a typo: one letter of five


def read_corpus(root: Path) -> Corpus:
    """Return the documents of all cases of a project, in the order of case and file.

    Parameters
    ----------
    root : the folder of the project, in which `corpus/` lies

    Raises
    ------
    CodingError
        Listing everything wrong in the case files and texts: a text that no case claims, a file
        that no format reads, an unknown variable, an empty, binary or undecodable text.
    """
    folder = root / "corpus"
    problems = [
        f"corpus/{path.name}: a document without a donor. Put it into the folder of its case."
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in readers()
    ]
    files: list[tuple[CaseFile, yaml.Tree]] = []
    documents: list[Document] = []
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        try:
            file, tree, found = _case(path, problems)
        except CodingError as error:
            problems += error.problems
            continue
        files.append((file, tree))
        documents += found
    refuse([*problems, *_misspelt(files)])
    return Corpus(tuple(documents), {file.id: file.case() for file, _ in files})


def readers() -> dict[str, ModuleType]:
    """Return the format module of each file name suffix that holds a text."""
    return {
        suffix: module
        for module in plugins.installed("coding.formats").values()
        if hasattr(module, "read_text")
        for suffix in module.SUFFIXES
    }


def extractors() -> dict[str, ModuleType]:
    """Return the format module of each suffix of files whose text is taken out once, by `coding add`."""
    return {
        suffix: module
        for module in plugins.installed("coding.formats").values()
        if hasattr(module, "extract")
        for suffix in module.SUFFIXES
    }


def is_of_the_system(path: Path) -> bool:
    """Say whether a file was put there by an editor or a file manager."""
    return path.name.startswith(".") or path.name in ("Thumbs.db", "desktop.ini")


def _case(folder: Path, problems: list[str]) -> tuple[CaseFile, yaml.Tree, list[Document]]:
    """Return a case and its documents; what is wrong with single documents joins `problems`."""
    path = folder / "case.yaml"
    inside = sorted(p.name for p in folder.iterdir() if p.is_file() and not is_of_the_system(p))
    texts = [name for name in inside if Path(name).suffix.lower() in readers()]
    if not path.is_file():
        raise CodingError(f"corpus/{folder.name}: {_no_case(len(inside), len(texts))}")
    file, tree = read_case(path, name=_name(path))
    problems += [
        f"corpus/{folder.name}/{path.name}: texts of a case stand beside its case.yaml. Move them up."
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    ]
    problems += [
        f"corpus/{folder.name}/{name}: {_unread(name)}"
        for name in inside
        if name not in {*texts, *file.documents, path.name}
    ]
    if file.id != folder.name:
        problems.append(f"{tree.where('id')}: the id is '{file.id}', the folder '{folder.name}'.")
    problems += [
        f"corpus/{folder.name}/{text}: case.yaml has no variables for it. "
        "Add them under `documents`, or with `coding add`."
        for text in texts
        if text not in file.documents
    ]
    documents = []
    for name in sorted(file.documents):
        try:
            documents.append(_document(folder / name, file, tree))
        except CodingError as error:
            problems += error.problems
    return file, tree, documents


def _document(path: Path, file: CaseFile, tree: yaml.Tree) -> Document:
    where = tree.where("documents", path.name)
    if not path.is_file():
        others = [p.name for p in path.parent.iterdir()]
        raise CodingError(f"{where}: there is no file '{path.name}'.{nearest(path.name, others)}")
    if path.suffix.lower() not in readers():
        raise CodingError(f"{where}: {_unread(path.name)}")
    text = str(readers()[path.suffix.lower()].read_text(path, name=_name(path)))
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


def _name(path: Path) -> str:
    """Return the name of a file two folders below the project, as messages give it."""
    return f"corpus/{path.parent.name}/{path.name}"


def _unread(name: str) -> str:
    kind = Path(name).suffix or "files without an ending"
    moved = "move it out of corpus/"
    if kind.lower() in extractors():
        moved += " and take its text in by `coding add`"
    return f"no format reads {kind} yet. Save its text as .txt (UTF-8), or {moved}."


def _no_case(n_files: int, n_texts: int) -> str:
    if not n_files:
        return "the folder is empty. Add a case.yaml and texts, or remove it."
    texts = f"{n_texts} text{'s' * (n_texts != 1)} without a donor" if n_texts else "there is no case.yaml"
    return f"{texts}. Add a case.yaml that names them, or use `coding add`."


def _misspelt(files: Sequence[tuple[CaseFile, yaml.Tree]]) -> Iterator[str]:
    """Yield each case in `about` that is most likely a known one, misspelt; others may be unknown."""
    known = [file.id for file, _ in files]
    others = {name.lower() for file, _ in files for name in file.homonyms}
    for file, tree in files:
        for name, entry in file.documents.items():
            for i, case in enumerate(entry.about):
                near = closest(case, known, cutoff=_TYPO)
                if near and case not in known and case.replace("-", " ") not in others:
                    where = tree.where("documents", name, "about", i)
                    yield f"{where}: no case '{case}'. Did you mean '{near}'? Another needs a case.yaml."
