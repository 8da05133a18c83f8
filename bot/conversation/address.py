"""Addresses, tokens and link payloads: parsed and written here and nowhere else.

An address is segments of a-z, 0-9 and "-" joined by "/". A token is "<language>:<address>". A payload is
"<language>__<address with _ for />" and, with a campaign, "__<campaign>".
"""

import re
from typing import NamedTuple

# Telegram's limits, the smallest of all apps: bytes of a button's token, characters of a link's payload.
TOKEN_BYTES = 64
PAYLOAD_LENGTH = 64

_SEGMENT = "[a-z0-9]+(?:-[a-z0-9]+)*"
_ADDRESS = re.compile(f"{_SEGMENT}(?:/{_SEGMENT})*")
_LANGUAGE = re.compile("[a-z]{2,3}")
_CAMPAIGN = re.compile("[a-z0-9-]{1,24}")


class Place(NamedTuple):
    """Where a token or a link leads. Nothing says that the address exists."""

    language: str
    address: str
    campaign: str = ""


def is_address(text: str) -> bool:
    """Is it written as an address?"""
    return _ADDRESS.fullmatch(text) is not None


def campaign(text: str) -> str:
    """The campaign that a link names, "" if that is not one (it comes from strangers)."""
    return text if _CAMPAIGN.fullmatch(text) else ""


def token(language: str, address: str) -> str:
    """A choice as it travels through an app."""
    return f"{language}:{address}"


def parse_token(text: str) -> Place | None:
    """Read a token; None for anything else. It may come from a stranger, or from a button sent years ago."""
    language, colon, address = text.partition(":")
    if not colon or not _LANGUAGE.fullmatch(language) or not _ADDRESS.fullmatch(address):
        return None
    return Place(language, address)


def payload(language: str, address: str, campaign: str = "") -> str:
    """A link's payload, for apps that allow only A-Z, a-z, 0-9, "_" and "-" there."""
    return "__".join(filter(None, (language, address.replace("/", "_"), campaign)))


def parse_payload(text: str) -> Place | None:
    """Read a payload; None for anything else. A campaign that is none is dropped, the place is kept."""
    language, address, *rest = [*text.split("__", 2), ""]
    place = parse_token(token(language, address.replace("_", "/")))
    return place and place._replace(campaign=campaign(rest[0]))


def code(address: str) -> str:
    """The address as one word, as it is typed after "#": covid/masks -> covid-masks."""
    return address.replace("/", "-")
