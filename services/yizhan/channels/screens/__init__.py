"""Customers' own screens: what every channel has in common whose clients speak to us and to no platform in between.

A channel of this kind brings who may come in (``door``) and what its protocol says besides (``dialect``).
"""
