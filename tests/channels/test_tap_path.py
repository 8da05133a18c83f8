"""The path of one tap: from Telegram's payload to the edit that answers it, through few files and functions of the bot."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bot.app import House
from bot.settings import Settings
from tests.channels.fake_telegram import PUBLIC, ROOT, TOKEN, FakeTelegram, opened, small_content

FILES, FUNCTIONS = 8, 25
# A comprehension stands inside a function and is none.
INLINE = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")


class Steps:
    """The functions of bot/ that are called from `decode` on, until python-telegram-bot is asked to edit: in order."""

    def __init__(self) -> None:
        self.functions: dict[tuple[str, str], None] = {}
        self.ended = False
        self._earlier: set[FrameType] = set()  # they go on when what they wait for is done, and are not called again

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or self.ended:
            return
        self.ended = code.co_name == "do_api_request"
        if not code.co_filename.startswith(f"{ROOT}/bot/") or code.co_name in INLINE:
            return
        if not self.functions and code.co_name != "decode":
            self._earlier.add(frame)
        elif frame not in self._earlier:
            self.functions.setdefault((Path(code.co_filename).relative_to(ROOT).as_posix(), code.co_qualname))

    @property
    def files(self) -> set[str]:
        return {file for file, _ in self.functions}

    def __str__(self) -> str:
        steps = "\n".join(f"{number:3} {file} {name}" for number, (file, name) in enumerate(self.functions, 1))
        return f"{len(self.files)} files, {len(self.functions)} functions:\n{steps}"


@contextmanager
def watched() -> Iterator[Steps]:
    before = sys.getprofile()
    steps = Steps()
    sys.setprofile(steps)
    try:
        yield steps
    finally:
        sys.setprofile(before)


async def test_a_tap_passes_through_few_files_and_functions(tmp_path: Path) -> None:
    settings = Settings(
        telegram_token=TOKEN,
        database_url=f"sqlite+aiosqlite:///{tmp_path}/bot.db",
        content_dir=small_content(tmp_path),
        locales_dir=ROOT / "locales",
    )
    async with FakeTelegram() as server, opened(House(settings), server, public=PUBLIC):
        mai = server.person(7)
        mai.says("/start")
        await server.settled()
        mai.taps("🦠 COVID-19 và dịch bệnh")
        with watched() as steps:
            await server.until(lambda: server.made("editMessageText"))
        await server.settled()

    assert mai.title == "🦠 COVID-19 và dịch bệnh"
    names = {name for _, name in steps.functions}
    assert steps.ended and {"decode", "respond", "render", "encode"} <= names, f"the path was not seen: {steps}"
    assert (len(steps.files) <= FILES, len(steps.functions) <= FUNCTIONS) == (True, True), str(steps)
