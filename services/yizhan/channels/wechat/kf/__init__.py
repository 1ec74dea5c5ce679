"""微信客服 (customer service of WeCom): callbacks only hint, what customers wrote is fetched, messages have our ids.

Source: reference channels.md part C.
"""
