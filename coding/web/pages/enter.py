"""Entering and leaving: the one-time token of the printed address, or a name and password."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from coding.web.sessions import TooSoon
from coding.web.shown import page
from coding.web.visit import Author, cookie_name, sessions_of

router = APIRouter()

_DAYS = 30
_LARGEST = 10_000  # bytes of a name and a password, as a form sends them
_checking = ThreadPoolExecutor(2, "password")  # at most two at once: each takes a processor and 16 MB


@router.get("/")
def first() -> Response:
    """Go to the Library."""
    return RedirectResponse("/library", status_code=303)


@router.get("/enter")
def enter(request: Request, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Open a session for a token, or say how to enter."""
    if sessions_of(request).of(request.cookies.get(cookie_name(request))) and not token:
        return RedirectResponse("/library", status_code=303)
    if not token:
        return page(request, "enter.html.j2", wrong="", status=401)
    cookie = None if request.app.state.secure else sessions_of(request).enter(token)
    if cookie is not None:
        return _entered(request, cookie)
    if sessions_of(request).of(request.cookies.get(cookie_name(request))):
        return RedirectResponse("/library", status_code=303)
    wrong = "That address was used before, or is of an earlier start."
    return page(request, "enter.html.j2", wrong=wrong, status=401)


@router.post("/enter")
async def enter_with_password(request: Request) -> Response:
    """Open a session for a name and password; behind a proxy only. Others are served while it is checked."""
    body = await request.body()
    cookie = None
    if request.app.state.secure and len(body) <= _LARGEST:
        given = parse_qs(body.decode("utf-8", "replace"))
        coder, password = given.get("coder", [""])[0], given.get("password", [""])[0]
        check = sessions_of(request).enter_with_password
        try:
            cookie = await asyncio.get_running_loop().run_in_executor(_checking, check, coder, password)
        except TooSoon as error:
            return page(request, "enter.html.j2", wrong=str(error), status=429)
    if cookie is None:
        wrong = "There is no such coder, or the password is another."
        return page(request, "enter.html.j2", wrong=wrong, status=401)
    return _entered(request, cookie)


@router.post("/leave")
def leave(request: Request, who: Author) -> Response:  # noqa: ARG001  only one's own session
    """End the session."""
    sessions_of(request).leave(request.cookies[cookie_name(request)])
    answer = Response(status_code=204)
    answer.delete_cookie(cookie_name(request))
    return answer


def _entered(request: Request, cookie: str) -> Response:
    answer = RedirectResponse("/library", status_code=303)
    answer.set_cookie(
        cookie_name(request),
        cookie,
        max_age=_DAYS * 86400,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure,
    )
    return answer
