"""What a business sets for one of its mailboxes. No message of a check repeats a value."""

import hashlib
import ssl
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from yizhan.channels.email.addresses import normal
from yizhan.channels.email.presets import PRESETS, Preset, Provider, Server, Tls, is_netease
from yizhan.channels.email.reply_token import MOST_OWN_CHARS


def _mailbox(value: str) -> str:
    known = normal(value)
    if not known:
        raise ValueError("must be a mail address, such as support@example.com")
    return known


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line of printable characters")
    return value


def _secret_url(value: str) -> str:
    if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ValueError("must be an https address")
    return value


def _certificates(value: str) -> str:
    if value:
        try:
            ssl.create_default_context().load_verify_locations(cadata=value)
        except ssl.SSLError:
            raise ValueError("must be certificates in PEM form") from None
    return value


MailAddress = Annotated[str, Field(max_length=254), AfterValidator(_mailbox)]
Line = Annotated[str, AfterValidator(_one_line)]
Host = Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9._:-]*$")]
PortNumber = Annotated[int, Field(ge=0, le=65535)]
Folder = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class OAuthSettings(_Strict):
    """Signing in with tokens instead of a password. ``token_url`` and ``scope`` empty: as the provider's preset says."""

    client_id: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_one_line)]
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr
    token_url: Annotated[str, Field(max_length=500), AfterValidator(_secret_url)] = ""
    scope: Annotated[str, Field(max_length=1000), AfterValidator(_one_line)] = ""


class EmailAccountSettings(_Strict):
    """One mailbox: where it is read, how mail goes out of it, who it is.

    ``user`` empty: the address. Hosts empty, ports 0 and ``tls`` empty: as the provider's preset says. ``aliases``: other
    addresses of the business whose mail arrives here, or that its people write from. ``reply_token``: answers come back to
    ``name+token@domain``; None: where the provider is known to deliver such. ``after_reading``: what becomes of a mail that
    is taken: marked as read, left as it is, or moved to ``move_to``. ``days_back``: mails of so many days before the account
    was added are taken, too. ``match_subject_days``: a mail without references belongs to its sender's last case of the same
    subject, when that is not older; 0: never. ``null_sender`` None: as the preset says.
    """

    provider: Provider = "generic"
    address: MailAddress
    display_name: Annotated[Line, Field(max_length=100)] = ""
    aliases: tuple[MailAddress, ...] = Field(default=(), max_length=100)
    user: Annotated[Line, Field(max_length=254)] = ""
    password: SecretStr = SecretStr("")
    oauth: OAuthSettings | None = None
    imap_host: Host = ""
    imap_port: PortNumber = 0
    imap_tls: Tls | Literal[""] = ""
    smtp_host: Host = ""
    smtp_port: PortNumber = 0
    smtp_tls: Tls | Literal[""] = ""
    ca_certificates: Annotated[str, Field(max_length=60_000), AfterValidator(_certificates)] = ""
    folders: tuple[Folder, ...] = Field(default=("INBOX",), min_length=1, max_length=10)
    after_reading: Literal["seen", "leave", "move"] = "seen"
    move_to: Annotated[Line, Field(max_length=120)] = ""
    days_back: int = Field(0, ge=0, le=60)
    poll_seconds: float = Field(60.0, ge=1.0, le=900.0)
    signature: str = Field("", max_length=2000)
    reply_token: bool | None = None
    match_subject_days: int = Field(0, ge=0, le=30)
    null_sender: bool | None = None
    mails_per_minute: int = Field(60, ge=1, le=6000)

    @property
    def preset(self) -> Preset:
        return PRESETS[self.provider]

    @property
    def login(self) -> str:
        return self.user or self.address

    @property
    def imap(self) -> Server:
        return _server(self.preset.imap, self.imap_host, self.imap_port, self.imap_tls)

    @property
    def smtp(self) -> Server:
        return _server(self.preset.smtp, self.smtp_host, self.smtp_port, self.smtp_tls)

    @property
    def token_url(self) -> str:
        return (self.oauth.token_url if self.oauth else "") or self.preset.token_url

    @property
    def scope(self) -> str:
        return (self.oauth.scope if self.oauth else "") or self.preset.scope

    @property
    def identifies(self) -> bool:
        """Whether the server must be told who we are even where it does not say that it wants to know."""
        return self.preset.identify or is_netease(self.imap.host)

    @property
    def tokens_in_replies(self) -> bool:
        return self.preset.plus if self.reply_token is None else self.reply_token

    @property
    def sends_without_sender(self) -> bool:
        """Whether acknowledgements go out with an empty envelope sender."""
        return self.preset.null_sender if self.null_sender is None else self.null_sender

    @cached_property
    def own(self) -> frozenset[str]:
        """Every address that is the business's own."""
        return frozenset((self.address, *self.aliases))

    @property
    def back(self) -> timedelta:
        return timedelta(days=self.days_back)

    @property
    def tls(self) -> ssl.SSLContext:
        """What the servers' certificates are checked with."""
        context = ssl.create_default_context()
        if self.ca_certificates:
            context.load_verify_locations(cadata=self.ca_certificates)
        return context

    @cached_property
    def fingerprint(self) -> str:
        """Another one when anything is set otherwise. Tells nothing of what is set."""
        known = self.model_dump(mode="json")
        known["password"] = self.password.get_secret_value()
        if self.oauth is not None:
            known["oauth"]["refresh_token"] = self.oauth.refresh_token.get_secret_value()
            known["oauth"]["client_secret"] = self.oauth.client_secret.get_secret_value()
        return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.password.get_secret_value()) == (self.oauth is not None):
            raise ValueError("either password or oauth is needed, and not both")
        if not self.imap.host:
            raise ValueError("imap_host: is needed, since the provider's is not known")
        if not self.smtp.host:
            raise ValueError("smtp_host: is needed, since the provider's is not known")
        if self.oauth is not None and not self.token_url:
            raise ValueError("oauth.token_url: is needed, since the provider's is not known")
        if self.after_reading == "move" and not self.move_to:
            raise ValueError("move_to: the folder is needed that mails are moved to")
        if self.move_to in self.folders:
            raise ValueError("move_to: must not be a folder that is read")
        if len(set(self.folders)) < len(self.folders):
            raise ValueError("folders: one stands there twice")
        if self.tokens_in_replies and len(self.address.partition("@")[0]) > MOST_OWN_CHARS:
            raise ValueError(f"reply_token: needs a name of at most {MOST_OWN_CHARS} characters before the @")
        return self


def _server(preset: Server, host: str, port: int, tls: Tls | Literal[""]) -> Server:
    return Server(host or preset.host, port or preset.port, tls or preset.tls)
