"""What people see and press: the customer's page with the widget, and the agent's console."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, FilePayload, Locator, Page, ViewportSize, expect

from tests.services.product import Product
from tests.simulators.console_client import COOKIE, Session

PATIENCE_MS = 60_000
"""How long anything may take to appear on a busy machine."""

expect.set_options(timeout=PATIENCE_MS)

CHINESE = "zh-CN"
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)

EXPECTED_NOISE = (
    "401 (Unauthorized)",
    "423 (Locked)",
    "409 (Conflict)",
    "422 (Unprocessable",
    "net::ERR_INTERNET_DISCONNECTED",
    "WebSocket",
)
"""What browsers write on the console by themselves when a test asks for it: nothing that our scripts say."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a screen shows it. ``text`` is the kind for what is not plain text."""

    seq: int
    author: str
    text: str


@dataclass(slots=True)
class Watched:
    """A page, and everything that went wrong on it."""

    page: Page
    troubles: list[str]

    @classmethod
    async def open(cls, context: BrowserContext) -> "Watched":
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watched = cls(page, [])

        async def refuse(dialog: Any) -> None:
            watched.troubles.append(f"dialog: {dialog.message}")
            await dialog.dismiss()

        def said(message: Any) -> None:
            if message.type == "error" and not any(noise in message.text for noise in EXPECTED_NOISE):
                watched.troubles.append(f"console: {message.text}")

        page.on("dialog", refuse)
        page.on("console", said)
        page.on("pageerror", lambda error: watched.troubles.append(f"script: {error}"))
        return watched


class Shop:
    """A visitor's page with the widget on it."""

    def __init__(self, watched: Watched, website: str, lang: str = "zh-CN") -> None:
        self.page = watched.page
        self.context = watched.page.context
        self.website = website
        self._address = f"{website}/demo" + ("?lang=en" if lang == "en" else "")
        english = lang == "en"
        self._launch = "Chat with us" if english else "在线客服"
        self._ask = "Type your question…" if english else "请输入您的问题…"
        self._log = "Conversation" if english else "对话记录"

    @property
    def host(self) -> Locator:
        return self.page.locator("yizhan-chat")

    @property
    def panel(self) -> Locator:
        return self.host.get_by_role("dialog")

    @property
    def log(self) -> Locator:
        return self.host.get_by_role("log", name=self._log)

    @property
    def field(self) -> Locator:
        return self.host.get_by_role("textbox", name=self._ask)

    @property
    def unsent(self) -> Locator:
        """Messages that have no place in the transcript yet."""
        return self.host.locator(".rows .line:not([data-seq]):not(.typing)")

    async def open(self) -> None:
        """Go to the page, open the chat and be greeted: nobody types before there is something to read."""
        await self.page.goto(self._address)
        await self.open_chat()
        await expect(self.host.locator(".rows .line[data-seq]").first).to_be_visible()

    async def open_chat(self) -> None:
        await self.host.get_by_role("button", name=self._launch).click()
        await expect(self.field).to_be_visible()

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def sees(self, text: str, author: str | None = None) -> None:
        """Returns when a message with these words is in the transcript."""
        rows = self.host.locator(f".rows [data-author={author}]" if author else ".rows [data-seq]")
        await expect(rows.filter(has_text=text).last).to_be_visible()

    async def send_picture(self, picture: FilePayload) -> None:
        await self.host.locator("input[type=file]").first.set_input_files(picture)

    async def rows(self) -> list[Row]:
        found = await self.host.locator(".rows [data-seq]").evaluate_all(WIDGET_ROWS)
        return [Row(**item) for item in found]

    def pictures(self, author: str) -> Locator:
        return self.host.locator(f".rows [data-author={author}] .picture img")


class Desk:
    """The console of a signed-in agent."""

    def __init__(self, watched: Watched, console: str) -> None:
        self.page = watched.page
        self.context = watched.page.context
        self.console = console

    async def open(self, path: str = "") -> None:
        await self.page.goto(f"{self.console}/{path}")

    async def appear(self, state: str) -> None:
        await self.page.get_by_test_id(f"presence-{state}").click()
        await expect(self.page.get_by_test_id("presence-select")).to_have_attribute("data-state", state)

    async def accept(self) -> None:
        """Take the first offer; its conversation is open then."""
        await self.page.get_by_test_id("box-offered").click()
        await self.page.get_by_test_id("offer-accept").first.click()
        await expect(self.conversation).to_have_attribute("data-state", "assigned")
        await expect(self.field).to_be_visible()
        await expect(self.page.get_by_test_id("message").first).to_be_visible()

    @property
    def conversation(self) -> Locator:
        return self.page.get_by_test_id("conversation")

    @property
    def field(self) -> Locator:
        return self.page.get_by_test_id("composer-input")

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def sees(self, text: str, author: str | None = None) -> None:
        rows = self.page.locator(f"[data-testid=message]{f'[data-author={author}]' if author else ''}")
        await expect(rows.filter(has_text=text).last).to_be_visible()

    async def send_picture(self, picture: FilePayload) -> None:
        await self.page.get_by_test_id("attach-input").set_input_files(picture)

    async def act(self, action: str) -> None:
        """``close-conversation`` or ``return-to-bot``, and yes to the question whether one is sure."""
        await self.page.get_by_test_id(action).click()
        await self.page.get_by_test_id("confirm-ok").click()

    async def rows(self) -> list[Row]:
        found = await self.page.locator("[data-testid=message]").evaluate_all(CONSOLE_ROWS)
        return [Row(**item) for item in found]

    def pictures(self, author: str) -> Locator:
        return self.page.locator(f"[data-testid=message][data-author={author}] img")


WIDGET_ROWS = """rows => rows.map(row => {
  const text = row.querySelector('.said > .bubble:not(.own-stars)') ?? (row.matches('.event') ? row : null);
  const kind = row.querySelector('.picture') ? '[image]' : row.querySelector('.menu') ? '[menu]' : '[choice]';
  return { seq: Number(row.dataset.seq), author: row.dataset.author ?? 'system', text: text ? text.textContent : kind };
})"""

CONSOLE_ROWS = """rows => rows.map(row => {
  const text = row.querySelector('.bubble > p.text:not(.choice)') ?? (row.matches('.note') ? row : null);
  const kind = row.querySelector('.image, .missing') ? '[image]' : row.querySelector('.menu') ? '[menu]' : '[choice]';
  return { seq: Number(row.dataset.seq), author: row.dataset.author, text: (text ? text.textContent : kind).trim() };
})"""


def png(width: int, height: int, colour: tuple[int, int, int]) -> FilePayload:
    """A real picture in one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + bytes(colour) * width for _ in range(height)))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return {"name": "照片 1.png", "mimeType": "image/png", "buffer": data}


async def loaded(picture: Locator, width: int, height: int) -> None:
    """Returns when the picture is drawn with the pixels that were sent."""
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("naturalWidth", width)
    await expect(picture).to_have_js_property("naturalHeight", height)


async def signed_in(browser: Browser, product: Product, session: Session, **options: Any) -> BrowserContext:
    """A browser in which this person has signed in."""
    options = {"viewport": {"width": 1440, "height": 900}, "locale": CHINESE, **options}
    context = await browser.new_context(**options)
    cookie = {"name": COOKIE, "value": session.cookie, "url": product.console, "httpOnly": True, "sameSite": "Lax"}
    await context.add_cookies([cookie])  # type: ignore[list-item]
    return context
