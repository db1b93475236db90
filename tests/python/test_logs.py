"""Log records: off without a listener, and nothing in them that may be secret."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tailrace
from tailrace.testing import MockServer

OK = {"json": {"id": "x", "result": "secret-answer"}, "headers": {"x-request-id": "req_1"}}
FAILS = {"status": 500, "json": {"error": {"message": "secret-reason"}}, "headers": {"retry-after-ms": "1"}}

#: One of each form of a body, with something in it that no record may show.
BODIES: dict[str, dict[str, Any]] = {
    "json": {"body": {"input": "secret-body"}},
    "content": {"content": b"secret-body"},
    "iterator": {"content": iter([b"secret-body"])},
    "form": {"body": {"purpose": "secret-body"}, "files": {"file": ("secret-name.txt", io.BytesIO(b"secret-body"))}},
}


@pytest.mark.parametrize("name", BODIES)
def test_no_record_shows_a_secret(server: MockServer, caplog: pytest.LogCaptureFixture, name: str) -> None:
    client = server.client(
        server.script({"exchanges": [FAILS, OK] if name in ("json", "content") else [OK]}),
        api_key="secret-key", default_headers={"api-key": "secret-header"}, default_query={"q": "secret-query"},
        max_retries=1,
    )  # fmt: skip
    headers = {"Cookie": "secret-cookie", "X-Custom": "secret-custom"}
    with caplog.at_level(logging.DEBUG, logger="tailrace"):
        client.post("/things?private=secret-path", cast_to=object, **BODIES[name], options={"headers": headers})
    records = [record for record in caplog.records if record.name == "tailrace"]
    # A handler may keep the arguments, and not only the text.
    shown = [record.getMessage() + repr(record.args) for record in records]
    assert not [text for text in shown if "secret" in text]
    assert [record.exc_info for record in records] == [None] * len(records)
    assert any("POST /things is sent" in text for text in shown)
    retries = 1 if name in ("json", "content") else 0
    ended = rf"POST /things succeeded: 200 after {retries} retries in \d+\.\d{{3}} s, request id req_1"
    assert any(re.match(ended, text) for text in shown)
    args: list[Any] = [record.args for record in records]
    (fields,) = (told["headers"] for told in args if isinstance(told, dict))
    assert fields["Authorization"] == "<redacted>"
    assert fields["User-Agent"].startswith("OpenAI/Python")


def test_a_whole_url_is_shown_without_credentials_and_query(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = server.script({"exchanges": [OK]})
    place = url.partition("//")[2]
    with caplog.at_level(logging.DEBUG, logger="tailrace"):
        server.client(url).get(f"http://user:secret@{place}/x?y=secret#secret", cast_to=object)
    assert f"GET http://{place}/x succeeded" in caplog.text
    assert "secret" not in caplog.text


def test_info_tells_how_a_call_ended_and_no_more(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    client = server.client(server.script({"exchanges": [OK]}))
    with caplog.at_level(logging.INFO, logger="tailrace"):
        client.chat.completions.create(model="m", messages=[])
    assert len(caplog.records) == 1
    assert "POST /chat/completions succeeded: 200 after 0 retries" in caplog.text


def test_failures_are_told_by_their_code(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    refused = {**FAILS, "status": 400, "headers": {"x-request-id": "req_2"}}
    with caplog.at_level(logging.INFO, logger="tailrace"):
        with pytest.raises(tailrace.BadRequestError):
            server.client(server.script({"exchanges": [refused]})).models.list()
        with pytest.raises(tailrace.APIConnectionError):
            tailrace.OpenAI(api_key="k", base_url="http://127.0.0.1:1", max_retries=0).models.list()
    assert "GET /models failed: 400 after 0 retries" in caplog.text
    assert "request id req_2" in caplog.text
    assert "GET /models failed: connect_failed after 0 retries" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("environment", "lines"),
    [
        ({"OPENAI_LOG": "debug"}, 3), ({"OPENAI_LOG": "info"}, 1), ({"OPENAI_LOG": "warning"}, 0),
        ({"OPENAI_LOG": "nonsense"}, 0), ({"OPENAI_LOG": ""}, 0), ({"TAILRACE_LOG": "info"}, 1),
        ({"TAILRACE_LOG": "error", "OPENAI_LOG": "debug"}, 0), ({"TAILRACE_LOG": "", "OPENAI_LOG": "info"}, 1),
    ],
)  # fmt: skip
def test_the_environment_switches_records_on(server: MockServer, environment: dict[str, str], lines: int) -> None:
    code = "import sys, tailrace\ntailrace.OpenAI(api_key='sk-secret', base_url=sys.argv[1])"
    code += ".chat.completions.create(model='the-model', messages=[])"
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    command = [sys.executable, "-c", code, server.script({"exchanges": [OK]})]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}, capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr.count("- tailrace:") == lines
    assert not re.search("secret|the-model", done.stderr)
