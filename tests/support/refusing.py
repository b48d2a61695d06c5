"""An API process that stays closed to misses: ``python -m tests.support.refusing``.

Once the broker has refused a request, this process refuses others of the same size for an hour instead of a moment. It
has the additional kind of `tests.support.more_kinds`, and marks the answers that went through ASGI in the same way.
"""

from api.dispatch import admission
from api.server import serve
from shared.process.logs import configure_logging
from shared.process.settings import get_settings
from tests.support.more_kinds import app_with_one_more

_SECONDS = 3600.0

if __name__ == "__main__":
    setattr(admission, "_FULL_SECONDS", _SECONDS)  # noqa: B010
    settings = get_settings()
    configure_logging(settings.log_format, settings.log_level)
    serve(app_with_one_more(settings), settings)
