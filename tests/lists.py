"""What tests of the app's lists share: who is to read what, what rules coded, what axe finds."""

from pages import Page

from coding.batch import Assignment, act, new_id
from coding.model import Coder
from coding.suggesting import suggest


def entering(app, coder="anna", **settings):
    """Return a client, or with a browser a window of it, in which a coder has entered anew."""
    token = app.server.app.state.sessions.token(coder)
    app.entrances[coder] = f"{app.address}/enter?token={token}"
    return app.enter(coder=coder, **settings) if "browser" in settings else app.client(coder)


def assign(app, coder, *documents, blind=True, to="main"):
    """Put documents on a coder's list, in this order."""
    desk = app.server.app.state.desk
    desk.add(act("ada", "assign", *(Assignment(new_id(), coder, d, to, blind) for d in documents)))


def suggested(app):
    """Keep what the rules of the codebook find."""
    desk = app.server.app.state.desk
    with desk.store() as store:
        store.add(act("rules", "coder", Coder("rules", "rules")))
        suggest(store, desk.files.codebook, desk.files.corpus, overlap="longest", by="ada")


def shown(client, address, *, status=200):
    """Return a page as tests read it."""
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def links(page, **where):
    """Return the addresses to which a page leads."""
    return [e["is"]["href"] for e in page.all("a", **where)]


def words(element):
    return " ".join(element["text"].split())


def faults(page):
    """Return what axe finds wrong with a page of the browser."""
    from axe_playwright_python.sync_playwright import Axe

    assert (
        page.get_by_role("navigation", name="Places").get_by_role("link").count() > 3
    )  # nobody is turned away
    found = Axe().run(page).response["violations"]
    return [(each["id"], [part["target"] for part in each["nodes"]]) for each in found]
