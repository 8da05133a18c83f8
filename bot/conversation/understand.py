"""Typed words -> where they lead: commands, the number or label of a choice, an address; danger; then a search."""

from dataclasses import replace
from typing import NamedTuple

from markupsafe import escape

from bot.conversation.catalog import Catalog, Edition
from bot.conversation.crisis import find
from bot.conversation.screens import Block, Choice, Screen, Text
from bot.conversation.search import choose, rank
from bot.conversation.words import fold

# Shorter pieces of a label fit too many labels by chance.
SHORTEST_PIECE = 3
HELP = "help/now"
# The address of "perhaps you need one of these"; what stands there is in the session.
FOUND = "found"
# Questions are looked up in these besides the person's language: content is written in the first, many read the second.
LINGUA = ("vi", "en")


class Answer(NamedTuple):
    """Where typed words lead: (language, address) of the screens to show, in order. found: what stands at FOUND, if there."""

    places: tuple[tuple[str, str], ...] = ()
    found: tuple[str, ...] = ()


def understand(catalog: Catalog, screen: Screen, text: str) -> Answer:
    """Where words lead when typed on this screen; nowhere if nothing fits.

    In this order: commands, a choice's number, a choice's label, an address or its code, danger (help comes first, then what
    was asked), a title or a way of asking, a search.
    """
    if place := _exact(catalog, screen, text):
        return Answer((place,))
    language = screen.language
    danger = find(catalog.danger, text)
    helps = [address for address in (f"help/{danger[0]}", HELP) if catalog.find(language, address)] if danger else []
    asked = catalog.phrases.get(fold(text))
    found = (asked,) if asked else choose(rank(catalog.index, text, language, LINGUA))
    if helps:
        # Then what they asked, if that is clear and not help once more.
        clear = [address for address in found if not address.startswith("help/")] if len(found) == 1 else []
        return Answer(tuple((language, address) for address in (helps[0], *clear)))
    if len(found) > 1:
        return Answer(((language, FOUND),), found)
    return Answer(tuple((language, address) for address in found))


def _exact(catalog: Catalog, screen: Screen, text: str) -> tuple[str, str] | None:
    """Commands, numbers, labels and addresses."""
    typed = text.strip()
    folded = fold(typed)
    command = catalog.commands.get(typed) or catalog.commands.get(folded)
    if command:
        if command in catalog.editions:
            return command, screen.address
        return screen.language, {"back": screen.parent, "again": screen.address}.get(command, command)
    if folded.isdecimal() and len(folded) < 4:
        number = int(folded)
        if not 1 <= number <= len(screen.choices):
            return None
        return screen.choices[number - 1].language, screen.choices[number - 1].address
    if choice := _label(screen, folded):
        return choice.language, choice.address
    address = catalog.codes.get(typed.lstrip("#").strip().lower().replace("/", "-"))
    return (screen.language, address) if address else None


def _label(screen: Screen, folded: str) -> Choice | None:
    """The one choice whose label is this, or else the one that holds it."""
    labels = {choice.folded: choice for choice in (*screen.choices, *screen.ways)}
    if folded in labels:
        return labels[folded]
    if len(folded) < SHORTEST_PIECE:
        return None
    held = [choice for label, choice in labels.items() if folded in label]
    return held[0] if len(held) == 1 else None


def found_screen(edition: Edition, addresses: tuple[str, ...]) -> Screen | None:
    """Perhaps you need one of these: titles with a line each. None if none of them is there any more."""
    pages = [edition.screens[address] for address in addresses if address in edition.screens]
    if not pages:
        return None
    home = edition.screens["home"]
    lines = [
        Text(
            f"• {page.title}: {page.summary}",
            f"• <b>{escape(page.title)}</b>: {escape(page.summary)}",
            f"<li><b>{escape(page.title)}</b>: {escape(page.summary)}</li>",
        )
        for page in pages
    ]
    text = Text(
        "\n".join(line.plain for line in lines),
        "\n".join(line.inline for line in lines),
        f"<ul>{''.join(line.web for line in lines)}</ul>",
    )
    ways = edition.screens[pages[0].address].ways
    return replace(
        home,
        address=FOUND,
        title=home.labels["found"],
        blocks=(edition.notices["unsure"], Block(text, edition.language)),
        choices=tuple(Choice(page.title, page.language, page.address, summary=page.summary) for page in pages),
        ways=tuple(replace(way, address="home") if way.key == "<" else way for way in ways),
        languages=tuple(replace(choice, address=FOUND) for choice in home.languages),
        parent="home",
    )
