"""Whether the server in this container answers: exit status 0, else 1 and why. It goes by the environment alone.

A server that is alive and not yet ready is healthy: /readyz is for whoever sends it clients.
"""

import os
import ssl
import sys
import urllib.error
import urllib.request

PATIENCE = 4.0
"""Seconds"""


def address() -> str:
    scheme = "https" if os.environ.get("DRAGOMAN_SERVER_TLS_CERTIFICATE") else "http"
    port = os.environ.get("DRAGOMAN_SERVER_PORT") or "8090"
    return f"{scheme}://127.0.0.1:{port}{os.environ.get('DRAGOMAN_SERVER_PATH_PREFIX', '')}/healthz"


def main() -> int:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # its certificate is for another name than this
    try:
        with urllib.request.urlopen(address(), timeout=PATIENCE, context=context):  # noqa: S310  http or https, as above
            return 0
    except (urllib.error.URLError, OSError) as error:
        print(f"{address()}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
