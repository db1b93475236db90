"""Reads resource classes: their place, their children and the signatures of their methods."""

from __future__ import annotations

import ast
from typing import Any

from python_source import Module, Package, names_in

# Names in signatures that belong to the package's private modules; the generator knows where ours stand.
RUNTIME_MODULES = ("_types", "_streaming", "_resource", "_models", "_base_client", "pagination")
VERBS = {"_get": "get", "_post": "post", "_put": "put", "_patch": "patch", "_delete": "delete", "_get_api_list": "get"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class ResourceReader:
    """Reads the resources that the given operations need, from the outermost inwards."""

    def __init__(self, package: Package, operations: list[str]) -> None:
        self.package = package
        self.wanted = operations
        self.operations: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, dict[str, Any]] = {}
        self.type_modules: set[str] = set()

    def read(self) -> None:
        for operation in self.wanted:
            names = operation.split(".")[:-1]
            module = self.package.module(f"resources.{names[0]}")
            class_name = "".join(part.title() for part in names[0].split("_"))
            self._read_resource([], names, module, class_name)

    def packages(self) -> dict[str, dict[str, str]]:
        """Exports of every package of resources that is read, of the classes that are read."""
        classes = {f"{f['module']}:{f[form]}" for f in self.facts.values() for form in ("sync", "async")}
        names = {"resources"}
        for facts in self.facts.values():
            parts = facts["module"].split(".")
            names.update(".".join(parts[:depth]) for depth in range(1, len(parts)))
        found: dict[str, dict[str, str]] = {}
        for name in sorted(names):
            targets = {k: self.package.defining(t) for k, t in self.package.module(name).imports.items()}
            found[name] = {local: target for local, target in sorted(targets.items()) if target in classes}
        return found

    def _read_resource(self, above: list[str], rest: list[str], seen_in: Module, class_name: str) -> None:
        target = self.package.defining(f"{seen_in.name}:{class_name}")
        module = self.package.module(target.partition(":")[0])
        path = [*above, rest[0]]
        node = _class(module, class_name)
        twin = _class(module, f"Async{class_name}")
        name = ".".join(path)
        facts = self.facts.setdefault(
            name,
            {
                "resource": name,
                "module": module.name,
                "sync": class_name,
                "async": f"Async{class_name}",
                "children": {},
                "imports": {},
                "methods": {},
            },
        )
        if len(rest) > 1:
            child = _child(module, node, rest[1])
            target = self.package.defining(f"{module.name}:{child}")
            facts["children"][rest[1]] = target
            self._read_resource(path, rest[1:], module, child)
        for wanted in self.wanted:
            parent, _, method = wanted.rpartition(".")
            if parent == name:
                self._read_method(facts, module, node, twin, method)
        facts["imports"] = dict(sorted(facts["imports"].items()))

    def _read_method(
        self, facts: dict[str, Any], module: Module, node: ast.ClassDef, twin: ast.ClassDef, name: str
    ) -> None:
        operation, method = self._method_facts(facts, module, node, name)
        operation_twin, method_twin = self._method_facts(facts, module, twin, name)
        if operation != operation_twin or _without_async(method_twin) != method:
            module.fail(twin, f"the async form of `{name}` differs from the sync form")
        facts["methods"][name] = method
        self.operations.setdefault(facts["resource"], {})[name] = operation

    def _method_facts(
        self, facts: dict[str, Any], module: Module, node: ast.ClassDef, name: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        functions = [f for f in node.body if isinstance(f, Function) and f.name == name]
        overloads = [f for f in functions if any(ast.unparse(d) == "overload" for d in f.decorator_list)]
        body = functions[-1]
        call = _request_call(module, body)
        keywords = {k.arg: k.value for k in call.keywords if k.arg}
        operation = _operation_facts(module, call, keywords)

        method: dict[str, Any] = {"parameters": self._parameters(facts, module, body)}
        assert body.returns is not None
        method["returns"] = self._annotation(facts, module, body.returns)
        method["cast_to"] = self._annotation(facts, module, keywords["cast_to"])
        if "stream_cls" in keywords:
            stream = keywords["stream_cls"]
            if not isinstance(stream, ast.Subscript):
                module.fail(stream, "a stream class without an item type")
            method["stream_item"] = self._annotation(facts, module, stream.slice)
        for decorator in body.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "required_args":
                method["required"] = [ast.literal_eval(variant) for variant in decorator.args]
        if overloads:
            method["overloads"] = [self._overload(facts, module, method, f) for f in overloads]
        return operation, method

    def _overload(
        self, facts: dict[str, Any], module: Module, method: dict[str, Any], node: Function
    ) -> dict[str, Any]:
        """What an overload changes. Its order is: required parameters first, then the implementation's order."""
        assert node.returns is not None
        shown = self._parameters(facts, module, node)
        by_name = {p["name"]: p for p in shown}
        changed = {p["name"]: by_name[p["name"]] for p in method["parameters"] if by_name.get(p["name"]) != p}
        merged = [changed.get(p["name"], p) for p in method["parameters"]]
        ordered = [p for p in merged if "default" not in p] + [p for p in merged if "default" in p]
        if ordered != shown:
            module.fail(node, "an overload whose order of parameters is not required ones first")
        return {"changes": list(changed.values()), "returns": self._annotation(facts, module, node.returns)}

    def _parameters(self, facts: dict[str, Any], module: Module, node: Function) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        positional = node.args.args[1:]
        if node.args.defaults or node.args.vararg or node.args.kwarg:
            module.fail(node.args, "a signature with positional defaults or packed arguments")
        pairs = [(p, None) for p in positional] + list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
        for position, (argument, default) in enumerate(pairs):
            assert argument.annotation is not None
            parameter: dict[str, Any] = {
                "name": argument.arg,
                "type": self._annotation(facts, module, argument.annotation),
            }
            if default is not None:
                parameter["default"] = ast.unparse(default)
            if position < len(positional):
                parameter["positional"] = True
            found.append(parameter)
        return found

    def _annotation(self, facts: dict[str, Any], module: Module, node: ast.expr) -> str:
        for name in names_in(node):
            local = name.partition(".")[0]
            target = module.imports.get(local)
            if target is None or target.startswith(RUNTIME_MODULES):
                continue
            target = self.package.defining(target)
            facts["imports"][local] = target
            self.type_modules.add(target.partition(":")[0])
        return ast.unparse(node)


def _operation_facts(module: Module, call: ast.Call, keywords: dict[str, ast.expr]) -> dict[str, Any]:
    assert isinstance(call.func, ast.Attribute)
    facts: dict[str, Any] = {"verb": VERBS[call.func.attr], "path": _path(module, call.args[0])}
    if "body" in keywords:
        facts["body"] = _sent_names(module, keywords["body"])
    if "stream" in keywords:
        facts["stream"] = True
    options = keywords["options"]
    if not isinstance(options, ast.Call):
        module.fail(options, "request options that are no call")
    for keyword in options.keywords:
        if keyword.arg == "security":
            facts["security"] = sorted(ast.literal_eval(keyword.value))
        elif keyword.arg not in ("extra_headers", "extra_query", "extra_body", "timeout"):
            module.fail(options, f"request option `{keyword.arg}`")
    return facts


def _path(module: Module, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    module.fail(node, "a path of an unknown form")


def _sent_names(module: Module, node: ast.expr) -> list[str]:
    """Names of the body's members in the order in which they are sent; a member that is renamed is `wire=name`."""
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Dict):
        node = node.args[0]
    if not isinstance(node, ast.Dict):
        module.fail(node, "a body of an unknown form")
    names: list[str] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(value, ast.Name):
            module.fail(node, "a body member that is no parameter")
        names.append(value.id if key.value == value.id else f"{key.value}={value.id}")
    return names


def _request_call(module: Module, function: Function) -> ast.Call:
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS
    ]
    if len(calls) != 1:
        module.fail(function, f"{len(calls)} requests in one method")
    return calls[0]


def _class(module: Module, name: str) -> ast.ClassDef:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise SystemExit(f"{module.path} has no class {name}")


def _child(module: Module, node: ast.ClassDef, name: str) -> str:
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == name and member.returns is not None:
            return ast.unparse(member.returns)
    raise SystemExit(f"{module.path}: class {node.name} has no resource {name}")


def _without_async(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_async(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_without_async(member) for member in value]
    return value.replace("AsyncStream[", "Stream[") if isinstance(value, str) else value
