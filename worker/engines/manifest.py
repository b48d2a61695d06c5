"""The manifest of a baked model, and the proof that its files are the ones that were baked."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS, PREPROCESSING
from shared.process.settings import Settings

MANIFEST = "manifest.json"
WEIGHTS_FILE = "weights.bin"
"""The quantised weights of a model of schema 2, as `worker.engines.weights` describes them."""
_DEFAULT_MODEL = Path(__file__).parents[1] / "model"
WEIGHTS_FOLDER = "weights"
"""Where `bake --keep-weights` leaves the fp32 weights, inside the baked folder."""
SCHEME: Final = "w8-column a8-token"
"""The numeric scheme of every bake: int8 weights with a scale a column (tables: a row), activations of 8 bits with a
scale a token, all else in fp32."""
_BLOCK = 1 << 20


def _distinct(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(labels)) < len(labels):
        raise ValueError("each label must be another")
    return labels


_Label = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\p{C}]+$")]
Labels = Annotated[tuple[_Label, ...], Field(min_length=2, max_length=2), AfterValidator(_distinct)]
"""Names of a model's two outputs: distinct, without control characters."""


class Source(BaseModel):
    """Where the weights come from."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["hub", "folder"]
    name: str
    """Hub id, or the folder's name."""
    revision: str
    """Commit on the hub, or the digest of the folder's weights."""


class Accuracy(BaseModel):
    """Shares of right answers on labelled data, 0 to 1."""

    model_config = ConfigDict(frozen=True)

    data: str
    texts: int
    fp32: float
    int8: float
    agreement: float
    """Share of texts on which both give the same label."""


class Parity(BaseModel):
    """Distance from the transformers pipeline on the built-in texts."""

    model_config = ConfigDict(frozen=True)

    texts: int
    fp32_max_difference: float
    """Largest difference of any score."""
    int8_max_difference: float
    int8_agreement: float


class Manifest(BaseModel):
    """A baked model's description, stored beside its files as ``manifest.json``."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1, 2] = 2
    name: str
    source: Source
    labels: Labels = DEFAULT_LABELS
    """Names of the model's outputs, in their order."""
    max_tokens: int = Field(MAX_TOKENS, ge=2, le=MAX_TOKENS)
    preprocessing: str = PREPROCESSING
    scheme: Literal["w8-column a8-token"] | None = None
    """The numeric scheme of the files, `SCHEME`; None in schema 1, and where only an engine of your own reads them."""
    quantisation: str = ""
    """How weights were made smaller, in schema 1."""
    built_at: int
    """Seconds UTC; a later build becomes the active one."""
    files: dict[str, str]
    """SHA-256 of each file by its name."""
    parity: Parity | None = None
    accuracy: Accuracy | None = None
    tools: dict[str, str] = Field(default_factory=dict)
    """Versions of what baked it."""
    _content: bytes = PrivateAttr(default=b"")

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Read the file's bytes and keep them, because the version is theirs.

        Raises:
            ValidationError: they are no manifest.
        """
        manifest = cls.model_validate_json(content)
        manifest._content = content  # noqa: SLF001 - an alternative constructor
        return manifest

    def encode(self) -> bytes:
        """Write the file's bytes."""
        return self._content or (json.dumps(self.model_dump(mode="json"), indent=2) + "\n").encode()

    @property
    def version(self) -> str:
        """Name this model in every cache key: the first 16 hex digits of SHA-256 over the manifest's bytes."""
        return hashlib.sha256(self.encode()).hexdigest()[:16]


def model_dir(settings: Settings) -> Path:
    """Return the folder of the baked model: the setting's, or the package's own."""
    return settings.model_dir or _DEFAULT_MODEL


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def load_manifest(folder: Path) -> Manifest:
    """Read a model folder's manifest.

    Raises:
        ModelError: there is none, it cannot be read, or the model was baked for another preprocessing.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.decode(path.read_bytes())
    except OSError as error:
        raise ModelError(f"no model in {folder}: {MANIFEST} cannot be read ({error.strerror})") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise ModelError(f"{path} is not a model manifest: {where}: {first['msg']}") from None
    if manifest.preprocessing != PREPROCESSING:
        raise ModelError(f"the model in {folder} was baked for the preprocessing {manifest.preprocessing}")
    return manifest


def verify(folder: Path, manifest: Manifest, engine: str = "") -> None:
    """Check every file that an engine may read against its digest.

    Args:
        folder: where the files are.
        manifest: their digests.
        engine: the engine that will be loaded; ours never read the kept fp32 weights, which take longest to check.

    Raises:
        ModelError: a file is missing or not the one that was baked.
    """
    for name, expected in manifest.files.items():
        if engine in {"auto", "native", "onnx"} and name.startswith(f"{WEIGHTS_FOLDER}/"):
            continue
        path = folder / name
        try:
            actual = file_digest(path)
        except OSError as error:
            raise ModelError(f"the model in {folder} is incomplete: {name} cannot be read ({error.strerror})") from None
        if actual != expected:
            raise ModelError(f"the model in {folder} is not the one that was baked: {name} has another digest")
