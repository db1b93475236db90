"""The regions whose servers a client can use."""

from __future__ import annotations

#: Base URL for each value of `data_residency`.
_DATA_RESIDENCY_BASE_URLS = {
    "global": "https://api.openai.com/v1",
    "us": "https://us.api.openai.com/v1",
    "eu": "https://eu.api.openai.com/v1",
    "ae": "https://ae.api.openai.com/v1",
    "au": "https://au.api.openai.com/v1",
    "in": "https://in.api.openai.com/v1",
    "jp": "https://jp.api.openai.com/v1",
}


def region_url(region: object) -> str:
    """Return the base URL of a region; raises `ValueError` when there is none of that name."""
    try:
        return _DATA_RESIDENCY_BASE_URLS[region]  # type: ignore[index]
    except (KeyError, TypeError):
        *most, last = (repr(name) for name in _DATA_RESIDENCY_BASE_URLS)
        raise ValueError(f"Invalid `data_residency`; expected one of {', '.join(most)}, or {last}") from None
