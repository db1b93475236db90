"""Sound that comes as base64, as bytes or arrays on request, of every part of the API that sends some."""

from __future__ import annotations

import asyncio
import base64
import random
import tracemalloc
from typing import Any

import pytest
from test_websockets import scripted

from tailrace.lib.realtime_translation import TranslationSession
from tailrace.testing import MockServer

#: What opens a connection, and the event that carries sound there.
FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "realtime": (
        lambda c, **o: c.realtime.connect(model="m", **o),
        {"type": "response.output_audio.delta", "event_id": "e", "item_id": "i", "output_index": 1},
    ),
    "beta.realtime": (
        lambda c, **o: c.beta.realtime.connect(model="m", **o),
        {"type": "response.audio.delta", "event_id": "e", "item_id": "i", "content_index": 0},
    ),
    "translations": (
        lambda c, **o: c.realtime.translations.connect("m", **o),
        {"type": "session.output_audio.delta", "event_id": "e", "elapsed_ms": 5},
    ),
    "responses": (
        lambda c, **o: c.responses.connect(**o), {"type": "response.audio.delta", "sequence_number": 4}
    ),
    "live": (lambda c, **o: c.live.connect(**o), {"type": "session.output_audio.delta", "event_id": "e"}),
}  # fmt: skip
SOUND = random.Random(7).randbytes(3000)


def option(audio: str) -> Any:
    return {"websocket_connection_options": {"audio": audio}}


def events(event: dict[str, Any]) -> list[Any]:
    encoded = base64.b64encode(SOUND).decode()
    # Some servers escape the slash, and members come in any order.
    escaped = encoded.replace("/", "\\/")
    turned = "{" + f'"delta" : "{escaped}", "new": [{{"a": "}}"}}, null]' + f', "type":"{event["type"]}"}}'
    return [{"json": {**event, "delta": encoded}}, {"text": turned}, {"json": {**event, "delta": ""}}]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_sound_comes_as_bytes(server: MockServer, form: str, is_async: bool) -> None:
    opens, event = FORMS[form]
    base_url = scripted(server, *events(event))
    found: list[Any] = []

    async def main() -> None:
        async with opens(server.async_client(base_url), **option("bytes")) as connection:
            found.extend([await connection.recv() for _ in range(3)])

    if is_async:
        asyncio.run(main())
    else:
        with opens(server.client(base_url), **option("bytes")) as connection:
            found.extend(connection.recv() for _ in range(3))
    assert [event.delta for event in found] == [SOUND, SOUND, b""]
    assert all(type(event.delta) is bytes for event in found)
    assert {name: getattr(found[0], name) for name in event} == event
    assert found[1].new == [{"a": "}"}, None]
    # What it is otherwise is what it would be without the option.
    with opens(server.client(base_url)) as connection:
        usual = connection.recv()
    assert (type(found[0]), found[0].model_fields_set) == (type(usual), usual.model_fields_set)
    assert base64.b64decode(usual.delta) == SOUND


def test_sound_comes_as_arrays_that_can_be_written(server: MockServer) -> None:
    np: Any = pytest.importorskip("numpy", reason="numpy is not installed here")
    opens, event = FORMS["realtime"]
    base_url = scripted(server, *events(event), {"json": {**event, "delta": "AAEC"}})
    with opens(server.client(base_url), **option("numpy")) as connection:
        deltas = [connection.recv().delta for _ in range(4)]
    assert [delta.dtype for delta in deltas[:3]] == [np.dtype("<i2")] * 3
    assert [delta.tobytes() for delta in deltas[:3]] == [SOUND, SOUND, b""]
    deltas[0][0] = 5
    assert isinstance(deltas[0].base.obj, bytearray)
    # No whole number of samples.
    assert deltas[3] == "AAEC"


@pytest.mark.parametrize("delta", ["A*==", "AAE", None, 5, ["AAEC"]])
def test_what_is_no_base64_stays_as_it_is(server: MockServer, delta: Any) -> None:
    opens, event = FORMS["realtime"]
    text = {"type": "response.output_text.delta", "delta": "AAEC"}
    base_url = scripted(server, {"json": {**event, "delta": delta}}, {"json": text}, {"text": "{"})
    with opens(server.client(base_url), **option("bytes")) as connection:
        assert connection.recv().delta == delta
        assert connection.recv().delta == "AAEC"
        with pytest.raises(ValueError, match="Expecting"):
            connection.recv()


def test_translations_have_it_and_others_refuse_what_is_none(server: MockServer) -> None:
    event = FORMS["translations"][1]
    base_url = scripted(server, *events(event), {"json": {"type": "session.closed", "event_id": "e"}})
    resource: Any = server.client(base_url).realtime.translations
    with TranslationSession(resource, model="m", **option("bytes")) as session:
        assert [session.recv(timeout=60).delta for _ in range(3)] == [SOUND, SOUND, b""]  # pyright: ignore
        assert session.recv().type == "session.closed"
    with pytest.raises(ValueError, match='give "bytes"'):
        FORMS["realtime"][0](server.client(base_url), **option("wav")).enter()


def memory(server: MockServer, options: Any, sound: bytes) -> int:
    """The most bytes that Python's memory grew by until the sound of an event was there as bytes."""
    opens, event = FORMS["realtime"]
    base_url = scripted(server, *[{"json": {**event, "delta": base64.b64encode(sound).decode()}}] * 2)
    with opens(server.client(base_url), **options) as connection:
        connection.recv()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            delta: Any = connection.recv().delta
            if type(delta) is str:
                delta = base64.b64decode(delta)
            assert delta == sound
            return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()


def test_there_is_nothing_between_the_message_and_the_bytes(server: MockServer) -> None:
    sound = SOUND * 100
    assert memory(server, option("bytes"), sound) < 1.1 * len(sound)
    # The text and the bytes.
    assert memory(server, {}, sound) > 2.3 * len(sound)
