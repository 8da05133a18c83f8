"""Our Markdown subset, written for three places: plain text, messages of apps (Telegram's HTML), and our web pages.

What an author or translator writes cannot become a tag, a script or a link that leads astray, whatever it is.
"""

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.markup import foreign, links, parse, sentence, unlinked, write
from bot.conversation import Text

EXAMPLES = 300


def written(markdown: str, language: str = "vi") -> list[Text]:
    return [write(part.kind, [unit.content for unit in part.units], language, part.start) for part in parse(markdown)]


def joined(form: Callable[[Text], str], markdown: str) -> str:
    return "\n\n".join(form(text) for text in written(markdown))


TABLE = [
    ("Rửa tay.", "Rửa tay.", "Rửa tay.", "<p>Rửa tay.</p>"),
    ("Rửa\n  tay   kỹ.", "Rửa tay kỹ.", "Rửa tay kỹ.", "<p>Rửa tay kỹ.</p>"),
    ("một\n\nhai", "một\n\nhai", "một\n\nhai", "<p>một</p>\n\n<p>hai</p>"),
    ("**Đeo** khi ốm", "Đeo khi ốm", "<b>Đeo</b> khi ốm", "<p><b>Đeo</b> khi ốm</p>"),
    ("- một\n- hai", "• một\n• hai", "• một\n• hai", "<ul><li>một</li><li>hai</li></ul>"),
    ("1. một\n2. hai", "1) một\n2) hai", "1) một\n2) hai", "<ol><li>một</li><li>hai</li></ol>"),
    ("- **một**\n  tiếp", "• một tiếp", "• <b>một</b> tiếp", "<ul><li><b>một</b> tiếp</li></ul>"),
    ("Gọi [115](tel:115).", "Gọi 115.", "Gọi <code>115</code>.", '<p>Gọi <a href="tel:115">115</a>.</p>'),
    (
        "[+84 981 84 84 84](tel:+84981848484)",
        "+84 981 84 84 84",
        "+84 981 84 84 84",
        '<p><a href="tel:+84981848484">+84 981 84 84 84</a></p>',
    ),
    (
        "Xem [khẩu trang](covid/masks).",
        "Xem khẩu trang.",
        "Xem <b>khẩu trang</b>.",
        '<p>Xem <a href="/vi/covid/masks">khẩu trang</a>.</p>',
    ),
    (
        "[WHO](https://who.int/a?b=1&c=2)",
        "WHO (https://who.int/a?b=1&c=2)",
        '<a href="https://who.int/a?b=1&amp;c=2">WHO</a>',
        '<p><a href="https://who.int/a?b=1&amp;c=2">WHO</a></p>',
    ),
    (
        "**[WHO](https://who.int)**",
        "WHO (https://who.int)",
        '<b><a href="https://who.int">WHO</a></b>',
        '<p><b><a href="https://who.int">WHO</a></b></p>',
    ),
    (
        '38 < 39 & 40 > 39 "sốt"',
        '38 < 39 & 40 > 39 "sốt"',
        "38 &lt; 39 &amp; 40 &gt; 39 &#34;sốt&#34;",
        "<p>38 &lt; 39 &amp; 40 &gt; 39 &#34;sốt&#34;</p>",
    ),
    ("- a < b\n- c & d", "• a < b\n• c & d", "• a &lt; b\n• c &amp; d", "<ul><li>a &lt; b</li><li>c &amp; d</li></ul>"),
    (
        '["<b>"](https://a.example/?q="x")',
        '"<b>" (https://a.example/?q=%22x%22)',
        '<a href="https://a.example/?q=%22x%22">&#34;&lt;b&gt;&#34;</a>',
        '<p><a href="https://a.example/?q=%22x%22">&#34;&lt;b&gt;&#34;</a></p>',
    ),
    ("&lt;b&gt; &amp;", "<b> &", "&lt;b&gt; &amp;", "<p>&lt;b&gt; &amp;</p>"),
    (
        r"1\. không phải danh sách \*\*",
        "1. không phải danh sách **",
        "1. không phải danh sách **",
        "<p>1. không phải danh sách **</p>",
    ),
    (
        "<script>alert(1)</script>",
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    ),
    ("[x](javascript:alert(1))", "[x](javascript:alert(1))", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
]


@pytest.mark.parametrize(("markdown", "plain", "inline", "web"), TABLE)
def test_each_form_of_a_text_is_written_so(markdown: str, plain: str, inline: str, web: str) -> None:
    assert joined(lambda text: text.plain, markdown) == plain
    assert joined(lambda text: text.inline, markdown) == inline
    assert joined(lambda text: text.web, markdown) == web


def test_a_link_to_an_address_leads_to_the_page_in_the_same_language() -> None:
    assert sentence("[a](help/now)", "km").web == '<a href="/km/help/now">a</a>'


def test_a_list_goes_on_with_the_number_that_its_author_wrote() -> None:
    markdown = "1. Rửa tay.\n\nĐợi khô.\n\n2. Đeo găng.\n3. Đi ra."
    assert joined(lambda text: text.plain, markdown) == "1) Rửa tay.\n\nĐợi khô.\n\n2) Đeo găng.\n3) Đi ra."
    assert '<ol start="2"><li>Đeo găng.</li>' in joined(lambda text: text.web, markdown)


def test_each_paragraph_and_item_is_a_unit_of_its_own_and_knows_its_line() -> None:
    parts = parse("một\ntiếp\n\n- hai\n- ba\n  tiếp\n\n1. bốn\n")
    assert [(part.kind, [(unit.content, unit.line) for unit in part.units]) for part in parts] == [
        ("p", [("một tiếp", 0)]),
        ("ul", [("hai", 3), ("ba tiếp", 4)]),
        ("ol", [("bốn", 7)]),
    ]


def test_links_are_found_with_their_text_and_the_rest_of_the_text_without_them() -> None:
    content = "Gọi [**115**](tel:115) hoặc xem [trang này](help/now), 24/7."
    assert [(link.target, link.text) for link in links(content)] == [("tel:115", "115"), ("help/now", "trang này")]
    assert unlinked(content).split() == ["Gọi", "hoặc", "xem", ",", "24/7."]


FOREIGN = [
    ("một\n\n# Hai", [("a heading (#)", 2)]),
    ("một\n> hai", [("a quotation (>)", 1)]),
    ("| a | b |\n| - | - |", [("a table (|)", 0), ("a table (|)", 1)]),
    ("```\na\n```", [("code (```)", 0), ("code (```)", 2)]),
    ("![a](b.png)", [("a picture (![])", 0)]),
    ("xem ![a](b.png)", [("a picture (![])", 0)]),
    ("<b>a</b>", [("HTML (<)", 0)]),
    ("một\nhai <b>ba</b>", [("HTML (<)", 1)]),
    ("a<br>b", [("HTML (<)", 0)]),
    ("- một\n  - hai", [("a list inside a list", 1)]),
    ("một *hai* ba", [("*italic*", 0)]),
    ("- một\n- _hai_", [("*italic*", 1)]),
]


@pytest.mark.parametrize(("markdown", "found"), FOREIGN)
def test_markup_that_would_stand_in_the_text_as_signs_is_found(markdown: str, found: list[tuple[str, int]]) -> None:
    assert list(foreign(markdown)) == found


@pytest.mark.parametrize(
    "markdown",
    [
        "Sốt < 38,5 độ thì nghỉ.",
        "Từ 3 > 2 lần.",
        "Nhà số 5#2",
        "a_b_c và 2 * 3",
        "**Đậm** và [số](tel:115)",
        "- một\n\n- hai",
        "1. một\n1. hai",
    ],
)
def test_our_own_markup_and_signs_in_a_sentence_are_no_foreign_markup(markdown: str) -> None:
    assert list(foreign(markdown)) == []


# Pieces from which markup is made, ours and what attacks are made of.
PIECES = st.sampled_from(
    [
        *(
            "**",
            "*",
            "_",
            "__",
            "[",
            "]",
            "](",
            ")",
            "(",
            "- ",
            "1. ",
            "\n",
            "\n\n",
            "    ",
            "> ",
            "`",
            "\\",
            "&",
            ";",
            "<",
            ">",
        ),
        *(
            "tel:115",
            "https://a.example",
            "http:",
            "covid/masks",
            "javascript:alert(1)",
            "JaVaScRiPt:",
            "data:text/html,",
            "//a.example",
        ),
        *(
            "<script>",
            "</b>",
            "<b onclick=x>",
            "&lt;",
            "&#106;",
            "&#x3c;",
            '"',
            "'",
            " onerror=x",
            '" onmouseover="x',
            "\x00",
            "\x1b",
            "ខ",
            "a",
        ),
    ]
)
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join)
INLINE = re.compile(r'<(?P<close>/?)(?P<tag>b|i|code|a)(?P<href> href="[^"<>]*")?>')
WEB = re.compile(r'<(?P<close>/?)(?P<tag>b|a|p|ul|ol|li)(?P<href> href="[^"<>]*")?(?: start="\d+")?>')


def targets(markup: str, tag: re.Pattern[str]) -> list[str]:
    """The links of a text in HTML; fails unless it is well formed and has these tags only, everything else escaped."""
    open_tags: list[str] = []
    found = []
    for match in tag.finditer(markup):
        assert bool(match["href"]) == (match["tag"] == "a" and not match["close"])
        if match["close"]:
            assert open_tags.pop() == match["tag"]
        else:
            open_tags.append(match["tag"])
            found += [html.unescape(match["href"][7:-1])] if match["href"] else []
    assert open_tags == []
    rest = tag.sub("", markup)
    assert "<" not in rest
    assert ">" not in rest
    assert re.sub("&(amp|lt|gt|#34|#39);", "", rest).count("&") == 0
    return found


@given(TEXTS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_whatever_is_written_telegram_can_parse_the_message(markdown: str) -> None:
    for text in written(markdown):
        assert all(target.startswith("http") for target in targets(text.inline, INLINE))


@given(TEXTS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_whatever_is_written_a_page_of_ours_runs_nothing(markdown: str) -> None:
    for text in written(markdown):
        for target in targets(text.web, WEB):
            assert not re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data|file):", target, re.IGNORECASE)


@given(TEXTS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_whatever_a_translator_writes_for_a_sentence_it_stays_one_sentence(content: str) -> None:
    text = sentence(content, "en")
    assert all(target.startswith("http") for target in targets(text.inline, INLINE))
    assert not re.search("<(p|ul|ol|li)>", text.web)
    assert "\n" not in text.inline.replace("\r", "")


@given(st.text(alphabet="aă \n-<>&\"'"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_word_is_lost_between_the_three_forms(markdown: str) -> None:
    for text in written(markdown):
        assert html.unescape(re.sub(INLINE, "", text.inline)) == text.plain
        bare = html.unescape(re.sub(WEB, "", text.web))
        assert "".join(bare.split()) == "".join(text.plain.replace("•", "").split())
