"""A new project: the folders, a codebook, a study to be filled in, and what to do next."""

from __future__ import annotations

import shlex
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from string import Template

from coding.errors import CodingError, choose
from coding.files import replacing
from coding.formats import yaml
from coding.ids import slug
from coding.project import shipped

CODEBOOKS = ("constructivist", "empty")

_IGNORED = """\
# Made again by `coding reproduce`.
out/
# What Normatrix keeps for itself while it works.
.coding/
project.db-wal
project.db-shm
"""
_SETTINGS = """\
# Settings of this project: the study that runs when a command names none.
[tool.coding]
study = "{study}"
"""
_LOOK = {
    "constructivist": "Look at the codes (`coding codes`, `coding codebook page --out codebook.html`): the "
    "codebook is the one that comes with Normatrix, letter for letter. If you change it, raise its version.",
    "empty": "Put your codes in the place of the examples in the codebook: a definition first, then rules, "
    "each with sentences that it must match and reject.",
}
_FOR = {
    "corpus": "texts, a folder for each donor; empty as yet",
    "codebooks": "what is looked for, and the rules that find it",
    "studies": "what is read, how it is counted, which claims are tested: fill it in",
    "pyproject.toml": "which study runs when none is named",
    ".gitignore": "what git leaves out: results",
    "README.md": "what to do next",
}
# What may lie in a folder in which a project is begun.
_NO_MATTER = (".git", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Started:
    """A project that was made.

    Attributes
    ----------
    study : id of its study, made of the name of the folder
    codebook : id of its codebook
    files : what each file or folder in it is for
    steps : what to do next, one command or sentence each
    """

    folder: Path
    study: str
    codebook: str
    files: Mapping[str, str]
    steps: tuple[str, ...]


def start(folder: Path, *, codebook: str = "constructivist") -> Started:
    """Make a project in a new or empty folder: codebook, study, settings, and no texts yet.

    Parameters
    ----------
    codebook : {"constructivist", "empty"}
        A copy of the codebook that comes with Normatrix, or one with an example of each kind of code.

    Raises
    ------
    CodingError
        If no id of a study can be made of the folder's name, something lies in the folder, it lies inside
        another project, or it cannot be written. Nothing is left behind then.
    """
    choose(codebook, CODEBOOKS, "codebook")
    study = _id(folder)
    _refuse_what_is_in_the_way(folder)
    named = study if codebook == "empty" else codebook
    contents = _contents(folder, study, codebook, named)
    with _made(folder, contents) as places:
        for place, content in zip(places, contents.values(), strict=True):
            place.write_bytes(content)
    steps = () if folder.resolve() == Path.cwd() else (f"cd {shlex.quote(str(folder))}",)
    add = "coding add FILE... --donor japan --iso JPN --year 2021"
    about = {name: _FOR[Path(name).parts[0]] for name in ("corpus/", *contents) if "quality" not in name}
    return Started(folder, study, named, about, (*steps, add, "coding check"))


def _id(folder: Path) -> str:
    """Return the id of a study, made of the name of a folder."""
    name = folder.resolve().name
    if not slug(name):
        raise CodingError(
            f"'{name}': no id of a study can be made of it, which has letters from a to z, digits and "
            "hyphens. Choose another name; titles may have any letters."
        )
    # A name that begins with a digit is put behind a word.
    words = slug(f"study {name}").removeprefix("study_")
    return (words if words[0].isalpha() else f"study_{words}").replace("_", "-")


def _refuse_what_is_in_the_way(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CodingError(f"{folder} is a file. Choose another name.")
    inside = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in inside if name not in _NO_MATTER]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise CodingError(f"{folder} is not empty: it holds '{others[0]}'{more}. Choose a new name.")
    for above in folder.resolve().parents:
        if (above / "corpus").is_dir() and (above / "codebooks").is_dir():
            raise CodingError(f"{folder} lies inside the project {above}. Begin it elsewhere.")


def _contents(folder: Path, study: str, codebook: str, named: str) -> dict[str, bytes]:
    """Return the files of a project by name, settings first."""
    name = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in folder.resolve().name)
    filled = {
        "id": study,
        "codebook": named,
        "heading": name,
        "title": yaml.dump({"title": name}).strip(),
        "look": _LOOK[codebook],
    }
    return {
        "pyproject.toml": _SETTINGS.format(study=study).encode(),
        ".gitignore": _IGNORED.encode(),
        "README.md": _filled("README.md", filled),
        f"studies/{study}.yaml": _filled("study.yaml", filled),
        **(_shipped(codebook) if codebook != "empty" else {}),
        **({f"codebooks/{study}.yaml": _filled("codebook.yaml", filled)} if codebook == "empty" else {}),
    }


def _filled(template: str, filled: Mapping[str, str]) -> bytes:
    text = (resources("coding") / "templates" / "start" / template).read_text(encoding="utf-8")
    return Template(text).substitute(filled).encode()


def _shipped(codebook: str) -> dict[str, bytes]:
    """Return the file of a shipped codebook, and that of what was measured of its rules if it is there."""
    names = (f"codebooks/{codebook}.yaml", f"codebooks/quality/{codebook}.json")
    return {name: (shipped() / name).read_bytes() for name in names if (shipped() / name).is_file()}


@contextmanager
def _made(folder: Path, names: Mapping[str, object]) -> Iterator[list[Path]]:
    """Yield for each name a file to be written; a folder with all of them is there at the end, or nothing."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with replacing([folder / name for name in names]) as places:
            yield places
            (folder / "corpus").mkdir()
    except BaseException:
        for name in ("corpus", *names):
            top = folder / Path(name).parts[0]
            shutil.rmtree(top, ignore_errors=True)
            with suppress(OSError):
                top.unlink()
        for path in new:
            with suppress(OSError):
                path.rmdir()
        raise
