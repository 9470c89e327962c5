"""Certificate: a self-signed one, for servers on loopback that are reached with TLS."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM."""

    path: Path
    key: Path

    @classmethod
    def made(cls, folder: Path, host: str | None = None) -> "Certificate":
        """Make a new one, of a host name or of 127.0.0.1."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shared store")])
        signed = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        signed = signed.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1")) if host is None else x509.DNSName(host)
        found = cls(folder / "store.pem", folder / "store.key")
        certificate = signed.add_extension(x509.SubjectAlternativeName([address]), critical=False).sign(key, hashes.SHA256())
        found.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        found.key.write_bytes(secret)
        return found
