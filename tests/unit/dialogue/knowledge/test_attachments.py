"""What an answer carries besides text is written by hand: it is taken as meant, or the slip is named."""

import re

import pytest

from yizhan.core.messages.content import File, GoodsCard, Image, Link, Media
from yizhan.dialogue.knowledge.entry import Attachment
from yizhan.dialogue.knowledge.files.attachments import attachment, is_url, line_of
from yizhan.dialogue.knowledge.files.problems import Reason

ID = "0123456789abcdef" * 4

GOOD: list[tuple[str, Attachment]] = [
    ("https://shop.example.com/size", Link("https://shop.example.com/size")),
    ("https://shop.example.com/size 尺码 表", Link("https://shop.example.com/size", "尺码 表")),
    ("https://shop.example.com/size　尺码表", Link("https://shop.example.com/size", "尺码表")),
    (
        '{"type":"link","url":"https://a.example","title":"甲","description":"乙"}',
        Link("https://a.example", "甲", "乙"),
    ),
    (
        f'{{"type":"image","media_id":"{ID}","mime_type":"image/png","name":"a.png","width_px":3}}',
        Image(Media(ID, "image/png", "a.png", width_px=3)),
    ),
    (
        f'{{"type":"file","media_id":"{ID}","mime_type":"application/pdf"}}',
        File(Media(ID, "application/pdf")),
    ),
    (
        '{"type":"goods","goods_id":"A1","title":"雨衣","price_minor":9900,"url":"https://a.example/1"}',
        GoodsCard("A1", "雨衣", 9900, "CNY", "", "https://a.example/1"),
    ),
]


@pytest.mark.parametrize(("line", "expected"), GOOD, ids=[line[:60] for line, _ in GOOD])
def test_an_attachment_is_what_its_line_says(line: str, expected: Attachment) -> None:
    assert attachment(line) == expected
    assert attachment(line_of(expected)) == expected
    assert "\n" not in line_of(expected)


GOODS = '{"type":"goods","goods_id":"A1","title":"雨衣"'
WRONG = [
    ("no address", "尺码表", "one attachment per line"),
    ("a title first", "尺码表 https://a.example", "one attachment per line"),
    ("a script for an address", "javascript:alert(1)", "one attachment per line"),
    ("a long address", "https://a.example/" + "a" * 2000, "one attachment per line"),
    ("a long title", "https://a.example " + "题" * 201, "the attachment's title is too long"),
    ("JSON that breaks off", '{"type":"link"', "the attachment is not a valid JSON object"),
    ("JSON nested too deep", '{"type":' + "[" * 5000, "the attachment is not a valid JSON object"),
    ("no type", '{"url":"https://a.example"}', "the type of an attachment is one of link, image, file, goods"),
    ("another type", '{"type":"video"}', "the type of an attachment is one of link, image, file, goods"),
    ("a type that is no text", '{"type":5}', "the type of an attachment is one of link, image, file, goods"),
    ("a link without address", '{"type":"link","title":"甲"}', "the attachment lacks url"),
    ("a field too many", '{"type":"link","url":"https://a.example","to":1}', "such an attachment has no to"),
    ("a picture from the web", '{"type":"image","url":"https://a.example/1.png"}', "the attachment lacks media_id"),
    (
        "a media id that is none",
        f'{{"type":"image","media_id":"{ID[:-1]}G","mime_type":"image/png"}}',
        "the attachment's media_id is not valid",
    ),
    (
        "a picture that is a document",
        f'{{"type":"image","media_id":"{ID}","mime_type":"text/html"}}',
        "the attachment's mime_type is not valid",
    ),
    ("a price below nothing", GOODS + ',"price_minor":-1}', "the attachment's price_minor is not valid"),
    ("a price with a point", GOODS + ',"price_minor":99.5}', "the attachment's price_minor is not valid"),
    ("a price as text", GOODS + ',"price_minor":"99"}', "the attachment's price_minor is not valid"),
    ("an unknown currency", GOODS + ',"currency":"元"}', "the attachment's currency is not valid"),
    ("a picture with a script", GOODS + ',"image_url":"javascript:x"}', "the attachment's image_url is not valid"),
    ("goods without a name", '{"type":"goods","goods_id":"A1","title":" "}', "the attachment's title is not valid"),
    ("a control character", GOODS[:-1] + '\\u0007"}', "the attachment's title is not valid"),
    ("text that turns around", GOODS[:-1] + '\\u202e"}', "the attachment's title is not valid"),
]


@pytest.mark.parametrize(("line", "reason"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_with_an_attachment_is_told_in_both_languages(line: str, reason: str) -> None:
    found = attachment(line)
    assert isinstance(found, Reason)
    assert found.en.startswith(reason)
    assert re.search(r"[\u4e00-\u9fff]", found.zh)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example", True),
        ("http://a.example:8080/x?y=z#f", True),
        ("https://例子.example/退货", True),
        ("https://[2001:db8::1]/x", True),
        ("HTTPS://a.example", False),
        ("ftp://a.example", False),
        ("//a.example", False),
        ("https://", False),
        ("https:///path", False),
        ("https://user:password@a.example", False),
        ("https://a.example@b.example", False),
        ("https://a.example\\@b.example", False),
        ("https://a.example:99999", False),
        ("https://[::1", False),
        ("https://a.example/\nx", False),
        ("https://a.example/<script>", False),
        ("https://a.example，尺码表", False),
    ],
)
def test_an_address_leads_to_a_host_on_the_web_and_shows_which(url: str, good: bool) -> None:
    assert is_url(url) is good
