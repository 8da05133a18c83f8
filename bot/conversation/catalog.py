"""The whole bot: an edition in each language, and what all of them share. Built once, when the content is loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.conversation.crisis import Danger
from bot.conversation.directory import Directory
from bot.conversation.forms import Form
from bot.conversation.index import Index
from bot.conversation.places import Names, find
from bot.conversation.screens import Block, Screen


@dataclass(frozen=True, slots=True, repr=False)
class Edition:
    """The bot in one language.

    name: of the language, in itself. screens: by address. notices: what is said above a screen ("I did not
    understand"), by name, and by the address of an old province what became of it. cards: what a list says of a service.
    forms: by key.
    """

    language: str
    name: str
    screens: Mapping[str, Screen]
    notices: Mapping[str, Block]
    cards: Mapping[str, Block] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Catalog:
    """All editions.

    source: the language that content is written in, for people of whom nothing is known. otherwise: the language for
    people who read none of ours. redirects: renamed addresses, old to new. commands: folded words that work in every
    state and language, to an address, "back", "again" or a language. phrases: folded titles and ways people ask, to an
    address. codes: addresses as one word, to the address. pictures: by file name.
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
    names: Names
    directory: Directory
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def guess(self, languages: Iterable[str]) -> str:
        """The language of ours that fits these BCP 47 tags best."""
        wanted = [tag.replace("_", "-").partition("-")[0].lower() for tag in languages]
        return next((tag for tag in wanted if tag in self.editions), self.otherwise if any(wanted) else self.source)

    def find(self, language: str, address: str) -> Screen | None:
        """The screen at an address, or where that address was moved to; None if there is none."""
        screens = self.editions[language].screens
        return screens.get(address) or screens.get(self.redirects.get(address, ""))

    def province(self, address: str) -> str:
        """The province of today that an address is about: of its services or of a gate; "" for any other address."""
        if address.startswith("gate/"):
            screen = self.find(self.source, address)
            address = f"services/{screen.parent.rpartition('/')[2]}" if screen else ""
        address = self.redirects.get(address, address)
        kind, _, rest = address.partition("/")
        province = rest.partition("/")[0] if kind == "services" else ""
        return province if province in self.directory.provinces else ""

    def find_province(self, text: str) -> str:
        """The province of today that words name, by whichever of its names; "" if it is not clear which."""
        found = {self.province(place.address) for place in find(self.names, text)}
        return found.pop() if len(found) == 1 else ""
