"""What happens when an answer does not fit its schema: it is given up, or asked for again with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._exceptions import SchemaViolationError
from .answer import Answer
from .schema import compiled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping

    from .._native import Schema

__all__ = ["Attempt", "Attempts", "Said"]

_Result = TypeVar("_Result")


class Attempts:
    """How often an answer is asked for, and what it is held to.

    Args:
        type_: What the texts of the answer will be objects of; `Any` for plain values.
        schema: The JSON schema that they were asked to fit; None where there is none.
        on_invalid: `abort` gives up at the first byte after which no text fits the schema, `retry` asks again; None
            leaves the answer to its parser.
        attempts: Requests in all, for `retry`.

    Attributes:
        holds: Whether answers are held to the schema.

    Raises:
        ValueError: `on_invalid` is another word, there is no schema to judge by, or `attempts` is below 1.
        SchemaError: the schema is not one, or cannot be compiled.
    """

    __slots__ = ("_made", "_most", "_schema", "_type", "holds")

    holds: bool

    def __init__(self, type_: Any, schema: Mapping[str, Any] | None, on_invalid: Any, attempts: Any) -> None:
        if on_invalid not in (None, "abort", "retry"):
            raise ValueError(f"`on_invalid` is {on_invalid!r}; pass 'abort', 'retry' or None.")
        if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
            raise ValueError(f"`attempts` is {attempts!r}; pass the number of requests in all, at least 1.")
        self.holds = on_invalid is not None
        self._type = type_
        self._schema: Schema | None = None
        self._most = attempts if on_invalid == "retry" else 1
        self._made = 0
        if not self.holds:
            return
        if schema is None:
            raise ValueError("`on_invalid` needs a schema to judge by; pass a type or a JSON schema as the format.")
        self._schema = compiled(schema)

    def begin(self) -> Attempt:
        """Return what the next request will fill."""
        self._made += 1
        return Attempt(self._type, self._schema, self._made)

    @property
    def goes_on(self) -> bool:
        """Whether another request may be made."""
        return self._made < self._most

    def ask(self, send: Callable[[Attempt, SchemaViolationError | None], _Result]) -> _Result:
        """Return what `send` returns, which gets the attempt and what was wrong with the answer before.

        Raises:
            SchemaViolationError: the last answer does not fit.
        """
        error: SchemaViolationError | None = None
        while True:
            try:
                return send(self.begin(), error)
            except SchemaViolationError as violation:
                if not self.goes_on:
                    raise
                error = violation

    async def ask_async(self, send: Callable[[Attempt, SchemaViolationError | None], Awaitable[_Result]]) -> _Result:
        """Do what `ask` does, awaited."""
        error: SchemaViolationError | None = None
        while True:
            try:
                return await send(self.begin(), error)
            except SchemaViolationError as violation:
                if not self.goes_on:
                    raise
                error = violation


class Attempt:
    """One request, and the texts of its answer by their places: the choices of a completion, the parts of a response.

    Attributes:
        number: 1 for the first.
        usage: What the API has reported of it; None before it has.
    """

    __slots__ = ("_answers", "_schema", "_type", "number", "usage")

    number: int
    usage: Any

    def __init__(self, type_: Any, schema: Schema | None, number: int) -> None:
        self._type = type_
        self._schema = schema
        self._answers: dict[Hashable, Answer] = {}
        self.number = number
        self.usage = None

    def answer(self, place: Hashable) -> Answer:
        """Return the text at a place, an empty one where nothing has come."""
        answer = self._answers.get(place)
        if answer is None:
            answer = self._answers[place] = Answer(self._type, self._schema, self)
        return answer

    def end(self, place: Hashable, text: str) -> Answer:
        """Take `text` for the whole of that at a place, whatever came of it before.

        Raises:
            SchemaViolationError: it does not fit the schema.
        """
        answer = self.answer(place)
        if answer.text != text:
            answer = self._answers[place] = Answer(self._type, self._schema, self)
            answer.push(text)
        answer.finish()
        return answer

    def finish(self) -> None:
        """Take all texts for whole. Raises `SchemaViolationError` if one does not fit the schema."""
        for answer in self._answers.values():
            answer.finish()

    def check(self) -> None:
        """Raise `SchemaViolationError` if a whole text, which fits the schema, is refused by the type.

        Where a parser has refused something, this says whether it was a text, and not the arguments of a tool.
        """
        for answer in self._answers.values():
            answer.check()


class Said:
    """What was said to the model, to which each retry adds the answer that did not fit and what is wrong with it.

    Args:
        said: The messages of a chat, or the input of a response: its items or a text.
        attempts: Says whether it may be sent more than once.
    """

    __slots__ = ("_said",)

    def __init__(self, said: Any, attempts: Attempts) -> None:
        self._said = said
        if attempts.holds and isinstance(said, Iterable) and not isinstance(said, str):
            # What can be iterated over once is sent more than once.
            self._said = list(cast("Iterable[Any]", said))

    def after(self, error: SchemaViolationError | None) -> Any:
        """Return what the request says that follows an error, or None."""
        if error is not None:
            said = [{"role": "user", "content": self._said}] if isinstance(self._said, str) else self._said
            self._said = [*(cast("list[Any]", said) if isinstance(said, list) else ()), *_correction(error)]
        return self._said


def _correction(error: SchemaViolationError) -> list[dict[str, str]]:
    reason = (
        f"This answer does not fit the JSON schema: {error}. "
        "Answer again from the beginning, with the whole corrected JSON and nothing else."
    )
    return [{"role": "assistant", "content": error.text}, {"role": "user", "content": reason}]


def routed(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body that begins with what a proxy routes by, so that it need not read a long input first."""
    return {name: body[name] for name in ("model", "stream", "service_tier") if name in body} | body
