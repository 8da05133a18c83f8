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
from bot.conversation.decide import EXIT, Turn, respond
from bot.conversation.directory import NEAR, Directory, Hours, Point, State, distance, nearest
from bot.conversation.forms import Ending, Form, Option, Question, walk
from bot.conversation.index import Document, Index
from bot.conversation.index import build as build_index
from bot.conversation.messages import Incoming, Left, Opened, Said, Shared, Tapped, accepted
from bot.conversation.minimum import minimal_catalog
from bot.conversation.places import Named, Names, Rank
from bot.conversation.places import build as build_names
from bot.conversation.places import find as find_place
from bot.conversation.places import find_within as find_place_within
from bot.conversation.records import Answered, Counted, Record, Unanswered, Viewed
from bot.conversation.screens import Block, Choice, Kind, Picture, Screen, Text
from bot.conversation.search import Hit, choose, rank
from bot.conversation.session import Session
from bot.conversation.understand import HELP, LINGUA, common_words, look_up
from bot.conversation.words import Words, fold, folded

__all__ = [
    "EXIT",
    "HELP",
    "LINGUA",
    "NEAR",
    "PAYLOAD_LENGTH",
    "TOKEN_BYTES",
    "Answered",
    "Block",
    "Catalog",
    "Choice",
    "Counted",
    "Danger",
    "Directory",
    "Document",
    "Edition",
    "Ending",
    "Form",
    "Hit",
    "Hours",
    "Incoming",
    "Index",
    "Kind",
    "Left",
    "Named",
    "Names",
    "Opened",
    "Option",
    "Picture",
    "Point",
    "Question",
    "Rank",
    "Record",
    "Said",
    "Screen",
    "Session",
    "Shared",
    "State",
    "Tapped",
    "Text",
    "Turn",
    "Unanswered",
    "Viewed",
    "Words",
    "accepted",
    "build_danger",
    "build_index",
    "build_names",
    "campaign",
    "choose",
    "code",
    "common_words",
    "distance",
    "find_danger",
    "find_place",
    "find_place_within",
    "fold",
    "folded",
    "is_address",
    "look_up",
    "minimal_catalog",
    "nearest",
    "parse_payload",
    "parse_token",
    "payload",
    "rank",
    "respond",
    "token",
    "walk",
]
