"""The Markdown subset: paragraphs, lists of one level, bold, links -> plain text, Telegram HTML, web HTML."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from bot.conversation import Text, is_address

# The same paragraph is read for checking, for each language that shows it, and again at each reload: what was read is kept.
# It is bounded by what the book has ever held while this process runs.
cache = lru_cache(maxsize=32_768)
# As HTML. Of what authors write, like all that is kept here.
escaped: Callable[[str], str] = cache(lambda text: str(escape(text)))
_MARKDOWN = MarkdownIt("zero").enable(["list", "emphasis", "link", "escape", "newline", "entity"])


@dataclass(frozen=True, slots=True)
class Unit:
    """What translators see as one message: a paragraph or a list item. line: its line in the text, from 0."""

    content: str
    line: int


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph (one unit) or a list. kind: "p", "ul" or "ol". start: the number of an "ol"'s first item."""

    kind: str
    units: tuple[Unit, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Link:
    target: str
    text: str


@lru_cache(maxsize=1)
def _blocks(markdown: str) -> tuple[Token, ...]:
    """Paragraphs and lists: `foreign` and `parse` ask one after the other. What stands inside a sentence is read when it is
    written, once for all places that say it."""
    return tuple(_MARKDOWN.block.parse(markdown, _MARKDOWN, {}, []) or ())


@cache
def parse(markdown: str) -> tuple[Part, ...]:
    """Cut a text into parts. Nested lists and further paragraphs of an item become items of their own."""
    parts: list[Part] = []
    lists: list[str] = []
    items: list[Unit] = []
    start = 1
    for token in _blocks(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if not lists:
                start = int(token.attrs.get("start", 1))
            lists.append(token.tag)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            kind = lists.pop()
            if not lists:
                parts.append(Part(kind, tuple(items), start))
                items = []
        elif token.type == "inline":
            unit = Unit(_joined(token), token.map[0] if token.map else 0)
            if lists:
                items.append(unit)
            else:
                parts.append(Part("p", (unit,)))
    return tuple(parts)


def _joined(token: Token) -> str:
    """The text of a paragraph or list item in one line."""
    return " ".join(token.content.split())


def write(kind: str, contents: Sequence[str], language: str, start: int = 1) -> Text:
    """Write out a part from the contents of its units. language: in whose pages links to addresses lead."""
    # Only where links lead differs by language.
    texts = [sentence(content, language if "](" in content else "") for content in contents]
    if kind == "p":
        text = texts[0]
        return Text(text.plain, text.inline, f"<p>{text.web}</p>")
    marks = ["• "] * len(texts) if kind == "ul" else [f"{number}) " for number in range(start, start + len(texts))]
    first = f' start="{start}"' if kind == "ol" and start != 1 else ""
    return Text(
        "\n".join(mark + text.plain for mark, text in zip(marks, texts, strict=True)),
        "\n".join(mark + text.inline for mark, text in zip(marks, texts, strict=True)),
        f"<{kind}{first}>{''.join(f'<li>{text.web}</li>' for text in texts)}</{kind}>",
    )


@cache
def sentence(content: str, language: str) -> Text:
    """Write out one unit: text, bold and links. A link to an address is a button in apps, so there only its text stands."""
    if not _MARKED.search(content):  # most sentences; the parser takes a hundred times as long to find nothing
        safe = escaped(content)
        return Text(content, safe, safe)
    plain, inline, web = [], [], []
    link = ""
    for token in _inline(content):
        if token.type in ("text", "text_special"):
            safe = escaped(token.content)
            plain.append(token.content)
            inline.append(f"<code>{safe}</code>" if link.startswith("tel:") and token.content.isdecimal() else safe)
            web.append(safe)
        elif token.type in ("softbreak", "hardbreak"):
            plain.append(" ")
            inline.append(" ")
            web.append(" ")
        elif token.type in ("strong_open", "strong_close"):
            tag = "<b>" if token.nesting == 1 else "</b>"
            inline.append(tag)
            web.append(tag)
        elif token.type == "link_open":
            link = str(token.attrs.get("href", ""))
            before, _ = _link(link, language)
            inline.append(before)
            web.append(f'<a href="{escaped(href(link, language))}">')
        elif token.type == "link_close":
            plain.append(f" ({link})" if link.startswith("http") else "")
            inline.append(_link(link, language)[1])
            web.append("</a>")
            link = ""
    return Text("".join(plain), "".join(inline), "".join(web))


def _link(target: str, language: str) -> tuple[str, str]:
    """What stands around a link's text in an app's message: a phone number is found there by the app itself."""
    if target.startswith("http"):
        return f'<a href="{escaped(target)}">', "</a>"
    return ("<b>", "</b>") if is_address(target) else ("", "")


def href(target: str, language: str) -> str:
    """The link's target on a web page of ours."""
    return f"/{language}/{target}" if is_address(target) else target


@cache
def links(content: str) -> tuple[Link, ...]:
    """The links of a unit, in order."""
    if "](" not in content:
        return ()
    found: list[Link] = []
    target, text = "", ""
    for token in _inline(content):
        if token.type == "link_open":
            target, text = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close":
            found.append(Link(target, text))
            target = ""
        elif target:
            text += token.content
    return tuple(found)


@cache
def unlinked(content: str) -> str:
    """The text of a unit outside its links."""
    if not _MARKED.search(content):
        return content
    depth, text = 0, ""
    for token in _inline(content):
        depth += token.nesting if token.type.startswith("link") else 0
        text += token.content if not depth else " "
    return text


# What authors try besides the subset, and how it would stand in the text. CommonMark would show it as it is.
_FOREIGN = {
    "#": "a heading (#)",
    ">": "a quotation (>)",
    "|": "a table (|)",
    "```": "code (```)",
    "![": "a picture (![])",
    "<": "HTML (<)",
}


# What the parser stops at, of what is enabled above.
_MARKED = re.compile(r"[*_\[\]\\&\n]")
_EMPHASIS = re.compile("[*_]")
# Where such a thing stands at the start of a line, and inside a sentence.
_STARTS = re.compile(f"({'|'.join(map(re.escape, _FOREIGN))})")
_INSIDE = re.compile(r"(!\[(?=[^\]]*\]\()|<(?=/?[a-zA-Z]))")


@cache
def foreign(markdown: str) -> tuple[tuple[str, int], ...]:
    """Markup that is not of the subset, and its line (from 0)."""
    return tuple(_foreign(markdown))


def _foreign(markdown: str) -> Iterator[tuple[str, int]]:
    depth = 0
    for token in _blocks(markdown):
        line = token.map[0] if token.map else 0
        if token.type.endswith("_list_open"):
            depth += 1
            if depth > 1:
                yield "a list inside a list", line
        elif token.type.endswith("_list_close"):
            depth -= 1
        elif token.type == "inline":
            for offset, text in enumerate(token.content.split("\n")):
                if found := _STARTS.match(text) or _INSIDE.search(text):
                    yield _FOREIGN[found[1]], line + offset
            if _EMPHASIS.search(token.content) and any(inside.type == "em_open" for inside in _inline(_joined(token))):
                yield "*italic*", line


@cache
def _inline(content: str) -> tuple[Token, ...]:
    return tuple(_MARKDOWN.inline.parse(content, _MARKDOWN, {}, []))
