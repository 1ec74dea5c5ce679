"""The pictures of a mail's cleaned page: how they are named while it is kept, and how it is shown.

What is kept holds no link that expires and nothing that a browser loads: pictures of ours are ``x-media:<id>``, pictures elsewhere
``x-remote:<url>``. Loading one of those tells its sender that the mail was opened, when and where, so it waits for a person's word.
"""

import re
from collections.abc import Callable
from html import escape

MEDIA = "x-media:"
REMOTE = "x-remote:"

_OURS = re.compile(rf'src="{MEDIA}([0-9a-f]{{64}})"')


def with_links(html: str, link: Callable[[str], str]) -> str:
    """A cleaned page to be shown: ``link`` gives the address of a stored picture by its media id."""
    return _OURS.sub(lambda found: f'src="{escape(link(found[1]), quote=True)}"', html)
