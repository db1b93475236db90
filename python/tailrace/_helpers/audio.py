"""`client.audio.transcriptions.create` and `client.audio.translations.create`: `response_format` decides the type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._lazy import LazyType
from .._types import NotGiven, Omit, omit

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["async_create_transcription", "async_create_translation", "create_transcription", "create_translation"]

TRANSCRIPTION = LazyType("tailrace.types.audio.transcription", "Transcription")
TRANSCRIPTION_DIARIZED = LazyType("tailrace.types.audio.transcription_diarized", "TranscriptionDiarized")
TRANSCRIPTION_STREAM_EVENT = LazyType("tailrace.types.audio.transcription_stream_event", "TranscriptionStreamEvent")
TRANSCRIPTION_VERBOSE = LazyType("tailrace.types.audio.transcription_verbose", "TranscriptionVerbose")
TRANSLATION = LazyType("tailrace.types.audio.translation", "Translation")
TRANSLATION_VERBOSE = LazyType("tailrace.types.audio.translation_verbose", "TranslationVerbose")

_TRANSCRIPTIONS: dict[str, Any] = {
    "json": TRANSCRIPTION,
    "verbose_json": TRANSCRIPTION_VERBOSE,
    "diarized_json": TRANSCRIPTION_DIARIZED,
    "text": str,
    "srt": str,
    "vtt": str,
}
_TRANSLATIONS: dict[str, Any] = {
    "json": TRANSLATION,
    "verbose_json": TRANSLATION_VERBOSE,
    "text": str,
    "srt": str,
    "vtt": str,
}


def create_transcription(
    transcriptions: Any,
    *,
    file: Any,
    model: Any,
    response_format: Any = omit,
    stream: bool | Omit | None = omit,
    extra_headers: Any = None,
    extra_query: Any = None,
    extra_body: Any = None,
    timeout: Any,
    deadline: Any,
    strict_end: Any,
    **parameters: Any,
) -> Any:
    """Transcribe a file; the answer is an object, text, or with `stream=True` a stream of events."""
    # The fields of the form stand in the order of the alphabet, behind the model.
    fields = {**parameters, "response_format": response_format, "stream": stream}
    return transcriptions._request(
        "POST",
        "/audio/transcriptions",
        cast_to=_type_of(_TRANSCRIPTIONS, response_format),
        body={"model": model, **dict(sorted(fields.items())), "file": file},
        files=[["file"]],
        stream=stream or False,
        stream_item=TRANSCRIPTION_STREAM_EVENT,
        extra_headers=extra_headers,
        extra_query=extra_query,
        extra_body=extra_body,
        timeout=timeout,
        deadline=deadline,
        strict_end=strict_end,
    )


def create_translation(
    translations: Any,
    *,
    file: Any,
    model: Any,
    prompt: Any = omit,
    response_format: Any = omit,
    temperature: Any = omit,
    **options: Any,
) -> Any:
    """Translate a file into English; the answer is an object or text."""
    body = {
        "model": model,
        "prompt": prompt,
        "response_format": response_format,
        "temperature": temperature,
        "file": file,
    }
    cast_to = _type_of(_TRANSLATIONS, response_format)
    return translations._request("POST", "/audio/translations", cast_to=cast_to, body=body, files=[["file"]], **options)


def async_create_transcription(transcriptions: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `create_transcription` does, awaited."""
    return create_transcription(transcriptions, **arguments)


def async_create_translation(translations: Any, **arguments: Any) -> Awaitable[Any]:
    """Do what `create_translation` does, awaited."""
    return create_translation(translations, **arguments)


def _type_of(types: dict[str, Any], response_format: Any) -> Any:
    if response_format is None or isinstance(response_format, (Omit, NotGiven)):
        return types["json"]
    try:
        return types[response_format]
    except (KeyError, TypeError):
        import logging

        # The server decides whether it knows the format; only the type of the answer is a guess then.
        logging.getLogger("tailrace.audio.transcriptions").warning(
            "Unexpected audio response format: %s", response_format
        )
        return types["json"]
