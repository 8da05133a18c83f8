"""What an operator sets: each variable, good and bad. An error names the variable, the value and what is allowed, all of them
at once, and no secret. The generated key is private, kept, and the same for all processes."""

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import KEY_LENGTH, Settings, SettingsError, read_settings

ROOT = Path(__file__).parents[2]
Read = Callable[..., Settings]
TOKEN = "123456789:AAF-x_fake"
KEY = "k" * KEY_LENGTH


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the settings in an empty folder, with this environment."""
    monkeypatch.chdir(tmp_path)
    for folder in ("content", "locales"):
        (tmp_path / folder).mkdir()

    def read(variables: Mapping[str, str] | None = None) -> Settings:
        for name, value in (variables or {}).items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return read


def refused(read: Read, variables: Mapping[str, str]) -> list[str]:
    """The lines that the operator reads."""
    with pytest.raises(SettingsError) as info:
        read(variables)
    return str(info.value).splitlines()


def test_without_any_variable_everything_has_the_value_of_the_readme(read: Read) -> None:
    settings = read()
    assert settings.telegram_token == settings.telegram_webhook_secret == settings.secret_key == SecretStr("")
    assert settings.telegram_api_base == "https://api.telegram.org/bot"
    assert settings.public_url == ""
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert (settings.content_dir, settings.locales_dir) == (Path("content"), Path("locales"))
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)


def test_a_variable_that_is_set_to_nothing_counts_as_not_set(read: Read) -> None:
    everything = {f"BOT_{name.upper()}": "" for name in Settings.model_fields}
    assert read(everything) == read()


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("BOT_TELEGRAM_TOKEN", TOKEN, SecretStr(TOKEN)),
        ("BOT_TELEGRAM_TOKEN", f" {TOKEN}\r\n", SecretStr(TOKEN)),
        ("BOT_TELEGRAM_API_BASE", "http://127.0.0.1:8081/bot", "http://127.0.0.1:8081/bot"),
        ("BOT_TELEGRAM_WEBHOOK_SECRET", "A-z_0", SecretStr("A-z_0")),
        ("BOT_TELEGRAM_WEBHOOK_SECRET", "s" * 256, SecretStr("s" * 256)),
        ("BOT_ZALO_BOT_TOKEN", "12345:abc", SecretStr("12345:abc")),
        ("BOT_ZALO_BOT_WEBHOOK_SECRET", "eight__8", SecretStr("eight__8")),
        ("BOT_ZALO_OA_APP_ID", "4318657068771012646", "4318657068771012646"),
        ("BOT_ZALO_OA_SIGNATURE", "observe", "observe"),
        ("BOT_ZALO_OA_BUTTONS", "B", "B"),
        ("BOT_PUBLIC_URL", "https://bot.example.org/", "https://bot.example.org"),
        ("BOT_PUBLIC_URL", "http://localhost:8080", "http://localhost:8080"),
        ("BOT_DATABASE_URL", "sqlite+aiosqlite:////srv/bot/bot.db", "sqlite+aiosqlite:////srv/bot/bot.db"),
        ("BOT_DATABASE_URL", "postgresql+asyncpg://bot:pw@db/bot", "postgresql+asyncpg://bot:pw@db/bot"),
        ("BOT_SECRET_KEY", KEY, SecretStr(KEY)),
        ("BOT_CONTENT_DIR", ".", Path()),
        ("BOT_LOCALES_DIR", ".", Path()),
        ("BOT_HTTP_HOST", "0.0.0.0", "0.0.0.0"),
        ("BOT_HTTP_PORT", "0", 0),
        ("BOT_HTTP_PORT", "65535", 65535),
    ],
)
def test_a_good_value_is_used(read: Read, variable: str, value: str, expected: Any) -> None:
    assert getattr(read({variable: value}), variable.removeprefix("BOT_").lower()) == expected


def test_admins_are_a_list_of_telegram_ids(read: Read) -> None:
    assert read({"BOT_ADMINS": " telegram:12345, telegram:67890,"}).telegram_admins() == ["12345", "67890"]


HTTPS = "an https address such as https://example.org (apps call only those)"
DATABASES = "sqlite+aiosqlite:///<file> or postgresql+asyncpg://<user>:<password>@<host>/<database>"
CHARACTERS = "1 to 256 characters of A-Z, a-z, 0-9, _ and -"
SHOWN = [
    ("BOT_TELEGRAM_API_BASE", "api.telegram.org/bot", "an http or https address"),
    ("BOT_TELEGRAM_API_BASE", "ftp://api.example.org", "an http or https address"),
    ("BOT_TELEGRAM_API_BASE", "https://[api", "an http or https address"),
    ("BOT_ZALO_BOT_API_BASE", "bot-api.example.org", "an http or https address"),
    ("BOT_ZALO_OA_API_BASE", "openapi.example.org", "an http or https address"),
    ("BOT_ZALO_OA_OAUTH_BASE", "oauth.example.org", "an http or https address"),
    ("BOT_ZALO_OA_APP_ID", "my-app", "the number that developers.zalo.me shows for the app"),
    ("BOT_ZALO_OA_SIGNATURE", "maybe", "Input should be 'observe' or 'enforce'"),
    ("BOT_ZALO_OA_BUTTONS", "on", "Input should be 'off', 'A' or 'B'"),
    ("BOT_PUBLIC_URL", "http://bot.example.org", HTTPS),
    ("BOT_PUBLIC_URL", "bot.example.org", HTTPS),
    ("BOT_PUBLIC_URL", "https://", HTTPS),
    ("BOT_PUBLIC_URL", "https://[bot", HTTPS),
    ("BOT_DATABASE_URL", "data/bot.db", DATABASES),
    ("BOT_DATABASE_URL", "sqlite:///data/bot.db", DATABASES),
    ("BOT_DATABASE_URL", "mysql+aiomysql://db/bot", DATABASES),
    ("BOT_DATABASE_URL", "postgresql+asyncpg://db:port/bot", DATABASES),
    ("BOT_ADMINS", "12345", "a list such as telegram:12345,telegram:67890"),
    ("BOT_ADMINS", "telegram:12345,telegram:officer", "a list such as telegram:12345,telegram:67890"),
    ("BOT_ADMINS", "fax:12345", "a list such as telegram:12345,telegram:67890"),
    ("BOT_CONTENT_DIR", "nowhere", "a folder that exists"),
    ("BOT_LOCALES_DIR", "nowhere", "a folder that exists"),
    ("BOT_HTTP_PORT", "http", "a whole number from 0 to 65535"),
    ("BOT_HTTP_PORT", "80.5", "a whole number from 0 to 65535"),
    ("BOT_HTTP_PORT", "-1", "a whole number from 0 to 65535"),
    ("BOT_HTTP_PORT", "65536", "a whole number from 0 to 65535"),
]
HIDDEN = [
    ("BOT_TELEGRAM_TOKEN", "AAF-x_fake_1234", "the token as BotFather shows it, <digits>:<letters>"),
    ("BOT_TELEGRAM_TOKEN", "bot:AAF-x_fake", "the token as BotFather shows it, <digits>:<letters>"),
    ("BOT_TELEGRAM_TOKEN", "123456789:", "the token as BotFather shows it, <digits>:<letters>"),
    ("BOT_TELEGRAM_WEBHOOK_SECRET", "a secret, with spaces", CHARACTERS),
    ("BOT_TELEGRAM_WEBHOOK_SECRET", "mật-khẩu", CHARACTERS),
    ("BOT_TELEGRAM_WEBHOOK_SECRET", "s" * 257, CHARACTERS),
    ("BOT_ZALO_BOT_TOKEN", "12345:a b", "the token as Zalo Bot Creator sends it, <digits>:<letters>"),
    ("BOT_ZALO_BOT_TOKEN", "12345:a/../b", "the token as Zalo Bot Creator sends it, <digits>:<letters>"),
    ("BOT_ZALO_BOT_WEBHOOK_SECRET", "seven_7", "8 to 256 characters of A-Z, a-z, 0-9, _ and -"),
    ("BOT_ZALO_OA_REFRESH_TOKEN", "two\nlines", "the token as Zalo shows it, letters and digits without spaces or line breaks"),
    ("BOT_SECRET_KEY", "x" * (KEY_LENGTH - 1), f"at least {KEY_LENGTH} characters"),
]


@pytest.mark.parametrize(("variable", "value", "allowed"), SHOWN)
def test_a_bad_value_is_refused_with_its_variable_the_value_and_what_is_allowed(
    read: Read, variable: str, value: str, allowed: str
) -> None:
    assert refused(read, {variable: value}) == [f"{variable}: '{value}' is not allowed; allowed: {allowed}"]


@pytest.mark.parametrize(("variable", "value", "allowed"), HIDDEN)
def test_a_bad_secret_is_refused_without_being_shown(read: Read, variable: str, value: str, allowed: str) -> None:
    assert refused(read, {variable: value}) == [f"{variable}: the value is not allowed; allowed: {allowed}"]


ANY_TEXT = {"BOT_HTTP_HOST", "BOT_ZALO_OA_APP_SECRET", "BOT_ZALO_OA_SECRET_KEY"}


def test_every_variable_has_a_bad_value_in_these_tables_or_accepts_any_text() -> None:
    tried = {variable for variable, _, _ in SHOWN + HIDDEN}
    assert {f"BOT_{name.upper()}" for name in Settings.model_fields} - tried == ANY_TEXT


def test_all_problems_are_said_at_once(read: Read) -> None:
    lines = refused(read, {variable: value for variable, value, _ in SHOWN + HIDDEN})
    assert sorted(line.partition(":")[0] for line in lines) == sorted({variable for variable, _, _ in SHOWN + HIDDEN})


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+psycopg", "mysql", "postgresql+asyncpg "])
def test_a_wrong_database_url_is_refused_without_its_password(read: Read, driver: str) -> None:
    (line,) = refused(read, {"BOT_DATABASE_URL": f"{driver}://bot:correct-horse@db.example.org/bot"})
    assert line.startswith("BOT_DATABASE_URL: ")
    assert line.endswith(DATABASES)
    assert "correct-horse" not in line


def test_no_secret_is_shown_when_settings_are_printed_and_all_are_named_for_the_logs(read: Read) -> None:
    secrets = {
        "BOT_TELEGRAM_TOKEN": TOKEN,
        "BOT_TELEGRAM_WEBHOOK_SECRET": "webhook-secret",
        "BOT_ZALO_BOT_TOKEN": "12345:zalo-bot",
        "BOT_ZALO_BOT_WEBHOOK_SECRET": "zalo-bot-secret",
        "BOT_ZALO_OA_APP_SECRET": "zalo-oa-app",
        "BOT_ZALO_OA_SECRET_KEY": "zalo-oa-key",
        "BOT_ZALO_OA_REFRESH_TOKEN": "zalo-oa-refresh",
        "BOT_SECRET_KEY": KEY,
    }
    settings = read(secrets | {"BOT_DATABASE_URL": "postgresql+asyncpg://bot:correct-horse@db.example.org/bot"})
    assert not [secret for secret in secrets.values() if secret in repr(settings) + str(settings)]
    assert {*secrets.values(), "correct-horse"} <= set(settings.secrets())


# --- the key


def test_the_first_start_makes_a_key_that_only_the_owner_can_read_and_later_starts_keep_it(read: Read, tmp_path: Path) -> None:
    key = read().key()
    file = tmp_path / "data" / "secret.key"
    assert len(key) >= KEY_LENGTH
    assert file.read_bytes() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read().key() == key
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_each_installation_makes_a_key_of_its_own(read: Read, tmp_path: Path) -> None:
    keys = {read({"BOT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/{name}/bot.db"}).key() for name in "abc"}
    assert len(keys) == 3


def test_the_operators_key_is_used_and_none_is_made(read: Read, tmp_path: Path) -> None:
    assert read({"BOT_SECRET_KEY": KEY}).key() == KEY.encode()
    assert not (tmp_path / "data").exists()


def test_with_postgresql_and_no_key_the_start_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as info:
        read({"BOT_DATABASE_URL": "postgresql+asyncpg://bot:correct-horse@db.example.org/bot"}).key()
    assert str(info.value) == "BOT_SECRET_KEY: not set; with PostgreSQL all processes need the same, at least 32 characters"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("left", [b"", b"half"])
def test_a_key_file_that_a_killed_start_left_unfinished_is_never_used_as_a_key(read: Read, tmp_path: Path, left: bytes) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_bytes(left)
    try:
        assert len(read().key()) >= KEY_LENGTH
    except SettingsError as error:
        assert "secret.key" in str(error)


# Another process: reads its key beside each database it is given, as soon as it is given.
STARTER = """
import sys
from bot.settings import Settings

print("ready", flush=True)
for url in sys.stdin:
    print(Settings(database_url=url.strip()).key().decode(), flush=True)
"""


@pytest.fixture
def starters() -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that are ready to start."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen([sys.executable, "-c", STARTER], **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    yield processes
    for process in processes:
        process.communicate(timeout=60)


def test_two_processes_that_start_at_once_use_the_same_key(starters: list[subprocess.Popen[str]], tmp_path: Path) -> None:
    for number in range(300):
        for process in starters:
            process.stdin.write(f"sqlite+aiosqlite:///{tmp_path}/{number}/bot.db\n")
        for process in starters:
            process.stdin.flush()
        first, second = (process.stdout.readline().strip() for process in starters)
        assert first == second
        assert len(first) >= KEY_LENGTH
