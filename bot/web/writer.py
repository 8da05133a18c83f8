"""What a page looks like: templates filled with a screen, and the style, script and pictures they need."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.conversation import EXIT, HELP, Block, Choice, Screen, code, token

_FOLDER = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


class Asset(NamedTuple):
    content_type: str
    plain: bytes
    packed: bytes


class Writer:
    """Writes pages. assets: by name; the name carries a mark of the content, so a browser may keep them for ever."""

    def __init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        names: dict[str, str] = {}
        for file in sorted((_FOLDER / "static").iterdir()):
            content = file.read_bytes()
            marked = f"{file.stem}.{sha256(content).hexdigest()[:10]}{file.suffix}"
            self.assets[marked] = Asset(_TYPES[file.suffix], content, gzip.compress(content, mtime=0))
            names[file.name] = f"/static/{marked}"
        self.icon = names["icon.svg"]
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(asset=names, token=token, HELP=HELP, Markup=Markup, link=_link)

    def page(self, screen: Screen, origin: str, *, doors: Sequence[tuple[str, str]] = (), chat: bool = True) -> str:
        """A screen as a page. origin: our own address; doors: other apps with their links; chat: is there one to go to."""
        return self._write("page.html", screen, origin, doors=doors, chat=chat)

    def search(self, home: Screen, origin: str, *, text: str, found: Sequence[Screen], said: Sequence[Block]) -> str:
        """What words lead to: a list; help for somebody in danger whole, before it. home: of this language. said: above it."""
        tongues = tuple(replace(other, address="search") for other in home.languages)
        screen = replace(home, address="search", title=home.labels["search"], languages=tongues)
        first = found[0] if found and found[0].address.startswith("help/") else None
        return self._write("search.html", screen, origin, text=text, found=found, said=said, first=first)

    def chat(self, said: str, replies: Sequence[Screen], origin: str) -> str:
        """The chat page after a turn: what was typed ("" if it was tapped) and the replies."""
        return self._write("chat.html", replies[-1], origin, said=said, replies=replies)

    def text(self, screen: Screen) -> str:
        """The text of a screen, as it stands in a page and in a bubble of the chat."""
        return str(self._templates.get_template("screen.html").module.text(screen))  # type: ignore[attr-defined]

    def _write(self, template: str, screen: Screen, origin: str, **more: object) -> str:
        return self._templates.get_template(template).render(
            screen=screen,
            labels=screen.labels,
            origin=origin,
            code=code(screen.address),
            **more,
        )


def _link(choice: Choice) -> str:
    """Where a choice leads from a page: to another page, or into the chat where it does more than show a screen."""
    if in_chat(choice.address):
        return f"/?at={choice.token}"
    kind, _, rest = choice.address.partition("/")
    # A page does not know where the reader is: it asks for the province.
    return f"/{choice.language}/{f'services/needs/{rest}' if kind == 'need' else choice.address}"


def in_chat(address: str) -> bool:
    """Does a choice that leads here lead into the chat, because it does more than show a screen?"""
    kind, _, rest = address.partition("/")
    return kind in ("report", "helpful", "forget", EXIT) or (kind == "form" and "/" in rest)
