"""Addresses, tokens, payloads: parsed and written, in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import PAYLOAD_LENGTH, TOKEN_BYTES, Catalog, code, is_address, parse_payload, parse_token, payload, token

SEGMENT = st.lists(st.text("abyz019", min_size=1, max_size=6), min_size=1, max_size=3).map("-".join)
ADDRESS = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)
LANGUAGE = st.sampled_from(["vi", "en", "km", "lo"])
CAMPAIGN = st.one_of(st.just(""), st.text("abyz019-", min_size=1, max_size=24))


@given(LANGUAGE, ADDRESS)
def test_a_token_reads_back_as_it_was_written(language: str, address: str) -> None:
    assert parse_token(token(language, address)) == (language, address, "")


@given(LANGUAGE, ADDRESS, CAMPAIGN)
def test_a_payload_reads_back_as_it_was_written(language: str, address: str, campaign: str) -> None:
    assert parse_payload(payload(language, address, campaign)) == (language, address, campaign)


@given(st.text())
def test_nothing_that_is_no_token_or_payload_is_read_as_one(text: str) -> None:
    for place in (parse_token(text), parse_payload(text)):
        assert place is None or is_address(place.address)


@pytest.mark.parametrize("text", ["", "/", "a/", "/a", "a//b", "A", "a_b", "a b", "-a", "a-", "á", "a/b?", "a.b", "a\n"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_address(text)


def test_every_address_fits_every_app(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        for address in edition.screens:
            assert len(token(language, address).encode()) <= TOKEN_BYTES
            assert len(payload(language, address, "moc-bai-2027")) <= PAYLOAD_LENGTH
    codes = [code(address) for address in catalog.editions["vi"].screens]
    assert len(codes) == len(set(codes))
