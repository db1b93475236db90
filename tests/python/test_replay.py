"""Sessions over WebSockets, from files, beside the official package: each event, each exception, the end."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compared import KINDS

from tailrace.testing import MockServer

FOLDER = Path(__file__).parents[1] / "sessions"
#: `form` names what opens the connection, in replay_subject.py; `steps` is what the server does.
SESSIONS = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
WHOLE = {"json": {"type": "input_audio_buffer.cleared", "event_id": "e"}}
#: What a server may say, and what RFC 6455 forbids.
FRAMES: dict[str, list[Any]] = json.loads((FOLDER / "frames" / "frames.json").read_text("utf-8"))
#: What is another outcome here, as DIVERGENCES.md says: text that is no UTF-8 ends the connection, as RFC 6455 asks.
INVALID_TEXT: dict[str, list[Any]] = json.loads((FOLDER / "frames" / "no-utf-8.json").read_text("utf-8"))


def run(server: MockServer, packages: tuple[str, ...], kind: str, wanted: dict[str, tuple[str, str, Any, Any]]) -> Any:
    """Return what packages make of sessions, by name.

    Each has a process of its own: where a program imports `websockets`, the exceptions of ours are also those of it.
    """
    if "openai" in packages and importlib.util.find_spec("websockets") is None:
        pytest.skip("the official package needs `websockets`, which is not installed here")
    sessions: list[Any] = []
    for name, (form, reads, options, steps) in wanted.items():
        url = server.script({"exchanges": [{"websocket": steps, "repeat": True}]})
        sessions.append([name, form, reads, url, options])
    subject = Path(__file__).with_name("replay_subject.py")
    outcomes: list[dict[str, list[Any]]] = []
    for package in packages:
        line = [sys.executable, subject, package, kind]
        ran = subprocess.run(line, input=json.dumps(sessions).encode(), stdout=subprocess.PIPE, timeout=280, check=True)
        outcomes.append(json.loads(ran.stdout))
        assert list(outcomes[-1]) == list(wanted)
    return outcomes


@pytest.mark.once
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_sessions(server: MockServer, official: ModuleType, kind: str) -> None:
    ways = [(name, "events") for name in SESSIONS]
    ways += [(name, reads) for name in ("realtime", "transcription") for reads in ("bytes", "iteration")]
    wanted = {
        f"{name} by {reads}": (SESSIONS[name]["form"], reads, {"close_timeout": 5}, SESSIONS[name]["steps"])
        for name, reads in ways
    }
    ours, theirs = run(server, ("tailrace", "openai"), kind, wanted)
    for name, expected in theirs.items():
        for event, expected_event in zip(ours[name], expected, strict=False):
            assert event == expected_event, name
        assert len(ours[name]) == len(expected), name
        # A session that nobody read would be equal, too.
        assert len(expected) >= 6, name


def without_reason(outcome: Any) -> Any:
    """The frame that tells the server of its fault has a reason in the words of each package, or none."""
    if isinstance(outcome, dict) and outcome.get("sent") and outcome["sent"][0] in (1002, 1007, 1009):
        return {**outcome, "sent": outcome["sent"][:1], "text": ""}
    return outcome


@pytest.mark.once
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_frames(server: MockServer, official: ModuleType, kind: str) -> None:
    options = {"close_timeout": 5, "max_size": 1000}
    wanted = {name: ("realtime", "events", options, [WHOLE, *steps]) for name, steps in FRAMES.items()}
    ours, theirs = run(server, ("tailrace", "openai"), kind, wanted)
    for name, expected in theirs.items():
        assert [*map(without_reason, ours[name])] == [*map(without_reason, expected)], name
        assert expected[0]["is"]["class"] == "InputAudioBufferClearedEvent", name


#: What a server says behind the close frame of a caller, which it never answers.
UNANSWERED: dict[str, list[Any]] = {
    "nothing": [],
    "messages before it": [WHOLE, WHOLE],
    "messages behind it": [{"expect": 1}, {"delay_ms": 500}, WHOLE, {"frame": {"opcode": 9, "text": "x"}}, WHOLE],
    "a message that never ends": [{"frame": {"opcode": 1, "text": "{", "more": True}}],
    "messages for ever": [{"repeat": {"times": 100_000, "steps": [{"delay_ms": 100}, {"frame": {"opcode": 9}}]}}],
}


@pytest.mark.once
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_a_close_that_is_never_answered(server: MockServer, official: ModuleType, kind: str) -> None:
    options = {"close_timeout": 4}
    wanted = {name: ("realtime", "close", options, [WHOLE, "mute", *steps]) for name, steps in UNANSWERED.items()}
    ours, theirs = run(server, ("tailrace", "openai"), kind, wanted)
    for name, expected in theirs.items():
        assert ours[name] == expected, name
        # It took as long as it may, gave nothing, and says what went out.
        assert expected[1] == ["None", True], name
        assert expected[-4]["sent"] == [4000, "bye"], name
        assert expected[-4]["rcvd"] is None, name


@pytest.mark.parametrize("kind", KINDS)
def test_text_that_is_no_utf_8(server: MockServer, kind: str) -> None:
    wanted = {name: ("realtime", "events", {}, [WHOLE, *steps]) for name, steps in INVALID_TEXT.items()}
    (ours,) = run(server, ("tailrace",), kind, wanted)
    for name, outcome in ours.items():
        assert [outcome[1]["raised"], outcome[1]["sent"]] == ["ConnectionClosedError", [1007, ""]], name
