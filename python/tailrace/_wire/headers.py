"""`Headers`: a case-insensitive multi-dictionary of header fields."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, ValuesView
from typing import cast

from .._hidden import is_credential


class Headers(MutableMapping[str, str]):
    """Header fields, looked up without regard to case, in the order in which they were sent.

    A field that occurs several times reads as its values joined by `", "`; `get_list` and `multi_items` keep them
    apart.
    Names follow `httpx.Headers`. `repr` shows `[secure]` in place of credentials.
    """

    __slots__ = ("_encoding", "_fields")

    def __init__(
        self,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        encoding: str | None = None,
    ) -> None:
        if headers is None:
            fields: list[tuple[str, str]] = []
        elif isinstance(headers, Headers):
            fields = list(headers._fields)
        elif isinstance(headers, Mapping):
            fields = list(cast("Mapping[str, str]", headers).items())
        else:
            fields = list(headers)
        self._fields = fields
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        """The charset of `raw`: ASCII where that is enough, else UTF-8; can be assigned."""
        if self._encoding is not None:
            return self._encoding
        return "ascii" if all(name.isascii() and value.isascii() for name, value in self._fields) else "utf-8"

    @encoding.setter
    def encoding(self, value: str) -> None:
        self._encoding = value

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The fields as bytes, names as they were received."""
        return [(name.encode(self.encoding), value.encode(self.encoding)) for name, value in self._fields]

    def multi_items(self) -> list[tuple[str, str]]:
        """Return every field, repeated names included, names in lower case."""
        return [(name.lower(), value) for name, value in self._fields]

    def get_list(self, key: str, split_commas: bool = False) -> list[str]:
        """Return the values of `key`, one for each time the field occurs; `split_commas` also splits each at commas."""
        wanted = key.lower()
        values = [value for name, value in self._fields if name.lower() == wanted]
        if not split_commas:
            return values
        return [part.strip() for value in values for part in value.split(",")]

    def copy(self) -> Headers:
        """Return an independent copy."""
        return Headers(self, encoding=self._encoding)

    def _joined(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self._fields:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined

    def keys(self) -> KeysView[str]:
        """Return the names in lower case, each once."""
        return self._joined().keys()

    def values(self) -> ValuesView[str]:
        """Return the values, those of a repeated field joined."""
        return self._joined().values()

    def items(self) -> ItemsView[str, str]:
        """Return names in lower case with their values, those of a repeated field joined."""
        return self._joined().items()

    def __getitem__(self, key: str) -> str:
        values = self.get_list(key)
        if not values:
            raise KeyError(key)
        return ", ".join(values)

    def __setitem__(self, key: str, value: str) -> None:
        wanted = key.lower()
        places = [place for place, (name, _) in enumerate(self._fields) if name.lower() == wanted]
        if not places:
            self._fields.append((key, value))
            return
        self._fields[places[0]] = (key, value)
        for place in reversed(places[1:]):
            del self._fields[place]

    def __delitem__(self, key: str) -> None:
        wanted = key.lower()
        kept = [field for field in self._fields if field[0].lower() != wanted]
        if len(kept) == len(self._fields):
            raise KeyError(key)
        self._fields = kept

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self.get_list(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined())

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Mapping, list, tuple)):
            return NotImplemented
        try:
            fields = Headers(other).multi_items()  # pyright: ignore[reportUnknownArgumentType, reportArgumentType]
        except (TypeError, ValueError, AttributeError):
            return False
        return sorted(self.multi_items()) == sorted(fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = [(name, "[secure]" if is_credential(name) else value) for name, value in self.multi_items()]
        by_name = dict(shown)
        return f"Headers({by_name!r})" if len(by_name) == len(shown) else f"Headers({shown!r})"

    def __reduce__(self) -> tuple[type[Headers], tuple[list[tuple[str, str]]]]:
        # A pickle is often written to a file or a queue, so credentials stay behind.
        fields = [(name, "[secure]" if is_credential(name) else value) for name, value in self._fields]
        return (Headers, (fields,))
