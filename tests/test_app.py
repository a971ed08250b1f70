"""The app's doors and its API: who gets in, what an act keeps, what is refused, and that nothing comes twice."""

import json
import re
import socket
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from app import App, batch, code, read, span

from coding.batch import Assignment, Look, act, new_id
from coding.errors import CodingError
from coding.project import Project
from coding.web import OWN_NAMES
from coding.web.guard import LARGEST
from coding.web.serving import Server
from coding.web.sessions import Sessions

HOSTILE = "<img src=x onerror=alert(1)>\"'&{{7*7}}</script><script>document.title='broken'</script>"
TEXT = "Crème 😀 brûlée.\r\nサイバー攻撃 e\u0301té 한국어, <b>bold</b> 👩‍🚀 ends."


@pytest.fixture
def app(sandbox):
    sandbox.write("corpus/norland/a.txt", b"\xef\xbb\xbf" + TEXT.encode())
    with App(sandbox.root, "anna", "ben") as running:
        yield running


@pytest.fixture
def anna(app):
    return app.client("anna")


@pytest.fixture
def ben(app):
    return app.client("ben")


def kept(root):
    return Project.open(root).coded.segments


def message(answer):
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "problems"}
    assert body["error"]["message"]
    return body["error"]["message"]


# -- getting in


def test_a_printed_address_opens_one_session_and_no_second(app):
    with httpx.Client(base_url=app.address) as first, httpx.Client(base_url=app.address) as second:
        assert first.get(app.entrances["anna"]).headers["location"] == "/library"
        assert first.get("/library").status_code == 200
        assert second.get(app.entrances["anna"]).status_code == 401
        assert second.get("/library").headers["location"] == "/enter"
        assert first.get(app.entrances["anna"]).headers["location"] == "/library"


def test_without_a_session_nothing_is_told(app):
    with httpx.Client(base_url=app.address) as nobody:
        for path in ("/api/codes", "/api/document?id=norland/a", "/api/text?id=norland/a"):
            answer = nobody.get(path)
            assert answer.status_code == 401
            assert "coding serve" in message(answer)
        assert nobody.post("/api/undo", json={"batch": batch()}).status_code == 401
        for path in ("/library", "/read/norland/a", "/review", "/retrieve", "/codebook", "/matrix", "/study"):
            assert nobody.get(path).headers["location"] == "/enter"


def test_the_cookie_is_kept_from_scripts_and_other_sites(app):
    with httpx.Client(base_url=app.address) as client:
        cookie = client.get(app.entrances["anna"]).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert f"coding-{app.port}=" in cookie


def test_a_session_outlives_the_server_and_its_files_open_nothing(sandbox):
    first = App(sandbox.root, "anna")
    port = first.port
    with first:
        client = first.client("anna")
        first.clients.clear()
    kept = (sandbox.root / ".coding/sessions.json").read_text("utf-8")
    assert client.cookies[f"coding-{port}"] not in kept
    assert stat.S_IMODE((sandbox.root / ".coding/sessions.json").stat().st_mode) == 0o600
    with App(sandbox.root, "anna", port=port) as second:
        second.clients.append(client)
        assert client.get("/api/codes").status_code == 200


def test_whoever_leaves_is_out(app, anna):
    assert anna.post("/leave").status_code == 204
    assert anna.get("/library").headers["location"] == "/enter"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.", "0.0.0.0", "[::1]"]
)
def test_another_name_is_not_answered(app, anna, host):
    answer = anna.get("/api/codes", headers={"host": host})
    assert answer.status_code == 400
    assert "does not answer to the name" in message(answer)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:9"])
def test_its_own_names_are(anna, host):
    assert anna.get("/api/codes", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_can_do_nothing(app, anna, origin):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    assert anna.post("/api/segments", json=body, headers={"origin": origin}).status_code == 403
    assert kept(app.root) == ()


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_without_what_only_our_pages_know_nothing_is_done(app, anna, token):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    headers = {"x-coding-token": token.encode("latin-1")}
    assert anna.post("/api/segments", json=body, headers=headers).status_code == 401
    del anna.headers["x-coding-token"]
    assert anna.post("/api/segments", json=body).status_code == 403
    assert kept(app.root) == ()


def test_the_token_of_another_coder_is_no_use(app, anna, ben):
    body = {"batch": batch(), "about": "document", "subject": "norland/a", "text": "hm"}
    headers = {"x-coding-token": ben.headers["x-coding-token"]}
    assert anna.post("/api/memos", json=body, headers=headers).status_code == 401
    question = anna.get("/api/document?id=norland/a", headers=headers)
    assert (question.status_code, "entered as anna" in message(question)) == (401, True)


def test_who_enters_again_goes_on_with_the_pages_that_are_open(sandbox):
    with App(sandbox.root, "anna") as app:
        anna = app.client()
        code(anna, "norland/a", "bridge", "role.bridge")
        anna.cookies.clear()
        anna.get(f"{app.address}/enter?token={app.server.app.state.sessions.token('anna')}")
        code(anna, "norland/a", "police", "role.bridge")
    assert len(kept(sandbox.root)) == 2


def test_a_page_of_another_project_on_the_same_port_can_do_nothing(sandbox, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    type(sandbox)(other)
    with App(sandbox.root, "anna") as first:
        page = first.client().headers["x-coding-token"]
    with App(other, "anna", port=first.port) as second:
        anna = second.client()
        body = {"batch": batch(), **span(anna, "norland/a", "bridge"), "codes": ["role.bridge"]}
        assert anna.post("/api/segments", json=body, headers={"x-coding-token": page}).status_code == 401
    assert kept(other) == kept(sandbox.root) == ()


def test_a_store_that_is_busy_is_worth_another_try(app, anna, monkeypatch):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    monkeypatch.setattr("coding.database._PATIENCE", 0.05)
    writer = sqlite3.connect(app.root / "project.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    busy = anna.post("/api/segments", json=body)
    writer.execute("ROLLBACK")
    writer.close()
    assert (busy.status_code, "try again" in message(busy)) == (503, True)
    assert anna.post("/api/segments", json=body).status_code == 200


def test_every_answer_forbids_frames_foreign_scripts_and_guessing(app, anna):
    for path in ("/library", "/nowhere", "/api/codes", "/static/app.js", "/enter"):
        headers = anna.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_huge_requests_are_refused_whether_they_say_so_or_not(app, anna):
    body = {"batch": batch(), "about": "document", "subject": "norland/a", "text": "x" * (LARGEST + 1)}
    assert anna.post("/api/memos", json=body).status_code == 413

    def streamed():
        for _ in range(LARGEST // 1000 + 2):
            yield b"x" * 1000

    headers = {"content-type": "application/json"}
    assert anna.post("/api/memos", content=streamed(), headers=headers).status_code == 413
    with socket.create_connection(("127.0.0.1", app.port), timeout=10) as raw:
        raw.sendall(b"POST /api/undo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in raw.recv(200)


@pytest.mark.parametrize(
    "path",
    ["/read/../../etc/passwd", "/read/..%2f..%2fpyproject.toml", "/static/..%2f..%2fstore.py",
     "/static/../../store.py", "/codebook/..%2f..%2fx", "/static//etc/passwd"],
)  # fmt: skip
def test_no_path_leads_out(anna, path):
    answer = anna.get(path)
    assert answer.status_code in (303, 400, 404)
    assert "root:" not in answer.text
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "name", ["../norland/a", "norland/../norland/a", "/etc/passwd", "", HOSTILE, "norland/a\0"]
)
def test_only_documents_of_the_project_have_names(anna, name):
    for path in ("/api/document", "/api/text", "/api/sentences"):
        assert anna.get(path, params={"id": name}).status_code == 404


# -- behind a proxy


def test_behind_a_proxy_coders_enter_with_a_password_over_tls_only(sandbox):
    (sandbox.root / ".coding").mkdir()
    with pytest.raises(CodingError, match="Nobody has a password"):
        Server(Project.open(sandbox.root), "book", coders=["anna"], port=0, behind_proxy="code.example")
    sessions = Sessions(sandbox.root / ".coding")
    with pytest.raises(CodingError, match="at least 10"):
        sessions.set_password("anna", "short")
    sessions.set_password("anna", "correct horse 🐎")
    assert "horse" not in (sandbox.root / ".coding/passwords.json").read_text("utf-8")
    server = Server(Project.open(sandbox.root), "book", coders=["anna"], port=0, behind_proxy="code.example")
    server._socket.close()
    assert server.greeting == ["anna: with a password at https://code.example/"]
    transport = httpx.ASGITransport(app=server.app)
    with SyncClient(transport) as client:
        assert client.get("/library").headers["location"] == "/enter"
        assert client.get("/enter?token=x").status_code == 401
        for wrong in (
            {"coder": "anna", "password": "wrong horse 🐎"},
            {"coder": "ben", "password": "x" * 12},
            {},
        ):
            answer = client.post("/enter", data=wrong)
            assert answer.status_code == 401
            assert "no such coder" in answer.text
        entered = client.post("/enter", data={"coder": "anna", "password": "correct horse 🐎"})
        assert entered.headers["location"] == "/library"
        assert "Secure" in entered.headers["set-cookie"]


def test_passwords_are_not_tried_without_end(sandbox):
    (sandbox.root / ".coding").mkdir()
    sessions = Sessions(sandbox.root / ".coding")
    sessions.set_password("anna", "correct horse")
    assert [sessions.enter_with_password("anna", f"wrong horse {i}") for i in range(10)] == [None] * 10
    with pytest.raises(CodingError, match="Too many"):
        sessions.enter_with_password("anna", "correct horse")


class SyncClient:
    """A client that asks an app directly, as a proxy would."""

    def __init__(self, transport):
        self.transport = transport

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def __getattr__(self, method):
        import asyncio

        async def ask(path, **kwargs):
            async with httpx.AsyncClient(transport=self.transport, base_url="https://code.example") as client:
                return await getattr(client, method)(path, **kwargs)

        return lambda path, **kwargs: asyncio.run(ask(path, **kwargs))


# -- acts


@pytest.mark.parametrize(
    "quote", ["Crème", "😀", "brûlée.\nサイバー", "e\u0301té", "한국어", "👩‍🚀", "<b>bold</b>", " "]
)
def test_what_is_kept_are_the_words_at_their_place(app, anna, quote):
    code(anna, "norland/a", quote, "role.bridge")
    (segment,) = kept(app.root)
    document = Project.open(app.root).corpus["norland/a"]
    assert document.text[segment.segment.start : segment.segment.end] == quote
    assert document.quote(segment.segment) == segment.quote == quote


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"quote": "Creme"}, 409),
        ({"start": 1}, 409),
        ({"end": 4}, 409),
        ({"end": 10**6}, 400),
        ({"start": 5}, 400),
        ({"start": -1}, 400),
        ({"digest": "0" * 64}, 409),
        ({"document": "norland/zz"}, 404),
        ({"codes": ["role.bridg"]}, 400),
        ({"codes": []}, 400),
        ({"codes": ["role.bridge"] * 51}, 400),
        ({"batch": "1"}, 400),
        ({"start": "x"}, 400),
        ({"extra": 1}, 400),
        ({"replaces": ["nothing"]}, 400),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(app, anna, change, status):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"], **change}
    answer = anna.post("/api/segments", json=body)
    assert (answer.status_code, bool(message(answer))) == (status, True)
    assert kept(app.root) == ()


def test_offsets_in_utf16_are_a_conflict_that_says_what_stands_there(anna):
    body = {"batch": batch(), **span(anna, "norland/a", "brûlée"), "codes": ["role.bridge"]}
    body |= {"start": body["start"] + 1, "end": body["end"] + 1}
    answer = anna.post("/api/segments", json=body)
    assert answer.status_code == 409
    assert "'rûlée.', not 'brûlée'" in message(answer)
    assert "code points" in message(answer)


def test_an_act_sent_twice_is_kept_once_and_answered_alike(app, anna):
    body = {
        "batch": batch(),
        **span(anna, "norland/a", "Crème"),
        "codes": ["role.bridge", "role"],
        "memo": "hm",
    }
    answers = [anna.post("/api/segments", json=body).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(kept(app.root)) == 2
    undo = {"batch": batch()}
    assert [anna.post("/api/undo", json=undo).status_code for _ in range(3)] == [200] * 3
    assert kept(app.root) == ()
    redo = {"batch": batch()}
    assert [anna.post("/api/redo", json=redo).status_code for _ in range(3)] == [200] * 3
    assert len(kept(app.root)) == 2


def test_sent_at_the_same_moment_it_is_kept_once_too(app, anna):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: anna.post("/api/segments", json=body), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(kept(app.root)) == 1


def test_the_id_of_another_act_is_refused(anna, ben):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    assert anna.post("/api/segments", json=body).status_code == 200
    assert ben.post("/api/segments", json=body).status_code == 400
    reading = {"batch": body["batch"], "document": "norland/a", "digest": body["digest"]}
    assert "another act already" in message(anna.post("/api/readings", json=reading))


def test_a_span_is_adjusted_in_one_act_that_one_undo_takes_back(app, anna):
    (first,) = code(anna, "norland/a", "Crème", "role.bridge")
    code(anna, "norland/a", "Crème 😀", "role.bridge", replaces=[first])
    assert [segment.quote for segment in kept(app.root)] == ["Crème 😀"]
    assert anna.post("/api/undo", json={"batch": batch()}).status_code == 200
    assert [segment.quote for segment in kept(app.root)] == ["Crème"]


def test_nobody_takes_back_or_undoes_what_another_did(app, anna, ben):
    (first,) = code(anna, "norland/a", "Crème", "role.bridge")
    answer = ben.post("/api/take-back", json={"batch": batch(), "ids": [first]})
    assert "another coder's" in message(answer)
    assert "nothing of yours" in message(ben.post("/api/undo", json={"batch": batch()}))
    assert len(kept(app.root)) == 1


def test_an_undo_of_a_named_act_touches_no_other(app, anna):
    code(anna, "norland/a", "Crème", "role.bridge")
    answer = anna.post("/api/undo", json={"batch": batch(), "of": batch()})
    assert (answer.status_code, len(kept(app.root))) == (409, 1)
    last = seen(anna)["undo"]
    assert (last["act"], last["document"]) == ("code", "norland/a")
    assert anna.post("/api/undo", json={"batch": batch(), "of": last["batch"]}).status_code == 200
    assert (kept(app.root), seen(anna)["redo"]["batch"]) == ((), last["batch"])


def test_an_act_that_was_kept_is_answered_again_whatever_has_changed(sandbox, app, anna):
    body = {"batch": batch(), **span(anna, "norland/a", "Crème"), "codes": ["role.bridge"]}
    first = anna.post("/api/segments", json=body).json()
    sandbox.change("codebooks/book.yaml", "name: Bridge", "name: Bridge\n        retired: true")
    sandbox.write("corpus/norland/a.txt", "Another text.\n")
    app.server.app.state.desk.look_again()
    assert anna.post("/api/segments", json=body).json() == first


def test_a_retired_code_is_given_no_more(sandbox):
    sandbox.change("codebooks/book.yaml", "name: Bridge", "name: Bridge\n        retired: true")
    with App(sandbox.root, "anna") as app:
        anna = app.client()
        body = {"batch": batch(), **span(anna, "norland/a", "bridge"), "codes": ["role.bridge"]}
        assert "retired" in message(anna.post("/api/segments", json=body))


def test_memos_are_written_rewritten_and_taken_back(anna):
    def memos():
        return [memo["text"] for memo in anna.get("/api/document?id=norland/a").json()["memos"]]

    body = {"about": "document", "subject": "norland/a"}
    first = anna.post("/api/memos", json={"batch": batch(), **body, "text": HOSTILE}).json()["ids"][0]
    assert memos() == [HOSTILE]
    second = anna.post("/api/memos", json={"batch": batch(), **body, "text": "no", "replaces": first}).json()
    assert memos() == ["no"]
    anna.post("/api/memos", json={"batch": batch(), **body, "text": " ", "replaces": second["ids"][0]})
    assert memos() == []
    assert "empty" in message(anna.post("/api/memos", json={"batch": batch(), **body, "text": " "}))
    for about, subject, status in (("document", "x", 404), ("code", "x", 400), ("segment", "x", 404)):
        wrong = {"batch": batch(), "about": about, "subject": subject, "text": "hm"}
        assert anna.post("/api/memos", json=wrong).status_code == status


# -- blindness


def seen(client, document="norland/a"):
    return client.get("/api/document", params={"id": document}).json()


def test_others_coding_shows_only_after_a_reading_is_filed(anna, ben):
    code(anna, "norland/a", "Crème", "role.bridge", memo="secret")
    for path in ("/api/document?id=norland/a", "/read/norland/a", "/retrieve", "/library"):
        assert "secret" not in ben.get(path).text
    before = seen(ben)
    assert (before["covered"], before["segments"], before["memos"]) == (True, [], [])
    read(ben, "norland/a")
    after = seen(ben)
    assert (after["covered"], after["read"]) == (False, True)
    assert [segment["coder"] for segment in after["segments"]] == ["anna"]
    assert [memo["text"] for memo in after["memos"]] == ["secret"]


def test_a_reading_is_blind_unless_others_coding_was_seen_before_it(app, anna, ben):
    read(anna, "norland/a")
    ben.post("/api/looks", json={"batch": batch(), "document": "norland/a"})
    assert not seen(ben)["covered"]
    read(ben, "norland/a")
    readings = {reading.coder: reading for reading in Project.open(app.root).coded.readings}
    assert (readings["anna"].blind, readings["ben"].blind) == (True, False)


def test_a_reading_that_is_undone_covers_again_and_the_next_is_not_blind(app, anna, ben):
    code(anna, "norland/a", "Crème", "role.bridge")
    read(ben, "norland/a")
    assert seen(ben)["read_blind"]
    assert ben.post("/api/undo", json={"batch": batch()}).status_code == 200
    assert seen(ben)["segments"] == []
    read(ben, "norland/a")
    assert not seen(ben)["read_blind"]


def test_what_was_seen_cannot_be_taken_back(app, ben):
    looked = ben.post("/api/looks", json={"batch": batch(), "document": "norland/a"}).json()["ids"]
    assert ben.post("/api/take-back", json={"batch": batch(), "ids": looked}).status_code == 400
    read(ben, "norland/a")
    assert not seen(ben)["read_blind"]


def test_a_reading_of_a_text_that_was_changed_after_the_first_is_not_blind(sandbox, app, ben):
    read(ben, "norland/b")
    sandbox.write("corpus/norland/b.txt", "Another text.\n")
    app.server.app.state.desk.look_again()
    read(ben, "norland/b")
    assert not seen(ben, "norland/b")["read_blind"]


def test_while_a_document_is_covered_others_rulings_and_memos_on_ones_own_coding_are_too(app, anna, ben):
    (mine,) = code(ben, "norland/a", "Crème", "role.bridge")
    read(anna, "norland/a")
    ruled = {"about": mine, "ruling": "reject", "reason": "no"}
    anna.post("/api/decisions", json={"batch": batch(), "decisions": [ruled]})
    memo = {"about": "segment", "subject": mine, "text": "I gave it another code"}
    anna.post("/api/memos", json={"batch": batch(), **memo})
    before = seen(ben)
    assert ([s["ruling"] for s in before["segments"]], before["memos"]) == ([None], [])
    read(ben, "norland/a")
    after = seen(ben)
    assert ([s["ruling"] for s in after["segments"]], len(after["memos"])) == (["reject"], 1)


def test_a_reading_of_a_changed_text_counts_no_more(sandbox, app, ben):
    read(ben, "norland/b")
    sandbox.write("corpus/norland/b.txt", "Another text.\n")
    app.server.app.state.desk.look_again()
    assert seen(ben, "norland/b")["covered"]


def test_what_is_assigned_blind_and_unread_is_in_no_list(app, anna, ben):
    code(anna, "norland/b", "police officers", "role.bridge")
    desk = app.server.app.state.desk
    desk.add(act("anna", "assign", Assignment(new_id(), "ben", "norland/b", "main")))
    assert desk.sight("ben").is_withheld("norland/b")
    assert desk.sight("ben").in_lists(desk.work.coded).segments == ()
    for path in ("/retrieve?q=role.bridge", "/review?coder=anna", "/matrix?coders=anna"):
        assert "police officers" not in ben.get(path).text
    read(ben, "norland/b")
    assert len(desk.sight("ben").in_lists(desk.work.coded).segments) == 1


def test_looking_is_kept_once_a_document(app, ben):
    desk = app.server.app.state.desk
    for _ in range(3):
        desk.saw("ben", ["norland/a", "norland/b"])
    with desk.store() as store:
        assert sorted(look.document for look in store.rows(Look)) == ["norland/a", "norland/b"]


# -- decisions


def test_a_ruling_needs_a_reason_unless_it_accepts(app, anna, ben):
    (first,) = code(anna, "norland/a", "Crème", "role.bridge")
    read(ben, "norland/a")

    def rule(**said):
        return ben.post("/api/decisions", json={"batch": batch(), "decisions": [{"about": first, **said}]})

    assert "Say why" in message(rule(ruling="reject"))
    assert "Say why" in message(
        rule(ruling="recode", instead={**span(ben, "norland/a", "Crème"), "code": "role"})
    )
    assert "stands in its place" in message(rule(ruling="recode", reason="hm"))
    assert rule(ruling="accept").status_code == 200
    assert rule(ruling="reject", cause="slip").status_code == 200
    read(anna, "norland/a")
    assert [segment["ruling"] for segment in seen(anna)["segments"]] == ["reject"]
    missing = {"batch": batch(), "decisions": [{"about": "nothing", "ruling": "accept"}]}
    assert ben.post("/api/decisions", json=missing).status_code == 404


def test_a_recoding_keeps_who_said_what(app, anna, ben):
    (first,) = code(anna, "norland/a", "Crème", "role.bridge")
    instead = {**span(ben, "norland/a", "Crème 😀"), "code": "behaviour.training"}
    ruled = {"about": first, "ruling": "recode", "reason": "it trains", "instead": instead}
    assert ben.post("/api/decisions", json={"batch": batch(), "decisions": [ruled]}).status_code == 200
    project = Project.open(app.root)
    assert {(s.coder, s.code, s.quote) for s in project.coded.segments} == {
        ("anna", "role.bridge", "Crème"),
        ("ben", "behaviour.training", "Crème 😀"),
    }
    (decision,) = project.decisions
    assert (decision.about, decision.coder, decision.reason) == (first, "ben", "it trains")
    away = {**ruled, "instead": {**span(ben, "norland/b", "police"), "code": "role"}}
    assert "another document" in message(
        ben.post("/api/decisions", json={"batch": batch(), "decisions": [away]})
    )
    wrong = {**ruled, "instead": {**instead, "quote": "Creme"}}
    assert ben.post("/api/decisions", json={"batch": batch(), "decisions": [wrong]}).status_code == 409


# -- a definition that changes


def test_what_was_coded_before_a_definition_changed_can_be_confirmed_with_its_memos(sandbox, app, anna, ben):
    (first, _) = code(anna, "norland/a", "Crème", "role.bridge", memo="why")
    code(ben, "norland/a", "brûlée", "role.bridge")
    sandbox.change("codebooks/book.yaml", "It joins two sides.", "It joins two sides or more.")
    app.server.app.state.desk.look_again()
    bridge = Project.open(app.root).codebook("book")["role.bridge"]
    assert [bridge.holds(segment.meaning) for segment in kept(app.root)] == [False, False]
    body = {"batch": batch(), "code": "role.bridge"}
    assert [anna.post("/api/still-hold", json=body).status_code for _ in range(2)] == [200, 200]
    assert {s.coder: bridge.holds(s.meaning) for s in kept(app.root)} == {"anna": True, "ben": False}
    assert [memo["subject"] for memo in seen(anna)["memos"]] == [first]
    anna.post("/api/undo", json={"batch": batch()})
    assert not any(bridge.holds(segment.meaning) for segment in kept(app.root))


# -- the project while it is open


def test_a_file_broken_meanwhile_is_said_and_the_app_goes_on(sandbox, app, anna):
    desk = app.server.app.state.desk
    sandbox.write("codebooks/book.yaml", "id: [")
    desk.look_again()
    assert len(anna.get("/api/codes").json()) == 7
    assert "goes on with what it read before" in anna.get("/library").text
    assert "book.yaml" in anna.get("/library").text


def test_a_new_document_is_there_without_a_restart(sandbox, app, anna):
    text = (sandbox.root / "corpus/norland/case.yaml").read_text("utf-8")
    entry = "  new.txt: {title: New, year: 2020, fidelity: digest, source_kind: primary}\n"
    sandbox.write("corpus/norland/case.yaml", text + entry)
    sandbox.write("corpus/norland/new.txt", "A new text.")
    app.server.app.state.desk.look_again()
    assert anna.get("/api/text?id=norland/new").json()["text"] == "A new text."


def test_the_api_describes_itself(anna):
    described = anna.get("/api/openapi.json").json()
    acts = {path: set(methods) for path, methods in described["paths"].items()}
    assert acts["/api/segments"] == {"post"}
    assert acts["/api/document"] == {"get"}
    assert all(path.startswith("/api/") for path in acts)
    text = json.dumps(described)
    for status in ("401", "403", "409", "413"):
        assert f'"{status}"' in text


def test_a_port_that_is_taken_says_what_to_do(app):
    with pytest.raises(CodingError, match="is taken. Is `coding serve` running already"):
        Server(Project.open(app.root), "book", coders=["anna"], port=app.port, behind_proxy=None)


def test_what_a_page_shows_of_hostile_names_is_text(sandbox):
    sandbox.change("corpus/norland/case.yaml", "title: a.txt of norland", f"title: {json.dumps(HOSTILE)}")
    sandbox.change("codebooks/book.yaml", "name: Bridge", f"name: {json.dumps(HOSTILE)}")
    with App(sandbox.root, "anna") as app:
        anna = app.client()
        code(anna, "norland/a", "bridge", "role.bridge", memo=HOSTILE)
        anna.post("/api/queries", json={"batch": batch(), "name": HOSTILE, "text": "role.bridge"})
        for path in ("/library", "/read/norland/a", "/retrieve?q=role.bridge", "/codebook", "/codebook/role.bridge",
                     "/review", "/matrix", "/matrix?by=title"):  # fmt: skip
            answer = anna.get(path, follow_redirects=True)
            assert "<img src=x" not in answer.text, path
            assert "49" not in re.findall(r"&#39;&amp;(\d+)", answer.text), path


def test_every_own_name_is_a_name_of_this_machine():
    assert set(OWN_NAMES) == {"127.0.0.1", "localhost"}
