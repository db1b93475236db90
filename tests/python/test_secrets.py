"""A canary for a key: it is in nothing that is printed, logged, formatted or pickled, on any way to fail."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import tailrace

CANARY = "sk-canary-7d1f0c5be2a94f6f"
SUBJECT = Path(__file__).parent / "secrets_subject.py"


def output(*arguments: str, **variables: str) -> str:
    """Return all that the subject printed, with the canary wherever the environment has a place for a secret."""
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, str(SUBJECT), *arguments],
        env={
            **os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENAI_LOG": "debug", "RUST_BACKTRACE": "full",
            "PYTHONIOENCODING": "utf-8", "CANARY": CANARY, "OPENAI_API_KEY": CANARY, "OPENAI_ADMIN_KEY": CANARY,
            "OPENAI_WEBHOOK_SECRET": CANARY, "OPENAI_CUSTOM_HEADERS": f"X-Auth: {CANARY}",
            **variables,
        },
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, told.replace(CANARY, "<canary>")[-3000:]
    return told


def shown_in(told: str) -> list[str]:
    """Return the lines in which a part of the canary stands that is long enough to know it by, without it."""
    parts = [CANARY[place : place + 12] for place in range(0, len(CANARY) - 11, 4)]
    return [line.replace(CANARY, "<canary>")[:300] for line in told.splitlines() if any(p in line for p in parts)]


@pytest.mark.once
def test_the_key_is_nowhere_on_any_way_to_fail() -> None:
    told = output()
    assert shown_in(told) == []
    # It did run: each way was taken and printed.
    assert int(told.rpartition("shown: ")[2].split()[0]) > 200
    for text in ("AuthenticationError", "provoked by a test", "tried again in", "Traceback", "is sent"):
        assert text in told, text
    leaks = ["x" + CANARY, f"u'{CANARY[:16]}"]
    assert len(shown_in("\n".join(leaks))) == len(leaks)


@pytest.mark.once
def test_a_proxy_with_a_password_is_not_told() -> None:
    proxy = f"http://user:{CANARY}@127.0.0.1:1"
    told = output("proxy", HTTP_PROXY=proxy, HTTPS_PROXY=proxy)
    assert shown_in(told) == []
    assert "APIConnectionError" in told


def test_core_dumps_are_as_the_process_has_them() -> None:
    code = "import resource, tailrace\nbefore = resource.getrlimit(resource.RLIMIT_CORE)\n"
    code += "try: tailrace.OpenAI(api_key='k', base_url='http://127.0.0.1:1', max_retries=0).models.list()\n"
    code += "except tailrace.APIConnectionError: pass\nprint(before == resource.getrlimit(resource.RLIMIT_CORE))"
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, capture_output=True,
        text=True, check=True, timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )  # fmt: skip
    assert done.stdout.strip() == "True"
