"""Settings that every process has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from yizhan.core.runtime.settings_problems import Problem, SettingsInvalid, variable
from yizhan.core.runtime.settings_values import BusUrl, DatabaseUrl, HostPort, MediaUrl, Name, Port, PublicUrl
from yizhan.core.security.keys import MIN_KEY_CHARS, Keyring, WeakKey

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
    ecommerce_address: HostPort = Field(
        "",
        description="`host:port` of the e-commerce channel's gRPC, where services run apart: dialogue asks it for orders.",
    )
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
