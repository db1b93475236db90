"""The importer of facts, on a made-up package: what it takes, what it refuses, how its output changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

# The generator reads the official package on one interpreter.
pytestmark = pytest.mark.once

SCRIPT = Path(__file__).parents[2] / "crates/tailrace-codegen/import/import_python.py"

ROOT = """
    from ._client import OpenAI
    __all__ = ["OpenAI"]
    api_key: str | None = None
    raise SystemExit
"""

CLIENT = """
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from .resources import shelves as _shelves

    class OpenAI:
        @cached_property
        def shelves(self) -> _shelves.Shelves: ...

    class AsyncOpenAI:
        @cached_property
        def shelves(self) -> _shelves.AsyncShelves: ...
"""

SYNC = '''
    class Shelves(SyncAPIResource):
        @cached_property
        def with_raw_response(self) -> ShelvesWithRawResponse: ...

        @overload
        def create(
            self, *, name: str, stream: Literal[True], timeout: float | NotGiven = not_given
        ) -> Stream[Shelf]: ...
        @overload
        def create(
            self, *, name: str, stream: Literal[False] | Omit = omit, timeout: float | NotGiven = not_given
        ) -> Shelf: ...
        @required_args(["name"], ["name", "stream"])
        def create(
            self, *, name: str, stream: bool | Omit = omit, timeout: float | NotGiven = not_given
        ) -> Shelf | Stream[Shelf]:
            """A text that is nobody's business."""
            extra_headers = {"X-Beta": "shelves=v1", **(extra_headers or {})}
            return self._post(
                "/shelves",
                body=maybe_transform(
                    {"title": name, "stream": stream},
                    shelf_params.ShelfParamsStreaming if stream else shelf_params.ShelfParams,
                ),
                options=make_request_options(timeout=timeout, security={"bearer_auth": True}),
                cast_to=Shelf,
                stream=stream or False,
                stream_cls=Stream[Shelf],
            )

        @typing_extensions.deprecated("Use nothing.")
        def fill(self, shelf_id: str, *, file: FileTypes, groups: List[str] | Omit = omit) -> None:
            if not shelf_id:
                raise ValueError("empty")
            body = deepcopy_with_paths({"file": file}, [["file"]])
            files = extract_files(cast(Mapping[str, object], body), paths=[["file"]])
            if files:
                extra_headers = {"Content-Type": "multipart/form-data", **(extra_headers or {})}
            extra_headers = {
                **strip_not_given({"x-groups": ",".join(str(e) for e in groups) if is_given(groups) else not_given}),
                **(extra_headers or {}),
            }
            return self._put(
                path_template("/shelves/{shelf_id}", shelf_id=shelf_id),
                body=maybe_transform(body, shelf_params.ShelfParams),
                files=files,
                options=make_request_options(),
                cast_to=NoneType,
            )

        def list(self, *, after: str | Omit = omit) -> SyncCursorPage[Shelf]:
            return self._get_api_list(
                "/shelves",
                page=SyncCursorPage[Shelf],
                options=make_request_options(query=maybe_transform({"after": after}, shelf_params.ShelfParams)),
                model=Shelf,
            )

        def watch(self, *, limit: int = LIMIT) -> Watcher:
            return Watcher(self)
'''

TYPES = {
    "types/__init__.py": "from .shelf import Shelf as Shelf, AnyShelf as AnyShelf\n",
    "types/shelf.py": """
        from typing import List, Union, Optional
        from typing_extensions import Annotated, Literal, TypeAlias
        from pydantic import Field as FieldInfo
        from .._models import BaseModel
        from .._utils import PropertyInfo
        __all__ = ["Shelf", "AnyShelf"]
        class Board(BaseModel):
            type: Literal["board"]
        class Shelf(BaseModel):
            from_: Optional[str] = FieldInfo(alias="from", default=None)
            boards: List[Board]
            @property
            def width(self) -> int:
                return secret()
        AnyShelf: TypeAlias = Annotated[Union[Board, Shelf], PropertyInfo(discriminator="type")]
    """,
    "types/shelf_params.py": """
        from __future__ import annotations
        from typing import List, Union
        from typing_extensions import Literal, Required, TypedDict
        class ShelfParams(TypedDict, total=False):
            title: Required[str]
            material: Union[
                Literal["birch"], Literal["plywood, painted"], Literal["spruce [sawn]"], List[Literal["maple", "oak"]]
            ]
        class ShelfParamsStreaming(ShelfParams):
            stream: Required[bool]
    """,
    "types/rules.py": """
        def is_straight(shelf: object) -> bool:
            return True
    """,
}

HEAD = """
    import typing_extensions
    from typing import List
    from typing_extensions import Literal, overload
    from .._constants import LIMIT
    from .._streaming import Stream, AsyncStream
    from .._types import FileTypes, NotGiven, Omit, not_given, omit, NoneType
    from ..lib.watching import Watcher, AsyncWatcher
    from ..pagination import SyncCursorPage, AsyncCursorPage
    from .._base_client import AsyncPaginator
    from ..types import shelf_params
    from ..types.shelf import Shelf
    __all__ = ["Shelves", "AsyncShelves"]
"""

VIEW = """
    class {name}:
        def __init__(self, shelves) -> None:
            self._shelves = shelves
            self.create = wrap(shelves.create)
            self.fill = wrap(shelves.fill)
            self.list = wrap(shelves.list)
"""


def as_async(text: str) -> str:
    """The awaitable twin of the made-up class."""
    text = text.replace("class Shelves(Sync", "class AsyncShelves(Async").replace("-> Shelves", "-> AsyncShelves")
    text = text.replace("Stream[", "AsyncStream[").replace("page=Sync", "page=Async").replace("Watcher", "AsyncWatcher")
    text = text.replace("-> SyncCursorPage[Shelf]", "-> AsyncPaginator[Shelf, AsyncCursorPage[Shelf]]")
    for verb in ("post", "put"):
        text = text.replace(f"self._{verb}(", f"await self._{verb}(")
    return text.replace("def create", "async def create").replace("def fill", "async def fill")


def write(site: Path, files: dict[str, str], version: str = "9.1.0") -> Path:
    """An installed package `openai` with the given modules."""
    (site / f"openai-{version}.dist-info").mkdir(parents=True)
    for name, text in files.items():
        path = site / "openai" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return site


def package(**changes: str) -> dict[str, str]:
    views = [
        VIEW.format(name=f"{owner}{view}")
        for owner in ("Shelves", "AsyncShelves")
        for view in ("WithRawResponse", "WithStreamingResponse")
    ]
    resource = "".join(map(dedent, [HEAD, SYNC, as_async(SYNC), *views]))
    files = {
        "__init__.py": ROOT,
        "_client.py": CLIENT,
        "_constants.py": "LIMIT: int = 64\n",
        "lib/__init__.py": "",
        "lib/watching.py": "class Watcher: ...\nclass AsyncWatcher: ...\n",
        "resources/__init__.py": "from .shelves import Shelves, AsyncShelves\n",
        "resources/shelves.py": resource,
        **TYPES,
    }
    return {**files, **changes}


def run(site: Path, api: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(site), str(api)], capture_output=True, text=True, timeout=60, check=False
    )


def facts(api: Path, name: str) -> Any:
    return json.loads((api / name).read_text(encoding="utf-8"))


@pytest.fixture
def api(tmp_path: Path) -> Path:
    done = run(write(tmp_path / "site", package()), tmp_path / "api")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "openai 9.1.0: 1 resources, 4 methods, 3 types\n"
    return tmp_path / "api"


def test_requests_are_read(api: Path) -> None:
    assert facts(api, "operations/shelves.json") == {
        "create": {
            "verb": "post",
            "path": "/shelves",
            "body": ["title=name", "stream"],
            "headers": {"X-Beta": "shelves=v1"},
            "stream": True,
            "security": ["bearer_auth"],
        },
        "fill": {
            "verb": "put",
            "path": "/shelves/{shelf_id}",
            "body": ["file"],
            "files": [["file"]],
            "multipart": "with_files",
            "header_parameters": {"x-groups": "groups"},
            "response": "none",
            "deprecated": True,
        },
        "list": {"verb": "get", "path": "/shelves", "query": ["after"], "page": "CursorPage"},
    }


def test_signatures_are_read(api: Path) -> None:
    resource = facts(api, "python/resources/shelves.json")
    methods = resource.pop("methods")
    assert resource == {
        "resource": "shelves",
        "module": "resources.shelves",
        "sync": "Shelves",
        "async": "AsyncShelves",
        "children": {},
        "imports": {"Shelf": "types.shelf:Shelf"},
        "outside": {"AsyncWatcher": "lib.watching:AsyncWatcher", "Watcher": "lib.watching:Watcher"},
    }
    timeout = {"name": "timeout", "type": "float | NotGiven", "default": "not_given"}
    assert methods["create"] == {
        "parameters": [
            {"name": "name", "type": "str"},
            {"name": "stream", "type": "bool | Omit", "default": "omit"},
            timeout,
        ],
        "returns": "Shelf | Stream[Shelf]",
        "cast_to": "Shelf",
        "stream_item": "Shelf",
        "body_type": "types.shelf_params:ShelfParams",
        "streaming_body_type": "types.shelf_params:ShelfParamsStreaming",
        "required": [["name"], ["name", "stream"]],
        "overloads": [
            {"changes": [{"name": "stream", "type": "Literal[True]"}], "returns": "Stream[Shelf]"},
            {
                "changes": [{"name": "stream", "type": "Literal[False] | Omit", "default": "omit"}],
                "returns": "Shelf",
            },
        ],
    }
    assert methods["fill"]["deprecated"] is True
    assert methods["fill"]["parameters"][0] == {"name": "shelf_id", "type": "str", "positional": True}
    assert (methods["list"]["page"], methods["list"]["cast_to"]) == ("SyncCursorPage", "Shelf")
    assert methods["watch"] == {
        "helper": True,
        "parameters": [{"name": "limit", "type": "int", "default": "64"}],
        "returns": "Watcher",
        "async": "def",
        "async_returns": "AsyncWatcher",
        "viewed": False,
    }


def test_types_are_read(api: Path) -> None:
    package = facts(api, "python/types/root.json")
    assert package["exports"] == {"AnyShelf": "types.shelf:AnyShelf", "Shelf": "types.shelf:Shelf"}
    shelf = package["modules"]["shelf"]["definitions"]
    assert shelf["Shelf"] == {
        "kind": "model",
        "properties": ["width"],
        "fields": [
            {"name": "from_", "type": "Optional[str]", "alias": "from", "default": "None"},
            {"name": "boards", "type": "List[Board]"},
        ],
    }
    assert shelf["AnyShelf"]["kind"] == "alias"
    params = package["modules"]["shelf_params"]
    assert params["exports"] == ["ShelfParams", "ShelfParamsStreaming"]
    assert params["definitions"]["ShelfParams"] == {
        "kind": "dict",
        "total": False,
        "fields": [
            {"name": "title", "type": "Required[str]"},
            {
                "name": "material",
                "type": [
                    "Union[",
                    "Literal['birch'], ",
                    "Literal['plywood, painted'], ",
                    "Literal['spruce [sawn]'], ",
                    "List[Literal['maple', 'oak']]",
                    "]",
                ],
            },
        ],
    }
    assert params["definitions"]["ShelfParamsStreaming"] == {
        "kind": "dict",
        "bases": ["ShelfParams"],
        "fields": [{"name": "stream", "type": "Required[bool]"}],
    }
    assert package["modules"]["rules"] == {"exports": ["is_straight"], "by_hand": ["is_straight"], "definitions": {}}


def test_the_root_is_read_and_nothing_is_run(api: Path) -> None:
    assert facts(api, "python/root.json") == {
        "children": {"shelves": "resources.shelves:Shelves"},
        "exports": ["OpenAI"],
        "names": {"OpenAI": "_client:OpenAI"},
        "settings": {"api_key": "str | None"},
        "modules": {"lib": [], "lib.watching": ["AsyncWatcher", "Watcher"]},
    }


def test_no_text_and_no_code_is_taken(api: Path) -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in api.rglob("*.json"))
    for word in ("nobody", "Use nothing", "secret", "return ", "LIMIT"):
        assert word not in everything


def test_a_second_import_changes_nothing_and_removes_what_is_gone(api: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(api.rglob("*.json"))}
    (api / "operations" / "gone.json").write_text("{}")
    assert run(tmp_path / "site", api).returncode == 0
    assert {path: path.read_bytes() for path in sorted(api.rglob("*.json"))} == before


def test_a_new_field_is_one_line_of_the_difference(api: Path, tmp_path: Path) -> None:
    changed = TYPES["types/shelf.py"].replace("boards: List[Board]", "boards: List[Board]\n            depth: int")
    assert run(write(tmp_path / "next", package(**{"types/shelf.py": changed})), tmp_path / "later").returncode == 0
    old, new = ((folder / "python/types/root.json").read_text().splitlines() for folder in (api, tmp_path / "later"))
    added = [line.strip() for line in new if line not in old]
    assert added == ['{"name": "boards", "type": "List[Board]"},', '{"name": "depth", "type": "int"}']


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("return Watcher(self)", "return self._patch(make_path(), options=None)", "a path of an unknown form"),
        ('"title": name', '"title": name.upper()', "a member that is no parameter"),
        ('"title": name, ', "", "a request that sends no parameter or leaves one out: ['name']"),
        ("stream=stream or False", "stream=bool(stream)", "a request that streams when `bool(stream)`"),
        ("make_request_options(timeout=timeout,", "make_request_options(pace=1,", "request options ['pace']"),
        ("if files:", "while files:", "a statement of an unknown form before a request"),
        ("after: str | Omit", "after: Unheard | Omit", "the name `Unheard`, which nothing defines"),
        ("@typing_extensions.deprecated", "@surprise", "an unknown decorator"),
        ("limit: int = LIMIT", "limit: int = UNHEARD", "a default that is no constant"),
        ("def list(self, *", "def list(self, *rest", "a signature with packed or position-only arguments"),
    ],
)
def test_an_unknown_form_ends_the_import(tmp_path: Path, old: str, new: str, message: str) -> None:
    files = package()
    assert old in files["resources/shelves.py"]
    files["resources/shelves.py"] = files["resources/shelves.py"].replace(old, new)
    done = run(write(tmp_path / "site", files), tmp_path / "api")
    assert done.returncode == 1
    place, _, rest = done.stderr.partition("resources/shelves.py:")
    line, _, said = rest.partition(": ")
    assert place.startswith("openai 9.1.0: ")
    assert line.isdigit()
    assert said.startswith(message)
    assert not (tmp_path / "api").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class Odd(BaseModel):\n    def area(self) -> int: ...\n", "a method that is no property"),
        ("class Odd(Nowhere):\n    area: int\n", "a class whose base is unknown"),
        ("class Odd(BaseModel):\n    area: int = FieldInfo(gt=3)\n", "FieldInfo with `gt`"),
        ("Odd = make()\n", "a call that is neither a TypedDict nor a plain TypeVar"),
        ("for x in range(3): ...\n", "a statement that is no type"),
    ],
)
def test_an_unknown_type_ends_the_import(tmp_path: Path, text: str, message: str) -> None:
    done = run(write(tmp_path / "site", package(**{"types/odd.py": text})), tmp_path / "api")
    assert done.returncode == 1
    assert "types/odd.py:" in done.stderr
    assert message in done.stderr


def test_a_module_that_is_missing_is_named(tmp_path: Path) -> None:
    files = package(**{"resources/__init__.py": "from .absent import Shelves, AsyncShelves\n"})
    done = run(write(tmp_path / "site", files), tmp_path / "api")
    assert done.returncode == 1
    assert done.stderr.endswith("resources/absent/__init__.py: a module that is imported and does not exist\n")


def test_a_class_that_no_client_leads_to_ends_the_import(tmp_path: Path) -> None:
    lost = "class Lost(SyncAPIResource): ...\n"
    done = run(write(tmp_path / "site", package(**{"resources/lost.py": lost})), tmp_path / "api")
    assert done.returncode == 1
    assert "a resource that no client leads to" in done.stderr


def test_a_folder_without_the_package_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path / "api")
    assert done.returncode == 1
    assert f"no installed `openai` package in {tmp_path}" in done.stderr
