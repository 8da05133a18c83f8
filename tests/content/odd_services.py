"""Services and tables for tests: the shipped ones, a new one, and ones whose texts are as odd as a file can hold."""

import csv
import io
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from bot.content.book import read_book
from bot.content.place_models import Origin, Service

CONTENT = Path(__file__).parents[2] / "content"
BOOK = read_book(CONTENT)
SHIPPED = BOOK.places.services
Directory = dict[str, tuple[str, Service]]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map(
    lambda text: unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip())
)
ODD = st.one_of(
    TEXTS,
    st.sampled_from(
        ["=1+1", "+84 24", "-", "--", "@x", "'x", "a | b", "a\\|b", "\\", '"', ";", "dòng\nhai", "true", "2021-08", "1e5"]
    ),
).filter(lambda text: bool(text.strip()) and unicodedata.is_normalized("NFC", text))
NAMES = st.lists(ODD, max_size=3).map(tuple)
ORIGINS = st.builds(
    Origin,
    title=ODD,
    url=st.none() | st.just("https://example.org/a?b=1"),
    date=st.sampled_from([None, "2021", "2021-08", "2021-08-09"]),
)
HOURS = st.sampled_from([None, "24/7", "Mo-Fr 07:00-17:00; Sa 07:00-12:00"])
MAYBE = st.none() | st.booleans()
SERVICES = st.builds(
    Service,
    name=ODD,
    what_for=st.none() | ODD,
    categories=st.lists(ODD, min_size=1, max_size=3).map(tuple),
    old_province=st.none() | ODD,
    address=st.none() | ODD,
    phones=NAMES,
    phones_unverified=NAMES,
    website=st.sampled_from([None, "http://bệnhviện.vn/#a", "https://example.org"]),
    email=st.sampled_from([None, "a@example.org"]),
    hours=HOURS,
    emergency_hours=HOURS,
    position=st.none()
    | st.tuples(st.integers(8_000_000, 23_000_000), st.integers(102_000_000, 110_000_000)).map(
        lambda at: (at[0] / 1e6, at[1] / 1e6)
    ),
    free=MAYBE,
    insurance=MAYBE,
    no_papers=MAYBE,
    children=MAYBE,
    women_only=MAYBE,
    languages=NAMES,
    note=st.none() | ODD,
    before_merger=st.booleans(),
    openstreetmap=st.booleans(),
    confidence=st.sampled_from(["high", "medium", "low"]),
    sources=st.lists(ORIGINS, min_size=1, max_size=3).map(tuple),
    reviewed=st.dates(date(2020, 1, 1)),
    review_every=st.integers(1, 36),
)
DIRECTORIES = st.dictionaries(
    st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    st.tuples(st.sampled_from(["ha-noi", "hue"]), SERVICES),
    min_size=1,
    max_size=3,
)
BACH_MAI = "hanoi-bachmai"
NEW = {
    "id": "hanoi-moi",
    "province": "Hà Nội",
    "name": "Phòng khám Thử",
    "categories": "hospital | clinic",
    "phones": "024 3869 3731",
    "confidence": "medium",
    "source1_title": "Một nguồn",
    "reviewed": "2026-11-21",
    "review_every": "6",
}
Texts = dict[str, bytes]


def texts(content: Path) -> Texts:
    """Every file beside the services, whatever it is called."""
    return {file.name: file.read_bytes() for file in (content / "services").iterdir()}


def table(*rows: Mapping[str, str]) -> str:
    """A partner's table with only these columns."""
    stream = io.StringIO(newline="")
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(stream, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
