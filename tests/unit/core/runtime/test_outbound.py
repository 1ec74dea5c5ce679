"""An address that somebody enters never makes this process call what only it can reach."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from yizhan.core.runtime.http.outbound import AddressForbidden, AddressRefused, BoundedResolver, Reach, check_outbound

PUBLIC, PRIVATE, LOOPBACK = Reach.PUBLIC, Reach.PRIVATE, Reach.LOOPBACK


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://crm.example.com/yizhan", PUBLIC),
        ("https://crm.example.com:8443/a?key=1", PUBLIC),
        ("https://93.184.215.14/hook", PUBLIC),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook", PUBLIC),
        ("https://10.1.2.3/hook", PRIVATE),
        ("https://[fd00::7]/hook", PRIVATE),
        ("https://100.64.0.1/hook", PRIVATE),
        ("http://127.0.0.1:9000/hook", LOOPBACK),
        ("http://localhost:9000/hook", LOOPBACK),
        ("http://[::1]:9000/hook", LOOPBACK),
        ("https://10.1.2.3/hook", LOOPBACK),
    ],
)
def test_what_may_be_called(url: str, allowed: Reach) -> None:
    assert str(check_outbound(url, allowed)) == url


@pytest.mark.parametrize(
    ("url", "allowed", "code"),
    [
        pytest.param("", PUBLIC, "url_invalid", id="nothing"),
        pytest.param("crm.example.com/hook", PUBLIC, "url_invalid", id="no scheme"),
        pytest.param("ftp://crm.example.com/hook", PUBLIC, "url_invalid", id="another protocol"),
        pytest.param("file:///etc/passwd", PUBLIC, "url_invalid", id="a file"),
        pytest.param("https:///hook", PUBLIC, "url_invalid", id="no host"),
        pytest.param("https://crm.example.com:0/hook", PUBLIC, "url_invalid", id="no port"),
        pytest.param("https://crm.example.com:99999/hook", PUBLIC, "url_invalid", id="a port that cannot be"),
        pytest.param("https://user:secret@crm.example.com/hook", PUBLIC, "url_invalid", id="a password in it"),
        pytest.param("https://crm.example.com/hook#part", PUBLIC, "url_invalid", id="a fragment"),
        pytest.param("https://crm.example.com/ho ok", PUBLIC, "url_invalid", id="a blank"),
        pytest.param("https://crm.example.com/\r\nHost: x", PUBLIC, "url_invalid", id="a line break"),
        pytest.param("https://crm.example.com/" + "x" * 2_000, PUBLIC, "url_invalid", id="endless"),
        pytest.param("http://crm.example.com/hook", LOOPBACK, "url_plain", id="not encrypted"),
        pytest.param("http://10.1.2.3/hook", LOOPBACK, "url_plain", id="not encrypted inside"),
        pytest.param("https://10.1.2.3/hook", PUBLIC, "url_private", id="a private network"),
        pytest.param("https://172.16.0.1/hook", PUBLIC, "url_private", id="another one"),
        pytest.param("https://192.168.1.1/hook", PUBLIC, "url_private", id="a third one"),
        pytest.param("https://100.64.0.1/hook", PUBLIC, "url_private", id="a provider's network"),
        pytest.param("https://[fd00::7]/hook", PUBLIC, "url_private", id="a private IPv6 network"),
        pytest.param("https://[fec0::7]/hook", PUBLIC, "url_private", id="a site's IPv6 network"),
        pytest.param("https://127.0.0.1/hook", PRIVATE, "url_private", id="this machine"),
        pytest.param("https://127.8.8.8/hook", PRIVATE, "url_private", id="this machine by another number"),
        pytest.param("https://localhost/hook", PRIVATE, "url_private", id="this machine by name"),
        pytest.param("https://LOCALHOST./hook", PRIVATE, "url_private", id="this machine by a longer name"),
        pytest.param("https://[::1]/hook", PRIVATE, "url_private", id="this machine in IPv6"),
        pytest.param("https://[::ffff:127.0.0.1]/hook", PRIVATE, "url_private", id="this machine wrapped in IPv6"),
        pytest.param("https://[::ffff:10.0.0.1]/hook", PUBLIC, "url_private", id="a private network wrapped in IPv6"),
        pytest.param("https://[64:ff9b::10.0.0.1]/hook", PUBLIC, "url_private", id="by way of a translator"),
        pytest.param("https://[2002:a00:1::]/hook", PUBLIC, "url_private", id="by way of 6to4"),
        pytest.param("https://169.254.169.254/latest", LOOPBACK, "url_private", id="a cloud's metadata"),
        pytest.param("https://[::ffff:169.254.169.254]/", LOOPBACK, "url_private", id="the same, wrapped"),
        pytest.param("https://[fe80::1]/hook", LOOPBACK, "url_private", id="the same link"),
        pytest.param("https://0.0.0.0/hook", LOOPBACK, "url_private", id="no address"),
        pytest.param("https://[::]/hook", LOOPBACK, "url_private", id="no IPv6 address"),
        pytest.param("https://224.0.0.1/hook", LOOPBACK, "url_private", id="many at once"),
        pytest.param("https://255.255.255.255/hook", LOOPBACK, "url_private", id="everybody"),
    ],
)
def test_what_must_not_be_called(url: str, allowed: Reach, code: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_outbound(url, allowed)
    assert refused.value.code == code


class Names(AbstractResolver):
    """A name server of the tests' own."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in self._addresses
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("addresses", "allowed", "kept"),
    [
        pytest.param(["93.184.215.14", "10.0.0.1"], PUBLIC, ["93.184.215.14"], id="only what is public"),
        pytest.param(["10.0.0.1", "127.0.0.1"], PRIVATE, ["10.0.0.1"], id="private networks where allowed"),
        pytest.param(["127.0.0.1", "fe80::1%eth0"], LOOPBACK, ["127.0.0.1"], id="never the link"),
    ],
)
async def test_what_a_name_leads_to_is_bounded(addresses: list[str], allowed: Reach, kept: list[str]) -> None:
    found = await BoundedResolver(allowed, names=Names(*addresses)).resolve("crm.example.com", 443)
    assert [one["host"] for one in found] == kept


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "oops"])
async def test_a_name_that_leads_inside_only_cannot_be_called(address: str) -> None:
    with pytest.raises(AddressForbidden):
        await BoundedResolver(PUBLIC, names=Names(address)).resolve("crm.example.com", 443)


async def test_numbers_that_only_the_system_reads_as_an_address_are_bounded_as_names_are() -> None:
    assert check_outbound("https://2130706433/hook", PUBLIC).host == "2130706433"
    with pytest.raises(AddressForbidden):
        await BoundedResolver(PUBLIC, names=Names("127.0.0.1")).resolve("2130706433", 443)
