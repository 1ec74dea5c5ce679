"""Every channel there is: its name and the kind of settings that its accounts have. One line per channel."""

from pydantic import BaseModel

from yizhan.channels.website.settings import WebsiteAccountSettings

ACCOUNT_SETTINGS: dict[str, type[BaseModel]] = {
    "website": WebsiteAccountSettings,
}
