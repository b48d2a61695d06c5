"""Types of texts in requests, within the limits of the settings."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from shared.process.settings import Settings


def text_type(settings: Settings) -> Any:
    """Return the type of one text."""
    return Annotated[str, Field(max_length=settings.max_chars)]


def list_of(item: Any, most: int, least: int = 0) -> Any:
    """Return the type of a list of items, with the most and the least number of them."""
    return Annotated[list[item], Field(min_length=least, max_length=most)]


def texts_type(settings: Settings) -> Any:
    """Return the type of a list of texts."""
    return TypeAliasType("Texts", list_of(text_type(settings), settings.max_texts))


def one_or_many(one: Any, many: Any) -> Any:
    """Return the type of a string or a list; an error then names the one that was sent, and not both."""
    return Annotated[
        Annotated[one, Tag("text")] | Annotated[many, Tag("texts")],
        Discriminator(
            _tag,
            custom_error_type="text_or_texts",
            custom_error_message="Input should be a string or a list",
        ),
    ]


def _tag(value: object) -> str | None:
    return "text" if isinstance(value, str) else "texts" if isinstance(value, list) else None
