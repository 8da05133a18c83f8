"""What the operator sets, from the environment. A wrong value is said with its variable and what is allowed."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "BOT_"
# Hashes are keyed with it: shorter ones could be tried out.
KEY_LENGTH = 32
_LOCAL = {"127.0.0.1", "localhost", "::1"}


class SettingsError(Exception):
    """The environment says something that is not allowed. One line a problem; no secret in it."""


def _public(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))):
        raise ValueError("an https address such as https://example.org (apps call only those)")
    return url.rstrip("/")


def _base(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("an http or https address")
    return url


def _database(url: str) -> str:
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        driver = ""
    if driver not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise ValueError("sqlite+aiosqlite:///<file> or postgresql+asyncpg://<user>:<password>@<host>/<database>")
    return url


def _token(token: SecretStr) -> SecretStr:
    number, colon, rest = token.get_secret_value().partition(":")
    if token.get_secret_value() and not (number.isdecimal() and colon and rest):
        raise ValueError("the token as BotFather shows it, <digits>:<letters>")
    return token


def _webhook_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text and not (len(text) <= 256 and text.replace("_", "").replace("-", "").isalnum() and text.isascii()):
        raise ValueError("1 to 256 characters of A-Z, a-z, 0-9, _ and -")
    return secret


def _key(key: SecretStr) -> SecretStr:
    if 0 < len(key.get_secret_value()) < KEY_LENGTH:
        raise ValueError(f"at least {KEY_LENGTH} characters")
    return key


def _admins(text: str) -> str:
    for admin in filter(None, map(str.strip, text.split(","))):
        channel, _, person = admin.partition(":")
        if channel != "telegram" or not person.isdecimal():
            raise ValueError("a list such as telegram:12345,telegram:67890")
    return text


def _folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise ValueError("a folder that exists")
    return folder


# What stands around a value in a shell script or an env file is not part of it.
Stripped = BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value)


class Settings(BaseSettings):
    """The variables of README's table, each with the prefix BOT_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore")

    telegram_token: Annotated[SecretStr, Stripped, AfterValidator(_token)] = SecretStr("")
    telegram_api_base: Annotated[str, Stripped, AfterValidator(_base)] = "https://api.telegram.org/bot"
    telegram_webhook_secret: Annotated[SecretStr, Stripped, AfterValidator(_webhook_secret)] = SecretStr("")
    public_url: Annotated[str, Stripped, AfterValidator(_public)] = ""
    database_url: Annotated[str, Stripped, AfterValidator(_database)] = "sqlite+aiosqlite:///data/bot.db"
    secret_key: Annotated[SecretStr, Stripped, AfterValidator(_key)] = SecretStr("")
    content_dir: Annotated[Path, AfterValidator(_folder)] = Path("content")
    locales_dir: Annotated[Path, AfterValidator(_folder)] = Path("locales")
    admins: Annotated[str, Stripped, AfterValidator(_admins)] = ""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080

    def key(self) -> bytes:
        """The key of all hashes and signatures: the operator's, or one made at the first start and kept beside the database."""
        if given := self.secret_key.get_secret_value():
            return given.encode()
        database = make_url(self.database_url)
        if not database.drivername.startswith("sqlite"):
            raise SettingsError(
                f"{PREFIX}SECRET_KEY: not set; with PostgreSQL all processes need the same, at least {KEY_LENGTH} characters"
            )
        file = data_folder(self.database_url) / "secret.key"
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_bytes()
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_hex(KEY_LENGTH).encode())
        return file.read_bytes()

    def telegram_admins(self) -> list[str]:
        """The Telegram ids of those who are told of broken content."""
        return [admin.strip().partition(":")[2] for admin in self.admins.split(",") if admin.strip()]

    def secrets(self) -> list[str]:
        """Every text that may stand in no log line."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        password = make_url(self.database_url).password
        return [text for text in (*values, password or "") if len(str(text)) > 3]


def data_folder(database_url: str) -> Path:
    """Where an embedded database lies; made if it is not there."""
    file = make_url(database_url).database or ""
    folder = Path(file).parent if file and file != ":memory:" else Path("data")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_settings() -> Settings:
    """Read the environment. Raises SettingsError with every problem."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_problem(dict(fault)) for fault in error.errors(include_url=False))) from None


def _problem(fault: dict[str, Any]) -> str:
    name = str(fault["loc"][0])
    hidden = Settings.model_fields[name].annotation is SecretStr
    value = "the value" if hidden else f"'{fault['input']}'"
    if fault["type"] == "value_error":
        allowed = str(fault["ctx"]["error"])
    else:
        allowed = {"http_port": "a whole number from 0 to 65535"}.get(name, fault["msg"])
    return f"{PREFIX}{name.upper()}: {value} is not allowed; allowed: {allowed}"
