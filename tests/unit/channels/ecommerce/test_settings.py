"""An account of a shop is read by its platform's model; what is wrong is said in words, and secrets are sealed wherever they are."""

import re
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from tests.unit.channels.ecommerce.consent_world import KEYRING, SECRET
from yizhan.channels.account_problems import in_words
from yizhan.channels.account_settings import HIDDEN, account_sealer, hidden, revealed, sealed, takes_text
from yizhan.channels.ecommerce.platforms import PLATFORMS
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings

BRIDGE: dict[str, Any] = {"platform": "bridge", "secret": SECRET}


def test_keys_of_platforms_are_their_own_and_fit_into_addresses() -> None:
    keys = [kind.key for kind in PLATFORMS]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", key)] == []
    taken = {kind.key: get_args(kind.settings.model_fields["platform"].annotation) for kind in PLATFORMS}
    assert taken == {key: (key,) for key in keys}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "platform"),
        ({"platform": "nonsense"}, "platform is one of"),
        ({"platform": 7}, "platform is one of"),
        ({"platform": "bridge"}, "secret: Field required"),
        (BRIDGE | {"secret": "short"}, "secret: a secret is whsec_ and base64 of 24 to 64 bytes"),
        (BRIDGE | {"callback_url": "http://shop.example.com/m"}, "callback_url: must be an https address"),
        (BRIDGE | {"callback_url": "https://169.254.169.254/latest"}, "callback_url: must be an https address"),
        (BRIDGE | {"callback_url": "https://user:word@shop.example.com/"}, "callback_url: must be an https address"),
        (BRIDGE | {"callback_url": "file:///etc/passwd"}, "callback_url: must be an https address"),
        (BRIDGE | {"file_hosts": ["https://img.example.com"]}, "file_hosts.0: "),
        (BRIDGE | {"kinds": ["hologram"]}, "kinds.0: "),
        (BRIDGE | {"max_text": 3}, "max_text: "),
        (BRIDGE | {"windows": {"sunset": {"messages": 1, "seconds": 1}}}, "windows.sunset"),
        (BRIDGE | {"windows": {"message": {"messages": 1}}}, "windows.message.seconds: Field required"),
        (BRIDGE | {"colour": "red"}, "colour: "),
    ],
)
def test_what_is_wrong_is_said_in_words(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        EcommerceAccountSettings.model_validate(given)
    lines = in_words(EcommerceAccountSettings, raised.value)
    assert any(line.startswith(problem) or problem in line for line in lines), lines
    assert SECRET not in str(raised.value)


def test_secrets_are_sealed_and_hidden_on_every_platform() -> None:
    given = BRIDGE | {"previous_secret": SECRET}
    sealer = account_sealer(KEYRING)
    stored = sealed(EcommerceAccountSettings, given, sealer)
    assert SECRET not in str(stored)
    assert revealed(EcommerceAccountSettings, stored, sealer).settings == given
    assert hidden(EcommerceAccountSettings, given) == given | {"secret": HIDDEN, "previous_secret": HIDDEN}


def test_the_command_line_knows_what_is_text() -> None:
    assert takes_text(EcommerceAccountSettings, "secret")
    assert not takes_text(EcommerceAccountSettings, "max_text")


@pytest.mark.parametrize(
    ("callback_url", "inside"),
    [
        ("http://127.0.0.1:8099/messages", ["http://127.0.0.1:8099"]),
        ("http://localhost:8099/messages", ["http://localhost:8099"]),
        ("http://[::1]:8099/messages", ["http://[::1]:8099"]),
        ("https://10.0.0.7/messages", []),
        ("https://connector.example.com/messages", []),
    ],
)
def test_only_a_simulator_on_this_machine_is_inside(callback_url: str, inside: list[str]) -> None:
    own = EcommerceAccountSettings.model_validate(BRIDGE | {"callback_url": callback_url}).root
    assert sorted(str(origin) for origin in own.inside()) == inside
