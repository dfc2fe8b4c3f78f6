"""What every distribution is for: texts that `rangecast explain` and docs/distributions.md share.

One record per name that `dist` may have, in files by kind as the laws themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide import bounded, composed, counts, elicited, positive, real
from rangecast.distributions.guide.guide import Guide

KINDS: Mapping[str, Mapping[str, Guide]] = {
    "between bounds": bounded.GUIDES,
    "positive": positive.GUIDES,
    "on the whole line": real.GUIDES,
    "counts and listed values": counts.GUIDES,
    "from percentiles": elicited.GUIDES,
    "made of others": composed.GUIDES,
}
"""Records by kind, in the order of the page."""

GUIDES: Mapping[str, Guide] = {
    name: one for guides in KINDS.values() for name, one in guides.items()
}

__all__ = ["GUIDES", "KINDS", "Guide"]
