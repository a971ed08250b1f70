"""The `coding` command: the library's verbs, and one place where an error becomes a message."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from pkgutil import iter_modules

from coding.cli.app import app
from coding.errors import CodingError

_STOPPED = 130


def main() -> None:
    """Run the command line.

    A `CodingError`, or a file that the system refuses, ends with its message and exit code 2,
    Ctrl-C with 130, a termination with 143; what was half-written is then taken away.
    """
    for module in iter_modules(__path__, "coding.cli."):
        import_module(module.name)  # its commands join the app

    # Python looks for reference cycles each time some hundred objects are made; a command makes millions
    # and few cycles, and a tenth of its time would go into looking.
    gc.set_threshold(50_000, 20, 50)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _run()
    except CodingError as error:
        _end(f"Error: {error}", 2)
    except KeyboardInterrupt:
        _end("Stopped.", _STOPPED)
    except SystemExit as ended:  # so does typer end after Ctrl-C, without a word
        if ended.code == _STOPPED:
            _end("Stopped.", _STOPPED)
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        _drop_output()
        what = f"{error.filename}: cannot be read or written" if error.filename else "nothing can be written"
        _end(f"Error: {what}: {error.strerror}.", 2)


def _run() -> None:
    try:
        app()
    finally:
        sys.stdout.flush()  # a full disk is met here, not when Python ends


def _end(message: str, code: int) -> None:
    from coding.cli.show import note

    note(message)
    sys.exit(code)


def _drop_output() -> None:
    """Let what is still to be written to standard output go nowhere: Python would try it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
