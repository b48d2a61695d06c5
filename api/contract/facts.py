"""The facts of a text's forward pass in answers: as JSON on request, and as headers of an answer to one text."""

import json
from collections.abc import Sequence
from typing import Final

from api.security.headers import Header
from shared.contract.record import Record
from shared.contract.results import is_failure

TRUNCATED: Final = "Text-Truncated"
"""Name of the header that tells that the model has not read the whole text."""
UNKNOWN_SHARE: Final = "Text-Unknown-Share"
"""Name of the header with the share of the text's tokens that the model's vocabulary lacks."""
_NOTHING: Final = b"null"
_UNKNOWN: Final = b'{"tokens":null,"truncated":null,"unknown_share":null}'
_DIGITS: Final = 4


def as_json(record: Record) -> bytes:
    """Return the facts of a text as JSON: ``null`` for a failure; each member is ``null`` if it is unknown."""
    facts = record.facts
    if facts is None:
        return _NOTHING if is_failure(record.body) else _UNKNOWN
    share = facts.unknown_share
    told = {
        "tokens": facts.tokens,
        "truncated": facts.truncated,
        "unknown_share": None if share is None else round(share, _DIGITS),
    }
    return json.dumps(told, separators=(",", ":")).encode()


def as_list(records: Sequence[Record | None]) -> bytes:
    """Return the facts of several texts as a JSON list, with ``null`` for a text without a record."""
    return b"[%b]" % b",".join(_NOTHING if record is None else as_json(record) for record in records)


def as_headers(record: Record) -> tuple[Header, ...]:
    """Return the headers of an answer to one text; none unless it is truncated or has unknown tokens."""
    facts = record.facts if record.doubtful else None
    if facts is None:
        return ()
    headers = [(TRUNCATED.lower().encode(), b"true")] if facts.truncated else []
    if facts.unknown_share:
        headers.append((UNKNOWN_SHARE.lower().encode(), b"%.4f" % facts.unknown_share))
    return tuple(headers)
