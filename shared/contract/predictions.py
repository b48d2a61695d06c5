"""Encoding of one text's answer: the same bytes are cached and sent to clients."""

import json
from collections.abc import Sequence


def encode_prediction(scores: Sequence[float], labels: Sequence[str]) -> bytes:
    """Write one answer as JSON, the higher score first; equal scores keep the labels' order.

    Args:
        scores: one softmax score for each label.
        labels: names of the model's outputs, in the order of the scores.

    Returns:
        ``[{"label":"POSITIVE","score":0.99},{"label":"NEGATIVE","score":0.01}]`` as UTF-8, without spaces.
    """
    ranked = sorted(zip(labels, scores, strict=True), key=lambda pair: -pair[1])
    entries = (
        f'{{"label":{json.dumps(label, ensure_ascii=False)},"score":{float(score)!r}}}' for label, score in ranked
    )
    return f"[{','.join(entries)}]".encode()
