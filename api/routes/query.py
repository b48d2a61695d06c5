"""Reading query parameters of routes that validate by themselves."""

from fastapi import Request

from api.problems import InvalidRequestError

_DIGITS = 9


def integer(request: Request, name: str, default: int, least: int = 0) -> int:
    """Return a whole number from the query.

    Raises:
        InvalidRequestError: it is no number, or below `least`.
    """
    value = request.query_params.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS and int(value) >= least):
        raise InvalidRequestError([{"location": f"query.{name}", "message": f"a whole number of at least {least}"}])
    return int(value)
