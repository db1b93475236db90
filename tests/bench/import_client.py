"""The import and the first client of a fresh process: `import_client.py PACKAGE BASE_URL`."""

from __future__ import annotations

import sys
import time

# Nothing else is imported before the clock starts: what the package needs is part of its price.
wall, cpu = time.perf_counter(), time.process_time()

if sys.argv[1] == "tailrace":
    from tailrace import OpenAI
else:
    from openai import OpenAI

OpenAI(api_key="bench", base_url=sys.argv[2])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

from measure import report, resident_bytes  # noqa: E402

report(cpu_us=cpu * 1e6, wall_us=wall * 1e6, units=1, check=1, resident_bytes=resident_bytes())
