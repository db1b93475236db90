"""Runs the conformance cases on the Python subjects, and on the official package as the oracle where it is installed.

`TAILRACE_OFFICIAL_PYTHON` names an interpreter that has `openai`; without it this one is tried. `TAILRACE_MOCK_URL`
names a mock server that runs already; without it the one that cargo built is started.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "tests" / "conformance"
# Longer than any case takes: what exceeds it hangs.
LIMIT_SECONDS = 120.0

# What a package loads at its first call and its first stream is no part of what other cases measure.
WARM_UP = {"errors/status-400", "streaming/chat", "streaming/responses"}

sys.path.insert(0, str(CONFORMANCE))
# It lies beside the cases, which are no package.
check: Any = importlib.import_module("check")

CASES: list[Any] = [
    json.loads(path.read_text(encoding="utf-8")) for path in sorted((CONFORMANCE / "cases").glob("*/*.json"))
]
DIVERGENCES: list[Any] = json.loads((CONFORMANCE / "divergences.json").read_text(encoding="utf-8"))["divergences"]


def interpreters() -> dict[str, list[str]]:
    """The command of every subject that can run here."""
    found: dict[str, list[str]] = {}
    official = os.environ.get("TAILRACE_OFFICIAL_PYTHON")
    if importlib.util.find_spec("tailrace") is not None:
        found["python"] = [sys.executable, "tailrace", "sync"]
        found["python-async"] = [sys.executable, "tailrace", "async"]
    if official or importlib.util.find_spec("openai") is not None:
        interpreter = official or sys.executable
        found["official-python"] = [interpreter, "openai", "sync"]
        found["official-python-async"] = [interpreter, "openai", "async"]
    return found


SUBJECTS = interpreters()


def marked(subjects: Iterable[str]) -> list[Any]:
    """The oracle answers the same on every interpreter; it is ours that has to be run on each."""
    return [
        pytest.param(subject, marks=pytest.mark.once) if subject.startswith("official-") else subject
        for subject in subjects
    ]


def skip_reason(case: Any, subject: str) -> str | None:
    subjects = case.get("subjects")
    own = subject.removeprefix("official-")
    if subjects and (own not in subjects["only"] or (own != subject and subjects.get("ours"))):
        return str(subjects["reason"])
    return None


def divergence(case: Any, subject: str) -> Any:
    found = (entry for entry in DIVERGENCES if case["id"] in entry["cases"] and subject in entry["subjects"])
    return next(found, None)


@pytest.fixture(scope="session")
def mock_root() -> Iterator[str]:
    """The address of the mock server, without `/v1`."""
    running = os.environ.get("TAILRACE_MOCK_URL")
    if running:
        yield running.rstrip("/").removesuffix("/v1")
        return
    program = ROOT / "target" / "debug" / "tailrace-mock"
    if not program.exists():
        pytest.fail(f"{program} is missing: run `cargo build -p tailrace-mock`, or set TAILRACE_MOCK_URL")
    # It ends when its standard input does, so it cannot outlive the tests.
    with subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"].removesuffix("/v1")
        process.stdin.close()


def http(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    # No proxy of the environment may stand between the tests and this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=data), timeout=LIMIT_SECONDS) as reply:
        return json.load(reply)


class Run:
    """All cases on one subject, at the same time."""

    def __init__(self, subject: str, root: str) -> None:
        self.root = root
        self.problems: dict[str, list[str]] = {}
        self.errors = ""
        self.cases = {case["id"]: check.resolve(case, subject) for case in CASES if skip_reason(case, subject) is None}
        script = {"exchanges": [], "own_port": True}
        self.base_urls = {
            id: http(f"{root}/__mock/scripts", {**script, **case["server"]})["base_url"]
            for id, case in self.cases.items()
        }
        interpreter, *arguments = SUBJECTS[subject]
        program = CONFORMANCE / "subject.py"
        self.process = subprocess.Popen(
            [interpreter, str(program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1"},
            text=True,
            encoding="utf-8",
        )
        assert self.process.stdin
        errors = threading.Thread(target=self.read_errors, daemon=True)
        errors.start()
        stop = threading.Timer(LIMIT_SECONDS, self.process.kill)
        stop.start()
        for id, case in self.cases.items():
            line = {
                "id": id,
                "base_url": self.base_urls[id],
                "client": case.get("client", {}),
                "calls": case["calls"],
                "at_once": case.get("at_once", False),
                "warm_up": id in WARM_UP,
            }
            self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.collect()
        stop.cancel()
        # Closes its input, which ends it, and reads what it still says.
        with self.process:
            self.process.stdin.close()
        errors.join()

    def read_errors(self) -> None:
        assert self.process.stderr
        self.errors = self.process.stderr.read()

    def collect(self) -> None:
        """Check each case when it ends; the clients of the subject are all still open then."""
        assert self.process.stdout
        threads: list[threading.Thread] = []
        for line in self.process.stdout:
            outcome = json.loads(line)
            threads.append(threading.Thread(target=self.judge, args=(outcome["id"], outcome)))
            threads[-1].start()
            if len(threads) == len(self.cases):
                break
        for thread in threads:
            thread.join()
        for id in self.cases.keys() - self.problems.keys():
            self.judge(id, None)

    def judge(self, id: str, outcome: Any) -> None:
        case = self.cases[id]
        # The port of the script itself may refuse connections, so the record comes from the main one.
        token = self.base_urls[id].split("/")[4]
        prefix = f"{self.root}/s/{token}"
        requests = http(f"{prefix}/__requests")
        # That a client closed a connection arrives a moment after the client went on.
        deadline = time.monotonic() + 20
        while (
            "closed_ms" in case.get("wire", {})
            and requests
            and requests[-1]["client_closed_ms"] is None
            and time.monotonic() < deadline
        ):
            time.sleep(0.01)
            requests = http(f"{prefix}/__requests")
        self.problems[id] = check.check(case, outcome, requests, http(f"{prefix}/__connections"))


@pytest.fixture(scope="session")
def run(mock_root: str) -> Callable[[str], Run]:
    """The run of a subject, made when the first of its cases asks for it."""
    runs: dict[str, Run | None] = {}

    def run(subject: str) -> Run:
        if subject not in runs:
            # A run that breaks is broken for all cases, not made again for each.
            runs[subject] = None
            runs[subject] = Run(subject, mock_root)
        done = runs[subject]
        if done is None:
            pytest.fail(f"the run of {subject} broke; the first failure of it says why")
        return done

    return run


@pytest.mark.parametrize("subject", marked(SUBJECTS))
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: Any, subject: str, run: Callable[[str], Run]) -> None:
    reason = skip_reason(case, subject)
    if reason is not None:
        pytest.skip(reason)
    done = run(subject)
    problems = done.problems[case["id"]]
    known = divergence(case, subject)
    if known is not None:
        assert problems, f"no longer diverges: take {case['id']} out of divergence `{known['id']}`"
        pytest.skip(f"divergence {known['id']}: {known['reason']}")
    assert not problems, f"{case['why']}\n" + "\n".join(problems) + f"\n{done.errors[-2000:]}"


def test_divergences_name_cases_that_exist() -> None:
    known = {case["id"] for case in CASES}
    for entry in DIVERGENCES:
        assert set(entry["cases"]) <= known, entry["id"]


def test_ids_are_paths() -> None:
    for path in sorted((CONFORMANCE / "cases").glob("*/*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        assert case["id"] == f"{path.parent.name}/{path.stem}", path


@pytest.mark.once
def test_cases_have_the_form_of_the_schema() -> None:
    jsonschema = pytest.importorskip(
        "jsonschema", reason="jsonschema is not installed; the Rust subject checks the form too"
    )
    schema = json.loads((CONFORMANCE / "schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    wrong = [f"{case['id']}: {error.message}" for case in CASES for error in validator.iter_errors(case)]
    assert not wrong


@pytest.mark.once
def test_the_mock_answers_as_the_official_types_say(mock_root: str) -> None:
    if "official-python" not in SUBJECTS:
        pytest.skip("compares with the official package, which is not installed here")
    interpreter = SUBJECTS["official-python"][0]
    program = CONFORMANCE / "plausible.py"
    done = subprocess.run([interpreter, str(program), f"{mock_root}/v1"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
