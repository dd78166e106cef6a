"""The keys of a stack: one pair that signs and verifies who acts, and one that signs for each log."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.secret_files import kept_text, write_private


def actor_keys(folder: Path) -> tuple[Path, Path]:
    """Paths of the private and the public key (Ed25519, PEM), made on first use."""
    private, public = folder / "actor-private.pem", folder / "actor-public.pem"
    private_pem = kept_text(private, _new_private_pem)
    if not public.exists():
        key = serialization.load_pem_private_key(private_pem.encode(), password=None)
        public_pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_private(public, public_pem.decode())
    return private, public


def seal_key(folder: Path, part: str) -> Path:
    """Path of the private key that signs for the log of a part (Ed25519, PEM), made on first use."""
    private = folder / f"{part}.seal-private.pem"
    kept_text(private, _new_private_pem)
    return private


def log_keys(folder: Path, site: str, parts: Iterable[str]) -> Path:
    """Path of the file with the public keys of the logs of these parts, one word a line."""
    file = folder / "log-keys"
    words = (_word(f"{site}/{part}", seal_key(folder, part)) for part in parts)
    write_private(file, "".join(f"{word}\n" for word in words))
    return file


def _word(name: str, private: Path) -> str:
    """What `seal-key` prints (a verifier key of C2SP signed-note); a stack is set up without the services."""
    key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    kind_and_key = b"\x01" + key.public_key().public_bytes_raw()  # type: ignore[union-attr]
    id_ = sha256(name.encode() + b"\n" + kind_and_key).hexdigest()[:8]
    return f"{name}+{id_}+{b64encode(kind_and_key).decode()}"


def _new_private_pem() -> str:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode()
