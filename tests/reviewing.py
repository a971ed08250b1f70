"""What tests of Review and of Adjudicate share: pages that tell what went wrong in them, and what was decided."""

from contextlib import contextmanager

from lists import suggested

from coding.project import Project

HOSTILE = "<script>document.title='broken'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\"'"


@contextmanager
def opening(app, browser):
    """Give what opens a page as a coder, by default where the rules were applied; closes all in the end."""
    opened = []

    def new(address="/review", coder="anna", *, tagged=True):
        if tagged:
            suggested(app)
        page = app.enter(browser, coder, viewport={"width": 1280, "height": 900})
        opened.append(page)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(app.address + address)
        return page

    yield new
    for page in opened:
        page.context.close()


def project(app):
    return Project.open(app.root)


def decisions(app):
    """Return what was decided, as words of the segment, its code, ruling and reason, in order."""
    opened = project(app)
    known = {segment.id: segment for segment in opened.coded.segments}
    return [(known[d.about].quote, known[d.about].code, d.ruling, d.reason) for d in opened.decisions]


def instead(app):
    """Return what decisions put in the place of other segments, in order."""
    opened = project(app)
    known = {segment.id: segment for segment in opened.coded.segments}
    return [known[d.instead] for d in opened.decisions if d.instead]
