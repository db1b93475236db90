"""The import and the first client of a fresh process: `import_client.py PACKAGE BASE_URL client|answer`.

With `answer` the first call is part of it: what a package loads late is not free.
"""

from __future__ import annotations

import sys
import time

# Nothing else is imported before the clock starts: what the package needs is part of its price.
wall, cpu = time.perf_counter(), time.process_time()

if sys.argv[1] == "tailrace":
    from tailrace import OpenAI
else:
    from openai import OpenAI

client = OpenAI(api_key="bench", base_url=sys.argv[2])
if sys.argv[3] == "answer":
    client.chat.completions.create(model="mock", messages=[{"role": "user", "content": "Count for me."}])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

from measure import report, resident_bytes  # noqa: E402

report(cpu_us=cpu * 1e6, wall_us=wall * 1e6, units=1, check=1, resident_bytes=resident_bytes())
