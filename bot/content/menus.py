"""Where every screen's choices lead, and where "back" leads: the tree of menus, before any language is written out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.content import form_models, markup, models
from bot.content.book import Page
from bot.content.fixed_models import Fixed
from bot.content.places import Places


@dataclass(frozen=True, slots=True)
class Menus:
    """The parts of a book without which nothing can be written."""

    bot: models.Bot
    fixed: Fixed
    topics: dict[str, Page[models.Topic]]
    places: Places
    forms: dict[str, Page[form_models.Form]]
    _items: dict[str, list[str]] = field(default_factory=dict)

    def items(self, address: str) -> list[str]:
        """Where the choices of a screen lead, in order; for a topic also where its text leads. Dead links are left out."""
        if address not in self._items:  # the same in all languages
            self._items[address] = self._led(address)
        return self._items[address]

    def _led(self, address: str) -> list[str]:
        named: Iterable[str]
        if address == "home":
            named = self.bot.home
        elif address in self.bot.sections:
            named = self.bot.sections[address].items
        elif address in self.fixed.screens:
            named = (*self.fixed.screens[address].items, *self._computed(address))
        elif address.startswith("form/"):
            named = self.forms[address.removeprefix("form/")].model.see_also
        else:
            topic = self.topics[address].model
            near = (f"need/{category}" for category in topic.services)
            named = (*topic.see_also, *near, *(link.target for link in topic_links(topic)))
        return [item for item in dict.fromkeys(named) if self.holds(item) and item != address]

    def form(self, address: str) -> Page[form_models.Form] | None:
        """The form at an address, None at any other."""
        kind, _, key = address.partition("/")
        return self.forms.get(key) if kind == "form" else None

    def _computed(self, address: str) -> list[str]:
        """Where the screens lead whose choices are the places that there are."""
        if address == "services":
            return ["services/near", "services/provinces", "services/gates", "services/needs", "countries"]
        computed = {
            "services/near": (f"services/near/{key}" for key in self.places.categories if self.places.has_positions(key)),
            "services/needs": (f"need/{key}" for key in self.places.categories),
            "services/provinces": (f"services/{key}" for key in self.places.provinces),
            "services/gates": (f"services/gates/{key}" for key in self.places.provinces if self.places.gates_of(key)),
            "countries": (f"abroad/{key}" for key in self.places.countries),
        }
        return list(computed.get(address, ()))

    def holds(self, address: str) -> bool:
        if address.removeprefix("need/") in self.places.categories or address in self.places.addresses:
            return True
        if self.form(address):
            return True
        return address in self.bot.sections or address in self.fixed.screens or address in self.topics

    def addresses(self) -> list[str]:
        return [*self.fixed.screens, *self.bot.sections, *self.topics]

    def parents(self) -> dict[str, str]:
        """Where "back" leads from each screen that can be reached: up the menus, else to the page that leads here."""
        parents = {"home": "home"}
        for leaves in (False, True):
            queue = list(parents) if leaves else ["home"]
            for address in queue:
                if (not leaves and (address in self.topics or address.startswith("form/"))) or address in self.places.addresses:
                    continue
                for item in self.items(address):
                    if item not in parents and not item.startswith("need/"):
                        parents[item] = address
                        queue.append(item)
        return parents


def topic_links(topic: models.Topic) -> list[markup.Link]:
    """Every link in a topic's text."""
    parts = (*markup.parse(topic.danger or ""), *markup.parse(topic.body))
    return [link for part in parts for unit in part.units for link in markup.links(unit.content)]
