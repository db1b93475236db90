"""`tailrace.partial_json`: the value of JSON text that may have been cut off."""

from ._native import PartialJson


def partial_json(text: str, *, trailing_text: bool = True) -> object:
    """Return what there is of the value of `text`, the beginning of a JSON text.

    A key without its value, half a word (`tru`) and half a number (`1.`) do not count; a number counts as far as it is
    one. Objects and arrays that have not ended are there with what they have. Where something other than a comma or a
    closing bracket follows a value, the text is taken to end.

    Args:
        text: JSON text from its start on, whole or cut off anywhere.
        trailing_text: Whether a string counts before its closing quote.

    Returns:
        dict, list, str, int, float, bool or None, as `json.loads` makes them. None also when no value has come yet.

    Raises:
        ValueError: No JSON text begins like `text`; the message names the first byte that makes it so.
        RecursionError: It nests more objects and arrays than `sys.getrecursionlimit()`.
    """
    json = PartialJson(trailing_text)
    json.push(text)
    return json.value() if json.has_value() else None
