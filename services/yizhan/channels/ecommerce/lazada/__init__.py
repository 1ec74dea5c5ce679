"""Lazada: buyers' chat by pushes and one call, orders, tokens by the seller's consent.

Source: reference channels.md E.4.
"""
