"""The conversion of a trained model: its files for serving, and the graphs that the bake compares."""

from pathlib import Path

from worker.engines.base import Engine
from worker.engines.manifest import SCHEME_FP32
from worker.engines.text.emoji import EMOJI_FILE
from worker.engines.text.handling import Handling
from worker.engines.text.preparation import prepare_by
from worker.modelling.bake.emoji import emoji_table
from worker.modelling.bake.encoder import EncoderFiles
from worker.modelling.bake.measures.findings import Candidates, Compute
from worker.modelling.bake.order import Order, Report
from worker.modelling.bake.traced import TracedFiles
from worker.modelling.bake.trained.subject import Subject
from worker.modelling.hub import TOKENIZER


def export(subject: Subject, order: Order, folder: Path, scratch: Path, report: Report) -> tuple[Candidates, str]:
    """Write the files that are served, and load all that is to be compared.

    Args:
        subject: the trained model.
        order: the options.
        folder: gets the files that are served.
        scratch: a folder for the others.
        report: tells the progress.

    Returns:
        The candidates, and the numeric scheme of the one that is served.

    Raises:
        ModelError: the model cannot be converted.
    """
    report("building the graph")
    exact = folder if order.precision == "fp32" else scratch / "exact"
    exact.mkdir(exist_ok=True)
    for place in {folder, exact}:
        _write_text_files(subject, order, place)
    reference, family = subject.reference, subject.trained.family
    form = family.form(reference.config)
    files = EncoderFiles(reference, family.names, form) if family.names and form else TracedFiles(reference, scratch)
    handling = Handling(subject.max_tokens, preparation=order.preparation)
    pipeline, fp32 = _pipeline(subject, order, folder), _outputs_of(files.fp32(exact, handling))
    if order.precision == "fp32":
        return Candidates(pipeline, fp32, None), SCHEME_FP32
    report("quantising")
    return Candidates(pipeline, fp32, _outputs_of(files.int8(folder, handling))), files.scheme


def _write_text_files(subject: Subject, order: Order, folder: Path) -> None:
    subject.reference.save_tokenizer(folder / TOKENIZER, subject.max_tokens)
    if "emoji-names" in order.preparation:
        (folder / EMOJI_FILE).write_bytes(emoji_table(subject.reference.tokenizer.get_vocab()))


def _pipeline(subject: Subject, order: Order, folder: Path) -> Compute:
    """Return the transformers pipeline on prepared texts."""
    prepared = prepare_by(order.preparation, folder)
    return lambda text: subject.reference.logits(prepared(text), subject.max_tokens)


def _outputs_of(engine: Engine) -> Compute:
    return lambda text: engine.classify([text])[0].logits or ()
