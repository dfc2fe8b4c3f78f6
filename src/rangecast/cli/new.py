"""``rangecast new``: a starter model, or a copy of a shipped one."""

from __future__ import annotations

from pathlib import Path

import click

from rangecast.cli.screen import tell

STARTER = """\
# A Rangecast model. Run it: rangecast run THIS_FILE    Check it: rangecast check THIS_FILE
format = 1

[model]
title = "Website servers"
description = "servers needed at the daily peak"

[inputs.visits]                     # an uncertain input: a distribution and its parameters
label = "daily visits"
unit = "visit/day"
base = 5.0e7                        # the point estimate, if there is one
dist = "lognormal"                  # uncertain by factors: 10 % below p10, 90 % below p90
p10 = 2.0e7
p90 = 1.2e8
source = "survey"                   # a key of [sources.*]
basis = "report"                    # data, report or judgement

[inputs.pages]
label = "pages per visit"
unit = "request/visit"
base = 6
dist = "triangular"                 # lowest, likeliest, highest: hard bounds
low = 3
mode = 6
high = 12

[inputs.capacity]
label = "capacity per server"
unit = "request/s/server"
base = 250
dist = "lognormal"
p10 = 150
p90 = 400

[inputs.seconds_per_day]            # a constant
unit = "s/day"
value = 86400

[quantities.peak_requests]          # an intermediate, in any order; the peak is twice the mean
formula = "visits * pages / seconds_per_day * 2"

[outputs.servers]                   # what ranges are wanted for
formula = "peak_requests / capacity"
unit = "server"

[[correlations]]                    # Spearman coefficient; pairs not named are independent
between = ["visits", "pages"]
spearman = -0.3

[cases.launch]                      # rangecast run THIS_FILE --case launch
inputs.visits = 3.0e8               # a number fixes the input

[[checks]]                          # what the base case must reproduce
output = "servers"
equals = 27.77777777777778

[sources.survey]
title = "Visitor survey"
date = 2025-06-30
"""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "model", metavar="MODEL", help="Copy a shipped model instead.")
def new(file: Path, model: str | None) -> int:
    """Write a starter model to FILE, or a copy of a shipped one."""
    from rangecast.engine.errors import Problem, SettingsError, did_you_mean
    from rangecast.engine.files import write_whole
    from rangecast.engine.model.shipped import shipped_models

    content = STARTER.encode("utf-8")
    if model is not None:
        shipped = shipped_models()
        if model not in shipped:
            allowed, hint = f"known: {', '.join(shipped)}", did_you_mean(model, shipped)
            raise SettingsError(Problem("E700", "--from", "unknown model", model, allowed, hint))
        content = shipped[model].read_bytes()
    write_whole(file, content, exclusive=True)
    tell(f"Created {file}")
    tell(f"Next: rangecast run {file}")
    return 0
