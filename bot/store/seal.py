"""What must stand in the database but may not be read there (tokens, what waits to be answered) is sealed."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unsealable(Exception):
    """This was sealed with another key, or it is damaged."""


class Seal:
    """Seals and opens. key: BOT_SECRET_KEY. use: what is sealed; each use has a key of its own, made from that one."""

    def __init__(self, key: bytes, use: str) -> None:
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"dong-hanh {use}".encode()).derive(key)
        self._fernet = Fernet(base64.urlsafe_b64encode(made))

    def close(self, content: bytes) -> str:
        """Seal."""
        return self._fernet.encrypt(content).decode()

    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises Unsealable."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise Unsealable from None
