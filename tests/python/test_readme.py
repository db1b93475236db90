"""The quick start of the README runs as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import tailrace
from tailrace.testing import MockServer

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_quick_start_runs_unchanged(server: MockServer) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    paths = [str(Path(tailrace.__file__).parents[1]), *filter(None, sys.path)]
    environment = {
        **os.environ,
        "OPENAI_API_KEY": "k",
        "OPENAI_BASE_URL": server.url,
        "PYTHONPATH": os.pathsep.join(paths),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    streamed, whole = done.stdout.splitlines()
    assert len(streamed.split()) > 5
    assert len(whole.split()) > 5


def test_the_readme_keeps_to_its_length() -> None:
    assert len(README.splitlines()) <= 120
