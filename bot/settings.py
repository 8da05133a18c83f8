"""What the operator sets, from the environment. A wrong value is said with its variable and what is allowed."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

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


def _split(url: str) -> SplitResult:
    """The parts of an address; without any if it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _public(url: str) -> str:
    parts = _split(url)
    if url and not (parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))):
        raise ValueError("an https address such as https://example.org (apps call only those)")
    return url.rstrip("/")


def _base(url: str) -> str:
    if _split(url).scheme not in ("http", "https"):
        raise ValueError("an http or https address")
    return url


def _database(url: str) -> str:
    try:
        driver = make_url(url).drivername
    except (ArgumentError, ValueError):
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


def _zalo_bot_token(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not text.isascii() or not text.isprintable() or set(text) & set(" /?#%"):
        raise ValueError("the token as Zalo Bot Creator sends it, <digits>:<letters>")
    return token


def _zalo_bot_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text and not (8 <= len(text) <= 256 and text.replace("_", "").replace("-", "").isalnum() and text.isascii()):
        raise ValueError("8 to 256 characters of A-Z, a-z, 0-9, _ and -")
    return secret


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdecimal()):
        raise ValueError("the number that developers.zalo.me shows for the app")
    return text


def _header(token: SecretStr) -> SecretStr:
    if not (token.get_secret_value().isascii() and token.get_secret_value().isprintable()):
        raise ValueError("the token as Zalo shows it, letters and digits without spaces or line breaks")
    return token


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
    zalo_bot_token: Annotated[SecretStr, Stripped, AfterValidator(_zalo_bot_token)] = SecretStr("")
    zalo_bot_api_base: Annotated[str, Stripped, AfterValidator(_base)] = "https://bot-api.zaloplatforms.com/bot"
    zalo_bot_webhook_secret: Annotated[SecretStr, Stripped, AfterValidator(_zalo_bot_secret)] = SecretStr("")
    zalo_oa_app_id: Annotated[str, Stripped, AfterValidator(_digits)] = ""
    zalo_oa_app_secret: Annotated[SecretStr, Stripped] = SecretStr("")
    zalo_oa_secret_key: Annotated[SecretStr, Stripped] = SecretStr("")
    zalo_oa_refresh_token: Annotated[SecretStr, Stripped, AfterValidator(_header)] = SecretStr("")
    zalo_oa_api_base: Annotated[str, Stripped, AfterValidator(_base)] = "https://openapi.zalo.me"
    zalo_oa_oauth_base: Annotated[str, Stripped, AfterValidator(_base)] = "https://oauth.zaloapp.com"
    zalo_oa_signature: Annotated[Literal["observe", "enforce"], Stripped] = "enforce"
    zalo_oa_buttons: Annotated[Literal["off", "A", "B"], Stripped] = "off"
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
        return _kept_key(data_folder(self.database_url) / "secret.key")

    def telegram_admins(self) -> list[str]:
        """The Telegram ids of those who are told of broken content."""
        return [admin.strip().partition(":")[2] for admin in self.admins.split(",") if admin.strip()]

    def secrets(self) -> list[str]:
        """Every text that may stand in no log line."""
        values = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        password = make_url(self.database_url).password
        return [text for text in (*values, password or "") if len(str(text)) > 3]


def data_folder(database_url: str) -> Path:
    """Where an embedded database lies; made if it is not there. Raises SettingsError if it cannot be."""
    file = make_url(database_url).database or ""
    embedded = database_url.startswith("sqlite") and file and file != ":memory:"
    folder = Path(file).parent if embedded else Path("data")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}DATABASE_URL: the folder {folder} cannot be made ({error.strerror}); allowed: a folder to write in"
        ) from None
    return folder


def _kept_key(file: Path) -> bytes:
    """The key in a file; made whole or not at all, so that processes that start together, or are killed, read the same."""
    if not file.exists():
        handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".key-")  # mode 600
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_hex(KEY_LENGTH).encode())
        with suppress(FileExistsError):
            os.link(draft, file)
        Path(draft).unlink()
    key = file.read_bytes()
    if len(key) < KEY_LENGTH:
        raise SettingsError(f"{PREFIX}SECRET_KEY: {file} holds no key; allowed: delete it (who is known is then forgotten)")
    return key


def read_settings() -> Settings:
    """Read the environment. Raises SettingsError with every problem."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_problem(dict(fault)) for fault in error.errors(include_url=False))) from None


def _problem(fault: dict[str, Any]) -> str:
    name = str(fault["loc"][0])
    hidden = Settings.model_fields[name].annotation is SecretStr or "@" in str(fault["input"])
    value = "the value" if hidden else f"'{fault['input']}'"
    if fault["type"] == "value_error":
        allowed = str(fault["ctx"]["error"])
    else:
        allowed = {"http_port": "a whole number from 0 to 65535"}.get(name, fault["msg"])
    return f"{PREFIX}{name.upper()}: {value} is not allowed; allowed: {allowed}"
