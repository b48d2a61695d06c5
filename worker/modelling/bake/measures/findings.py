"""The measurements of a bake: parity, accuracy and calibration of what will be served."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from worker.engines.facts import Accuracy, Calibration, Parity
from worker.engines.proof import Entry
from worker.engines.text.activation import Activation
from worker.modelling.bake.measures.calibration import calibration, fit_temperature
from worker.modelling.bake.measures.examples import Labelled
from worker.modelling.bake.measures.parity import check_accuracy, check_parity
from worker.modelling.bake.order import Report

_REPORT_TEXTS: Final = 200

Logits = tuple[float, ...]
Compute = Callable[[str], Logits]
"""Computes the outputs of one text."""


class Candidates(NamedTuple):
    """The three that are compared."""

    pipeline: Compute
    fp32: Compute
    int8: Compute | None
    """None where fp32 is served."""


@dataclass(frozen=True)
class Findings:
    """The measurements, and the scores that later starts are compared with."""

    temperature: float
    parity: Parity
    accuracy: Accuracy | None
    calibration: Calibration | None
    entries: list[Entry]


class Examination:
    """Compares candidates on texts, and measures the one that will be served on labelled data.

    Args:
        candidates: they compute outputs.
        threshold: of a multi-label model; None where the highest score decides.
        report: tells the progress.
    """

    def __init__(self, candidates: Candidates, threshold: float | None, report: Report) -> None:
        self._candidates = candidates
        self._threshold = threshold
        self._independent = threshold is not None
        self._report = report

    def run(self, texts: Sequence[str], data: str, examples: Sequence[Labelled], *, calibrate: bool) -> Findings:
        """Measure.

        Args:
            texts: to compare all candidates on.
            data: name of the labelled data.
            examples: the labelled data; may be empty.
            calibrate: fit the temperature, on every second example; its effect is measured on the others.

        Raises:
            ModelError: a candidate drifts from the pipeline further than allowed.
        """
        on_texts = self._compute(texts, "built-in texts", with_fp32=True)
        labelled = self._compute([example.text for example in examples], data, with_fp32=False)
        served = labelled[-1]
        temperature = 1.0
        if calibrate:
            temperature = fit_temperature(examples[::2], served[::2], independent=self._independent)
        scores = Activation(independent=self._independent, temperature=temperature).scores
        pipeline, fp32, *int8 = ([scores(logits) for logits in outputs] for outputs in on_texts)
        parity = check_parity(pipeline, fp32, int8[0] if int8 else None, self._threshold)
        rows = zip(texts, pipeline, (int8 or [fp32])[0], strict=True)
        entries = [Entry(text, pipeline=reference, scheme=given) for text, reference, given in rows]
        if not examples:
            return Findings(temperature, parity, None, None, entries)
        before, *after = ([scores(logits) for logits in outputs] for outputs in labelled)
        return Findings(
            temperature,
            parity,
            check_accuracy(data, examples, before, after[0] if after else None, self._threshold),
            self._calibration(data, examples, (after or [before])[0], fitted=calibrate),
            entries,
        )

    def _calibration(
        self, data: str, examples: Sequence[Labelled], given: Sequence[Logits], *, fitted: bool
    ) -> Calibration:
        part = slice(1, None, 2) if fitted else slice(None)
        return calibration(data, examples[part], given[part], independent=self._independent)

    def _compute(self, texts: Sequence[str], where: str, *, with_fp32: bool) -> list[list[Logits]]:
        """Return the outputs of each candidate: of the fp32 graph only on request, for its parity shows enough."""
        candidates = self._candidates
        named = [("transformers pipeline", candidates.pipeline)]
        if with_fp32:
            named.append(("fp32 graph", candidates.fp32))
        if candidates.int8:
            named.append(("int8 graph", candidates.int8))
        return [self._outputs(compute, texts, f"{where}, {name}") for name, compute in named]

    def _outputs(self, compute: Compute, texts: Sequence[str], title: str) -> list[Logits]:
        outputs = []
        for count, text in enumerate(texts, start=1):
            outputs.append(compute(text))
            if count % _REPORT_TEXTS == 0 or count == len(texts):
                self._report(f"{title}: {count}/{len(texts)}")
        return outputs
