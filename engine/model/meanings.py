"""What every key of a model file means: one line each, for help, references and schemas.

`shape` says which keys there are and of what kind, this table what they are for. A test holds both
together, loads every example, and asks the reader for every key that is said to be required.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rangecast.engine.model.correlations import COPULAS
from rangecast.engine.model.decisions import GOALS
from rangecast.engine.model.inputs import BASES, PER_PERIOD
from rangecast.engine.model.outcomes import READINGS
from rangecast.engine.plan import DESIGNS


@dataclass(frozen=True, slots=True)
class Key:
    """What one key is for.

    Parameters
    ----------
    meaning : str
        One line.
    example : str
        A value as TOML writes it; empty where the key opens a table of its own.
    allowed : tuple of str
        Every value that may be given, where there are so many only; the first is the default
        unless `default` says otherwise.
    default : str
        What holds where the key is left out.
    required : bool
    written : str
        What may be written, where `shape` leaves that to the reader of the key.
    """

    meaning: str
    example: str = ""
    allowed: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    written: str = ""


_LABEL = Key("Name for people, in place of the key.", '"daily visits"', default="the key")
_LABEL_ZH = Key("The same in Chinese, for --lang zh.", '"日访问量"')
_NOTE = Key("Free text beside it; shown in reports.", '"before the price cut of May"')
_UNIT = Key("Unit; `rangecast check` holds formulas against it.", '"visit/day"')
_SOURCES = Key("Key of [sources.*], or a list of them.", '["survey", "annual_report"]')
_BASIS = Key("Where the figure comes from.", '"report"', allowed=BASES, default="not said")
_FORMULA = Key(
    "Arithmetic over inputs, quantities and outputs, in any order.",
    '"visits * pages / 86_400"',
    required=True,
)
_AS_OF = Key("The day up to which evidence counts.", "2026-01-31")

MEANINGS: Mapping[str, Mapping[str, Key]] = {
    "document": {
        "format": Key("Version of the file format.", "1", allowed=("1",), default="1"),
        "model": Key("[model]: what the file is about."),
        "units": Key('[units]: words used as units: server = "base", or batch = "1000 token".'),
        "units_zh": Key('[units_zh]: the same words in Chinese, such as server = "台".'),
        "inputs": Key("[inputs.NAME]: constants and uncertain inputs."),
        "quantities": Key("[quantities.NAME]: intermediates, by formula."),
        "outputs": Key("[outputs.NAME]: what ranges are wanted for.", required=True),
        "correlations": Key("[[correlations]]: which inputs move together, and how closely."),
        "dependence": Key("[dependence]: the copula behind the coefficients."),
        "cases": Key("[cases.NAME]: overlays on the model; --case NAME, or A+B for several."),
        "run": Key("[run]: what `run` does unless options say otherwise."),
        "checks": Key("[[checks]]: figures that the base case must reproduce."),
        "tables": Key("[tables.NAME]: two-way tables; run --table NAME."),
        "time": Key("[time]: periods, for formulas over time."),
        "outcomes": Key("[[outcomes]]: what happened since, for run --backtest."),
        "decisions": Key("[decisions.NAME]: alternatives, for `rangecast decide`."),
        "groups": Key("[groups.NAME]: inputs that are ranked, or correlated, as one."),
        "backtest": Key("[backtest]: which cases the outcomes are held against."),
        "sources": Key("[sources.KEY]: publications that inputs and outcomes cite."),
    },
    "model": {
        "title": Key("First words of every report.", '"Website servers"'),
        "description": Key("A line beside the title.", '"servers needed at the daily peak"'),
        "as_of": _AS_OF,
        "note": _NOTE,
        "title_zh": Key("The title in Chinese.", '"网站服务器"'),
        "description_zh": Key("The description in Chinese.", '"每日峰值所需的服务器"'),
    },
    "input": {
        "dist": Key(
            'Distribution of an uncertain input, or a range such as "2M to 5M (80%)".',
            '"lognormal"',
        ),
        "value": Key("Value of a constant; in place of dist.", "86400"),
        "base": Key("The point estimate, used by the base case.", "5e7", default="the median"),
        "round": Key("Round draws to whole numbers.", "true", default="false"),
        "same_as": Key("Share the draw (and the law, unless given) of another input.", '"visits"'),
        "label": _LABEL,
        "unit": _UNIT,
        "note": _NOTE,
        "basis": _BASIS,
        "source": _SOURCES,
        "per_period": Key(
            "Whether an input has a value of its own in each period of [time].",
            '"independent"',
            allowed=PER_PERIOD,
            default=PER_PERIOD[0],
        ),
        "autocorrelation": Key(
            "Rank-score correlation of a period with the next, above −1 and below 1.", "0.8"
        ),
        "label_zh": _LABEL_ZH,
        "min": Key("Cut the distribution off below; percentiles are those that remain.", "0"),
        "max": Key("Cut it off above.", "1"),
        "shift": Key("Added to every draw, after `factor`.", "2", default="0"),
        "factor": Key("Every draw times this; not 0.", "1000", default="1"),
    },
    "quantity": {
        "formula": _FORMULA,
        "unit": _UNIT,
        "label": _LABEL,
        "note": _NOTE,
        "label_zh": _LABEL_ZH,
    },
    "output": {
        "formula": _FORMULA,
        "unit": _UNIT,
        "label": _LABEL,
        "note": _NOTE,
        "label_zh": _LABEL_ZH,
        "headline": Key("First sentence of its report.", '"we need {range} servers"'),
        "headline_zh": Key("The same in Chinese.", '"需要{range}台服务器"'),
    },
    "correlation": {
        "between": Key("The two inputs of a pair.", '["visits", "pages"]'),
        "among": Key(
            "Every two of these inputs, or of a group of [groups].",
            '["a", "b", "c"]',
            written="a list of names, or a name",
        ),
        "spearman": Key("Correlation of ranks, −1 to 1.", "-0.3"),
        "kendall": Key("Concordance of ranks, −1 to 1.", "0.4"),
        "pearson": Key("Correlation of values, as far as the laws allow it.", "0.5"),
        "note": _NOTE,
        "basis": Key("Where the coefficient comes from, in a word.", '"judgement"'),
        "source": _SOURCES,
    },
    "dependence": {
        "copula": Key("How inputs move together.", '"t"', allowed=COPULAS, default=COPULAS[0]),
        "df": Key("Degrees of freedom of the t copula; fewer tie extremes more.", "4"),
        "repair": Key(
            "Replace contradictory coefficients by the nearest possible ones.",
            '"nearest"',
            allowed=("nearest",),
            default="refuse them (E504)",
        ),
        "note": _NOTE,
    },
    "case": {
        "label": _LABEL,
        "note": _NOTE,
        "as_of": _AS_OF,
        "extends": Key("A case to lay over the model first.", '"exante"'),
        "label_zh": _LABEL_ZH,
        "inputs": Key(
            'Inputs by name: a number fixes one, a table changes it; "base" fixes all.',
            "{ visits = 3e8 }",
            written='a table, or "base"',
        ),
        "quantities": Key("Formulas by name.", '{ peak = "visits * 3" }'),
        "outputs": Key("Formulas by name.", '{ servers = "peak / 4" }'),
    },
    "run": {
        "cases": Key("Cases that are run.", '["exante+token"]', default="the model alone"),
        "outputs": Key("Outputs that are shown.", '["servers"]', default="all"),
        "scenarios": Key("How many.", "1_000_000", default="1,000,000"),
        "seed": Key("Start of the random numbers; 0 or more.", "7", default="1"),
        "design": Key("Where the points lie.", '"sobol"', allowed=DESIGNS, default=DESIGNS[0]),
        "max_failures": Key("Share of scenarios that may fail.", "0.01", default="0.001"),
    },
    "check": {
        "case": Key("Case in which it holds.", '"exante"', default="the model alone"),
        "output": Key(
            "Output, quantity or element such as stock[2026].", '"servers"', required=True
        ),
        "equals": Key("Value that the base case must have, to 9 digits.", "27.7778"),
        "stated": Key("Value as printed by the source; shown beside it.", "28"),
        "audit": Key("Place in the audit of the source; check --audit.", "3"),
        "label_zh": _LABEL_ZH,
        "label": Key("Name of the figure, beside its percentile.", '"optimistic"'),
        "note": _NOTE,
        "source": Key("Key of [sources.*].", '"survey"'),
    },
    "table": {
        "output": Key("What the cells show.", '"servers"', required=True),
        "rows": Key("Values down the side; see below.", required=True),
        "columns": Key("Values along the top; see below.", required=True),
        "statistic": Key(
            "base, mean, sd or a percentile; or a list of them.", '["p50", "p90"]', default="base"
        ),
        "case": Key("Case that it is made in.", '"exante"', default="the model alone"),
        "mark": Key("Cells to mark.", '"diagonal"', allowed=("diagonal",), default="none"),
        "label": _LABEL,
        "note": _NOTE,
        "label_zh": _LABEL_ZH,
        "note_zh": Key("The note in Chinese.", '"仅文本"'),
    },
    "time": {
        "start": Key(
            "First period: a year, a quarter, a month, or the first day.",
            '"2024Q2"',
            required=True,
            written='2024, "2024Q2", "2024-05" or a date',
        ),
        "periods": Key("How many.", "5"),
        "end": Key("The last one, in place of `periods`.", '"2026Q4"', written="as start"),
        "outputs": Key("Series that run --over-time shows.", '["stock"]'),
    },
    "outcome": {
        "name": Key("Its name.", '"shipped_2024"', required=True),
        "label": _LABEL,
        "output": Key("What it is an outcome of.", '"servers_year"', required=True),
        "date": Key("When it was so.", "2024-12-31", required=True),
        "unit": _UNIT,
        "value": Key("What happened.", "52_000", required=True),
        "p5": Key("Lower end of the 90 % interval of a value that is itself uncertain.", "48_000"),
        "p95": Key("Upper end.", "57_000"),
        "reading": Key(
            "Running total up to the date, or level on it.",
            '"level"',
            allowed=READINGS,
            default=READINGS[0],
        ),
        "source": _SOURCES,
        "note": _NOTE,
        "label_zh": _LABEL_ZH,
    },
    "decision": {
        "alternatives": Key(
            "Quantities that are the payoffs; 2 to 20.", '["buy", "rent"]', required=True
        ),
        "goal": Key("Which payoff is better.", '"min"', allowed=GOALS, default=GOALS[0]),
        "label": _LABEL,
        "note": _NOTE,
    },
    "group": {
        "inputs": Key(
            "Its members; each input in one group.", '["visits", "pages"]', required=True
        ),
        "label": _LABEL,
        "note": _NOTE,
        "label_zh": _LABEL_ZH,
    },
    "backtest": {
        "cases": Key("Cases to hold against the outcomes.", '["exante"]', default="that of [run]"),
        "note": _NOTE,
        "note_zh": Key("The note in Chinese.", '"区间在已知结果后写成"'),
    },
    "axis": {
        "name": Key("An input or quantity.", '"visits"', required=True),
        "values": Key("1 to 50 numbers.", "[1e7, 5e7, 1e8]", required=True),
    },
    "source": {
        "title": Key("Its title.", '"Visitor survey"'),
        "publisher": Key("Who published it.", '"Example Research"'),
        "date": Key("When.", "2025-06-30", written="a date, or text"),
        "url": Key("Where.", '"https://example.org/survey"'),
        "short": Key("A name for tables.", '"survey"'),
        "short_zh": Key("The same in Chinese.", '"调查"'),
        "note": _NOTE,
    },
}
"""By table as in `shape.TABLES`, and `input` for `shape.INPUT_KEYS`."""

PLACES: Mapping[str, str] = {
    "document": "Top level",
    "model": "[model]",
    "input": "[inputs.NAME]",
    "quantity": "[quantities.NAME]",
    "output": "[outputs.NAME]",
    "correlation": "[[correlations]]",
    "dependence": "[dependence]",
    "time": "[time]",
    "case": "[cases.NAME]",
    "run": "[run]",
    "check": "[[checks]]",
    "table": "[tables.NAME]",
    "axis": "[tables.NAME.rows] and [tables.NAME.columns]",
    "group": "[groups.NAME]",
    "decision": "[decisions.NAME]",
    "outcome": "[[outcomes]]",
    "backtest": "[backtest]",
    "source": "[sources.KEY]",
}
"""Where each kind of table stands, in the order in which a reader meets them."""

FORMULAS: Mapping[str, tuple[str, str]] = {
    "where": ("where(c, a, b)", "a where the condition c holds, else b"),
    "min": ("min(a, b, …)", "the smallest, scenario by scenario"),
    "max": ("max(a, b, …)", "the largest"),
    "clip": ("clip(x, low, high)", "x, but not below low nor above high"),
    "abs": ("abs(x)", "absolute value"),
    "sqrt": ("sqrt(x)", "square root; of a negative number a failed scenario"),
    "exp": ("exp(x)", "e to the power of x"),
    "log": ("log(x)", "natural logarithm"),
    "log10": ("log10(x)", "logarithm to base 10"),
    "floor": ("floor(x)", "next whole number below"),
    "ceil": ("ceil(x)", "next whole number above"),
    "round": ("round(x)", "nearest whole number; halves to the even one"),
    "previous": ("previous(x, initial)", "x in the period before; `initial` in the first"),
    "cumulative": ("cumulative(x)", "sum of x up to this period"),
    "compound": ("compound(x, rate)", "the first x, grown by 1 + rate in every later period"),
    "total": ("total(x)", "sum of x over all periods"),
    "at": ("at(x, 2026)", "x in the period named, by its year"),
}
"""Functions of formulas as they are called, and what they give."""
