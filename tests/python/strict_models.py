"""Types of a caller, one for each thing that pydantic can say in a schema."""

# Annotations are evaluated where they stand, so that classes of functions are found. Users write old names of types.
# ruff: noqa: UP006, UP035

import dataclasses
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Dict, Generic, List, Literal, NamedTuple, Optional, Tuple, TypeVar, Union, cast

import pydantic.dataclasses
from annotated_types import Ge, Le, Len
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    RootModel,
    SecretStr,
    StringConstraints,
    Tag,
    WithJsonSchema,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import NotRequired, TypedDict

T = TypeVar("T")


class Color(enum.Enum):
    """What a thing looks like."""

    RED = "red"
    BLUE = "blue"


class Level(int, enum.Enum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    A = "a"
    B = 1
    C = None


class One(enum.Enum):
    ONLY = "only"


class Star(BaseModel):
    name: str = Field(description="The name of the star.")


class Galaxy(BaseModel):
    """A galaxy.

    With a second paragraph.
    """

    name: str
    largest_star: Star = Field(description="The largest star.")
    others: list[Star]


class Universe(BaseModel):
    galaxy: Galaxy = Field(description="A galaxy in the universe.")
    spare: Optional[Galaxy] = Field(None, description="Maybe another.")


class Node(BaseModel):
    value: int
    children: List["Node"]
    parent: Optional["Node"] = None


class Ping(BaseModel):
    pong: Optional["Pong"] = None


class Pong(BaseModel):
    ping: Optional[Ping] = Field(default=None, title="Other way")


Ping.model_rebuild()


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool = True


class Box(BaseModel, Generic[T]):
    item: T
    more: list[T] = []


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Named(TypedDict):
    """A typed dictionary."""

    a: int
    b: NotRequired[str]


class Loose(TypedDict, total=False):
    a: int


@dataclasses.dataclass
class Plain:
    """A dataclass of the standard library."""

    a: int
    star: Star
    b: Optional[str] = None
    c: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Tree:
    value: int
    left: Optional["Tree"] = None


@dataclasses.dataclass
class Holder(Generic[T]):
    item: T


@pydantic.dataclasses.dataclass
class Checked:
    a: int
    plain: Plain
    d: int = pydantic.Field(default=3, description="Three.")


@pydantic.dataclasses.dataclass(config=ConfigDict(title="Titled", extra="forbid"))
class Configured:
    a: int


class OfColor(RootModel[Color]): ...


class OfStars(RootModel[list[Star]]): ...


class OfStar(RootModel[Star]):
    """One star."""


class Base(BaseModel):
    """The base."""

    a: int


class Derived(Base):
    b: str


class Validated(BaseModel):
    a: Annotated[int, BeforeValidator(int), AfterValidator(abs)]
    b: str = ""

    @field_validator("b")
    @classmethod
    def strip(cls, value: str) -> str:
        return value.strip()

    @model_validator(mode="after")
    def check(self) -> "Validated":
        return self

    @computed_field
    @property
    def c(self) -> int:
        return self.a


class Extended(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"a": 1}], "x-more": {"deep": [1, 2.5, None, "é☃"]}})
    a: int = Field(json_schema_extra={"default": None, "x": True})


def drop_title(schema: dict[str, Any]) -> None:
    schema.pop("title")


class Trimmed(BaseModel):
    model_config = ConfigDict(json_schema_extra=drop_title)
    a: int


class Own(BaseModel):
    a: int

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        found = handler.resolve_ref_schema(handler(core))
        return {**found, "allOf": [{"title": "Merged", "minProperties": 1}], "default": None}


def one(kind: Any, /, **options: Any) -> type[BaseModel]:
    """A model with one field `x` of this type."""
    field: Any = (kind, Field(**options)) if options else (kind, ...)
    return create_model("One", x=field)


def made(**fields: Any) -> type[BaseModel]:
    return create_model("Made", **fields)


def with_config(**config: Any) -> type[BaseModel]:
    fields: Any = {"some_name": (int, ...), "other": (Optional[Star], None)}
    return create_model("Set", __config__=cast(Any, config), **fields)


#: The models of the official tests (`tests/lib/test_pydantic.py`, `chat/test_completions.py`, `schema_types/query.py`)
#: have these shapes: enums of words, unions with a model, lists of enums and models, references with descriptions.
class DynamicValue(BaseModel):
    column_name: str


class Condition(BaseModel):
    column: str
    operator: Color
    value: Union[str, int, DynamicValue]


class Query(BaseModel):
    name: Optional[str] = None
    table: Color
    columns: List[Color]
    conditions: List[Condition]
    order_by: Color


class Location(BaseModel):
    city: str
    temperature: float
    units: Literal["c", "f"]


class CalendarEvent(BaseModel):
    name: str
    date: str
    participants: list[str]


class ColorDetection(BaseModel):
    color: Color = Field(description="The detected color")
    hex_color_code: str = Field(description="The hex color code of the detected color")


MODELS: dict[str, Any] = {
    model.__name__: model
    for model in (
        Star, Galaxy, Universe, Node, Ping, Pong, Cat, Dog, Box, OfColor, OfStars, OfStar, Base, Derived, Validated,
        Extended, Trimmed, Own, DynamicValue, Condition, Query, Location, CalendarEvent, ColorDetection,
    )
}  # fmt: skip

MODELS.update(
    {
        "generic of int": Box[int],
        "generic of a model": Box[Star],
        "generic of a generic": Box[Box[Color]],
        "generic of a union": Box[Union[Cat, Dog]],
        "empty": create_model("Empty"),
        "str": one(str),
        "int": one(int),
        "float": one(float),
        "bool": one(bool),
        "bytes": one(bytes),
        "None": one(None),
        "Any": one(Any),
        "object": one(object),
        "optional": one(Optional[int]),
        "optional with None": one(Optional[int], default=None),
        "optional model with None": one(Optional[Star], default=None),
        "default number": one(int, default=3),
        "default zero": one(int, default=0),
        "default false": one(bool, default=False),
        "default text": one(str, default=""),
        "default list": one(list[int], default=[]),
        "default model": one(Star, default=Star(name="Sun")),
        "default enum": one(Color, default=Color.RED),
        "default factory": one(list[int], default_factory=list),
        "title": one(int, title="T"),
        "description": one(int, description='quotes " and \\ and \n lines'),
        "unicode": one(int, description="Zürich ☃ 😀 \x7f \u2028"),
        "examples": one(int, examples=[1, 2]),
        "deprecated": one(int, deprecated=True),
        "alias": one(int, alias="theX"),
        "validation alias": one(int, validation_alias="theX"),
        "serialization alias": one(int, serialization_alias="theX"),
        "alias choices": one(int, validation_alias=AliasChoices("a", "b")),
        "alias path": one(int, validation_alias=AliasPath("a", 0)),
        "strange names": made(a=(int, Field(alias="a/b~c d%20")), b=(Star, Field(alias="$ref"))),
        "bounds": one(int, ge=1, lt=10, multiple_of=2),
        "float bounds": one(float, gt=0.1, le=1e300),
        "big bounds": one(int, le=2**80, ge=-(2**80)),
        "infinite bound": one(float, le=float("inf")),
        "exact decimals": one(float, default=0.1000000000000000055),
        "annotated bounds": one(Annotated[int, Ge(1), Le(5)]),
        "text constraints": one(str, min_length=1, max_length=5, pattern="^[a-z]+\\d$"),
        "annotated text": one(Annotated[str, StringConstraints(to_lower=True, pattern="^x$")]),
        "list bounds": one(list[int], min_length=1, max_length=3),
        "annotated list": one(Annotated[list[int], Len(1, 2)]),
        "list of models": one(list[Star]),
        "list of lists": one(list[list[Star]]),
        "list of optionals": one(list[Optional[Star]]),
        "bare list": one(list),
        "sequence": one(Sequence[int]),
        "set": one(set[int]),
        "frozen set": one(frozenset[str]),
        "tuple": one(tuple[int, str]),
        "tuple of models": one(Tuple[Star, Cat]),
        "tuple of any length": one(tuple[int, ...]),
        "empty tuple": one(tuple[()]),
        "named tuple": one(Pair),
        "dict": one(dict),
        "dict of int": one(dict[str, int]),
        "dict of models": one(Dict[str, Star]),
        "dict by number": one(dict[int, Star]),
        "dict by enum": one(dict[Color, int]),
        "typed dict": one(Named),
        "loose typed dict": one(Loose),
        "dataclass": one(Plain),
        "described dataclass": one(Plain, description="d"),
        "recursive dataclass": one(Tree),
        "generic dataclass": one(Holder[Star]),
        "pydantic dataclass": one(Checked),
        "literal": one(Literal["a"]),
        "literals": one(Literal["a", 1, True, None]),
        "literal of enum": one(Literal[Color.RED]),
        "enum": one(Color),
        "described enum": one(Color, description="d"),
        "enum with title": one(Color, title="Other"),
        "optional enum": one(Optional[Color], description="d"),
        "number enum": one(Level),
        "mixed enum": one(Mixed),
        "enum of one": one(One),
        "union": one(Union[int, str]),
        "union of models": one(Union[Cat, Dog]),
        "described union": one(Union[Cat, Dog, None], description="d"),
        "discriminated": one(Union[Cat, Dog], discriminator="kind"),
        "discriminated list": one(list[Annotated[Union[Cat, Dog], Field(discriminator="kind")]]),
        "called discriminator": one(
            Annotated[Union[Annotated[Cat, Tag("c")], Annotated[Dog, Tag("d")]], Discriminator(lambda value: "c")]
        ),
        "model": one(Star),
        "described model": one(Star, description="d"),
        "model with title": one(Star, title="T", description="d", examples=[{"name": "x"}]),
        "described recursion inside": one(list[Node], description="d"),
        "described root model": one(OfStar, description="d"),
        "root model of enum": one(OfColor, description="d"),
        "root model of list": one(OfStars, description="d"),
        "generic described": one(Box[Star], description="d"),
        "datetime": one(datetime.datetime),
        "date": one(datetime.date),
        "time": one(datetime.time),
        "timedelta": one(datetime.timedelta),
        "decimal": one(decimal.Decimal),
        "uuid": one(uuid.UUID),
        "path": one(pathlib.Path),
        "pattern": one(re.Pattern),
        "address": one(ipaddress.IPv4Address),
        "secret": one(SecretStr),
        "url": one(pydantic.AnyUrl),
        "json": one(Json[list[int]]),
        "skipped": one(Union[int, SkipJsonSchema[None]], default=None),
        "own schema": one(Annotated[int, WithJsonSchema({"type": "object", "properties": {"y": {"default": None}}})]),
        "own reference": one(Annotated[Star, WithJsonSchema({"allOf": [{"type": "object"}, {"type": "object"}]})]),
        "validated": one(Annotated[str, AfterValidator(str.strip)]),
        "extra forbidden": with_config(extra="forbid"),
        "extra allowed": with_config(extra="allow"),
        "config title": with_config(title="A title"),
        "alias generator": with_config(alias_generator=str.upper),
        "docstrings of fields": with_config(use_attribute_docstrings=True),
        "schema extra": with_config(json_schema_extra={"default": None, "properties": {"z": {"type": "object"}}}),
        "many": made(**{f"field_{number}": (Optional[Star], None) for number in range(200)}),
    }
)  # fmt: skip

#: What neither package can say: the class that it raises is pydantic's.
UNSUPPORTED: dict[str, Any] = {
    "callable": one(Callable[[], int]),
    "callable in a list": one(list[one(Callable[[], int])]),
    "class of nobody": create_model("Odd", __config__=ConfigDict(arbitrary_types_allowed=True), x=(re.Match, ...)),
}

#: Types that only tailrace takes as such; the official package has their schema by a `TypeAdapter`.
OTHER_TYPES: dict[str, Any] = {
    "dataclass": Plain,
    "recursive dataclass": Tree,
    "generic dataclass": Holder[Star],
    "typed dict": Named,
    "loose typed dict": Loose,
}

#: Dataclasses that both take.
DATACLASSES: dict[str, Any] = {"pydantic": Checked, "configured": Configured}

#: What has no schema at all.
NO_TYPES: dict[str, Any] = {
    "int": int,
    "list": list[Star],
    "union": Union[Star, Cat],
    "text": "text",
    "instance": Star(name="Sun"),
    "None": None,
    "enum": Color,
}
