"""Learns what signs are worth, starting from what they are worth on other knowledge. Needs scipy; at build only.

A release with few phrasings keeps close to the start; one with many goes its own way. No sign may speak against the
entry that it is found for: such a weight fits how somebody wrote paraphrases, not how customers ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from yizhan.dialogue.knowledge.index.evidence import SIGNS, Considered, Signs
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Weights, doubts, ranked

Floats = NDArray[np.float64]

ORDER_TRUST = 2000.0
BELIEF_TRUST = 400.0
"""How many examples what is known from other knowledge counts for."""

_TO_THE_END = {"ftol": 1e-13, "gtol": 1e-9, "maxiter": 3_000, "maxfun": 30_000}
"""The usual tolerance takes a short step along a bound for the end of the way."""

_FREE = ("known", "length", "strange", "one")
"""Doubts whose weight may be negative."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, what was considered, and the place there of the right entry; -1: it is not there, or none is right."""

    considered: Considered
    right: int
    in_scope: bool
    weight: float = 1.0


def learn_order(examples: Sequence[Example], start: Sequence[float], scales: Sequence[float]) -> tuple[float, ...]:
    """Weights that put right entries first (conditional logit). ``scales``: the usual spread of each sign."""
    usable = [one for one in examples if one.right >= 0 and len(one.considered.entries) > 1]
    if not usable:
        return tuple(start)
    spread = np.array(scales)
    signs, absent = _stacked([one.considered.signs / spread for one in usable])
    right = np.array([one.right for one in usable])
    first = np.array(start) * spread
    weights = np.array([one.weight for one in usable])
    each = np.arange(len(usable))

    def loss(at: Floats) -> tuple[float, Floats]:
        scores = signs @ at + absent
        scores -= scores.max(1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(1, keepdims=True)
        value = -float((weights * np.log(shares[each, right] + 1e-12)).sum())
        shares[each, right] -= 1.0
        slope = np.einsum("n,nt,ntd->d", weights, shares, signs)
        away = at - first
        return value + 0.5 * ORDER_TRUST * float(away @ away), slope + ORDER_TRUST * away

    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(SIGNS), options=_TO_THE_END)
    return tuple(float(weight) for weight in found.x / spread)


def learn_belief(examples: Sequence[Example], weights: Weights, scales: Sequence[float]) -> tuple[float, ...]:
    """Weights under which the probability that the first entry is right is true (logistic regression)."""
    rows, right, counts = [], [], []
    for one in examples:
        if not one.considered.entries:
            continue
        order = ranked(one.considered, weights)
        rows.append(doubts(one.considered, order))
        right.append(one.in_scope and order.places[0] == one.right)
        counts.append(one.weight)
    if not rows:
        return weights.belief
    spread = np.array(scales)
    signs: Floats = np.stack(rows) / spread
    truth = np.array(right, np.float64)
    each = np.array(counts)
    first = np.array(weights.belief) * spread

    def loss(at: Floats) -> tuple[float, Floats]:
        odds = signs @ at
        value = float((each * (np.logaddexp(0.0, odds) - truth * odds)).sum())
        slope = signs.T @ (each * (1.0 / (1.0 + np.exp(-odds)) - truth))
        away = at - first
        return value + 0.5 * BELIEF_TRUST * float(away @ away), slope + BELIEF_TRUST * away

    bounds = [(None, None) if name in _FREE else (0.0, None) for name in DOUBTS]
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options=_TO_THE_END)
    return tuple(float(weight) for weight in found.x / spread)


def _stacked(signs: Sequence[Signs]) -> tuple[Floats, Floats]:
    """All candidates of all questions side by side, and what keeps the places that are not filled out of it."""
    most = max(len(own) for own in signs)
    whole = np.zeros((len(signs), most, len(SIGNS)))
    absent = np.full((len(signs), most), -1e9)
    for place, own in enumerate(signs):
        whole[place, : len(own)] = own
        absent[place, : len(own)] = 0.0
    return whole, absent
