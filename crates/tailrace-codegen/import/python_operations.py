"""Reads the one request that a resource method sends: verb, path, members by place, headers, files and answer."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from python_source import Module, is_text

VERBS = {"_get": "get", "_post": "post", "_put": "put", "_patch": "patch", "_delete": "delete", "_get_api_list": "get"}
RESPONSES = {"NoneType": "none", "str": "text", "_legacy_response.HttpxBinaryResponseContent": "binary"}
OPTIONS = {"extra_headers", "extra_query", "extra_body", "timeout"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Request:
    """What a method says about its request."""

    operation: dict[str, Any] = field(default_factory=dict[str, Any])
    checks: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    cast_to: ast.expr | None = None
    cast_by: list[str] = field(default_factory=list[str])
    stream_item: ast.expr | None = None
    body_type: ast.expr | None = None
    streaming_body_type: ast.expr | None = None
    query_type: ast.expr | None = None
    is_built_at_run_time: bool = False


def has_request(function: Function) -> bool:
    """Whether a method sends a request itself."""
    return any(_is_request(node) for node in ast.walk(function))


def read_request(module: Module, function: Function) -> Request:
    """Read a method statement by statement; each must be of a known form."""
    reader = _Reader(module)
    for statement in function.body:
        reader.statement(statement)
    if not reader.request.operation:
        module.fail(function, "a method whose last statement sends no request")
    return reader.request


class _Reader:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.request = Request()
        self.members: dict[str, ast.Dict] = {}  # local variable -> the members that it holds
        self.checked: set[str] = set()
        self.headers: dict[str, str] = {}
        self.header_parameters: dict[str, str] = {}
        self.files: list[list[str]] = []
        self.parts: dict[str, str] = {}
        self.multipart = ""

    def statement(self, node: ast.stmt) -> None:
        if is_text(node):
            return
        if isinstance(node, ast.If) and not node.orelse and len(node.body) == 1:
            self._condition(node, node.body[0])
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self.request.checks[ast.unparse(node.value.func)] = [ast.unparse(a) for a in node.value.args]
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assign(node.targets[0], _awaited(node.value))
        elif isinstance(node, ast.Return) and node.value is not None:
            self._send(_without_cast(node.value))
        else:
            self.module.fail(node, "a statement of an unknown form before a request")

    def _condition(self, node: ast.If, then: ast.stmt) -> None:
        if isinstance(then, ast.Raise) and isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not):
            self.checked.add(ast.unparse(node.test.operand))
        elif isinstance(then, ast.Assign) and ast.unparse(then.targets[0]) == "extra_headers":
            if ast.unparse(node.test) not in ("files", "extracted_files"):
                self.module.fail(node, "a header that depends on something else than files")
            self._read_headers(then.value, "with_files")
        else:
            self.module.fail(node, "a condition of an unknown form before a request")

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = ast.unparse(target)
        call = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
        if name == "extra_headers" and isinstance(value, ast.Dict):
            if not self.parts:  # The encoder of parts sets the header that names their boundary.
                self._read_headers(value, "always")
        elif name == "extra_body" and self.parts and ast.unparse(value) == "None":
            pass
        elif not isinstance(value, ast.Call) or not value.args:
            self.module.fail(value, "a value of an unknown form before a request")
        elif call == "extract_files":
            paths = next(k.value for k in value.keywords if k.arg == "paths")
            self.files = ast.literal_eval(paths)
        elif call == "deepcopy_with_paths":
            self.members[name] = self._dict(value.args[0])
        elif call in ("maybe_transform", "async_maybe_transform"):
            self.members[name] = self._dict(value.args[0])
            self.request.body_type = value.args[1]
        elif call == "encode_multipart":
            self.request.is_built_at_run_time = True
            pairs = self._dict(value.args[2])
            for key, part in zip(pairs.keys, pairs.values, strict=True):
                self.parts[_text(self.module, key)] = ast.literal_eval(part)[0]
        elif self.module.imports.get(call, "").startswith("lib."):
            self.request.is_built_at_run_time = True
            self.members[f"{name}.body"] = self._dict(value.args[1])
        else:
            self.module.fail(value, "a call of an unknown form before a request")

    def _read_headers(self, value: ast.expr, multipart: str) -> None:
        pairs = self._dict(value)
        for key, header in zip(pairs.keys, pairs.values, strict=True):
            if key is None:
                self._read_header_parameters(header)
            elif _text(self.module, key) == "Content-Type" and ast.unparse(header) == "'multipart/form-data'":
                self.multipart = multipart
            elif multipart == "always":
                self.headers[_text(self.module, key)] = _text(self.module, header)
            else:
                self.module.fail(header, "a header that is sent only with files")

    def _read_header_parameters(self, node: ast.expr) -> None:
        if ast.unparse(node) == "extra_headers or {}":
            return
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "strip_not_given":
            self.module.fail(node, "headers of an unknown form")
        pairs = self._dict(node.args[0])
        for key, value in zip(pairs.keys, pairs.values, strict=True):
            if isinstance(value, ast.IfExp) and isinstance(value.test, ast.Call):
                name = ast.unparse(value.test.args[0])
                joined = f"','.join((str(e) for e in {name})) if is_given({name}) else not_given"
                if ast.unparse(value) != joined:
                    self.module.fail(value, "a header made of a parameter in an unknown way")
            elif isinstance(value, ast.Name):
                name = value.id
            else:
                self.module.fail(value, "a header made of a parameter in an unknown way")
            self.header_parameters[_text(self.module, key)] = name

    def _send(self, call: ast.Call) -> None:
        if not _is_request(call):
            self.module.fail(call, "a method that returns something else than its request")
        assert isinstance(call.func, ast.Attribute)
        given = {keyword.arg or "**": keyword.value for keyword in call.keywords}
        operation = self.request.operation
        operation["verb"] = ast.literal_eval(given.pop("method", ast.Constant(VERBS[call.func.attr])))
        operation["path"] = self._path(call.args[0])
        options = self._options(given.pop("options"))
        if "query" in options:
            members, self.request.query_type = self._transformed(options.pop("query"))
            operation["query"] = self._sent(members)
        if "body" in given:
            operation["body"] = self._body(given.pop("body"))
        self._read_files(operation, given)
        if self.headers:
            operation["headers"] = dict(sorted(self.headers.items()))
        if self.header_parameters:
            operation["header_parameters"] = dict(sorted(self.header_parameters.items()))
        self._read_answer(operation, given, call)
        self._read_options(operation, options, call)
        if given:
            self.module.fail(call, f"a request with {sorted(given)}")

    def _read_files(self, operation: dict[str, Any], given: dict[str, ast.expr]) -> None:
        if self.files:
            operation["files"] = self.files
        if (given.pop("files", None) is not None) != bool(self.multipart):
            self.module.fail(given["cast_to"], "files without a multipart body, or the other way round")
        if self.multipart:
            operation["multipart"] = self.multipart
        if self.parts:
            operation["parts"] = self.parts
            given.pop("content")

    def _read_answer(self, operation: dict[str, Any], given: dict[str, ast.expr], call: ast.Call) -> None:
        request = self.request
        if "page" in given:
            page, item = given.pop("page"), _without_any(given.pop("model"))
            if not isinstance(page, ast.Subscript) or ast.unparse(page.slice) != ast.unparse(item):
                self.module.fail(page, "a page whose items are of another type than its model")
            operation["page"] = ast.unparse(page.value).removeprefix("Sync").removeprefix("Async")
            request.cast_to = item
        else:
            request.cast_to = _without_any(given.pop("cast_to"))
            if isinstance(request.cast_to, ast.Call):
                request.cast_by = [a.id for a in request.cast_to.args if isinstance(a, ast.Name)]
                request.cast_to, request.is_built_at_run_time = None, True
            elif ast.unparse(request.cast_to) in RESPONSES:
                operation["response"] = RESPONSES[ast.unparse(request.cast_to)]
        if "stream" in given:
            forms: dict[str, bool | str] = {"stream or False": True, "True": "always"}
            text = ast.unparse(given.pop("stream"))
            if text not in forms:
                self.module.fail(call, f"a request that streams when `{text}`")
            operation["stream"] = forms[text]
            stream = given.pop("stream_cls")
            if isinstance(stream, ast.Subscript):
                request.stream_item = stream.slice
            elif not request.is_built_at_run_time:
                self.module.fail(stream, "a stream class without an item type")

    def _read_options(self, operation: dict[str, Any], options: dict[str, ast.expr], call: ast.Call) -> None:
        if "synthesize_event_and_data" in options:
            operation["named_events"] = ast.literal_eval(options.pop("synthesize_event_and_data"))
        if "stream_mode" in options:
            operation["stream_mode"] = ast.literal_eval(options.pop("stream_mode"))
        if "security" in options:
            security: dict[str, bool] = ast.literal_eval(options.pop("security"))
            operation["security"] = sorted(name for name, applies in security.items() if applies)
        if "post_parser" in options and self.request.is_built_at_run_time:
            options.pop("post_parser")
        if options:
            self.module.fail(call, f"request options {sorted(options)}")

    def _options(self, node: ast.expr) -> dict[str, ast.expr]:
        if not isinstance(node, ast.Call):
            self.module.fail(node, "request options that are no call")
        return {keyword.arg or "**": keyword.value for keyword in node.keywords if keyword.arg not in OPTIONS}

    def _path(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return _text(self.module, node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "path_template":
            if any(keyword.arg != ast.unparse(keyword.value) for keyword in node.keywords):
                self.module.fail(node, "a placeholder that is named otherwise than its parameter")
            return _text(self.module, node.args[0])
        self.module.fail(node, "a path of an unknown form")

    def _body(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Name):
            return self._sent(self.members[node.id])
        members, of_type = self._transformed(node)
        if isinstance(of_type, ast.IfExp):
            if ast.unparse(of_type.test) != "stream":
                self.module.fail(of_type, "a body type that depends on something else than `stream`")
            self.request.body_type, self.request.streaming_body_type = of_type.orelse, of_type.body
        else:
            self.request.body_type = of_type
        return self._sent(members)

    def _transformed(self, node: ast.expr) -> tuple[ast.Dict, ast.expr]:
        call = _awaited(node)
        if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("maybe_transform"):
            self.module.fail(node, "members of an unknown form")
        members = self.members.get(ast.unparse(call.args[0]))
        return members or self._dict(call.args[0]), call.args[1]

    def _sent(self, members: ast.Dict) -> list[str]:
        """Names in the order in which they are sent; `wire=name` where a member and its parameter differ."""
        names: list[str] = []
        for key, value in zip(members.keys, members.values, strict=True):
            if not isinstance(value, ast.Name):
                self.module.fail(value, "a member that is no parameter")
            wire = _text(self.module, key)
            names.append(wire if wire == value.id else f"{wire}={value.id}")
        return names

    def _dict(self, node: ast.expr) -> ast.Dict:
        if not isinstance(node, ast.Dict):
            self.module.fail(node, "members of an unknown form")
        return node


def _is_request(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


def _without_any(node: ast.expr) -> ast.expr:
    """`X` of `cast(Any, X)`, which the official package writes for unions."""
    return node.args[1] if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast" else node


def _without_cast(node: ast.expr) -> ast.Call:
    node = _awaited(_without_any(_awaited(node)))
    assert isinstance(node, ast.Call)
    return node


def _text(module: Module, node: ast.expr | None) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        module.fail(node or module.tree, "something else than a text")
    return node.value
