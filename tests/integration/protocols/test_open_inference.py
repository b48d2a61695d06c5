"""The Open Inference Protocol: tensors in JSON and behind it, outputs, versions, and bodies that are wrong."""

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.protocols.test_answers import LABELS, probabilities
from tests.support.asking import expected
from tests.support.service import Api, Service

INFER = "/project/v2/models/sentiment/infer"


def packed(*texts: str) -> bytes:
    return b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)


def tensor(*texts: str, name: str = "text", column: bool = False, **more: Any) -> dict[str, Any]:
    shape = [len(texts), 1] if column else [len(texts)]
    return {"name": name, "shape": shape, "datatype": "BYTES", "data": list(texts)} | more


def infer(api: Api, document: dict[str, Any]) -> dict[str, Any]:
    response = api.client.post(INFER, json=document)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def send(api: Api, document: dict[str, Any], data: bytes, **headers: str) -> httpx.Response:
    head = json.dumps(document).encode()
    length = headers.pop("length", str(len(head)))
    return api.client.post(INFER, content=head + data, headers={"Inference-Header-Content-Length": length, **headers})


def binary(data: bytes, count: int, **more: Any) -> dict[str, Any]:
    one = {"name": "text", "shape": [count], "datatype": "BYTES", "parameters": {"binary_data_size": len(data)}}
    return {"inputs": [one | more]}


def tensors(response: httpx.Response) -> dict[str, Any]:
    """Read an answer as Triton's clients do."""
    length = int(response.headers["inference-header-content-length"])
    document, rest = json.loads(response.content[:length]), response.content[length:]
    found: dict[str, Any] = {}
    for output in document["outputs"]:
        size = output["parameters"]["binary_data_size"]
        data, rest = rest[:size], rest[size:]
        if output["datatype"] == "BYTES":
            values: list[str] = []
            while data:
                end = 4 + int.from_bytes(data[:4], "little")
                values.append(data[4:end].decode())
                data = data[end:]
            found[output["name"]] = values
        else:
            code, width = {"FP32": ("f", 4), "INT64": ("q", 8)}[output["datatype"]]
            found[output["name"]] = list(struct.unpack(f"<{len(data) // width}{code}", data))
    assert not rest
    return found


def test_an_answer_with_all_its_parts(spoken: Api, service_of_all: Service) -> None:
    texts = [str(uuid4()), str(uuid4())]
    for _ in range(2):
        answer = infer(spoken, {"id": "mine", "inputs": [tensor(*texts)]})
        assert list(answer) == ["model_name", "model_version", "id", "outputs"]
        assert answer["model_name"] == "sentiment"
        assert answer["model_version"] == service_of_all.active_version()
        assert answer["id"] == "mine"
        assert [(output["name"], output["datatype"], output["shape"]) for output in answer["outputs"]] == [
            ("label", "BYTES", [2]),
            ("score", "FP32", [2]),
            ("probabilities", "FP32", [2, 2]),
        ]
        label, score, scores = (output["data"] for output in answer["outputs"])
        assert label == [expected(text)[0]["label"] for text in texts]
        assert score == [expected(text)[0]["score"] for text in texts]
        assert scores == [value for text in texts for value in probabilities(text)]


def test_outputs_of_other_servers(spoken: Api) -> None:
    text = "as MLServer and KServe answer"
    (output,) = infer(spoken, {"inputs": [tensor(text, name="args")]})["outputs"]
    assert output == {
        "name": "output",
        "datatype": "BYTES",
        "shape": [1, 1],
        "parameters": {"content_type": "hg_jsonlist"},
        "data": [json.dumps(expected(text)[0], separators=(",", ":"))],
    }
    (output,) = infer(spoken, {"inputs": [tensor(text, name="input-0")]})["outputs"]
    number = LABELS.index(expected(text)[0]["label"])
    assert output == {"name": "output-0", "datatype": "INT64", "shape": [1], "data": [number]}


def test_requested_outputs_and_classification(spoken: Api) -> None:
    texts = ["one text", "another text"]
    wanted = [
        {"name": "logits"},
        {"name": "probabilities", "parameters": {"classification": 1, "binary_data": False}},
        {"name": "probabilities", "parameters": {"classification": 9}},
    ]
    logits, first, all_of_them = infer(spoken, {"inputs": [tensor(*texts)], "outputs": wanted})["outputs"]
    assert (logits["shape"], logits["data"]) == ([2, 2], [2.0, 1.0, 2.0, 1.0])
    named = [
        f"{value:f}:{number}:{LABELS[number]}"
        for text in texts
        for number, value in sorted(enumerate(probabilities(text)), key=lambda pair: -pair[1])
    ]
    assert (first["datatype"], first["shape"], first["data"]) == ("BYTES", [2, 1], named[::2])
    assert (all_of_them["shape"], all_of_them["data"]) == ([2, 2], named)


@pytest.mark.parametrize("data", [["a", "b"], [["a"], ["b"]]])
def test_a_column(spoken: Api, data: Any) -> None:
    answer = infer(spoken, {"inputs": [tensor("a", "b", column=True, data=data)]})
    assert [output["shape"] for output in answer["outputs"]] == [[2, 1], [2, 1], [2, 2]]


def test_an_empty_tensor(spoken: Api) -> None:
    answer = infer(spoken, {"inputs": [tensor()]})
    assert [(output["shape"], output["data"]) for output in answer["outputs"]] == [([0], []), ([0], []), ([0, 2], [])]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)],
    ids=["identity", "gzip", "deflate"],
)
def test_binary_data(spoken: Api, coding: str, pack: Callable[[bytes], bytes]) -> None:
    texts = ["größer ☃", "", str(uuid4())]
    data = packed(*texts)
    document = binary(data, 3) | {"parameters": {"binary_data_output": True}}
    head = json.dumps(document).encode()
    response = spoken.client.post(
        INFER,
        content=pack(head + data),
        headers={"Inference-Header-Content-Length": str(len(head)), "Content-Encoding": coding},
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/octet-stream"
    found = tensors(response)
    assert found["label"] == [expected(text)[0]["label"] for text in texts]
    assert found["probabilities"] == pytest.approx([value for text in texts for value in probabilities(text)], rel=1e-6)


def test_json_in_and_binary_out_from_memory(spoken: Api) -> None:
    document = {"inputs": [tensor("kept")], "parameters": {"binary_data_output": True}}
    for _ in range(2):
        response = spoken.client.post(INFER, json=document)
        assert tensors(response)["label"] == [expected("kept")[0]["label"]]
    assert response.headers["cache-status"] == "sentiment; hit"


def test_the_length_of_a_whole_json_may_be_told(spoken: Api) -> None:
    assert send(spoken, {"inputs": [tensor("plain")]}, b"").json()["outputs"]


@pytest.mark.parametrize(
    ("document", "data", "headers", "status", "words"),
    [
        (binary(packed("a"), 1), packed("a"), {"length": "x"}, 400, "number of bytes"),
        (binary(packed("a"), 1), packed("a"), {"length": "9" * 30}, 400, "number of bytes"),
        (binary(packed("a"), 1), packed("a"), {"length": "5"}, 400, "JSON"),
        (binary(packed("a"), 1), packed("a"), {"length": "99999"}, 400, "JSON"),
        (binary(packed("a"), 1), packed("a", "b"), {}, 400, "binary_data_size"),
        (binary(packed("a"), 1), b"", {}, 400, "binary_data_size"),
        (binary(b"\x09\0\0\0abc", 1), b"\x09\0\0\0abc", {}, 400, "end inside an element"),
        (binary(b"\xff\xff\xff\xff", 1), b"\xff\xff\xff\xff", {}, 400, "end inside an element"),
        (binary(b"\x01\0", 1), b"\x01\0", {}, 400, "end inside an element"),
        (binary(b"\x01\0\0\0\xff", 1), b"\x01\0\0\0\xff", {}, 400, "not UTF-8"),
        (binary(b"\0" * 4 * 129, 129), b"\0" * 4 * 129, {}, 400, "more than 128"),
        (binary(packed("a" * 10_001), 1), packed("a" * 10_001), {}, 400, "at most 10000"),
        (binary(packed("a"), 2), packed("a"), {}, 400, "shape"),
        (binary(packed("a"), 1, shape=[1, 1, 1]), packed("a"), {}, 400, "shape"),
        (binary(packed("a"), 1, datatype="UINT8"), packed("a"), {}, 400, "datatype"),
    ],
)
def test_binary_data_that_are_wrong(
    spoken: Api, document: dict[str, Any], data: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    response = send(spoken, document, data, **headers)
    assert response.status_code == status, response.text
    assert words in response.json()["error"]


def test_versions(spoken: Api, service_of_all: Service) -> None:
    version = service_of_all.active_version()
    model = "/project/v2/models/other/name"
    document = {"inputs": [tensor("of a version")]}
    answer = spoken.client.post(f"{model}/versions/{version}/infer", json=document).json()
    assert (answer["model_name"], answer["model_version"]) == ("other/name", version)
    wrong = spoken.client.post(f"{model}/versions/1/infer", json=document)
    assert wrong.status_code == 404
    assert version in wrong.json()["error"]
    assert spoken.client.get(f"{model}/versions/{version}/ready").status_code == 200
    assert spoken.client.get(f"{model}/versions/1/ready").status_code == 404
    assert spoken.client.get(f"{model}/versions/1").status_code == 404


def test_metadata(spoken: Api, service_of_all: Service) -> None:
    server = spoken.client.get("/project/v2").json()
    assert (server["name"], server["extensions"]) == (
        "sentiment",
        ["classification", "binary_tensor_data", "parameters"],
    )
    model = spoken.client.get("/project/v2/models/sentiment").json()
    assert model["versions"] == [service_of_all.active_version()]
    assert model["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    shapes = {output["name"]: (output["datatype"], output["shape"]) for output in model["outputs"]}
    assert shapes["probabilities"] == ("FP32", [-1, 2])
    assert shapes["label"] == ("BYTES", [-1])
    assert model["parameters"]["labels"] == list(LABELS)
    assert spoken.client.get("/project/v2/health/ready").json() == {"ready": True}
    assert spoken.client.get("/project/v2/models/sentiment/ready").json() == {"name": "sentiment", "ready": True}


def test_pages_of_other_protocols(spoken: Api, service_of_all: Service) -> None:
    for path in ("hf", "tei"):
        info = spoken.client.get(f"/project/{path}/info").json()
        assert info["model_sha"] == service_of_all.active_version()
        assert info["model_type"]["classifier"]["id2label"] == {"0": "NEGATIVE", "1": "POSITIVE"}
        assert (info["max_client_batch_size"], info["max_input_length"], info["payload_limit"]) == (128, 512, 2**20)
        health = spoken.client.get(f"/project/{path}/health")
        assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert spoken.client.get("/project/v1/models").json() == {"models": ["sentiment", "other/name"]}
    assert spoken.client.get("/project/v1/models/sentiment").json() == {"name": "sentiment", "ready": True}
    assert spoken.client.get("/project/ping").status_code == 200
    assert spoken.client.get("/project/infinity/models").json()["data"][1]["id"] == "other/name"
    assert spoken.client.get("/project/infinity/health").json()["unix"] > 0
