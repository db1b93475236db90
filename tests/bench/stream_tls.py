"""One sync stream after another over TLS that haproxy takes off: `stream_tls.py PACKAGE BASE_URL STREAMS 1|2`.

The last argument is the version of HTTP. What haproxy does is no part of the figures, which are of this process.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import WARM_UP_CHUNKS, Region, load, report

#: Seconds that haproxy may take to listen.
PATIENCE = 30.0


@contextmanager
def haproxy(program: str, folder: Path, target: str) -> Iterator[tuple[int, Path]]:
    """Run haproxy before `target`; give its port, and the certificate that it shows."""
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    names = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=CA:FALSE",
    ]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    made = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", *curve, *names, *made], check=True, capture_output=True)
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "haproxy.cfg"
    config.write_text(
        "defaults\n mode http\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n"
        f"frontend f\n bind 127.0.0.1:{port} ssl crt {both} alpn h2,http/1.1\n default_backend b\n"
        f"backend b\n server s {target}\n"
    )
    with subprocess.Popen([program, "-f", str(config)], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise
                    time.sleep(0.02)
            yield port, certificate
        finally:
            process.kill()


def main(package: str, base_url: str, streams: int, version: int) -> None:
    program = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None or shutil.which("openssl") is None:
        report(cannot="haproxy or openssl is not installed")
        return
    subject = load(package, base_url, "tls")
    target, _, path = base_url.removeprefix("http://").partition("/")
    with tempfile.TemporaryDirectory() as folder, haproxy(program, Path(folder), target) as (port, certificate):
        subject.goes_over(f"https://localhost:{port}/{path}", verify=str(certificate), http2=version == 2)
        subject.stream(max_completion_tokens=WARM_UP_CHUNKS)
        with Region() as region:
            counts = [subject.stream() for _ in range(streams)]
    region.report(sum(chunks for chunks, _ in counts), sum(letters for _, letters in counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
