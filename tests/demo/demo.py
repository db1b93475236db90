"""Streams a chat completion token by token, makes a plain call, catches a typed error, and ends with figures.

    python tests/demo/demo.py [--live | --base-url URL] [--model MODEL]

Without `--live` and `--base-url` it talks to the mock server inside the package: no key, no network.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time

import tailrace
from tailrace import OpenAI
from tailrace.testing import MockServer

PROMPT = "In three short sentences: why is the sky blue?"


def main() -> int:
    options = read_options()
    try:
        if options.live or options.base_url:
            # With `--live` the client finds key and address by itself, as in any program.
            url = options.base_url
            client = OpenAI() if url is None else OpenAI(base_url=url, api_key=os.environ.get("OPENAI_API_KEY", "none"))
            show(client, options.model)
            print_figures(client, options.model, streams=1)
        else:
            # A token each 30 ms, so that one sees them come; the figures are of streams without that pause.
            with MockServer(interval_ms=30) as slow, MockServer() as fast:
                show(slow.client(), options.model)
                print_figures(fast.client(), options.model, streams=200)
    except tailrace.OpenAIError as error:
        print(f"\n{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def show(client: OpenAI, model: str) -> None:
    print(f"Python {sys.version.split()[0]}, tailrace {tailrace.__version__}, {client.base_url}\n\n{PROMPT}\n")

    stream = client.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}], stream=True)
    for chunk in stream:
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print("\n")

    completion = client.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}])
    print(f"Not streamed: {completion.choices[0].message.content}")
    print(f"{completion.usage.total_tokens if completion.usage else 0} tokens, request {completion._request_id}\n")

    try:
        client.chat.completions.create(model="does-not-exist", messages=[{"role": "user", "content": PROMPT}])
        print("This server knows every model.\n")
    except tailrace.APIStatusError as error:
        print(f"Caught {type(error).__name__}, status {error.status_code}, code {error.code}: {error.message}\n")


def print_figures(client: OpenAI, model: str, streams: int) -> None:
    chunks = 0
    first_tokens: list[float] = []
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(streams):
        began = time.perf_counter()
        stream = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": PROMPT}], stream=True
        )
        for at, chunk in enumerate(stream):
            if at == 0:
                first_tokens.append((time.perf_counter() - began) * 1e3)
            chunks += len(chunk.choices)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{streams} more streams: {statistics.median(first_tokens):.1f} ms to the first token, "
        f"{chunks / wall:,.0f} chunks a second, {cpu / max(chunks, 1) * 1e6:.1f} us of CPU a chunk (this process)"
    )


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Shows the Python package at work.")
    parser.add_argument("--live", action="store_true", help="use the real API, with the key in OPENAI_API_KEY")
    parser.add_argument("--base-url", help="use any compatible server")
    parser.add_argument("--model", default="gpt-5.4-mini")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
