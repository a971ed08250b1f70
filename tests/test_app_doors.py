"""The app's doors: passwords and guesses, sessions that several servers share, leaving, what strangers see; and what is told of withheld documents."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from app import App, batch, code, read
from lists import assign, entering, faults, shown, words

from coding.batch import Decision, Look, act, new_id, now
from coding.errors import CodingError
from coding.model import Reading
from coding.project import Project
from coding.web.pages import enter
from coding.web.serving import Server
from coding.web.sessions import Sessions, TooSoon

RIGHT = "correct horse 🐎"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Proxied(App):
    """A server as it runs behind a proxy; whoever asks it plays the proxy."""

    def __init__(self, root):
        self.root, self.clients, self.entrances = root, [], {}
        self.server = Server(
            Project.open(root), "book", coders=["anna"], port=0, behind_proxy="code.example.org"
        )
        self.port = self.server.port
        self.address = f"http://127.0.0.1:{self.port}"


@pytest.fixture
def folder(sandbox):
    folder = sandbox.root / ".coding"
    folder.mkdir()
    Sessions(folder).set_password("anna", RIGHT)
    return folder


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben") as running:
        yield running


def try_password(app, password, coder="anna"):
    return httpx.post(app.address + "/enter", data={"coder": coder, "password": password}, timeout=60)


def looks(app):
    with app.server.app.state.desk.store() as store:
        return {(look.coder, look.document) for look in store.rows(Look)}


# ---- passwords


def test_after_ten_wrong_passwords_one_is_checked_every_ten_seconds(folder):
    clock = Clock()
    sessions = Sessions(folder, clock=clock)
    assert [sessions.enter_with_password("anna", f"wrong {i}") for i in range(10)] == [None] * 10
    with pytest.raises(TooSoon, match="Try again in 10 seconds"):
        sessions.enter_with_password("anna", RIGHT)
    clock.now += 7.5
    with pytest.raises(TooSoon, match="Try again in 3 seconds"):
        sessions.enter_with_password("anna", RIGHT)
    clock.now += 2.5
    assert sessions.enter_with_password("anna", "wrong again") is None
    with pytest.raises(TooSoon):
        sessions.enter_with_password("anna", RIGHT)
    clock.now += 10
    assert sessions.of(sessions.enter_with_password("anna", RIGHT)).coder == "anna"
    assert sessions.enter_with_password("anna", "wrong") is None  # who has entered begins anew


def test_wrong_passwords_are_forgotten_after_five_minutes(folder):
    clock = Clock()
    sessions = Sessions(folder, clock=clock)
    for i in range(10):
        sessions.enter_with_password("anna", f"wrong {i}")
    clock.now += 301
    assert [sessions.enter_with_password("anna", f"wrong {i}") for i in range(2)] == [None] * 2


def test_guesses_at_once_are_counted_as_those_one_after_another(folder):
    sessions = Sessions(folder, clock=Clock())

    def guess(i):
        try:
            return sessions.enter_with_password("anna", f"wrong {i}")
        except TooSoon:
            return "too soon"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(guess, range(16))).count("too soon") == 6


def test_names_without_a_password_and_endless_passwords_are_not_kept_in_mind(folder):
    sessions = Sessions(folder)
    assert sessions.enter_with_password("nobody", RIGHT) is None
    assert sessions.enter_with_password("z" * 1_000_000, RIGHT) is None
    assert sessions.enter_with_password("anna", "x" * 1_000_000) is None
    assert list(sessions._tried) == []
    with pytest.raises(CodingError, match="at most 1000"):
        sessions.set_password("anna", "x" * 1001)


def test_two_passwords_are_checked_at_once_and_others_are_served_meanwhile(sandbox, folder):
    ended = threading.Event()
    with Proxied(sandbox.root) as app, ThreadPoolExecutor(1) as pool:
        busy = [enter._checking.submit(ended.wait, 30) for _ in range(2)]
        third = pool.submit(try_password, app, RIGHT)
        assert httpx.get(app.address + "/enter", timeout=30).status_code == 401
        assert not third.done()
        ended.set()
        assert all(one.result() for one in busy)
        assert third.result().status_code == 303


def test_the_form_says_how_long_to_wait(sandbox, folder):
    with Proxied(sandbox.root) as app:
        for i in range(10):
            assert try_password(app, f"wrong {i}").status_code == 401
        answer = try_password(app, RIGHT)
        assert answer.status_code == 429
        assert "Try again in" in answer.text
        assert try_password(app, "x" * enter._LARGEST).status_code == 401
        assert try_password(app, RIGHT, coder="ben").status_code == 401


# ---- sessions


def test_a_new_password_ends_the_sessions_of_its_coder_in_a_running_server(sandbox, folder):
    Sessions(folder).set_password("ben", RIGHT)
    with Proxied(sandbox.root) as app:
        anna, ben = (
            {"cookie": try_password(app, RIGHT, coder).headers["set-cookie"].split(";")[0]}
            for coder in ("anna", "ben")
        )
        assert httpx.get(app.address + "/library", headers=anna).status_code == 200
        Sessions(folder).set_password("anna", "quite another horse")
        assert httpx.get(app.address + "/library", headers=anna).headers["location"] == "/enter"
        assert httpx.get(app.address + "/library", headers=ben).status_code == 200
        assert try_password(app, RIGHT).status_code == 401
        assert try_password(app, "quite another horse").status_code == 303


def test_servers_of_one_project_keep_each_others_sessions(folder):
    first, second = Sessions(folder), Sessions(folder)
    cookies = [
        one.enter(one.token(coder)) for one, coder in ((first, "anna"), (second, "ben"), (first, "cy"))
    ]
    for sessions in (first, second, Sessions(folder)):
        assert [sessions.of(cookie).coder for cookie in cookies] == ["anna", "ben", "cy"]
    second.leave(cookies[0])
    assert first.of(cookies[0]) is None
    assert first.of(cookies[1]).coder == "ben"


def test_sessions_begun_at_once_in_several_servers_are_all_kept(folder):
    servers = [Sessions(folder) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        cookies = list(pool.map(lambda i: servers[i % 4].enter(servers[i % 4].token(f"c{i}")), range(24)))
    assert [servers[0].of(cookie).coder for cookie in cookies] == [f"c{i}" for i in range(24)]
    assert len(json.loads((folder / "sessions.json").read_text("utf-8"))) == 24


# ---- names and addresses


@pytest.mark.parametrize(
    "name",
    ["https://code.example.org", "code.example.org:8443", "code.example.org/x", "", "a b", "[::1]", "-a.org",
     "bücher.example", "code.example.org.", "a..b"],
)  # fmt: skip
def test_a_proxys_name_is_the_bare_name_of_a_host(sandbox, folder, name):
    with pytest.raises(CodingError, match="is no name of a host. Give the bare name"):
        Server(Project.open(sandbox.root), "book", coders=["anna"], port=0, behind_proxy=name)


@pytest.mark.parametrize("name", ["code.example.org", "LAB-7", "xn--bcher-kva.example", "192.0.2.1"])
def test_names_of_hosts_are_taken(sandbox, folder, name):
    server = Server(Project.open(sandbox.root), "book", coders=["anna"], port=0, behind_proxy=name)
    server._socket.close()
    assert server.greeting == [f"anna: with a password at https://{name}/"]


@pytest.mark.parametrize(
    "lines",
    [
        "GET /api/codes HTTP/1.1\r\nHost: [::1",
        "POST /api/undo HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://[x",
    ],
)
def test_a_host_or_origin_that_cannot_be_read_is_refused_in_our_shape(app, lines):
    with socket.create_connection(("127.0.0.1", app.port), timeout=10) as raw:
        raw.sendall(f"{lines}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert b"content-security-policy" in head
    assert "cannot be read" in json.loads(body)["error"]["message"]


def test_strangers_see_neither_the_projects_name_nor_its_faults(sandbox, app):
    entrance = app.client("anna")
    sandbox.write("codebooks/book.yaml", "id: [")
    app.server.app.state.desk.look_again()
    for path in ("/enter", "/enter?token=x", "/nowhere"):
        text = httpx.get(app.address + path).text
        assert sandbox.root.name not in text
        assert "book.yaml" not in text
    text = entrance.get("/library").text
    assert sandbox.root.name in text
    assert "book.yaml" in text


# ---- leaving


def test_a_button_in_the_bar_ends_the_session(app, browser):
    page = entering(app, browser=browser, viewport={"width": 360, "height": 700})
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Leave", exact=True).press("Enter")
    page.wait_for_url("**/enter")
    page.goto(app.address + "/library")
    assert page.url.endswith("/enter")
    assert page.get_by_role("button", name="Leave").count() == 0


def test_who_leaves_while_acts_wait_is_asked_first(app, browser):
    page = entering(app, browser=browser)
    page.route("**/api/memos", lambda route: route.abort())
    page.evaluate(
        "import('/static/app.js').then(({ act }) => { act('/api/memos', { about: 'document', subject: 'norland/a', text: 'x' }); })"
    )
    page.locator("#messages .message").wait_for()
    asked, answers = [], [False, True, True]

    def answer(dialog):
        asked.append(dialog.message)
        dialog.accept() if answers.pop(0) else dialog.dismiss()

    page.on("dialog", answer)
    page.get_by_role("button", name="Leave", exact=True).click()
    assert asked[0].startswith("One act has not reached the server.")
    assert httpx.get(
        app.address + "/library", cookies={c["name"]: c["value"] for c in page.context.cookies()}
    ).is_success
    page.get_by_role("button", name="Leave", exact=True).click()
    page.wait_for_url("**/enter")


# ---- what is told of documents that are to be read blind


def test_review_withholds_by_the_chosen_texts_and_tells_nothing_of_what_is_coded_there(app):
    assign(app, "ben", "norland/c", "sudland/a")
    anna, ben = app.client("anna"), app.client("ben")
    pages = [f"/review?coder={coder}&code={each}&texts={texts}" for coder in ("", "@people", "anna")
             for each in ("", "behaviour.training", "role.bridge") for texts in ("", "norland", "norland/c")]  # fmt: skip
    code(anna, "norland/a", "bridge", "role.bridge")  # so that somebody else is there
    before = [ben.get(page).text for page in pages]
    code(anna, "norland/c", "Training", "behaviour.training")
    read(anna, "norland/c")
    assert [ben.get(page).text for page in pages] == before
    for texts, said in (
        ("", "2 documents are"),
        ("norland", "1 document is"),
        ("norland/c", "1 document is"),
    ):
        page = shown(ben, f"/review?coder=anna&code=role.bridge&texts={texts}")
        assert f"{said} left out here" in page.text("main")
    assert "left out here" not in shown(ben, "/review?texts=norland/a").text("main")


def test_a_coder_may_be_named_whether_or_not_they_coded_where_others_read_blind(app):
    desk = app.server.app.state.desk
    assign(app, "ben", "norland/c")
    ben = app.client("ben")
    anna = app.client("anna")
    anna.post(
        "/api/memos", json={"batch": batch(), "about": "document", "subject": "norland/a", "text": "here"}
    )
    pages = ("/review", "/review?coder=anna", "/matrix?coder=anna&measure=segments")
    before = [ben.get(page).text for page in pages]
    code(anna, "norland/c", "Training", "behaviour.training")
    read(anna, "norland/c")
    assert [ben.get(page).text for page in pages] == before
    assert {"anna", "ada"} <= {coder.id for coder in desk.work.coders}


# ---- what numbers tell


def test_a_matrix_of_single_documents_is_a_look_at_each(app):
    anna, ben = app.client("anna"), app.client("ben")
    for document in ("norland/a", "norland/b", "sudland/a"):
        read(anna, document)
    read(ben, "norland/b")
    assign(app, "ben", "sudland/a")
    for path in ("/matrix.csv?by=title&coder=ben", "/matrix?by=donor&coder=ben&study=-"):
        ben.get(path)
    assert looks(app) == set()
    page = shown(ben, "/matrix?by=title&coder=anna&measure=segments&study=-")
    assert "in 1 document that you have not read" in words(page.all("p", class_="seen")[0])
    assert looks(app) == {("ben", "norland/a")}
    read(ben, "norland/a")
    desk = app.server.app.state.desk
    with desk.store() as store:
        assert {r.segment.document: r.blind for r in store.rows(Reading) if r.coder == "ben"} == {
            "norland/b": True,
            "norland/a": False,
        }
    assert not shown(ben, "/matrix?by=title&coder=anna&measure=segments&study=-").all("p", class_="seen")


@pytest.mark.parametrize("path", ["/matrix", "/matrix.csv", "/matrix.xlsx"])
def test_a_column_of_three_documents_in_which_others_coding_counts_is_no_look(app, path):
    anna, ben = app.client("anna"), app.client("ben")
    read(anna, "norland/a")
    read(anna, "norland/b")
    read(anna, "norland/c")
    read(anna, "sudland/a")
    assert ben.get(f"{path}?by=donor&coder=anna&study=-").status_code == 200
    assert looks(app) == {("ben", "sudland/a")}
    assert ben.get(f"{path}?by=title&coder=rules&study=-").status_code == 200
    assert len(looks(app)) == 6


def test_the_page_of_a_cell_is_a_look_at_the_few_documents_of_its_case(app):
    anna, ben = app.client("anna"), app.client("ben")
    read(anna, "norland/a")
    read(anna, "sudland/a")
    page = shown(ben, "/matrix/cell?coder=anna&by=donor&study=-&code=role.bridge&case=norland")
    assert "You now see what others coded in 1 document" in page.text("cell")
    assert looks(app) == {("ben", "norland/a")}


def test_a_ruling_that_is_applied_counts_as_others_coding(app):
    desk = app.server.app.state.desk
    anna, ben = app.client("anna"), app.client("ben")
    (segment,) = code(ben, "norland/a", "bridge", "role.bridge")
    desk.add(act("anna", "decide", Decision(new_id(), segment, "reject", "anna", now(), "no", None, None)))
    assign(app, "ben", "norland/a")
    assert "1 document is left out" in shown(ben, "/matrix?coder=ben&review=keep&study=-").text("main")
    assert not shown(ben, "/matrix?coder=ben&study=-").all("p", class_="withheld")
    assert looks(app) == set()
    anna.get("/matrix?coder=ben&review=keep&study=-")
    assert looks(app) == set()  # it is anna's own ruling, and ben has filed no reading


def test_a_study_of_few_documents_is_a_look_at_them(sandbox, app):
    anna, ben = app.client("anna"), app.client("ben")
    for document in ("norland/a", "norland/b", "norland/c", "sudland/a"):
        read(anna, document)
    assert ben.get("/study").status_code == 200
    assert looks(app) == set()  # the rules have coded three documents of each case
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [anna]")
    page = shown(ben, "/study")
    assert "in 1 document that you have not read" in page.text("main")
    assert looks(app) == {("ben", "sudland/a")}
    assert shown(anna, "/study").all(class_="verdict")
    assert looks(app) == {("ben", "sudland/a")}


def test_a_study_of_ones_own_coding_after_review_is_held_back_as_one_of_others_is(sandbox, app):
    assign(app, "ben", "norland/a")
    ben = app.client("ben")
    read(ben, "sudland/a")
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [ben]")
    assert "blind" not in shown(ben, "/study").text("main")
    sandbox.change("studies/study.yaml", "coders: [ben]", "coders: [ben]\nunreviewed: keep")
    assert "You are to read or judge 1 of its documents blind" in shown(ben, "/study").text("main")


def test_memos_on_codes_show_whatever_is_to_be_read_blind(app):
    assign(app, "ben", "norland/a")
    anna, ben = app.client("anna"), app.client("ben")
    about = {"about": "code", "subject": "role.bridge", "text": "Of bridges."}
    anna.post("/api/memos", json={"batch": batch(), **about})
    assert "Of bridges." in ben.get("/codebook/role.bridge").text
