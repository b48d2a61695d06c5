"""The scripts of synchronous texts: they claim texts, send them to workers, and record their begin and their end."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Argument, Call, Script
from shared.contract.jobs import TRIES_SECONDS
from shared.contract.names import Item, Lane
from shared.contract.results import Result

CLAIMED: Final = -1
"""A state after `claim`: the caller has the claim and must send the text."""
REFUSED: Final = -2
"""A state after `claim`: with the text's group, the backlog would be larger than the group's limit."""
LATE: Final = 0
"""A state after `start`: the text's deadline has passed."""
RUN: Final = 1
"""A state after `start`: a request waits for the text."""
ALONE: Final = 2
"""A state after `start`: a request waits for the text, and an earlier run of the text has begun and not ended."""

_CLAIM, _SEND = Script("_queue", "claim"), Script("_queue", "send")
_START, _FINISH = Script("start"), Script("finish")
_REMEMBERED_MS: Final = TRIES_SECONDS * 1_000
"""Milliseconds for which a claim is marked as begun if no result comes: as long as a text's tries are remembered."""

TextState = Result | int
"""A text's result if there is one already, otherwise one of the numbers above or a time in ms."""
Wanted = tuple[str, int, int]
"""A text to claim: its key, its estimated tokens, and the milliseconds until its deadline."""
Group = tuple[int, Sequence[Wanted]]
"""One request: the largest allowed backlog in tokens, including its own, and its texts, all claimed or all refused."""
Finished = tuple[Item, Result, int]
"""A text as it was claimed, its result, and the milliseconds for which the claim keeps the result; with 0 the claim is
deleted at once."""


class Started(NamedTuple):
    """The reply to `start`."""

    waiting: int
    """Number of messages in the queue."""
    now: int
    """The broker's clock (ms)."""
    states: list[TextState]
    """For each text a result, `LATE`, `RUN` or `ALONE`."""


class Claims(NamedTuple):
    """The reply to `claim`."""

    now: int
    """The broker's clock (ms)."""
    backlog: int
    """Estimated tokens in the backlog after the claim."""
    states: list[TextState]
    """For each text of all groups: a result, `CLAIMED`, `REFUSED`, or the ms until another process's claim ends."""
    inferences: dict[int, str]
    """Trace context of another process's inference, by the text's index in `states`, for those that are traced."""
    sent: bool = False
    """Whether the messages of the call were queued."""


def claim(
    keys: Keyspace,
    *,
    channel: str,
    lease: int,
    groups: Sequence[Group],
    inferences: Sequence[str] = (),
    messages: Sequence[bytes] = (),
    assumed: int = 0,
) -> Call[Claims]:
    """Claim texts for one API process, in one step for several requests.

    Args:
        keys: the service's key names.
        channel: the reply channel of the API process, which also identifies it.
        lease: milliseconds for which a text is claimed until it is sent.
        groups: the requests.
        inferences: trace context of the inference of each text of all groups; empty if none is traced.
        messages: Celery messages with all texts, which are queued if every text is granted.
        assumed: the broker's clock (ms) from which the deadlines in the messages were computed.
    """
    names = [
        keys.backlog(Lane.INTERACTIVE),
        keys.backlog_tokens(Lane.INTERACTIVE),
        keys.queue(Lane.INTERACTIVE),
    ]
    args: list[Argument] = [channel, lease, len(groups), len(messages), assumed, _REMEMBERED_MS, *messages]
    for limit, texts in groups:
        args += (len(texts), limit)
    for _, texts in groups:
        for text in texts:
            names.append(keys.claim(text[0]))
            args += text
    if messages:
        names += [keys.tries(text[0]) for _, texts in groups for text in texts]
    return Call(_CLAIM, names, [*args, *inferences] if inferences else args, _claims)


def send(keys: Keyspace, *, messages: Sequence[bytes], items: Sequence[Item]) -> Call[int]:
    """Queue messages, and extend the claims of their texts to the texts' deadlines; the reply is the queue's length.

    Args:
        keys: the service's key names.
        messages: Celery messages of the interactive lane.
        items: the texts of all messages.
    """
    names = [keys.queue(Lane.INTERACTIVE)]
    for item in items:
        names += (keys.claim(item.key), keys.tries(item.key))
    args: list[Argument] = [_REMEMBERED_MS, len(messages), *messages, *[item.deadline for item in items]]
    return Call(_SEND, names, args, int)


def start(keys: Keyspace, *, items: Sequence[Item], own: Sequence[str], lease: int, again: bool) -> Call[Started]:
    """Find the texts of a message for which requests still wait, and mark them as begun; a worker calls this.

    Args:
        keys: the service's key names.
        items: the message's texts.
        own: key of each text under the worker's model version, by which its tries are counted.
        lease: milliseconds for which a begun text is claimed at least.
        again: whether an earlier run of this message may have begun.
    """
    names = [keys.queue(Lane.INTERACTIVE)]
    for item, key in zip(items, own, strict=True):
        names += (keys.claim(item.key), keys.tries(key))
    args = [lease, _REMEMBERED_MS, int(again), *[item.deadline for item in items]]
    return Call(_START, names, args, _started)


def finish(keys: Keyspace, finished: Sequence[Finished]) -> Call[int]:
    """Publish results to all API processes that wait for them; the reply is the number of published messages."""
    names = [keys.backlog(Lane.INTERACTIVE), keys.backlog_tokens(Lane.INTERACTIVE)]
    args: list[Argument] = []
    for item, result, keep in finished:
        names.append(keys.claim(item.key))
        args += (item.key, result.encode(), keep, item.tokens)
    return Call(_FINISH, names, args, int)


def _claims(reply: Any) -> Claims:
    now, backlog, states, inferences, sent = reply
    pairs = zip(inferences[::2], inferences[1::2], strict=True)
    return Claims(now, backlog, _states(states), {index: context.decode() for index, context in pairs}, bool(sent))


def _started(reply: Any) -> Started:
    waiting, now, states = reply
    return Started(waiting, now, _states(states))


def _states(states: Sequence[bytes | int]) -> list[TextState]:
    return [state if isinstance(state, int) else Result.decode(state) for state in states]
