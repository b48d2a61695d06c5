"""The stored form of one text's answer: the bytes that the response will contain."""

from collections.abc import Sequence

from shared.contract.names import LABELS


def encode_prediction(scores: Sequence[float]) -> bytes:
    """Write one answer as JSON, the higher score first; equal scores keep the labels' order.

    Args:
        scores: one softmax score for each label, in the order of `LABELS`.

    Returns:
        ``[{"label":"POSITIVE","score":0.99},{"label":"NEGATIVE","score":0.01}]`` as UTF-8, without spaces.
    """
    ranked = sorted(zip(LABELS, scores, strict=True), key=lambda pair: -pair[1])
    entries = ",".join(f'{{"label":"{label}","score":{float(score)!r}}}' for label, score in ranked)
    return f"[{entries}]".encode()
