"""Foreign files read in a process of its own, with limits of time and memory.

A parser meets whatever somebody put into a file. Here it can loop, crash or ask for all memory: the process
ends, and the command says so. Only JSON comes back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from coding.errors import CodingError, refuse
from coding.formats.extraction import Extracted

if TYPE_CHECKING:
    from types import ModuleType

_BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from coding.formats.confined import answer; answer(*sys.argv[2:])"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask for.

    Attributes
    ----------
    size : bytes of the file
    seconds : from the beginning of its process on
    memory : bytes of address space, where the system can limit it
    characters : of its text
    """

    size: int = 200_000_000
    seconds: float = 300
    memory: int = 2_000_000_000
    characters: int = 50_000_000


LIMITS = Limits()


def refuse_large(size: int, *, limits: Limits = LIMITS) -> None:
    """Raise if a file is larger than is read.

    Raises
    ------
    CodingError
        Saying both sizes.
    """
    if size > limits.size:
        raise CodingError(
            f"has {size / 1e6:,.0f} MB; up to {limits.size / 1e6:,.0f} MB are read. Split it, or save its "
            "text as .txt (UTF-8)."
        )


def extracted(module: ModuleType, raw: bytes, *, limits: Limits = LIMITS) -> Extracted:
    """Return what a format makes of a file, read in a process of its own.

    Parameters
    ----------
    module : of a format, with `extract`
    raw : the bytes of the file

    Raises
    ------
    CodingError
        If the file cannot be read, or not within the limits.
    """
    refuse_large(len(raw), limits=limits)
    said = _asked([module.__name__, "extract"], raw, limits)
    found = Extracted(
        said["text"], said["pages"], said["dropped"], tuple(said["notes"]), said["title"], said["date"]
    )
    if len(found.text) > limits.characters:
        raise CodingError(f"holds {len(found.text):,} characters, more than one text should. Split it.")
    return found


def rows(module: ModuleType, raw: bytes, *, limits: Limits = LIMITS) -> list[list[str]]:
    """Return the rows of a table, read in a process of its own by `read_rows` of a format.

    Raises
    ------
    CodingError
        As of `extracted`.
    """
    refuse_large(len(raw), limits=limits)
    return [list(row) for row in _asked([module.__name__, "read_rows"], raw, limits)["rows"]]


def answer(module: str, function: str, seconds: str, memory: str) -> None:
    """Read a file from standard input by a function of a module; write what it is to standard output."""
    out, sys.stdout = sys.stdout, sys.stderr  # what a parser prints is no answer
    _limit(float(seconds), int(memory))
    raw = sys.stdin.buffer.read()
    try:
        found = getattr(import_module(module), function)(raw)
    except CodingError as error:
        said: dict[str, object] = {"problems": list(error.problems)}
    except RecursionError:
        said = {"problems": ["is nested too deeply. Save its text as .txt (UTF-8)."]}
    else:
        said = asdict(found) if isinstance(found, Extracted) else {"rows": found}
    json.dump(said, out)
    out.flush()


def _limit(seconds: float, memory: int) -> None:
    with suppress(ImportError):  # Windows knows no such limits; that of time is kept by who asked
        import resource

        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, int(seconds) + 1)):
            with suppress(ValueError, OSError):  # lower already
                resource.setrlimit(kind, (most, most))


def _asked(call: list[str], raw: bytes, limits: Limits) -> dict[str, Any]:
    """Return the answer of a process to a call."""
    command = [
        *(sys.executable, "-P", "-W", "ignore", "-c", _BEGIN, json.dumps(sys.path)),
        *(*call, str(limits.seconds), str(limits.memory)),
    ]
    one_thread = {
        f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")
    }  # each takes address space
    try:
        ended = subprocess.run(  # noqa: S603  our own interpreter and module
            command,
            input=raw,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=os.environ | one_thread,
        )
    except subprocess.TimeoutExpired as error:
        raise CodingError(
            f"was not read within {limits.seconds:g} seconds. Split it, or save its text as .txt (UTF-8)."
        ) from error
    if ended.returncode:
        raise CodingError(f"cannot be read: {_why(ended)}. Save it again, or save its text as .txt (UTF-8).")
    said: dict[str, Any] = json.loads(ended.stdout)
    refuse([str(problem) for problem in said.get("problems", ())])
    return said


def _why(ended: subprocess.CompletedProcess[bytes]) -> str:
    """Say why a process ended without an answer."""
    last = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if "MemoryError" in last or "Cannot allocate" in last:
        return "it asks for more memory than a text needs"
    if ended.returncode < 0:
        return f"its reader was stopped (signal {-ended.returncode})"
    return last[:200].rstrip(".") or f"its reader ended with {ended.returncode}"
