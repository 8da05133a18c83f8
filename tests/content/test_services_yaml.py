"""What is written into content/services/ is what our reader reads, and around it every line stays as its author left it."""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.place_models import Service
from bot.content.services_yaml import Edit, rewrite, write_file
from bot.content.yaml_lines import read
from tests.content.odd_services import SHIPPED

HAND_WRITTEN = """\
# đầu tệp

# chú thích của mot
mot:
  # tên
  name: Một   # ngắn
  confidence: low
  categories:
    - hospital

    - clinic  # sau
  # các nguồn
  sources: [{title: A, date: 2020}]
  reviewed: 2026-11-21
  review_every: 3
  note: >
    dài
    hai dòng

# chú thích của hai
hai: {name: Hai, categories: [cdc], confidence: high, sources: [{title: B}], reviewed: 2026-11-21, review_every: 3}
# cuối tệp
"""


def rewritten(text: str, folder: Path, **changes: Mapping[str, object]) -> str:
    file = folder / "x.yaml"
    file.write_text(text, "utf-8", newline="")
    document = read(file, "x.yaml")
    old = {key: Service.model_validate(value) for key, value in document.value.items()}
    new = {key: Service.model_validate(old[key].model_dump() | dict(values)) for key, values in changes.items()}
    return rewrite(text, document, {key: Edit(key, old[key], service) for key, service in new.items()})


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_an_author_wrote_by_hand_stays_around_what_changed(tmp_path: Path, ending: str) -> None:
    text = HAND_WRITTEN.replace("\n", ending)
    changes = {"categories": ("cdc",), "phones": ("115",), "note": None, "free": True}
    assert rewritten(text, tmp_path, mot=changes).replace(ending, "\n") == (
        HAND_WRITTEN.replace(
            "  categories:\n    - hospital\n\n    - clinic  # sau\n", '  categories: [cdc]\n  phones: ["115"]\n  free: true\n'
        ).replace("  note: >\n    dài\n    hai dòng\n", "")
    )


def test_an_entry_on_one_line_is_written_anew(tmp_path: Path) -> None:
    before, after = HAND_WRITTEN.split("hai: {")[0], "# cuối tệp\n"
    text = rewritten(HAND_WRITTEN, tmp_path, hai={"phones": ("115",)})
    assert text.startswith(before)
    assert text.endswith(after)
    assert '\n  phones: ["115"]\n' in text


ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from(
    [
        "no",
        "yes",
        "null",
        "~",
        "# a",
        "a: b",
        "- a",
        "'",
        '"',
        "\\",
        "1",
        "2020-01",
        "\x85",
        "\ufeff",
        "a\nb",
        " a ",
        "𝄞",
        "\x00",
        "{",
        "*a",
        "%",
    ]
)


@given(ODD.filter(str.strip), ODD.filter(str.strip), st.sampled_from(["mot", "on", "1-1", "-", "no", "1022"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_text_says_our_reader_reads_it_so(tmp_path: Path, name: str, note: str, key: str) -> None:
    name, note = unicodedata.normalize("NFC", name), unicodedata.normalize("NFC", note)
    service = SHIPPED["hanoi-bachmai"][1].model_copy(
        update={
            "name": name,
            "note": note,
            "languages": (note,),
            "old_province": name,
            "email": "a@b.c",
            "website": "http://a.vn/:#x",
        }
    )
    file = tmp_path / "odd.yaml"
    file.write_text(write_file({key: service}), "utf-8", newline="")
    document = read(file, "odd.yaml")
    assert document.problems == []
    assert {known: Service.model_validate(value) for known, value in document.value.items()} == {key: service}


def test_every_shipped_entry_that_is_written_anew_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(write_file({key: service for key, (_, service) in SHIPPED.items()}), "utf-8")
    found = {key: Service.model_validate(value) for key, value in read(file, "all.yaml").value.items()}
    assert found == {key: service for key, (_, service) in SHIPPED.items()}
    assert write_file(found) == file.read_text("utf-8")
