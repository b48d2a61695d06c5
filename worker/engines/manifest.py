"""The manifest of a baked model, and the proof that its files are the ones that were baked."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, computed_field, model_validator

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.card import ModelCard, Polarity
from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS, PREPROCESSING
from shared.contract.tokens import Cost
from shared.process.settings import Settings
from worker.digests import file_digest
from worker.engines.facts import Accuracy, Calibration, Labels, Parity, Source, Task, polarity_of
from worker.engines.text import preparation
from worker.engines.text.activation import Activation
from worker.engines.text.handling import Handling

MANIFEST = "manifest.json"
WEIGHTS_FILE = "weights.bin"
"""The quantised weights of a model in `SCHEME`, as `worker.engines.weights` describes them."""
_DEFAULT_MODEL = Path(__file__).parents[1] / "model"
WEIGHTS_FOLDER = "weights"
"""Where `bake --keep-weights` leaves the fp32 weights, inside the baked folder."""
SCHEME: Final = "w8-column a8-token"
"""The numeric scheme of both engines: int8 weights with a scale a column (tables: a row), activations of 8 bits with a
scale a token, all else in fp32."""
SCHEME_EXPORTED: Final = "w8-column a8-tensor"
"""ONNX Runtime's dynamic int8, for graphs that transformers' code was traced to: activations have a scale a tensor."""
SCHEME_FP32: Final = "fp32"
LONGEST: Final = 8192
"""Most tokens of any model."""


class Manifest(BaseModel):
    """A baked model's description, stored beside its files as ``manifest.json``."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1, 2, 3] = 3
    """Releases that know only smaller numbers could misread the model, and refuse it."""
    name: str
    description: str = ""
    source: Source
    architecture: str = "distilbert"
    """The model's type as transformers names it."""
    labels: Labels = DEFAULT_LABELS
    """Names of the model's outputs, in their order."""
    task: Task = "single-label"
    threshold: float = Field(0.5, gt=0, lt=1)
    """Score from which a label of a multi-label model applies."""
    temperature: float = Field(1.0, gt=0)
    """Outputs are divided by it before the activation."""
    polarity: dict[str, Polarity] | None = None
    """Meaning of labels as good or bad; None where the labels' names are all that is known."""
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()
    """ISO 639 codes."""
    max_tokens: int = Field(MAX_TOKENS, ge=2, le=LONGEST)
    bytes_per_token: float = Field(Cost().bytes_per_token, gt=0)
    """This and the next two are for estimates of a text's work, see `shared.contract.tokens.Cost`."""
    ideograph_tokens: float = Field(Cost().ideograph_tokens, gt=0)
    attention_tokens: int = Field(Cost().attention_tokens, ge=0)
    preprocessing: str = PREPROCESSING
    preparation: tuple[str, ...] = ()
    """Names of the changes to a text before it is tokenized."""
    scheme: Literal["w8-column a8-token", "w8-column a8-tensor", "fp32"] | None = None
    """The numeric scheme of the files; None in schema 1, and where only an engine of your own reads them."""
    quantisation: str = ""
    """How weights were made smaller, in schema 1."""
    built_at: int
    """Seconds UTC; a later build becomes the active one."""
    files: dict[str, str]
    """SHA-256 of each file by its name."""
    parity: Parity | None = None
    accuracy: Accuracy | None = None
    calibration: Calibration | None = None
    tools: dict[str, str] = Field(default_factory=dict)
    """Versions of what baked it."""
    _content: bytes = PrivateAttr(default=b"")
    _size: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _polarity_is_of_labels(self) -> Self:
        if self.polarity and not self.polarity.keys() <= set(self.labels):
            raise ValueError("polarity names a label that the model does not have")
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def activation(self) -> Literal["softmax", "sigmoid"]:
        """The function that makes scores of outputs; it follows from the task."""
        return "sigmoid" if self.task == "multi-label" else "softmax"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def precision(self) -> Literal["int8", "fp32"]:
        """The numbers that the weights are kept in; they follow from the scheme."""
        return "fp32" if self.scheme == SCHEME_FP32 else "int8"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def engines(self) -> tuple[str, ...]:
        """The product's engines that run the files; they follow from the scheme."""
        return ("native", "onnx") if self.scheme == SCHEME else ("onnx",)

    @property
    def handling(self) -> Handling:
        """How texts are read, and outputs become scores."""
        activation = Activation(independent=self.task == "multi-label", temperature=self.temperature)
        return Handling(self.max_tokens, activation, self.preparation)

    @property
    def deciding(self) -> float | None:
        """The threshold by which labels apply; None where the highest score decides."""
        return self.threshold if self.task == "multi-label" else None

    @classmethod
    def decode(cls, content: bytes, size: int = 0) -> Self:
        """Read the file's bytes and keep them, because the version is theirs.

        Args:
            content: the bytes.
            size: bytes of the weights beside it, where they are known.

        Raises:
            ValidationError: they are no manifest.
        """
        manifest = cls.model_validate_json(content)
        manifest._content, manifest._size = content, size  # noqa: SLF001 - an alternative constructor
        return manifest

    def encode(self) -> bytes:
        """Write the file's bytes."""
        return self._content or (json.dumps(self.model_dump(mode="json"), indent=2) + "\n").encode()

    @property
    def version(self) -> str:
        """Name this model in every cache key: the first 16 hex digits of SHA-256 over the manifest's bytes."""
        return hashlib.sha256(self.encode()).hexdigest()[:16]

    def card(self) -> ModelCard:
        """Return the part that API and clients need."""
        source = self.source
        return ModelCard(
            version=self.version,
            name=self.name,
            description=self.description,
            labels=self.labels,
            task=self.task,
            threshold=self.threshold,
            polarity=polarity_of(self.labels) if self.polarity is None else self.polarity,
            languages=self.languages,
            architecture=self.architecture,
            precision=self.precision,
            max_tokens=self.max_tokens,
            bytes_per_token=self.bytes_per_token,
            ideograph_tokens=self.ideograph_tokens,
            attention_tokens=self.attention_tokens,
            preparation=self.preparation,
            size_bytes=self._size,
            source=f"{source.name}@{source.revision}" if source.kind == "hub" else source.name,
            measured=self.accuracy.measured(self.calibration) if self.accuracy else None,
        )


def model_dir(settings: Settings) -> Path:
    """Return the folder of the baked model: the setting's, or the package's own."""
    return settings.model_dir or _DEFAULT_MODEL


def load_manifest(folder: Path) -> Manifest:
    """Read a model folder's manifest.

    Raises:
        ModelError: there is none, it cannot be read, or the model was baked for another preprocessing or preparation.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.decode(path.read_bytes(), _size(folder))
    except OSError as error:
        raise ModelError(f"no model in {folder}: {MANIFEST} cannot be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise ModelError(f"{path} is not a model manifest: {where}: {first['msg']}") from None
    if manifest.preprocessing != PREPROCESSING:
        raise ModelError(f"the model in {folder} was baked for the preprocessing {manifest.preprocessing}")
    preparation.check(manifest.preparation)
    return manifest


def verify(folder: Path, manifest: Manifest, engine: str = "", digest: Callable[[Path], str] = file_digest) -> None:
    """Check every file that an engine may read against its digest.

    Args:
        folder: where the files are.
        manifest: their digests.
        engine: the engine that will be loaded; ours never read the kept fp32 weights, which take longest to check.
        digest: computes the SHA-256 of a file.

    Raises:
        ModelError: a file is missing or not the one that was baked.
    """
    for name, expected in manifest.files.items():
        if engine in {"auto", "native", "onnx"} and name.startswith(f"{WEIGHTS_FOLDER}/"):
            continue
        path = folder / name
        try:
            actual = digest(path)
        except OSError as error:
            raise ModelError(f"the model in {folder} is incomplete: {name} cannot be read ({error.strerror})") from None
        if actual != expected:
            raise ModelError(f"the model in {folder} is not the one that was baked: {name} has another digest")


def _size(folder: Path) -> int:
    """Return the bytes of a folder's weights: in their own file, or in that of the graph."""
    return sum(path.stat().st_size for name in (WEIGHTS_FILE, "model.onnx*") for path in folder.glob(name))
