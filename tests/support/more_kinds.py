"""An API process with one more prediction kind: ``python -m tests.support.more_kinds``.

An answer that went through ASGI has the header ``x-entered: asgi``.
"""

from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.contract.schemas import LabelScore
from api.dispatch.predictor import Answers
from api.kinds import protocols_of
from api.main import create_app
from api.protocols.kind import ClientProtocol, Kind, Question, Reply
from api.server import serve
from shared.contract.card import ModelCard
from shared.process.settings import Settings, get_settings

PATH = "/elsewhere/label"


class Inputs(BaseModel):
    input: list[str]


class Outputs(BaseModel):
    outputs: list[list[LabelScore]]


def one_more() -> Kind:
    """Return the additional kind."""
    return Kind(
        name="label",
        path=PATH,
        summary="Label some inputs",
        request=TypeAdapter(Inputs),
        read=lambda request: Question(request.input, write),
        answer=Outputs,
        partial=True,
    )


def write(answers: Answers, _card: ModelCard | None) -> Reply:
    return Reply(b'{"outputs":[%b]}' % b",".join(record.body for record in answers.records))


class Entered:
    """ASGI middleware that marks each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-entered", b"asgi")]
            await send(message)

        await self._app(scope, receive, marked)


def app_with_one_more(settings: Settings) -> Any:
    app = create_app(settings, [*protocols_of(settings), ClientProtocol(kinds=(one_more(),))])
    app.add_middleware(Entered)
    return app


if __name__ == "__main__":
    serve(app_with_one_more(get_settings()), get_settings())
