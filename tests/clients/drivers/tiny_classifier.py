"""A classifier with random weights and two labels, in transformers' format: ``tiny_classifier.py FOLDER``."""

import string
import sys
from pathlib import Path

from transformers import DistilBertConfig, DistilBertForSequenceClassification, DistilBertTokenizerFast

FOLDER = Path(sys.argv[1])
LABELS = {"NEGATIVE": 0, "POSITIVE": 1}
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = [*SPECIAL, *string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase)]

FOLDER.mkdir(parents=True)
vocabulary = FOLDER / "vocab.txt"
vocabulary.write_text("\n".join(WORDS))
DistilBertTokenizerFast(str(vocabulary), model_max_length=512).save_pretrained(FOLDER)
names = {number: label for label, number in LABELS.items()}
config = DistilBertConfig(
    vocab_size=len(WORDS), dim=16, hidden_dim=32, n_layers=1, n_heads=2, id2label=names, label2id=LABELS
)
DistilBertForSequenceClassification(config).save_pretrained(FOLDER)
