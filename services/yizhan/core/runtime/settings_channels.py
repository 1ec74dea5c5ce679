"""Settings of the channels' processes."""

from typing import ClassVar, Literal

from pydantic import Field

from yizhan.core.runtime.settings_common import CommonSettings
from yizhan.core.runtime.settings_values import PublicUrl


class WebsiteSettings(CommonSettings):
    """The website channel."""

    needs_addresses: ClassVar[tuple[str, ...]] = ("dialogue_address",)

    website_sends_per_minute: int = Field(30, ge=1, le=60_000, description="Messages a visitor may send per minute.")
    website_sessions_per_minute: int = Field(
        60, ge=1, le=1_000_000, description="Visits that may begin per minute from one internet address."
    )
    website_file_mib: int = Field(20, ge=1, le=200, description="Largest file that a visitor may send, in MiB.")
    website_image_mib: int = Field(10, ge=1, le=100, description="Largest image that a visitor may send, in MiB.")
    website_token_days: int = Field(
        30, ge=1, le=365, description="Days after the last visit in which a browser keeps its conversation."
    )


class AppSettings(CommonSettings):
    """The app channel: the business's own apps."""

    needs_addresses: ClassVar[tuple[str, ...]] = ("dialogue_address",)

    app_sends_per_minute: int = Field(30, ge=1, le=60_000, description="Messages a user may send per minute.")
    app_file_mib: int = Field(20, ge=1, le=200, description="Largest file that a user may send, in MiB.")
    app_image_mib: int = Field(10, ge=1, le=100, description="Largest image that a user may send, in MiB.")
    app_push_after_seconds: int = Field(
        10, ge=1, le=3600, description="Seconds after which devices are told of a message that was not seen."
    )
    app_apns_url: PublicUrl = Field(
        "https://api.push.apple.com", min_length=1, description="Where Apple's push service is called."
    )
    app_apns_sandbox_url: PublicUrl = Field(
        "https://api.sandbox.push.apple.com",
        min_length=1,
        description="Where it is called for devices that registered with `environment` `sandbox`.",
    )
    app_fcm_url: PublicUrl = Field(
        "https://fcm.googleapis.com", min_length=1, description="Where Firebase Cloud Messaging is called."
    )
    app_networks: Literal["public", "private", "loopback"] = Field(
        "public",
        description="Where issuers' keys are fetched and push hooks called: at `public` addresses only, in `private` "
        "networks as well, or on this machine (`loopback`, there without TLS too).",
    )


class WechatSettings(CommonSettings):
    """The WeChat channel: official accounts, mini programs and WeChat Customer Service."""

    wechat_api_url: PublicUrl = Field(
        "https://api.weixin.qq.com",
        min_length=1,
        description="Where WeChat's API is called; another for trying things out.",
    )
    wecom_api_url: PublicUrl = Field(
        "https://qyapi.weixin.qq.com", min_length=1, description="Where the API of WeChat Customer Service is called."
    )
    wechat_reply_seconds: float = Field(
        4.5,
        ge=0.5,
        le=4.9,
        description="Seconds in which an answer still goes in the answer to WeChat's push; later ones are sent by the API. "
        "WeChat waits 5 seconds.",
    )
    wechat_file_mib: int = Field(20, ge=1, le=200, description="Largest file that is fetched from WeChat, in MiB.")


class EcommerceSettings(CommonSettings):
    """The e-commerce channel: shops on platforms."""

    ecommerce_networks: Literal["public", "private", "loopback"] = Field(
        "public",
        description="Where connectors of the bridge may be posted to: `public` addresses only, into `private` networks as well, "
        "or to this machine (`loopback`).",
    )
    ecommerce_file_mib: int = Field(
        20, ge=1, le=200, description="Largest file that is fetched from a platform, in MiB."
    )


class EmailSettings(CommonSettings):
    """The e-mail channel."""

    email_largest_mib: int = Field(
        25,
        ge=1,
        le=100,
        description="Largest mail that is read, in MiB; of a larger one the headers, and its sender is told.",
    )
    email_attachment_mib: int = Field(
        15, ge=1, le=50, description="Largest file that is attached to a mail, in MiB; a larger one is sent as a link."
    )
    email_answers_per_hour: int = Field(
        10,
        ge=1,
        le=1000,
        description="Mails that the assistant may send to one address in an hour, so that two programs never answer each "
        "other for ever.",
    )
    email_answer_seconds: float = Field(
        10.0,
        ge=0.5,
        le=12.0,
        description="Seconds in which a mail server must say that it has taken a mail; after them nobody knows.",
    )
    email_keep_days: int = Field(
        730,
        ge=30,
        le=3650,
        description="Days without a mail after which it is forgotten which case an answer belongs to.",
    )
