"""The module as a client: its settings, its resources, which provider it means, in a process for each case."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from tailrace.testing import MockServer

#: Runs before each case; `show` prints what an expression gives, as a line of JSON that both packages can share.
PRELUDE = """
import json, sys
import {package} as package
URL = sys.argv[1]
def show(get):
    try:
        value = get()
    except Exception as error:
        value = [type(error).__name__, str(error).replace("{package}", "PACKAGE")]
    print(json.dumps(value, default=lambda value: str(value).replace("{package}", "PACKAGE")))
"""


def run(package: str, code: str, url: str, environment: dict[str, str]) -> list[Any]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_", "AWS_"))}
    clean["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRELUDE.format(package=package) + code, url],
        capture_output=True, text=True, check=False, env={**clean, **environment}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def sent(server: MockServer, url: str) -> list[Any]:
    names = {
        "authorization",
        "user-agent",
        "openai-organization",
        "openai-project",
        "x-a",
        "x-stainless-read-timeout",
        "api-key",
    }
    return [
        (
            request["method"],
            request["path"].partition("/v1")[2],
            request["query"],
            sorted((name.lower(), value) for name, value in request["headers"] if name.lower() in names),
        )
        for request in server.requests(url)
    ]


USE = "package.chat.completions.create(model='m', messages=[])\n"

LOOK = "show(lambda: package.models._client)\n"

AZURE = {"AZURE_OPENAI_ENDPOINT": "https://az.test", "OPENAI_API_VERSION": "v1"}

#: Settings that are given with a slash at the end, as the official module client forgets to add it.
EQUAL: dict[str, tuple[dict[str, str], str]] = {
    "defaults": (
        {},
        "for name in ('api_key', 'admin_api_key', 'organization', 'project', 'webhook_secret',"
        " 'base_url', 'max_retries', 'default_headers', 'default_query', 'http_client', 'api_type',"
        " 'api_version', 'azure_endpoint', 'azure_ad_token', 'azure_ad_token_provider', 'bedrock_token_provider'):\n"
        "    show(lambda: getattr(package, name))\n"
        "show(lambda: [package.timeout.connect, package.timeout.read])\n",
    ),
    "settings, and other ones later": (
        {},
        "package.api_key = 'k'; package.base_url = URL + '/'; package.organization = 'o'; package.project = 'p'\n"
        "package.default_headers = {'X-A': '1'}; package.default_query = {'q': '1'}; package.timeout = 5\n"
        + USE
        + "package.api_key = 'k2'; package.organization = None; package.default_headers = {'X-A': '2'}\n"
        "package.default_query = {}; package.timeout = 7; package.base_url = URL + '/zz/'\n" + USE,
    ),
    "the environment": (
        {"OPENAI_API_KEY": "e", "OPENAI_ORG_ID": "eo", "OPENAI_PROJECT_ID": "ep", "OPENAI_WEBHOOK_SECRET": "ws"},
        "package.base_url = URL + '/'\n" + USE
        + "show(lambda: [package.api_key, package.organization, package.project, package.webhook_secret])\n",
    ),
    "a key that is taken back": (
        {"OPENAI_API_KEY": "e"},
        "package.base_url = URL + '/'\n" + USE + "package.api_key = None\nshow(lambda: " + USE.strip() + ")\n",
    ),
    "no key": ({}, "show(lambda: " + USE.strip() + ")\n"),
    "an admin key": (
        {"OPENAI_ADMIN_KEY": "a"},
        "package.base_url = URL + '/'\npackage.admin.organization.users.list()\nshow(lambda: package.admin_api_key)\n"
        "show(lambda: " + USE.strip() + ")\n",
    ),
    "a function as the key": (
        {}, "package.api_key = lambda: 'from a function'; package.base_url = URL + '/'\n" + USE,
    ),
    "no time limit": ({}, "package.api_key = 'k'; package.timeout = None; package.base_url = URL + '/'\n" + USE),
    "the default client of HTTP": (
        {},
        "package.api_key = 'k'; package.base_url = URL + '/'; package.http_client = package.DefaultHttpxClient()\n"
        + USE,
    ),
    "an option of the client itself": (
        {},
        "package.api_key = 'k'; package.base_url = URL + '/'; client = package.models._client\n"
        "client.api_key = 'other'; client.timeout = 3; client.organization = 'o'\n"
        "show(lambda: [package.api_key, package.timeout, package.organization])\n" + USE,
    ),
    "a reset": (
        {},
        "package.api_key = 'k'; client = package.models._client; show(lambda: package.chat._client is client)\n"
        "package._reset_client(); show(lambda: package.models._client is client)\n",
    ),
    "names that were imported first": (
        {},
        "chat, models = package.chat, package.models\npackage.api_key = 'k'; package.base_url = URL + '/'\n"
        "chat.completions.create(model='m', messages=[]); models.list(); package.models.with_raw_response.list()\n",
    ),
    "resources are resources": (
        {},
        "show(lambda: isinstance(package.chat, package.resources.Chat))\n"
        "show(lambda: [name for name in dir(package.chat) if not name.startswith('_')])\n"
        "show(lambda: package.chat.nonsense)\nshow(lambda: package.nonsense)\n",
    ),
    "two providers by a key": ({"OPENAI_API_KEY": "k", "AZURE_OPENAI_API_KEY": "a"}, LOOK),
    "two providers by a token": ({"OPENAI_API_KEY": "k", "AZURE_OPENAI_AD_TOKEN": "a"}, LOOK),
    "two providers by an endpoint": ({"OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "a"}, LOOK),
    "two providers, and which one": (
        {"OPENAI_API_KEY": "k", "AZURE_OPENAI_API_KEY": "a"},
        "package.api_type = 'openai'; package.base_url = URL + '/'\n" + USE,
    ),
    "two providers, and which one, by the environment": (
        {"OPENAI_API_KEY": "k", "AZURE_OPENAI_API_KEY": "a", "OPENAI_API_TYPE": "openai"},
        "show(lambda: package.api_type)\npackage.base_url = URL + '/'\n" + USE,
    ),
    "azure without a version": ({"AZURE_OPENAI_API_KEY": "a"}, LOOK),
    "azure without an endpoint": ({"AZURE_OPENAI_API_KEY": "a", "OPENAI_API_VERSION": "v"}, LOOK),
    "azure without credentials": ({}, "package.api_type = 'azure'\n" + LOOK),
    "azure by its endpoint": ({}, "package.azure_endpoint = 'https://x'\n" + LOOK),
    "azure with two kinds of credentials": (
        {**AZURE},
        "package.api_key = 'k'; package.azure_ad_token_provider = lambda: 't'\n" + LOOK,
    ),
    "azure with an endpoint and a base URL": (
        {**AZURE}, "package.api_type = 'azure'; package.api_key = 'k'; package.base_url = URL\n" + LOOK,
    ),
    "azure with a key": (
        {**AZURE, "AZURE_OPENAI_API_KEY": "a"},
        "package.azure_endpoint = URL\n" + USE
        + "package.api_key = 'k2'; package.default_headers = {'X-A': '1'}\n" + USE
        + "package.organization = 'o'; package.azure_ad_token = 'later'; package.api_version = 'later'\n" + USE
        + "show(lambda: [package.api_type, package.api_version, package.api_key, package.azure_ad_token])\n"
        + "package.base_url = URL + '/zz/'\n" + USE,
    ),
    "azure with a token": (
        {**AZURE, "AZURE_OPENAI_AD_TOKEN": "t"},
        "package.azure_endpoint = URL\n" + USE + "show(lambda: package.api_key)\n",
    ),
    "azure with a provider": (
        {**AZURE},
        "package.azure_endpoint = URL; package.azure_ad_token_provider = iter('12').__next__\n" + USE + USE,
    ),
    "azure with a function": (
        {**AZURE}, "package.azure_endpoint = URL; package.api_key = iter('12').__next__\n" + USE + USE,
    ),
    "a function": ({}, "package.base_url = URL + '/'; package.api_key = iter('12').__next__\n" + USE + USE),
    "azure, copied": (
        {**AZURE, "AZURE_OPENAI_API_KEY": "a"},
        "package.azure_endpoint = URL\nclient = package.models._client.copy(api_version='v2', timeout=3)\n"
        "show(lambda: [str(client.base_url) == URL + '/openai/', client.default_query, client.auth_headers])\n",
    ),
    "a type that is none": (
        {"OPENAI_API_TYPE": "zzz", "OPENAI_API_KEY": "k"},
        "show(lambda: package.api_type)\npackage.base_url = URL + '/'\n" + USE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EQUAL)
def test_the_module_is_a_client_as_the_official_one_is(server: MockServer, official: ModuleType, case: str) -> None:
    environment, code = EQUAL[case]
    found = []
    for package in ("tailrace", "openai"):
        url = server.script({"exchanges": [{"json": {"data": []}, "repeat": True}]})
        shown = run(package, code, url, environment)
        text = json.dumps(shown).replace("`openai`", "`PACKAGE`")
        found.append((text, sent(server, url)))
    assert found[0] == found[1]
    assert found[0] != ("[]", [])


@pytest.mark.parametrize("base_url", ["", "/"])
def test_a_base_url_needs_no_slash_at_its_end(server: MockServer, base_url: str) -> None:
    url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    run("tailrace", f"package.api_key = 'k'; package.base_url = URL + {base_url!r}\n" + USE, url, {})
    assert [path for _, path, _, _ in sent(server, url)] == ["/chat/completions"]


def test_settings_may_be_taken_back(server: MockServer) -> None:
    url = server.script({"exchanges": [{"json": {}, "repeat": True}]})
    code = (
        "package.api_key = 'k'; package.default_headers = {'X-A': '1'}; package.default_query = {'q': '1'}\n"
        + USE
        + "package.default_headers = None; package.default_query = None\n"
        + USE
        + "package.base_url = URL\nshow(lambda: package.models._client.base_url)\npackage.base_url = None\n"
        "show(lambda: package.models._client.base_url)\n"
        "copied = package.models._client.with_options(timeout=3)\n"
        "show(lambda: [type(copied).__name__, copied.api_key, copied.timeout])\n"
    )
    shown = run("tailrace", code, url, {"OPENAI_BASE_URL": url})
    assert shown == [f"{url}/", f"{url}/", ["OpenAI", "k", 3]]
    assert [(query, dict(headers).get("x-a")) for _, _, query, headers in sent(server, url)] == [
        ("q=1", "1"),
        (None, None),
    ]


@pytest.mark.parametrize("name", ["tailrace", "openai"])
def test_the_client_of_bedrock(server: MockServer, name: str) -> None:
    url = server.script({"exchanges": [{"json": {"data": []}, "repeat": True}]})
    code = (
        "package.api_type = 'amazon-bedrock'\n"
        "client = package.models._client\n"
        "show(lambda: [type(client).__name__, isinstance(client, package.BedrockOpenAI)])\n"
        "show(lambda: [client.api_key, client.aws_region])\n"
        "package.models.list()\n"
        "package.api_key = 'assigned'\n"
        "show(lambda: [client.api_key, client.with_options(timeout=3).api_key])\n"
        "package.models.list()\n"
        "package.bedrock_token_provider, package.api_key = (lambda: 'given'), None\n"
        "package._reset_client()\n"
        "package.models.list()\n"
        "package.api_key = 'over it'\n"
        "package.models.list()\n"
    )
    environment = {
        "AWS_BEARER_TOKEN_BEDROCK": "env", "AWS_REGION": "us-west-2", "AWS_BEDROCK_BASE_URL": url,
        "OPENAI_API_KEY": "no", "OPENAI_CUSTOM_HEADERS": "X-A: 1",
    }  # fmt: skip
    shown = run(name, code, url, environment)
    assert shown == [["_BedrockModuleClient", True], ["env", "us-west-2"], ["assigned", "assigned"]]
    requests = [dict(headers) for _, _, _, headers in sent(server, url)]
    assert [headers["authorization"] for headers in requests] == [
        "Bearer env", "Bearer assigned", "Bearer given", "Bearer over it",
    ]  # fmt: skip
    assert all("x-a" not in headers for headers in requests)


def test_the_client_is_not_made_by_looking() -> None:
    code = "show(lambda: [package.chat is package.chat, 'pydantic' in sys.modules])\n"
    code += "show(lambda: len([getattr(package, name) for name in dir(package)]) > 150)\n"
    assert run("tailrace", code, "", {}) == [[True, False], True]
