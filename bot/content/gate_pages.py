"""Writes the screens of border gates and of countries: who to call there, what is near, where to go on."""

from collections.abc import Callable, Iterable, Iterator

from bot.content import place_models as models
from bot.content.fixed_models import Fixed
from bot.content.service_pages import ServicePages
from bot.content.signs import Signs
from bot.conversation import Block, Choice, Point, Screen, nearest

# A hospital farther away (km, as the crow flies) is not near.
FARTHEST = 100.0
# Numbers for people from Viet Nam abroad, whatever the country.
_EVERYWHERE = "citizen-protection"


class GatePages:
    """The pen for gates and countries. choices: writes those that lead to pages of the menus."""

    def __init__(
        self, signs: Signs, pages: ServicePages, fixed: Fixed, choices: Callable[[Iterable[str]], list[Choice]]
    ) -> None:
        self.signs = signs
        self.pages = pages
        self.fixed = fixed
        self.choices = choices
        self.places = signs.places
        self.writer = signs.writer
        self.labels = signs.labels
        self._hospitals = sorted(
            Point(*service.position, key)
            for key, (_, service) in self.places.services.items()
            if service.position and "hospital" in service.categories
        )

    def screens(self) -> Iterator[Screen]:
        for province in self.places.provinces:
            if self.places.gates_of(province):
                yield self._gates(province)
        for key, gate in self.places.gates.items():
            yield self._gate(key, gate)
        for key, country in self.places.countries.items():
            yield self._country(key, country)

    def country(self, key: str) -> str:
        """A country's name in this language, from CLDR."""
        code = self.places.countries[key].code
        return str(self.writer.locale.territories.get(code, code))

    def _named(self, address: str) -> list[Choice]:
        """What the fixed screen above leads to, on each of the screens below it."""
        above = self.fixed.screens.get(address)
        return self.choices(above.items) if above else []

    def _gates(self, province: str) -> Screen:
        gates = self.places.gates_of(province)
        choices = [
            self.signs.to(self.writer.line(f"gate/{key}/name", gate.name), f"gate/{key}", self.country(gate.country))
            for key, gate in ((key, self.places.gates[key]) for key in gates)
        ]
        choices.append(self.signs.to(f"📍 {self.signs.province(province)}", f"services/{province}"))
        title = self.labels["in_place"].format(what=self.labels["gates"], place=self.signs.province(province))
        summary = ", ".join(self.places.gates[key].short for key in gates)
        return self.writer.screen(
            f"services/gates/{province}", title, summary, [self.signs.text(summary)], choices, "services/gates"
        )

    def _gate(self, key: str, gate: models.Gate) -> Screen:
        name = self.writer.line(f"gate/{key}/name", gate.name)
        across = self.country(gate.country)
        blocks = [self.writer.note(self.labels["not_confirmed"])] if gate.confidence == "low" else []
        blocks.append(self.signs.text("\n".join(self._where(gate, across))))
        if gate.note:
            blocks.append(self.signs.text(self.writer.line(f"gate/{key}/note", gate.note)))
        blocks.append(self.writer.calls(self.places.calls("hospital", "quarantine", "social")))
        local = self._local(gate)
        if local:
            blocks.append(self.signs.text(self.labels["same_district"].format(district=gate.district)))
            blocks += [self.pages.cards[service] for service in local]
        near = self._nearest(gate)
        if near and near[1] not in local:
            kilometres, hospital = near
            said = self.labels["nearest_hospital"].format(name=self.signs.names[hospital], km=f"{kilometres:.0f}")
            blocks += [self.signs.text(said), self.pages.cards[hospital]]
        elif not near and not local:
            blocks.append(self.signs.text(self.labels["hospital_unknown"]))
        quarantine = self.places.listed(gate.province, "quarantine")
        blocks += [self.pages.cards[service] for service in quarantine] or [self.signs.text(self.labels["quarantine_unknown"])]
        care = dict.fromkeys([*local, *([near[1]] if near else [])])
        choices = [self.signs.to(self.signs.names[service], f"service/{service}") for service in care]
        choices += [
            self.signs.to(self.signs.inside(category, gate.province), f"services/{gate.province}/{category}")
            for category in ("hospital", "quarantine", "cdc")
            if category in self.places.categories
        ]
        choices += self._named("services/gates")
        choices.append(self.signs.to(across, f"abroad/{gate.country}"))
        return self.writer.screen(
            f"gate/{key}",
            name,
            f"{self.signs.province(gate.province)} – {across}",
            blocks,
            choices,
            f"services/gates/{gate.province}",
            sources=gate.sources,
            reviewed=(gate.reviewed, gate.review_every),
            icon="🛂",
        )

    def _where(self, gate: models.Gate, across: str) -> Iterator[str]:
        yield f"{self.labels[gate.level]}, {self.labels[gate.mode]}."
        province = self.places.provinces[gate.province]
        if gate.commune:
            yield self.labels["commune"].format(commune=gate.commune, province=province.name)
        old = province.old.get(gate.old_province)
        if gate.district and old:
            yield self.labels["before"].format(district=gate.district, province=old.name)
        if gate.opposite:
            there = ", ".join(filter(None, (gate.opposite, gate.opposite_province)))
            yield self.labels["opposite"].format(opposite=there, country=across)

    def _nearest(self, gate: models.Gate) -> tuple[float, str] | None:
        """The hospital whose position is nearest to the commune's centre."""
        found = nearest(self._hospitals, gate.position, 1) if gate.position else []
        return found[0] if found and found[0][0] <= FARTHEST else None

    def _local(self, gate: models.Gate) -> list[str]:
        """Hospitals and health centres that say that they are in the gate's former district."""
        found = []
        for category in ("hospital", "clinic"):
            for key in self.places.listed(gate.province, category):
                service = self.places.services[key][1]
                said = " ".join(filter(None, (service.name, service.address, service.note)))
                if gate.district and gate.district in said and service.old_province == gate.old_province:
                    found.append(key)
        return [*dict.fromkeys(found)][:2]

    def _country(self, key: str, country: models.Country) -> Screen:
        name = self.country(key)
        advice = self.writer.blocks(f"abroad/{key}/advice", country.advice) if country.advice else []
        lines = [name for name, hotline in self.writer.hotlines.items() if hotline.country == country.code]
        blocks: list[Block] = [self.writer.calls([_EVERYWHERE]), *advice, self.writer.calls(lines)]
        blocks.append(self.writer.note(self.labels["only_inside"]))
        choices = self._named("countries")
        return self.writer.screen(f"abroad/{key}", name, name, blocks, choices, "countries", icon="🌏")
