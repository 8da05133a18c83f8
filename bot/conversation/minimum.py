"""What everybody gets when no content could be read at all: numbers that help, in each language, compiled in.

The one place outside content/ that holds sentences; a test compares its numbers and words with content/hotlines.yaml.
"""

from collections.abc import Mapping

from markupsafe import escape

from bot.conversation import crisis, index, places
from bot.conversation.catalog import Catalog, Edition
from bot.conversation.directory import Directory
from bot.conversation.screens import Block, Choice, Screen, Text
from bot.conversation.words import Words

# By language: its name in itself; a title; why there is nothing else; a number and whom it reaches, a line each.
SAID: Mapping[str, tuple[str, str, str, Mapping[str, str]]] = {
    "vi": (
        "Tiếng Việt",
        "Cần giúp ngay",
        "Trang thông tin đang được sửa. Nguy hiểm thì bạn gọi ngay:",
        {
            "115": "Cấp cứu y tế",
            "113": "Công an",
            "114": "Cứu hỏa, cứu nạn",
            "111": "Bảo vệ trẻ em, phòng chống mua bán người",
            "+84 981 84 84 84": "Bảo hộ công dân, Bộ Ngoại giao",
        },
    ),
    "en": (
        "English",
        "Help now",
        "The information is being repaired. In danger, call at once (numbers in Viet Nam):",
        {
            "115": "Medical emergency",
            "113": "Police",
            "114": "Fire and rescue",
            "111": "Child protection and anti-trafficking",
            "+84 981 84 84 84": "Citizen protection, Ministry of Foreign Affairs",
        },
    ),
    "km": (
        "ខ្មែរ",
        "ត្រូវការជួយភ្លាម",
        "លេខទូរស័ព្ទហៅបានភ្លាម ពេលមានគ្រោះថ្នាក់ (Viet Nam)៖",
        {
            "115": "សង្គ្រោះបន្ទាន់",
            "113": "ប៉ូលិស",
            "111": "ការពារកុមារ និងប្រឆាំងការជួញដូរមនុស្ស",
            "+84 981 84 84 84": "ការពារពលរដ្ឋវៀតណាម ក្រសួងការបរទេស",
        },
    ),
    "lo": (
        "ລາວ",
        "ຊ່ວຍດ່ວນ",
        "ເບີທີ່ໂທໄດ້ທັນທີ ເວລາມີອັນຕະລາຍ (Viet Nam):",
        {
            "115": "ສຸກເສີນທາງການແພດ",
            "113": "ຕຳຫຼວດ",
            "111": "ປົກປ້ອງເດັກ, ຕ້ານການຄ້າມະນຸດ",
            "+84 981 84 84 84": "ປົກປ້ອງພົນລະເມືອງ, ກະຊວງການຕ່າງປະເທດ (ຫວຽດນາມ)",
        },
    ),
}
ADDRESSES = ("home", "help/now", "settings/language")
NOTICES = ("gone", "unsure", "thanks")
SHORT = "🆘 115 · 113 · 111"


class _Labels(dict[str, str]):
    """What stands around a screen says itself by signs; the rest is not there."""

    def __missing__(self, name: str) -> str:
        return ""


def minimal_catalog() -> Catalog:
    """A catalog whose every screen is these numbers: whatever a person does, types or opens shows them."""
    return Catalog(
        editions={language: _edition(language) for language in SAID},
        source="vi",
        otherwise="en",
        redirects={},
        commands={"0": "home", "#": "help/now", **{language: language for language in SAID}},
        phrases={},
        codes={},
        index=index.build((), Words()),
        danger=crisis.build({}, (), {}, {}),
        names=places.build(()),
        directory=Directory(),
    )


def _edition(language: str) -> Edition:
    name, title, why, numbers = SAID[language]
    labels = _Labels(help=f"🆘 {title}", home="🏠", send="➤", you="🙂", waiting="…", failed=SHORT, exit="✖ Exit")
    plain = [f"{number} · {whom}" for number, whom in numbers.items()]
    inline = [f"<code>{number}</code> · <b>{escape(whom)}</b>" for number, whom in numbers.items()]
    calls = [(f"tel:{number.replace(' ', '')}", number, whom) for number, whom in numbers.items()]
    web = [f'<p><a class="number" href="{uri}">{number}</a> <b>{escape(whom)}</b></p>' for uri, number, whom in calls]
    block = Block(
        Text("\n".join((why, *plain)), "\n".join((escape(why), *inline)), f"<p>{escape(why)}</p>{''.join(web)}"),
        language,
        "call",
    )

    def screen(address: str) -> Screen:
        tongues = tuple(Choice(SAID[other][0], other, address, key=other) for other in SAID if other != language)
        return Screen(address, language, f"🆘 {title}", why, (block,), (), (), tongues, "home", labels)

    # Where words are not understood the notice takes the place of the text, so it has to say the same; else it stands above.
    above = dict.fromkeys(NOTICES, Block(Text(SHORT, SHORT, f"<p>{SHORT}</p>"), language, "note"))
    return Edition(language, name, {address: screen(address) for address in ADDRESSES}, above | {"not-understood": block})
