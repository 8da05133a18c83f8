"""Writes the screen of one service, and its card: what a list says of it."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import urlencode

from babel.dates import get_day_names

from bot.content import place_models as models
from bot.content.markup import escaped
from bot.content.phones import dialled, tel
from bot.content.places import FILTERS, LABELS, passes
from bot.content.signs import Signs, one_line
from bot.conversation import Block, Screen, Text

# Up to then, provinces published lines for the epidemic; authors have them checked again after so few months.
COVID_YEARS, SHORT_REVIEW = 2021, 3
_DAYS = {"Mo": 0, "Tu": 1, "We": 2, "Th": 3, "Fr": 4, "Sa": 5, "Su": 6}


class ServicePages:
    """The pen for services. cards: by key."""

    def __init__(self, signs: Signs) -> None:
        self.signs = signs
        self.places = signs.places
        self.writer = signs.writer
        self.labels = signs.labels
        self.cards = {key: self._card(key) for key in self.places.services}

    def screens(self) -> Iterator[Screen]:
        for key in self.places.services:
            yield self._service(key)
            if self.places.services[key][1].numbers:
                yield self._reported(key)

    def _card(self, key: str) -> Block:
        """A service in a list: its name, the numbers, else the address, and what has to be doubted."""
        service = self.places.services[key][1]
        name = self.signs.names[key]
        lines = [Text(name, f"<b>{escaped(name)}</b>", f"<p><b>{escaped(name)}</b></p>")]
        if service.phones:
            lines.append(phones("📞 ", service.phones))
        elif service.address:
            lines.append(one_line(f"📍 {service.address}"))
        if old := self._old_number(service):
            lines.append(one_line(old))
        if service.confidence == "low":
            lines.append(one_line(self.labels["not_confirmed"]))
        return Block(_stacked(lines), self.signs.language, "call" if service.phones else "text")

    def _service(self, key: str) -> Screen:
        province, service = self.places.services[key]
        category = service.categories[0]
        name = self.writer.line(f"service/{key}/name", service.name)
        what = self.writer.line(f"service/{key}/what_for", service.what_for) if service.what_for else ""
        blocks = [self.writer.note(self.labels["not_confirmed"])] if service.confidence == "low" else []
        if what:
            blocks.append(self.signs.text(what))
        blocks += self._numbers(service)
        if service.address:
            blocks.append(self.signs.text(self.labels["address"].format(address=service.address)))
        if service.before_merger:
            blocks.append(self.writer.note(self.labels["old_address"]))
        blocks += self._links(service)
        if hours := self.hours(service):
            blocks.append(self.signs.text(hours))
        blocks += [self.signs.text(line) for line in self._known(service)]
        if service.note:
            blocks.append(self.signs.text(self.writer.line(f"service/{key}/note", service.note)))
        if service.openstreetmap:
            blocks.append(self.writer.note(self.labels["openstreetmap"]))
        parent = f"services/{province}/{category}"
        choices = [self.signs.to(self.signs.inside(category, province), parent)]
        if service.numbers:
            choices.append(self.signs.to(self.labels["report"], f"report/{key}"))
        return self.writer.screen(
            f"service/{key}",
            name,
            what or self.signs.inside(category, province),
            blocks,
            choices,
            parent,
            sources=service.sources,
            reviewed=(service.reviewed, service.review_every),
            icon=self.places.categories[category].icon,
        )

    def _numbers(self, service: models.Service) -> Iterator[Block]:
        """Numbers of the service; where there are none, who to call instead; numbers that nobody confirmed, as such."""
        if service.phones:
            old = f" ({said})" if (said := self._old_number(service)) else ""
            yield Block(phones("📞 ", service.phones, old), self.signs.language, "call")
        elif not service.phones_unverified:
            yield self.signs.text(self.labels["no_phone"])
            yield self.writer.calls(self.places.categories[service.categories[0]].otherwise)
        if service.phones_unverified:
            before, after = self.labels["unverified_phones"].split("{numbers}")
            yield Block(phones(before, service.phones_unverified, after), self.signs.language, "note")

    def _old_number(self, service: models.Service) -> str:
        """Lines of the COVID-19 years may be gone: their year is said; "" for others."""
        years = [int(source.date[:4]) for source in service.sources if source.date]
        old = [year for year in years if year <= COVID_YEARS]
        doubtful = service.phones and old and service.review_every <= SHORT_REVIEW
        return self.labels["number_from"].format(year=max(old)) if doubtful else ""

    def _reported(self, key: str) -> Screen:
        """Thanks for saying that a number does not work. The count is a record of the turn."""
        province, service = self.places.services[key]
        category = service.categories[0]
        said = self.labels["reported"].format(name=self.signs.names[key])
        blocks = [self.signs.text(said), self.writer.calls(self.places.categories[category].otherwise)]
        choices = [self.signs.to(self.signs.inside(category, province), f"services/{province}/{category}")]
        return self.writer.screen(
            f"report/{key}", self.labels["report"], self.signs.names[key], blocks, choices, f"service/{key}"
        )

    def hours(self, service: models.Service, name: str = "") -> str:
        """When it is open, in words."""
        known = (("hours", service.hours), ("emergency_hours", service.emergency_hours))
        said = " ".join(self.labels[label].format(hours=self._readable(text)) for label, text in known if text)
        return f"{name}. {said}" if name else said

    def _readable(self, text: str) -> str:
        """The syntax of opening_hours with the days as people call them."""
        names = get_day_names("abbreviated", locale=self.writer.locale)
        return (
            re.sub(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\b", lambda day: str(names[_DAYS[day[0]]]), text).replace("PH off", "").strip("; ")
        )

    def _known(self, service: models.Service) -> Iterator[str]:
        """What decides whether somebody goes: what is known, then what nobody knows."""
        for name in FILTERS[1:]:
            if passes(service, name):
                yield self.labels[LABELS.get(name, name)] + "."
        if service.languages:
            names = [str(self.writer.tongue_names.get(tongue, tongue)) for tongue in service.languages]
            yield self.labels["languages_spoken"].format(languages=", ".join(names))
        unknown = {
            "about_hours": service.hours or service.emergency_hours,
            "about_cost": service.free,
            "about_insurance": service.insurance,
            "about_papers": service.no_papers,
        }
        missing = [self.labels[label] for label, value in unknown.items() if value is None]
        if missing:
            yield self.labels["not_known"].format(what=", ".join(missing))

    def _links(self, service: models.Service) -> Iterator[Block]:
        """Maps, for phones (geo:) and browsers; the service's own page and mail."""
        links: list[tuple[str, str]] = []
        if service.position:
            at = ",".join(map(str, service.position))
            google, osm = _maps(at, *service.position)
            links += [(f"🗺️ {self.labels['map']}", google), ("OpenStreetMap", osm)]
        if service.website:
            links.append(
                (f"🌐 {service.website.removeprefix('https://').removeprefix('http://').rstrip('/')}", service.website)
            )
        inline = " · ".join(f'<a href="{escaped(url)}">{escaped(label)}</a>' for label, url in links)
        plain = " · ".join(f"{label}: {url}" if "🌐" not in label else url for label, url in links)
        more = []
        if service.position:
            more.append(f'<a href="geo:{at}?q={at}">geo:</a>')
        web = " · ".join([inline, *more]) if more else inline
        if service.email:
            plain, inline = f"{plain}\n✉️ {service.email}".strip(), f"{inline}\n✉️ {escaped(service.email)}".strip()
            web += f' · <a href="mailto:{escaped(service.email)}">✉️ {escaped(service.email)}</a>'
        if plain:
            yield Block(Text(plain, inline, f"<p>{web.removeprefix(' · ')}</p>"), self.signs.language)


@cache
def _maps(at: str, latitude: float, longitude: float) -> tuple[str, str]:
    """Pages that show a place: of Google Maps, of OpenStreetMap."""
    google, osm = urlencode({"api": 1, "query": at}), urlencode({"mlat": latitude, "mlon": longitude})
    return (
        f"https://www.google.com/maps/search/?{google}",
        f"https://www.openstreetmap.org/?{osm}#map=16/{latitude}/{longitude}",
    )


def phones(before: str, numbers: Iterable[str], after: str = "") -> Text:
    """Numbers to tap. In apps with the code of the country, so that their own apps know them as numbers."""
    plain, inline, web = [], [], []
    for number in numbers:
        plain.append(number)
        inline.append(dialled(number, "VN"))
        web.append(f'<a class="number" href="{escaped(tel(number, "VN"))}">{escaped(number)}</a>')
    return Text(
        f"{before}{', '.join(plain)}{after}",
        f"{escaped(before)}{', '.join(inline)}{escaped(after)}",
        f"<p>{escaped(before)}{' '.join(web)}{escaped(after)}</p>",
    )


def _stacked(texts: Iterable[Text]) -> Text:
    texts = list(texts)
    return Text("\n".join(t.plain for t in texts), "\n".join(t.inline for t in texts), "".join(t.web for t in texts))
