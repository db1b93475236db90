"""What is raised when a WebSocket connection is closed."""

from .._websocket.closing import Close, ConnectionClosed, ConnectionClosedError, ConnectionClosedOK

__all__ = ["Close", "ConnectionClosed", "ConnectionClosedError", "ConnectionClosedOK"]
