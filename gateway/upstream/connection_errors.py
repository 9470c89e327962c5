"""Connection errors: why there is no connection to an upstream, and what to change."""

import errno
import socket
import ssl
from enum import Enum

import aiohttp
import httpx

SELF_SIGNED_CODES = frozenset({18, 19})  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, …_SELF_SIGNED_CERT_IN_CHAIN
UNTRUSTED_CODES = frozenset({2, 20, 21})  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, …_LOCALLY, …_VERIFY_LEAF_SIGNATURE
NOT_YET_VALID_CODE, EXPIRED_CODE = 9, 10
HOST_CODES = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, …_IP_ADDRESS_MISMATCH
NOT_TLS_REASONS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"})
UNREACHABLE_ERRORS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})
PROXY_AUTHENTICATION_REQUIRED = 407


class ConnectionCause(Enum):
    """The cause of a failed connection. The value says what the upstream does wrong, and what to change."""

    UNKNOWN_HOST = "has an unknown host name: check `base_url` and the name servers of this machine"
    NO_NAME_SERVER = "cannot be looked up, since no name server answers: check the name servers of this machine"
    REFUSED = "refuses connections: check host and port of `base_url`, and whether the service runs"
    UNREACHABLE = "cannot be reached over the network: check routes and firewalls, or set `proxy`"
    CONNECT_TIMEOUT = "did not accept a connection in time: check `base_url` and firewalls in between, or set `proxy`"
    SELF_SIGNED_CERTIFICATE = "shows a self-signed certificate: set `ca_file` to a PEM file with this certificate"
    UNTRUSTED_CERTIFICATE = "shows a certificate of an unknown authority: set `ca_file` to a PEM file with the authority's certificate"
    EXPIRED_CERTIFICATE = "shows a certificate that has expired: renew it at the server, or correct the clock of this machine"
    EARLY_CERTIFICATE = "shows a certificate that is not valid yet: correct the clock of this machine"
    WRONG_HOST_CERTIFICATE = "shows a certificate of another host: write the host name of the certificate in `base_url`"
    BAD_CERTIFICATE = "shows a certificate that cannot be verified: renew it at the server, or set `ca_file`"
    NOT_TLS = "does not speak TLS on this port: write http:// or the port of its TLS service in `base_url`"
    TLS_FAILED = "agrees on no TLS version or cipher with this machine: update the server"
    HANDSHAKE_CLOSED = (
        "closed the connection during the TLS handshake: check the port in `base_url`, and `client_cert_file` if it wants a certificate"
    )
    CLOSED = "closed the connection without an answer; try again later. If it expects TLS, write https in `base_url`"
    TLS_CLOSED = "closed the connection without an answer; try again later. If it wants a certificate, set `client_cert_file`"
    PROXY_UNKNOWN_HOST = "is behind a proxy whose host name is unknown: check `proxy` and the name servers of this machine"
    PROXY_UNREACHABLE = "is behind a proxy that cannot be reached: check `proxy`, and whether the proxy runs"
    PROXY_CREDENTIALS = "is behind a proxy that refuses the credentials: check user and password in `proxy`"
    PROXY_REFUSED = "is behind a proxy that does not connect to it: allow the host of `base_url` at the proxy, or change `proxy`"


class NoConnection(httpx.ConnectError):
    """There is no connection, for a known cause."""

    def __init__(self, cause: ConnectionCause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class ClosedConnection(httpx.RemoteProtocolError):
    """The upstream closed the connection without an answer, as servers with TLS do that get a plain request, or no certificate."""

    def __init__(self, cause: ConnectionCause) -> None:
        super().__init__("the connection broke")
        self.cause = cause


def connection_error(error: Exception, proxy_host: str | None, is_plain: bool) -> NoConnection | ClosedConnection | None:
    """Return the error of a missing connection for one of aiohttp; None if the connection was there.

    `proxy_host` is that of the proxy, if there is one. `is_plain`: the request was sent without TLS.
    """
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return ClosedConnection(ConnectionCause.CLOSED if is_plain else ConnectionCause.TLS_CLOSED)
    cause = _cause(error, proxy_host, is_plain)
    return None if cause is None else NoConnection(cause)


def _cause(error: Exception, proxy_host: str | None, is_plain: bool) -> ConnectionCause | None:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectionCause.CONNECT_TIMEOUT
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ConnectionCause.PROXY_CREDENTIALS if error.status == PROXY_AUTHENTICATION_REQUIRED else ConnectionCause.PROXY_REFUSED
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _lookup_cause(error, proxy_host)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_cause(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return ConnectionCause.NOT_TLS if _reason(error.os_error) in NOT_TLS_REASONS else ConnectionCause.TLS_FAILED
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ConnectionCause.PROXY_UNREACHABLE
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connect_cause(error.os_error, is_plain)
    return None


def _connect_cause(error: OSError, is_plain: bool) -> ConnectionCause:
    if not is_plain and isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return ConnectionCause.HANDSHAKE_CLOSED
    return ConnectionCause.UNREACHABLE if error.errno in UNREACHABLE_ERRORS else ConnectionCause.REFUSED


def _lookup_cause(error: aiohttp.ClientConnectorDNSError, proxy_host: str | None) -> ConnectionCause:
    if proxy_host is not None and error.host == proxy_host:
        return ConnectionCause.PROXY_UNKNOWN_HOST
    return ConnectionCause.NO_NAME_SERVER if error.os_error.errno == socket.EAI_AGAIN else ConnectionCause.UNKNOWN_HOST


def _certificate_cause(error: Exception) -> ConnectionCause:
    code = getattr(error, "verify_code", None)
    if code in SELF_SIGNED_CODES:
        return ConnectionCause.SELF_SIGNED_CERTIFICATE
    if code in UNTRUSTED_CODES:
        return ConnectionCause.UNTRUSTED_CERTIFICATE
    if code in HOST_CODES:
        return ConnectionCause.WRONG_HOST_CERTIFICATE
    by_code = {NOT_YET_VALID_CODE: ConnectionCause.EARLY_CERTIFICATE, EXPIRED_CODE: ConnectionCause.EXPIRED_CERTIFICATE}
    return by_code.get(code or 0, ConnectionCause.BAD_CERTIFICATE)


def _reason(error: OSError) -> str | None:
    return error.reason if isinstance(error, ssl.SSLError) else None
