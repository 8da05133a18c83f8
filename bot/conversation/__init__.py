"""The conversation: pure functions over frozen values. Others import from this front desk only."""

from bot.conversation.address import (
    PAYLOAD_LENGTH,
    TOKEN_BYTES,
    campaign,
    code,
    is_address,
    parse_payload,
    parse_token,
    payload,
    token,
)
from bot.conversation.catalog import Catalog, Edition
from bot.conversation.decide import Turn, respond
from bot.conversation.messages import Incoming, Left, Opened, Said, Shared, Tapped
from bot.conversation.records import Record, Viewed
from bot.conversation.screens import Block, Choice, Kind, Screen, Text
from bot.conversation.session import Session
from bot.conversation.understand import HELP
from bot.conversation.words import fold

__all__ = [
    "HELP",
    "PAYLOAD_LENGTH",
    "TOKEN_BYTES",
    "Block",
    "Catalog",
    "Choice",
    "Edition",
    "Incoming",
    "Kind",
    "Left",
    "Opened",
    "Record",
    "Said",
    "Screen",
    "Session",
    "Shared",
    "Tapped",
    "Text",
    "Turn",
    "Viewed",
    "campaign",
    "code",
    "fold",
    "is_address",
    "parse_payload",
    "parse_token",
    "payload",
    "respond",
    "token",
]
