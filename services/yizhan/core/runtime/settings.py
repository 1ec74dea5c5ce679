"""Settings of every service: ``YIZHAN_*`` variables over ``yizhan.yaml``, checked together when a process starts.

Constructing a class reads nothing from outside (tests do that); ``load`` in ``settings_load`` reads environment and file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from yizhan.core.runtime.settings_problems import Problem, SettingsInvalid, variable
from yizhan.core.runtime.settings_values import (
    BusUrl,
    DatabaseUrl,
    HostPort,
    MediaUrl,
    Name,
    Port,
    Probability,
    PublicUrl,
    TimeZone,
)
from yizhan.core.security.keys import MIN_KEY_CHARS, Keyring, WeakKey

__all__ = [
    "SERVICES",
    "CommonSettings",
    "ConsoleSettings",
    "DialogueSettings",
    "EmbeddedSettings",
    "MetricsSettings",
    "Problem",
    "RoutingSettings",
    "SettingsInvalid",
    "WebsiteSettings",
    "WechatSettings",
]

LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]


class CommonSettings(BaseSettings):
    """What every process needs."""

    model_config = SettingsConfigDict(
        env_prefix="YIZHAN_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )
    needs_addresses: ClassVar[tuple[str, ...]] = ()
    """gRPC addresses that the service must be told when it runs alone."""

    home: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        Path("./var"), description="Folder for all local state: database file, media, keys."
    )
    bus_url: BusUrl = Field(
        "embedded://",
        repr=False,
        description="The bus: `embedded://` (inside the one process of `yizhan up`) or `amqp://user:password@host:port/vhost`.",
    )
    database_url: DatabaseUrl = Field(
        "",
        repr=False,
        description="The database: empty for a file in the home folder, or `postgresql://user:password@host:port/name`.",
    )
    media_url: MediaUrl = Field(
        "", description="Where images and files lie: empty for a folder in the home folder, or `s3://bucket/prefix`."
    )
    http_host: str = Field("127.0.0.1", min_length=1, description="Address that HTTP listens on; `0.0.0.0` for all.")
    http_port: Port = Field(8080, description="Port of HTTP; 0 takes a free one.")
    grpc_host: str = Field("127.0.0.1", min_length=1, description="Address that gRPC listens on.")
    grpc_port: Port = Field(0, description="Port of gRPC; 0 takes a free one.")
    dialogue_address: HostPort = Field("", description="`host:port` of dialogue's gRPC, where services run apart.")
    routing_address: HostPort = Field("", description="`host:port` of routing's gRPC, where services run apart.")
    metrics_address: HostPort = Field("", description="`host:port` of metrics' gRPC, where services run apart.")
    public_url: PublicUrl = Field(
        "", description="Address under which browsers reach this deployment, such as `https://service.example.com`."
    )
    partitions: int = Field(
        16,
        ge=1,
        le=1024,
        description="Partitions of conversations. A constant of the deployment: never change it in use.",
    )
    workspace: Name = Field("default", description="The business that this deployment serves.")
    secret: SecretStr = Field(
        SecretStr(""),
        description=f"Key that signs tokens and links, at least {MIN_KEY_CHARS} characters; several, separated by commas, while "
        "it is being changed (the first signs, all are accepted). Empty with the embedded bus: made once and kept in "
        "`secret.key` in the home folder.",
    )
    log_level: LogLevel = Field("info", description="Least level that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="`console` for people, `json` for machines.")
    drain_seconds: float = Field(
        20.0, ge=1.0, le=600.0, description="Seconds for finishing what is in hand when the process is told to stop."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="Reverse proxies in front whose `X-Forwarded-*` headers are believed."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed: reading the environment is ``load``'s work."""
        return (init_settings,)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = tuple(self.disagreements())
        if problems:
            raise SettingsInvalid(problems)
        return self

    @property
    def embedded(self) -> bool:
        """Whether the bus lives inside this process."""
        return self.bus_url == "embedded://"

    @property
    def keyring(self) -> Keyring:
        """The signing keys. Raises WeakKey where none was given (``load`` always gives one)."""
        return Keyring.parse(self.secret.get_secret_value())

    @property
    def internal_token(self) -> str:
        """What this process shows other services."""
        return self.keyring.internal_tokens[0]

    @property
    def internal_tokens(self) -> tuple[str, ...]:
        """What this process accepts from other services: several while the key is being changed."""
        return self.keyring.internal_tokens

    def disagreements(self) -> Iterator[Problem]:
        """Settings that are each possible but not together."""
        if self.secret.get_secret_value():
            try:
                _ = self.keyring
            except WeakKey as error:
                yield Problem(variable("secret"), str(error))
        elif not self.embedded:
            yield Problem(variable("secret"), "is required with an AMQP bus: all processes sign with the same key")
        if not self.embedded and self.database_url in ("", "sqlite"):
            yield Problem(variable("database_url"), "must be a postgresql:// address with an AMQP bus")
        if not self.embedded:
            for name in self.needs_addresses:
                if not getattr(self, name):
                    yield Problem(variable(name), "is required where services run apart: host:port")


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
    WebsiteSettings, WechatSettings, DialogueSettings, RoutingSettings, MetricsSettings, ConsoleSettings
):
    """All services in one process: ``yizhan up``. They find each other without being told."""

    needs_addresses: ClassVar[tuple[str, ...]] = ()


SERVICES: dict[str, type[CommonSettings]] = {
    "website": WebsiteSettings,
    "wechat": WechatSettings,
    "dialogue": DialogueSettings,
    "routing": RoutingSettings,
    "metrics": MetricsSettings,
    "console": ConsoleSettings,
}
"""The settings of each service that ``yizhan serve`` can start."""
