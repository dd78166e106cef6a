"""Secrets kept in files that only their owner reads (mode 0600 in folders of mode 0700)."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

PASSWORD_BYTES = 24


def private_folder(folder: Path) -> Path:
    """Make the folder if needed, readable by its owner alone; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(file: Path, text: str) -> None:
    """Replace the file's content in one step; a reader sees the old text or the new one."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    fresh.replace(file)


def kept_secret(file: Path, size_bytes: int = PASSWORD_BYTES) -> str:
    """The secret in this file as hex, made on first use; two first users get the same one."""
    return kept_text(file, lambda: secrets.token_hex(size_bytes))


def kept_text(file: Path, make: Callable[[], str]) -> str:
    """The text in this file, made on first use; of two that make it at once, one wins."""
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        write_private(fresh, make())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return file.read_text(encoding="utf-8")
