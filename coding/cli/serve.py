"""The commands of the browser app: `coding serve`, `coding password`."""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import ProjectFolder, app, me, open_own, own_codebook
from coding.cli.show import note

if TYPE_CHECKING:
    from coding.project import Project

_PORT = 8765


@app.command()
def serve(
    *,
    project: ProjectFolder = None,
    coders: Annotated[
        list[str] | None,
        typer.Option("--coder", "-c", help="Who codes; may be repeated: each gets an address of their own."),
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="Id of the codebook; else that of the project's study, else the only one."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = _PORT,
    behind_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name under which a proxy that ends TLS is reached; coders then enter with a password.",
        ),
    ] = None,
) -> None:
    """Open the project in the browser, on this machine: read, code, review."""
    from coding.web.serving import Server

    opened = open_own(project)
    book = opened.codebook(codebook) if codebook else own_codebook(opened)
    people = coders or [me()]
    _refuse_machines(opened, people)
    with opened.store() as store:  # sessions are kept, and who has seen what
        store.refuse_read_only()
    server = Server(opened, book.id, coders=people, port=port, behind_proxy=behind_proxy)
    for line in server.greeting:
        typer.echo(line)
    sys.stdout.flush()
    note(
        "What others coded shows after a reading is filed. That is a courtesy of the app: whoever opens "
        f"{opened.store_path.name} can read it all.\nEach act is kept as it is done. Ctrl-C stops the server."
    )
    with suppress(KeyboardInterrupt):
        server.run()
    note("Stopped. Everything is kept.")


@app.command()
def password(
    coder: Annotated[str, typer.Argument(help="Name of the coder.")], *, project: ProjectFolder = None
) -> None:
    """Give a coder a password, for `coding serve --behind-proxy`."""
    from coding.web.sessions import Sessions

    opened = open_own(project)
    _refuse_machines(opened, [coder])
    folder = opened.root / ".coding"
    given = getpass.getpass(f"Password for {coder}: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    folder.mkdir(exist_ok=True)
    Sessions(folder).set_password(coder, given)
    note(f"{coder} can enter with it wherever `coding serve --behind-proxy` runs on this project.")


def _refuse_machines(opened: Project, people: list[str]) -> None:
    from coding.coders import refuse_machines

    with opened.store() as store:
        refuse_machines(people, store.coders())
