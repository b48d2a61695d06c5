"""The planner's picture of the product against the product."""

from api.dispatch import admission, outbox
from load.capacity.inputs.model import PASS_TOKENS, Product
from load.capacity.simulate import pool
from shared.contract import tokens
from shared.process.settings import Settings
from worker.lanes import inference
from worker.presence import pace


def test_rules_are_the_products() -> None:
    rules, settings = Product(), Settings()
    assert rules.deadline == settings.deadline
    assert rules.chunk_tokens == settings.chunk_tokens
    assert rules.queue_share == admission._QUEUE
    assert rules.ahead == outbox._AHEAD
    assert rules.worth == outbox._WORTH
    assert rules.message_work == outbox._MESSAGE_SECONDS
    assert rules.shared_pass == inference.PASS_TOKENS
    assert rules.patience == outbox._PATIENCE
    assert pool._SMOOTHING == pace._SMOOTHING
    assert PASS_TOKENS == tokens._PASS


def test_work_is_estimated_as_the_product_does() -> None:
    # "a word" five times is ten tokens and two special ones.
    assert tokens.Cost().estimate("a word " * 5) == 12 + PASS_TOKENS
