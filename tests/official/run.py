"""Runs the official suite for the official package and for ours, and compares: `run.py --help`.

`cargo xtask official` calls it with what it has installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import report
import steady
import suite
import wire

HERE = Path(__file__).parent
WORKERS = 2
RESOURCES = "tests/api_resources"
#: Plugins of pytest without which cases of public names would be lost to tailrace.
OURS = ("absent", "built", "sockets")
#: The official package over transports of ours.
ACCELERATED = "accelerated"
#: What is run, over which of it the transports are compared, and what is left out, with reasons.
FILES: dict[str, Any] = json.loads((HERE / "files.json").read_text(encoding="utf-8"))
CASES = (RESOURCES, *FILES["run"])
TRANSPORTS = tuple(FILES["transports"])


@dataclass(frozen=True)
class Package:
    """One side of the comparison."""

    name: str
    python: Path
    #: The package that the suite imports.
    imports: str


@dataclass(frozen=True)
class Run:
    """What all runs of this program share."""

    work: Path
    source: Path
    server: list[str]
    description: Path
    only: tuple[str, ...]
    fresh: bool

    def key(self, mode: str, kind: str) -> str:
        """What the official package's result depends on, beside its version in the name of the folder."""
        programs = ["run.py", "files.json", "suite.py", "steady.py", "outcomes.py", "recorder.py", "accelerated.py"]
        parts = [self.description.read_bytes(), *((HERE / name).read_bytes() for name in programs)]
        digest = hashlib.sha256(b"\0".join([*parts, "\0".join(self.server).encode()])).hexdigest()[:12]
        return f"{self.source.name}-{kind}-{mode}-{digest}.json"

    def result(self, package: Package, mode: str, kind: str) -> dict[str, Any]:
        """Run the cases. The whole official result is kept: it changes only with its inputs."""
        kept = self.work / "results" / self.key(mode, kind)
        if package.name == suite.OFFICIAL and kept.exists() and not self.fresh:
            print(f"{package.name}: from {kept.name}", flush=True)
            return json.loads(kept.read_text(encoding="utf-8"))
        result = self.run(package, mode, kind)
        if package.name == suite.OFFICIAL and (result["uncollected"] or not result["cases"]):
            raise SystemExit(f"the official package did not run its own suite: {self.work / 'suite' / package.name}")
        whole = {"outcomes": CASES, "wire": (RESOURCES,), "transports": TRANSPORTS}[kind]
        if package.name == suite.OFFICIAL and self.only == whole:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(result), encoding="utf-8")
        return result

    def run(self, package: Package, mode: str, kind: str) -> dict[str, Any]:
        folder = suite.copy(self.source, self.work / "suite" / package.name, package.imports)
        outcomes, records = folder / "outcomes.json", folder / "records"
        records.mkdir()
        began = time.monotonic()
        with steady.running(self.server, self.description, mode, folder / "steady.log") as url:
            places = {"TEST_API_BASE_URL": url}
            if kind != "outcomes":
                places = {"TAILRACE_STEADY": url, "TAILRACE_RECORDS": str(records)}
            if package.name == ACCELERATED:
                places["TAILRACE_ACCELERATED"] = "1"
            plugins = {"outcomes": [], "wire": ["recorder"], "transports": ["recorder", "accelerated"]}[kind]
            plugins = ["outcomes", *plugins, *(OURS if package.imports != suite.OFFICIAL else ())]
            with (folder / "pytest.log").open("wb") as log:
                subprocess.run(
                    self.pytest(package, plugins),
                    cwd=folder,
                    env={**environment(), **places, "TAILRACE_OUTCOMES": str(outcomes)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
        if not outcomes.exists():
            raise SystemExit(f"pytest ended early for {package.name}:\n{tail(folder / 'pytest.log')}")
        result = json.loads(outcomes.read_text(encoding="utf-8"))
        for path in records.iterdir():
            result.setdefault("records", {}).update(json.loads(path.read_text(encoding="utf-8")))
        counts = report.counts(result)
        print(f"{package.name}: {counts} in {time.monotonic() - began:.0f} s; all of it in {folder}", flush=True)
        return result

    def pytest(self, package: Package, plugins: list[str]) -> list[str]:
        loaded = [word for plugin in plugins for word in ("-p", plugin)]
        # The suite's own `addopts` ask for as many workers as there are cores.
        quiet = ["-o", "addopts=", "-n", str(WORKERS), "-q", "--tb=line", "-p", "no:cacheprovider", "--timeout=120"]
        return [str(package.python), "-m", "pytest", *loaded, *quiet, "--continue-on-collection-errors", *self.only]


def environment() -> dict[str, str]:
    """Nothing of the machine decides a case: no key, no proxy, no certificates."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "PYTEST_", "SSL_CERT_")) and not name.lower().endswith("_proxy")
    }
    # Without the first the fixtures pass a client of httpx2, which is not the default transport of either package; with
    # the second the cases for clients of the httpx of old run.
    asked = {"OPENAI_TEST_HTTP_CLIENT": "httpx", "OPENAI_TEST_LEGACY_HTTPX": "1"}
    return {**kept, **asked, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}


def tail(path: Path, lines: int = 40) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def compare_outcomes(run: Run, official: Package, ours: Package, mode: str) -> bool:
    reference = run.result(official, mode, "outcomes")
    result = run.result(ours, mode, "outcomes")
    return report.outcomes(reference, result, mode, run.only, HERE / "lost.json", run.work / f"lost-{mode}.txt")


def compare_transports(run: Run, official: Package, accelerated: Package, mode: str) -> bool:
    """Compare the official package over its own transports and over ours, by the cases that send requests over one."""
    if run.only == CASES:
        run = replace(run, only=TRANSPORTS)
    reference = run.result(official, mode, "transports")
    result = run.result(accelerated, mode, "transports")
    reference["cases"] = {case: end for case, end in reference["cases"].items() if end.get("requests")}
    for end in result["cases"].values():
        if end["outcome"] == "passed" and not end.get("requests"):
            end.update(outcome="other transport", why="no request went over a transport of tailrace")
    listed, target = HERE / "accelerator.json", run.work / f"accelerator-{mode}.txt"
    return report.outcomes(reference, result, mode, run.only, listed, target)


def compare_wire(run: Run, official: Package, ours: Package, mode: str) -> bool:
    if run.only == CASES:
        # The other tests answer themselves, and so their requests are not on the wire.
        run = replace(run, only=(RESOURCES,))
    reference = run.result(official, mode, "wire")
    result = run.result(ours, mode, "wire")
    listed = json.loads((HERE / "wire.json").read_text(encoding="utf-8"))
    ignored = set(listed["ignored_headers"])
    found = {
        case: wire.differences(records, result.get("records", {}).get(case, []), ignored)
        for case, records in reference["records"].items()
        if case.startswith(run.only)
    }
    return report.wire(reference, found, listed["different"], run.work / f"wire-{mode}.txt", run.only == (RESOURCES,))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wire", action="store_true", help="compare requests instead of outcomes")
    parser.add_argument(
        "--accelerator", action="store_true", help="compare the official package over its transports, ours"
    )
    parser.add_argument("--mode", action="append", choices=list(steady.MODES), help="default: both, or reject")
    parser.add_argument("--only", help="a folder or file of the suite; default: the resources, and files named here")
    parser.add_argument("--fresh", action="store_true", help="run the official package again")
    parser.add_argument("--archive", type=Path, required=True, help="the source distribution of the official package")
    parser.add_argument("--work", type=Path, required=True, help="a folder for all that is made")
    parser.add_argument("--official-python", type=Path, required=True)
    parser.add_argument("--tailrace-python", type=Path, required=True)
    parser.add_argument("--steady", required=True, help="the program; a script of Node is run by `node`")
    parser.add_argument("--description", type=Path, required=True, help="the API description for Steady")
    options = parser.parse_args()

    work: Path = options.work.resolve()
    source = suite.unpack(options.archive, work / "source")
    undecided = suite.undecided(source, FILES)
    if undecided:
        raise SystemExit("files.json neither runs nor leaves out, or has what is not there: " + ", ".join(undecided))
    only = CASES if options.only is None else (options.only,)
    run = Run(work, source, steady.command(options.steady), options.description.resolve(), only, options.fresh)
    # Not resolved: the link is what makes it the interpreter of its environment.
    official = Package(suite.OFFICIAL, options.official_python.absolute(), suite.OFFICIAL)
    ours = Package("tailrace", options.tailrace_python.absolute(), "tailrace")
    compare, is_short = compare_outcomes, options.wire or options.accelerator
    if options.wire:
        compare = compare_wire
    elif options.accelerator:
        compare, ours = compare_transports, replace(ours, name=ACCELERATED, imports=suite.OFFICIAL)
    modes = options.mode or (["reject"] if is_short else list(steady.MODES))
    good = [compare(run, official, ours, mode) for mode in modes]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
