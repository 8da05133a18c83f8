"""Typed words -> where they lead: commands, the number or label of a choice, an address, a title."""

from bot.conversation.catalog import Catalog
from bot.conversation.screens import Choice, Screen
from bot.conversation.words import fold

# Shorter pieces of a label fit too many labels by chance.
SHORTEST_PIECE = 3
HELP = "help/now"


def understand(catalog: Catalog, screen: Screen, text: str) -> tuple[str, str] | None:
    """The language and address that the words lead to when typed on this screen; None if nothing fits.

    In this order: commands, a choice's number, a choice's label, an address or its code, a title of the whole bot.
    """
    typed = text.strip()
    folded = fold(typed)
    command = catalog.commands.get(typed) or catalog.commands.get(folded)
    if command:
        return _follow(catalog, screen, command)
    if folded.isdecimal() and len(folded) < 4:
        number = int(folded)
        if not 1 <= number <= len(screen.choices):
            return None
        return screen.choices[number - 1].language, screen.choices[number - 1].address
    if choice := _label(screen, folded):
        return choice.language, choice.address
    name = typed.lstrip("#").strip().lower()
    address = catalog.codes.get(name.replace("/", "-")) or catalog.phrases.get(folded)
    return (screen.language, address) if address else None


def _follow(catalog: Catalog, screen: Screen, command: str) -> tuple[str, str]:
    if command in catalog.editions:
        return command, screen.address
    place = {"back": screen.parent, "again": screen.address}.get(command, command)
    return screen.language, place


def _label(screen: Screen, folded: str) -> Choice | None:
    """The one choice whose label is this, or else the one that holds it."""
    labels = {choice.folded: choice for choice in (*screen.choices, *screen.ways)}
    if folded in labels:
        return labels[folded]
    if len(folded) < SHORTEST_PIECE:
        return None
    held = [choice for label, choice in labels.items() if folded in label]
    return held[0] if len(held) == 1 else None
