"""The whole bot: an edition in each language, and what all of them share. Built once, when the content is loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.conversation.crisis import Danger
from bot.conversation.screens import Block, Screen
from bot.conversation.search import Index


@dataclass(frozen=True, slots=True)
class Edition:
    """The bot in one language.

    name: of the language, in itself. screens: by address. notices: what is said above a screen ("I did not
    understand"), by name.
    """

    language: str
    name: str
    screens: Mapping[str, Screen]
    notices: Mapping[str, Block]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All editions.

    source: the language that content is written in, for people of whom nothing is known. otherwise: the language for
    people who read none of ours. redirects: renamed addresses, old to new. commands: folded words that work in every
    state and language, to an address, "back", "again" or a language. phrases: folded titles and ways people ask, to an
    address. codes: addresses as one word, to the address.
    """

    editions: Mapping[str, Edition]
    source: str
    otherwise: str
    redirects: Mapping[str, str]
    commands: Mapping[str, str]
    phrases: Mapping[str, str]
    codes: Mapping[str, str]
    index: Index
    danger: Danger

    def guess(self, languages: Iterable[str]) -> str:
        """The language of ours that fits these BCP 47 tags best."""
        wanted = [tag.replace("_", "-").partition("-")[0].lower() for tag in languages]
        return next((tag for tag in wanted if tag in self.editions), self.otherwise if any(wanted) else self.source)

    def find(self, language: str, address: str) -> Screen | None:
        """The screen at an address, or where that address was moved to; None if there is none."""
        screens = self.editions[language].screens
        return screens.get(address) or screens.get(self.redirects.get(address, ""))
