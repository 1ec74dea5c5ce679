"""A webhook that verifies a push of Lazada and does nothing else: ``python bare_webhook.py PORT APP_KEY SECRET``."""

import hashlib
import hmac
import sys

from aiohttp import web


def app(app_key: str, secret: str) -> web.Application:
    async def push(request: web.Request) -> web.Response:
        body = await request.read()
        expected = hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(request.headers.get("Authorization", ""), expected)
        return web.Response(status=200 if good else 401)

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    webhook = web.Application()
    webhook.add_routes([web.post("/push", push), web.get("/readyz", ready)])
    return webhook


if __name__ == "__main__":
    web.run_app(app(sys.argv[2], sys.argv[3]), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
