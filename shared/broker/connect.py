"""How to connect to Redis over TLS; the same for API, worker, Celery and Flower."""

import ssl
from typing import Any

from shared.process.settings import Settings


def tls_options(url: str, settings: Settings) -> dict[str, Any]:
    """Return redis-py's options for a URL: for ``rediss://`` certificate and host name are verified, else none.

    Args:
        url: the server's.
        settings: names the file of authorities, if not the system's.
    """
    if not url.startswith("rediss://"):
        return {}
    authorities = {"ssl_ca_certs": str(settings.redis_ca_file)} if settings.redis_ca_file else {}
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **authorities}
