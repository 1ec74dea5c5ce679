"""Shopee: its seller chat, its pushes, and the shop's orders. Source: reference channels.md E.5."""
