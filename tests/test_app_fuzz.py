"""The API, asked anything: it answers in its own shape, never fails, and keeps nothing that is unsound."""

import pytest
import schemathesis
from app import App
from conftest import Sandbox
from hypothesis import HealthCheck, given, settings

from coding.project import Project

STATUSES = {200, 400, 401, 403, 404, 405, 409, 413}
ACTS = (
    "segments",
    "take-back",
    "readings",
    "judgements",
    "looks",
    "memos",
    "decisions",
    "queries",
    "undo",
    "redo",
)
QUESTIONS = ("document", "text", "sentences", "codes")
ASKED = [*(("POST", act) for act in ACTS), *(("GET", question) for question in QUESTIONS)]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    root = tmp_path_factory.mktemp("fuzzed")
    Sandbox(root)
    with App(root, "anna") as running:
        yield running


@pytest.fixture(scope="module")
def anna(app):
    return app.client("anna")


@pytest.fixture(scope="module")
def described(anna):
    return schemathesis.openapi.from_dict(anna.get("/api/openapi.json").json())


@pytest.mark.parametrize(("method", "name"), ASKED)
def test_whatever_is_sent_the_answer_has_its_shape(described, anna, method, name):
    path = f"/api/{name}"

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(described[path][method].as_strategy())
    def ask(case):
        body = {} if isinstance(case.body, schemathesis.core.NotSet) else {"json": case.body}
        answer = anna.request(method, path, params=dict(case.query or {}), **body)
        assert answer.status_code in STATUSES, answer.text
        if answer.status_code != 200:
            assert set(answer.json()) == {"error"}, answer.text
            assert answer.json()["error"]["message"]

    ask()


def test_every_act_and_question_is_among_those_asked(described):
    known = {
        (operation.ok().method.upper(), operation.ok().path) for operation in described.get_all_operations()
    }
    assert {(method, f"/api/{name}") for method, name in ASKED} <= known


def test_what_was_kept_by_then_is_sound(app):
    project = Project.open(app.root)
    for segment in project.coded.segments:
        assert project.corpus[segment.segment.document].quote(segment.segment) == segment.quote
    with project.store() as store:
        assert store.faults() == []
