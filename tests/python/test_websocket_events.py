"""Every event of every connection, from the server and to it, beside the official package: classes and dumps."""

from __future__ import annotations

import importlib
import json
import random
from types import ModuleType
from typing import Any, get_args

import pytest
from test_event_plans import sample

from tailrace import _native
from tailrace._construct import construct_type

#: Type of what a server sends, and of what it is sent, by their places below `types`.
UNIONS = [
    ("realtime.realtime_server_event", "RealtimeServerEvent"),
    ("realtime.realtime_client_event", "RealtimeClientEvent"),
    ("realtime.realtime_translation_server_event", "RealtimeTranslationServerEvent"),
    ("realtime.realtime_translation_client_event", "RealtimeTranslationClientEvent"),
    ("responses.responses_server_event", "ResponsesServerEvent"),
    ("responses.responses_client_event", "ResponsesClientEvent"),
    ("beta.beta_responses_server_event", "BetaResponsesServerEvent"),
    ("beta.beta_responses_client_event", "BetaResponsesClientEvent"),
    ("beta.realtime.realtime_server_event", "RealtimeServerEvent"),
    ("beta.realtime.realtime_client_event", "RealtimeClientEvent"),
    ("live.server_event", "ServerEvent"),
    ("live.client_event", "ClientEvent"),
    ("live.fork_server_event", "ForkServerEvent"),
    ("live.fork_client_event", "ForkClientEvent"),
    ("live.connect_server_event", "ConnectServerEvent"),
    ("live.connect_client_event", "ConnectClientEvent"),
]


def members(union: Any) -> list[Any]:
    union = getattr(union, "__value__", union)
    found: list[Any] = []
    for member in get_args(union) or [union]:
        if isinstance(member, type):
            found.append(member)
        elif get_args(member):
            found += members(member)
    return found


@pytest.mark.parametrize(("place", "name"), UNIONS)
def test_every_event_becomes_what_the_official_package_makes_of_it(official: ModuleType, place: str, name: str) -> None:
    ours = getattr(importlib.import_module(f"tailrace.types.{place}"), name)
    theirs = getattr(importlib.import_module(f"openai.types.{place}"), name)
    construct: Any = importlib.import_module("openai._models").construct_type_unchecked
    plan = _native.Plan(ours, construct_type)
    source = random.Random(5)
    events = members(ours)
    assert len(events) >= 2
    assert [event.__name__ for event in events] == [event.__name__ for event in members(theirs)]
    for event in events:
        for _ in range(3):
            value = sample(event, source)
            got, expected = plan.build(json.dumps(value).encode()), construct(value=value, type_=theirs)
            assert type(got).__name__ == type(expected).__name__, value
            assert got.to_dict() == expected.to_dict(), value
            assert got.to_json() == expected.to_json(), value
