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
from bot.conversation.crisis import Danger
from bot.conversation.crisis import build as build_danger
from bot.conversation.crisis import find as find_danger
from bot.conversation.decide import Turn, respond
from bot.conversation.messages import Incoming, Left, Opened, Said, Shared, Tapped, accepted
from bot.conversation.records import Record, Viewed
from bot.conversation.screens import Block, Choice, Kind, Screen, Text
from bot.conversation.search import Document, Hit, Index, choose, rank
from bot.conversation.search import build as build_index
from bot.conversation.session import Session
from bot.conversation.understand import HELP, LINGUA
from bot.conversation.words import Words, fold

__all__ = [
    "HELP",
    "LINGUA",
    "PAYLOAD_LENGTH",
    "TOKEN_BYTES",
    "Block",
    "Catalog",
    "Choice",
    "Danger",
    "Document",
    "Edition",
    "Hit",
    "Incoming",
    "Index",
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
    "Words",
    "accepted",
    "build_danger",
    "build_index",
    "campaign",
    "choose",
    "code",
    "find_danger",
    "fold",
    "is_address",
    "parse_payload",
    "parse_token",
    "payload",
    "rank",
    "respond",
    "token",
]
