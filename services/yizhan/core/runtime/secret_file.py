"""The signing key of an embedded deployment: made once, kept where only its owner can read it."""

import os
import secrets
from pathlib import Path

FILE_NAME = "secret.key"


class SecretUnusable(Exception):
    """The key can neither be read nor made; ``reason`` says why, for an operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_or_create(home: Path) -> str:
    """The key in ``home/secret.key``; it is made (mode 0600, the folder 0700) when there is none. Raises SecretUnusable.

    The file appears complete or not at all, and of two processes that start together both get the same key.
    """
    path = home / FILE_NAME
    try:
        home.mkdir(0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise SecretUnusable(f"cannot keep the signing key in {path}: {why}") from error
    if not key:
        raise SecretUnusable(f"{path} is empty: remove it to have a new key made")
    return key


def _create(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
    finally:
        draft.unlink(missing_ok=True)
