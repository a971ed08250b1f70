"""The framework matrix as a page to read, print and append: one HTML file that loads nothing.

Names and texts come from outside; they are escaped, under a policy that allows no script.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from coding.plots.words import base_in_words
from coding.templating import environment, source
from coding.write_up import cell_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.codebook import Codebook
    from coding.framework import Framework


def page(found: Framework, codes: Sequence[str], *, codebook: Codebook, title: str, texts: str) -> str:
    """Return a framework matrix as a page: codes as rows, cases as columns, the words of everybody.

    Parameters
    ----------
    codes : the rows
    title : of the study
    texts : what the texts are, in words
    """
    pages = environment()
    style = "".join(source(pages, name) for name in ("report.css", "framework_page.css"))
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return pages.get_template("framework_page.html.j2").render(
        found=found,
        matrix=found.matrix,
        codes=codes,
        codebook=codebook,
        title=title,
        texts=texts,
        base=base_in_words(found.matrix),
        number=lambda cell: cell_in_words(cell, found.matrix),
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )
