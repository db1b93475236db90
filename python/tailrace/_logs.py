"""The logger `openai`, switched on by `OPENAI_LOG=info` or `debug`, or by the application through `logging`."""

from __future__ import annotations

import logging

from ._native import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Reply

_SECRET = frozenset(("authorization", "api-key", "x-api-key", "proxy-authorization", "x-amz-security-token", "cookie"))

logger = logging.getLogger("openai")


def set_up(level: str) -> None:
    """Send the records of this package to stderr at `level`, `debug` or `info`; any other word changes nothing."""
    if level not in ("debug", "info"):
        return
    logging.basicConfig(
        format="[%(asctime)s - %(name)s:%(lineno)d - %(levelname)s] %(message)s", datefmt="%Y-%m-%d %H:%M:%S"
    )
    logger.setLevel(logging.DEBUG if level == "debug" else logging.INFO)


def request(method: str, path: str, headers: list[tuple[str, str | None]], body: object) -> None:
    """Log a request at debug level, credentials redacted."""
    if logger.isEnabledFor(logging.DEBUG):
        shown = {
            name: "<redacted>" if name.lower() in _SECRET else value for name, value in headers if value is not None
        }
        logger.debug("Request options: %s", {"method": method, "url": path, "headers": shown, "json_data": body})
        logger.debug("Sending HTTP Request: %s %s", method, path)


def outcome(method: str, result: Reply | Failure) -> None:
    """Log how a call ended: its status at info level, its retries and its failure too."""
    if isinstance(result, Failure):
        logger.info("HTTP Request failed: %s after %d attempts: %s", method, result.attempts, result.message)
        return
    if result.retries_taken:
        logger.info("Retried %s %s %d times", method, result.url, result.retries_taken)
    logger.info('HTTP Response: %s %s "%d %s"', method, result.url, result.status, result.reason)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("request_id: %s", result.header("x-request-id"))
