"""How pages are filled in: the templates, and what every page knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from coding.web.visit import cookie_name, desk_of, sessions_of

if TYPE_CHECKING:
    from fastapi import Request
    from jinja2 import Environment
    from starlette.responses import HTMLResponse

    from coding.web.sessions import Session

JUDGE = ("Judge", "/judge")  # only where there are samples
PLACES = (
    ("Library", "/library"),
    ("Read", "/read"),
    ("Review", "/review"),
    JUDGE,
    ("Retrieve", "/retrieve"),
    ("Codebook", "/codebook"),
    ("Matrix", "/matrix"),
    ("Study", "/study"),
)


def page(request: Request, template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Return a page: a template filled in with what is shown on it, and with what every page has."""
    from starlette.responses import HTMLResponse

    desk = desk_of(request)
    session: Session | None = sessions_of(request).of(request.cookies.get(cookie_name(request)))
    samples = desk.files.samples if session else {}
    common = {
        "places": PLACES if samples else [place for place in PLACES if place != JUDGE],
        "here": "/" + request.url.path.split("/")[1],
        "session": session,
        "project": desk.root.name if session else "",  # strangers are told nothing
        "broken": desk.fault if session else "",
        "secure": request.app.state.secure,
    }
    text = _environment().get_template(template).render(**(common | shown))
    return HTMLResponse(text, status_code=status)


@cache
def _environment() -> Environment:
    from urllib.parse import quote

    from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

    from coding.findings import LEVEL
    from coding.locators import as_shown, has_pages, locator
    from coding.plots.intervals import SIGNS
    from coding.plots.words import number
    from coding.report import in_words, signed

    report = PrefixLoader({"report": PackageLoader("coding", "templates")})  # what app and report both draw
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("coding.web", "templates"), report]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=as_shown,
    )
    environment.filters["address"] = lambda text: quote(str(text), safe="")
    environment.filters["path"] = lambda text: quote(str(text), safe="/")
    environment.filters |= {"signed": signed, "in_words": in_words, "locator": locator}
    environment.tests["in_pages"] = has_pages
    environment.globals |= {"LEVEL": LEVEL, "SIGNS": SIGNS, "number": number}
    return environment
