"""Whatever an author gets wrong in the shipped files is found before anybody reads it: which file, line and column, and why.

Every row is one edit of one shipped file. Many are made at once, and all of them are found in one run, with nothing
invented besides.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.content.load import load
from bot.content.problem_texts import SENTENCES
from bot.content.problems import Problem
from bot.content.transcripts import play_all

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)


class Mistake(NamedTuple):
    """What an author does to a file, and what `check` says about it.

    old: what is replaced, where it stands first; "" if the file is new. new: None deletes the file. at: the author is sent
    to the start of this text; "" is the first letter of the file. {above} in `says` is the number of the line before.
    where: the file that the author is sent to, if that is not the one that was changed.
    """

    file: str
    old: str
    new: str | None
    at: str
    says: str
    where: str = ""

    def make(self, folder: Path) -> None:
        path = folder / self.file
        if self.new is None:
            path.unlink()
            return
        text = path.read_text("utf-8", "surrogateescape") if self.old else ""
        assert self.old in text, f"{self.file} has no {self.old!r} any more: choose another place for this mistake"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(self.old, self.new, 1), "utf-8", "surrogateescape")

    def line(self, folder: Path) -> str:
        """The whole line that the author reads: path:line:column: message."""
        shown = self.where or self.file
        row, column = 1, 1
        if self.at:
            text = (folder / shown).read_text("utf-8", "surrogateescape")
            before = text[: text.index(self.at)]
            row, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return f"{shown}:{row}:{column}: {self.says.replace('{above}', str(row - 1))}"


def topic(address: str) -> str:
    return f"content/topics/{address}.yaml"


def po(language: str) -> str:
    return f"locales/{language}/LC_MESSAGES/bot.po"


def page(more: str = "") -> str:
    """A topic without a mistake."""
    return (
        "title: Một trang\nsummary: Một dòng.\nbody: Một câu.\n"
        f"{more}sources:\n  - title: Một nguồn\nreviewed: 2026-11-21\nreview_every: 6\n"
    )


def body(address: str, text: str, says: str, at: str = "") -> Mistake:
    """A paragraph or list that is put at the start of a topic's text."""
    return Mistake(topic(address), "\nbody: |\n", f"\nbody: |\n  {text}\n\n", at or text.partition("\n")[0], says)


def also(mistake: Mistake, says: str) -> Mistake:
    """What is said besides about the same edit, at the same place."""
    return mistake._replace(old=mistake.new or "", says=says)


def markup(address: str, text: str, found: str, at: str = "") -> Mistake:
    wanted = "use paragraphs, '-' or '1.' lists, **bold** and [links](address)"
    return body(address, text, f"{found} is not shown; {wanted}", at)


def unreached(address: str, text: str) -> Mistake:
    says = f"nobody can reach '{address}'; add it to a section in bot.yaml"
    return Mistake(topic(address), "", text, "", says)


def reviewed(address: str, day: str, months: int, says: str) -> Mistake:
    """A page that was last checked on a day, to be checked again after so many months."""
    new = f"\nreviewed: {day}\nreview_every: {months}\n"
    return Mistake(topic(address), "\nreviewed: 2026-11-21\nreview_every: 6\n", new, day, says)


def service(province: str, key: str, at: str, says: str, **has: str) -> Mistake:
    """One more service at the top of a province's file. has: what it has, in YAML, besides what every service has."""
    head = "# © OpenStreetMap contributors, ODbL\n"
    every = {"categories": "[legal]", "confidence": "low", "reviewed": "2026-11-21", "review_every": "6"}
    lines = "".join(f"  {name}: {value}\n" for name, value in (every | has).items())
    entry = f"{key}:\n  name: Một nơi\n{lines}  sources:\n    - title: Một nguồn\n\n"
    return Mistake(f"content/services/{province}.yaml", head, head + entry, at, says)


def picture(name: str, file: str, says: str) -> Mistake:
    """A page for officers is given a picture."""
    return Mistake(topic(f"frontline/{name}"), "\nreviewed:", f"\npicture:\n  file: {file}\n  alt: Ảnh\nreviewed:", file, says)


def drawn(name: str, file: str, content: str, says: str) -> list[Mistake]:
    """The same, with a new file for it."""
    page = picture(name, file, says)
    return [page, page._replace(file=f"content/pictures/{file}", old="", new=content, where=page.file)]


# How a PNG begins, up to its width.
PNG = "\udc89PNG\r\n\x1a\n\0\0\0\rIHDR"
SEVEN = "\n  ".join(f"- việc thứ {number}" for number in range(1, 8))
LONG = "covid/an-address-that-is-longer-than-a-link-can-carry"
LONGEST = "covid/an-address-that-is-longer-than-any-button-of-telegram-can-carry"

UNTITLED = Mistake(
    topic("covid/untitled"), "", page().replace("title: Một trang\nsummary: Một dòng.\n", ""), "", "'title' is missing"
)
TWO_PHONES = body(
    "health/emergency",
    "Gọi 0912 345 678 hoặc 0987 654 321 ngay.",
    "phone '0912 345 678' cannot be tapped; write [0912 345 678](tel:0912345678)",
)
TWO_LINKS = body(
    "health/rights",
    "Xem [trang này](help/nows) và [trang kia](covid/mask).",
    "link 'help/nows' does not exist; did you mean 'help/now'?",
)

YAML = [
    Mistake(topic("covid/spread"), "\nreview_every:", "\n\treview_every:", "\treview_every:", "a tab; indent with spaces"),
    Mistake(
        topic("covid/testing"),
        "\nreview_every: ",
        "\n review_every: 6 # indented ",
        ": 6 # indented",
        "not valid YAML: mapping values are not allowed in this context",
    ),
    Mistake(
        topic("covid/hygiene"),
        "\ntitle: ",
        "\ntitle: Một\ntitle: Hai # ",
        "title: Hai",
        "'title' is written twice; first on line {above}",
    ),
    Mistake(
        "content/hotlines.yaml",
        "\n  old: true",
        "\n  old: yes # weak",
        "yes # weak",
        'a bare yes means true or false in YAML; write "yes" in quotes, or true or false',
    ),
    Mistake(
        topic("covid/long-covid"),
        "\nreviewed: 2026-11-21\n",
        '\nreviewed: "2026-11-21\n',
        '"2026-11-21',
        "not valid YAML: found unexpected end of stream",
    ),
    Mistake(topic("covid/new"), "", "", "", "the file is empty"),
    Mistake(
        "content/topics/covid/other.yml", "", page(), "", "nobody reads this file: a name ends in .yaml, not in .yml; rename it"
    ),
    Mistake(topic("covid/newer"), "", "# Facts: none yet\n", "", "the file is empty"),
    Mistake(topic("covid/myths"), "\ntitle: ", "\ntitle: \udcff", "title: \udcff", "cannot be read: not UTF-8"),
    Mistake(topic("covid/border"), "\ntitle: ", "\n[a]: b\ntitle: ", "[a]", "a key must be plain text"),
]
SHAPES = [
    Mistake(topic("health/violence"), "\ntitle: ", '\ntitle: "  " # ', '"  " #', "empty; at least 1 wanted"),
    Mistake(topic("covid/home-care"), "\ntitle: ", "\ntitle: 115 # ", "115 # ", "must be text; put it in quotes"),
    Mistake(topic("diseases/tb"), "\nsee_also:", "\nsee_alos:", "see_alos", "unknown key 'see_alos'; did you mean 'see_also'?"),
    Mistake(topic("diseases/mpox"), "\nreview_every:", "\npages: 2\nreview_every:", "pages: 2", "unknown key 'pages'"),
    UNTITLED,
    also(UNTITLED, "'summary' is missing"),
    Mistake(
        topic("diseases/malaria"), "\nsee_also: ", "\nsee_also: covid # ", "covid # ", "must be a list, each item after a '-'"
    ),
    Mistake(
        topic("health/insurance-card"),
        "\nreviewed: ",
        "\n  - url: https://example.org\nreviewed: ",
        "url: https://example.org",
        "'title' is missing",
    ),
    Mistake(topic("diseases/measles"), "\nsources:\n", "\nsources:\n  - WHO\n", "WHO\n", "must be 'key: value' lines"),
    Mistake(
        topic("diseases/dengue"),
        "\nreviewed: ",
        "\nreviewed: 21/11/2026 # ",
        "21/11/2026",
        "'21/11/2026' is not a date; write YYYY-MM-DD",
    ),
    Mistake(topic("diseases/cholera"), "\nreview_every: ", "\nreview_every: soon # ", "soon", "'soon' is not a whole number"),
    Mistake(topic("health/tb"), "\nreview_every: ", "\nreview_every: 60 # ", "60 # ", "60 is out of range: 1-36"),
    Mistake(topic("health/hiv"), "\ntitle: ", f"\ntitle: {'Đ' * 41} # ", "Đ" * 41, "41 characters; at most 40"),
    Mistake(topic("health/srh"), "\nsummary: ", f"\nsummary: {'v' * 101} # ", "v" * 101, "101 characters; at most 100"),
    Mistake(topic("health/mental"), "\ntitle: ", '\ntitle: "" # ', '""', "empty; at least 1 wanted"),
    Mistake(
        topic("health/work"),
        "    url: ",
        "    url: www.example.org # ",
        "www.example.org",
        "'www.example.org' is not a web address (https://…)",
    ),
    Mistake(
        topic("health/abroad"),
        "\nsources:\n",
        "\nsources:\n  - title: Một nguồn\n    date: 13/01/2023\n",
        "13/01/2023",
        "'13/01/2023' is not a date: YYYY, YYYY-MM or YYYY-MM-DD",
    ),
]
LINKS = [
    Mistake(topic("covid/Khau_Trang"), "", page(), "", "'covid/Khau_Trang' is not an address; use a-z, 0-9, '-' and '/'"),
    Mistake(
        topic("covid/symptoms"),
        "\nsee_also: [",
        "\nsee_also: [covid/mask, ",
        "covid/mask, ",
        "see_also 'covid/mask' does not exist; did you mean 'covid/masks'?",
    ),
    Mistake(
        topic("covid/vaccination"),
        "\nsee_also: [",
        "\nsee_also: [covid/vaccination, ",
        "covid/vaccination, ",
        "see_also leads to this same page",
    ),
    Mistake(
        topic("covid/risk-groups"),
        "\nsee_also: [",
        "\nsee_also:\n  [help/child,\n   help/child,   ",
        "help/child,   ",
        "'help/child' is listed twice",
    ),
    TWO_LINKS,
    also(TWO_LINKS, "link 'covid/mask' does not exist; did you mean 'covid/masks'?"),
    body(
        "health/children",
        "Xem [trang này](http://example.org).",
        "link 'http://example.org' is no https address, phone (tel:) or address of the bot",
    ),
    Mistake(
        "content/bot.yaml",
        "      - covid/symptoms\n",
        "      - covid/symptomes\n      - covid/symptoms\n",
        "covid/symptomes",
        "items 'covid/symptomes' does not exist; did you mean 'covid/symptoms'?",
    ),
    Mistake("content/bot.yaml", "\nhome: [", "\nhome: [nowhere-at-all, ", "nowhere-at", "home 'nowhere-at-all' does not exist"),
    Mistake(
        "content/redirects.yaml",
        "\nsos: help/now",
        "\nsos: help/now\nold-page: covid/mask",
        "covid/mask",
        "redirect 'covid/mask' does not exist; did you mean 'covid/masks'?",
    ),
    Mistake(
        "content/redirects.yaml",
        "\nsos: help/now",
        "\nsos: help/now\nhelp/child: help/now",
        "help/child",
        "'help/child' still exists; a redirect from it has no effect",
    ),
    Mistake(
        "content/redirects.yaml",
        "\nsos: help/now",
        "\nsos: help/now\nCúm A: covid",
        "Cúm A",
        "'Cúm A' is not an address; use a-z, 0-9, '-' and '/'",
    ),
    Mistake("content/cues.yaml", "\ncaptive:", "\ncaptiv:", "captiv:", "kind 'captiv' does not exist; did you mean 'captive'?"),
    Mistake(
        topic("help/child"),
        "\nhotlines: [",
        "\nhotlines: [peace-hous, ",
        "peace-hous,",
        "hotline 'peace-hous' does not exist; did you mean 'peace-house'?",
    ),
    Mistake(
        "content/screens.yaml",
        "\n  again:\n",
        "\n  helpnow:\n    vi: [mau lên]\n  again:\n",
        "helpnow",
        "command 'helpnow' does not exist; did you mean 'help/now'?",
    ),
    unreached("covid/island", page()),
    unreached("covid/island-a", page("see_also: [covid/island-b]\n")),
    unreached("covid/island-b", page("see_also: [covid/island-a]\n")),
    unreached("covid/mirror", page().replace("Một câu.", "Xem [trang này](covid/mirror).")),
    unreached(LONG, page()),
    Mistake(topic(LONG), "", page(), "", "the address makes a link payload of 57 characters; at most 50"),
    unreached(LONGEST, page()),
    Mistake(topic(LONGEST), "", page(), "", "the address makes a button of 72 bytes; at most 64"),
    unreached("frontline/self/care", page()),
    Mistake(
        topic("frontline/self/care"),
        "",
        page(),
        "",
        "'frontline/self/care' and 'frontline/self-care' have the same code #frontline-self-care",
    ),
]
PHONES = [
    Mistake(
        "content/hotlines.yaml",
        '\n  numbers: ["',
        '\n  numbers: ["0276 382", "',
        '"0276 382"',
        "'0276 382' is not a phone number of VN",
    ),
    body("health/insurance", "Gọi [0912 345 678](tel:0912345678).", "phone '0912 345 678' is not in hotlines.yaml"),
    TWO_PHONES,
    also(TWO_PHONES, "phone '0987 654 321' cannot be tapped; write [0987 654 321](tel:0987654321)"),
    body("health/no-insurance", "Gọi [115](tel:113).", "the link shows '115' but dials '113'"),
    body("health/pregnancy", "Gọi 1900 9068.", "phone '1900 9068' cannot be tapped; write [1900 9068](tel:19009068)"),
]
PROVINCES, GATES, COUNTRIES = (f"content/places/{name}.yaml" for name in ("provinces", "gates", "countries"))
LONG_KEY = "a-service-with-a-key-that-is-too-long-for-any-link"
PLACES = [
    service(
        "ca-mau", "one", "legl", "category 'legl' does not exist; did you mean 'legal'?", phones='["115"]', categories="[legl]"
    ),
    service("ca-mau", "two", "jobs]", "'jobs' is listed twice", phones='["115"]', categories="[jobs, jobs]"),
    service("ca-mau", "three", "three:", "nobody can get there: give phones, address, position, website, email or a note"),
    service("ca-mau", "four", '"0290 38"', "'0290 38' is not a phone number of VN", phones='["0290 38"]'),
    service("ca-mau", "five", '"12"', "'12' is not a phone number of VN", phones_unverified='["12"]'),
    service("ca-mau", "six", "qq", "unknown language 'qq'", note="Một câu.", languages="[vi, qq]"),
    service(
        "ca-mau",
        "seven",
        "bac-liu",
        "'bac-liu' did not become part of 'ca-mau'; its parts: ca-mau, bac-lieu; did you mean 'bac-lieu'?",
        note="Một câu.",
        old_province="bac-liu",
    ),
    service(
        "ca-mau",
        "eight",
        "[21.03, 105.85]",
        "21.03, 105.85 is 1276 km from 'ca-mau', nearest to 'ha-noi'; latitude stands first, as in [10.5, 105.1]",
        position="[21.03, 105.85]",
    ),
    service("da-nang", "camau-1022", "camau-1022", "'camau-1022' is also in content/services/ca-mau.yaml", note="Một câu."),
    service("ca-mau", "Nine_", "Nine_", "'Nine_' is not an address; use a-z, 0-9, '-' and '/'", note="Một câu."),
    service("ca-mau", LONG_KEY, LONG_KEY, "the address makes a link payload of 62 characters; at most 50", note="Một câu."),
    service(
        "ca-mau",
        "eleven",
        "2026-01-01",
        "warning: review was due on 2026-07-01; check the facts and set 'reviewed'",
        note="Một câu.",
        reviewed="2026-01-01",
    ),
    service("ca-mau", "twelve", "2027-01-01", "'2027-01-01' is in the future", note="Một câu.", reviewed="2027-01-01"),
    service(
        "hue", "one", "từ 7 giờ sáng", "'từ 7 giờ sáng' is not opening hours such as Mo-Fr 07:00-17:00", hours="từ 7 giờ sáng"
    ),
    service(
        "hue",
        "two",
        "107.5871, 16.4622",
        "'107.5871' is not a position: [latitude, longitude], such as [11.3291, 106.1062]",
        position="[107.5871, 16.4622]",
    ),
    service("hue", "three", "bvtwhue\n", "'bvtwhue' is not an e-mail address", email="bvtwhue"),
    service(
        "hue",
        "four",
        "hihg",
        "'hihg' is not 'high', 'medium' or 'low'; did you mean 'high'?",
        note="Một câu.",
        confidence="hihg",
    ),
    service("hue", "five", '"có"', "must be true or false", free='"có"'),
    Mistake(
        "content/services/tayninh.yaml",
        "",
        "thirteen:\n  name: Một nơi\n  categories: [legal]\n  note: Một câu.\n  confidence: low\n"
        "  sources:\n    - title: Một nguồn\n  reviewed: 2026-11-21\n  review_every: 6\n",
        "thirteen",
        "province 'tayninh' does not exist; did you mean 'tay-ninh'?",
    ),
    Mistake(
        GATES,
        "  province: nghe-an",
        "  province: nghean",
        "nghean",
        "province 'nghean' does not exist; did you mean 'nghe-an'?",
    ),
    Mistake(
        GATES,
        "  old_province: ha-tinh",
        "  old_province: ninh-binh",
        "ninh-binh",
        "'ninh-binh' did not become part of 'ha-tinh'; its parts: ha-tinh",
    ),
    Mistake(
        GATES,
        "  country: cambodia",
        "  country: cambodi",
        "cambodi\n",
        "country 'cambodi' does not exist; did you mean 'cambodia'?",
    ),
    Mistake(COUNTRIES, "  code: MM", "  code: QZ", "QZ", "'QZ' is no country; write its ISO 3166 code, such as KH"),
    Mistake(
        PROVINCES,
        "    districts: [Cẩm Xuyên, ",
        "    districts: [huyện Can Lộc, Diễn Châu, Cẩm Xuyên, ",
        "Diễn Châu, Cẩm Xuyên",
        "'Diễn Châu' is in both 'nghe-an' and 'ha-tinh'; move it to 'shared', so that people are asked which one",
    ),
    Mistake(
        PROVINCES,
        "{name: Phú Ninh, provinces: [da-nang, ",
        "{name: Phú Ninh, provinces: [danang, ",
        "danang, ",
        "province 'danang' does not exist; did you mean 'da-nang'?",
    ),
    Mistake(
        "content/categories.yaml",
        "  otherwise: [legal-aid]",
        "  otherwise: [legal-iad]",
        "legal-iad",
        "hotline 'legal-iad' does not exist; did you mean 'legal-aid'?",
    ),
    Mistake(
        "content/categories.yaml",
        "    vi: [trợ giúp pháp lý, ",
        "    vi: [hộ chiếu, trợ giúp pháp lý, ",
        "hộ chiếu, làm hộ chiếu",
        "'hộ chiếu' already leads to 'legal'",
    ),
    Mistake(
        "content/categories.yaml",
        "    vi: [kiểm dịch, ",
        "    lao: [x]\n    vi: [kiểm dịch, ",
        "lao: [x]",
        "unknown language 'lao'; did you mean 'lo'?",
    ),
    Mistake(
        topic("covid/masks"),
        "\nreviewed: ",
        "\nservices: [hospitl]\nreviewed: ",
        "hospitl",
        "category 'hospitl' does not exist; did you mean 'hospital'?",
    ),
    Mistake(
        "content/places/communes.csv",
        "\nAn Châu,an-giang,",
        "\nAn Châu,angiang,",
        "An Châu,angiang,",
        "province 'angiang' does not exist; did you mean 'an-giang'?",
    ),
]
TEXTS = [
    markup("migration/documents", "# Giấy tờ", "a heading (#)"),
    markup("migration/money", "| Nước | Phí |", "a table (|)"),
    markup("migration/return", "<b>Quan trọng</b>", "HTML (<)"),
    markup("migration/fees", "Đừng <b>trả tiền</b> trước.", "HTML (<)"),
    markup("migration/contract", "- một\n    - hai", "a list inside a list", "  - hai"),
    markup("migration/internal", "Làm *sớm* nhé.", "*italic*"),
    markup("migration/foreigners", "> Lời khuyên", "a quotation (>)"),
    markup("migration/consular", "![ảnh](a.png)", "a picture (![])"),
    markup("migration/victim-support", "``` 115", "code (```)"),
    body("migration/legal-routes", SEVEN, "a list of 7 items; at most 6"),
    Mistake(
        topic("migration/rights-abroad"),
        "",
        page().replace("Một câu.", "Dài. " * 400),
        "body:",
        "the screen is 2008 characters in vi; at most 2000",
    ),
    Mistake(
        "content/bot.yaml",
        "\n    title: Khám chữa bệnh\n",
        "\n    title: Di cư an toàn\n",
        "home:\n",
        "two choices of 'home' read the same in vi: '🏥 Di cư an toàn'",
        "content/screens.yaml",
    ),
    Mistake(
        topic("migration/trapped"),
        "\ntitle: ",
        "\ntitle: Trợ giúp # ",
        "Trợ giúp # ",
        "'Trợ giúp' is a command that works everywhere (help/now); choose other words",
    ),
    Mistake(
        topic("migration/scam-compounds"),
        "\nask:\n  vi: [",
        "\nask:\n  vi: [khẩu trang, ",
        "khẩu trang, ",
        "'khẩu trang' already leads to 'covid/masks'",
    ),
    Mistake(
        topic("covid/masks"),
        "\nask:\n  vi: [",
        "\nask:\n  fr: [masque]\n  vi: [khẩu trang, ",
        "fr: ",
        "unknown language 'fr'",
    ),
    Mistake(
        "content/screens.yaml",
        "\n  again:\n    vi: [",
        "\n  again:\n    vi: [trang đầu, ",
        "trang đầu, /again",
        "'trang đầu' already leads to 'home'",
    ),
    Mistake(
        "content/screens.yaml",
        "\n  settings/language:\n    vi: [",
        "\n  settings/language:\n    vn: [đổi chữ]\n    vi: [",
        "vn: ",
        "unknown language 'vn'",
    ),
    Mistake(
        "content/bot.yaml",
        "\n  lo: {reviewed: false, fallback: [",
        "\n  lo: {reviewed: false, fallback: [eng, ",
        "eng, ",
        "unknown language 'eng'; did you mean 'en'?",
    ),
]
REVIEWS = [
    reviewed("frontline/ppe", "2024-01-10", 6, "warning: review was due on 2024-07-10; check the facts and set 'reviewed'"),
    reviewed("help/medical", "2026-10-01", 1, "warning: review was due on 2026-11-01; check the facts and set 'reviewed'"),
    reviewed("help/violence", "2026-08-31", 1, "review was due on 2026-09-28; check the facts and set 'reviewed'"),
    reviewed("frontline/talking", "2026-11-22", 6, "'2026-11-22' is in the future"),
    Mistake(
        "content/hotlines.yaml",
        "\n  reviewed: 2026-11-21\n",
        "\n  reviewed: 2026-01-21\n",
        "2026-01-21",
        "review was due on 2026-07-21; check the facts and set 'reviewed'",
    ),
]
TRANSLATIONS = [
    Mistake(
        po("en"),
        "Last checked: {date}.",
        "Last checked.",
        'msgid "Kiểm tra lần cuối: {date}."',
        "en: placeholders differ, date wanted, – found",
    ),
    Mistake(
        po("en"),
        '"COVID-19 and outbreaks"',
        '"COVID-19 and outbreaks}"',
        'msgid "COVID-19 và dịch bệnh"',
        "en: placeholders differ, – wanted, COVID-19 and outbreaks} found",
    ),
    Mistake(
        po("en"),
        "In an emergency call [115](tel:115).",
        "In an emergency call [112](tel:112).",
        'msgid "Đồng Hành không thay bác sĩ',
        "en: links or phone numbers differ from the Vietnamese: tel:115 wanted, tel:112 found",
    ),
    Mistake(
        po("km"),
        '\nmsgctxt "sections/covid/title"',
        '\nthis is no line of a PO file\nmsgctxt "sections/covid/title"',
        "this is no line",
        "not a valid PO file: Unknown or misformatted keyword",
    ),
    Mistake(
        po("lo"),
        'msgid "COVID-19 và dịch bệnh"\nmsgstr "',
        'msgid "COVID-19 và dịch bệnh"\nmsgstr ',
        "msgstr COVID",
        "not a valid PO file: a quote is missing",
    ),
]


def form(key: str, old: str, new: str, at: str, says: str) -> Mistake:
    """Something in a form that is changed."""
    return Mistake(f"content/forms/{key}.yaml", old, new, at, says)


def question(key: str, name: str, body: str, at: str, says: str) -> Mistake:
    """A question that is put before all others of a form. body: what it has besides its text."""
    return form(key, "\nquestions:\n", f"\nquestions:\n  {name}:\n    text: Một câu?\n    {body}\n", at or f"{name}:\n", says)


ONE = 'options: {one: {label: "Một"}, two: {label: "Hai"}}'
LONG_NAME = "a-question-whose-key-is-too-long-for-a-button"
FORMS = [
    question("danger", "Đầu", ONE, "", "'Đầu' is not an address; use a-z, 0-9, '-' and '/'"),
    question(
        "danger",
        "first",
        'options: {back: {label: "Một"}, two: {label: "Hai"}}',
        "back: {",
        "'back' means something else here, as do resume, restart, back, skip, done and typed; choose another key",
    ),
    question("danger", LONG_NAME, ONE, "", "the address makes a button of 68 bytes; at most 64"),
    question("danger", "silent", "skip: false", "", "nobody can answer 'silent'; give it 'options' or 'input'"),
    question(
        "danger",
        "double",
        f"input: province\n    {ONE}",
        "province\n    options",
        "'double' has both 'options' and 'input'; keep one of them",
    ),
    question("danger", "vain", f"longest: 77\n    {ONE}", "77\n", "'longest' has no effect here; take it away"),
    question("danger", "open", "input: text", "", "'longest' is missing"),
    question("danger", "half", "input: number\n    least: 2", "", "'most' is missing"),
    question("danger", "few", f"choose: 3\n    {ONE}", "3\n    options", "3 is out of range: 1-2"),
    question(
        "danger",
        "much",
        "input: number\n    least: 2026-01-02\n    most: 99",
        "2026-01-02",
        "'2026-01-02' is not a whole number",
    ),
    question(
        "danger",
        "day",
        "input: date\n    least: 2026-01-03\n    most: 31",
        "31\n",
        "'31' is not a date; write YYYY-MM-DD",
    ),
    question(
        "danger",
        "turned",
        "input: date\n    least: 2026-01-05\n    most: 2026-01-04",
        "2026-01-05",
        "'least' 2026-01-05 is more than 'most' 2026-01-04",
    ),
    question(
        "danger",
        "children",
        "input: number\n    least: -1\n    most: 20",
        "-1\n",
        "a typed 0 leads home, so nobody can answer it; let 'least' be 1 or more, or give 'options'",
    ),
    form(
        "danger",
        '{label: "Có, tự do"}',
        '{label: "Có, tự do", right: true}',
        "true}",
        "'right' has no effect here; take it away",
    ),
    form(
        "frontline-quiz",
        '"Nghị định 165/2026", right: true,',
        '"Nghị định 165/2026",',
        "decree:",
        "no option of 'decree' is right; mark one with 'right: true'",
    ),
    form(
        "frontline-quiz",
        "**ĐẠT. Đúng {points}",
        "**ĐẠT. Đúng {score}",
        "**ĐẠT.",
        "score in braces is not filled in here; the bot fills in: points, all, date",
    ),
    form(
        "frontline-quiz",
        "\nintro: |\n",
        "\nintro: |\n  Có {all} câu.\n\n",
        "Có {all}",
        "all in braces is not filled in here; the bot fills in: –",
    ),
    form("covid-check", ", to: danger}", ", to: dangr}", "dangr", "to 'dangr' does not exist; did you mean 'danger'?"),
    form(
        "covid-check",
        "leads_to: help/medical",
        "leads_to: help/medicla",
        "help/medicla",
        "leads_to 'help/medicla' does not exist; did you mean 'help/medical'?",
    ),
    form(
        "covid-check",
        "hotlines: [",
        "hotlines: [peace-huose, ",
        "peace-huose",
        "hotline 'peace-huose' does not exist; did you mean 'peace-house'?",
    ),
    form(
        "covid-check",
        "see_also: [diseases/dengue,",
        "see_also: [diseases/dengu, help/medical,",
        "diseases/dengu,",
        "see_also 'diseases/dengu' does not exist; did you mean 'diseases/dengue'?",
    ),
    form(
        "covid-check",
        "diseases/dengu, help/medical, help",
        "diseases/dengu, help/medical,   help",
        "help/medical, health/emergency]",
        "'help/medical' is listed twice",
    ),
    form(
        "covid-check",
        "\nsee_also: [",
        "\nsee_also: [form/covid-check, ",
        "form/covid-check, ",
        "see_also leads to this same page",
    ),
    form("covid-check", "\nask:\n", "\nask:\n  fr: [fièvre]\n", "fr: ", "unknown language 'fr'"),
    form("covid-check", "\n  vi: [", "\n  vi: [khẩu trang, ", "khẩu trang, ", "'khẩu trang' already leads to 'covid/masks'"),
    form(
        "papers",
        '\n      inside: {label: "Đi làm xa trong Việt Nam", to: inside}',
        '\n      inside: {label: "Đi làm xa trong Việt Nam", to: where}',
        "where:",
        "the questions lead in a circle: where → where",
    ),
    form(
        "insurance",
        "\nendings:\n",
        "\nendings:\n  lost:\n    text: Một câu.\n",
        "lost:",
        "no answers lead to 'lost'; lead there with 'to', change its 'points', or take it away",
    ),
    form(
        "insurance",
        "\nendings:\n",
        "\nendings:\n  stay:\n    text: Một câu.\n",
        "stay:\n    text: Một câu.",
        "'stay' is a question and an ending; give one of them another key",
    ),
    form(
        "insurance",
        "\nreviewed: 2026-11-21\nreview_every: 6\n",
        "\nreviewed: 2026-02-03\nreview_every: 6\n",
        "2026-02-03",
        "warning: review was due on 2026-08-03; check the facts and set 'reviewed'",
    ),
    form(
        "access-survey",
        "\n    points: 0\n",
        "\n",
        "endings:",
        "the questions can run out, and no ending has 'points'; give one of them 'points: 0'",
    ),
    form("access-survey", "\nreviewed: 2026-11-21", "\nreviewed: 2026-11-23", "2026-11-23", "'2026-11-23' is in the future"),
    form(
        "frontline-quiz",
        "\n    points: 0\n",
        "\n    points: 3\n",
        "endings:",
        "answers can give 0 points, but the endings begin with 3; let one begin with 0 or less",
    ),
    form(
        "job-offer",
        '"no": {label: "Không"}',
        '"no": {label: "Có"}',
        '"no": {label: "Có"}',
        "two choices of 'form/job-offer/easy' read the same in vi: 'Có'",
    ),
    Mistake(
        "content/forms/My_Form.yaml",
        "",
        "kind: check\ntitle: Một phiếu\nsummary: Một dòng.\nintro: Một câu.\nquestions:\n  one:\n    text: Một câu?\n"
        f"    {ONE}\nendings:\n  end:\n    points: 0\n    text: Một câu.\n"
        "sources:\n  - title: Một nguồn\nreviewed: 2026-11-21\nreview_every: 6\n",
        "",
        "'My_Form' is not an address; use a-z, 0-9, '-' and '/'",
    ),
]
# Files without which no screen can be written: what is wrong in them is all that can be said about them.
WHOLE = [
    Mistake("content/bot.yaml", "\n  vi: {reviewed: true}", "\n  vi: {reviewed: maybe}", "maybe", "must be true or false"),
    Mistake("content/screens.yaml", "\n  waiting: ", "\n  # waiting: ", "labels:", "'waiting' is missing"),
    Mistake(
        "content/screens.yaml",
        "\n  skip: ",
        "\n  skipp: x\n  skip: ",
        "skipp: ",
        "unknown key 'skipp'",
    ),
    Mistake("content/hotlines.yaml", '\n  numbers: ["115"]', "\n  numbers: [115]", "115]", "must be text; put it in quotes"),
    Mistake(
        "content/hotlines.yaml",
        "\n  country: KH",
        "\n  country: Cambodia",
        "Cambodia",
        "'Cambodia' is not a country code such as VN",
    ),
    Mistake("content/redirects.yaml", "", "- language\n", "", "must be 'key: value' lines"),
]

# Lists that much else hangs on: what is wrong in them is said, and nothing of what then cannot be checked.
LISTS = [
    Mistake(
        "content/cues.yaml", '\n  "', '\n  heavy: a\n  "', "heavy: a", "'heavy' is not a weight in quotes, such as \"2.5\""
    ),
    Mistake(PROVINCES, '    code: "04"', '    code: "4"', '"4"', "'4' is not two digits in quotes, such as \"01\""),
    Mistake(
        PROVINCES,
        '        area_code: "0206"',
        '        area_code: "206"',
        '"206"',
        "'206' is not an area code in quotes, such as \"024\"",
    ),
    Mistake(
        "content/places/communes.csv",
        "\nAn Châu,an-giang,10",
        "\nAn Châu,an-giang,1O",
        "An Châu,an-giang,1O",
        "'…' is not a row such as Mộc Bài,tay-ninh,11.0920,106.1850 under commune,province,latitude,longitude",
    ),
]

GONE = [
    Mistake("content/screens.yaml", "", None, "", "this file is missing"),
    Mistake("content/hotlines.yaml", "", None, "", "this file is missing"),
    Mistake(po("lo"), "", None, "", "this file is missing"),
]
MENUS = [
    Mistake(
        "content/bot.yaml",
        "\notherwise: en ",
        "\n otherwise: en ",
        "otherwise: en ",
        "not valid YAML: did not find expected key",
    )
]
TRANSCRIPTS = [
    Mistake(
        "content/transcripts/one.txt",
        "",
        "# language: vi\n> 0\n< Bạn cần gì?\nxin chào\n",
        "xin chào",
        "a line begins with '> ' (typed), '< ' (in the answer) or '#'",
    ),
    Mistake(
        "content/transcripts/two.txt",
        "",
        "# language: vi\n> sos\n< 115\n< 911\n",
        "911",
        "the answer, '🆘 Cần giúp ngay', does not say '911'",
    ),
]
UNFINISHED = [
    Mistake(po("en"), 'msgstr "Safe migration"', 'msgstr ""', "", "warning: en: 1 sentences missing, 1 stale"),
    Mistake(
        po("en"),
        'msgctxt "sections/migration/summary"',
        '#, fuzzy\nmsgctxt "sections/migration/summary"',
        "",
        "warning: en: 1 sentences missing, 1 stale",
    ),
]
# Each would stop the writing of the screens, and with it the checking of all that is written.
STOPPERS = {
    "a transcript that is not UTF-8": Mistake(
        "content/transcripts/one.txt", "", "> 0\n< \udcff\n", "< \udcff", "cannot be read: not UTF-8"
    ),
    "a language that nobody knows": Mistake(
        "content/bot.yaml", "\n  km: ", "\n  kh: {reviewed: false}\n  km: ", "kh: ", "unknown language 'kh'"
    ),
    "a source language that is none of ours": Mistake(
        "content/bot.yaml", "\nsource: vi", "\nsource: vn", "vn ", "unknown language 'vn'"
    ),
    "a day that no month has": Mistake(
        topic("covid/masks"),
        "\nsources:\n",
        "\nsources:\n  - title: Một nguồn\n    date: 2023-02-30\n",
        "2023-02-30",
        "'2023-02-30' is not a date: YYYY, YYYY-MM or YYYY-MM-DD",
    ),
    "a placeholder that the bot does not fill": Mistake(
        "content/screens.yaml",
        '\n  checked: "',
        '\n  checked: "Kiểm tra lần cuối: {ngày}." # "',
        '"Kiểm tra lần cuối: {ngày}."',
        "vi: placeholders differ, date wanted, ngày found",
    ),
    "a placeholder that is translated": Mistake(
        po("en"),
        "Last checked: {date}.",
        "Last checked: {day}.",
        'msgid "Kiểm tra lần cuối: {date}."',
        "en: placeholders differ, date wanted, day found",
    ),
    "a phone number that is far too long": Mistake(
        "content/hotlines.yaml",
        '\n  numbers: ["115"]',
        '\n  numbers: ["115", "0912 345 678 0912 345 678"]',
        '"0912 345 678 0912',
        "'0912 345 678 0912 345 678' is not a phone number of VN",
    ),
}
UNTOUCHED = "untouched"
PICTURES = [
    picture("first-aid", "mask-step.png", "'mask-step.png' is not in content/pictures; did you mean 'mask-steps.png'?"),
    *drawn("screening", "heavy.png", "a" * 160_000, "'heavy.png' has 157 KB; at most 150"),
    *drawn("self-care", "drawing.jpg", "<svg/>", "'drawing.jpg' is not the kind of picture that its name says, PNG or JPEG"),
    *drawn("reporting", "wide.png", PNG + "\0\0\7\0\0\0\7\0", "'wide.png' is 1792 x 1792 pixels; at most 1600 on each side"),
]

RUNS = {
    "together": [*YAML, *SHAPES, *LINKS, *PHONES, *PLACES, *TEXTS, *REVIEWS, *TRANSLATIONS, *PICTURES],
    "whole": WHOLE,
    "lists": LISTS,
    "gone": GONE,
    "menus": MENUS,
    "unfinished": UNFINISHED,
    "transcripts": TRANSCRIPTS,
    "forms": FORMS,
    UNTOUCHED: [],
} | {name: [mistake] for name, mistake in STOPPERS.items()}
ROWS = [pytest.param(run, mistake, id=f"{run}-{mistake.says[:50]}") for run, mistakes in RUNS.items() for mistake in mistakes]


def copy_shipped(folder: Path) -> None:
    """The shipped files, all of them reviewed today."""
    for name in ("content", "locales"):
        shutil.copytree(ROOT / name, folder / name)
    for file in (folder / "content").rglob("*.yaml"):
        text = re.sub(r"reviewed: \d{4}-\d\d-\d\d", f"reviewed: {TODAY}", file.read_text("utf-8"))
        text = re.sub(r"review_every: \d+", "review_every: 6", text)
        file.write_text(text, "utf-8")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    copy_shipped(tmp_path)
    return tmp_path


class Report(NamedTuple):
    """What came of a run. folder: with the mistakes in it. lines: as the author reads them, in order."""

    folder: Path
    problems: Sequence[Problem]
    lines: list[str]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Report]:
    """Makes all mistakes of a run in a copy of the shipped files, and checks that once."""

    @cache
    def check(run: str) -> Report:
        folder = tmp_path_factory.mktemp("mistakes")
        copy_shipped(folder)
        for mistake in RUNS[run]:
            mistake.make(folder)
        loaded = load(folder / "content", folder / "locales", TODAY)
        problems = list(loaded.problems)
        if loaded.catalog and any(mistake.file.startswith("content/transcripts") for mistake in RUNS[run]):
            problems += play_all(folder / "content/transcripts", "content/transcripts", loaded.catalog)
        return Report(folder, problems, [problem.line_for_author() for problem in problems])

    return check


@pytest.mark.parametrize(("run", "mistake"), ROWS)
def test_each_mistake_is_found_where_it_stands(report: Callable[[str], Report], run: str, mistake: Mistake) -> None:
    found = report(run)
    line = mistake.line(found.folder)
    assert line in [other for other in found.lines if other.startswith(line.partition(":")[0])]


@pytest.mark.parametrize("run", sorted(RUNS.keys() - {UNTOUCHED}))
def test_nothing_is_invented(report: Callable[[str], Report], run: str) -> None:
    found = report(run)
    places = {place(mistake.line(found.folder)) for mistake in RUNS[run]}
    places |= {f"{po(language)}:1:1" for language in ("en", "km", "lo")}  # changed sentences have no translation
    said_before = {without_place(line) for line in report(UNTOUCHED).lines}
    assert [line for line in found.lines if place(line) not in places and without_place(line) not in said_before] == []


def place(line: str) -> str:
    """path:line:column"""
    return ":".join(line.split(":", 3)[:3])


def without_place(line: str) -> str:
    """path: message"""
    path, _, _, says = line.split(":", 3)
    return f"{path}:{says}"


def test_more_than_25_mistakes_in_as_many_places_are_found_in_one_run_and_sorted(report: Callable[[str], Report]) -> None:
    found = report("together")
    wanted = {mistake.line(found.folder) for mistake in RUNS["together"]}
    assert len({place(line) for line in wanted}) > 60
    assert wanted - set(found.lines) == set()
    places = [(path, int(row), int(column)) for path, row, column in (place(line).split(":") for line in found.lines)]
    assert places == sorted(places)


def test_every_kind_of_problem_that_we_know_has_a_mistake_that_provokes_it(report: Callable[[str], Report]) -> None:
    provoked = set()
    for run in RUNS:
        if run not in STOPPERS:
            found = report(run)
            wanted = {mistake.line(found.folder) for mistake in RUNS[run]}
            provoked |= {problem.code for problem in found.problems if problem.line_for_author() in wanted}
    assert set(SENTENCES) - provoked == set()


def test_the_lines_of_a_new_page_read_as_an_editor_shows_them(shipped: Path) -> None:
    (shipped / topic("covid/masks")).write_text(
        "title: Khẩu trang\nsumary: Một dòng.\nbody: |\n  Một câu.\n\n  Gọi 1900 9068.\n"
        "sources:\n  - titel: Một nguồn\nreviewed: 2026-13-01\nreview_every: 6\n",
        "utf-8",
    )
    problems = load(shipped / "content", shipped / "locales", TODAY).problems
    assert sorted(problem.line_for_author() for problem in problems if problem.path == topic("covid/masks")) == [
        "content/topics/covid/masks.yaml:1:1: 'summary' is missing",
        "content/topics/covid/masks.yaml:2:1: unknown key 'sumary'; did you mean 'summary'?",
        "content/topics/covid/masks.yaml:8:5: 'title' is missing",
        "content/topics/covid/masks.yaml:8:5: unknown key 'titel'; did you mean 'title'?",
        "content/topics/covid/masks.yaml:9:11: '2026-13-01' is not a date; write YYYY-MM-DD",
    ]
