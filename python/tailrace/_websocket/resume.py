"""Responses that outlive their socket: what is missing of one after a break is fetched, once.

`websocket_connection_options={"resume": True}` of `client.responses.connect()` asks for it; then a connection is made
again without `on_reconnecting`, too, and also after a close in order in the middle of a response. These are the rules,
the same in both languages:

1. What the lost socket had accepted and never sent goes first over the new one.
2. Of each `stream_id` is known which request is under way, and of its response the `id`, the highest `sequence_number`
   and the items that were handed over. An end of the response, or an `error`, settles it.
3. A response with an `id` whose request does not say `store: false` is read on by `GET /responses/{id}` with
   `stream=true` and `starting_after`; no event comes twice. Where the API keeps no events of it (it does for responses
   in the background), the response is asked for until it has ended: each item that was not handed over comes as one
   `response.output_item.done`, and then the event that ends it. Deltas of such items are lost, items are not.
4. A request of whose response nothing came may have been received. It is sent again where nothing can be double: it
   says `store: false` and names no `conversation`.
5. What is neither is handed back: once all else was handed over, `WebSocketConnectionClosedError` is raised with the
   requests in `unsent_messages`. The new connection is open, and iterating goes on.

Events of the new socket wait until what is missing was handed over. Only iteration and `dispatch_events` resume.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._async_library import sleep
from .._exceptions import APIError, WebSocketConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Generator

    #: What is to be done, by name and with its argument; what came of it is sent back.
    Steps = Generator[tuple[str, Any], Any, None]

#: Seconds between two questions whether a response has ended.
_PAUSE = 1.0
_ENDS = frozenset(("response.completed", "response.failed", "response.incomplete"))
_ITEM = "response.output_item.done"


class _UnderWay:
    """A request whose response has not ended."""

    def __init__(self, lane: str | None, request: dict[str, Any], text: str | bytes | None) -> None:
        self.lane, self.text = lane, text
        self.is_stored = request.get("store") is not False
        self.repeatable = text is not None and not self.is_stored and not request.get("conversation")
        self.response_id: str | None = None
        self.sequence: int | None = None
        self.items: set[int] = set()

    def took(self, event: Any) -> None:
        """Take note of an event that is handed over."""
        self.response_id = getattr(getattr(event, "response", None), "id", None) or self.response_id
        number = getattr(event, "sequence_number", None)
        if isinstance(number, int) and number > (-1 if self.sequence is None else self.sequence):
            self.sequence = number
        if getattr(event, "type", None) == _ITEM:
            self.items.add(event.output_index)

    def is_new(self, event: Any) -> bool:
        """Whether an event was not handed over."""
        number = getattr(event, "sequence_number", None)
        return self.sequence is None or not isinstance(number, int) or number > self.sequence

    def rest_of(self, response: Any) -> list[dict[str, Any]]:
        """Return the events that a response which has ended is missing."""
        whole = response.to_dict(mode="json")
        events: list[dict[str, Any]] = [
            {"type": _ITEM, "output_index": index, "item": item}
            for index, item in enumerate(whole.get("output") or ())
            if index not in self.items
        ]
        end = f"response.{response.status}"
        events.append({"type": end if end in _ENDS else "response.incomplete", "response": whole})
        first = 0 if self.sequence is None else self.sequence + 1
        return [{**event, "sequence_number": first + place} for place, event in enumerate(events)]


class Resumption:
    """What a connection knows of the responses under way."""

    def __init__(self, connection: Any, client: Any) -> None:
        self._connection, self._responses = connection, client.responses
        self._under_way: dict[str | None, _UnderWay] = {}
        self._lost: list[_UnderWay] = []
        self._returned: list[str | bytes] = []
        self._cause: Exception | None = None
        self._steps: Steps | None = None

    @property
    def needed(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    def sent(self, text: str | bytes) -> None:
        """Take note of a message that is sent."""
        try:
            request: Any = json.loads(text)
        except ValueError:
            return
        if isinstance(request, dict) and request.get("type") == "response.create":  # pyright: ignore
            lane: Any = request.get("stream_id")  # pyright: ignore
            self._under_way[lane] = _UnderWay(lane, request, text)  # pyright: ignore

    def came(self, event: Any) -> None:
        """Take note of an event that is handed over."""
        lane, kind = getattr(event, "stream_id", None), getattr(event, "type", None)
        if kind == "response.created" and getattr(self._under_way.get(lane), "response_id", "") is not None:
            # A response that no request of ours began, such as one that steering led to.
            self._under_way[lane] = _UnderWay(lane, {}, None)
        under_way = self._under_way.get(lane)
        if under_way is None:
            return
        under_way.took(event)
        if kind == "error" or kind in _ENDS:
            del self._under_way[lane]

    def broke(self, unsent: list[str | bytes]) -> None:
        """Take note that the socket is another one; `unsent` goes over it by itself."""
        lost = [way for way in self._under_way.values() if way.response_id is not None or way.text not in unsent]
        self._lost += [way for way in lost if way not in self._lost]

    def _request(self, way: _UnderWay) -> dict[str, Any] | None:
        """Return how the rest of a response is asked for; None where it cannot be."""
        if way.response_id is None or not way.is_stored:
            return None
        after = {} if way.sequence is None else {"starting_after": way.sequence}
        return {"response_id": way.response_id, "stream": True, "resume": True, **after}

    def _event(self, way: _UnderWay, event: Any) -> Any:
        value: dict[str, Any] = event.to_dict(mode="json") if hasattr(event, "to_dict") else event
        return self._connection.parse_event(json.dumps(value | ({"stream_id": way.lane} if way.lane else {})))

    def _is_settled(self, way: _UnderWay) -> bool:
        return self._under_way.get(way.lane) is not way

    def _give_back(self, way: _UnderWay, cause: Exception | None) -> None:
        self._cause = cause or self._cause
        if way.text is not None:
            self._returned.append(way.text)
        if not self._is_settled(way):
            del self._under_way[way.lane]

    def _check_returned(self) -> None:
        returned, cause = self._returned, self._cause
        self._returned, self._cause = [], None
        if returned or cause is not None:
            raise WebSocketConnectionClosedError(
                "The connection broke while a response was on its way, and what is missing of it cannot be fetched; "
                "its request is in `unsent_messages`.",
                unsent_messages=returned,
            ) from cause

    def _step(self, answer: Any, failed: APIError | None) -> tuple[str, Any] | None:
        """Return what is to be done next, with its argument; None at the end."""
        if self._steps is None:
            self._steps = self._missing()
        try:
            return self._steps.send(answer) if failed is None else self._steps.throw(failed)
        except StopIteration:
            self._steps = None
        self._check_returned()
        return None

    def _missing(self) -> Steps:
        while self._lost:
            way = self._lost[0]
            request = self._request(way)
            if self._is_settled(way):
                pass
            elif request is not None:
                try:
                    yield from self._fetched(way, request)
                except APIError as error:
                    self._give_back(way, error)
            elif way.repeatable and way.response_id is None:
                yield "send", way.text
            else:
                self._give_back(way, None)
            self._lost.remove(way)

    def _fetched(self, way: _UnderWay, request: dict[str, Any]) -> Steps:
        try:
            stream = yield "retrieve", request
            while (event := (yield "read", stream)) is not None:
                if way.is_new(event):
                    yield "event", self._event(way, event)
        except APIError as error:
            if getattr(error, "status_code", None) == 404:
                raise
        while not self._is_settled(way) and not self._connection._closed:
            response = yield "retrieve", {"response_id": way.response_id}
            if response.status not in ("queued", "in_progress"):
                for value in way.rest_of(response):
                    yield "event", self._event(way, value)
                return
            yield "wait", _PAUSE

    def next(self) -> Any:
        """Return the next event that is missing; None when there is none.

        Raises:
            WebSocketConnectionClosedError: what is missing cannot be fetched.
        """
        answer, failed = None, None
        while (step := self._step(answer, failed)) is not None:
            if step[0] == "event":
                return step[1]
            answer, failed = None, None
            try:
                answer = self._do(*step)
            except APIError as error:
                failed = error
            except BaseException:
                # What was handed over is known, so that the next try begins behind it.
                self._steps = None
                raise
        return None

    def _do(self, name: str, value: Any) -> Any:
        if name == "retrieve":
            return self._responses.retrieve(**value)
        if name == "read":
            return next(value, None)
        return self._connection._write(value) if name == "send" else self._connection._closing.wait(value)

    async def async_next(self) -> Any:
        """Do what `next` does."""
        answer, failed = None, None
        while (step := self._step(answer, failed)) is not None:
            if step[0] == "event":
                return step[1]
            answer, failed = None, None
            try:
                answer = await self._async_do(*step)
            except APIError as error:
                failed = error
            except BaseException:
                self._steps = None
                raise
        return None

    async def _async_do(self, name: str, value: Any) -> Any:
        if name == "retrieve":
            return await self._responses.retrieve(**value)
        if name == "read":
            return await anext(value, None)
        return await (self._connection._write(value) if name == "send" else sleep(value))
