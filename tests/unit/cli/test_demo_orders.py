"""``yizhan demo-orders`` as an operator runs it: both faces, on this machine only, behind its secret."""

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.services.deployment import PROGRAM, wait_for
from tests.services.process import Process
from yizhan.dialogue.connectors.grpc import GrpcPlace, open_grpc

SECRET = "only-for-this-test"


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    process = Process(
        [*PROGRAM, "demo-orders", "--http-port", "0", "--grpc-port", "0"],
        environment={
            **{name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")},
            "PYTHONPATH": "services",
            "YIZHAN_HOME": str(tmp_path / "var"),
            "DEMO_ORDERS_SECRET": SECRET,
        },
        folder=Path(__file__).resolve().parents[3],
        log=tmp_path / "demo.log",
        account=None,
    )
    said = re.compile(r"demo orders: http://127\.0\.0\.1:(\d+)/demo/orders  grpc 127\.0\.0\.1:(\d+)")
    try:
        wait_for(lambda: said.search(process.log.read_text("utf-8")), 60.0, "the demo shop did not start")
        found = said.search(process.log.read_text("utf-8"))
        assert found is not None
        yield int(found[1]), int(found[2])
    finally:
        process.kill()


def ask(port: int, secret: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/demo/orders/orders/get",
        data=json.dumps({"order_id": "SJ100001", "phone": "", "locale": "en"}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, object] = json.load(answer)
        return found


async def test_both_faces_answer_whoever_knows_the_secret(ports: tuple[int, int]) -> None:
    http, grpc = ports
    assert ask(http, SECRET)["phase"] == "shipped"
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(http, "demo-orders")
    assert caught.value.code == 401
    caught.value.close()
    place = GrpcPlace(address=f"127.0.0.1:{grpc}", tls=False, secret=SecretStr(f"Bearer {SECRET}"))
    async with open_grpc(place) as connector:
        assert (await connector.get_order("SJ100001", "", "en")).card.status == "On its way"
