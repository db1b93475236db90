"""The examples of a README as programs: found when they are needed, never kept.

An example is named by its heading and its number below it. What it leaves to the reader, such as the client that an
earlier example made, is put before it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import suite

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LANGUAGES = {"python": "py", "py": "py", "ts": "mts", "js": "mts"}


@dataclass(frozen=True)
class Example:
    """A program of a README; `text` is the official one."""

    name: str
    ending: str
    text: str

    def file(self) -> str:
        return re.sub(r"\W+", "_", self.name.lower()).strip("_") + f".{self.ending}"

    def program(self, package: str) -> str:
        if self.ending == "py":
            return suite.renamed(python_program(self.text), package)
        # The name of a module in an import, with what leads to its parts.
        return re.sub(rf"(from ')(npm:)?{suite.OFFICIAL}(?=['/])", rf"\g<1>\g<2>{package}", node_program(self.text))


def of(readme: str) -> Iterator[Example]:
    """The examples in Python or TypeScript, in their order."""
    headings = [(match.start(), match[1].strip()) for match in HEADING.finditer(without_fences(readme))]
    numbers: Counter[str] = Counter()
    for match in FENCE.finditer(readme):
        if match["language"] in LANGUAGES:
            heading = [name for start, name in headings if start < match.start()][-1]
            numbers[heading] += 1
            text = textwrap.dedent(match["text"])
            yield Example(f"{heading} {numbers[heading]}", LANGUAGES[match["language"]], text)


def without_fences(readme: str) -> str:
    """The text with every character of code blank, so that a comment in it is no heading."""
    return FENCE.sub(lambda match: re.sub(r"\S", " ", match[0]), readme)


def python_program(text: str) -> str:
    """Complete an example: imports and values that it names and does not make, a loop for `await`."""
    found = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)]
    bound = {node.id for node in found if isinstance(node.ctx, ast.Store)}
    missing = {node.id for node in found} - bound
    awaits = needs_await(text)
    before: list[str] = []
    if "client" in missing:
        client = "AsyncOpenAI" if awaits else "OpenAI"
        before += [f"from {suite.OFFICIAL} import {client}, DefaultHttpx2Client", f"client = {client}()"]
    if "audio_bytes" in missing:
        before.append('audio_bytes = b"RIFF"')
    if awaits:
        inner = textwrap.indent(text, "    ")
        text = f"import asyncio\n\nasync def main() -> None:\n{inner}\nasyncio.run(main())\n"
    return "\n".join([*before, text])


def parsed(text: str) -> ast.AST:
    return compile(text, "example", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def needs_await(text: str) -> bool:
    try:
        compile(text, "example", "exec")
    except SyntaxError:
        return True
    return False


def node_program(text: str) -> str:
    """As above; a module of TypeScript may await anywhere."""
    before: list[str] = []
    if "import " not in text:
        before.append(f"import OpenAI from '{suite.OFFICIAL}';")
        for name in ("client", "openai"):
            if re.search(rf"\b{name}\.", text) and not re.search(rf"const {name}\b", text):
                before.append(f"const {name} = new OpenAI();")
    if "myReadableStream" in text:
        before.append("const myReadableStream = new Blob(['{}']).stream();")
    return "\n".join([*before, text, "export {};", ""])
