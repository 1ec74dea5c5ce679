"""Which push service a device is told by."""

from dataclasses import dataclass

from yizhan.channels.app.push.apns import Apns
from yizhan.channels.app.push.fcm import Fcm
from yizhan.channels.app.push.hook import Hook
from yizhan.channels.app.push.notice import Notice, Outcome, Refused
from yizhan.channels.app.settings import PushSettings

NOT_SET_UP = Refused("not_set_up")


@dataclass(frozen=True, slots=True)
class PushServices:
    apns: Apns
    fcm: Fcm
    hook: Hook

    async def tell(self, own: PushSettings, notice: Notice) -> Outcome:
        """One try. Whatever goes wrong is an outcome."""
        match notice.device.platform:
            case "apns" if own.apns is not None:
                return await self.apns.tell(own.apns, notice)
            case "fcm" if own.fcm is not None:
                return await self.fcm.tell(own.fcm, notice)
            case "hook" if own.hook is not None:
                return await self.hook.tell(own.hook, notice)
            case _:
                return NOT_SET_UP
