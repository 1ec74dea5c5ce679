"""The settings of the channel's accounts: those of each platform's own model, told apart by ``platform``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import ConfigDict, Discriminator, RootModel, Tag

from yizhan.channels.ecommerce.platform import ShopSettings
from yizhan.channels.ecommerce.platforms import PLATFORMS


def _platform(value: Any) -> Any:
    return value.get("platform") if isinstance(value, Mapping) else getattr(value, "platform", None)


def _any_shop() -> Any:
    """One type for all, made of the registry: what walks the settings for secrets sees every platform's fields."""
    keys = ", ".join(kind.key for kind in PLATFORMS)
    models = tuple(Annotated[kind.settings, Tag(kind.key)] for kind in PLATFORMS)
    by_platform = Discriminator(
        _platform, custom_error_type="platform", custom_error_message=f"platform is one of {keys}"
    )
    return Annotated[Union[models], by_platform]  # noqa: UP007 - made of a tuple


if TYPE_CHECKING:
    AnyShop = ShopSettings
else:
    AnyShop = _any_shop()


class EcommerceAccountSettings(RootModel[AnyShop]):
    """The settings of one shop, on whatever platform; ``root`` is that platform's own model."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
