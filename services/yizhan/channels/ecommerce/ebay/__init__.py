"""eBay: members' messages by pushes and a look now and then, orders, tokens by the seller's consent.

Source: reference channels.md E.2.
"""
