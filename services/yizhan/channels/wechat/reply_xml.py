"""Text inside the XML that goes back to WeChat."""

import re

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def cdata(text: str) -> str:
    """Text fit to stand in a CDATA section: its end mark split over two sections, and without what XML cannot hold."""
    return _NOT_IN_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
