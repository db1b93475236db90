"""Reads resource classes, from the client's children inwards: their place, their children and their methods."""

from __future__ import annotations

import ast
from typing import Any

from python_connections import class_names, read_connections
from python_operations import Function, Request, has_request, read_request
from python_signatures import Signatures
from python_source import Module, Package

VIEWS = {"raw": "WithRawResponse", "streaming": "WithStreamingResponse"}


class ResourceReader:
    """Reads every resource that a client leads to."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.operations: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, dict[str, Any]] = {}
        self.children: dict[str, str] = {}

    def read(self) -> None:
        """Read the resources; the import fails when a resource class is none of them."""
        client = self.package.module("_client")
        self.children = self._children(client, _class(client, "OpenAI"))
        if list(self.children) != list(self._children(client, _class(client, "AsyncOpenAI"))):
            client.fail(_class(client, "AsyncOpenAI"), "an async client with other resources")
        waiting = list(self.children.items())
        read: set[str] = set()
        while waiting:
            name, target = waiting.pop(0)
            if target not in read:  # `beta.chat` is `chat` once more; a class has the name of its shortest path.
                place, _, class_name = target.partition(":")
                read.update((target, f"{place}:Async{class_name}"))
                children = self._read_resource(name, target)
                waiting += [(f"{name}.{attribute}", child) for attribute, child in children.items()]
        for name in self.package.below("resources"):
            module = self.package.module(name)
            for node in module.tree.body:
                target = self.package.defining(f"{name}:{node.name}") if isinstance(node, ast.ClassDef) else ""
                if isinstance(node, ast.ClassDef) and _is_resource(node) and target not in read:
                    module.fail(node, "a resource that no client leads to")

    def packages(self) -> dict[str, dict[str, str]]:
        """What every package of resources exports: public name -> `module:Name`."""
        found: dict[str, dict[str, str]] = {}
        for name in self.package.below("resources"):
            module = self.package.module(name)
            if module.is_package:
                own = {local: f"{name}:{local}" for local in module.definitions} | module.imports
                exports = {local: self.package.defining(target) for local, target in own.items() if local[0] != "_"}
                found[name] = dict(sorted(exports.items()))
                missing = set(module.listed() or []) - set(exports)
                if missing:
                    module.fail(module.tree, f"a package that exports {sorted(missing)} from nowhere")
        return found

    def _read_resource(self, name: str, target: str) -> dict[str, str]:
        place, _, class_name = target.partition(":")
        module = self.package.module(place)
        node, twin = _class(module, class_name), _class(module, f"Async{class_name}")
        signatures = Signatures(self.package, module)
        facts: dict[str, Any] = {"resource": name, "module": place, "sync": class_name, "async": twin.name}
        facts["children"] = self._children(module, node)
        if list(facts["children"]) != list(self._children(module, twin)):
            module.fail(twin, f"other children than those of {class_name}")
        methods = self._methods(signatures, name, node, twin)
        views = self._views(module, node, twin, facts, methods)
        connections = read_connections(signatures)
        if connections is not None:
            facts["connections"] = connections
        classes = set() if connections is None else class_names(connections)
        own = {node.name, twin.name, *views, *signatures.outside, *classes}
        signatures.outside = {name: place for name, place in signatures.outside.items() if name not in classes}
        facts["imports"] = dict(sorted(signatures.imports.items()))
        if signatures.outside:
            facts["outside"] = dict(sorted(signatures.outside.items()))
        if module.listed() != [node.name, twin.name]:
            facts["exports"] = module.public()
        also = sorted(n for n in module.definitions if not n.startswith("_") and n not in own and n != "log")
        if also:
            facts["also"] = also
        facts["methods"] = methods
        self.facts[name] = facts
        return facts["children"]

    def _views(
        self,
        module: Module,
        node: ast.ClassDef,
        twin: ast.ClassDef,
        facts: dict[str, Any],
        methods: dict[str, dict[str, Any]],
    ) -> list[str]:
        """Note what the raw and the streaming view leave out; their class names."""
        if all(f"{node.name}{suffix}" not in module.definitions for suffix in VIEWS.values()):
            facts["views"] = False
            return []
        views = {form: _class(module, f"{node.name}{suffix}") for form, suffix in VIEWS.items()}
        twins = {form: _class(module, f"{twin.name}{suffix}") for form, suffix in VIEWS.items()}
        shown = self._children(module, views["raw"])
        for view in [*views.values(), *twins.values()]:
            if list(self._children(module, view)) != list(shown):
                module.fail(view, "other children than those of the other views")
        if list(shown) != list(facts["children"]):
            facts["view_children"] = list(shown)
        for form, view in views.items():
            if _attributes(view) != _attributes(twins[form]):
                module.fail(twins[form], f"other methods than those of {view.name}")
        for name, method in methods.items():
            forms = [form for form, view in views.items() if name in _attributes(view)]
            if len(forms) < len(views):
                method["viewed"] = forms[0] if forms else False
        return [view.name for view in [*views.values(), *twins.values()]]

    def _children(self, module: Module, node: ast.ClassDef) -> dict[str, str]:
        """Attribute -> `module:Class` of the blocking class, in official order."""
        signatures = Signatures(self.package, module)
        found: dict[str, str] = {}
        for member in node.body:
            if not isinstance(member, ast.FunctionDef) or member.name.startswith("with_"):
                continue
            if _has_decorator(member, "cached_property") and member.returns is not None:
                returns = member.returns
                if isinstance(returns, ast.Constant):
                    returns = ast.parse(str(returns.value), mode="eval").body
                found[member.name] = signatures.target(returns)
        return found

    def _methods(
        self, signatures: Signatures, resource: str, node: ast.ClassDef, twin: ast.ClassDef
    ) -> dict[str, dict[str, Any]]:
        module = signatures.module
        found: dict[str, dict[str, Any]] = {}
        functions, twins = _functions(node), _functions(twin)
        if list(functions) != list(twins):
            module.fail(twin, "an async class with other methods")
        for name, forms in functions.items():
            operation, method = _method(signatures, forms)
            operation_twin, method_twin = _method(signatures, twins[name])
            if operation != operation_twin:
                module.fail(twins[name][-1], "an async method with another request")
            method.update(_differences(module, method, method_twin, twins[name][-1]))
            found[name] = method
            if operation:
                self.operations.setdefault(resource, {})[name] = operation
        return found


def _method(signatures: Signatures, forms: list[Function]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operation and the signature of a method; `forms` are its overloads and, last, its implementation."""
    module, body = signatures.module, forms[-1]
    if len([form for form in forms if _has_decorator(form, "overload")]) != len(forms) - 1:
        module.fail(body, "overloads without an implementation")
    request = read_request(module, body) if has_request(body) else None
    method: dict[str, Any] = {}
    if request is None or request.is_built_at_run_time:
        method["helper"] = True
    method["parameters"] = signatures.parameters(body)
    method["returns"] = signatures.returns(body)
    if request is not None:
        _read_types(signatures, method, request)
        _check_members(module, method, request, body)
    for decorator in body.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "required_args":
            method["required"] = [ast.literal_eval(variant) for variant in decorator.args]
    deprecations = {_deprecation(module, form) for form in forms}
    if deprecations != {None}:
        if None in deprecations:
            module.fail(body, "a deprecation of single overloads")
        method["deprecated"] = _deprecation(module, body)
        if request is not None:
            request.operation["deprecated"] = True
    if len(forms) > 1:
        method["overloads"] = [signatures.overload(method, form) for form in forms[:-1]]
    return request.operation if request else {}, method


def _read_types(signatures: Signatures, method: dict[str, Any], request: Request) -> None:
    if "page" in request.operation:
        method["page"] = f"Sync{request.operation['page']}"
    if request.cast_to is not None:
        method["cast_to"] = signatures.annotation(request.cast_to)
    if request.cast_by:
        method["cast_by"] = request.cast_by
    if request.checks:
        method["checks"] = request.checks
    if request.stream_item is not None:
        method["stream_item"] = signatures.annotation(request.stream_item)
    for name in ("body_type", "streaming_body_type", "query_type"):
        node: ast.expr | None = getattr(request, name)
        if node is not None:
            method[name] = signatures.target(node)


def _check_members(module: Module, method: dict[str, Any], request: Request, body: Function) -> None:
    """Everything that is sent is a parameter, and every parameter is sent."""
    operation = request.operation
    names = {parameter["name"] for parameter in method["parameters"]}
    sent = {member.partition("=")[2] or member for key in ("query", "body") for member in operation.get(key, [])}
    sent.update(part.partition("}")[0] for part in operation["path"].split("{")[1:])
    sent.update(operation.get("header_parameters", {}).values())
    left = names - sent - {"extra_headers", "extra_query", "extra_body", "timeout"}
    if not sent <= names or (left and not request.is_built_at_run_time):
        module.fail(body, f"a request that sends no parameter or leaves one out: {sorted(sent - names | left)}")


def _differences(module: Module, method: dict[str, Any], twin: dict[str, Any], node: Function) -> dict[str, Any]:
    """What the async form does in another way than by awaiting and by the async names of pages and streams."""
    found: dict[str, Any] = {}
    if isinstance(node, ast.FunctionDef) != ("page" in method):
        if "page" in method:
            module.fail(node, "an async method that awaits a page")
        found["async"] = "def"
    names = [[parameter["name"] for parameter in form["parameters"]] for form in (method, twin)]
    if names[0] != names[1]:
        found["async_signature"] = twin["parameters"]
    elif method["parameters"] != twin["parameters"]:
        pairs = zip(method["parameters"], twin["parameters"], strict=True)
        found["async_parameters"] = [other for parameter, other in pairs if parameter != other]
    if twin["returns"] != _async_returns(method, method["returns"]):
        found["async_returns"] = twin["returns"]
    overloads = [
        {**overload, "returns": _async_returns(method, overload["returns"])} for overload in method.get("overloads", [])
    ]
    if overloads != twin.get("overloads", []):
        found["async_overloads"] = twin["overloads"]
    rest = {"parameters", "returns", "overloads"}
    if {k: v for k, v in method.items() if k not in rest} != {k: v for k, v in twin.items() if k not in rest}:
        module.fail(node, "an async method with another answer")
    return found


def _async_returns(method: dict[str, Any], returns: str) -> str:
    if "page" in method:
        page, item = method["page"], method["cast_to"]
        pages = f"AsyncPaginator[{item}, {page.replace('Sync', 'Async')}[{item}]]"
        return pages if returns == f"{page}[{item}]" else returns
    head, bracket, rest = returns.partition("Stream[")
    return f"{head}AsyncStream[{rest}" if bracket and not head[-1:].isalnum() else returns


def _deprecation(module: Module, function: Function) -> bool | str | None:
    """True when a call warns, `silent` when only type checkers do, None when there is no deprecation."""
    found: bool | str | None = None
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "typing_extensions.deprecated":
            silent = any(k.arg == "category" and ast.unparse(k.value) == "None" for k in decorator.keywords)
            found = found if found is True else ("silent" if silent else True)
        elif ast.unparse(decorator) != "overload" and not ast.unparse(decorator).startswith("required_args("):
            module.fail(decorator, "an unknown decorator")
    return found


def _functions(node: ast.ClassDef) -> dict[str, list[Function]]:
    """Public methods by name, each with its overloads."""
    found: dict[str, list[Function]] = {}
    for member in node.body:
        if not isinstance(member, Function) or member.name.startswith("_"):
            continue
        if not _has_decorator(member, "cached_property"):
            found.setdefault(member.name, []).append(member)
    return found


def _attributes(view: ast.ClassDef) -> set[str]:
    """Names that the constructor of a view sets."""
    nodes = [node for node in ast.walk(view) if isinstance(node, ast.Assign)]
    return {node.targets[0].attr for node in nodes if isinstance(node.targets[0], ast.Attribute)}


def _has_decorator(function: Function, name: str) -> bool:
    return name in map(ast.unparse, function.decorator_list)


def _is_resource(node: ast.ClassDef) -> bool:
    return bool({"SyncAPIResource", "AsyncAPIResource"} & set(map(ast.unparse, node.bases)))


def _class(module: Module, name: str) -> ast.ClassDef:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise SystemExit(f"{module.path} has no class {name}")
