"""Phone numbers: is it one, and how is it dialled. The library `phonenumbers` decides, short and toll numbers included."""

import re
from functools import cache

import phonenumbers

from bot.content.markup import escaped

# Service numbers that the library's plans lack or know only in part. They are dialled as they are written: Viet Nam's 111 and
# 112 and its toll lines of 8 or 10 digits, 1022 of the
# provinces, free lines of Japan, service lines of Korea, 1955 of Taiwan.
_SERVICE = {
    "VN": re.compile(r"11[12]|1[89]00\d{4}(\d{2})?|(0\d{2,3})?1022"),
    "JP": re.compile(r"0120\d{6}"),
    "KR": re.compile(r"1\d{3}(\d{4})?"),
    "TW": re.compile(r"1955"),
}


@cache
def _parsed(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None


def digits(number: str) -> str:
    """The number without spaces and signs; "+" is kept."""
    return re.sub(r"[^\d+]", "", number)


def is_phone(number: str, country: str) -> bool:
    """Can this be dialled in that country (ISO 3166 code)?"""
    dialled = digits(number)
    if (service := _SERVICE.get(country)) and service.fullmatch(dialled):
        return True
    if not (parsed := _parsed(number, country)):
        return False
    if number.startswith("+") or len(dialled) > 6:
        return bool(phonenumbers.is_valid_number(parsed))
    return bool(phonenumbers.is_valid_short_number_for_region(parsed, country))


@cache
def tel(number: str, country: str) -> str:
    """The tel: address that dials it: international where the number has such a form."""
    dialled = digits(number)
    service = _SERVICE.get(country)
    if number.startswith("+") or len(dialled) <= 6 or (service and service.fullmatch(dialled)):
        return f"tel:{dialled}"
    if not (parsed := _parsed(number, country)):
        return f"tel:{dialled}"
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966)).replace("-", "")


@cache
def international(number: str, country: str) -> str:
    """The number as it is dialled from anywhere, with "+"; as it is written where it has no such form (115, 1900 ...)."""
    uri = tel(number, country).removeprefix("tel:")
    if number.startswith("+") or not uri.startswith("+"):
        return number
    return str(phonenumbers.format_number(phonenumbers.parse(uri), phonenumbers.PhoneNumberFormat.INTERNATIONAL))


@cache
def dialled(number: str, country: str) -> str:
    """The number in an app's message: with "+", which the app itself makes a link of; else as text that a tap copies."""
    far = international(number, country)
    return escaped(far) if far.startswith("+") else f"<code>{escaped(number)}</code>"
