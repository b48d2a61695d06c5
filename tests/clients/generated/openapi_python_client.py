"""The client of openapi-python-client: ``openapi_python_client.py URL TOKEN``; stdin has a list of texts as JSON."""

import json
import sys
from typing import Any

from sentiment_client import AuthenticatedClient
from sentiment_client.api.jobs import job_results, show_job, submit_job
from sentiment_client.api.predictions import bulk_predict, predict
from sentiment_client.models import BulkPredictRequest, JobDocumentStatus, JobRequest, PredictRequest, TextError

URL, TOKEN = sys.argv[1:]
CLIENT = AuthenticatedClient(URL, token=TOKEN)
UNFINISHED = {JobDocumentStatus.QUEUED, JobDocumentStatus.PROCESSING}


def pairs(labels: Any) -> Any:
    return [(entry.label, entry.score) for entry in labels]


def entries(predictions: Any) -> Any:
    return [one.error.code if isinstance(one, TextError) else pairs(one) for one in predictions]


def job(texts: list[str]) -> dict[str, Any]:
    document = submit_job.sync(client=CLIENT, body=JobRequest(texts))
    while document.status in UNFINISHED:
        document = show_job.sync(document.id, client=CLIENT, wait=20)
    results = job_results.sync(document.id, client=CLIENT)
    return {"status": document.status, "self": document.urls.self_, "predictions": entries(results.predictions)}


texts = json.load(sys.stdin)
refusal = predict.sync(client=AuthenticatedClient(URL, token="wrong"), body=PredictRequest(texts[0]))
print(
    json.dumps(
        {
            "predict": pairs(predict.sync(client=CLIENT, body=PredictRequest(texts[0])).prediction),
            "bulk": entries(bulk_predict.sync(client=CLIENT, body=BulkPredictRequest(texts)).predictions),
            "job": job(texts),
            "refusal": refusal.type_,
        }
    )
)
