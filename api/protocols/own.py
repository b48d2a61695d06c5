"""The product's own requests and answers."""

from api.contract.facts import as_headers, as_json, as_list
from api.contract.options import Options
from api.contract.schemas import BulkPrediction, Prediction, bulk_request, single_request
from api.dispatch.predictor import Answers
from api.protocols.kind import ClientProtocol, Kind, Question, Reply
from shared.contract.card import ModelCard
from shared.process.settings import Settings


def own_protocol(settings: Settings) -> ClientProtocol:
    """Return the routes ``/predict`` and ``/bulk-predict``."""
    return ClientProtocol(
        kinds=(
            Kind(
                name="predict",
                path=f"{settings.path_prefix}/predict",
                summary="Classify one text",
                request=single_request(settings),
                read=lambda request: Question([request.text], _write_one),
                answer=Prediction,
                write_options=_write_one_with,
            ),
            Kind(
                name="bulk_predict",
                path=f"{settings.path_prefix}/bulk-predict",
                summary="Classify a batch of texts",
                request=bulk_request(settings),
                read=lambda request: Question(request.text, _write_batch),
                answer=BulkPrediction,
                partial=True,
                write_options=_write_batch_with,
            ),
        )
    )


def _write_one(answers: Answers, _card: ModelCard | None) -> Reply:
    record = answers.records[0]
    return Reply(b'{"prediction":%b}' % record.body, as_headers(record))


def _write_one_with(answers: Answers, options: Options) -> Reply:
    record = answers.records[0]
    details = b',"details":%b' % as_json(record) if options.details else b""
    return Reply(b'{"prediction":%b%b}' % (options.body(record), details), as_headers(record))


def _write_batch(answers: Answers, _card: ModelCard | None) -> Reply:
    return Reply(b'{"predictions":[%b]}' % b",".join([record.body for record in answers.records]))


def _write_batch_with(answers: Answers, options: Options) -> Reply:
    details = b',"details":%b' % as_list(answers.records) if options.details else b""
    return Reply(b'{"predictions":[%b]%b}' % (b",".join(map(options.body, answers.records)), details))
