"""A paper as one HTML page, which loads nothing and acts in no way: to read, print, or paste elsewhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from coding.paper import GAP, Heading, Paper, Paragraph, Picture, Table, in_one_line
from coding.templating import environment, source

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIXES = (".html",)

_KINDS = {Heading: "heading", Paragraph: "paragraph", Table: "table", Picture: "picture"}


def page(paper: Paper) -> str:
    """Return a paper as a page. All texts in it are escaped; a policy allows its style sheet alone."""
    pages = _environment()
    style = source(pages, "report.css") + source(pages, "paper.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return pages.get_template("paper.html.j2").render(
        paper=paper,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'",
    )


def _environment() -> Environment:
    made = environment()
    numbers = count(1)
    made.filters |= {
        "kind": lambda block: _KINDS[type(block)],
        "line": in_one_line,
        "parts": lambda text: GAP.split(in_one_line(text)),
        "picture": lambda png: f"data:image/png;base64,{b64encode(png).decode()}",
    }
    made.globals["next_table"] = lambda: next(numbers)
    return made
