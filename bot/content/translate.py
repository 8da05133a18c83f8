"""gettext through Babel: sentences of the source language in, sentences of another language out, and what is missing.

The .po files are read as they are; there is no built .mo that could be older than they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog as Messages
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from bot.content.problems import Problem

DOMAIN = "bot"
# The first lines of a new .po file.
HEADER = """# Translations of Đồng Hành. Edit with any PO editor; `python -m bot check` finds mistakes.
# Licence: CC BY 4.0, see content/LICENSE."""


def po_file(locales: Path, language: str) -> Path:
    """Where the translations of a language are."""
    return locales / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_messages(locales: Path, language: str) -> tuple[Messages, list[Problem]]:
    """The translations of a language; none, with the problem, if the file cannot be read."""
    file = po_file(locales, language)
    shown = f"{locales.name}/{language}/LC_MESSAGES/{DOMAIN}.po"
    try:
        with file.open("rb") as stream:
            return read_po(stream, locale=language, domain=DOMAIN, abort_invalid=True), []
    except FileNotFoundError:
        problem = Problem(shown, 1, 1, "missing-file")
    except (PoFileError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 1
        problem = Problem(shown, line, 1, "po-syntax", (("reason", str(error).partition(" on ")[0]),))
    return Messages(language, DOMAIN, HEADER, project="dong-hanh", version="1", fuzzy=False), [problem]


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows every translation that may be shown: neither missing nor stale ("fuzzy": the source changed since).

    chains: for each language, itself and then the languages that stand in for it, the source last.
    messages: for each language but the source, (context, source sentence) -> translation.
    """

    chains: Mapping[str, Sequence[str]]
    messages: Mapping[str, Mapping[tuple[str, str], str]]

    def say(self, language: str, context: str, sentences: Sequence[str]) -> tuple[str, list[str]]:
        """The sentences, all in one language, and which: the first of the chain that has them all."""
        for tongue in self.chains[language][:-1]:
            known = self.messages[tongue]
            found = [known[context, sentence] for sentence in sentences if (context, sentence) in known]
            if len(found) == len(sentences):
                return tongue, found
        return self.chains[language][-1], list(sentences)


@dataclass(slots=True)
class Count:
    """How far a language is."""

    translated: int = 0
    stale: list[Message] = field(default_factory=list)
    missing: list[Message] = field(default_factory=list)


def usable(messages: Messages) -> dict[tuple[str, str], str]:
    """The translations that may be shown."""
    return {
        (message.context or "", str(message.id)): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
