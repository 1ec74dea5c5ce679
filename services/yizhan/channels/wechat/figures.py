"""Figures of the WeChat channel beside those that every channel has."""

from yizhan.channels.wechat import events, pushes
from yizhan.core.runtime.metrics import Metrics

_NOTICES = {"success": "success", "failed:user block": "blocked", "failed: system failed": "failed"}


class WechatFigures:
    """Labels come from closed sets, never from what a push says."""

    def __init__(self, metrics: Metrics) -> None:
        self._pushes = metrics.counter(
            "yizhan_wechat_pushes_total", "Pushes of WeChat by kind of account and by what they are.", ("kind", "type")
        )
        self._files = metrics.counter(
            "yizhan_wechat_lost_files_total", "Files of customers that could not be fetched from WeChat.", ("type",)
        )
        self._notices = metrics.counter(
            "yizhan_wechat_notices_total", "Template and subscription messages by what became of them.", ("outcome",)
        )

    def pushed(self, kind: str, push: pushes.WechatPush) -> None:
        known = isinstance(push, pushes.MessagePush | events.EventPush)
        self._pushes.labels(kind, type(push).__name__ if known else "other").inc()

    def not_fetched(self, kind: str) -> None:
        self._files.labels(kind).inc()

    def notice(self, status: str) -> None:
        self._notices.labels(_NOTICES.get(status, "other")).inc()
