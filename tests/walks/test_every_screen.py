"""What can be typed on every screen: the commands, and each of its choices."""

from bot.conversation import Catalog
from tests.conversation.test_understand import lands


def is_part(address: str) -> bool:
    """Is it a question, an answer or an ending of a form, or does it forget everything?"""
    return (address.startswith("form/") and address.count("/") > 1) or address == "forget/now"


def is_alike(address: str) -> bool:
    """Is it a page of the directory that differs from others only in its place? One province stands for all."""
    kind, _, rest = address.partition("/")
    listed = kind == "services" and "/" in rest and not rest.startswith(("near/", "needs/", "gates/", "tay-ninh/"))
    return listed or (kind in ("service", "gate") and not rest.startswith("tayninh"))


def test_commands_work_in_every_state_and_language(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            if screen.closing or is_part(address) or is_alike(address):  # of a form: tests/conversation/test_forms.py
                continue
            assert lands(catalog, "0", address, language) == (language, "home")
            assert lands(catalog, "#", address, language) == (language, "help/now")
            assert lands(catalog, "quay lại", address, language) == (language, edition.screens[address].parent)


def test_every_choice_can_be_typed_as_number_and_as_label(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        for address, screen in edition.screens.items():
            # Outside the source language those with choices below a menu are alike too.
            alike = is_alike(address) or (language != catalog.source and "/" in address)
            for number, choice in enumerate(() if is_part(address) or alike else screen.choices, 1):
                if is_part(choice.address) or choice.address == "exit":
                    continue
                place = (choice.language, catalog.redirects.get(choice.address, choice.address))
                assert lands(catalog, str(number), address, language) == place
                # There a label is a language, which keeps the screen; of the lists of services the numbers are enough.
                if address != "settings/language" and not address.startswith("services/"):
                    assert lands(catalog, choice.label, address, language) == place
