"""``python -m api``: serve until SIGTERM or Ctrl-C."""

import argparse
import logging

from api.main import create_app
from api.server import serve
from shared.logs import configure_logging
from shared.settings import get_settings

logger = logging.getLogger("api")


def main() -> None:
    """Read the settings from the environment and serve."""
    argparse.ArgumentParser(
        prog="python -m api", description="Serve the HTTP API; settings come from SENTIMENT_* variables."
    ).parse_args()
    settings = get_settings()
    configure_logging(settings.log_format, settings.log_level)
    logger.info("serving", extra={"host": settings.api_host, "port": settings.api_port})
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
