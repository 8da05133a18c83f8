"""What a person sees: a text in blocks, and choices. Written out once per language when the content is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.conversation.address import token
from bot.conversation.words import folded

Kind = Literal["text", "danger", "call", "note", "source"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text written in three ways, so that no app needs to know our markup.

    plain: no markup at all. inline: HTML with b, a and code only, line breaks as they are. web: HTML of a page.
    """

    plain: str
    inline: str
    web: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a list. language: that of the text, which differs from the screen's where a translation is missing."""

    text: Text
    language: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """A label and where it leads. key: what may be typed for it; "" where its place in the list is its number.

    summary: one line about what is there, where there is room for it. token: as it travels through an app.
    folded: the label as typed words are compared with it.
    """

    label: str
    language: str
    address: str
    key: str = ""
    summary: str = ""
    token: str = field(init=False, compare=False)
    folded: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", token(self.language, self.address))
        object.__setattr__(self, "folded", folded(self.label))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside a text. file: its name in the catalog's pictures. alt: what it shows, in a language. In pixels."""

    file: str
    alt: str
    language: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Screen:
    """A text with choices. Choice N is what typing N means, on every channel, shown or not.

    ways: home, back and help now, on every screen. languages: this same screen in the other languages.
    parent: the address that "back" leads to. summary: one line for menus and link previews.
    labels: the edition's short sentences, by name, for what an app shows around a screen. asks: what a person may send
    here besides words, where the app can. closing: the person wants to leave quickly and to leave no trace.
    """

    address: str
    language: str
    title: str
    summary: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    parent: str
    labels: Mapping[str, str]
    asks: Literal["", "position"] = ""
    closing: bool = False
    picture: Picture | None = None
