"""Optional dependencies: the extras have the official names, and what lacks one says which."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

import tailrace
from tailrace.testing import MockServer

PROJECT = Path(__file__).parents[2] / "pyproject.toml"

#: Official extras that stand for what tailrace does by itself.
WITHOUT_NEED = {"aiohttp", "realtime"}
#: Of the official extras, what nothing here imports.
NOT_NEEDED = {"bedrock": {"urllib3"}}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!\[; ]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.once
def test_the_extras_are_those_of_the_official_package(official: ModuleType) -> None:
    # Python 3.10 has no reader of TOML.
    table = PROJECT.read_text().split("[project.optional-dependencies]\n")[1].split("\n\n")[0]
    ours = {line.split(" = ")[0]: re.findall(r'"([^"]+)"', line) for line in table.splitlines()}
    wanted = metadata.metadata("openai")
    assert ours.keys() == set(wanted.get_all("Provides-Extra") or ())
    for extra, requirements in ours.items():
        theirs = [r for r in metadata.requires("openai") or () if f"extra == '{extra}'" in r.replace('"', "'")]
        expected = set() if extra in WITHOUT_NEED else names(theirs) - NOT_NEEDED.get(extra, set())
        assert names(requirements) == expected


def bedrock(base_url: str) -> None:
    from tailrace.providers import bedrock

    tailrace.OpenAI(provider=bedrock(region="us-east-1", base_url=base_url)).models.list()


def vertex(base_url: str) -> None:
    from tailrace.providers import vertex

    tailrace.OpenAI(provider=vertex(project="p", location="us-east5", base_url=base_url)).models.list()


def datalib(base_url: str) -> None:
    client = tailrace.OpenAI(api_key="k", base_url=base_url)
    _ = client.embeddings.create_array(model="m", input="x").array


@pytest.mark.parametrize(
    ("extra", "module", "use"),
    [("bedrock", "botocore", bedrock), ("vertex", "google", vertex), ("datalib", "numpy", datalib)],
)
def test_what_lacks_an_extra_names_it(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, extra: str, module: str, use: Callable[[str], None]
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    vectors = {"object": "list", "model": "m", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]}
    base_url = server.script({"exchanges": [{"json": vectors}]})
    with pytest.raises((tailrace.OpenAIError, ImportError), match=rf"`pip install tailrace\[{extra}\]`"):
        use(base_url)
