"""Python functions as tools: a schema from the signature, and arguments that fit it before the function is called."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast, get_type_hints

import pydantic
from pydantic.fields import FieldInfo

from ..._exceptions import SchemaError
from ..._native import Schema
from ...lib._pydantic import strict_schema_of
from .errors import InvalidToolArguments

if TYPE_CHECKING:
    from ..._native import Violation

__all__ = ["FunctionTool", "tools_of"]

#: `name: text` or `name (type): text` under `Args:`, and `:param name: text`.
_SECTION_ENTRY = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_FIELD_ENTRY = re.compile(r"^:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
#: What the API permits.
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SECTIONS = ("args:", "arguments:", "parameters:", "params:")


class FunctionTool:
    """A function that a model may call.

    Attributes:
        name: What the model calls it.
        description: What it is told about it; None for nothing.
        schema: JSON schema of the arguments.
        strict: Whether the API holds the model to the schema, which then asks for every parameter.
        is_async: Whether calling it gives an awaitable.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        model: Any = None,
        schema: dict[str, Any] | None = None,
    ) -> None:
        """Make a tool of `function`; what is not given is read from it.

        Args:
            function: Called with the arguments by name, or with an instance of `model`.
            name: Of the tool.
            description: Of the tool.
            model: The type of the only argument, where `function` takes one object; a pydantic model.
            schema: What the model is told of the arguments, in place of the schema that was made.

        Raises:
            TypeError: a parameter has no annotation, a type that has no schema, or stands for any number of arguments.
        """
        self.name = name or getattr(function, "__name__", None) or type(function).__name__
        if not _NAME.fullmatch(self.name):
            raise TypeError(
                f"A tool cannot be called `{self.name}`, because the API takes letters, digits, `_` and `-` only; give "
                "it another name."
            )
        documented = inspect.getdoc(function) if inspect.isroutine(function) else None
        summary, told = _documented(documented or (model.__doc__ if model is not None else None) or "")
        self.description = description if description is not None else summary or None
        self.is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 - an object may have an async `__call__`.
        )
        self._function = function
        self._takes_model = model is not None
        self._positional: list[str] = []
        self._model: type[pydantic.BaseModel] = model if model is not None else self._model_of(function, told)
        self.strict, made = _schema_of(self._model)
        self.schema = made if schema is None else schema
        if schema is not None:
            self.strict = False
        self._check = _checked(self.schema)

    def arguments(self, text: str) -> Any:
        """Return the arguments in JSON text, checked against the schema and validated.

        Raises:
            InvalidToolArguments: they do not fit; the message says where and why, for the model.
        """
        # A function without parameters may be called with nothing.
        text = text if text.strip() else "{}"
        violation: Violation | None = None if self._check is None else self._check.violation(text)
        if violation is not None:
            pointer, _, reason, _ = violation
            raise InvalidToolArguments(self.name, [(pointer, reason)])
        try:
            return self._model.model_validate_json(text)
        except pydantic.ValidationError as error:
            problems = [("".join(f"/{step}" for step in one["loc"]), one["msg"]) for one in error.errors()]
            raise InvalidToolArguments(self.name, problems) from error

    def call(self, arguments: Any) -> Any:
        """Return what the function returns: an awaitable of it where `is_async`. It raises what the function raises."""
        if self._takes_model:
            return self._function(arguments)
        fields = self._model.model_fields
        values: dict[str, Any] = {field.alias or name: getattr(arguments, name) for name, field in fields.items()}
        return self._function(*(values.pop(name) for name in self._positional), **values)

    def _model_of(self, function: Callable[..., Any], told: Mapping[str, str]) -> type[pydantic.BaseModel]:
        try:
            hints = get_type_hints(annotated(function), include_extras=True)
        except NameError as error:
            raise TypeError(f"The annotations of the tool `{self.name}` cannot be read: {error}.") from error
        try:
            parameters = inspect.signature(function).parameters.values()
        except ValueError as error:
            # Many functions that are written in C do not tell.
            raise TypeError(f"The tool `{self.name}` does not tell its parameters; wrap it in a function.") from error
        fields: dict[str, Any] = {}
        for number, parameter in enumerate(parameters):
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(
                    f"The tool `{self.name}` takes any number of arguments as `{parameter.name}`, which has no schema; "
                    "name its parameters."
                )
            if parameter.name not in hints:
                raise TypeError(
                    f"The parameter `{parameter.name}` of the tool `{self.name}` has no annotation; write its type, so "
                    "that a schema can be made."
                )
            if parameter.kind is parameter.POSITIONAL_ONLY:
                self._positional.append(parameter.name)
            # The field has a name of its own, because parameters may be called what pydantic forbids (`schema`, `_x`).
            fields[f"field_{number}"] = field_of(hints[parameter.name], parameter, told.get(parameter.name))
        config = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=False)
        create: Any = pydantic.create_model
        try:
            return create(self.name, __config__=config, **fields)
        except pydantic.errors.PydanticUserError as error:
            raise TypeError(f"A parameter of the tool `{self.name}` has a type without a schema: {error}") from error


def tools_of(tools: Iterable[Any]) -> tuple[dict[str, FunctionTool], list[Any]]:
    """Return the tools that can be called, by name, and those that are only sent.

    A tool is a function, a pydantic class with `__call__`, what `pydantic_function_tool` makes of one, a
    dictionary whose `function` has one under `function`, or any other dictionary, which is sent as it is.

    Raises:
        TypeError: what is none of these, or two tools of one name.
    """
    callable_: dict[str, FunctionTool] = {}
    sent: list[Any] = []
    for tool in tools:
        made = _tool_of(tool)
        if made is None:
            sent.append(tool)
            continue
        if made.name in callable_:
            raise TypeError(f"Two tools are called `{made.name}`, so the model could not tell them apart.")
        callable_[made.name] = made
    return callable_, sent


def _tool_of(tool: Any) -> FunctionTool | None:
    if isinstance(tool, FunctionTool):
        return tool
    if isinstance(tool, type) and issubclass(cast("type[Any]", tool), pydantic.BaseModel):
        made = _model_tool(tool, None, None)
        if made is None:
            raise TypeError(
                f"The pydantic class `{tool.__name__}` has no `__call__`, so it is no tool that can be run."
            )
        return made
    function: Any = tool
    if callable(function):
        return FunctionTool(function)
    if not isinstance(tool, Mapping):
        raise TypeError(f"A tool is a function, a pydantic class with `__call__` or a dictionary, and not {tool!r}.")
    described = cast("Mapping[str, Any]", tool)
    if described.get("type") != "function":
        return None
    definition = described.get("function", described)
    if callable(definition):
        return FunctionTool(definition)
    named = dict(cast("Mapping[str, Any]", definition))
    model = getattr(definition, "model", None)
    if model is not None:
        return _model_tool(model, named.get("name"), named.get("description"))
    function = named.get("function")
    if not callable(function):
        return None
    schema = named.get("parameters")
    return FunctionTool(
        function,
        name=named.get("name"),
        description=named.get("description"),
        schema=None if schema is None else dict(schema),
    )


def _model_tool(model: Any, name: str | None, description: str | None) -> FunctionTool | None:
    run: Any = getattr(model, "__call__", None)  # noqa: B004 - the class's own, not that of its metaclass.
    if not inspect.isfunction(run):
        return None
    return FunctionTool(run, name=name or model.__name__, description=description or _own_doc(model), model=model)


def _own_doc(model: type) -> str | None:
    documented = inspect.cleandoc(model.__doc__) if model.__doc__ else None
    return documented or None


def annotated(function: Any) -> Any:
    """Return what has the annotations of a callable: itself, or the `__call__` or the function that it stands for."""
    while hasattr(function, "func"):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def field_of(annotation: Any, parameter: inspect.Parameter, told: str | None) -> Any:
    default: Any = ... if parameter.default is parameter.empty else parameter.default
    if isinstance(default, FieldInfo):
        field, default = default, default.get_default(call_default_factory=True)
        annotation = Annotated[annotation, field]
        default = ... if field.is_required() else default
    more: dict[str, Any] = {"alias": parameter.name}
    if told and not _is_described(annotation):
        more["description"] = told
    # A default factory of pydantic's is asked at once: functions have their defaults when they are made, too.
    return (annotation, pydantic.Field(default, **more))


def _is_described(annotation: Any) -> bool:
    parts = getattr(annotation, "__metadata__", ())
    return any(isinstance(part, FieldInfo) and part.description is not None for part in parts)


def _documented(text: str) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of a function, up to its sections, and of each parameter."""
    summary: list[str] = []
    told: dict[str, str] = {}
    section: str | None = None
    indent = 0
    name: str | None = None
    for line in inspect.cleandoc(text).splitlines():
        stripped = line.strip()
        depth = len(line) - len(line.lstrip())
        field = _FIELD_ENTRY.match(stripped)
        if field is not None:
            section, name = "fields", str(field[1])
            told[name] = field[2]
        elif depth == 0 and stripped.lower() in _SECTIONS:
            section, indent, name = "args", 0, None
        elif depth == 0 and (stripped.startswith(":") or (stripped.endswith(":") and stripped[:-1].isalpha())):
            section, name = "other", None
        elif section == "args" and stripped and depth > 0:
            indent = indent or depth
            entry = _SECTION_ENTRY.match(stripped) if depth == indent else None
            if entry is not None:
                name = str(entry[1])
                told[name] = entry[2]
            elif name is not None:
                told[name] = f"{told[name]} {stripped}".strip()
        elif section == "fields" and name is not None and stripped:
            told[name] = f"{told[name]} {stripped}".strip()
        elif section is None:
            summary.append(line)
    return "\n".join(summary).strip(), told


def _schema_of(model: type[pydantic.BaseModel]) -> tuple[bool, dict[str, Any]]:
    """Return whether the API can hold a model to the schema of `model`, and the schema.

    It can where every property is required and no object is open.
    """
    plain = model.model_json_schema()
    if not _has_optional(plain):
        strict = strict_schema_of(model)
        if not _has_open(strict):
            return True, strict
    return False, plain


def _objects(schema: Any) -> Iterable[dict[str, Any]]:
    if isinstance(schema, dict):
        found = cast("dict[str, Any]", schema)
        if found.get("type") == "object":
            yield found
        for inner in found.values():
            yield from _objects(inner)
    elif isinstance(schema, list):
        for inner in cast("list[Any]", schema):
            yield from _objects(inner)


def _has_optional(schema: dict[str, Any]) -> bool:
    return any(set(found.get("properties", ())) - set(found.get("required", ())) for found in _objects(schema))


def _has_open(schema: dict[str, Any]) -> bool:
    return any(found.get("additionalProperties", True) is not False for found in _objects(schema))


def _checked(schema: dict[str, Any]) -> Schema | None:
    try:
        return Schema(json.dumps(schema))
    except (SchemaError, ValueError):
        # What the engine refuses to compile, such as a pattern that could take forever, pydantic still validates.
        return None
