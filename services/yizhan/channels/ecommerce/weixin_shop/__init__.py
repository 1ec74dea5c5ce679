"""微信小店 (WeChat Store) in its 自研客服 mode, and the shop's orders. Source: reference channels.md E.1, A.2, A.11."""
