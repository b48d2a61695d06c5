"""The product's own requests and answers."""

from api.dispatch.predictor import Answers
from api.protocols.kind import ClientProtocol, Kind, Question, Reply
from api.schemas import BulkPrediction, Prediction, bulk_request, single_request
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
            ),
            Kind(
                name="bulk_predict",
                path=f"{settings.path_prefix}/bulk-predict",
                summary="Classify a batch of texts",
                request=bulk_request(settings),
                read=lambda request: Question(request.text, _write_batch),
                answer=BulkPrediction,
                partial=True,
            ),
        )
    )


def _write_one(answers: Answers, _card: ModelCard | None) -> Reply:
    return Reply(b'{"prediction":%b}' % answers.records[0].body)


def _write_batch(answers: Answers, _card: ModelCard | None) -> Reply:
    return Reply(b'{"predictions":[%b]}' % b",".join([record.body for record in answers.records]))
