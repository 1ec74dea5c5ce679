"""Settings of every service: ``YIZHAN_*`` variables over ``yizhan.yaml``, checked together when a process starts.

Constructing a class reads nothing from outside (tests do that); ``load`` in ``settings_load`` reads environment and file.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from yizhan.core.runtime.settings_channels import (
    AppSettings,
    EcommerceSettings,
    EmailSettings,
    WebsiteSettings,
    WechatSettings,
)
from yizhan.core.runtime.settings_common import CommonSettings
from yizhan.core.runtime.settings_problems import Problem, SettingsInvalid, variable
from yizhan.core.runtime.settings_values import Probability, PublicUrl, TimeZone

__all__ = [
    "SERVICES",
    "AppSettings",
    "CommonSettings",
    "ConsoleSettings",
    "DialogueSettings",
    "EcommerceSettings",
    "EmailSettings",
    "EmbeddedSettings",
    "MetricsSettings",
    "Problem",
    "RoutingSettings",
    "SettingsInvalid",
    "WebsiteSettings",
    "WechatSettings",
]


class DialogueSettings(CommonSettings):
    """The single writer of conversations."""

    answer_threshold: Probability = Field(0.84, description="Probability from which the assistant answers.")
    clarify_threshold: Probability = Field(
        0.08, description="Probability from which it asks back; below, it hands off."
    )
    idle_close_minutes: int = Field(
        30,
        ge=1,
        le=10_080,
        description="Minutes without a message after which a conversation with the assistant is closed.",
    )
    bot_name: str = Field("智能客服", min_length=1, max_length=40, description="Name under which the assistant speaks.")
    bot_name_en: str = Field(
        "Assistant", min_length=1, max_length=40, description="The same for customers who read English."
    )
    timezone: TimeZone = Field(
        "Asia/Shanghai", description="Time zone of the business, in which promised times are told."
    )
    connectors_file: str = Field(
        "",
        max_length=500,
        description="File that declares the business systems which tasks ask; empty: `connectors.yaml` in the home folder, "
        "where there is one.",
    )
    value_rules_file: str = Field(
        "",
        max_length=500,
        description="File with the rules that give customers value tags; empty: `value-rules.yaml` in the home folder, "
        "and the rules shipped where there is none.",
    )
    greeting_zh: str = Field(
        "您好，我是智能客服，可以直接输入您的问题。需要人工服务时，请回复“转人工”。",
        max_length=500,
        description="Greeting in Chinese; an empty one (in the file) greets nobody.",
    )
    greeting_en: str = Field(
        'Hello, I\'m the virtual assistant. Just type your question. To talk to a person, say "human agent".',
        max_length=500,
        description="Greeting in English; an empty one (in the file) greets nobody.",
    )
    models_base_url: PublicUrl = Field(
        "",
        description="Address of an OpenAI-compatible endpoint, up to and with its version, such as "
        "`https://models.example.com/v1`; empty uses no model.",
    )
    models_key: SecretStr = Field(SecretStr(""), description="Key of that endpoint; empty where it asks for none.")
    models_embedding: str = Field(
        "", max_length=200, description="Name of its embedding model, which takes part in matching; empty for none."
    )
    models_chat: str = Field(
        "",
        max_length=200,
        description="Name of its chat model, which may choose among entries and word an answer; empty for none.",
    )
    models_chat_does: Literal["both", "choose", "reword"] = Field(
        "both",
        description="What the chat model is asked for: `choose` among entries, `reword` an answer, or `both`. An answer that "
        "is to be reworded waits for the model.",
    )
    models_summary: bool = Field(
        False,
        description="Whether the chat model may put a session that was handed over into words for the agent. More leaves for it "
        "than for an answer: up to 60 messages of the session, masked.",
    )
    models_timeout_seconds: float = Field(
        1.5, ge=0.5, le=1.5, description="Seconds after which an answer has gone out without the model."
    )
    models_daily_budget: int = Field(
        0, ge=0, le=10**12, description="Tokens that may be spent in a day (UTC); 0 sets no limit."
    )
    recogniser_url: PublicUrl = Field(
        "",
        description="Address that puts voice messages and pictures into words, such as "
        "`https://recogniser.example.com/v1/words`; empty gives nothing away.",
    )
    recogniser_key: SecretStr = Field(
        SecretStr(""), description="Key of that address, sent as a bearer token; empty where it asks for none."
    )
    recogniser_kinds: Literal["both", "voice", "image"] = Field("both", description="What is given to it.")
    recogniser_timeout_seconds: float = Field(
        6.0, ge=0.5, le=15.0, description="Seconds after which a person is offered instead."
    )
    recogniser_confidence: Probability = Field(
        0.85, description="Confidence from which its words are taken for the customer's."
    )
    recogniser_most_mib: int = Field(10, ge=1, le=50, description="Largest file that is given to it, in MiB.")
    keep_decisions_days: int = Field(
        180, ge=1, le=3650, description="Days after which a decision of the assistant can no longer be replayed."
    )
    keep_learning_days: int = Field(
        365, ge=31, le=3650, description="Days after which missed questions and the use of suggestions are deleted."
    )
    keep_search_days: int = Field(
        730, ge=1, le=3650, description="Days after which what was said is no longer found by its words."
    )
    keep_releases_days: int = Field(
        365,
        ge=1,
        le=3650,
        description="Days after which a release that is neither published nor needed by a decision loses its contents.",
    )
    keep_last_releases: int = Field(10, ge=2, le=1000, description="Newest releases that are kept whatever their age.")

    def disagreements(self) -> Iterator[Problem]:
        yield from super().disagreements()
        if not self.answer_threshold > self.clarify_threshold:
            yield Problem(variable("answer_threshold"), "must be above YIZHAN_CLARIFY_THRESHOLD")
        for name in ("models_chat", "models_embedding"):
            if getattr(self, name) and not self.models_base_url:
                yield Problem(variable(name), "needs YIZHAN_MODELS_BASE_URL")
        if self.models_summary and not (self.models_base_url and self.models_chat):
            yield Problem(variable("models_summary"), "needs YIZHAN_MODELS_BASE_URL and YIZHAN_MODELS_CHAT")
        if self.models_base_url and not (self.models_chat or self.models_embedding):
            yield Problem(variable("models_base_url"), "needs YIZHAN_MODELS_CHAT, YIZHAN_MODELS_EMBEDDING or both")


class HandoffSettings(CommonSettings):
    """What routing keeps to and metrics measures by."""

    handoff_seconds: int = Field(60, ge=1, le=3600, description="Seconds in which a human must be found.")


class RoutingSettings(HandoffSettings):
    """Agents, queues and tickets."""

    needs_addresses: ClassVar[tuple[str, ...]] = ()

    nobody_seconds: int = Field(
        10,
        ge=1,
        le=3600,
        description="Seconds to wait for an agent to come online when none is, before a ticket is given.",
    )
    offer_seconds: int = Field(15, ge=1, le=600, description="Seconds that an agent has to accept an offer.")
    presence_seconds: int = Field(
        45, ge=1, le=600, description="Seconds without a sign after which an agent counts as offline."
    )
    agent_gone_seconds: int = Field(
        120, ge=5, le=86_400, description="Seconds more after which their conversations go back to the assistant."
    )
    agent_capacity: int = Field(
        5, ge=1, le=100, description="Conversations that an agent has at a time, where not set for the agent."
    )
    ticket_promise_hours: int = Field(
        24, ge=1, le=720, description="Hours in which a ticket's customer is promised an answer."
    )
    webhook_networks: Literal["public", "private", "loopback"] = Field(
        "public",
        description="Where webhooks may be posted: to `public` addresses only, into `private` networks as well, or to this "
        "machine (`loopback`, there without TLS too).",
    )
    keep_routing_decisions_days: int = Field(
        90, ge=1, le=3650, description="Days after which it is no longer known why an agent was chosen."
    )
    keep_events_days: int = Field(
        30,
        ge=7,
        le=3650,
        description="Days after which what an own agent system was told and did not acknowledge is forgotten.",
    )

    def disagreements(self) -> Iterator[Problem]:
        yield from super().disagreements()
        if self.offer_seconds > self.handoff_seconds:
            yield Problem(variable("offer_seconds"), "must not be longer than YIZHAN_HANDOFF_SECONDS")


class MetricsSettings(HandoffSettings):
    """Figures."""


class ConsoleSettings(CommonSettings):
    """The web face for agents and supervisors."""

    needs_addresses: ClassVar[tuple[str, ...]] = ("dialogue_address", "routing_address", "metrics_address")

    session_hours: int = Field(12, ge=1, le=720, description="Hours after which a signed-in person must sign in again.")
    lockout_tries: int = Field(
        5, ge=1, le=100, description="Wrong passwords in a row after which an account is locked."
    )
    lockout_minutes: int = Field(15, ge=1, le=1440, description="Minutes that a locked account stays locked.")


class EmbeddedSettings(
    WebsiteSettings,
    AppSettings,
    WechatSettings,
    EcommerceSettings,
    EmailSettings,
    DialogueSettings,
    RoutingSettings,
    MetricsSettings,
    ConsoleSettings,
):
    """All services in one process: ``yizhan up``. They find each other without being told."""

    needs_addresses: ClassVar[tuple[str, ...]] = ()


SERVICES: dict[str, type[CommonSettings]] = {
    "website": WebsiteSettings,
    "app": AppSettings,
    "wechat": WechatSettings,
    "ecommerce": EcommerceSettings,
    "email": EmailSettings,
    "dialogue": DialogueSettings,
    "routing": RoutingSettings,
    "metrics": MetricsSettings,
    "console": ConsoleSettings,
}
"""The settings of each service that ``yizhan serve`` can start."""
