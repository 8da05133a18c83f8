"""Opens the doors of the apps for which the operator has set a key."""

import hmac
from hashlib import sha256
from typing import Any, Protocol

from aiohttp import web

from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOa
from bot.settings import Settings, SettingsError, data_folder
from bot.store import SqlStore
from bot.store.inbox import Inbox
from bot.store.quota import SqlQuota
from bot.store.tokens import TokenStore
from bot.turns import Turns

# Which variable opens which door.
KEYS = {"Telegram": "BOT_TELEGRAM_TOKEN", "Zalo Bot": "BOT_ZALO_BOT_TOKEN", "Zalo OA": "BOT_ZALO_OA_APP_ID"}


class Channel(Protocol):
    """A door of an app, whatever the app. name: as people know it. state: for /readyz."""

    name: str

    @property
    def state(self) -> str: ...

    def routes(self) -> list[web.RouteDef]: ...

    def link(self, language: str, address: str) -> str:
        """A link that shows this screen in the app, "" where there is none (yet)."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def open_doors(settings: Settings, turns: Turns, store: SqlStore, key: bytes) -> list[Channel]:
    """A channel for each app that is configured. key: what secrets are made from that the operator has not set."""
    channels: list[Channel] = []
    if token := settings.telegram_token.get_secret_value():
        made = hmac.new(key, b"telegram webhook", sha256).hexdigest()
        channels.append(
            Telegram(
                turns,
                token,
                base=settings.telegram_api_base,
                public=settings.public_url,
                secret=settings.telegram_webhook_secret.get_secret_value() or made,
            )
        )
    if token := settings.zalo_bot_token.get_secret_value():
        made = hmac.new(key, b"zalo bot webhook", sha256).hexdigest()
        channels.append(
            ZaloBot(
                turns,
                token,
                Inbox(store.engine, key, "zalo_bot"),
                SqlQuota(store.engine),
                base=settings.zalo_bot_api_base,
                public=settings.public_url,
                secret=settings.zalo_bot_webhook_secret.get_secret_value() or made,
            )
        )
    if settings.zalo_oa_app_id:
        channels.append(open_zalo_oa(settings, turns, store, key))
    return channels


def open_zalo_oa(settings: Settings, turns: Turns, store: SqlStore, key: bytes, **how: Any) -> ZaloOa:
    """The door of a Zalo OA. how: what only tests change. Raises SettingsError if it has no key."""
    secrets = {"APP_SECRET": settings.zalo_oa_app_secret, "SECRET_KEY": settings.zalo_oa_secret_key}
    if lacking := [f"BOT_ZALO_OA_{name}: not set" for name, secret in secrets.items() if not secret.get_secret_value()]:
        raise SettingsError("\n".join(f"{line}; allowed: what developers.zalo.me shows for the app" for line in lacking))
    return ZaloOa(
        turns,
        how.pop("inbox", None) or Inbox(store.engine, key, "zalo_oa"),
        TokenStore(store.engine, key, data_folder(settings.database_url)),
        app_id=settings.zalo_oa_app_id,
        app_secret=settings.zalo_oa_app_secret.get_secret_value(),
        secret_key=settings.zalo_oa_secret_key.get_secret_value(),
        refresh_token=settings.zalo_oa_refresh_token.get_secret_value(),
        base=settings.zalo_oa_api_base,
        oauth=settings.zalo_oa_oauth_base,
        public=settings.public_url,
        signature=settings.zalo_oa_signature,
        buttons=settings.zalo_oa_buttons,
        **how,
    )
