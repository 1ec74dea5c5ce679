"""The XML that WeChat writes and takes: one flat ``<xml>`` element, text in CDATA, no DTD."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

Fields = dict[str, Any]
"""What is inside ``<xml>``: text, numbers, nested fields, and lists for repeated elements."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


class BadXml(Exception):
    """Not XML as WeChat takes it."""


def build(fields: Mapping[str, Any]) -> str:
    """``fields`` as WeChat writes them: numbers bare, everything else in CDATA."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_children(value)}</{name}>"
    if isinstance(value, (int, float)):
        return f"<{name}>{value}</{name}>"
    text = _NOT_IN_XML.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def parse(text: str) -> Fields:
    """The fields inside ``<xml>``. Raises BadXml, also for anything with a document type."""
    if _DECLARATION.search(text):
        raise BadXml("a document type has no place here")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError) as error:
        raise BadXml(str(error)) from error
    if root.tag != "xml":
        raise BadXml(f"the root is <{root.tag}>, not <xml>")
    found = _fields(root)
    if not isinstance(found, dict):
        raise BadXml("<xml> is empty")
    return found


def _fields(element: "ET.Element[str]") -> Any:
    if not len(element):
        return element.text or ""
    found: Fields = {}
    for child in element:
        value = _fields(child)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
