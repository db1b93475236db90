"""The import and the first client of a fresh process: `import_client.py PACKAGE BASE_URL client|answer`.

With `answer` the first call is part of it: what a package loads late is not free.
"""

from __future__ import annotations

import sys
import time

package, base_url, what = sys.argv[1:]
messages = [{"role": "user", "content": "Count for me."}]

# Nothing else is imported before the clock starts: what the package needs is part of its price.
wall, cpu = time.perf_counter(), time.process_time()

if package in ("tailrace", "openai", "openai+pyreqwest"):
    if package == "tailrace":
        from tailrace import OpenAI

        client = OpenAI(api_key="bench", base_url=base_url)
    elif package == "openai":
        from openai import OpenAI

        client = OpenAI(api_key="bench", base_url=base_url)
    else:
        import httpx
        from openai import OpenAI
        from pyreqwest.compatibility.httpx import SyncHttpxTransport

        http_client = httpx.Client(transport=SyncHttpxTransport())
        client = OpenAI(api_key="bench", base_url=base_url, http_client=http_client)
    if what == "answer":
        client.chat.completions.create(model="mock", messages=messages)
else:
    import asyncio

    # The others are asynchronous only, so an event loop is part of their price.
    async def main() -> None:
        if package == "openai+aiohttp":
            from openai import AsyncOpenAI, DefaultAioHttpClient

            client = AsyncOpenAI(api_key="bench", base_url=base_url, http_client=DefaultAioHttpClient())
            if what == "answer":
                await client.chat.completions.create(model="mock", messages=messages)
        elif package == "openai-oxide":
            import json

            import openai_oxide

            client = openai_oxide.Client(api_key="bench", base_url=base_url)
            if what == "answer":
                json.loads(await client.create_chat_raw(json.dumps({"model": "mock", "messages": messages})))
        else:
            import liter_llm

            client = liter_llm.create_client(api_key="bench", base_url=base_url, model_hint="openai")
            if what == "answer":
                await liter_llm.chat(client, liter_llm.ChatCompletionRequest(model="mock", messages=messages))

    asyncio.run(main())
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu

from measure import memory, report  # noqa: E402

report(cpu_us=cpu * 1e6, wall_us=wall * 1e6, units=1, check=1, peak_bytes=memory("VmHWM"))
