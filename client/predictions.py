"""The calls for synchronous predictions: one text, one batch, or any number of texts in batches."""

import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import count
from typing import Any, Final, TypeVar

from client.core import Core
from client.errors import ApiError, InferenceFailedError, InvalidRequestError, TooLargeError
from client.groups import Group, Limits, cut
from client.models import Batch, Outcome, Prediction, TextFailure, numbered, outcome_from
from client.retry import Patience, ask
from client.texts import list_of, pairs_of, text_of
from client.wanted import Wanted
from client.wire import Call

K = TypeVar("K")

_MISSES: Final = re.compile(r'detail="hits=\d+ misses=(\d+)"')
_PLACE: Final = re.compile(r"body\.text\.(\d+)")
_BODY: Final = 1024 * 1024


class Predictions:
    """The calls for synchronous predictions, as coroutines for both kinds of wire.

    Args:
        core: the parts that all calls share.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    async def predict(self, text: str, timeout: float | None, wanted: Wanted) -> Prediction:
        """Classify one text."""
        list_of([text])
        patience = self._core.patience(timeout)
        await self._core.greet(patience)
        call = Call("POST", wanted.path(self._core.path("predict")), json.dumps({"text": text}).encode())
        reply = await ask(self._core.wire, call, patience)
        return self._core.read(reply, lambda document: _single(document, wanted.top_k))

    async def predict_batch(self, texts: Sequence[str], timeout: float | None, wanted: Wanted) -> Batch:
        """Classify texts with one request."""
        sent = list_of(texts)
        patience = self._core.patience(timeout)
        await self._core.greet(patience)
        batch = await self._batch(json.dumps({"text": sent}).encode(), len(sent), patience, wanted)
        return replace(batch, outcomes=tuple(map(numbered, batch.outcomes, count())))

    async def predict_many(
        self, texts: Iterable[str], timeout: float | None, wanted: Wanted
    ) -> AsyncGenerator[Outcome]:
        """Classify any number of texts in batches, and yield their outcomes in order; `timeout` is for each batch."""
        async with aclosing(self.predict_items(enumerate(texts), timeout, wanted)) as pairs:
            async for _, outcome in pairs:
                yield outcome

    async def predict_items(
        self, items: Iterable[tuple[K, str]] | Mapping[K, str], timeout: float | None, wanted: Wanted
    ) -> AsyncGenerator[tuple[K, Outcome]]:
        """Classify any number of texts with ids, and yield each id with its outcome; `timeout` is for each batch."""
        service = await self._core.service(self._core.patience(timeout))
        limits = Limits(service.max_texts, service.max_chars, _BODY)
        places = count()
        for group in cut(pairs_of(items), limits, text_of):
            outcomes = await self._group(group, self._core.patience(timeout), wanted)
            for (key, _), outcome in zip(group.items, outcomes, strict=True):
                yield key, numbered(outcome, next(places))

    async def _group(self, group: Group[Any], patience: Patience, wanted: Wanted) -> list[Outcome]:
        """Return the outcomes of a group; a group that is too large is halved, and refused texts become failures."""
        while sent := len(group.sent):
            try:
                batch = await self._batch(group.body, sent, patience, wanted)
                return group.merge(batch.outcomes)
            except InferenceFailedError as error:
                return group.merge([TextFailure(error.code, error.detail)] * sent)
            except (TooLargeError, InvalidRequestError) as error:
                if not take_out(group, error):
                    if len(group.items) == 1:
                        if isinstance(error, InvalidRequestError):
                            raise
                        return group.merge([TextFailure(error.code, error.detail)])
                    first, second = group.halves()
                    return await self._group(first, patience, wanted) + await self._group(second, patience, wanted)
        return group.merge([])

    async def _batch(self, body: bytes, texts: int, patience: Patience, wanted: Wanted) -> Batch:
        call = Call("POST", wanted.path(self._core.path("bulk-predict")), body)
        reply = await ask(self._core.wire, call, patience)
        outcomes = self._core.read(reply, lambda document: _outcomes(document, texts, wanted.top_k))
        found = _MISSES.search(reply.headers.get("cache-status", ""))
        return Batch(tuple(outcomes), int(found[1]) if found else 0, reply.request_id)


def take_out(group: Group[Any], error: ApiError) -> bool:
    """Mark the texts that an error of the service names as failed; return whether it named any."""
    named = {int(place[1]): entry for entry in error.errors if (place := _PLACE.fullmatch(entry.get("location", "")))}
    for index in sorted(named, reverse=True):
        group.fail(index, TextFailure("invalid-text", str(named[index].get("message", ""))))
    return bool(named)


def _single(document: Any, top_k: int | None) -> Prediction:
    outcome = outcome_from(document["prediction"], top_k, document.get("details"))
    if not isinstance(outcome, Prediction):
        raise TypeError("no prediction")
    return outcome


def _outcomes(document: Any, texts: int, top_k: int | None) -> list[Outcome]:
    entries = document["predictions"]
    pairs = zip(entries, document.get("details") or [None] * len(entries), strict=True)
    outcomes = [found for entry, told in pairs if (found := outcome_from(entry, top_k, told)) is not None]
    if len(outcomes) != texts:
        raise ValueError("not one entry for each text")
    return outcomes
