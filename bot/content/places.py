"""Provinces, gates, countries and services as one: what they are called, where they lie, which address leads to which."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.content import place_models as models
from bot.content.hours import Times
from bot.conversation import Directory, Named, Names, Point, Rank, build_names, distance, folded

# Nobody travels farther (km) to an office; a number to call helps more.
FARTHEST = 250.0


@dataclass(frozen=True)
class Places:
    """The models of content/places/, content/categories.yaml and content/services/. services: with their province."""

    provinces: dict[str, models.Province] = field(default_factory=dict)
    shared: Sequence[models.SharedName] = ()
    gates: models.Gates = field(default_factory=dict)
    countries: models.Countries = field(default_factory=dict)
    categories: models.Categories = field(default_factory=dict)
    services: dict[str, tuple[str, models.Service]] = field(default_factory=dict)
    communes: Sequence[Point] = ()

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Every address that the places have, without those that only pass on."""
        return frozenset(self._addresses())

    def _addresses(self) -> Iterator[str]:
        for category in self.categories:
            yield f"services/needs/{category}"
            if self.has_positions(category):
                yield f"services/near/{category}"
        for province in self.provinces:
            yield f"services/{province}"
            yield from (f"services/{province}/{category}" for category in self.categories)
            for category in self.categories:
                yield from (f"services/{province}/{category}/{name}" for name in self.filters(province, category))
            if self.gates_of(province):
                yield f"services/gates/{province}"
        for key, (_, service) in self.services.items():
            yield f"service/{key}"
            if service.numbers:
                yield f"report/{key}"
        yield from (f"gate/{gate}" for gate in self.gates)
        yield from (f"abroad/{country}" for country in self.countries)

    def redirects(self) -> dict[str, str]:
        """Addresses that pass on: of old provinces to those of today, of needs to the choice of a province."""
        found = {f"need/{category}": f"services/needs/{category}" for category in self.categories}
        for province, old in self.merged():
            found[f"services/{old}"] = f"services/{province}"
            found |= {f"services/{old}/{category}": f"services/{province}/{category}" for category in self.categories}
        return found

    def merged(self) -> Iterator[tuple[str, str]]:
        """(province, old province) for those whose name is gone."""
        for key, province in self.provinces.items():
            yield from ((key, old) for old in province.old if old not in self.provinces)

    def has_positions(self, category: str) -> bool:
        """Is it known where any of them is?"""
        return any(s.position and category in s.categories for _, s in self.services.values())

    def gates_of(self, province: str) -> list[str]:
        return self._gates.get(province, [])

    @cached_property
    def _gates(self) -> dict[str, list[str]]:
        gates: dict[str, list[str]] = {}
        for key, gate in self.gates.items():
            gates.setdefault(gate.province, []).append(key)
        return gates

    def listed(self, province: str, category: str) -> list[str]:
        """The services of a category in a province: those that can be called first, what is not confirmed last."""
        return self._lists.get((province, category), [])

    @cached_property
    def _lists(self) -> dict[tuple[str, str], list[str]]:
        lists: dict[tuple[str, str], list[str]] = {}
        for key, (province, service) in self.services.items():
            for category in service.categories:
                lists.setdefault((province, category), []).append(key)
        for (_, category), keys in lists.items():
            keys.sort(key=lambda key, category=category: self._worth(key, category))  # type: ignore[misc]
        return lists

    @cached_property
    def nearest(self) -> dict[tuple[str, str], str]:
        """For a province and a category: the province whose seat is nearest, of those that have such a service; not there if
        none has one."""
        found = {}
        for here, province in self.provinces.items():
            away = [(distance(province.position, there.position), key) for key, there in self.provinces.items()]
            near = [key for kilometres, key in sorted(away) if kilometres <= FARTHEST]
            for category in self.categories:
                if first := next((key for key in near if self.listed(key, category)), ""):
                    found[here, category] = first
        return found

    def _worth(self, key: str, category: str) -> tuple[bool, bool, int]:
        service = self.services[key][1]
        return service.confidence == "low", not service.phones, service.categories.index(category)

    def calls(self, *categories: str) -> list[str]:
        """The hotlines of these categories, each once."""
        known = (self.categories[key].otherwise for key in categories if key in self.categories)
        return [*dict.fromkeys(name for names in known for name in names)]

    def filters(self, province: str, category: str) -> list[str]:
        """What the services of a list can be filtered by, because it is known of some of them."""
        return self._filters.get((province, category), [])

    @cached_property
    def _filters(self) -> dict[tuple[str, str], list[str]]:
        return {
            place: [name for name in FILTERS if any(passes(self.services[key][1], name) for key in keys)]
            for place, keys in self._lists.items()
        }


# What decides whether somebody goes; "open" depends on the time.
FILTERS = ("open", "free", "insurance", "no-papers", "children", "women")
# How they are called among the fixed sentences.
LABELS = {"open": "open_filter", "no-papers": "no_papers"}


def passes(service: models.Service, name: str) -> bool:
    """Is this known of the service?"""
    if name == "open":
        return bool(service.hours or service.emergency_hours)
    return getattr(service, {"no-papers": "no_papers", "women": "women_only"}.get(name, name)) is True


def sound(places: Places, hotlines: Container[str]) -> Places:
    """Without what names something that is not there: `check` tells of it, and all the rest can still be written."""
    categories = {
        key: category.model_copy(update={"otherwise": tuple(name for name in category.otherwise if name in hotlines)})
        for key, category in places.categories.items()
    }
    services = {
        key: (province, service.model_copy(update={"categories": kinds}))
        for key, (province, service) in places.services.items()
        if province in places.provinces and (kinds := tuple(kind for kind in service.categories if kind in categories))
    }
    gates = {
        key: gate
        for key, gate in places.gates.items()
        if gate.province in places.provinces and gate.country in places.countries
    }
    shared = [name for name in places.shared if all(province in places.provinces for province in name.provinces)]
    communes = [point for point in places.communes if point.key in places.provinces]
    return replace(places, categories=categories, services=services, gates=gates, shared=shared, communes=communes)


def place_names(places: Places) -> Names:
    """Every name that people use, with the address that it leads to."""
    return build_names(_named(places))


def _named(places: Places) -> Iterator[Named]:
    for key, province in places.provinces.items():
        yield from _names_of(key, province)
    for shared in places.shared:
        for key in shared.provinces:
            yield from _spoken(f"services/{key}", shared.name, "district")
    for key, gate in places.gates.items():
        for name in (gate.short, gate.short.partition(" (")[0], *gate.also):
            yield Named(f"gate/{key}", name, "gate")
    for key, country in places.countries.items():
        for name in (*country.also, *country.towns):
            yield Named(f"abroad/{key}", name, "country")


def _names_of(key: str, province: models.Province) -> Iterator[Named]:
    """The names of a province. What was of an old one leads to it, so that people hear what became of it."""
    today = f"services/{key}"
    old: set[str] = set()
    yield Named(today, province.name, "province")
    for part, unit in province.old.items():
        old |= {folded(name) for name in (unit.name, *unit.also, unit.seat, *unit.cities)}
        for name in (unit.name, *unit.also):
            yield from _spoken(f"services/{part}", name, "province")
        for name in (unit.seat, *unit.cities):
            yield from _spoken(f"services/{part}", name, "town")
    for name in province.also:
        if folded(name) not in old:
            yield from _spoken(today, name, "province")
    seat = province.seat.partition(" (")[0]
    if folded(seat) not in old:
        yield from _spoken(today, seat, "town")
    for name in province.districts:
        yield from _spoken(today, name, "district")


def _spoken(address: str, name: str, rank: Rank) -> Iterator[Named]:
    """A name; and without its kind ("huyện Ba Vì"), where that reads like other words as soon as accents are left out."""
    yield Named(address, name, rank)
    rest = re.sub("^(thị xã|thành phố|huyện|quận) ", "", name)
    if rest != name and not rest.isdecimal():
        yield Named(address, rest, rank, alone=True)


def write_directory(places: Places) -> Directory:
    """What positions and times are looked up in."""
    points: dict[str, list[Point]] = {category: [] for category in places.categories}
    for key, (_, service) in places.services.items():
        for category in service.categories:
            if service.position and category in points:
                points[category].append(Point(*service.position, key))
    return Directory(
        services={category: sorted(found) for category, found in points.items()},
        communes=sorted(places.communes),
        hours={
            key: Times(text)
            for key, (_, service) in places.services.items()
            if (text := service.hours or service.emergency_hours)
        },
        provinces=frozenset(places.provinces),
        needs={folded(phrase): key for key, c in places.categories.items() for said in c.ask.values() for phrase in said},
    )
