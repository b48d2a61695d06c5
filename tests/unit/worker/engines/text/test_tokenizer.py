"""Tokenizers of every kind from their one file, trained here on a few sentences."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from shared.contract.errors import ModelError
from worker.engines.text.ends import Ends
from worker.engines.text.handling import Handling
from worker.engines.text.tokenizer import TextTokenizer
from worker.modelling.bake.texts import reference_texts

SPECIAL = ["<s>", "</s>", "<pad>", "<unk>"]
TEXTS = [text for text in reference_texts() if text.isascii()]
UNKNOWN = "\u4dc0\u4dc1"


def finish(tokenizer: Tokenizer) -> Tokenizer:
    pair = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=pair)
    return tokenizer


def wordpiece() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=600, special_tokens=SPECIAL))
    return finish(tokenizer)


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return finish(tokenizer)


def unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=[*SPECIAL, '"unk_id": 7'], unk_token="<unk>")
    tokenizer.train_from_iterator(TEXTS, trainer)
    return finish(tokenizer)


def saved(tokenizer: Tokenizer, folder: Path) -> Path:
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.mark.parametrize(("make", "unknown"), [(wordpiece, 1), (byte_level, 0), (unigram, 1)])
def test_what_the_vocabulary_lacks_is_counted(make: Callable[[], Tokenizer], unknown: int, tmp_path: Path) -> None:
    tokenizer = make()
    read = TextTokenizer(saved(tokenizer, tmp_path)).read
    plain, strange = read("a good film"), read(f"a good {UNKNOWN} film")
    assert (plain.unknown, strange.unknown) == (0, unknown)
    assert [plain.ids[0], plain.ids[-1]] == [tokenizer.token_to_id(token) for token in ("<s>", "</s>")]
    assert plain.before == len(plain.ids)


@pytest.mark.parametrize("make", [wordpiece, byte_level, unigram])
@pytest.mark.parametrize("direction", ["right", "left"])
def test_truncation_is_at_the_end_that_the_file_says(
    make: Callable[[], Tokenizer], direction: str, tmp_path: Path
) -> None:
    tokenizer = make()
    text = "one good film and then another bad film with no end at all"
    whole = tokenizer.encode(text).ids
    tokenizer.enable_truncation(99, direction=direction)
    tokenizer.enable_padding(length=50)
    tokens = TextTokenizer(saved(tokenizer, tmp_path), max_tokens=8).read(text)
    kept = whole[1:7] if direction == "right" else whole[-7:-1]
    assert tokens.ids == [whole[0], *kept, whole[-1]]
    assert tokens.before == len(whole)


def test_a_text_is_prepared_as_the_manifest_says(tmp_path: Path) -> None:
    folder = saved(byte_level(), tmp_path)
    plain, prepared = Ends(folder, Handling()), Ends(folder, Handling(preparation=("nfc",)))
    assert prepared.read("e\u0301") == plain.read("\u00e9") != plain.read("e\u0301")
    with pytest.raises(ModelError, match="does not know: rot13"):
        Ends(folder, Handling(preparation=("rot13",)))
