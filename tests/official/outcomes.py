"""A plugin of pytest: writes what came of every case to the file that `TAILRACE_OUTCOMES` names.

The form is `{"cases": {id: {"outcome", "why"}}, "uncollected": {file: why}}`; where the plugin `accelerated` counts, a
case has its `requests`, too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


class Outcomes:
    """Collects the reports of one session; those of pytest-xdist's workers arrive at the session that started them."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.cases: dict[str, dict[str, Any]] = {}
        self.uncollected: dict[str, str] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.uncollected[report.nodeid] = last_line(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A case has three reports; the first that is no plain success decides.
        known = self.cases.get(report.nodeid)
        if known is None or known["outcome"] == "passed":
            self.cases[report.nodeid] = {"outcome": report.outcome, "why": last_line(report)}
        counted = dict(report.user_properties).get("requests")
        if counted is not None:
            self.cases[report.nodeid]["requests"] = counted

    def pytest_sessionfinish(self) -> None:
        text = json.dumps({"cases": self.cases, "uncollected": self.uncollected}, indent=0, sort_keys=True)
        self.target.write_text(text, encoding="utf-8")


def last_line(report: Any) -> str:
    """The error of a report in one line."""
    if report.passed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message.partition("\n")[0][:300]
    # What failed before any test ran is text, whose last line is the error.
    lines = [line.removeprefix("E ").strip() for line in str(report.longrepr).splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    target = os.environ.get("TAILRACE_OUTCOMES")
    if target and not is_worker:
        config.pluginmanager.register(Outcomes(Path(target)))
