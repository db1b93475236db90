"""Reads the classes of WebSocket connections: what opens them, their parts, and the event that each method sends."""

from __future__ import annotations

import ast
from typing import Any

from python_operations import Function
from python_signatures import Signatures


def read_connections(signatures: Signatures) -> dict[str, Any] | None:
    """The connections of a module; None when it has none."""
    nodes = {node.name: node for node in signatures.module.tree.body if isinstance(node, ast.ClassDef)}
    managers = [name for name in nodes if name.endswith("ConnectionManager") and not name.startswith("Async")]
    if not managers:
        return None
    if len(managers) > 1:
        signatures.module.fail(nodes[managers[1]], "a second kind of connection")
    manager = managers[0]
    connection = manager.removesuffix("Manager")
    base = f"Base{connection}Resource"
    parts = [
        _part(signatures, nodes, name)
        for name, node in nodes.items()
        if any(ast.unparse(parent) == base for parent in node.bases)
    ]
    node = nodes[connection]
    functions = _functions(node)
    facts: dict[str, Any] = {"base": base, "async_base": f"BaseAsync{connection}Resource"}
    facts |= {"connection": connection, "async_connection": f"Async{connection}"}
    facts |= {"manager": manager, "async_manager": f"Async{manager}"}
    facts["receives"] = signatures.returns(functions["recv"])
    facts["sends"] = signatures.parameters(functions["send"])[0]["type"]
    if "on" not in functions:
        facts["plain"] = True
    names = {part["sync"] for part in parts}
    facts["children"] = {
        member.target.id: ast.unparse(member.annotation)
        for member in node.body
        if isinstance(member, ast.AnnAssign)
        and isinstance(member.target, ast.Name)
        and ast.unparse(member.annotation) in names
    }
    facts["parts"] = parts
    used = {base, facts["async_base"], connection, facts["async_connection"], manager, facts["async_manager"]}
    used |= names | {part["async"] for part in parts}
    for name in used - nodes.keys():
        raise SystemExit(f"{signatures.module.path} has no class {name}")
    return facts


def class_names(facts: dict[str, Any]) -> set[str]:
    """The names of the classes that the facts of a module describe."""
    keys = ("base", "async_base", "connection", "async_connection", "manager", "async_manager")
    return {facts[key] for key in keys} | {part[form] for part in facts["parts"] for form in ("sync", "async")}


def _part(signatures: Signatures, nodes: dict[str, ast.ClassDef], name: str) -> dict[str, Any]:
    node = nodes[name]
    part: dict[str, Any] = {"sync": name, "async": f"Async{name}", "children": {}, "methods": {}}
    for member, function in _functions(node).items():
        if "cached_property" in map(ast.unparse, function.decorator_list):
            part["children"][member] = (
                ast.literal_eval(function.returns)
                if isinstance(function.returns, ast.Constant)
                else ast.unparse(function.returns or function)
            )
            continue
        event = _event(signatures, function)
        part["methods"][member] = {**event, "parameters": signatures.parameters(function)}
        names = [parameter["name"] for parameter in part["methods"][member]["parameters"]]
        if sorted(names) != sorted(event["members"]):
            signatures.module.fail(function, f"an event of other members than its parameters: {event['members']}")
    twin = _functions(nodes[f"Async{name}"])
    if list(twin) != list(_functions(node)):
        signatures.module.fail(nodes[f"Async{name}"], f"other methods than those of {name}")
    return part


def _event(signatures: Signatures, function: Function) -> dict[str, Any]:
    """The type and the members of the event that a method sends."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict) and node.keys:
            keys = [ast.literal_eval(key) for key in node.keys if key is not None]
            if "type" in keys:
                kind = node.values[keys.index("type")]
                return {"event": ast.literal_eval(kind), "members": [key for key in keys if key != "type"]}
    signatures.module.fail(function, "a method that sends no event")


def _functions(node: ast.ClassDef) -> dict[str, Function]:
    """Public methods by name; of overloads the last."""
    return {m.name: m for m in node.body if isinstance(m, Function) and not m.name.startswith("_")}
