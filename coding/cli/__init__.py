"""The `coding` command: the library's verbs, and one place where an error becomes a message."""

from __future__ import annotations

import sys

from coding.cli.app import app
from coding.errors import CodingError


def main() -> None:
    """Run the command line. A `CodingError` ends with its message and exit code 2, Ctrl-C with 130."""
    from coding.cli import project, results, texts  # noqa: F401  their commands join the app

    try:
        app()
    except CodingError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
