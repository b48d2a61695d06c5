"""Encoding of one text's answer: the same bytes are cached and sent to clients."""

import json
from collections.abc import Sequence
from typing import Final

_BETWEEN: Final = b'},{"label":'
"""The bytes between two labels of an answer. A label cannot contain them, because its quotes are escaped."""


def encode_prediction(scores: Sequence[float], labels: Sequence[str]) -> bytes:
    """Write one answer as JSON, the highest score first; equal scores keep the labels' order.

    Args:
        scores: one score for each label.
        labels: names of the model's outputs, in the order of the scores.

    Returns:
        ``[{"label":"POSITIVE","score":0.99},{"label":"NEGATIVE","score":0.01}]`` as UTF-8, without spaces.
    """
    ranked = sorted(zip(labels, scores, strict=True), key=lambda pair: -pair[1])
    entries = (
        f'{{"label":{json.dumps(label, ensure_ascii=False)},"score":{float(score)!r}}}' for label, score in ranked
    )
    return f"[{','.join(entries)}]".encode()


def cut(body: bytes, most: int) -> bytes:
    """Return an answer with at most `most` labels, those with the highest scores; an error stays as it is.

    Args:
        body: bytes that `encode_prediction` has written, or an error.
        most: at least 1.
    """
    end = -1
    for _ in range(most):
        end = body.find(_BETWEEN, end + 1)
        if end < 0:
            return body
    return body[:end] + b"}]"
