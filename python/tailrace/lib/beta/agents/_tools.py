"""Functions as tools of agents: what the model is told of them, and arguments that fit before they are called."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, get_type_hints, overload

import pydantic

from ...._structured.run_tools.functions import annotated, field_of
from ...._types import Omit, omit

if TYPE_CHECKING:
    from ....types.beta.agent_tool_param import AgentToolConfigParamFunction
    from ...streaming.agents._types import ToolOutput

__all__ = ["FunctionTool", "function_tool", "pydantic_function_tool"]

_ModelT = TypeVar("_ModelT", bound=pydantic.BaseModel)
_OutputT = TypeVar("_OutputT", covariant=True)


class FunctionTool(Generic[_OutputT]):
    """A tool of an agent and the function behind it.

    `definition` goes into the agent's tools, the object itself into `tool_handlers={tool.name: tool}`. Calling it
    validates the arguments, then calls the function.
    """

    _converts = False

    def __init__(
        self,
        model: type[_ModelT],
        handler: Callable[[_ModelT], _OutputT],
        *,
        name: str,
        description: str,
        defer_loading: bool | Omit = omit,
    ) -> None:
        """Make a tool whose `handler` gets a `model` and gives what a handler of tools may give.

        Args:
            model: The arguments; a pydantic model whose schema is that of an object.
            handler: The function.
            name: Of the tool.
            description: Of the tool.
            defer_loading: Whether the model finds the tool by tool search only.

        Raises:
            TypeError: the schema of `model` is not that of an object.
            ValueError: the name is empty.
        """
        if not name:
            raise ValueError("Tool name must not be empty")
        schema = model.model_json_schema()
        if not _is_object(schema):
            raise TypeError(
                "Tool argument models must have an object JSON schema; root-level compositions are unsupported"
            )
        self._model = model
        self._handler = handler
        self._definition: Any = {"type": "function", "name": name, "description": description, "parameters": schema}
        if not isinstance(defer_loading, Omit):
            self._definition["defer_loading"] = defer_loading

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self._definition["name"]

    @property
    def definition(self) -> AgentToolConfigParamFunction:
        """What the model is told of it, as a copy."""
        return deepcopy(self._definition)

    def __call__(self, arguments: dict[str, Any]) -> _OutputT:
        """Call the function.

        Raises:
            pydantic.ValidationError: the arguments do not fit; the function is not called.
            TypeError, ValueError: the result of a function that was made a tool has no form in JSON.
        """
        value: Any = self._handler(self._validated(arguments))
        return cast(Any, self._later(value)) if self._converts and inspect.isawaitable(value) else self._output(value)

    def _validated(self, arguments: Any) -> Any:
        return self._model.model_validate(arguments)

    def _output(self, value: Any) -> Any:
        return _tool_output(value) if self._converts else value

    async def _later(self, value: Awaitable[Any]) -> Any:
        return self._output(await value)


class _FunctionToolDecorator(Protocol):
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]
        self, function: Callable[..., Awaitable[object]], /
    ) -> FunctionTool[Awaitable[ToolOutput]]: ...

    @overload
    def __call__(self, function: Callable[..., object], /) -> FunctionTool[ToolOutput]: ...


@overload
def function_tool(  # pyright: ignore[reportOverlappingOverload]
    function: Callable[..., Awaitable[object]], *, name: str | None = None, description: str | None = None,
    defer_loading: bool | Omit = omit,
) -> FunctionTool[Awaitable[ToolOutput]]: ...  # fmt: skip


@overload
def function_tool(
    function: Callable[..., object], *, name: str | None = None, description: str | None = None,
    defer_loading: bool | Omit = omit,
) -> FunctionTool[ToolOutput]: ...  # fmt: skip


@overload
def function_tool(
    function: None = None, *, name: str | None = None, description: str | None = None,
    defer_loading: bool | Omit = omit,
) -> _FunctionToolDecorator: ...  # fmt: skip


def function_tool(
    function: Callable[..., object] | None = None, *, name: str | None = None, description: str | None = None,
    defer_loading: bool | Omit = omit,
) -> FunctionTool[Any] | _FunctionToolDecorator:  # fmt: skip
    """Make a tool of a function; without one, return a decorator.

    Args:
        function: Its parameters have annotations, of which the schema is made. What it returns is sent as it is where
            it is text or a list of content, and as JSON otherwise.
        name: Of the tool; that of the function if None.
        description: Of the tool; the docstring of the function if None.
        defer_loading: Whether the model finds the tool by tool search only.

    Raises:
        TypeError: a parameter has no annotation, begins with `_`, is positional only, or stands for any number.
        NameError: an annotation names what is not there.
    """
    if function is None:
        return cast(Any, partial(function_tool, name=name, description=description, defer_loading=defer_loading))
    model, names = _model_of(function)

    def call(arguments: pydantic.BaseModel) -> object:
        return function(**{name: getattr(arguments, field) for field, name in names.items()})

    said = inspect.getdoc(function) if description is None else description
    # A callable object without a name needs one of the caller's.
    tool_name: str = cast(Any, function).__name__ if name is None else name
    return _converting(model, call, tool_name, said, defer_loading)


@overload
def pydantic_function_tool(
    model: type[_ModelT], *, handler: Callable[[_ModelT], Awaitable[object]], name: str | None = None,
    description: str | None = None, defer_loading: bool | Omit = omit,
) -> FunctionTool[Awaitable[ToolOutput]]: ...  # fmt: skip


@overload
def pydantic_function_tool(
    model: type[_ModelT], *, handler: Callable[[_ModelT], object], name: str | None = None,
    description: str | None = None, defer_loading: bool | Omit = omit,
) -> FunctionTool[ToolOutput]: ...  # fmt: skip


def pydantic_function_tool(
    model: type[_ModelT], *, handler: Callable[[_ModelT], object], name: str | None = None,
    description: str | None = None, defer_loading: bool | Omit = omit,
) -> FunctionTool[Any]:  # fmt: skip
    """Make a tool whose `handler` gets an instance of `model`, and returns what `function_tool` says.

    The tool is called as the class, and its description is the docstring of the class, unless `name` and `description`
    say otherwise.

    Raises:
        TypeError: the schema of `model` is not that of an object.
    """
    said = model.__doc__ if description is None else description
    return _converting(model, handler, model.__name__ if name is None else name, said, defer_loading)


def _converting(model: Any, handler: Any, name: str, said: str | None, defer_loading: Any) -> FunctionTool[Any]:
    tool = FunctionTool(model, handler, name=name, description=said or "", defer_loading=defer_loading)
    tool._converts = True  # pyright: ignore[reportPrivateUsage]
    return tool


def _is_object(schema: dict[str, Any]) -> bool:
    found: Any = schema
    while "$ref" in found:
        found = schema["$defs"][found["$ref"].removeprefix("#/$defs/")]
    return found.get("type") == "object"


def _tool_output(value: Any) -> Any:
    if isinstance(value, pydantic.BaseModel):
        value = value.model_dump(mode="json")
    if value is None or isinstance(value, str) or _is_content(value):
        return value
    if not isinstance(value, (Mapping, list, tuple)) and isinstance(value, Iterable) and not isinstance(value, bytes):
        value = list(cast("Iterable[Any]", value))
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _is_content(value: Any) -> bool:
    """Whether it is a list of parts that the API takes, with nothing else in them."""
    parts = (("input_text", "text"), ("input_image", "image_url"))
    return isinstance(value, (list, tuple)) and bool(value) and all(  # pyright: ignore[reportUnknownArgumentType]
        isinstance(part, Mapping)
        and any(part == {"type": kind, name: part.get(name)} and isinstance(part[name], str) for kind, name in parts)  # pyright: ignore[reportUnknownMemberType]
        for part in cast("list[Any]", value)
    )  # fmt: skip


def _model_of(function: Callable[..., object]) -> tuple[type[pydantic.BaseModel], dict[str, str]]:
    """Return the arguments of a function as a model, and the names of its parameters by those of the fields."""
    parameters = inspect.signature(function).parameters
    for name, parameter in parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"Unsupported tool parameter: {name}")
    hints = _hints_of(function, parameters)
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}
    for number, (name, parameter) in enumerate(parameters.items()):
        if name.startswith("_") or name not in hints:
            raise TypeError(f"Tool parameter needs a public name and type annotation: {name}")
        # The field has a name of its own, because parameters may be called what pydantic forbids, such as `schema`.
        names[f"field_{number}"] = name
        fields[f"field_{number}"] = field_of(hints[name], parameter, None)
    create: Any = pydantic.create_model
    return create("ToolArguments", __config__=pydantic.ConfigDict(extra="forbid"), **fields), names


def _hints_of(function: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the annotations of parameters; that of the result may name what is there for type checkers only."""
    # A class is called with what its instances are made of.
    made_of = function.__init__ if isinstance(function, type) else getattr(function, "__func__", function)
    plain = inspect.unwrap(annotated(made_of))
    owner = _owner_of(function, plain)
    known: dict[str, Any] = {} if owner is None else dict(vars(owner))
    for generic in (owner, plain):
        known.update((parameter.__name__, parameter) for parameter in getattr(generic, "__type_params__", ()))
    wanted = {name: hint for name, hint in getattr(plain, "__annotations__", {}).items() if name in names}
    holder = SimpleNamespace(__annotations__=wanted)
    return get_type_hints(holder, getattr(plain, "__globals__", {}), known, include_extras=True)


def _owner_of(function: Any, plain: Any) -> type | None:
    """Return the class whose body a method was written in, where its annotations may name what stands beside it."""
    place: tuple[str, object] = plain.__qualname__.rpartition(".")[0], getattr(plain, "__module__", None)
    bound = getattr(function, "__self__", None)
    for cls in (bound if isinstance(bound, type) else type(bound)).__mro__:
        if (cls.__qualname__, cls.__module__) == place:
            return cls
    found: Any = None
    for number, step in enumerate(place[0].split(".")):
        scope: dict[str, Any] = getattr(plain, "__globals__", {}) if number == 0 else dict(vars(found))
        found = scope.get(step)
        if not isinstance(found, type):
            return None
    return found


# Tracebacks and `repr` name the class by the place that it is imported from.
FunctionTool.__module__ = "tailrace.lib.beta.agents"
