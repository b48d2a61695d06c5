import json
from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from worker.engines.text.emoji import EMOJI_FILE, EmojiNames
from worker.engines.text.preparation import prepare_by

NAMES = {"👍": "thumbs up", "❤": "red heart", "👩": "woman", "👩‍🍳": "woman cook", "1⃣": "keycap 1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / EMOJI_FILE).write_text(json.dumps(NAMES), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("👍", "thumbs up"),
        ("good👍day", "good thumbs up day"),
        ("good 👍 day", "good 👍 day".replace("👍", "thumbs up")),
        ("👍👍", "thumbs up thumbs up"),
        ("👍\n👍", "thumbs up\nthumbs up"),
        ("👍🏽", "thumbs up"),
        ("❤️ ❤", "red heart red heart"),
        ("👩‍🍳!", "woman cook !"),
        ("👩‍🚀", "woman \u200d🚀"),
        ("é 1️⃣", "é keycap 1"),
        ("é 1 2", "é 1 2"),
        ("plain 1", "plain 1"),
        ("⚽ is in no table", "⚽ is in no table"),
        ("\ufe0f keeps its bytes", "\ufe0f keeps its bytes"),
        ("", ""),
    ],
)
def test_emoji_become_their_names(folder: Path, text: str, named: str) -> None:
    assert EmojiNames(folder)(text) == named


def test_changes_run_in_their_order(folder: Path) -> None:
    assert prepare_by(["nfc", "emoji-names"], folder)("e\u0301👍") == "é thumbs up"


@pytest.mark.parametrize("content", [None, b"", b"[", b"\xff"])
def test_a_table_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / EMOJI_FILE).write_bytes(content)
    with pytest.raises(ModelError, match=EMOJI_FILE):
        EmojiNames(tmp_path)


def test_an_unknown_preparation(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not know: rot13"):
        prepare_by(["nfc", "rot13"], tmp_path)
