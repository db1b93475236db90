"""Building models without validation: every result equals that of the official package, on malformed data too."""

import copy
import datetime
import pickle
from types import ModuleType, SimpleNamespace
from typing import Annotated, Any, Literal, Optional, Union

import pydantic
import pytest

import tailrace
from tailrace import _native
from tailrace._construct import construct_type
from tailrace._types import PropertyInfo


def define(base: Any, info: Any) -> SimpleNamespace:
    """Define the same models on the `BaseModel` of either package."""

    class Part(base):
        text: str
        counts: dict[str, int] = {}  # noqa: RUF012 - pydantic copies defaults.

    class Alpha(base):
        type: Literal["alpha"]
        x: int
        y: Optional[float] = None
        z: str = "default"
        parts: Optional[list[Part]] = None

    class Beta(base):
        type: Literal["beta", "bravo"]
        x: str

    class Aliased(base):
        first: int = pydantic.Field(alias="firstAlias")
        second: Optional[int] = pydantic.Field(alias="secondAlias", default=3)
        schema_: Optional[str] = pydantic.Field(alias="schema", default=None)

    class Defaults(base):
        numbers: list[int] = [1]  # noqa: RUF012
        made: dict[str, int] = pydantic.Field(default_factory=dict)
        part: Optional[Part] = None
        at: Optional[datetime.datetime] = None
        moment: datetime.datetime = datetime.datetime(2020, 1, 1)

    class Typed(base):
        __pydantic_extra__: dict[str, Alpha] = pydantic.Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]
        n: int

    union = Annotated[Union[Alpha, Beta], info(discriminator="type")]

    class Holder(base):
        one: union  # pyright: ignore[reportInvalidTypeForm]
        maybe: Optional[union] = None  # pyright: ignore[reportInvalidTypeForm]
        many: list[union] = []  # noqa: RUF012  # pyright: ignore[reportInvalidTypeForm]
        plain: Union[Alpha, Beta, None] = None
        mixed: Union[str, list[Part], None] = None

    return SimpleNamespace(
        Part=Part, Alpha=Alpha, Beta=Beta, Aliased=Aliased, Defaults=Defaults, Typed=Typed, Holder=Holder, union=union
    )


def shown(value: Any) -> Any:
    """Return a comparable picture of a value: class names, fields in order, fields set, extras."""
    if isinstance(value, pydantic.BaseModel):
        return {
            "class": type(value).__name__,
            "fields": [(name, shown(item)) for name, item in value.__dict__.items()],
            "set": sorted(value.model_fields_set),
            "extra": shown(value.__pydantic_extra__),
            "private": value.__pydantic_private__,
        }
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return (type(value).__name__, repr(value))


def outcome(construct: Any, type_: Any, value: Any) -> Any:
    try:
        return shown(construct(type_=type_, value=copy.deepcopy(value)))
    except Exception as error:  # noqa: BLE001 - That both fail is an outcome too.
        return type(error).__name__


def planned(plan: _native.Plan, text: bytes) -> Any:
    return outcome(lambda type_, value: plan.build(value), None, text)


VALUES: list[Any] = [
    None, True, 5, 1.5, "s", "", [], {}, [None], [1, "a"],
    {"type": "alpha", "x": 1}, {"type": "alpha", "x": "1"}, {"type": "alpha", "x": "q"}, {"type": "alpha"},
    {"type": "beta", "x": 1}, {"type": "bravo", "x": "1", "e": {"q": 1}}, {"type": "beta"}, {"type": "zz", "x": 1},
    {"type": 5}, {"type": None}, {"type": []}, {"x": 1}, {"x": None, "z": None, "parts": None},
    {"type": "alpha", "x": 1, "y": 2}, {"type": "alpha", "x": 1, "y": "2"}, {"type": "alpha", "x": 1, "y": 2**60 + 1},
    {"type": "alpha", "x": 1, "parts": [{"text": 1}, {"text": "q", "counts": {"k": "5"}}, 3, None]},
    {"type": "alpha", "x": 1, "parts": {"text": "a"}}, {"type": "alpha", "x": 1, "parts": "a"},
    {"type": "alpha", "x": 1, "parts": [{"text": "a", "counts": None, "new": [1]}]},
    {"firstAlias": 1}, {"first": 2}, {"firstAlias": 1, "first": 2, "schema": "q", "schema_": "w"},
    {"secondAlias": None},
    {"numbers": None, "made": {"a": "b"}, "part": {"text": 5}, "at": "2020-01-02T03:04:05Z", "moment": 5},
    {"numbers": "x", "made": [], "part": [{"text": "t"}, 5], "at": "x", "moment": "2020-01-02"},
    {"n": 1, "k": {"type": "alpha", "x": "9"}, "m": 5},
    {"one": {"type": "beta", "x": "1"}, "maybe": {"type": "beta", "x": 1}, "many": [{"type": "bravo"}, 5, {"x": 1}]},
    {"one": {"type": "zz"}, "maybe": None, "many": None, "plain": {"type": "beta"}, "mixed": [{"text": "a"}, {}]},
    {"one": None, "maybe": 5, "many": {"a": 1}, "plain": {"type": "beta", "x": "1"}, "mixed": 5},
    {"one": [{"type": "beta"}], "mixed": "text", "plain": {"x": "1"}},
    {"self": 1, "cls": 2, "values": 3, "_fields_set": None, "model_config": 4, "__dict__": 5, "copy": 6},
]  # fmt: skip

MODELS = ["Part", "Alpha", "Beta", "Aliased", "Defaults", "Typed", "Holder", "union"]


@pytest.fixture(scope="module")
def both(official: ModuleType) -> tuple[SimpleNamespace, SimpleNamespace]:
    from openai._utils import PropertyInfo as OfficialInfo

    return define(tailrace.BaseModel, PropertyInfo), define(official.BaseModel, OfficialInfo)


@pytest.mark.parametrize("wrap", ["{}", "list[{}]", "dict[str, {}]", "Optional[{}]"])
@pytest.mark.parametrize("model", MODELS)
def test_models_equal_the_official_ones(both: Any, model: str, wrap: str) -> None:
    from openai._models import construct_type as official_construct_type

    ours, theirs = both
    for value in VALUES:
        for wrapped in (value, [value, None, 5], {"k": value}):
            results = [
                outcome(construct, eval(wrap.format("T"), globals(), {"T": getattr(models, model)}), wrapped)
                for construct, models in ((construct_type, ours), (official_construct_type, theirs))
            ]
            assert results[0] == results[1], (model, wrap, wrapped)


TYPES: list[Any] = [
    str, int, float, bool, bytes, object, Any, None, type(None), list, dict, datetime.datetime, datetime.date,
    Literal["a", "b"], list[int], list[float], dict[str, float], dict[str, object], list[Optional[float]],
    Optional[str], Optional[int], Optional[float], Optional[bool], Optional[datetime.datetime], Optional[object],
    Optional[Literal["x"]], Optional[list[str]], Optional[dict[str, str]], Union[str, int], Union[int, str],
    Union[float, int], Union[str, list[str]], Union[Literal["auto"], int], int | None, str | list[str],
    tuple[int, ...], set[int], Annotated[int, "x"], Annotated[Optional[float], "x"],
]  # fmt: skip

PLAIN: list[Any] = [
    None, True, False, 0, 1, -5, 2**53 + 1, 2**60 + 1, 1.0, 1.5, float("nan"), "", "1", "1.5", "yes", "x", "auto", "a",
    [], [1], ["a", 1], [1, "x", None], {}, {"a": 1}, {"a": "1"}, {1: 1}, "2020-01-01", "2020-01-01T00:00:00Z", 1e12,
    1e300,
]  # fmt: skip


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_plain_types_equal_the_official_ones(official: ModuleType, type_: Any) -> None:
    from openai._models import construct_type as official_construct_type

    for value in PLAIN:
        assert outcome(construct_type, type_, value) == outcome(official_construct_type, type_, value), value


MOMENTS: list[Any] = [
    "2020-01-02T03:04:05Z", "2020-01-02 03:04:05", "2020-1-2T3:4", "2020-01-02T03:04:05.123456789+01:30",
    "2020-01-02T03:04:05-0130", "2020-01-02T03:04:05+01", "2020-01-02T03:04:05.1", "2020-01-02", "2020-13-01",
    "2020-01-02T25:00:00Z", "20200102", "1600000000", "1600000000.5", "-5", "1e9", "nan", "inf", "", " 5 ", "x",
    0, 1, -1, 1600000000, 1600000000000, 1600000000000000, 1e300, -1e300, 2.5, True, None, [], {}, "12:30",
]  # fmt: skip


@pytest.mark.parametrize("type_", [datetime.datetime, datetime.date])
def test_dates_equal_the_official_ones(official: ModuleType, type_: Any) -> None:
    from openai._models import construct_type as official_construct_type

    for value in MOMENTS:
        assert outcome(construct_type, type_, value) == outcome(official_construct_type, type_, value), value


@pytest.mark.parametrize("model", MODELS[:-1])
def test_dumps_equal_the_official_ones(both: Any, model: str) -> None:
    ours, theirs = (getattr(models, model) for models in both)
    for value in VALUES:
        if not isinstance(value, dict):
            continue
        left, right = ours.construct(**value), theirs.construct(**value)
        for options in ({}, {"exclude_unset": False}, {"exclude_none": True}, {"use_api_names": False}):
            assert left.to_dict(warnings=False, **options) == right.to_dict(warnings=False, **options)
            assert left.to_json(warnings=False, **options) == right.to_json(warnings=False, **options)
        for mode in ("python", "json"):
            for options in ({}, {"by_alias": True}, {"exclude_defaults": True}, {"round_trip": True}):
                dumps = [item.model_dump(mode=mode, warnings=False, **options) for item in (left, right)]
                assert dumps[0] == dumps[1]
        assert left.model_dump_json(warnings=False) == right.model_dump_json(warnings=False)
        assert str(left) == str(right)
        assert repr(left) == repr(right)
        assert left == ours.construct(**value)
        assert shown(pickle.loads(pickle.dumps(tailrace.types.CompletionUsage.construct(**value)))) == shown(
            tailrace.types.CompletionUsage.construct(**value)
        )


def test_a_default_is_not_shared() -> None:
    models = define(tailrace.BaseModel, PropertyInfo)
    first, second = models.Defaults.construct(), models.Defaults.construct()
    first.numbers.append(2)
    assert second.numbers == [1]


def test_model_validate_validates() -> None:
    models = define(tailrace.BaseModel, PropertyInfo)
    with pytest.raises(pydantic.ValidationError):
        models.Alpha.model_validate({"type": "alpha", "x": "q"})


@pytest.mark.parametrize("model", MODELS)
def test_the_native_plan_builds_what_python_builds(model: str) -> None:
    import json

    models = define(tailrace.BaseModel, PropertyInfo)
    type_ = getattr(models, model)
    plan = _native.Plan(type_, construct_type)
    for value in VALUES:
        if isinstance(value, dict) and "_fields_set" in value:
            # A wire name that is also a parameter of `construct`: the official package loses it, the plan keeps it.
            continue
        text = json.dumps(value).encode()
        assert planned(plan, text) == outcome(construct_type, type_, value), value


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_the_native_plan_builds_plain_types_as_python_does(type_: Any) -> None:
    import json

    plan = _native.Plan(type_, construct_type)
    for value in PLAIN:
        text = json.dumps(value).encode()
        decoded = json.loads(text)
        assert planned(plan, text) == outcome(construct_type, type_, decoded), value
