"""Run by Taguette's own Python: what it makes of a project of ours, and what it writes.

Arguments: `take PROJECT FOLDER` imports a project file and exports it in every format; `make PAGE FOLDER`
makes a project of its own from a web page. Either prints as JSON what Taguette shows of each highlight.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import bs4
from taguette import convert, database, export, extract, import_codebook

TAGS = {"bridge": "role.bridge", "people": "Power", "Two": "Power.hard", "😀 every": "role.bridge"}


def main() -> None:
    """Do what is asked, and print what Taguette shows."""
    what, given, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    session = database.connect(f"sqlite:///{folder / 'server.db'}")()
    user = database.User(login="admin")
    session.add(user)
    session.commit()
    project = taken(session, given) if what == "take" else made(session, user, given)
    written(session, project, folder)
    print(json.dumps(shown(session, project)))


def taken(session: database.Session, given: Path) -> int:
    """Return the number of a project that was imported as its website does."""
    source = database.connect(f"sqlite:///{given}", external=True)()
    number = source.query(database.Project).one().id
    return database.copy_project(source, session, number, "admin")


def made(session: database.Session, user: database.User, given: Path) -> int:
    """Return the number of a project with a page and a highlight for each of the words in `TAGS`."""
    project = database.Project(name="Their own", description="")
    session.add(project)
    session.add(database.ProjectMember(user=user, project=project, privileges=database.Privileges.ADMIN))
    html = convert.get_html_body(given.read_bytes())
    direction = database.TextDirection.LEFT_TO_RIGHT
    document = database.Document(
        name="page", description="", filename="page.html", project=project, contents=html,
        text_direction=direction,
    )  # fmt: skip
    tags = {
        path: database.Tag(project=project, path=path, description=f"It is {path}.")
        for path in dict.fromkeys(TAGS.values())
    }
    session.add_all([document, *tags.values()])
    session.flush()
    nodes = "".join(bs4.BeautifulSoup(html, "html5lib").find_all(string=True))
    for words, path in TAGS.items():
        start = len(nodes[: nodes.index(words)].encode())
        end = start + len(words.encode())
        snippet = extract.extract(html, start, end)
        highlight = database.Highlight(document=document, start_offset=start, end_offset=end, snippet=snippet)
        highlight.tags = [tags[path]]
        session.add(highlight)
        session.flush()
        session.add(database.Command.highlight_add("admin", document, highlight, [tags[path].id]))
    session.commit()
    return project.id


def written(session: database.Session, number: int, folder: Path) -> None:
    """Write a project in all formats that Taguette has and others read."""
    copy = database.connect(f"sqlite:///{folder / 'project.sqlite3'}")()
    copy.add(database.User(login="admin"))
    copy.commit()
    database.copy_project(session, copy, number, "admin")
    copy.commit()
    tags = list(session.get(database.Project, number).tags)
    export.codebook_xml(tags, str(folder / "codebook.qdc"))
    export.codebook_csv(tags, str(folder / "codebook.csv"))
    export.codebook_xlsx(tags, str(folder / "codebook.xlsx"))
    with (folder / "highlights.csv").open("w", newline="", encoding="utf-8") as file:
        export.highlights_csv(session, number, "", file)
    export.highlights_xslx(session, number, "", str(folder / "highlights.xlsx"))


def shown(session: database.Session, number: int) -> dict[str, object]:
    """Return what Taguette shows: its tags, and of each highlight document, words and tags."""
    project = session.get(database.Project, number)
    rows = [
        [document.name, words(document.contents, each), sorted(tag.path for tag in each.tags)]
        for document in project.documents
        for each in document.highlights
    ]
    out = io.BytesIO()
    table = csv.writer(io.TextIOWrapper(out, "utf-8", write_through=True))
    table.writerows([["tag", "description"], *([tag.path, tag.description] for tag in project.tags)])
    out.seek(0)
    again = import_codebook.list_tags(out)
    return {"highlights": rows, "tags": {tag["path"]: tag["description"] for tag in again}}


def words(html: str, highlight: database.Highlight) -> str:
    """Return the words of a highlight as Taguette cuts them out of the page by its offsets."""
    cut = extract.extract(html, highlight.start_offset, highlight.end_offset)
    return bs4.BeautifulSoup(cut, "html5lib").get_text("")


if __name__ == "__main__":
    main()
