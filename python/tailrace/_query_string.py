"""`Querystring`: nested values as a query string, as `client.qs` offers it."""

from __future__ import annotations

from ._files import form_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Querystring:
    """Writes mappings as query strings: a list as `a[]=1&a[]=2`, a mapping as `a[b]=1`, without what is None."""

    def stringify_items(self, params: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return the names and values of a query, not yet escaped."""
        return [(name, content.decode()) for name, _, _, content in form_parts(params) if isinstance(content, bytes)]

    def stringify(self, params: Mapping[str, object]) -> str:
        """Return the query as it is sent, without a question mark."""
        from urllib.parse import urlencode

        return urlencode(self.stringify_items(params))
