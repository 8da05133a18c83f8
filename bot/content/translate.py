"""gettext through Babel: sentences of the source language in, sentences of another language out, and what is missing.

The .po files are read as they are; there is no built .mo that could be older than they are.
"""

import re
import string
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from babel.messages.catalog import Catalog as Messages
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, denormalize, read_po

from bot.content.problems import Problem

DOMAIN = "bot"
# A line of a .po file that should hold text, without its last quote: Babel reads it too, but cuts the text's letters.
_UNQUOTED = re.compile(r'^(?=msg|")(?!(?:msg\w+(?:\[\d+\])? )?"(?:[^"\\\n]++|\\.)*+"[^\S\n]*$)', re.MULTILINE)
_LOCATIONS = re.compile("^#:.*", re.MULTILINE)
# The first lines of a new .po file.
HEADER = """# Translations of Đồng Hành. Edit with any PO editor; `python -m bot check` finds mistakes.
# Licence: CC BY 4.0, see content/LICENSE."""


def po_file(locales: Path, language: str) -> Path:
    """Where the translations of a language are."""
    return locales / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_messages(locales: Path, language: str, *, only_read: bool = False) -> tuple[Messages, list[Problem]]:
    """The translations of a language; none, with the problem, if the file cannot be read.

    only_read: the caller changes nothing in them, so a file that did not change need not be read again.
    """
    file = po_file(locales, language)
    shown = f"{locales.name}/{language}/LC_MESSAGES/{DOMAIN}.po"
    try:
        return (_parse_once if only_read else _parse)(file.read_bytes(), language, shown)
    except FileNotFoundError:
        problem = Problem(shown, 1, 1, "missing-file")
    except OSError as error:
        problem = Problem(shown, 1, 1, "unreadable", (("reason", error.strerror or type(error).__name__),))
    except (PoFileError, ValueError, LookupError) as error:  # LookupError: a charset that nobody knows
        line = getattr(error, "lineno", 0) + 1  # Babel counts from 0
        problem = Problem(shown, line, 1, "po-syntax", (("reason", str(error).partition(" on ")[0]),))
    return _none(language), [problem]


def _parse(content: bytes, language: str, shown: str, *, located: bool = True) -> tuple[Messages, list[Problem]]:
    text = content.decode("utf-8")
    if found := _UNQUOTED.search(text):
        number = text.count("\n", 0, found.start()) + 1
        return _none(language), [Problem(shown, number, 1, "po-syntax", (("reason", "a quote is missing"),))]
    lines = (text if located else _LOCATIONS.sub("", text)).split("\n")
    messages = read_po(lines, locale=language, domain=DOMAIN, abort_invalid=True)
    if not len(messages):
        return messages, [Problem(shown, 1, 1, "empty")]
    for message in messages:
        if message.user_comments:
            _keep_previous(message)
    return messages, []


# Who only reads does not need to know where each sentence stands in content/, which takes half of the time to read.
_parse_once = lru_cache(maxsize=16)(partial(_parse, located=False))


def _keep_previous(message: Message) -> None:
    """Babel writes the text before a change ("#|"), but reads it as a comment."""
    before = [comment[1:].strip() for comment in message.user_comments if comment.startswith("|")]
    if before:
        message.previous_id = ["".join(denormalize(line.removeprefix("msgid ")) for line in before)]
        message.user_comments = [comment for comment in message.user_comments if not comment.startswith("|")]


def _none(language: str) -> Messages:
    return Messages(language, DOMAIN, HEADER, project="dong-hanh", version="1", fuzzy=False)


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


def translated(messages: Messages) -> dict[tuple[str, str], Message]:
    """By (context, source sentence) what has a translation, shown or not."""
    return {(message.context or "", str(message.id)): message for message in messages if message.id and message.string}


def usable(known: Mapping[tuple[str, str], Message]) -> dict[tuple[str, str], str]:
    """The translations that may be shown."""
    return {
        place: str(message.string)
        for place, message in known.items()
        if not message.fuzzy and placeholders(place[1]) == placeholders(str(message.string))
    }


def placeholders(text: str) -> list[str]:
    """What stands in {braces}, sorted."""
    if "{" not in text and "}" not in text:
        return []
    try:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return [text]


def outdated(known: Mapping[tuple[str, str], Message], wanted: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The wanted (context, sentence) pairs that had a translation until the sentence changed.

    Either the file was updated since ("fuzzy"), or it still holds another sentence for the same place.
    """
    fuzzy = {place for place, message in known.items() if message.fuzzy}
    changed = {context for context, _ in known.keys() - wanted}
    return {(context, text) for context, text in wanted - known.keys() if context in changed} | (fuzzy & wanted)
