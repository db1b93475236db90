"""Log records: off without a listener, credentials never in them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tailrace
from tailrace.testing import MockServer

SCRIPT = {"exchanges": [{"json": {"id": "x"}, "headers": {"x-request-id": "req_1"}, "repeat": True}]}


def test_debug_records_show_the_call_and_no_credentials(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    client = server.client(server.script(SCRIPT), api_key="sk-secret", default_headers={"api-key": "other-secret"})
    with caplog.at_level(logging.DEBUG, logger="openai"):
        client.chat.completions.create(model="the-model", messages=[], extra_headers={"Cookie": "third-secret"})
    text = caplog.text
    assert "the-model" in text
    assert "/chat/completions" in text
    assert "req_1" in text
    assert '"200 OK"' in text
    assert "<redacted>" in text
    assert "secret" not in text


def test_info_records_show_the_status_only(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    client = server.client(server.script(SCRIPT))
    with caplog.at_level(logging.INFO, logger="openai"):
        client.chat.completions.create(model="the-model", messages=[])
    assert '"200 OK"' in caplog.text
    assert "the-model" not in caplog.text


def test_failures_are_logged(server: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    client = server.client(server.script({"exchanges": [{"status": 400, "json": {}}]}))
    with caplog.at_level(logging.INFO, logger="openai"), pytest.raises(tailrace.BadRequestError):
        client.chat.completions.create(model="m", messages=[])
    assert "400" in caplog.text


@pytest.mark.parametrize(("level", "shown"), [("debug", True), ("info", True), ("nonsense", False), ("", False)])
def test_the_environment_switches_records_on(server: MockServer, level: str, shown: bool) -> None:
    code = "import sys, tailrace\ntailrace.OpenAI(api_key='sk-secret', base_url=sys.argv[1])"
    code += ".chat.completions.create(model='the-model', messages=[])"
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENAI_LOG": level}
    command = [sys.executable, "-c", code, server.script(SCRIPT)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ("HTTP Response" in done.stderr) is shown
    assert ("the-model" in done.stderr) is (level == "debug")
    assert "sk-secret" not in done.stderr
