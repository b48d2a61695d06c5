"""Certificates for servers of tests, from an authority that only the test knows."""

from pathlib import Path

import trustme


def write_certificates(folder: Path) -> Path:
    """Write an authority (``ca.pem``), a server's certificate and key (``server.pem``), and another authority.

    Returns:
        The folder.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    return folder
