"""The Python client of OpenAPI Generator: ``openapi_generator.py URL TOKEN``; stdin has a list of texts as JSON."""

import json
import sys
from typing import Any

from sentiment_client import (
    ApiClient,
    BulkPredictRequest,
    Configuration,
    JobRequest,
    JobsApi,
    PredictionsApi,
    PredictRequest,
    TextError,
)
from sentiment_client.exceptions import UnauthorizedException

URL, TOKEN = sys.argv[1:]
CLIENT = ApiClient(Configuration(URL, access_token=TOKEN))
PREDICTIONS, JOBS = PredictionsApi(CLIENT), JobsApi(CLIENT)


def pairs(labels: Any) -> Any:
    return [(entry.label, entry.score) for entry in labels]


def entries(predictions: Any) -> Any:
    found = [one.actual_instance for one in predictions]
    return [one.error.code if isinstance(one, TextError) else pairs(one) for one in found]


def job(texts: list[str]) -> dict[str, Any]:
    document = JOBS.submit_job(JobRequest(text=texts))
    while document.status in {"queued", "processing"}:
        document = JOBS.show_job(document.id, wait=20)
    results = JOBS.job_results(document.id)
    return {"status": document.status, "self": document.urls.var_self, "predictions": entries(results.predictions)}


def refusal(text: str) -> str:
    stranger = PredictionsApi(ApiClient(Configuration(URL, access_token="wrong")))
    try:
        stranger.predict(PredictRequest(text=text))
    except UnauthorizedException as error:
        return error.data.type
    return ""


texts = json.load(sys.stdin)
print(
    json.dumps(
        {
            "predict": pairs(PREDICTIONS.predict(PredictRequest(text=texts[0])).prediction),
            "bulk": entries(PREDICTIONS.bulk_predict(BulkPredictRequest(text=texts)).predictions),
            "job": job(texts),
            "refusal": refusal(texts[0]),
        }
    )
)
