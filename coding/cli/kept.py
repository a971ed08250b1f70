"""The command that shows what files of other programs said and has no place here: `coding kept`."""

from __future__ import annotations

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.show import note, print_json, print_table


@app.command()
def kept(*, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """List what files of other programs said that has no place here: sets, links, cases, titles."""
    import json

    from coding.keeping import in_words, kept_in, unplaced

    opened = open_own(project)
    rows = kept_in(opened)
    if as_json:
        print_json([{"id": r.id, "kind": r.kind, "name": r.name, "said": json.loads(r.said)} for r in rows])
        return
    lost = unplaced(opened, rows)
    words = in_words(rows, memos=opened.memos, segments=opened.coded.segments, unplaced=lost)
    table = [[row.kind, row.name, said] for row, said in zip(rows, words, strict=True)]
    print_table(["kind", "name", "what"], table, cut=(2,))
    note(
        f"`coding export project.qdpx` writes {'the others' if lost else 'all of it'} again; "
        "`--json` has it in full."
        if rows
        else "Nothing is kept: no file that was imported said more than has a place here."
    )
