"""Plain HTTP without the certificates that httpx loads for each client, which takes 27 ms."""

import ssl
from typing import Final

NO_CERTIFICATES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
