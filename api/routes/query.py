"""Reading and validating query parameters of raw routes."""

from fastapi import Request

from api.errors.problems import InvalidRequestError
from api.routes.describing import MOST, Parameter

_DIGITS = len(str(MOST))


def integer(request: Request, parameter: Parameter, default: int) -> int:
    """Return the value of a parameter in the query; `default` if it is missing.

    Raises:
        InvalidRequestError: the value is not a whole number, or is out of bounds.
    """
    value = request.query_params.get(parameter.name)
    if value is None:
        return default
    if not (
        value.isascii()
        and value.isdecimal()
        and len(value) <= _DIGITS
        and parameter.least <= int(value) <= parameter.most
    ):
        raise InvalidRequestError(
            [
                {
                    "location": f"query.{parameter.name}",
                    "message": f"a whole number from {parameter.least} to {parameter.most}",
                }
            ]
        )
    return int(value)
