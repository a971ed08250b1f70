"""The browser app: people read, code and review on their own machine, in pages served from 127.0.0.1."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi import FastAPI, Request
    from starlette.responses import Response

    from coding.web.desk import Desk
    from coding.web.sessions import Sessions

APIS = ("acts", "api", "codebook_api", "tagging")
PAGES = (
    "enter", "library", "read", "review", "disagreements", "conflicts", "judge", "retrieve", "codebook",
    "matrix", "framework", "study",
)  # fmt: skip
OWN_NAMES = ("127.0.0.1", "localhost")


def make_app(desk: Desk, sessions: Sessions, *, port: int, hosts: Collection[str], secure: bool) -> FastAPI:
    """Return the app of an open project.

    Parameters
    ----------
    port : where it is served; part of the cookie's name
    hosts : the names it answers to
    secure : whether it stands behind a proxy that ends TLS: then cookies go over TLS only, and coders
        enter with a password
    """
    from fastapi import FastAPI
    from starlette.staticfiles import StaticFiles

    from coding.web.guard import Guard

    app = FastAPI(
        title="Normatrix", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", version="1"
    )
    app.state.desk, app.state.sessions = desk, sessions
    app.state.port, app.state.secure = port, secure
    for part in APIS:
        app.include_router(import_module(f"coding.web.{part}").router)
    for page in PAGES:
        app.include_router(import_module(f"coding.web.pages.{page}").router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=str(files("coding.web") / "static")), name="static")
    _say_errors(app)
    app.add_middleware(Guard, hosts=hosts)
    return app


def _say_errors(app: FastAPI) -> None:
    """Let every error be said in one shape: JSON for the API, a page for people."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    from coding.errors import Busy, Changed, CodingError, StaleText
    from coding.web.desk import NotThere
    from coding.web.visit import ForeignForm, NoSession, OtherPage

    statuses = ((NotThere, 404), (StaleText, 409), (Changed, 409), (Busy, 503), (CodingError, 400))

    def said(request: Request, error: Exception) -> Response:
        assert isinstance(error, CodingError)
        status = next(status for kind, status in statuses if isinstance(error, kind))
        return _answer(request, status, str(error), list(error.problems))

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}." for e in error.errors()]
        return _answer(request, 400, "\n".join(problems), problems)

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = {404: "There is no such page. The bar above leads to those there are."}
        message = words.get(error.status_code, str(error.detail))
        return _answer(request, error.status_code, message, [message])

    def unknown(request: Request, error: Exception) -> Response:  # noqa: ARG001
        from starlette.responses import RedirectResponse

        message = "Nobody is known to be here. Open the address that `coding serve` printed."
        if request.url.path.startswith("/api"):
            return _answer(request, 401, message, [message])
        return RedirectResponse("/enter", status_code=303)

    def other(request: Request, error: Exception) -> Response:
        message = (
            f"This browser has entered as {error}, and the page is of another coder or project. "
            "Enter as before in another tab; what was done here is kept until then."
        )
        return _answer(request, 401, message, [message])

    def foreign(request: Request, error: Exception) -> Response:  # noqa: ARG001
        message = "The request did not come from a page of this app. Load the page again."
        return _answer(request, 403, message, [message])

    app.add_exception_handler(CodingError, said)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(NoSession, unknown)
    app.add_exception_handler(OtherPage, other)
    app.add_exception_handler(ForeignForm, foreign)


def _answer(request: Request, status: int, message: str, problems: list[str]) -> Response:
    from starlette.responses import JSONResponse

    from coding.web.shown import page

    if request.url.path.startswith("/api"):
        error = {"message": message, "problems": problems}
        return JSONResponse({"error": error}, status_code=status)
    return page(request, "error.html.j2", status=status, message=message, problems=problems)
