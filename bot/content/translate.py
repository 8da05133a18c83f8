"""gettext through Babel: sentences of the source language in, sentences of another language out, and what is missing.

The .po files are read as they are; there is no built .mo that could be older than they are.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog as Messages
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
    messages: for each language but the source, (context, source sentence) -> translation. stale: likewise, the sentences
    whose source changed after they were translated.
    """

    chains: Mapping[str, Sequence[str]]
    messages: Mapping[str, Mapping[tuple[str, str], str]]
    stale: Mapping[str, Set[tuple[str, str]]]

    def say(self, language: str, context: str, sentences: Sequence[str]) -> tuple[str, list[str]]:
        """The sentences, all in one language, and which: the first of the chain that has them all."""
        for tongue in self.chains[language][:-1]:
            known = self.messages[tongue]
            found = [known[context, sentence] for sentence in sentences if (context, sentence) in known]
            if len(found) == len(sentences):
                return tongue, found
        return self.chains[language][-1], list(sentences)

    def is_stale(self, language: str, context: str, sentences: Sequence[str]) -> bool:
        """Was one of the sentences translated once, and changed since?"""
        return any((context, sentence) in self.stale.get(language, ()) for sentence in sentences)


def usable(messages: Messages) -> dict[tuple[str, str], str]:
    """The translations that may be shown."""
    return {
        (message.context or "", str(message.id)): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }


def outdated(messages: Messages, wanted: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The wanted (context, sentence) pairs that had a translation until the sentence changed.

    Either the file was updated since ("fuzzy"), or it still holds another sentence for the same place.
    """
    fuzzy = {(m.context or "", str(m.id)) for m in messages if m.id and m.string and m.fuzzy}
    known = {(m.context or "", str(m.id)) for m in messages if m.id and m.string}
    changed = {context for context, _ in known - wanted}
    return {(context, text) for context, text in wanted - known if context in changed} | (fuzzy & wanted)
