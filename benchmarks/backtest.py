"""The back-test three times: as the notes printed it, ours, and a plain NumPy script's.

The notes hold every outcome against the total of all years and leave out scenarios above the
attention limit; ours against what is bought by the outcome's date, with the limit capping use. The
column `as the notes` is the plain script computing what the notes computed.

    python benchmarks/backtest.py
"""

from __future__ import annotations

import datetime as dt
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import independent

import rangecast as rc

N, SEED, CASE = 2_000_000, 11, "exante+token"
NOTES_DRAWS = 200_000
NOTES = {  # percentiles as the notes print them; the others they leave out
    "nvidia_cards_1y": 51,
    "nvidia_cards_3y": 88,
    "nvidia_a100e_2y": 80,
    "idc_increment_2023_2024": 78,
    "tokens_early_2024": 8,
    "tokens_mid_2025": 98.3,
    "tokens_end_2025": 99.85,
    "tokens_2026_03": 99.94,
}
ROUNDING = {98.3: 0.05, 99.85: 0.005, 99.94: 0.005}
REASONS = {
    "cards_to_date": "cards_to_date: bought by the date, growth and efficiency of each year",
    "a100e_to_date": "a100e_to_date: bought by the date, growth and efficiency of each year",
    "market_to_date": "market_to_date: bought by the date, growth and efficiency of each year",
    "tokens_reached": "tokens_reached: served by the date; visits_total: capped, not left out",
}


def _years(date: dt.date) -> float:
    """Years from the article to the end of a day, each year as long as it is."""
    day, first, k = date + dt.timedelta(days=1), dt.date(2023, 4, 7), 0
    while day >= first.replace(year=first.year + k + 1):
        k += 1
    begin = first.replace(year=first.year + k)
    return k + (day - begin).days / (first.replace(year=first.year + k + 1) - begin).days


def _noted(x: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the notes computed: totals of all years, scenarios above the limit left out."""
    wanted = x["visits_per_app_day"] * x["apps"]
    kept = wanted <= independent.VISITS_PER_PERSON * x["internet_users"]
    found = independent.outputs(x, "token")
    tokens = wanted * x["chats_per_visit"] * x["tokens_per_request"]
    return {
        "cards": (found["servers"] * x["cards_per_server"])[kept],
        "market_cny": found["market_cny"][kept],
        "tokens_day": tokens[kept],
    }


def _key(output: str) -> str:
    return {"market_to_date": "market_cny", "tokens_reached": "tokens_day"}.get(output, "cards")


def _row(one: Any, dated: np.ndarray, noted: np.ndarray) -> tuple[list[str], float, float]:
    """Cells of one outcome, and the gaps of ours from the plain script and from the notes in SE."""
    name, ours = one.outcome.name, 100 * one.percentile
    theirs, as_noted = (100 * float((y <= one.value).mean()) for y in (dated, noted))
    share = ours / 100
    error = 100 * math.sqrt(share * (1 - share) / N)
    gap = abs(ours - theirs) / (error * math.sqrt(2))
    printed, noted_share = NOTES.get(name), as_noted / 100
    far = abs(ours - as_noted) / math.hypot(
        error, 100 * math.sqrt(noted_share * (1 - noted_share) / N)
    )
    why = REASONS[one.outcome.output] if far > 4 else ""
    if printed is not None:  # the plain script really computes what the notes did
        spread = 100 * math.sqrt(noted_share * (1 - noted_share) / NOTES_DRAWS)
        assert abs(as_noted - printed) < 4 * spread + ROUNDING.get(printed, 0.5), name
    cells = [
        name,
        one.outcome.date.isoformat(),
        "not given" if printed is None else f"{printed:g}",
        f"{as_noted:.2f}",
        f"{ours:.2f}",
        f"{theirs:.2f}",
        f"{gap:.1f}",
        f"{far:.1f}",
        why,
    ]
    return cells, gap, far


def table(n: int = N, seed: int = SEED) -> tuple[list[str], list[float]]:
    """Lines of the table, and the gaps between ours and the plain script in standard errors."""
    ours = rc.backtest(rc.load("ai-servers"), [CASE], scenarios=n, workers=2)
    x = independent.draws(True, n, seed)
    noted = _noted(x)
    heads = ["outcome", "date", "notes", "as the notes", "ours", "plain script", "gap/SE"]
    rows, gaps = [[*heads, "as noted gap/SE", "formula that changed, where above 4"]], []
    for one in ours:
        key = _key(one.outcome.output)
        dated = independent.by_date(x, "token", _years(one.outcome.date))[key]
        cells, gap, _ = _row(one, dated, noted[key])
        rows.append(cells)
        gaps.append(gap)
    widths = [max(len(r[k]) for r in rows) for k in range(len(heads) + 1)]
    lines = [
        "  ".join(
            [r[0].ljust(widths[0]), r[1].ljust(widths[1])]
            + [r[k].rjust(widths[k]) for k in range(2, len(heads) + 1)]
            + [r[-1]]
        ).rstrip()
        for r in rows
    ]
    return lines, gaps


def main() -> None:
    """Print the table."""
    lines, gaps = table()
    text = f"percentiles of the outcomes in {CASE}, {N:,} scenarios; the notes used {NOTES_DRAWS:,}"
    lines = [text, *lines, f"largest gap between ours and the plain script: {max(gaps):.1f} SE"]
    Path(__file__).with_name("results").joinpath("backtest.txt").write_text(
        "\n".join(lines) + "\n", encoding="utf-8"
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
