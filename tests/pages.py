"""Models that try a page: few and many inputs, long, Chinese and hostile names, odd numbers."""

HOSTILE = '=HYPERLINK("x") <b>&$x$ [red]服务器'
LONG = "the share of all orders that are placed again within thirty days of the first delivery "


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def model(count, label="demand", names=("input",), unit="server", formula=None, law=None):
    """A model text with so many inputs, whose names go round."""
    lines = ["[model]", f"title = {quoted(label)}"]
    for k in range(count):
        name = f"{names[k % len(names)]} {k + 1}"
        lines += [f"[inputs.x{k}]", f"label = {quoted(name)}", f"unit = {quoted('unit/day')}"]
        lines += (
            (law or 'dist = "lognormal"\np10 = {low}\np90 = {high}')
            .format(low=1 + k % 7, high=(2 + k % 5) * (10 + k % 7))
            .split("\n")
        )
    product = " + ".join(f"{1 + k % 4} * x{k}" for k in range(count))
    lines += ["[outputs.y]", f"formula = {quoted((formula or '{sum}').format(sum=product))}"]
    lines += [f"label = {quoted(label)}", f"unit = {quoted(unit)}"]
    return "\n".join(lines) + "\n"


TEXTS = {
    "one": model(1),
    "twelve hostile": model(12, HOSTILE, (HOSTILE, "短名", LONG)),
    "forty long": model(40, LONG * 2, (LONG * 2, "每次请求的词元数与单卡吞吐量之比", "x" * 60)),
    "negative": model(3, "loss", formula="-1000 * ({sum})", unit="CNY/year"),
    "huge": model(3, formula="1e9 * exp(({sum}) / 8)", unit="FLOP"),
    "tiny": model(3, formula="1e-7 * ({sum})"),
    "around zero": model(
        3, law='dist = "normal"\nmean = 0\nsd = {high}', formula="({sum}) * 1e5", unit="USD"
    ),
    "one-sided": model(
        3,
        law='dist = "normal"\nmean = 0\nsd = 1',
        formula="x0**2 + 0.3 * x1 + (x2 - 1)**2 + 0 * ({sum})",
    ),
    "constant": model(2, formula="7 + 0 * ({sum})"),
    "nearly constant": model(2, formula="7 + 1e-9 * ({sum})"),
    "switch": model(2, formula="where(({sum}) > 30, 1, 0)", unit="1"),
    "failing": model(2, formula="sqrt({sum}) + 1 / where(x0 < 0.2, 0, 1)"),
}
