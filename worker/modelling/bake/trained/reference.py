"""The reference of a bake: the live transformers pipeline in fp32, one text at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from shared.contract.errors import ModelError
from worker.engines.base import reason
from worker.engines.torch import in_order, number_outputs
from worker.engines.weights import Float
from worker.modelling.hub import TOKENIZER

_ENDLESS: Final = 1_000_000
"""A tokenizer that says a greater length says none."""


class Reference:
    """A trained model in transformers.

    Args:
        folder: as `save_pretrained` wrote it; pickled weights and code are never loaded.

    Raises:
        ModelError: transformers cannot load the model, or some of its weights are missing.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForSequenceClassification, pipeline  # noqa: PLC0415
        from transformers.utils import logging  # noqa: PLC0415

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, output_loading_info=True, dtype="float32"
            )
        except Exception as error:
            raise ModelError(f"transformers cannot load {folder}: {reason(error)}") from error
        if missing := sorted(loading["missing_keys"]):
            raise ModelError(f"the weights of {folder.name} lack {missing[0]}")
        self.name = folder.name
        self.model: Any = model.eval()
        self.tokenizer: Any = _tokenizer(folder, self.model.get_input_embeddings().num_embeddings)
        self._classify = pipeline(
            "text-classification", model=self.model, tokenizer=self.tokenizer, device="cpu", top_k=None
        )
        number_outputs(self._classify)

    @property
    def config(self) -> Any:
        """The model's configuration."""
        return self.model.config

    @property
    def outputs(self) -> int:
        """Number of the model's outputs."""
        return int(self.model.config.num_labels)

    @property
    def longest(self) -> int | None:
        """Most tokens that the tokenizer allows; None where it does not say."""
        length = self.tokenizer.model_max_length
        return int(length) if length < _ENDLESS else None

    def state(self) -> dict[str, Float]:
        """Return all parameters by their names; they share the model's memory."""
        return {name: value.numpy() for name, value in self.model.state_dict().items()}

    @contextmanager
    def traceable(self) -> Iterator[Any]:
        """Give the model with attention in plain operators, which can be traced."""
        usual = self.model.config._attn_implementation  # noqa: SLF001 - there is a public way to set it, none to read it
        self.model.set_attn_implementation("eager")
        yield self.model
        self.model.set_attn_implementation(usual)

    def logits(self, text: str, max_tokens: int) -> tuple[float, ...]:
        """Return the pipeline's outputs for a text, before any activation."""
        (entries,) = self._classify([text], truncation=True, max_length=max_tokens, function_to_apply="none")
        return in_order(entries)

    def save_tokenizer(self, target: Path, max_tokens: int) -> None:
        """Write the tokenizer as one file, without padding; its truncation is kept only where it is at the left."""
        tokenizer = self.tokenizer.backend_tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if self.tokenizer.truncation_side == "left":
            tokenizer.enable_truncation(max_tokens, direction="left")
        tokenizer.save(str(target))
        tokenizer.no_truncation()


def _tokenizer(folder: Path, words: int) -> Any:
    """Load the tokenizer of a model that has embeddings for so many words."""
    from transformers import AutoTokenizer  # noqa: PLC0415

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        if (folder / TOKENIZER).is_file():
            raise ModelError(f"transformers cannot load {folder}: {reason(error)}") from error
        raise ModelError(
            f"transformers cannot convert the tokenizer in {folder}: put the {TOKENIZER} there that "
            "AutoTokenizer.from_pretrained(…).save_pretrained(…) writes for this model"
        ) from error
    if not tokenizer.is_fast:
        raise ModelError(f"the tokenizer in {folder} is none that transformers can convert to a {TOKENIZER}")
    if (largest := max(tokenizer.get_vocab().values())) >= words:
        raise ModelError(
            f"the tokenizer in {folder} is another model's: one of its tokens has the number {largest}, "
            f"and the weights have {words} embeddings"
        )
    return tokenizer
