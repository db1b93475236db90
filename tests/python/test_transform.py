"""Arguments in wire form: the cases of the official behaviour, run on both packages."""

# Annotations are evaluated where they stand, as the marker of each package is an argument.

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import IO, Annotated, Any, Optional, Union

import pytest
from typing_extensions import NotRequired, Required, TypedDict

import tailrace
from tailrace._transform import async_transform, transform, transform_value
from tailrace._types import PropertyInfo as Ours


def types(info: Callable[..., Any]) -> dict[str, Any]:
    """The typed dictionaries of the cases, annotated as one of the packages does it."""

    class Inner(TypedDict, total=False):
        this_thing: Annotated[int, info(alias="this__thing")]
        when: Annotated[Union[datetime, date, None], info(format="iso8601")]

    class Other(TypedDict, total=False):
        my_name: Annotated[str, info(alias="myName")]

    class Outer(TypedDict, total=False):
        alone: Inner
        several: Iterable[Inner]
        either: Annotated[Union[Inner, list[Other], str], info(alias="EITHER")]
        named: dict[str, Inner]
        maybe: NotRequired[Optional[Inner]]
        required_one: Required[Annotated[datetime, info(format="iso8601", alias="requiredOne")]]
        hour: Annotated[datetime, info(format="custom", format_template="%H")]
        times: Annotated[Optional[list[datetime]], info(format="iso8601")]
        content: Annotated[Union[str, IO[bytes], Path], info(format="base64")]
        numbers: Iterable[int]
        anything: object

    return {"Inner": Inner, "Other": Other, "Outer": Outer}


NOON = datetime(2024, 5, 6, 12, 30, tzinfo=timezone.utc)
FILE = Path(__file__).parent / "conftest.py"

CASES: list[Callable[[], dict[str, Any]]] = [
    dict,
    lambda: {"alone": {"this_thing": 1, "unknown_key": {"this_thing": 2}}},
    lambda: {"several": [{"this_thing": 1}, {"when": NOON}]},
    lambda: {"several": ({"this_thing": item} for item in (1, 2))},
    lambda: {"several": ({"this_thing": 1},)},
    lambda: {"either": {"this_thing": 1}},
    lambda: {"either": [{"my_name": "x"}]},
    lambda: {"either": "text"},
    lambda: {"named": {"a": {"this_thing": 1}, "b": {"when": date(2024, 5, 6)}}},
    lambda: {"maybe": None},
    lambda: {"maybe": {"when": None}},
    lambda: {"required_one": NOON, "hour": NOON},
    lambda: {"required_one": NOON.replace(tzinfo=None)},
    lambda: {"times": [NOON, NOON]},
    lambda: {"times": None},
    lambda: {"content": "as it is"},
    lambda: {"content": io.BytesIO(b"bytes")},
    lambda: {"content": io.StringIO("text é")},
    lambda: {"content": FILE},
    lambda: {"numbers": iter([1, 2])},
    lambda: {"anything": {"this_thing": 1}},
    lambda: {"several": "no list", "alone": 5},
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_the_result_is_that_of_the_official_package(official: ModuleType, case: int) -> None:
    from openai._utils import PropertyInfo, transform as official_transform

    ours = transform(CASES[case](), types(Ours)["Outer"])
    assert ours == official_transform(CASES[case](), expected_type=types(PropertyInfo)["Outer"])


@pytest.mark.parametrize("name", ["constructed", "made"])
def test_models_become_what_was_set_in_them(official: ModuleType, name: str) -> None:
    from openai._utils import transform as official_transform

    def model(library: ModuleType) -> Any:
        cls = type("Model", (library.BaseModel,), {"__annotations__": {"wide": int, "note": str}, "note": ""})
        return cls(wide=1) if name == "made" else cls.construct(wide=1, extra={"kept": True})

    ours = transform_value([model(tailrace)], list[Any])
    assert ours == official_transform([model(official)], expected_type=list[Any])
    assert ours[0]["wide"] == 1


def test_keys_at_the_top_may_be_wire_names() -> None:
    outer = types(Ours)["Outer"]
    assert transform({"EITHER": [{"my_name": "x"}]}, outer) == {"EITHER": [{"myName": "x"}]}
    assert transform({"requiredOne": NOON}, outer) == {"requiredOne": NOON.isoformat()}


def test_left_out_values_are_dropped_and_the_caller_keeps_its_own() -> None:
    given: Mapping[str, Any] = {"alone": {"this_thing": 1, "when": tailrace.omit}, "either": tailrace.not_given}
    assert transform(given, types(Ours)["Outer"]) == {"alone": {"this__thing": 1}}
    assert given["alone"] == {"this_thing": 1, "when": tailrace.omit}


def test_a_missing_file_is_the_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        transform({"content": Path("/does/not/exist")}, types(Ours)["Outer"])


@pytest.mark.parametrize("name", ["Outer", "Other"])
def test_awaited_is_the_same(name: str) -> None:
    import asyncio

    value = {"content": FILE} if name == "Outer" else {"my_name": "x"}
    type_ = types(Ours)[name]
    assert asyncio.run(async_transform(value, type_)) == transform(value, type_)
