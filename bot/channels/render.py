"""PURE. Fits a screen to what an app can show. It knows no app by name."""

import unicodedata
from dataclasses import dataclass
from itertools import chain

from markupsafe import escape

from bot.conversation import Choice, Screen

# Two short labels fit beside each other on a phone of 360 pixels; more are cut.
ROW_LENGTH = 28
# More choices than these stand beside each other where they are short (34 provinces).
MANY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an app can show.

    buttons: the most under one message; 0 for an app without. label: characters of a button's label. text: length of a
    message in UTF-16 units. inline: understands inline markup. web: our own https address, to continue there; "" without.
    deletes: the bot can take its messages back. pictures: shows pictures from an https address.
    """

    buttons: int
    label: int
    text: int
    inline: bool
    web: str = ""
    deletes: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """Carries a token, or leads to a web page."""

    label: str
    token: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is sent: the parts of the text in order, buttons (in rows) under the last one.

    to: the app's id of the person. replaces: the message that this takes the place of, "" for a new one. asks: the label of
    a button for what the person may send besides words (a position), "" without. closing: take back what was sent before.
    picture: the address of a picture that stands above the text, "" without; alt: what it shows.
    """

    to: str = ""
    replaces: str = ""
    parts: tuple[str, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    asks: str = ""
    closing: bool = False
    picture: str = ""
    alt: str = ""


def render(screen: Screen, can: Capabilities, *, to: str = "", replaces: str = "") -> Outgoing:
    """Write a screen for an app. What cannot be a button becomes a numbered line; nothing raises."""
    if screen.closing:
        said = [screen.labels["delete_chat"]] if not can.deletes else []
        texts = [block.text.inline if can.inline else block.text.plain for block in screen.blocks]
        return Outgoing(
            to=to, replaces=replaces, parts=split([*texts, *(_safe(text, can) for text in said)], can.text), closing=True
        )
    web = f"{can.web}/{screen.language}/{screen.address}" if can.web else ""
    spare = can.buttons - len(screen.ways) - len(screen.languages) - bool(web)
    buttons = len(screen.choices) <= spare
    listed = [_button(choice, can) for choice in screen.choices] if buttons else []
    rows = _rows(listed) if len(listed) > MANY else [[button] for button in listed]
    if can.buttons:
        taken = {choice.token for choice in screen.choices} if buttons else set()  # nothing stands there twice
        rows += _rows([_button(choice, can) for choice in screen.ways if choice.token not in taken])
        rows += _rows([_button(choice, can) for choice in screen.languages if choice.token not in taken])
        if web:
            rows.append([Button(screen.labels["open_web"], url=web)])
    paragraphs = [f"<b>{escape(screen.title)}</b>" if can.inline else screen.title]
    for block in screen.blocks:
        text = block.text.inline if can.inline else block.text.plain
        paragraphs.append(f"<blockquote>{text}</blockquote>" if block.kind == "danger" and can.inline else text)
    if not buttons and screen.choices:
        paragraphs.append("\n".join(f"{n}. {_safe(c.label, can)}" for n, c in enumerate(screen.choices, 1)))
    if not can.buttons:
        paragraphs.append(" · ".join(f"{choice.key} = {choice.label}" for choice in screen.ways))
        paragraphs.append(" · ".join(f"{choice.key} = {choice.label}" for choice in screen.languages))
        if web:
            paragraphs.append(web)
    asks = screen.labels["send_position"] if screen.asks else ""
    shown = screen.picture if can.pictures and can.web.startswith("https:") else None
    return Outgoing(
        to=to,
        replaces=replaces,
        parts=split(paragraphs, can.text),
        buttons=tuple(map(tuple, rows)),
        asks=asks,
        picture=f"{can.web}/pictures/{shown.file}" if shown else "",
        alt=shown.alt if shown else "",
    )


def _safe(text: str, can: Capabilities) -> str:
    return str(escape(text)) if can.inline else text


def _button(choice: Choice, can: Capabilities) -> Button:
    return Button(choice.label if len(choice.label) <= can.label else shorten(choice.label, can.label), choice.token)


def _rows(buttons: list[Button]) -> list[list[Button]]:
    """As many beside each other as a phone shows whole."""
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and sum(len(b.label) for b in chain(rows[-1], [button])) <= ROW_LENGTH:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def shorten(label: str, limit: int) -> str:
    """Cut at a word, else between two letters: never inside one (a letter with its marks)."""
    if len(label) <= limit:
        return label
    end = label.rfind(" ", 0, limit)
    if end < limit // 2:
        end = limit - 1
        while end > 1 and (unicodedata.category(label[end])[0] == "M" or label[end - 1] == "\u200d"):
            end -= 1
    return label[:end].rstrip() + "…"


def length(text: str) -> int:
    """In UTF-16 units, the strictest way in which apps count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(paragraphs: list[str], limit: int) -> tuple[str, ...]:
    """Messages that each hold as many whole paragraphs as fit; a longer paragraph is cut at a line, then at a word."""
    parts = [""]
    for paragraph in paragraphs:
        # No character is more than two units, so most texts need not be counted.
        for piece in [paragraph] if len(paragraph) * 2 <= limit else _pieces(paragraph, limit):
            joined = f"{parts[-1]}\n\n{piece}" if parts[-1] else piece
            if len(joined) * 2 <= limit or length(joined) <= limit:
                parts[-1] = joined
            else:
                parts.append(piece)
    return tuple(part for part in parts if part)


def _pieces(paragraph: str, limit: int) -> list[str]:
    pieces = []
    while length(paragraph) > limit:
        room = limit // 2 if any(character > "\uffff" for character in paragraph[:limit]) else limit
        end = paragraph.rfind("\n", 1, room)
        end = paragraph.rfind(" ", 1, room) if end < 0 else end
        end = room if end < 0 else end
        pieces.append(paragraph[:end])
        paragraph = paragraph[end:].lstrip()
    return [*pieces, paragraph]
