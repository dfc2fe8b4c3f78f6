"""Which assumptions of the shipped model matter most, under each method and structure.

``python benchmarks/drivers.py`` writes docs/drivers.md; a test makes its figures again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rangecast as rc

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "drivers.md"
CASES = ("exante", "exante+token", "exante+flops")
OUTPUT = "servers"
SCENARIOS, RUNS = 400_000, 2**20
TOP = 5
GIVEN = (
    *("conditional", "swing", "lmg", "rank", "rank-regression", "rank-partial", "variance"),
    *("delta", "pawn", "regional", "regression", "pearson", "partial"),
)
EXTRA = ("shapley", "sobol", "morris")
WHY = {
    "conditional": "median of the output, highest tenth of the input less lowest, in servers",
    "swing": "each input alone from P10 to P90, others at their medians; exact, in servers",
    "lmg": "fair share of the variance of ranks; what is missing to 1 is not linear in ranks",
    "rank-regression": "standardised coefficient of a linear model of ranks",
    "rank-partial": "correlation of ranks with what the others explain linearly taken out",
    "pearson": "linear correlation, ruled by a few huge scenarios",
    "morris": "mean absolute change of log servers over the whole range of the input, which "
    "moves alone",
    "rank": "Spearman's coefficient: the whole range by ranks, whatever the size of the effect",
    "variance": "first-order index S1 of the servers themselves: ruled by a few huge scenarios",
    "delta": "Borgonovo's δ: the whole distribution, unchanged by taking logarithms",
    "pawn": "median distance over slices of the input: the middle counts, the ends do not",
    "regional": "what leads to the highest twentieth of the servers",
    "regression": "standardised coefficient of a linear model, which explains little here",
    "partial": "correlation with what the others explain linearly taken out",
    "shapley": "share of the variance of log servers, right for correlated inputs; (own part)",
    "sobol": "total index of log servers, inputs drawn independently",
}
HEAD = """# What matters most in the shipped model

Made by `python benchmarks/drivers.py`: the first five inputs of `servers` under each method, with
95 % intervals, {scenarios:,} scenarios of each case and at most {runs:,} model runs for `shapley`
and `sobol`; 1,000 trajectories for `morris`.

Why the orders differ:

- **Correlation.** Bars read from the ensemble contain what moves with their input: bigger models
  are served more slowly, so training size and throughput borrow from each other. `shapley` shares
  such effects out; `sobol` here takes the correlations away.
- **Tails.** `variance` and `regression` weigh squared servers, so a few scenarios in a thousand
  decide. Methods on ranks, on distributions or on log servers do not have this fault; `regional`
  asks for the tail on purpose.
- **Alone or not.** `swing` and `morris` move one input and leave those correlated with it where
  they are; `swing` sees the medians of the others only, so that what multiplies is missed.
- **Shared or not.** Of an effect that two correlated inputs explain together, `rank` and `pearson`
  give both all of it, `partial` and `rank-partial` none, `lmg` and `shapley` a fair part. A partial
  correlation does not measure size: in a model that explains much it is large for small inputs.
- **Position.** `conditional` compares the ends of an input, `pawn` the middle of its slices.
"""


def rows_of(result: Any, method: str) -> list[tuple[str, float, float, float]]:
    """Label, value and interval of the first inputs under a method."""
    table = result.tornado(OUTPUT, method)
    table = table[table["reach"] == "direct"].head(TOP)
    columns = ("label", "swing", "ci_low", "ci_high")
    return [tuple(row[c] for c in columns) for _, row in table.iterrows()]


def extra(model: Any, case: str, method: str) -> list[tuple[str, float, float, float]]:
    """Report the same for a method with model runs of its own."""
    if method == "shapley":
        shares = rc.shapley(model, OUTPUT, case=case, runs=RUNS, log=True).shares[:TOP]
        return [(f"{s.label} ({s.own:.3f})", s.share, s.low, s.high) for s in shares]
    if method == "morris":
        effects = rc.morris(model, OUTPUT, case=case, trajectories=1_000, log=True).effects[:TOP]
        return [(e.label, e.mu_star, e.mu_star_low, e.mu_star_high) for e in effects]
    found = rc.sobol(model, OUTPUT, case=case, runs=RUNS, log=True, correlations=False)
    return [(i.label, i.st, i.st_low, i.st_high) for i in found.indices[:TOP]]


def figures() -> dict[str, dict[str, list[tuple[str, float, float, float]]]]:
    """Every figure of the page: case, method, first inputs."""
    model = rc.load("ai-servers")
    found: dict[str, dict[str, list[tuple[str, float, float, float]]]] = {}
    for case in CASES:
        result = rc.simulate(model, case=case, scenarios=SCENARIOS, workers=2)
        found[case] = {method: rows_of(result, method) for method in GIVEN}
        found[case] |= {method: extra(model, case, method) for method in EXTRA}
    return found


def _cell(row: tuple[str, float, float, float], method: str) -> str:
    label, value, low, high = row
    if method == "conditional":
        return f"{label} {value:+,.0f} [{low:,.0f}, {high:,.0f}]"
    if method == "swing":
        return f"{label} {value:+,.0f}"
    return f"{label} {value:+.3f} [{low:.3f}, {high:.3f}]"


def page(found: dict[str, dict[str, list[tuple[str, float, float, float]]]]) -> str:
    """Write the page."""
    parts = [HEAD.format(scenarios=SCENARIOS, runs=RUNS)]
    for case, methods in found.items():
        parts.append(f"## Case {case}\n")
        for method, rows in methods.items():
            parts.append(f"`{method}`: {WHY[method]}\n")
            parts += [f"{k}. {_cell(row, method)}" for k, row in enumerate(rows, 1)]
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def main() -> None:
    """Write docs/drivers.md."""
    PAGE.write_text(page(figures()), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
