"""Write docs/second_regime.md: the shipped model without and with its second usage regime.

The regime's weight and multiple were set from sources dated before the article, and committed,
before this script was first run; its percentiles are printed whether they are better or not.

    python benchmarks/regime.py
"""

from __future__ import annotations

import math
from pathlib import Path

from rangecast.engine.backtest import Backtested

import rangecast as rc

N, SEED = 2_000_000, 11
WITHOUT, WITH = "exante+token", "exante+token+agents"
BANDS = {"servers": 1.0, "market_cny": 1e-9}
UNITS = {"servers": "servers", "market_cny": "market, bn CNY"}
PAGE = Path(__file__).parent.parent / "docs" / "second_regime.md"
HEAD = """# A second usage regime

The tokens of 2026 lie in the last thousandth of the ranges that could be defended on the
article's day: one wide lognormal of tokens per request cannot hold both chats and what came after
them. The case `agents` of the model `ai-servers` adds a second regime as a mixture:

```toml
{toml}
```

**Where the figures come from.** Chats keep their range. In the second regime a request takes 10
(P10) to 100 (P90) times the chats' median of 790 tokens. By the article's day there were 40
sampled answers per question (self-consistency, March 2022), several calls and tool results per
answer (ReAct, October 2022), contexts of 32,768 tokens, 41 times the median (GPT-4, 14 March
2023), language models inside documents, mail and meetings (Copilot, 16 March 2023), plugins (23
March 2023) and agents that call the model in loops (Auto-GPT, 30 March 2023). All of them were
announced, none was deployed at scale: one chance in ten is a judgement. The paper, the plugins'
page and their dates were looked up; the other titles and dates are from memory. That one regime
misses the tokens of 2026 was known when the second was asked for; its weight and multiple were
fixed before the outcomes' percentiles were computed with them.

**What it changes.** {n:,} scenarios, seed {seed}, the same draws for both; percentile of each
outcome with the 95 % interval of its sampling error:

"""


def _percent(one: Backtested) -> str:
    """Percentile with its interval, with as many digits as the distance from the end has."""
    digits = 1 if 0.02 < one.percentile < 0.98 else 2
    ends = f"{100 * one.ci_low:.{digits}f}–{100 * one.ci_high:.{digits}f}"
    return f"{100 * one.percentile:.{digits}f} ({ends})"


def _case() -> str:
    """Give the mixture of the case as the model file states it."""
    text = rc.load("ai-servers").text
    block = text[text.index("[cases.agents.inputs.tokens_per_request]") :]
    lines = block[: block.index("\n]") + 2].splitlines()
    return "\n".join(x for x in lines if not x.startswith(("source", "basis", "note")))


def page(n: int = N, seed: int = SEED) -> str:
    """Make the page."""
    model = rc.load("ai-servers")
    found = rc.backtest(model, [WITHOUT, WITH], scenarios=n, seed=seed, workers=2)
    plain = {one.outcome.name: one for one in found if one.case == WITHOUT}
    mixed = {one.outcome.name: one for one in found if one.case == WITH}
    lines = ["| outcome | date | one regime | two regimes |", "|---|---|---:|---:|"]
    for name, one in plain.items():
        cells = [one.outcome.label, str(one.outcome.date), _percent(one), _percent(mixed[name])]
        lines.append(f"| {' | '.join(cells)} |")
    inside = [sum(0.05 <= o.percentile <= 0.95 for o in part.values()) for part in (plain, mixed)]
    lines += ["", f"Inside the 90 % band: {inside[0]} and {inside[1]} of {len(plain)}.", ""]
    lines += ["| output | case | P5 | P50 | P95 |", "|---|---|---:|---:|---:|"]
    for case in (WITHOUT, WITH):
        result = rc.simulate(model, scenarios=n, seed=seed, case=case, workers=2)
        for name, scale in BANDS.items():
            values = [scale * result.quantile(name, p) for p in (0.05, 0.5, 0.95)]
            shown = " | ".join(f"{v:,.{max(0, 2 - math.floor(math.log10(v)))}f}" for v in values)
            lines.append(f"| {UNITS[name]} | {case} | {shown} |")
    best = max(plain, key=lambda name: plain[name].percentile)
    before, after = (100 * (1 - part[best].percentile) for part in (plain, mixed))
    lines += [
        "",
        f"The chance of at least the hardest outcome ({plain[best].outcome.label}) goes",
        f"from {before:.2f} % to {after:.2f} %. The price: the upper ends of servers and market,",
        "whose outcomes were inside already, move up most. One path is one observation:",
        "this shows what the regime does, not that its weight is right.",
        "",
        "Made by `python benchmarks/regime.py`; the same figures on screen:",
        "`rangecast run ai-servers --case exante+token+agents --backtest`.",
        "",
    ]
    return HEAD.format(toml=_case(), n=n, seed=seed) + "\n".join(lines)


def main() -> None:
    """Write and print the page."""
    text = page()
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
