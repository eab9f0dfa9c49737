"""Decode: which records of the topic are events, by the rules of src/domain/EventCodec.ts and EventTime.ts.

Runs on executors, by the standard library alone. What is no event is only told from one: why, in words, is said by the
process that archives, whose own decoder reads it once more.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple, Optional, Union

EARLIEST = 31_536_000
AHEAD_SECONDS = 86_400
LARGEST_INDEX = 2**31 - 1
LONGEST_RECOMMENDATION = 512

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OFFSET = re.compile(r"-1|[0-9]{1,19}")
SURROGATE = re.compile("[\ud800-\udfff]")


class Event(NamedTuple):
    """A row of the archive, as far as the event itself says it."""

    t_dat: int
    customer_id: str
    article_id: str
    event_type: str
    timestamp: float
    quantity: int
    event_id: str
    user_idx: Optional[int]
    item_idx: Optional[int]
    recommendation_id: Optional[str]


# What a record holds that is no event, or one of an impossible time; also the word that forgets a user, which has no item.
REFUSED = "refused"
# What a record holds whose event stood in the log before, and is in the archive.
ARCHIVED = "archived"


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


# Numbers are JavaScript's: a double each, too large ones infinite.
_decoder = json.JSONDecoder(parse_int=float, parse_float=float, parse_constant=_no_number)


def _units(text: str) -> int:
    """UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 1 <= _units(value) <= longest


def _is_integer(value: Any, least: int, most: int) -> bool:
    return isinstance(value, float) and least <= value <= most and value.is_integer()


def _is_index(value: Any) -> bool:
    return value is None or _is_integer(value, 0, LARGEST_INDEX)


def _is_replay(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    offset, missed = value.get("offset"), value.get("missed")
    return (
        _is_integer(value.get("partition"), 0, 65_535)
        and isinstance(offset, str)
        and OFFSET.fullmatch(offset) is not None
        and isinstance(value.get("archived"), bool)
        and isinstance(missed, list)
        and all(isinstance(model, str) for model in missed)
    )


def _written(text: str) -> str:
    """As UTF-8 has it: half a pair of surrogates is no character."""
    return text if text.isascii() else SURROGATE.sub("\ufffd", text)


def _whole(value: Optional[float]) -> Optional[int]:
    return None if value is None else int(value)


def _int32(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31


def _fields(value: bytes) -> Any:
    """The record's JSON; None where there is none, as for the JSON null, which is no event either."""
    try:
        text = value[3:] if value.startswith(BYTE_ORDER_MARK) else value
        return _decoder.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def decode(value: Optional[bytes], position: str, appended_at: float) -> Union[Event, str]:
    """The event of a record that the log took at `appended_at`, or why there is none; `position` is its id where it has none."""
    event = _fields(value or b"")
    if not isinstance(event, dict):
        return REFUSED
    user, item, kind, time = map(event.get, ("user_id", "item_id", "event_type", "timestamp"))
    if not (_is_text(user, 256) and _is_text(item, 256) and _is_text(kind, 64) and isinstance(time, float)):
        return REFUSED
    event_id, quantity = event.get("event_id", position), event.get("quantity", 1.0)
    user_idx, item_idx = event.get("user_idx"), event.get("item_idx")
    if "event_id" in event and not _is_text(event_id, 128):
        return REFUSED
    if not (_is_integer(quantity, 1, 1000) and _is_index(user_idx) and _is_index(item_idx)):
        return REFUSED
    recommendation = event.get("recommendation_id")
    if recommendation is not None and not _is_text(recommendation, LONGEST_RECOMMENDATION):
        return REFUSED
    if "replay_of" in event and not _is_replay(event["replay_of"]):
        return REFUSED
    if not EARLIEST <= time <= appended_at + AHEAD_SECONDS:
        return REFUSED
    if "replay_of" in event and event["replay_of"]["archived"]:
        return ARCHIVED
    return Event(
        _int32(math.floor(time / 86_400)),
        _written(user),
        _written(item),
        _written(kind),
        time,
        int(quantity),
        _written(event_id),
        _whole(user_idx),
        _whole(item_idx),
        None if recommendation is None else _written(recommendation),
    )

