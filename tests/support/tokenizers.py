"""Tokenizers of every kind, trained on the built-in texts."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from worker.modelling.bake.texts import reference_texts

Kind = Literal["wordpiece", "byte-level", "sentencepiece"]
WORDPIECE: Final = "wordpiece"
BYTE_LEVEL: Final = "byte-level"
SENTENCEPIECE: Final = "sentencepiece"
_SPECIAL: Final = ["<s>", "<pad>", "</s>", "<unk>"]
_WORDS: Final = 700


def tokenizer(kind: Kind) -> Tokenizer:
    """Train a tokenizer; it writes ``<s>`` before a text and ``</s>`` behind it."""
    return Tokenizer.from_str(_trained(kind))


@cache
def _trained(kind: Kind) -> str:
    trained, trainer = _MAKERS[kind]()
    trained.train_from_iterator(reference_texts(), trainer)
    marks = [(token, trained.token_to_id(token)) for token in ("<s>", "</s>")]
    trained.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=marks)
    content: str = trained.to_str()
    return content


def _wordpiece() -> tuple[Tokenizer, Any]:
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    return made, trainers.WordPieceTrainer(vocab_size=_WORDS, special_tokens=_SPECIAL)


def _byte_level() -> tuple[Tokenizer, Any]:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return made, trainers.BpeTrainer(vocab_size=_WORDS, special_tokens=_SPECIAL, initial_alphabet=alphabet)


def _sentencepiece() -> tuple[Tokenizer, Any]:
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    return made, trainers.UnigramTrainer(vocab_size=_WORDS, special_tokens=_SPECIAL, unk_token="<unk>")


_MAKERS: Final[Mapping[Kind, Callable[[], tuple[Tokenizer, Any]]]] = {
    WORDPIECE: _wordpiece,
    BYTE_LEVEL: _byte_level,
    SENTENCEPIECE: _sentencepiece,
}
