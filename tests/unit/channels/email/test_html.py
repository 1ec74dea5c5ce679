"""What an agent's browser gets to see of a mail's page."""

import pytest
from hypothesis import given, settings, strategies as st
from selectolax.lexbor import LexborHTMLParser

from yizhan.channels.email.html import MOST_CHARACTERS, cleaned
from yizhan.core.messages.mail_page import with_links

CUP = "ab" * 32

ATTACKS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/a.js></sCrIpT>",
    "<script\x00>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<img src=x onerror="alert(1)">',
    "<img src='x' onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>",
    '<img src="javascript:alert(1)">',
    "<img src=`javascript:alert(1)`>",
    '<img src="data:text/html,<script>alert(1)</script>">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<img srcset="https://x.example/a.png 1x">',
    '<img src="x" style="background:url(https://x.example/a)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="java&#9;script:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="/api/v1/me">x</a>',
    '<a href="x" onclick="alert(1)">x</a>',
    '<a href="https://x.example" target="_top" rel="opener">x</a>',
    '<svg onload="alert(1)"></svg>',
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a title='</style><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<template><img src=x onerror=alert(1)></template>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    '<iframe src="https://x.example"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="https://x.example/a.swf"></object>',
    '<embed src="https://x.example/a.swf">',
    '<link rel="stylesheet" href="https://x.example/a.css">',
    "<style>@import url(https://x.example/a.css);</style>",
    "<style>body{background:url(https://x.example/a)}</style>",
    '<div style="background-image:url(https://x.example/a)">x</div>',
    '<div style="background-color:red;background:u\\72l(https://x.example/a)">x</div>',
    '<div style="width:expression(alert(1))">x</div>',
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%">x</div>',
    '<div style="color:red}</style><script>alert(1)</script>">x</div>',
    '<form action="https://x.example"><input name="password"><button>go</button></form>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<meta http-equiv="refresh" content="0;url=https://x.example">',
    '<base href="https://x.example/">',
    '<body onload="alert(1)" background="https://x.example/a.png">x</body>',
    '<table background="https://x.example/a.png"><tr><td background="https://x.example/b.png">x</td></tr></table>',
    '<video src="https://x.example/a" autoplay><source src="https://x.example/b"></video>',
    '<audio src="https://x.example/a" onerror="alert(1)"></audio>',
    '<input type="image" src="https://x.example/a">',
    '<isindex action="javascript:alert(1)">',
    '<div id="app" name="getElementById" class="agent-only">x</div>',
    '<img name="body" id="cookie" src="cid:cup">',
    '<p data-remote="https://x.example" v-html="alert(1)">{{constructor.constructor("alert(1)")()}}</p>',
    '<img src="x-media:../../etc" onload=alert(1)>',
    '<img src="x-remote:javascript:alert(1)">',
    '<details open ontoggle="alert(1)">x</details>',
    '<marquee onstart="alert(1)">x</marquee>',
    '<a href="https://x.example" ping="https://y.example">x</a>',
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    '<img src="https://x.example/\u202egpj.exe">',
)
_TAGS_LET_THROUGH = frozenset(
    [
        "a",
        "abbr",
        "address",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
        "figcaption",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "wbr",
    ]
)
_ATTRIBUTES_LET_THROUGH = frozenset(
    [
        "align",
        "valign",
        "bgcolor",
        "dir",
        "lang",
        "style",
        "title",
        "href",
        "rel",
        "target",
        "src",
        "alt",
        "width",
        "height",
        "color",
        "face",
        "size",
        "border",
        "cellpadding",
        "cellspacing",
        "colspan",
        "rowspan",
        "span",
        "start",
        "type",
    ]
)


def _harmless(html: str) -> None:
    """Parsed again, as a browser would: only listed elements and attributes, and nothing that is loaded or run."""
    body = LexborHTMLParser(html).body
    assert body is not None
    for node in body.traverse():
        if node.tag == "body":
            assert not node.attributes
            continue
        assert node.tag in _TAGS_LET_THROUGH, node.tag
        for name, value in node.attributes.items():
            assert name in _ATTRIBUTES_LET_THROUGH, name
            if name == "href":
                assert (value or "").strip().lower().startswith(("http://", "https://", "mailto:", "tel:"))
            if name == "src":
                assert (value or "").startswith(
                    ("x-media:" + CUP, "x-remote:http://", "x-remote:https://", "data:image/")
                )
            if name == "style":
                assert "url" not in (value or "").lower()
                assert "position" not in (value or "").lower()
        if node.tag == "a" and "href" in node.attributes:
            assert node.attributes["target"] == "_blank"
            assert "noopener" in (node.attributes["rel"] or "")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_to_nothing(attack: str) -> None:
    for page in (attack, f"<p>before{attack}after</p>", f"<table><tr><td>{attack}", f"<b>{attack}" * 3):
        _harmless(cleaned(page, {"cup": CUP}).html)


@given(
    st.lists(st.sampled_from([*ATTACKS, "<p>", "</p>", "<table>", '"', "'", ">", "<", "&lt;", "<!--", "x"]), max_size=8)
)
def test_no_mixture_of_attacks_comes_to_anything(pieces: list[str]) -> None:
    _harmless(cleaned("".join(pieces), {"cup": CUP}).html)


@given(st.text(max_size=100))
@settings(max_examples=30)
def test_any_text_is_cleaned(text: str) -> None:
    _harmless(cleaned(text, {}).html)


def test_what_a_mail_looks_like_stays() -> None:
    page = '<h1>Hi</h1><p style="color: red; position: fixed">a <b>b</b></p><table border="1"><tr><td colspan="2">c</td></tr></table>'
    shown = cleaned(page, {}).html
    assert "<h1>Hi</h1>" in shown
    assert 'style="color:red"' in shown
    assert "<b>b</b>" in shown
    assert 'colspan="2"' in shown


def test_a_picture_of_the_mail_is_the_stored_one_and_gets_its_link_when_shown() -> None:
    result = cleaned('<img src="cid:cup@x" alt="cup"><img src="cid:gone">', {"cup@x": CUP})
    assert f'src="x-media:{CUP}"' in result.html
    assert "cid:" not in result.html
    assert result.remote_images == 0
    shown = with_links(result.html, lambda media_id: f'/media/{media_id[:2]}?a=1&b="2"')
    assert 'src="/media/ab?a=1&amp;b=&quot;2&quot;"' in shown
    assert "x-media" not in shown


def test_remote_pictures_wait_and_are_counted_and_tracking_ones_go() -> None:
    page = (
        '<img src="https://x.example/a.png" width="300"><img src="http://x.example/b.png">'
        '<img src="https://x.example/open?id=1" width="1" height="1"><img src="https://x.example/t" style="display:none">'
        '<img src="https://x.example/u" style="width:1px;height:1px"><img src="//x.example/c.png">'
    )
    result = cleaned(page, {})
    assert (result.remote_images, result.trackers) == (3, 3)
    assert 'src="x-remote:https://x.example/a.png"' in result.html
    assert "open?id" not in result.html


def test_a_picture_within_the_page_stays() -> None:
    assert (
        'src="data:image/png;base64,iVBORw0KGgo="' in cleaned('<img src="data:image/png;base64,iVBORw0KGgo=">', {}).html
    )


def test_a_page_that_is_too_long_is_cut_and_closed() -> None:
    result = cleaned("<div><b>" + "<p>word</p>" * 40_000, {})
    assert result.clipped
    assert len(result.html) <= MOST_CHARACTERS + 100
    _harmless(result.html)


def test_a_page_made_to_be_slow_is_shown_as_its_words() -> None:
    result = cleaned("<div>" * 50_000 + "deep & <script>x</script>", {})
    assert result.html.strip().startswith("<pre>")
    assert "deep &amp;" in result.html
    _harmless(result.html)
