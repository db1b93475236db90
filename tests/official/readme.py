"""Runs the examples of the official READMEs with either package, and compares: `readme.py --help`.

`cargo xtask official --readme` calls it. An example counts where the official package itself passes: its types are
checked by pyright or by `tsc --strict`, and it is run against the first of the mock server and Steady on which the
official package ends well. Nothing of a README is kept.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import readme_examples
import report
import steady
import suite
from readme_examples import Example

HERE = Path(__file__).parent
OURS = "tailrace"
#: Seconds for one program; the slowest of the official package needs about two on an idle machine.
LIMIT = 60


@dataclass(frozen=True)
class Tools:
    """What is installed, by package where it differs."""

    python: dict[str, Path]
    modules: dict[str, Path]
    node: Path
    tsc: Path
    types: Path
    pyright: Path


#: Name of an example -> why it fails; those that pass are absent.
Failures = dict[str, str]


class Folder:
    """The examples of one language as the programs of one package."""

    def __init__(self, tools: Tools, work: Path, package: str, listed: list[Example]) -> None:
        self.tools = tools
        self.package = package
        self.examples = listed
        self.path = work / "readme" / package / listed[0].ending
        shutil.rmtree(self.path, ignore_errors=True)
        (self.path / "path/to").mkdir(parents=True)
        # The files that examples read.
        (self.path / "input.jsonl").write_text('{"prompt": "a"}\n', encoding="utf-8")
        (self.path / "path/to/image.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        for example in listed:
            (self.path / example.file()).write_text(example.program(package), encoding="utf-8")

    def types(self) -> Failures:
        """What the type checker says, by example."""
        return self.pyright() if self.examples[0].ending == "py" else self.tsc()

    def pyright(self) -> Failures:
        command = [
            "node",
            str(self.tools.pyright),
            "--outputjson",
            "--pythonpath",
            str(self.tools.python[self.package]),
        ]
        done = subprocess.run([*command, "."], cwd=self.path, capture_output=True, text=True, check=False)
        found = [
            (Path(item["file"]).name, item["message"])
            for item in json.loads(done.stdout)["generalDiagnostics"]
            if item["severity"] == "error"
        ]
        return self.by_name(found)

    def tsc(self) -> Failures:
        modules = self.path / "node_modules"
        modules.mkdir()
        (modules / self.package).symlink_to(self.tools.modules[self.package])
        (modules / "@types").symlink_to(self.tools.types)
        options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"]
        files = [example.file() for example in self.examples]
        command = [str(self.tools.node), str(self.tools.tsc), *options, "--types", "node", *files]
        done = subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=False)
        return self.by_name(re.findall(r"^(\S+?)\(\d+,\d+\): error (.*)$", done.stdout, re.MULTILINE))

    def by_name(self, found: list[tuple[str, str]]) -> Failures:
        messages = dict(reversed(found))
        return {example.name: messages[example.file()] for example in self.examples if example.file() in messages}

    def run(self, example: Example, url: str) -> str | None:
        """Run an example against a server; why it failed, if it did."""
        is_python = example.ending == "py"
        program = [str(self.tools.python[self.package])] if is_python else [str(self.tools.node)]
        env = {**os.environ, "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": url, "OPENAI_WEBHOOK_SECRET": "whsec_YQ=="}
        command = [*program, *(["-I"] if is_python else []), example.file()]
        try:
            done = subprocess.run(
                command, cwd=self.path, env=env, capture_output=True, text=True, timeout=LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            return f"did not end within {LIMIT} s"
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return None if done.returncode == 0 else error_line(lines)


def error_line(lines: list[str]) -> str:
    errors = [line for line in lines if re.match(r"^(\w+\.)*\w*(Error|Exception)\b", line.strip())]
    return [*errors, *lines, "no message"][0].strip()[:200]


def compare(tools: Tools, work: Path, readme: Path, servers: list[str]) -> tuple[int, int, Failures]:
    """Return how many checks the official package passes, how many of those ours does, and why it fails the others."""
    listed = list(readme_examples.of(readme.read_text(encoding="utf-8")))
    official, ours = (Folder(tools, work, package, listed) for package in (suite.OFFICIAL, OURS))
    wanted, found = official.types(), ours.types()
    language = "Python" if listed[0].ending == "py" else "TypeScript"
    passed = [f"{language}: types of {example.name}" for example in listed if example.name not in wanted]
    lost = {f"{language}: types of {name}": why for name, why in found.items() if name not in wanted}

    def both(example: Example) -> tuple[Example, bool, str | None]:
        for url in servers:
            if official.run(example, url) is None:
                return example, True, ours.run(example, url)
        return example, False, None

    with ThreadPoolExecutor(max_workers=2) as pool:
        for example, is_good, why in pool.map(both, listed):
            name = f"{language}: run of {example.name}"
            if is_good:
                passed.append(name)
            if why is not None:
                lost[name] = why
    print(f"{language}: {len(listed)} examples; of {len(passed)} checks that the official package passes, ", end="")
    print(f"tailrace passes {len(passed) - len(lost)}")
    return len(passed), len(passed) - len(lost), lost


@contextlib.contextmanager
def mock_server(program: Path) -> Iterator[str]:
    with subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("archive", "work", "mock", "node", "official-modules", "tailrace-package", "pyright", "description"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("official-python", "tailrace-python"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steady", required=True)
    options = parser.parse_args()
    work: Path = options.work.resolve()
    modules: Path = options.official_modules.resolve()
    ours: Path = options.tailrace_package.resolve()
    tools = Tools(
        python={suite.OFFICIAL: options.official_python.absolute(), OURS: options.tailrace_python.absolute()},
        modules={suite.OFFICIAL: modules / suite.OFFICIAL, OURS: ours},
        node=options.node.absolute(),
        tsc=modules / "typescript/bin/tsc",
        types=ours / "node_modules/@types",
        pyright=options.pyright.resolve(),
    )
    source = suite.unpack(options.archive, work / "source")
    with contextlib.ExitStack() as stack:
        mock = stack.enter_context(mock_server(options.mock.resolve()))
        server = steady.command(options.steady)
        other = stack.enter_context(
            steady.running(server, options.description.resolve(), "lenient", work / "steady.log")
        )
        results = [
            compare(tools, work, readme, [mock, other])
            for readme in (source / "README.md", modules / suite.OFFICIAL / "README.md")
        ]
    lost = {name: why for _, _, failures in results for name, why in failures.items()}
    for name, why in lost.items():
        print(f"  {name}\n    {why}")
    known = {name for entry in json.loads((HERE / "readme.json").read_text("utf-8")) for name in entry["examples"]}
    return 0 if report.verdict(set(lost), known, HERE / "readme.json") else 1


if __name__ == "__main__":
    sys.exit(main())
