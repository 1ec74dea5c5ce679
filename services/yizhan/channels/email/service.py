"""Starts the e-mail channel."""

import hashlib
from datetime import timedelta
from functools import partial

from yizhan.channels import store
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.contract import RetryLater
from yizhan.channels.email.becoming import contents_of
from yizhan.channels.email.channel import EmailChannel
from yizhan.channels.email.desk import CHANNEL, Desk, EmailAccount
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.intake import Intake
from yizhan.channels.email.mailboxes import Mailboxes
from yizhan.channels.email.oauth import access_token
from yizhan.channels.email.rating_door import RatingDoor
from yizhan.channels.email.rating_page import CSP
from yizhan.channels.email.rating_tickets import RatingTickets
from yizhan.channels.email.rating_words import DIGIT_DAYS
from yizhan.channels.email.reading import read_letter
from yizhan.channels.email.reply_token import ReplyTokens
from yizhan.channels.email.retention import sweep
from yizhan.channels.email.sending import Limits, Sending, abilities
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.smtp import Posting, Timeouts
from yizhan.channels.email.taking import Takings
from yizhan.channels.host import ChannelHost
from yizhan.channels.memory import memory_of
from yizhan.channels.sender import Pace
from yizhan.channels.token_shelf import TokenShelf
from yizhan.channels.tokens import Fetched, TokenManager
from yizhan.channels.turns import Turns
from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.http import open_client, owned
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import EmailSettings
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.membership import Membership, Shares
from yizhan.core.store.sweeping import Broom

MIB = 1 << 20
TOKEN_PURPOSE = "channel-tokens"  # noqa: S105 - a purpose, not a token

CALL_SECONDS = 40.0
"""More than the parts of handing over a mail take together: a mail that is cut off in the middle may have been taken."""


async def start(life: Lifespan, settings: EmailSettings, core: Core) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin."""
    accounts = AccountBook(core.database, CHANNEL, EmailAccountSettings, account_sealer(settings.keyring))
    await accounts.refresh()
    life.spawn("email accounts", accounts.run())
    tokens = await _tokens(life, settings, core, accounts)
    figures = EmailFigures(core.metrics)
    reply_tokens = ReplyTokens(settings.keyring)
    desk = Desk(core.database, reply_tokens)

    async def token(account: EmailAccount) -> str:
        return await tokens.get(account.id)

    posting = Posting(token, Timeouts(answer=settings.email_answer_seconds))
    life.on_stop("email connections", posting.close)
    limits = Limits(settings.email_attachment_mib * MIB, settings.email_answers_per_hour)
    ratings = RatingTickets(core.signer, settings.public_url)
    sending = Sending(
        desk,
        posting,
        reply_tokens,
        ratings,
        media=core.media,
        figures=figures,
        limits=limits,
        clock=core.clock,
    )
    takings = Takings(
        desk,
        read_letter,
        partial(contents_of, core.media),
        sending.tell_too_large,
        figures,
        clock=core.clock,
        new_id=core.new_id,
    )
    turns = Turns(core.database, core.clock, core.replica)
    intake = Intake(
        Mailboxes(accounts), turns, takings, token, figures, core.clock, largest=settings.email_largest_mib * MIB
    )
    life.on_stop("email mailboxes", intake.close)
    broom = Broom(core.database, core.metrics)
    keep = timedelta(days=settings.email_keep_days)
    life.spawn("email retention", broom.run(partial(sweep, broom, keep, core.clock)))
    host = await _hosted(life, settings, core, EmailChannel(accounts, intake, sending, tokens, abilities(limits)))
    door = RatingDoor(accounts.get, desk.thread, ratings, host.accept, figures, clock=core.clock, new_id=core.new_id)
    return Parts(routes=tuple(owned(CHANNEL, door.routes(), csp=CSP)))


async def _hosted(life: Lifespan, settings: EmailSettings, core: Core, channel: EmailChannel) -> ChannelHost:
    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    host = ChannelHost(
        CHANNEL,
        core.bus,
        partitions=settings.partitions,
        producer=f"{CHANNEL}-{core.replica}",
        metrics=core.metrics,
        clock=core.clock,
        new_id=core.new_id,
        memory=memory_of(
            core.database, CHANNEL, settings.partitions, core.clock, number_within=timedelta(days=DIGIT_DAYS)
        ),
    )
    membership = Membership(core.database, store.members, core.replica, role=CHANNEL)
    shares = Shares(membership, settings.partitions)
    await host.start(life, channel, shares, media_url=media_url, pace=Pace(call=CALL_SECONDS))
    return host


async def _tokens(
    life: Lifespan, settings: EmailSettings, core: Core, accounts: AccountBook[EmailAccountSettings]
) -> TokenManager:
    session = await life.enter(open_client(connections=20), name="mail providers' tokens")

    async def fetch(account: str, *, force: bool) -> Fetched:  # noqa: ARG001 - a refresh token gives another one each time
        found = accounts.get(account)
        if found is None:
            raise RetryLater(5.0)
        return await access_token(session, found.settings)

    def identity(account: str) -> str:
        found = accounts.get(account)
        return "" if found is None else hashlib.sha256(found.settings.fingerprint.encode()).hexdigest()

    shelf = TokenShelf(core.database, CHANNEL, Sealer(settings.keyring, TOKEN_PURPOSE), core.clock, core.replica)
    manager = TokenManager(shelf, fetch, core.metrics, identity=identity)
    life.on_stop("email tokens", manager.close)
    return manager
