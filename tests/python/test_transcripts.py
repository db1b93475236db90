"""Groupers of Live transcripts beside the official ones: generated sessions, bad input, listeners, timers, a socket."""

from __future__ import annotations

import asyncio
import importlib
import random
import threading
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from transcript_setting import Clock, delta, grouper, plain, settled

import tailrace
from tailrace.lib.live import AsyncTranscriptGrouper, TranscriptGrouper, TranscriptSegment
from tailrace.testing import MockServer

KINDS = ["TranscriptGrouper", "AsyncTranscriptGrouper"]
TEXTS = [
    *("Hi", "yes", "mhm", " ye", "ah", ".", " more", "", "foo ", "mm-", "hmm", "x", "½", "Straße", "İ", "\u0085yeah"),
    *("(okay)", "uh\u2003huh!", "xyz", "x y", "\ud83d", "\ude00", "😀", "\U0001d400"),
]


def kinds(library: ModuleType) -> ModuleType:
    return importlib.import_module(f"{library.__name__}.lib.live")


def generated(source: random.Random) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Options, and what happens: deltas that overlap, repeat and go back, time, timers that are late, an end."""
    options: dict[str, Any] = {
        "min_turn_separation_ms": source.choice([0, 100, 500, None, 0.1, 50.5]),
        "assistant_silence_ms": source.choice([0, 200, 2000, 0.1, 200.5]),
        "backchannel_max_duration_ms": source.choice([0, 300, 1000, None]),
        "backchannel_isolation_ms": source.choice([0, 100, 2000, None, 0.3]),
        "additional_acknowledgments": source.choice([None, None, ["xyz"], ("X-y!", ".")]),
    }
    steps: list[tuple[Any, ...]] = []
    time, speaker = 0, "user"
    for number in range(source.randrange(2, 30)):
        kind = source.random()
        if kind < 0.6:
            speaker = source.choice([speaker, "user", "assistant"])
            time = max(0, time + source.choice([0, 0, 0, 100, 200, 200, 200, 500, 700, 2500, -100, -1000]))
            end = time + source.choice([0, 100, 200, 200, 200, 999, 1000])
            repeated = number - 1 if source.random() < 0.07 else number
            steps.append(("delta", speaker, source.choice(TEXTS), time, end, f"event {repeated}"))
        elif kind < 0.85:
            steps.append(("wait", source.choice([0.5, 1, 10, 17.25, 25, 49, 50, 51, 100, 199, 200, 500, 1000, 3000])))
        elif kind < 0.93:
            steps.append(("late", source.choice([10, 60, 500, 3000])))
        else:
            steps.append((source.choice(["stale", "stale", "close", "session.closed", "session.updated"]),))
    return options, [*steps, ("close",)]


async def run(kind: Any, options: dict[str, Any], steps: list[tuple[Any, ...]]) -> list[Any]:
    """What a grouper said to each step, the timers it set and the exceptions it raised among it."""
    clock, said = Clock(), list[Any]()
    made = grouper(kind, clock, said, **options)
    for step in steps:
        said.append(step)
        try:
            if step[0] == "delta":
                await settled(made.push(delta(*step[1:])))
            elif step[0] == "wait":
                clock.wait(step[1])
                await settled(made._dispatch())
            elif step[0] == "late":
                clock.now += step[1]
            elif step[0] == "stale":
                for timer in [timer for timer in clock.timers if timer.is_over][-1:]:
                    timer.callback()
            elif step[0] == "close":
                await settled(made.close())
            else:
                await settled(made.push(SimpleNamespace(type=step[0])))
        except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
            said.append(type(error).__name__)
    assert not clock.pending()
    return said


@pytest.mark.parametrize("kind", KINDS)
def test_generated_sessions_are_grouped_alike(official: ModuleType, kind: str) -> None:
    async def main() -> None:
        closed = set[Any]()
        for seed in range(700):
            options, steps = generated(random.Random(seed))
            ours = await run(getattr(kinds(tailrace), kind), options, steps)
            assert ours == await run(getattr(kinds(official), kind), options, steps), (seed, options)
            closed |= {step[0] for step in ours if isinstance(step[-1], tuple)}
        assert closed == {"speaker_change", "inactivity", "timestamp_reset", "session_closed", "manual"}

    asyncio.run(main())


@pytest.mark.parametrize("kind", KINDS)
def test_the_limits_that_are_taken(library: ModuleType, kind: str) -> None:
    make = getattr(kinds(library), kind)
    names = [
        "min_turn_separation_ms",
        "assistant_silence_ms",
        "backchannel_max_duration_ms",
        "backchannel_isolation_ms",
    ]
    for name in names:
        for value in (-1, float("nan"), float("inf"), 2**31, True, "1", 10**400):
            with pytest.raises(library.OpenAIError, match=f"{name}.* must be a finite number"):
                make(**{name: value})
        for value in (0, -0.0, 1.5, 2**31 - 1, None):
            make(**{name: value})
    with pytest.raises((AttributeError, TypeError)):
        make(additional_acknowledgments=[1])


def test_a_delta_that_is_none_is_refused_before_anything_changes(library: ModuleType) -> None:
    made = grouper(kinds(library).TranscriptGrouper, Clock(), said := list[Any]())
    good = {"speaker": "user", "text": "Hi", "start": 0, "end": 200, "id": "same"}
    bad = [("id", ["", 5, None, b"x"]), ("text", [None, 5])]
    for name, values in [*bad, *((side, [-1, 0.5, float("nan"), 2**53, True, None, "0"]) for side in ("start", "end"))]:
        for value in values:
            with pytest.raises(library.OpenAIError, match="Invalid public Live transcript"):
                made.push(delta(**{**good, name: value}))
    with pytest.raises(library.OpenAIError):
        made.push(delta(**{**good, "start": 300}))
    with pytest.raises(AttributeError):
        made.push({"type": "session.closed"})
    made.push(delta(**{**good, "start": 0.0, "end": 2**53 - 1}))
    made.close()
    assert said[-1] == ("manual", ("segment_0", None, "user", "Hi", 0, 2**53 - 1))
    with pytest.raises(library.OpenAIError, match="after closing"):
        made.push(delta(**good))


def failing(text: str) -> Any:
    def handler(value: Any) -> None:
        raise ValueError(text)

    return handler


def test_listeners(library: ModuleType) -> None:
    made = grouper(kinds(library).TranscriptGrouper, Clock())
    seen: list[Any] = []

    def note(name: str) -> Any:
        return lambda segment: seen.append((name, getattr(segment, "text", None)))

    first, second = note("first"), note("second")
    assert made.on("segment.updated", first) is made
    assert made.once("segment.updated", first) is made
    assert made.off("segment.updated", second) is made

    @made.once("segment.updated")
    def reentrant(segment: Any) -> None:
        made.off("segment.updated", first).on("segment.updated", second)
        made.push(delta("user", " three", 400, 600, "3"))
        made.close()

    assert callable(reentrant)
    made.on("segment.closed", note("closed"))
    made.push(delta("user", "one", 0, 200, "1"))
    made.push(delta("user", " two", 200, 400, "2"))
    assert seen == [
        *[("first", "one")] * 2,
        ("second", "one two"),
        ("second", "one two three"),
        ("closed", None),
    ]


def test_what_a_handler_raises_is_raised_by_whoever_pushes(library: ModuleType) -> None:
    made = grouper(kinds(library).TranscriptGrouper, Clock(), said := list[Any]())
    made.off("segment.updated", print).once("segment.updated", failing("one")).once("segment.updated", failing("two"))
    made.push(delta("user", "a", 0, 100, "1"))
    with pytest.raises(ValueError, match="one"):
        made.push(delta("user", "b", 100, 200, "2"))
    assert [step[3] for step in said[1:]] == ["a"], "the rest waits"
    made.once("segment.updated", failing("three"))
    with pytest.raises(ValueError, match="three"), made:
        raise KeyError("body")
    made.close()
    assert [step[3] for step in said[1:-1]] == ["a", "ab"]
    assert said[-1][0] == "manual"


def test_callbacks_of_threads_take_turns_without_a_lock(library: ModuleType) -> None:
    made = grouper(kinds(library).TranscriptGrouper, Clock())
    entered, release, order = threading.Event(), threading.Event(), list[str]()

    def slow(segment: Any) -> None:
        order.append(f"begin {segment.text}")
        entered.set()
        assert release.wait(30)
        order.append(f"end {segment.text}")

    made.on("segment.updated", slow).on("segment.closed", lambda event: order.append("closed"))
    made.push(delta("user", "a", 0, 100, "1"))
    pushing = threading.Thread(target=made.push, args=(delta("user", "b", 100, 200, "2"),))
    pushing.start()
    assert entered.wait(30)
    made.close()
    assert order == ["begin a"]
    release.set()
    pushing.join(30)
    assert order == ["begin a", "end a", "begin ab", "end ab", "closed"]


def test_real_timers(library: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    raised, closed, reasons = threading.Event(), threading.Event(), list[Any]()
    monkeypatch.setattr(threading, "excepthook", lambda hooked: (reasons.append(hooked.exc_type), raised.set()))
    with kinds(library).TranscriptGrouper() as failed:
        failed.once("segment.updated", failing("in a timer"))
        failed.push(delta("assistant", "a", 0, 200, "1"))
        assert raised.wait(30)
    with kinds(library).TranscriptGrouper(assistant_silence_ms=60) as made:
        made.on("segment.closed", lambda event: (reasons.append(event.reason), closed.set()))
        made.push(delta("assistant", "a", 0, 200, "1"))
        assert closed.wait(30)
    assert reasons == [ValueError, "inactivity"]


async def _cancelled(made: Any, note: list[Any]) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def slow(value: Any) -> None:
        entered.set()
        await release.wait()
        note.append(value.text)
        if value.text == "ab":
            raise ValueError(value.text)

    made.on("segment.updated", slow).on("segment.updated", lambda segment: note.append("second"))
    await made.push(delta("user", "a", 0, 100, "1"))
    first = asyncio.create_task(made.push(delta("user", "b", 100, 200, "2")))
    await entered.wait()
    unrelated = made.push(SimpleNamespace(type="session.updated"))
    await unrelated
    second = asyncio.create_task(made.close())
    await asyncio.sleep(0)
    first.cancel()
    note.append(await asyncio.gather(first, return_exceptions=True))
    release.set()
    note.append(await asyncio.gather(second, return_exceptions=True))
    await made.close()


async def _unwatched(made: Any, note: list[Any]) -> None:
    made.on("segment.updated", failing("unwatched"))
    await made.push(delta("user", "a", 0, 100, "1"))
    made.clock.wait(50)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await made.close()


async def _reentrant(made: Any, note: list[Any]) -> None:
    async def handler(segment: Any) -> None:
        note.append(segment.text)
        if segment.text == "a":
            await made.push(delta("user", "c", 200, 300, "3"))
            await made.close()
            note.append("after")

    made.on("segment.updated", handler).on("segment.closed", lambda event: note.append(event.reason))
    await made.push(delta("user", "a", 0, 100, "1"))
    await made.push(delta("user", "b", 100, 200, "2"))


async def _awaitables(made: Any, note: list[Any]) -> None:
    class Awaitable:
        def __await__(self) -> Any:
            note.append("awaited")
            return iter(())

    async with made as same:
        note.append(same is made)
        made.on("segment.closed", lambda event: Awaitable()).on("segment.closed", lambda event: note.append("next"))
        await made.push(delta("user", "a", 0, 100, "1"))


async def _other_loop(made: Any, note: list[Any]) -> None:
    await made.push(delta("user", "a", 0, 100, "1"))

    def elsewhere() -> None:
        for call in (lambda: made.push(delta("user", "b", 100, 200, "2")), made.close):
            try:
                asyncio.run(call())
            except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
                note.append(type(error).__name__)

    await asyncio.to_thread(elsewhere)
    await made.close()


async def _cancelling(made: Any, note: list[Any]) -> None:
    async def handler(segment: Any) -> None:
        raise asyncio.CancelledError

    made.once("segment.updated", handler)
    await made.push(delta("user", "a", 0, 100, "1"))
    note.append(await asyncio.gather(made.push(delta("user", "b", 100, 200, "2")), return_exceptions=True))
    await made.close()


@pytest.mark.parametrize(
    "scenario",
    [_cancelled, _unwatched, _reentrant, _awaitables, _other_loop, _cancelling],
    ids=lambda way: way.__name__,
)
def test_handlers_of_a_loop(official: ModuleType, scenario: Any) -> None:
    async def observed(library: ModuleType) -> list[Any]:
        clock, note = Clock(), list[Any]()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: note.append((sorted(context), repr(context.get("exception")))))
        made = grouper(kinds(library).AsyncTranscriptGrouper, clock)
        made.clock = clock
        try:
            await asyncio.wait_for(scenario(made, note), 60)
        except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
            note.append(repr(error))
        await asyncio.sleep(0)
        return [repr(part) for part in note]

    ours = asyncio.run(observed(tailrace))
    assert ours == asyncio.run(observed(official))
    assert ours


def test_a_handler_may_wait_for_a_task_of_its_own() -> None:
    async def main() -> list[str]:
        made, texts = grouper(AsyncTranscriptGrouper, Clock()), list[str]()

        async def handler(segment: Any) -> None:
            texts.append(segment.text)
            if segment.text == "ab":
                await asyncio.create_task(made.push(delta("user", "c", 200, 300, "3")))

        made.on("segment.updated", handler)
        await made.push(delta("user", "a", 0, 100, "1"))
        await asyncio.wait_for(made.push(delta("user", "b", 100, 200, "2")), 60)
        return texts

    assert asyncio.run(main()) == ["a", "ab", "abc"]


def test_a_character_that_came_in_halves_is_whole() -> None:
    made = grouper(TranscriptGrouper, Clock(), said := list[Any]())
    made.push(delta("user", "\ud83d", 0, 100, "1"))
    made.push(delta("user", "\ude00", 100, 200, "2"))
    made.close()
    assert [step[3] for step in said[1:3]] == ["\ud83d", "😀"]


def test_segments_are_values_that_stay(library: ModuleType) -> None:
    module = kinds(library)
    segment = module.TranscriptSegment("s", None, "user", "Hi", 0, 200)
    closed = module.TranscriptSegmentClosedEvent(segment=segment, reason="manual")
    for value, name in ((segment, "text"), (closed, "reason")):
        with pytest.raises(AttributeError):
            setattr(value, name, "other")
    assert segment == module.TranscriptSegment("s", None, "user", "Hi", 0, 200)
    assert repr(closed).startswith("TranscriptSegmentClosedEvent(segment=TranscriptSegment(id='s', previous_id=None")
    assert len({segment, segment}) == 1


def test_the_events_of_a_connection(server: MockServer) -> None:
    fragments = [("output", "One", 0), ("output", " two", 200), ("input", "Wait", 400), ("output", "mhm", 600)]
    fragments.append(("input", "a bit", 800))
    sent = [
        {"type": f"session.{way}_transcript.delta", "event_id": text, "delta": text, "start_ms": at, "end_ms": at + 200}
        for way, text, at in fragments
    ]
    steps = [{"json": event} for event in [*sent, sent[0], {"type": "session.closed", "event_id": "end"}]]
    base_url = server.script({"exchanges": [{"websocket": [*steps, {"close": {"code": 1000}}], "repeat": True}]})
    said: list[TranscriptSegment] = []
    with tailrace.OpenAI(api_key="k", base_url=base_url) as client, client.live.connect() as connection:
        made = TranscriptGrouper().on("segment.closed", lambda event: said.append(event.segment))
        connection.on("event", made.push)
        connection.dispatch_events()
    with pytest.raises(tailrace.OpenAIError, match="after closing"):
        made.push(delta("user", "more", 800, 900, "late"))

    async def main() -> None:
        client, made = tailrace.AsyncOpenAI(api_key="k", base_url=base_url), AsyncTranscriptGrouper()
        made.on("segment.closed", lambda event: said.append(event.segment))
        async with client, client.live.connect() as connection, made:
            async for event in connection:
                await made.push(event)
                if event.type == "session.closed":
                    break

    asyncio.run(main())
    assert [plain(segment)[2:4] for segment in said] == [("assistant", "One two"), ("user", "Wait a bit")] * 2
