"""gettext through Babel: sentences of the source language in, sentences of another language out, and what is missing.

The .po files are read as they are; there is no built .mo that could be older than they are.
"""

import re
import string
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from babel.messages.catalog import Catalog as Messages
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, denormalize, read_po

from bot.content.problems import Problem

T = TypeVar("T")
DOMAIN = "bot"
# A line of a .po file that should hold text, without its last quote: Babel reads it too, but cuts the text's letters.
# These begin with a line's end, which is looked for many times as fast as a line's start.
_UNQUOTED = re.compile(r'\n(?=msg|")(?!(?:msg\w+(?:\[\d+\])? )?"(?:[^"\\\n]++|\\.)*+"[^\S\n]*$)', re.MULTILINE)
_LOCATIONS = re.compile(rb"\n#:.*")
# The first lines of a new .po file.
HEADER = """# Translations of Đồng Hành. Edit with any PO editor; `python -m bot check` finds mistakes.
# Licence: CC BY 4.0, see content/LICENSE."""


def po_file(locales: Path, language: str) -> Path:
    """Where the translations of a language are."""
    return locales / language / "LC_MESSAGES" / f"{DOMAIN}.po"


class Translated(NamedTuple):
    """A translation. stale: its sentence changed since ("fuzzy"). line: where it stands in its file."""

    text: str
    stale: bool
    line: int


# What has a translation, shown or not, by (context, source sentence).
Known = Mapping[tuple[str, str], Translated]


def read_messages(locales: Path, language: str) -> tuple[Messages, list[Problem]]:
    """The .po file of a language, to be changed; nothing, with the problem, if it cannot be read."""
    found, problems = _read(locales, language, _parse)
    return found or Messages(language, DOMAIN, HEADER, project="dong-hanh", version="1", fuzzy=False), problems


def read_translations(locales: Path, language: str) -> tuple[Known, list[Problem]]:
    """The translations of a language; none, with the problem, if its file cannot be read."""
    found, problems = _read(locales, language, _translations)
    return found or {}, problems


def _read(locales: Path, language: str, parse: Callable[[bytes, str], T]) -> tuple[T | None, list[Problem]]:
    file = po_file(locales, language)
    shown = f"{locales.name}/{language}/LC_MESSAGES/{DOMAIN}.po"
    try:
        return parse(file.read_bytes(), language), []
    except FileNotFoundError:
        problem = Problem(shown, 1, 1, "missing-file")
    except OSError as error:
        problem = Problem(shown, 1, 1, "unreadable", (("reason", error.strerror or type(error).__name__),))
    except _Empty:
        problem = Problem(shown, 1, 1, "empty")
    except (PoFileError, ValueError, LookupError) as error:  # LookupError: a charset that nobody knows
        line = getattr(error, "lineno", 0) + 1  # Babel counts from 0
        problem = Problem(shown, line, 1, "po-syntax", (("reason", str(error).partition(" on ")[0]),))
    return None, [problem]


class _Empty(Exception):
    """Nothing stands in a .po file."""


def _parse(content: bytes, language: str, *, located: bool = True) -> Messages:
    content = b"\n" + content
    text = (content if located else _LOCATIONS.sub(b"\n", content)).decode("utf-8")
    if found := _UNQUOTED.search(text):
        raise PoFileError("a quote is missing", Messages(), found[0], text.count("\n", 0, found.start()))
    messages = read_po(text.split("\n")[1:], locale=language, domain=DOMAIN, abort_invalid=True)
    if not len(messages):
        raise _Empty
    for message in messages:
        if message.user_comments:
            _keep_previous(message)
    return messages


@lru_cache(maxsize=16)
def _translations(content: bytes, language: str) -> Known:
    """A file that did not change is not read again. Where each sentence stands in content/ takes half of the time to read and
    is of no use here."""
    return {
        (message.context or "", str(message.id)): Translated(str(message.string), message.fuzzy, message.lineno or 1)
        for message in _parse(content, language, located=False)
        if message.id and message.string
    }


def _keep_previous(message: Message) -> None:
    """Babel writes the text before a change ("#|"), but reads it as a comment."""
    before = [comment[1:].strip() for comment in message.user_comments if comment.startswith("|")]
    if before:
        message.previous_id = ["".join(denormalize(line.removeprefix("msgid ")) for line in before)]
        message.user_comments = [comment for comment in message.user_comments if not comment.startswith("|")]


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

    def line(self, language: str, context: str, sentence: str) -> tuple[str, str]:
        """A sentence in the first language of the chain that has it, and which: most are asked for by themselves."""
        *others, source = self.chains[language]
        for tongue in others:
            if said := self.messages[tongue].get((context, sentence)):
                return tongue, said
        return source, sentence

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


def usable(known: Known) -> dict[tuple[str, str], str]:
    """The translations that may be shown."""
    return {
        place: said.text
        for place, said in known.items()
        if not said.stale and placeholders(place[1]) == placeholders(said.text)
    }


def placeholders(text: str) -> list[str]:
    """What stands in {braces}, sorted."""
    if "{" not in text and "}" not in text:
        return []
    try:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return [text]


def outdated(known: Known, wanted: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The wanted (context, sentence) pairs that had a translation until the sentence changed.

    Either the file was updated since ("fuzzy"), or it still holds another sentence for the same place.
    """
    stale = {place for place, said in known.items() if said.stale}
    changed = {context for context, _ in known.keys() - wanted}
    return {(context, text) for context, text in wanted - known.keys() if context in changed} | (stale & wanted)
