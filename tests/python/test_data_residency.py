"""Regions: what a client with one sends, beside the official package."""

from __future__ import annotations

from types import ModuleType
from typing import Any, get_args

import pytest

import tailrace

CLIENTS = ("OpenAI", "AsyncOpenAI")


def outcome(make: Any) -> Any:
    try:
        client = make()
    except Exception as error:  # noqa: BLE001 - which error it is, is what is compared.
        return (type(error).__name__, str(error))
    return (str(client.base_url), client.websocket_base_url)


@pytest.mark.parametrize("kind", CLIENTS)
def test_regions_beside_the_official_package(official: ModuleType, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = (*get_args(tailrace.DataResidency), "", "EU", 5, [], None)
    others: list[dict[str, Any]] = [
        {}, {"base_url": None}, {"base_url": "http://own/v1"}, {"websocket_base_url": "wss://own"},
        {"websocket_base_url": None},
    ]  # fmt: skip
    for environment in (None, "http://env/v1"):
        if environment is not None:
            monkeypatch.setenv("OPENAI_BASE_URL", environment)
        for region in regions:
            for options in others:
                found: list[Any] = []
                for library in (tailrace, official):
                    cls = getattr(library, kind)
                    plain = cls(api_key="k", websocket_base_url="wss://first", base_url="http://first/v1")
                    given = {"data_residency": region, **options}
                    found.append([
                        outcome(lambda cls=cls, o=given: cls(api_key="k", **o)),
                        outcome(lambda client=plain, o=given: client.copy(**o)),
                        outcome(lambda client=plain, o=given: client.copy(**o).copy()),
                        outcome(lambda client=plain, o=given: client.copy(**o).with_options(base_url="http://third")),
                    ])  # fmt: skip
                assert found[0] == found[1], (region, options)


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_copy_for_a_region_shares_connections(kind: str) -> None:
    client = getattr(tailrace, kind)(api_key="k")
    assert client.copy(data_residency="eu")._connection is client._connection
