"""``python -m api``: serve until SIGTERM or Ctrl-C."""

import argparse
import logging
import sys

from api.main import create_app
from api.server import serve
from shared.broker.cluster import require_no_cluster
from shared.contract.errors import SentimentError
from shared.process.logs import configure_logging
from shared.process.production import require_safe
from shared.process.settings import get_settings
from shared.process.tracing import require_tracing

logger = logging.getLogger("api")


def main() -> int:
    """Read the settings from the environment and serve; return 2 if the settings are refused."""
    argparse.ArgumentParser(
        prog="python -m api", description="Serve the HTTP API; settings come from SENTIMENT_* variables."
    ).parse_args()
    try:
        settings = get_settings()
        require_safe(settings)
        require_tracing(settings)
        require_no_cluster(settings.servers)
    except SentimentError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    configure_logging(settings.log_format, settings.log_level)
    logger.info("serving", extra={"host": settings.api_host, "port": settings.api_port})
    serve(create_app(settings), settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
