"""Where every screen's choices lead, and where "back" leads: the tree of menus, before any language is written out."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.content import markup, models
from bot.content.book import Page


@dataclass(frozen=True, slots=True)
class Menus:
    """The parts of a book without which nothing can be written."""

    bot: models.Bot
    fixed: models.Fixed
    hotlines: models.Hotlines
    topics: dict[str, Page[models.Topic]]
    redirects: models.Redirects

    def items(self, address: str) -> list[str]:
        """Where the choices of a screen lead, in order; for a topic also where its text leads. Dead links are left out."""
        named: Iterable[str]
        if address == "home":
            named = self.bot.home
        elif address in self.bot.sections:
            named = self.bot.sections[address].items
        elif address in self.fixed.screens:
            named = self.fixed.screens[address].items
        else:
            topic = self.topics[address].model
            named = (*topic.see_also, *(link.target for link in topic_links(topic)))
        return [item for item in dict.fromkeys(named) if self.holds(item) and item != address]

    def holds(self, address: str) -> bool:
        return address in self.bot.sections or address in self.fixed.screens or address in self.topics

    def addresses(self) -> list[str]:
        return [*self.fixed.screens, *self.bot.sections, *self.topics]

    def parents(self) -> dict[str, str]:
        """Where "back" leads from each screen that can be reached: up the menus, else to the page that leads here."""
        parents = {"home": "home"}
        for leaves in (False, True):
            queue = list(parents) if leaves else ["home"]
            for address in queue:
                if not leaves and address in self.topics:
                    continue
                for item in self.items(address):
                    if item not in parents:
                        parents[item] = address
                        queue.append(item)
        return parents


def topic_links(topic: models.Topic) -> list[markup.Link]:
    """Every link in a topic's text."""
    parts = (*markup.parse(topic.danger or ""), *markup.parse(topic.body))
    return [link for part in parts for unit in part.units for link in markup.links(unit.content)]
