"""Menus where the platform has no buttons of its own, or buttons with short ids: what was shown is remembered.

A number that a customer writes is the option of the menu that was the last thing they were told; an id that a platform
gives back is an option whenever it comes.
"""

import hashlib
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

from yizhan.channels.store import menus as store
from yizhan.channels.store.menus import MenuRow
from yizhan.core.messages.content import Choice, Content, Menu, Text
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.gather import Gather

KEPT = timedelta(days=7)
NUMBER_WITHIN = timedelta(hours=24)
"""How long after a menu a bare number is an answer to it."""

_NUMBER = re.compile(r"\(?([1-9]\d?)[).、。]?")
_MEMORY = 50_000


def menu_code(message_id: str) -> str:
    """The short name of the menu in a message: the same however often it is sent."""
    return hashlib.blake2b(message_id.encode(), digest_size=5).hexdigest()


def option_code(message_id: str, number: int) -> str:
    """What a platform is given as the id of an option, and gives back when it is pressed; ``number`` counts from 1."""
    return f"{menu_code(message_id)}-{number}"


class Menus:
    """The menus of one channel. Every method raises StoreError when the database is away."""

    def __init__(self, database: Database, clock: Clock, number_within: timedelta = NUMBER_WITHIN) -> None:
        self._database = database
        self._clock = clock
        self._number_within = number_within
        self._putting: Gather[MenuRow, None] = Gather(self._put)
        self._shown: OrderedDict[str, None] = OrderedDict()

    async def showing(self, part: Message) -> None:
        """This is about to be sent: a menu is remembered, anything else makes an earlier one the last thing no more.

        Who shows a customer a menu also sends what follows, as long as the partition stays with this process.
        """
        key = part.address.key()
        menu = part.content
        if isinstance(menu, Menu):
            self._shown[key] = None
            if len(self._shown) > _MEMORY:
                self._shown.popitem(last=False)
            options = tuple((option.id, option.label) for option in menu.options)
            await self._putting.add(MenuRow(key, menu_code(part.id), menu.menu_id, options, self._clock()))
        elif key in self._shown:
            async with self._database.begin() as tx:
                await store.age(tx, key, self._number_within)
            self._shown.pop(key, None)

    async def chosen(self, address_key: str, content: Content, pressed: str = "") -> Content:
        """The choice that a customer's message is: by what was pressed, or by its number; else the content as it is."""
        if pressed:
            code, _, number = pressed.partition("-")
            row = await store.newest(self._database, address_key, code) if number.isdecimal() else None
            return _choice(row, int(number), content) if row is not None else content
        if not isinstance(content, Text):
            return content
        found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", content.text).strip())
        if found is None:
            return content
        row = await store.newest(self._database, address_key)
        if row is None or self._clock() - row.shown_at > self._number_within:
            return content
        return _choice(row, int(found[1]), content)

    async def forget(self) -> int:
        async with self._database.begin() as tx:
            return await store.forget(tx, self._clock() - KEPT)

    async def _put(self, rows: Sequence[MenuRow]) -> Sequence[None]:
        async with self._database.begin() as tx:
            await store.put(tx, list({(row.address_key, row.code): row for row in rows}.values()))
        return [None] * len(rows)


def _choice(row: MenuRow, number: int, content: Content) -> Content:
    if not 1 <= number <= len(row.options):
        return content
    option_id, label = row.options[number - 1]
    return Choice(row.menu_id, option_id, label)
