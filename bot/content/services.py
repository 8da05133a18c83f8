"""Writes the lists of the directory: by need, by province, by both, by what decides whether somebody goes."""

from collections.abc import Iterator
from dataclasses import replace

from bot.content.fixed_models import Fixed
from bot.content.places import LABELS, passes
from bot.content.service_pages import ServicePages
from bot.content.signs import Signs
from bot.conversation import Block, Screen


class ServiceLists:
    """The pen for lists of services."""

    def __init__(self, signs: Signs, pages: ServicePages, fixed: Fixed) -> None:
        self.signs = signs
        self.pages = pages
        self.fixed = fixed
        self.places = signs.places
        self.writer = signs.writer
        self.labels = signs.labels

    def screens(self) -> Iterator[Screen]:
        for category in self.places.categories:
            yield self._need(category)
            if self.places.has_positions(category):
                yield self._near(category)
        for province in self.places.provinces:
            yield self._province(province)
            for category in self.places.categories:
                yield self._list(province, category)
                for name in self.places.filters(province, category):
                    yield self._filtered(province, category, name)

    def mergers(self) -> dict[str, Block]:
        """What is said to somebody who used an old province's name, by the address that it had."""
        return {
            f"services/{old}": self.writer.note(
                self.labels["part_of"].format(old=unit.name, province=province.name, date=self.signs.day(unit.closed))
            )
            for province in self.places.provinces.values()
            for old, unit in province.old.items()
            if unit.closed and old not in self.places.provinces
        }

    def _need(self, category: str) -> Screen:
        """Where is such a service? Near me, or in a province; national numbers of this kind besides."""
        title, summary = self.signs.category(category), self.signs.summary(category)
        near = f"services/near/{category}"
        choices = [self.signs.to(self.signs.near(category), near)] if self.places.has_positions(category) else []
        choices += [
            self.signs.to(province.name, f"services/{key}/{category}")
            for key, province in self.places.provinces.items()
            if self.places.listed(key, category)
        ]
        calls = self.writer.calls(self.places.categories[category].otherwise)
        blocks = [self.signs.text(summary), calls]
        return self.writer.screen(
            f"services/needs/{category}",
            title,
            summary,
            blocks,
            choices,
            "services/needs",
            icon=self.places.categories[category].icon,
        )

    def _near(self, category: str) -> Screen:
        """Asks for the position; the answer to it is put together in the conversation."""
        self.signs.category(category)
        fixed = self.fixed.screens.get("services/near")
        summary = self.writer.line("screens/services/near/summary", fixed.summary) if fixed else ""
        body = self.writer.blocks("screens/services/near/body", fixed.body) if fixed else []
        choices = [self.signs.to(self.labels["elsewhere"], f"services/needs/{category}")]
        screen = self.writer.screen(
            f"services/near/{category}", self.signs.near(category), summary, body, choices, "services/near"
        )
        return replace(screen, asks="position")

    def _province(self, key: str) -> Screen:
        province = self.places.provinces[key]
        merged = [unit.name for old, unit in province.old.items() if old != key]
        blocks = []
        if merged and province.since:
            old = ", ".join(merged)
            said = self.labels["made_of"].format(province=province.name, old=old, date=self.signs.day(province.since))
            blocks.append(self.signs.text(said))
        listed = {category: len(self.places.listed(key, category)) for category in self.places.categories}
        choices = [
            self.signs.to(
                f"{self.signs.category(category, icon=True)} ({count})",
                f"services/{key}/{category}",
                self.signs.summary(category),
            )
            for category, count in listed.items()
            if count
        ]
        if self.places.gates_of(key):
            choices.append(self.signs.to(self.labels["gates"], f"services/gates/{key}"))
        empty = [category for category, count in listed.items() if not count]
        choices += [self.signs.to(self.signs.category(category, icon=True), f"services/{key}/{category}") for category in empty]
        calls = self.writer.calls(self.places.calls("hospital", "social"))
        return self.writer.screen(
            f"services/{key}", province.name, self._summary(key), [*blocks, calls], choices, "services/provinces", icon="📍"
        )

    def _summary(self, key: str) -> str:
        """The kinds of service that a province has."""
        return " · ".join([self.signs.category(c) for c in self.places.categories if self.places.listed(key, c)][:3])

    def _list(self, province: str, category: str) -> Screen:
        listed = self.places.listed(province, category)
        address = f"services/{province}/{category}"
        self.signs.category(category)
        choices = [self.signs.to(self.signs.names[key], f"service/{key}") for key in listed]
        blocks = [self.pages.cards[key] for key in listed]
        if listed:
            filters = self.places.filters(province, category)
            choices += [self.signs.to(self.labels[LABELS.get(name, name)], f"{address}/{name}") for name in filters]
        else:
            what, place = self.signs.category(category), self.signs.province(province)
            blocks.append(self.signs.text(self.labels["nothing"].format(what=what, place=place)))
            if nearest := self.places.nearest.get((province, category)):
                blocks.append(self.signs.text(self.labels["nearest_with"].format(place=self.signs.province(nearest))))
                choices.append(self.signs.to(self.signs.inside(category, nearest), f"services/{nearest}/{category}"))
            blocks.append(self.writer.calls(self.places.categories[category].otherwise))
        choices.append(self.signs.to(self.labels["elsewhere"], f"services/needs/{category}"))
        if self.places.gates_of(province) and category in ("hospital", "quarantine"):
            choices.append(self.signs.to(self.labels["gates"], f"services/gates/{province}"))
        title, summary = self.signs.inside(category, province), self.signs.summary(category)
        return self.writer.screen(
            address, title, summary, blocks, choices, f"services/{province}", icon=self.places.categories[category].icon
        )

    def _filtered(self, province: str, category: str, name: str) -> Screen:
        """Those of a list of which something is known. What is open is left to the moment: all with hours stand here."""
        listed = [key for key in self.places.listed(province, category) if passes(self.places.services[key][1], name)]
        self.signs.category(category)
        parent = f"services/{province}/{category}"
        title = f"{self.signs.inside(category, province)} · {self.labels[LABELS.get(name, name)]}"
        choices = [self.signs.to(self.signs.names[key], f"service/{key}") for key in listed]
        if name == "open":
            hours = (self.pages.hours(self.places.services[key][1], self.signs.names[key]) for key in listed)
            blocks = [self.signs.text(said) for said in hours]
        else:
            blocks = [self.pages.cards[key] for key in listed]
        return self.writer.screen(f"{parent}/{name}", title, self.signs.summary(category), blocks, choices, parent)
