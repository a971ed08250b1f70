"""What a request brings along: the open project and who is asking."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request

from coding.web.desk import Desk
from coding.web.sessions import Session, Sessions

CSRF_HEADER = "x-coding-token"


class NoSession(Exception):  # noqa: N818  it names what was met
    """Nobody is known to be there."""


class OtherPage(Exception):  # noqa: N818  it names what was met
    """A request of a page whose coder or project is not the one that the browser has entered as."""


class ForeignForm(Exception):  # noqa: N818  it names what was met
    """A request that does not show that it came from our page."""


def desk_of(request: Request) -> Desk:
    """Return the open project."""
    desk: Desk = request.app.state.desk
    return desk


def sessions_of(request: Request) -> Sessions:
    """Return the sessions of this server."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def cookie_name(request: Request) -> str:
    """Return the name of our cookie; browsers share cookies between ports, so the port is in it."""
    return f"coding-{request.app.state.port}"


def visitor(request: Request) -> Session:
    """Return the session of a request.

    Raises
    ------
    NoSession
        If it has none.
    OtherPage
        If it comes from a page of another coder or project, which this browser had entered before.
    """
    session = sessions_of(request).of(request.cookies.get(cookie_name(request)))
    if session is None:
        raise NoSession
    given = request.headers.get(CSRF_HEADER)
    if given is not None and not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise OtherPage(session.coder)
    return session


def author(request: Request) -> Session:
    """Return the session of a request that may write: it carries what only a page of its coder knows.

    Raises
    ------
    NoSession, OtherPage
        As `visitor` does.
    ForeignForm
        If it carries nothing of the kind.
    """
    session = visitor(request)
    if CSRF_HEADER not in request.headers:
        raise ForeignForm
    return session


TheDesk = Annotated[Desk, Depends(desk_of)]
Visitor = Annotated[Session, Depends(visitor)]
Author = Annotated[Session, Depends(author)]
