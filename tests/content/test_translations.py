"""A translation is shown only while it is right.

Everything that a person can read reaches the translators, with its place. A sentence that changed, or that nobody has
translated yet, is replaced by the next language that has it, and the screen says so. Translators' work is never lost.
"""

import re
import shutil
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from bot.__main__ import main
from bot.content import extract
from bot.content.book import read_book
from bot.content.load import load
from bot.content.translate import po_file, read_messages
from bot.conversation import Catalog, Screen

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)

BOT = """\
name: Đồng Hành
languages:
  vi: {reviewed: true}
  en: {reviewed: true}
  km: {reviewed: true, fallback: [en]}
source: vi
otherwise: en
home: [covid, help/now]
sections:
  covid:
    title: COVID-19
    summary: Phòng bệnh.
    items: [covid/masks]
"""
HELP = """\
title: Cần giúp ngay
summary: Gọi ai.
hotlines: ["115"]
body: Gọi [115](tel:115).
sources:
  - title: Bộ Y tế
reviewed: 2026-11-01
review_every: 12
"""
MASKS = """\
# Facts: none.
title: Khẩu trang
summary: Khi nào đeo.
danger: |
  Khó thở thì gọi [115](tel:115).

  Tím môi thì đến bệnh viện.
hotlines: ["115"]
body: |
  Đeo khẩu trang ở chỗ đông người.

  - Rửa tay trước.
  - Che kín mũi
    và miệng.

  Bỏ khẩu trang vào thùng rác.
sources:
  - title: Bộ Y tế
    url: https://example.org/a
reviewed: 2026-11-01
review_every: 12
"""
PAGE = "covid/masks"
FILE = f"content/topics/{PAGE}.yaml"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The shipped fixed sentences and numbers with two pages, in three languages, all translated: "en(…)", "km(…)"."""
    rest = shutil.ignore_patterns("topics", "transcripts", "forms", "services")
    shutil.copytree(ROOT / "content", tmp_path / "content", ignore=rest)
    for name, text in (("bot", BOT), ("topics/help/now", HELP), (f"topics/{PAGE}", MASKS)):
        file = tmp_path / "content" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    update(tmp_path)
    for language in ("en", "km"):
        translate(tmp_path, language)
    return tmp_path


def update(folder: Path) -> None:
    extract.update(read_book(folder / "content"), folder / "locales")


def translate(folder: Path, language: str, before: str = "", after: str = "") -> None:
    """Translate every sentence: a mark of the language around it, or other marks."""
    messages, problems = read_messages(folder / "locales", language)
    assert problems == []
    for message in messages:
        if message.id:
            message.string = f"{before or language + '('}{message.id}{after or ')'}"
            message.flags.discard("fuzzy")
    extract.save(messages, po_file(folder / "locales", language))


def message(folder: Path, language: str, text: str, context: str) -> Message:
    found = read_messages(folder / "locales", language)[0].get(text, context)
    assert found is not None
    return found


def po_lines(folder: Path, language: str) -> list[str]:
    return po_file(folder / "locales", language).read_text("utf-8").splitlines()


def forget(folder: Path, language: str, text: str) -> None:
    """Take the translation of a sentence away, wherever it stands."""
    messages, _ = read_messages(folder / "locales", language)
    forgotten = [message for message in messages if message.id == text]
    assert forgotten
    for message in forgotten:
        message.string = ""
    extract.save(messages, po_file(folder / "locales", language))


def edit(folder: Path, old: str, new: str, path: str = FILE) -> None:
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1), "utf-8")


def catalog(folder: Path) -> Catalog:
    written = load(folder / "content", folder / "locales", TODAY).catalog
    assert written
    return written


def show(folder: Path, language: str, address: str = PAGE) -> Screen:
    return catalog(folder).editions[language].screens[address]


def lines(screen: Screen) -> list[str]:
    return [screen.title, *(line for block in screen.blocks for line in block.text.plain.split("\n"))]


def everything(folder: Path, language: str) -> str:
    edition = catalog(folder).editions[language]
    notices = [block.text.plain for block in edition.notices.values()]
    screens = [line for screen in edition.screens.values() for line in (*lines(screen), screen.summary)]
    labels = [choice.label for screen in edition.screens.values() for choice in (*screen.choices, *screen.ways)]
    return "\n".join([*notices, *screens, *labels, *edition.screens["home"].labels.values()])


# ---- what translators get


def test_each_sentence_of_a_page_reaches_translators_with_its_place_and_line(small: Path) -> None:
    messages = extract.template(read_book(small / "content"))
    found = [(m.context, m.id, m.locations) for m in messages if m.id and (m.context or "").startswith(PAGE)]
    assert found == [
        (f"{PAGE}/title", "Khẩu trang", [(FILE, 2)]),
        (f"{PAGE}/summary", "Khi nào đeo.", [(FILE, 3)]),
        (f"{PAGE}/danger", "Khó thở thì gọi [115](tel:115).", [(FILE, 5)]),
        (f"{PAGE}/danger", "Tím môi thì đến bệnh viện.", [(FILE, 7)]),
        (f"{PAGE}/body", "Đeo khẩu trang ở chỗ đông người.", [(FILE, 10)]),
        (f"{PAGE}/body", "Rửa tay trước.", [(FILE, 12)]),
        (f"{PAGE}/body", "Che kín mũi và miệng.", [(FILE, 13)]),
        (f"{PAGE}/body", "Bỏ khẩu trang vào thùng rác.", [(FILE, 16)]),
        (f"{PAGE}/sources/title", "Bộ Y tế", [(FILE, 18)]),
    ]


def test_each_shipped_sentence_stands_at_the_line_that_translators_are_told(content_copy: Path) -> None:
    messages = extract.template(read_book(content_copy / "content"))
    files: dict[str, list[str]] = {}
    assert len(messages) > 1000
    for message in messages:
        for path, line in message.locations:
            text = files.setdefault(path, (content_copy / path).read_text("utf-8").splitlines())
            assert str(message.id).split()[0] in text[line - 1]


# Not ours to translate: dates, numbers and names of languages come from CLDR, and numbers to call are the same everywhere.
NOT_WORDS = re.compile(r"\((?:[A-Z][a-z]{2} \d{1,2}, )?[\d/]+\)|\bEnglish\b|\bTiếng Việt\b|\b[A-Z][a-z]+ \d{1,2}, \d{4}\b")


def test_every_word_of_the_shipped_bot_reaches_translators(content_copy: Path) -> None:
    # Names, addresses and sources of places stay as they are written on the door.
    for name in ("places", "services"):
        shutil.rmtree(content_copy / "content" / name)
    (content_copy / "content" / "categories.yaml").unlink()
    update(content_copy)
    translate(content_copy, "en", "⟦", "⟧")
    shown = NOT_WORDS.sub("", re.sub("⟦[^⟦⟧]*⟧", "", everything(content_copy, "en")))
    assert [letter for letter in shown if unicodedata.name(letter, "").startswith("LATIN")] == []


# ---- what happens to their work when the source changes


def test_a_changed_sentence_is_marked_fuzzy_with_the_text_before_and_the_others_are_kept(small: Path) -> None:
    edit(small, "thùng rác.", "thùng có nắp.")
    update(small)
    changed = message(small, "en", "Bỏ khẩu trang vào thùng có nắp.", f"{PAGE}/body")
    assert changed.fuzzy
    assert changed.string == "en(Bỏ khẩu trang vào thùng rác.)"
    assert '#| msgid "Bỏ khẩu trang vào thùng rác."' in po_lines(small, "en")
    assert message(small, "en", "Rửa tay trước.", f"{PAGE}/body").string == "en(Rửa tay trước.)"


def test_the_text_before_stays_until_the_translator_has_confirmed(small: Path) -> None:
    edit(small, "thùng rác.", "thùng có nắp.")
    update(small)
    edit(small, "Khi nào đeo.", "Lúc nào đeo.")
    update(small)
    assert '#| msgid "Bỏ khẩu trang vào thùng rác."' in po_lines(small, "en")
    assert '#| msgid "Khi nào đeo."' in po_lines(small, "en")


def test_a_new_sentence_is_empty_and_one_that_is_gone_is_kept_at_the_end_of_the_file(small: Path) -> None:
    edit(small, "  - Rửa tay trước.\n", "  - 38 độ: nghỉ, uống nước, theo dõi.\n")
    update(small)
    assert not message(small, "en", "38 độ: nghỉ, uống nước, theo dõi.", f"{PAGE}/body").string
    assert '#~ msgstr "en(Rửa tay trước.)"' in po_lines(small, "en")


def test_the_same_sentence_in_two_places_is_translated_for_each(small: Path) -> None:
    messages, _ = read_messages(small / "locales", "en")
    wanted = {PAGE: "Ministry (masks)", "help/now": "Ministry (help)"}
    for address, translation in wanted.items():
        found = messages.get("Bộ Y tế", f"{address}/sources/title")
        assert found
        found.string = translation
    extract.save(messages, po_file(small / "locales", "en"))
    for address, translation in wanted.items():
        assert any(translation in line for line in lines(show(small, "en", address)))


def test_an_update_without_a_change_leaves_the_file_as_it_is(small: Path) -> None:
    update(small)
    before = po_file(small / "locales", "km").read_bytes()
    update(small)
    assert po_file(small / "locales", "km").read_bytes() == before


def test_a_new_language_gets_a_file_with_every_sentence(small: Path) -> None:
    edit(small, "  km: {", "  lo: {reviewed: false, fallback: [en]}\n  km: {", "content/bot.yaml")
    update(small)
    wanted = [message.id for message in extract.template(read_book(small / "content")) if message.id]
    assert [message.id for message in read_messages(small / "locales", "lo")[0] if message.id] == wanted


def test_an_update_never_writes_over_a_file_that_it_cannot_read(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(small, '\nmsgctxt "', '\nno line of a PO file\nmsgctxt "', "locales/en/LC_MESSAGES/bot.po")
    before = po_file(small / "locales", "en").read_bytes()
    commands_read(small, monkeypatch)
    assert main(["translate", "update"]) == 1
    assert po_file(small / "locales", "en").read_bytes() == before
    assert "locales/en/LC_MESSAGES/bot.po:" in capsys.readouterr().err


def commands_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_CONTENT_DIR", str(folder / "content"))
    monkeypatch.setenv("BOT_LOCALES_DIR", str(folder / "locales"))


# ---- what people read meanwhile


def note(screen: Screen, name: str, **values: str) -> str:
    """The edition's sentence of that name, filled in."""
    return screen.labels[name].format(**values)


def test_while_all_is_translated_a_screen_is_in_one_language_and_needs_no_note(small: Path) -> None:
    for language in ("vi", "en", "km"):
        screen = show(small, language)
        assert {block.language for block in screen.blocks} == {language}
        assert [block for block in screen.blocks if block.kind == "note"] == []


@pytest.mark.parametrize("updated", [False, True], ids=["at once", "after an update"])
def test_one_changed_vietnamese_word_makes_that_paragraph_of_english_fall_back(small: Path, *, updated: bool) -> None:
    edit(small, "thùng rác.", "thùng kín.")
    if updated:
        update(small)
    screen = show(small, "en")
    assert "Bỏ khẩu trang vào thùng kín." in lines(screen)
    assert "en(Đeo khẩu trang ở chỗ đông người.)" in lines(screen)
    assert "• en(Rửa tay trước.)" in lines(screen)
    assert "thùng rác" not in everything(small, "en")
    stale = note(screen, "stale", date="November 1, 2026", language="Vietnamese")
    assert lines(screen).index(stale) == lines(screen).index("Bỏ khẩu trang vào thùng kín.") - 1


def test_the_paragraph_that_fell_back_is_marked_with_its_own_language(small: Path) -> None:
    edit(small, "thùng rác.", "thùng kín.")
    tongues = {block.text.plain: block.language for block in show(small, "en").blocks}
    assert tongues["Bỏ khẩu trang vào thùng kín."] == "vi"
    assert tongues["en(Đeo khẩu trang ở chỗ đông người.)"] == "en"


def test_a_confirmed_translation_is_shown_again(small: Path) -> None:
    edit(small, "thùng rác.", "thùng kín.")
    update(small)
    translate(small, "en")
    assert "en(Bỏ khẩu trang vào thùng kín.)" in lines(show(small, "en"))
    assert [block for block in show(small, "en").blocks if block.kind == "note"] == []


def test_khmer_falls_back_to_english_and_says_so(small: Path) -> None:
    forget(small, "km", "Đeo khẩu trang ở chỗ đông người.")
    screen = show(small, "km")
    assert "en(Đeo khẩu trang ở chỗ đông người.)" in lines(screen)
    assert note(screen, "untranslated", language="អង់គ្លេស") in lines(screen)


def test_khmer_falls_back_to_vietnamese_where_english_has_nothing_either(small: Path) -> None:
    for language in ("km", "en"):
        forget(small, language, "Đeo khẩu trang ở chỗ đông người.")
    screen = show(small, "km")
    assert "Đeo khẩu trang ở chỗ đông người." in lines(screen)
    assert note(screen, "untranslated", language="វៀតណាម") in lines(screen)


def test_a_screen_with_paragraphs_in_two_other_languages_names_both(small: Path) -> None:
    for language, text in (
        ("km", "Đeo khẩu trang ở chỗ đông người."),
        ("km", "Bỏ khẩu trang vào thùng rác."),
        ("en", "Bỏ khẩu trang vào thùng rác."),
    ):
        forget(small, language, text)
    notes = " ".join(block.text.plain for block in show(small, "km").blocks if block.kind == "note")
    assert "អង់គ្លេស" in notes
    assert "វៀតណាម" in notes


def test_a_list_falls_back_as_a_whole(small: Path) -> None:
    forget(small, "km", "Rửa tay trước.")
    shown = lines(show(small, "km"))
    assert shown[shown.index("• en(Rửa tay trước.)") + 1] == "• en(Che kín mũi và miệng.)"
    assert "km(Che kín mũi và miệng.)" not in everything(small, "km")


NOWHERE_ELSE = {
    "a paragraph of the danger signs": (PAGE, "Tím môi thì đến bệnh viện."),
    "the title of a page": (PAGE, "Khẩu trang"),
    "the name of a number to call": (PAGE, "Cấp cứu y tế"),
    "the line under the title of a menu": ("covid", "Phòng bệnh."),
    "a fixed sentence": ("home", "Bạn cần gì? Hãy bấm một mục, hoặc gõ vài chữ, không cần dấu."),
}


@pytest.mark.parametrize(("address", "text"), NOWHERE_ELSE.values(), ids=NOWHERE_ELSE)
def test_nothing_falls_back_without_a_word_about_it(small: Path, address: str, text: str) -> None:
    forget(small, "en", text)
    screen = show(small, "en", address)
    assert f"en({text})" not in everything(small, "en")
    assert note(screen, "untranslated", language="Vietnamese") in lines(screen)


def test_the_title_in_a_menu_falls_back_with_the_page(small: Path) -> None:
    forget(small, "km", "Khẩu trang")
    assert [choice.label for choice in show(small, "km", "covid").choices] == ["en(Khẩu trang)"]


# ---- how far translators are


def test_the_status_counts_what_is_translated_stale_and_missing_with_its_place(small: Path) -> None:
    edit(small, "thùng rác.", "thùng kín.")
    update(small)
    forget(small, "en", "Rửa tay trước.")
    progress = extract.status(read_book(small / "content"), small / "locales")["en"]["covid"]
    assert progress.translated == 7
    assert progress.stale == [f"{FILE}:16: Bỏ khẩu trang vào thùng kín."]
    assert progress.missing == [f"{FILE}:12: Rửa tay trước."]


def test_the_status_counts_a_change_before_any_update(small: Path) -> None:
    edit(small, "thùng rác.", "thùng kín.")
    progress = extract.status(read_book(small / "content"), small / "locales")["en"]["covid"]
    assert (progress.translated, progress.stale) == (8, [f"{FILE}:16: Bỏ khẩu trang vào thùng kín."])
    assert progress.missing == []


def test_the_printed_status_has_what_is_stale_first_and_names_it(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(small, "Gọi ai.", "Gọi ai ngay.", "content/topics/help/now.yaml")
    update(small)
    forget(small, "en", "Rửa tay trước.")
    commands_read(small, monkeypatch)
    assert main(["translate", "status"]) == 0
    printed = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in printed if line.startswith("en ")]
    assert [row[1:] for row in rows[:2]] == [["help", "3", "1", "0"], ["covid", "8", "0", "1"]]
    assert rows[-1][1] == "all"
    assert rows[-1][3:] == ["1", "1"]
    assert "en: content/topics/help/now.yaml:2: Gọi ai ngay." in printed


def test_the_template_that_extract_writes_is_the_one_that_update_merges(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands_read(small, monkeypatch)
    assert main(["translate", "extract"]) == 0
    template = (small / "locales" / "bot.pot").read_text("utf-8")
    assert f'#: {FILE}:12\nmsgctxt "{PAGE}/body"\nmsgid "Rửa tay trước."\nmsgstr ""\n' in template
    assert "bot.pot" in capsys.readouterr().out


def test_a_po_file_that_lost_all_its_sentences_is_a_problem(small: Path) -> None:
    po_file(small / "locales", "en").write_text('msgid ""\nmsgstr ""\n', "utf-8")
    assert "locales/en/LC_MESSAGES/bot.po:1:1: the file is empty" in [
        p.line_for_author() for p in load(small / "content", small / "locales", TODAY).errors
    ]
