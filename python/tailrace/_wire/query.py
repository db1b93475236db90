"""`QueryParams`: the fields of a query, with the method names of `httpx.QueryParams`."""

from __future__ import annotations

from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from typing import Any, NoReturn, cast
from urllib.parse import parse_qsl, urlencode


class QueryParams(Mapping[str, str]):
    """Fields of a query, several of one name included; as a mapping it has the first value of each. It never changes.

    Args:
        fields: The text of a query, pairs, or a mapping of names to values or lists of them. None is the empty text,
            and true and false are in lower case.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Any = None, **more: Any) -> None:
        fields = more if fields is None else fields
        if isinstance(fields, (str, bytes)):
            text = fields.decode("ascii") if isinstance(fields, bytes) else fields
            pairs: Any = parse_qsl(text, keep_blank_values=True)
        elif isinstance(fields, QueryParams):
            pairs = fields.multi_items()
        else:
            pairs = cast("Any", fields).items() if isinstance(fields, Mapping) else fields
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            several = isinstance(value, (list, tuple))
            self._fields.setdefault(str(name), []).extend(map(_text, cast("Any", value) if several else (value,)))

    def __getitem__(self, key: str) -> str:
        return self._fields[key][0]

    def __iter__(self) -> Any:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def keys(self) -> KeysView[str]:
        """Return the names, each once."""
        return self._fields.keys()

    def values(self) -> ValuesView[str]:
        """Return the first value of each name."""
        return {name: values[0] for name, values in self._fields.items()}.values()

    def items(self) -> ItemsView[str, str]:
        """Return each name with its first value."""
        return {name: values[0] for name, values in self._fields.items()}.items()

    def multi_items(self) -> list[tuple[str, str]]:
        """Return each name with each of its values."""
        return [(name, value) for name, values in self._fields.items() for value in values]

    def get_list(self, key: str) -> list[str]:
        """Return all values of a name; none when it is absent."""
        return list(self._fields.get(str(key), ()))

    def set(self, key: str, value: Any = None) -> QueryParams:
        """Return a copy in which `key` has this value only."""
        return QueryParams({**self._fields, str(key): [_text(value)]})

    def add(self, key: str, value: Any = None) -> QueryParams:
        """Return a copy in which `key` has this value, too."""
        return QueryParams({**self._fields, str(key): [*self.get_list(key), _text(value)]})

    def remove(self, key: str) -> QueryParams:
        """Return a copy without `key`."""
        return QueryParams({name: values for name, values in self._fields.items() if name != str(key)})

    def merge(self, params: Any = None) -> QueryParams:
        """Return a copy in which the fields of `params` replace those of their names."""
        return QueryParams({**self._fields, **QueryParams(params)._fields})

    def update(self, params: Any = None) -> NoReturn:
        """Raise `RuntimeError`, as the fields never change."""
        raise RuntimeError("QueryParams are immutable since 0.18.0. Use `q = q.merge(...)` to create an updated copy.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QueryParams) and sorted(self.multi_items()) == sorted(other.multi_items())

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return urlencode(self.multi_items())

    def __repr__(self) -> str:
        return f"QueryParams({str(self)!r})"


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
