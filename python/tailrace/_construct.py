"""Building models from decoded JSON without validation: the Python path behind the native shape plans.

The rules are those of the official package, because users see their results: a union is validated first, then its
discriminator decides, then its first variant that can be built; everything else is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cache, lru_cache
from inspect import get_annotations, isclass
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import pydantic

from ._types import PropertyInfo

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_Model = TypeVar("_Model", bound=pydantic.BaseModel)


def construct_type(type_: Any, value: object) -> Any:
    """Return `value`, decoded JSON, as an object of `type_` as far as it fits; what does not fit is returned as it is.

    Raises:
        RuntimeError: `type_` is a union and `value` fits no variant, not even loosely.
    """
    # The value of a `TypeAliasType` is the type that it names.
    if type(type_).__name__ == "TypeAliasType":
        type_ = type_.__value__
    full_type, metadata = type_, ()
    if get_origin(type_) is Annotated:
        type_, *rest = get_args(type_)
        metadata = tuple(rest)
    origin = get_origin(type_) or type_
    if origin is Union or origin is UnionType:
        return _construct_union(type_, full_type, metadata, value)
    if origin is dict:
        if not isinstance(value, Mapping):
            return value
        item_type = (get_args(type_) or (None, Any))[1]
        items = cast("Mapping[Any, object]", value)
        return {key: construct_type(item_type, item) for key, item in items.items()}
    if origin is list:
        if not isinstance(value, list):
            return value
        item_type = (get_args(type_) or (Any,))[0]
        return [construct_type(item_type, item) for item in cast("list[object]", value)]
    if isclass(origin) and issubclass(origin, pydantic.BaseModel):
        return _construct_nested(type_, value)
    if origin is float and isinstance(value, int):
        coerced = float(value)
        # A number that a float cannot hold exactly stays what it was.
        return coerced if coerced == value else value
    if origin is datetime:
        return _parsed(_parse_datetime, value)
    if origin is date:
        return _parsed(_parse_date, value)
    return value


def construct_type_unchecked(*, value: object, type_: Any) -> Any:
    """Return what `construct_type` returns; tests of the official package ask for it by this name."""
    return construct_type(type_, value)


def construct_model(cls: type[_Model], values: Mapping[str, object], fields_set: set[str] | None = None) -> _Model:
    """Return an instance of `cls` from wire names, without validation."""
    model = cls.__new__(cls)
    fields = cls.model_fields
    by_name = bool(cls.model_config.get("populate_by_name"))
    seen: set[str] = set() if fields_set is None else fields_set
    attributes: dict[str, object] = {}
    for name, field in fields.items():
        key = field.alias
        if key is None or (by_name and key not in values):
            key = name
        if key in values:
            attributes[name] = _construct_field(field, values[key])
            seen.add(name)
        else:
            attributes[name] = _default(field)
    extra_type = _extra_type(cls)
    # Wire names that differ from the field name stay here too, as in the official package: `to_dict` shows them.
    extra = {
        key: value if extra_type is None else construct_type(extra_type, value)
        for key, value in values.items()
        if key not in fields
    }
    set_attribute = object.__setattr__
    set_attribute(model, "__dict__", attributes)
    set_attribute(model, "__pydantic_fields_set__", seen)
    set_attribute(model, "__pydantic_extra__", extra)
    set_attribute(model, "__pydantic_private__", None)
    return model


def _construct_nested(type_: Any, value: object) -> object:
    if isinstance(value, list):
        return [type_.construct(**item) if isinstance(item, Mapping) else item for item in cast("list[object]", value)]
    if isinstance(value, Mapping):
        return type_.construct(**value)
    return value


def _construct_field(field: pydantic.fields.FieldInfo, value: object) -> object:
    if value is None:
        return _default(field)
    annotation = field.annotation
    if field.metadata:
        # pydantic takes the metadata off the annotation; the discriminator of a union is in it.
        annotation = Annotated[(annotation, *field.metadata)]
    return construct_type(annotation, value)


def _default(field: pydantic.fields.FieldInfo) -> object:
    # Without factories, as the official package has it, and a required field that is missing reads None.
    value = field.get_default()
    return None if type(value).__name__ == "PydanticUndefinedType" else value


@cache
def _extra_type(cls: type[pydantic.BaseModel]) -> Any:
    for parent in cls.__mro__:
        annotation: Any = get_annotations(parent).get("__pydantic_extra__")
        if annotation is None or parent is pydantic.BaseModel:
            continue
        if isinstance(annotation, str):
            from typing import get_type_hints

            try:
                annotation = get_type_hints(parent, include_extras=True)["__pydantic_extra__"]
            except NameError:
                # A class made inside a function names types that only that function knows.
                return None
        arguments = get_args(annotation)
        return arguments[1] if len(arguments) == 2 else None
    return None


def _construct_union(type_: Any, full_type: Any, metadata: tuple[Any, ...], value: object) -> object:
    try:
        return _validator(full_type).validate_python(value)
    except Exception:  # noqa: BLE001 - Whatever validation dislikes, the loose path below still takes.
        pass
    variant = _variant_by_discriminator(type_, metadata, value)
    if variant is not None:
        return construct_type(variant, value)
    for variant in get_args(type_):
        try:
            return construct_type(variant, value)
        except Exception:  # noqa: BLE001, S112 - The next variant may fit.
            continue
    raise RuntimeError(f"The value fits no variant of {type_}.")


@lru_cache(maxsize=4096)
def _validator(type_: Any) -> TypeAdapter[Any]:
    # It takes a fifth of the time that pydantic takes to load, and most answers need none.
    from pydantic import TypeAdapter

    return TypeAdapter(type_)


def _variant_by_discriminator(union: Any, metadata: tuple[Any, ...], value: object) -> Any:
    if not isinstance(value, Mapping):
        return None
    name = next(
        (item.discriminator for item in metadata if isinstance(item, PropertyInfo) and item.discriminator), None
    )
    if name is None:
        return None
    key, variants = _variants(union, name)
    tag = cast("Mapping[Any, object]", value).get(key)
    return variants.get(tag) if tag and isinstance(tag, str) else None


@lru_cache(maxsize=1024)
def _variants(union: Any, name: str) -> tuple[str, dict[str, Any]]:
    """Return the wire name of the discriminator and the variant for each of its values."""
    key = name
    variants: dict[str, Any] = {}
    for variant in get_args(union):
        plain = get_args(variant)[0] if get_origin(variant) is Annotated else variant
        model = get_origin(plain) or plain
        if not (isclass(model) and issubclass(model, pydantic.BaseModel)):
            continue
        field = model.model_fields.get(name)
        if field is None:
            continue
        key = field.alias or key
        if get_origin(field.annotation) is Literal:
            variants.update((tag, plain) for tag in get_args(field.annotation) if isinstance(tag, str))
    return key, variants


_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_DATE_ONLY = re.compile(f"{_DATE}$")
_DATE_TIME = re.compile(
    rf"{_DATE}[T ](?P<hour>\d{{1,2}}):(?P<minute>\d{{1,2}})"
    r"(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6})\d{0,6})?)?"
    r"(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?$"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Above this many seconds (the year 2603) a number is read as milliseconds, and again as microseconds.
_LARGEST_SECONDS = 2e10


def _parsed(parse: Any, value: object) -> object:
    try:
        return parse(value)
    except Exception:  # noqa: BLE001 - A value that is no date stays as the API sent it.
        return value


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _from_epoch(seconds: float) -> datetime:
    if seconds > 3e20:
        return datetime.max
    if seconds < -3e20:
        return datetime.min
    while abs(seconds) > _LARGEST_SECONDS:
        seconds /= 1000
    return _EPOCH + timedelta(seconds=seconds)


def _parse_datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    number = _number(value)
    if number is not None:
        return _from_epoch(number)
    match = _DATE_TIME.match(cast("str", value))
    if match is None:
        raise ValueError("The text is no date and time.")
    parts: dict[str, str | None] = match.groupdict()
    offset = parts["zone"]
    zone: timezone | None = None
    if offset == "Z":
        zone = timezone.utc
    elif offset:
        sign = -1 if offset[0] == "-" else 1
        minutes = int(offset[-2:]) if len(offset) > 3 else 0
        zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=minutes))
    return datetime(
        int(match["year"]),
        int(match["month"]),
        int(match["day"]),
        int(match["hour"]),
        int(match["minute"]),
        int(parts["second"] or 0),
        int((parts["fraction"] or "0").ljust(6, "0")),
        zone,
    )


def _parse_date(value: object) -> date:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    number = _number(value)
    if number is not None:
        return _from_epoch(number).date()
    match = _DATE_ONLY.match(cast("str", value))
    if match is None:
        raise ValueError("The text is no date.")
    return date(int(match["year"]), int(match["month"]), int(match["day"]))
