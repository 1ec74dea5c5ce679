"""All that an agent's screen shows of their work, to compare a screen that was away with one that was just opened."""

import asyncio
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

PATIENCE_SECONDS = 30.0
BOXES = ("mine", "queued", "offered")


@dataclass(frozen=True, slots=True)
class Shown:
    """``messages`` and ``notes`` of the open conversation, ``lists`` the rows of each box and its count."""

    conversation: str
    state: str
    blocked: str
    presence: str
    messages: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    lists: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...]


async def shown(page: Page, conversation: str) -> Shown:
    """What an opened screen shows; the conversation is opened again afterwards."""
    open_now: dict[str, Any] = await page.evaluate(OPEN_CONVERSATION)
    lists: list[tuple[str, str, tuple[tuple[str, ...], ...]]] = []
    for box in BOXES:
        await page.get_by_test_id(f"box-{box}").click()
        await page.wait_for_function("box => location.hash.startsWith(`#/inbox/${box}`)", arg=box)
        await asyncio.sleep(0.2)
        found: dict[str, Any] = await page.evaluate(LIST, box)
        lists.append((box, found["count"], tuple(tuple(row) for row in found["rows"])))
    await open_conversation(page, conversation)
    return Shown(
        conversation=open_now["conversation"],
        state=open_now["state"],
        blocked=open_now["blocked"],
        presence=open_now["presence"],
        messages=tuple(tuple(row) for row in open_now["messages"]),
        notes=tuple(open_now["notes"]),
        lists=tuple(lists),
    )


async def open_conversation(page: Page, conversation: str) -> None:
    """As a link to it does."""
    await page.evaluate("place => { location.hash = place }", f"#/inbox/mine/{conversation}")
    await page.locator(f"[data-testid=conversation][data-conversation='{conversation}']").wait_for()


async def read_from_the_start(page: Page) -> None:
    """Scroll up until the first message of the open conversation is there. Raises TimeoutError."""
    transcript, first = page.get_by_test_id("transcript"), page.get_by_test_id("message").first
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await first.get_attribute("data-seq") != "1":
            await transcript.evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
            await transcript.evaluate("frame => frame.scrollTo(0, 0)")
            await asyncio.sleep(0.3)


async def come_to_show_the_same(one: Page, other: Page, conversation: str) -> Shown:
    """What both screens show once they do. Raises AssertionError with both."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        first, second = await shown(one, conversation), await shown(other, conversation)
        if first == second:
            return first
        assert asyncio.get_running_loop().time() < deadline, f"the screens differ\n{first}\n{second}"
        await asyncio.sleep(0.5)


OPEN_CONVERSATION = """() => {
  const at = id => document.querySelector(`[data-testid="${id}"]`);
  const all = id => [...document.querySelectorAll(`[data-testid="${id}"]`)];
  const words = element => element ? element.textContent.replace(/\\s+/g, ' ').trim() : '';
  const bubble = row => words(row.querySelector('.bubble > p.text') ?? row);
  return {
    conversation: at('conversation')?.dataset.conversation ?? '',
    state: at('conversation')?.dataset.state ?? '',
    blocked: words(at('composer-blocked')),
    presence: at('presence-select')?.dataset.state ?? '',
    messages: all('message').map(row => [row.dataset.seq, row.dataset.author, bubble(row)]),
    notes: all('internal-note').map(words),
  };
}"""

LIST = """box => {
  const words = element => element ? element.textContent.replace(/\\s+/g, ' ').trim() : '';
  const count = words(document.querySelector(`[data-testid="count-${box}"]`));
  const rows = [...document.querySelectorAll('[data-testid="conversation-row"]')];
  const offers = [...document.querySelectorAll('[data-testid="offer"]')];
  return {
    count,
    rows: box === 'offered'
      ? offers.map(offer => [offer.dataset.offer, offer.dataset.conversation])
      : rows.map(row => [row.dataset.conversation, row.dataset.state, words(row.querySelector('.last')), String(!!row.querySelector('[data-testid="unread"]'))]),
  };
}"""
