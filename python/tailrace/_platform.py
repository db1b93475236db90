"""The request headers that describe this machine, in the values that the official package sends."""

from __future__ import annotations

import os
import sys

from ._constants import COMPATIBLE_VERSION

_fields: list[tuple[str, str]] | None = None


def platform_headers() -> list[tuple[str, str]]:
    """Return the `X-Stainless-*` fields of this process; worked out once."""
    global _fields
    if _fields is None:
        version = sys.version_info
        release = f"{version.major}.{version.minor}.{version.micro}"
        if version.releaselevel != "final":
            release += {"alpha": "a", "beta": "b", "candidate": "rc"}[version.releaselevel] + str(version.serial)
        _fields = [
            ("X-Stainless-Lang", "python"),
            ("X-Stainless-Package-Version", COMPATIBLE_VERSION),
            ("X-Stainless-OS", _operating_system()),
            ("X-Stainless-Arch", _architecture()),
            ("X-Stainless-Runtime", _runtime()),
            ("X-Stainless-Runtime-Version", release),
        ]
    return _fields


def async_library(is_async: bool) -> str:
    """Return the value of `X-Stainless-Async`: which library runs the task that calls, or "false"."""
    if not is_async:
        return "false"
    # Nothing runs on trio that has not imported it.
    if "trio" in sys.modules:
        from ._async_library import in_trio_task

        return "async:trio" if in_trio_task() else "async:asyncio"
    return "async:asyncio"


def _operating_system() -> str:
    name = sys.platform
    known = {"linux": "Linux", "darwin": "MacOS", "win32": "Windows", "ios": "iOS", "android": "Android"}
    for prefix, label in (("freebsd", "FreeBSD"), ("openbsd", "OpenBSD")):
        if name.startswith(prefix):
            return label
    return known.get(name, f"Other:{name}")


def _architecture() -> str:
    # `platform.machine()` gives the same value, but importing it costs more than the rest of this package.
    if sys.platform == "win32":
        machine = os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", "")
    else:
        machine = os.uname().machine
    machine = machine.lower()
    if machine in ("arm64", "aarch64"):
        return "arm64"
    if machine == "arm":
        return "arm"
    if machine == "x86_64":
        return "x64"
    if sys.maxsize <= 2**32:
        return "x32"
    return f"other:{machine}" if machine else "unknown"


def _runtime() -> str:
    name = sys.implementation.name
    return {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}.get(name, name)
