"""An example of every code: what brings it about, so that the documentation can show the message.

Kinds of examples: ``model`` is a piece of a model file, which `whole` completes; ``check`` is one
for `rangecast check -v`; ``python`` makes a model of a function; ``command`` is a command line
beside the files that `FILES` names; ``words`` says what brings the code about where that takes a
fault of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INPUT = '[inputs.x]\ndist = "uniform"\nlow = 1\nhigh = 2\n'
OUTPUT = '[outputs.y]\nformula = "x"\n'
CONTRADICTION = (
    INPUT + '[inputs.a]\ndist = "normal"\nmean = 0\nsd = 1\n'
    '[inputs.b]\ndist = "normal"\nmean = 0\nsd = 1\n'
    '[[correlations]]\nbetween = ["x", "a"]\nspearman = 0.9\n'
    '[[correlations]]\nbetween = ["x", "b"]\nspearman = 0.9\n'
    '[[correlations]]\nbetween = ["a", "b"]\nspearman = -0.9\n'
)


@dataclass(frozen=True, slots=True)
class Example:
    """What brings a code about.

    Parameters
    ----------
    kind : str
        ``model``, ``check``, ``python``, ``command`` or ``words``.
    text : str
    """

    kind: str
    text: str


def whole(text: str) -> str:
    """Complete a piece of a model file: an input and an output, where it has none.

    Examples
    --------
    >>> print(whole("[run]\\nseed = -1\\n"), end="")
    [run]
    seed = -1
    [inputs.x]
    dist = "uniform"
    low = 1
    high = 2
    [outputs.y]
    formula = "x"
    """
    text += "" if "inputs" in text else INPUT
    return text + ("" if "outputs" in text else OUTPUT)


def _model(text: str) -> Example:
    return Example("model", text.strip() + "\n")


def _y(formula: str, more: str = "") -> Example:
    return _model(f'[outputs.y]\nformula = "{formula}"\n{more}')


def _x(parameters: str) -> Example:
    return _model(f"[inputs.x]\n{parameters}")


def _python(function: str) -> Example:
    return Example("python", f'rc.Model({{"x": rc.distributions.Uniform(1, 2)}}, {function})')


def _command(text: str) -> Example:
    return Example("command", text)


def _check(text: str) -> Example:
    return Example("check", text.strip() + "\n")


def _words(text: str) -> Example:
    return Example("words", text)


FILES: Mapping[str, str] = {
    "plan.toml": INPUT + OUTPUT,
    "flat.toml": '[inputs.x]\nvalue = 1\n[outputs.y]\nformula = "x"\n',
    "wide.toml": '[inputs.x]\ndist = "lognormal"\np10 = 1\np90 = 1e4\n' + OUTPUT,
    "root.toml": '[inputs.x]\ndist = "normal"\nmean = 1\nsd = 1\n'
    '[outputs.y]\nformula = "sqrt(x)"\n[run]\nmax_failures = 0.5\n',
    "never.toml": '[inputs.x]\ndist = "uniform"\nlow = 1\nhigh = 2\n'
    '[outputs.y]\nformula = "sqrt(-x)"\n',
    "few.csv": "sales\n" + "\n".join(map(str, (3.1, 4.7, 2.2, 5.9, 3.8, 4.4, 6.3, 2.9))) + "\n",
    "heaped.csv": "sales\n" + "\n".join(str(10 + k % 3 / 2) for k in range(60)) + "\n",
    "plan.xlsx": "not a workbook\n",
    "old.rangecast": "not a checkpoint\n",
}
"""Files beside the commands of the examples."""

EXAMPLES: Mapping[str, Example] = {
    "E101": _command("run plam.toml"),
    "E102": _command("run ."),
    "E103": _words("A model file of more than 5 MB, or a data file of more than 64 MB."),
    "E104": _words("A model saved by an editor as GBK or UTF-16."),
    "E105": _x('dist = "uniform\nlow = 1'),
    "E106": _x("value = 1\nvalue = 2"),
    "E107": _words("Brackets nested by the hundred, as no person writes them."),
    "E109": _model("format = 2\n"),
    "E113": _x('dist = "triangular"\nlow = 1\nmode = 2\nhihg = 3'),
    "E114": _x('unit = "USD"'),
    "E115": _x('dist = "uniform"\nlow = "50,000,000"\nhigh = 9e7'),
    "E116": _words("An empty model file."),
    "E117": _words("More than 2,000 inputs, 2,000 formulas, 500 correlated inputs or 200 cases."),
    "E118": _y("x", 'headline = "we need servers"'),
    "E119": _command("run plan.toml --inputs plan.xlsx"),
    "E201": _model('[inputs."unit price"]\nvalue = 3'),
    "E202": _model('[inputs.max]\nvalue = 3\n[outputs.y]\nformula = "2"'),
    "E203": _model('[inputs.y]\nvalue = 3\n[outputs.y]\nformula = "2"'),
    "E204": _y("x * prise", "[inputs.x]\nvalue = 2\n[inputs.price]\nvalue = 3"),
    "E205": _model('[quantities.a]\nformula = "b"\n[quantities.b]\nformula = "a + x"\n'),
    "E206": _model('[inputs."prісe"]\nvalue = 3\n[outputs.y]\nformula = "2"'),
    "E207": _check('[inputs.x]\nvalue = 3\nunit = "widget"\n[units]\nserver = "base"'),
    "E208": _check(
        '[inputs.time]\nvalue = 3\nunit = "hour"\n[outputs.need]\nformula = "time"\n'
        'unit = "server"\n[units]\nserver = "base"'
    ),
    "E301": _x('dist = "trianguler"\nlow = 1\nmode = 2\nhigh = 3'),
    "E302": _x('dist = "normal"\nmean = 1'),
    "E303": _x('dist = "normal"\nmean = 1\nsd = -2'),
    "E304": _x('dist = "triangular"\nlow = 4\nmode = 2\nhigh = 5'),
    "E305": _x('dist = "normal"\nmean = nan\nsd = 1'),
    "E306": _x('dist = "pert"\np10 = 1\np50 = 1.1\np90 = 9'),
    "E307": _x('dist = "discrete"\nvalues = [1, 2]\nweights = [-1, 2]'),
    "E308": _x('dist = "normal"\nmean = 0\nsd = 1e308'),
    "E309": _x('dist = "normal"\nmean = 0\nsd = 1\nmin = 40\nmax = 50'),
    "E310": _command("fit plan.toml"),
    "E312": _model(
        '[inputs.boom]\ndist = "bernoulli"\np = 0.2\n[inputs.x]\ndist = "conditional"\n'
        'on = "boom"\ngiven = [{ when = 1, value = 9 }]'
    ),
    "E401": _y("x + * 2"),
    "E402": _y("x ^ 2"),
    "E403": _y("sqr(x)"),
    "E404": _y("max(x)"),
    "E405": _words("A formula, or all of them together, of more characters than is allowed."),
    "E406": _words("Parentheses nested by the hundred."),
    "E408": _y("x + 1 / 0"),
    "E409": _y("x + 2j"),
    "E410": _python("lambda x: x.mean()"),
    "E411": _y("where(x, 1, 2)"),
    "E413": _y("x * random()"),
    "E414": _python('lambda x: {"y": x - x.mean()}'),
    "E415": _words("Formulas, spelled out over all periods, of more than a million operations."),
    "E416": _python('lambda x: {"y": x.sort() or x}'),
    "E417": _y("x * t"),
    "E420": _python('lambda x: {"y": x + unknown}'),
    "E503": _model(
        INPUT + '[inputs.z]\ndist = "normal"\nmean = 0\nsd = 1\n'
        '[[correlations]]\nbetween = ["x", "z"]\nspearman = 1.2'
    ),
    "E504": _model(CONTRADICTION),
    "E505": _model(
        INPUT + "[inputs.rate]\nvalue = 3\n"
        '[[correlations]]\nbetween = ["x", "rate"]\nspearman = 0.5'
    ),
    "E506": _model(INPUT + '[[correlations]]\nbetween = ["x", "x"]\nspearman = 0.5'),
    "E507": _model(
        INPUT + '[inputs.z]\ndist = "normal"\nmean = 0\nsd = 1\n'
        '[[correlations]]\nbetween = ["x", "z"]\nspearman = nan'
    ),
    "E508": _model(
        INPUT + '[inputs.z]\ndist = "lognormal"\nmu = 0\nsigma = 3\n'
        '[[correlations]]\nbetween = ["x", "z"]\npearson = 0.9'
    ),
    "E510": _model('[dependence]\ncopula = "clayton"'),
    "E601": _words("`sqrt(x)` where x is negative in more scenarios than max_failures allows."),
    "E603": _command("run never.toml -n 1000"),
    "E700": _command("run plan.toml --design lsh"),
    "E701": _command("run plan.toml -n 1.5"),
    "E702": _model("[run]\nseed = -1"),
    "E703": _words("In Python: `rc.simulate(model, workers=0)`."),
    "E704": _words("Memory runs out, or a limit of it (ulimit -v) is too low."),
    "E706": _words("`--backend dask --address tcp://HOST:8786` where no scheduler answers."),
    "E707": _words("`ulimit -n` or `ulimit -u` is too low for the workers asked for."),
    "E801": _words("The disk is full, or a quota is used up."),
    "E802": _words("No permission, a device error, a disk taken out."),
    "E803": _command("resume old.rangecast"),
    "E804": _words("`run --checkpoint FILE` with the file of a run with another seed."),
    "E805": _words("`resume` on a machine whose processor rounds exp() differently."),
    "E806": _words("Two runs with the same `--checkpoint` at the same time."),
    "E807": _x('dist = "data"\nfile = "../sales.csv"'),
    "E808": _words("`resume` of a file that another version wrote."),
    "E809": _command("new plan.toml"),
    "E810": _words("`--xlsx` without `pip install 'rangecast[xlsx]'`."),
    "E811": _words("The system kills a worker that uses too much memory, again and again."),
    "E812": _words("A Python model that reads the clock, on two workers."),
    "E813": _words('`backend="loky"` with a function of a module loaded by path.'),
    "W204": _model(INPUT + '[inputs.z]\nvalue = 3\n[outputs.y]\nformula = "x"'),
    "W208": _check(
        '[inputs.length]\nvalue = 3\nunit = "m"\n[outputs.way]\nformula = "length"\nunit = "visit"'
    ),
    "W211": _model(INPUT + '[inputs.X]\nvalue = 3\n[outputs.y]\nformula = "x * X"'),
    "W353": _x('dist = "gamma"\nshape = 1e-5\nscale = 1'),
    "W355": _x('dist = "discrete"\nvalues = [1, 2, 1]\nweights = [1, 1, 2]'),
    "W209": _words("A note or a label of more than 32,767 characters."),
    "W350": _x('dist = "uniform"\nlow = 2\nhigh = 2'),
    "W351": _x('dist = "lognormal"\np10 = 10\np50 = 60\np90 = 90'),
    "W352": _x('dist = "uniform"\nlow = 1\nhigh = 9007199254740993'),
    "W356": _command("fit few.csv"),
    "W357": _command("fit heaped.csv"),
    "W358": _check('[inputs.x]\ndist = "normal"\nmean = 5\nsd = 4\nunit = "day"'),
    "W359": _check('[inputs.x]\ndist = "pareto"\nscale = 1\nshape = 0.9'),
    "W360": _check('[inputs.x]\ndist = "pareto"\nscale = 1\nshape = 1.5'),
    "W361": _check('[inputs.x]\ndist = "lognormal"\np10 = 1\np90 = 1000'),
    "W510": _model(CONTRADICTION + '[dependence]\nrepair = "nearest"'),
    "W551": _model(
        "".join(f'[inputs.{n}]\ndist = "normal"\nmean = 0\nsd = 1\n' for n in "abc")
        + '[[correlations]]\nbetween = ["a", "b"]\nspearman = 1\n'
        + '[[correlations]]\nbetween = ["a", "c"]\nspearman = 1\n'
        + '[[correlations]]\nbetween = ["b", "c"]\nspearman = 0.99999999999999\n'
        + '[outputs.y]\nformula = "a + b + c"\n'
    ),
    "W553": _check(
        '[inputs.x]\ndist = "bernoulli"\np = 0.5\n[inputs.z]\ndist = "bernoulli"\np = 0.1\n'
        '[outputs.y]\nformula = "x + z"\n'
        '[[correlations]]\nbetween = ["x", "z"]\nspearman = 0.9'
    ),
    "W602": _command("run root.toml -n 1000"),
    "W604": _command("run flat.toml -n 1000"),
    "W608": _command("run plan.toml -n 1"),
    "W609": _command("run wide.toml -n 1000"),
    "W610": _command("run plan.toml -n 1000 --design sobol"),
    "W611": _command("run plan.toml --precision 0.01% --max-scenarios 10000"),
    "W801": _words("The disk fills up while a checkpointed run goes on."),
    "W803": _words("`--checkpoint FILE` with a file of no bytes."),
    "W806": _words("A checkpoint on a network disk without locks."),
    "W811": _words("A worker is killed from outside; its tasks are done again."),
    "W901": _words("`--lang zh` with charts, on a system without a Chinese font."),
}
"""By code; a test holds the table against `CODES` and provokes what can be provoked."""
