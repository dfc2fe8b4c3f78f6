"""Mistakes that few models have: the code, the place and the words of the first line said."""

import pytest
from rangecast.engine.errors import ModelError
from rangecast.engine.model import formulas
from rangecast.engine.model.load import loads

X = "[inputs.x]\nvalue = 2\n[outputs.y]\nformula = 'x * 3'\n"  # four lines
U = "[inputs.u]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
V = U.replace("inputs.u", "inputs.v")
UY = U + "[outputs.y]\nformula = 'u'\n"  # six lines
D = "[inputs.d]\ndist = 'discrete'\nvalues = [0, 1]\nweights = [1, 1]\n"
DY = D + "[outputs.y]\nformula = 'd'\n"  # six lines
ON = "[inputs.c]\ndist = 'conditional'\non = 'd'\n"
GIVEN = "given = [{when = 0, value = 1}, {when = 1, value = 2}]\n"
TIME = "[time]\nstart = 2024\nperiods = 2\n"
EACH = "per_period = 'independent'\n"
SWITCH = "[inputs.s]\ndist = 'categorical'\ncases = ['k', 'l']\nweights = [1, 1]\n"

REFUSED = {
    "share what differs by period": (
        TIME + U + EACH + "[inputs.s]\nsame_as = 'u'\n[outputs.y]\nformula = 's'\n",
        "E205 10:1 inputs.s.same_as: must name an input with one value in all periods; got u",
    ),
    "share what shares": (
        UY + "[inputs.s]\nsame_as = 'u'\n[inputs.r]\nsame_as = 's'\n",
        "E205 10:1 inputs.r.same_as: must name an input that shares no other; got s",
    ),
    "share with itself": (
        UY + "[inputs.s]\nsame_as = 's'\n",
        "E205 8:1 inputs.s.same_as: must name an input that shares no other; got s",
    ),
    "share what is conditional": (
        DY + ON + GIVEN + "[inputs.s]\nsame_as = 'c'\n",
        "E205 12:1 inputs.s.same_as: must name an input that is not conditional, "
        "or have a distribution of its own; got c",
    ),
    "share and differ by period": (
        TIME + UY + V + EACH + "same_as = 'u'\n",
        "E302 14:1 inputs.v.per_period: only an input with a draw of its own can vary per period",
    ),
    "a case shares what it does not know": (
        UY + V + "[cases.a]\ninputs.v = {same_as = 'uu'}\n",
        "E204 12:13 cases.a.inputs.v.same_as: unknown input; got uu; did you mean 'u'?",
    ),
    "a case shares with itself": (
        UY + V + "[cases.a]\ninputs.v = {same_as = 'v'}\n",
        "E205 12:13 cases.a.inputs.v.same_as: must name an input that shares no other; got v",
    ),
    "a case shares what differs by period": (
        TIME + U + EACH + V + "[outputs.y]\nformula = 'u + v'\n"
        "[cases.a]\ninputs.v = {same_as = 'u'}\n",
        "E205 16:1 cases.a.inputs.v: must name an input with one value in all periods; got u",
    ),
    "a case lets what is shared differ by period": (
        TIME + UY + "[inputs.s]\nsame_as = 'u'\n[cases.a]\n"
        "inputs.u = {dist = 'uniform', low = 0, high = 2, per_period = 'independent'}\n",
        "E205 12:1 cases.a: must name an input with one value in all periods; got u",
    ),
    "a case lets what is shared share": (
        UY + V + "[inputs.s]\nsame_as = 'u'\n[cases.a]\ninputs.u = {same_as = 'v'}\n",
        "E205 13:1 cases.a: must name an input that shares no other; got u",
    ),
    "a check of nothing": (
        X + "[[checks]]\noutput = 'y'\n",
        "E114 5:1 checks.0.equals: missing; equals, stated or both",
    ),
    "more failures than scenarios": (
        X + "[run]\nmax_failures = 2\n",
        "E303 6:1 run.max_failures: must lie between 0 and 1; got 2",
    ),
    "a case that is a number": (
        X + "[cases]\na = 5\n",
        "E115 6:1 cases.a: expected a table; got 5",
    ),
    "inputs of a case that are a number": (
        X + "[cases.a]\ninputs = 5\n",
        'E115 6:1 cases.a.inputs: expected a table, or "base" for every input; got 5',
    ),
    "an input of a case that is a text": (
        X + "[cases.a]\ninputs.x = 'two'\n",
        "E115 6:1 cases.a.inputs.x: expected a number or a table; got 'two'",
    ),
    "an unknown quantity in a case": (
        X + "[cases.a]\nquantities.yy = 'x'\n",
        "E204 6:1 cases.a.quantities.yy: unknown quantity; got yy; did you mean 'y'?",
    ),
    "a formula of a case that is a number": (
        X + "[cases.a]\noutputs.y = 5\n",
        "E115 6:1 cases.a.outputs.y: expected text; got 5",
    ),
    "cases that extend each other": (
        X + "[cases.a]\nextends = 'b'\n[cases.b]\nextends = 'a'\n",
        "E204 6:1 cases.a.extends: circular: a -> b -> a; known: a, b",
    ),
    "a circle that a case closes, at the case": (
        "[inputs.x]\nvalue = 1\n[quantities]\nz = '     y + x'\n[outputs]\ny = 'x'\n"
        "[cases.a]\noutputs.y = 'z'\n",
        "E205 7:1 cases.a: circular reference: z -> y -> z",
    ),
    "a condition without branches": (
        DY + ON,
        "E114 7:1 inputs.c.given: missing",
    ),
    "a condition with a list of none": (
        DY + ON + "given = []\n",
        "E115 10:1 inputs.c.given: expected 1 to 50 tables; got a list; write given = [{when = 0, ",
    ),
    "a branch for true": (
        DY + ON + GIVEN.replace("when = 0", "when = true"),
        "E115 10:11 inputs.c.given.0.when: a value, its name, or a list of them; "
        "got a true/false value",
    ),
    "a branch whose value is a text": (
        DY + ON + GIVEN.replace("value = 1", "value = 'x'"),
        "E115 10:21 inputs.c.given.0.value: expected a finite number; got 'x'",
    ),
    "a branch whose value is infinite": (
        DY + ON + GIVEN.replace("value = 1", "value = 1e400"),
        "E115 10:21 inputs.c.given.0.value: expected a finite number; got 1e400",
    ),
    "a condition that is continuous": (
        UY + ON.replace("'d'", "'u'") + GIVEN,
        "E312 9:1 inputs.c.on: 'u' is continuous; a condition takes listed values; got u",
    ),
    "a condition with too many values": (
        "[inputs.d]\ndist = 'poisson'\nmean = 1e8\n[outputs.y]\nformula = 'd'\n" + ON + GIVEN,
        "E312 8:1 inputs.c.on: 'd' has more than 1,000 possible values; got d",
    ),
    "a condition with more values than are listed": (
        "[inputs.d]\ndist = 'normal'\nmean = 0\nsd = 1e6\nround = true\n"
        "[outputs.y]\nformula = 'd'\n" + ON + GIVEN,
        "E312 10:1 inputs.c.on: 'd' has more than 1,000 possible values; got d",
    ),
    "a branch with too many values": (
        DY + ON + GIVEN.replace("value = 1", "dist = 'normal', mean = 1, sd = 1e6, round = true"),
        "E303 10:10 inputs.c.given.0: has too many possible values to be part of another "
        "distribution; use a continuous one, without round",
    ),
    "a condition that is conditional": (
        DY + ON + GIVEN + "[inputs.e]\ndist = 'conditional'\non = 'c'\n" + GIVEN,
        "E312 13:1 inputs.e.on: 'c' is conditional itself; got c",
    ),
    "a condition that differs by period": (
        TIME + D + EACH + "[outputs.y]\nformula = 'd'\n" + ON + GIVEN,
        "E312 13:1 inputs.c.on: 'd' has a value of its own in each period; got d",
    ),
    "a drawn case that makes an input conditional": (
        DY + U + SWITCH + "[cases.k]\ninputs.u = {dist = 'conditional', on = 'd', "
        "given = [{when = [0, 1], value = 1}]}\n[cases.l]\n",
        "E312 13:1 inputs.s.cases: a drawn case cannot change 'u': it depends on others itself",
    ),
    "a correlation of what shares": (
        UY + V + "[inputs.s]\nsame_as = 'u'\n[[correlations]]\n"
        "between = ['s', 'v']\nspearman = 0.5\n",
        "E505 14:1 correlations.0.between: 's' shares its draw; name u instead",
    ),
    "a group of what shares": (
        UY + "[inputs.s]\nsame_as = 'u'\n[groups.g]\ninputs = ['s']\n",
        "E205 10:1 groups.g.inputs: 's' shares its draw; name u instead",
    ),
    "an infinite base": (
        U + "base = 1e400\n[outputs.y]\nformula = 'u'\n",
        "E305 5:1 inputs.u.base: must be finite; got 1e400",
    ),
    "an infinite base, below other ends of lines than those of TOML": (
        "# a\u2028b\x85c\n" + U + "base = 1e400\n[outputs.y]\nformula = 'u'\n",
        "E305 6:1 inputs.u.base: must be finite; got 1e400",
    ),
    "a base of 350 digits": (
        U + f"base = {'9' * 350}\n[outputs.y]\nformula = 'u'\n",
        "E305 5:1 inputs.u.base: too large for a 64-bit float; got 999999",
    ),
    "a value and a distribution": (
        U + "value = 1\n[outputs.y]\nformula = 'u'\n",
        "E302 5:1 inputs.u.value: an input has either a value or a distribution, not both",
    ),
    "a constant that is rounded": (
        X + "[inputs.b]\nvalue = 1\nround = true\n",
        "E302 7:1 inputs.b.round: only a distribution can be rounded",
    ),
    "a constant that differs by period": (
        X + "[inputs.b]\nvalue = 1\nper_period = 'independent'\n",
        "E302 7:1 inputs.b.per_period: only an input with a distribution of its own can vary",
    ),
    "an autocorrelation of what is independent": (
        TIME + U + EACH + "autocorrelation = 0.5\n[outputs.y]\nformula = 'u'\n",
        "E302 9:1 inputs.u.autocorrelation: autocorrelation belongs to "
        'per_period = "autocorrelated", which needs it',
    ),
    "a backtest of a number": (
        X + "[backtest]\ncases = 5\n",
        "E115 6:1 backtest.cases: expected text or a list of texts; got 5",
    ),
    "an end of another step": (
        X + "[time]\nstart = 2024\nend = '2025Q3'\n",
        "E115 7:1 time.end: expected a year as in start; got '2025Q3'",
    ),
    "YAML below other ends of lines than those of TOML": (
        "# a\u2028b\x85c\ninputs:\n  x: 3\n",
        "E105 2:7: line 2 looks like YAML",
    ),
}


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=list(REFUSED))
def test_the_first_line_says_what_and_where(text: str, line: str) -> None:
    with pytest.raises(ModelError) as refused:
        loads(text, "m.toml")
    code, _, rest = line.partition(" ")
    assert str(refused.value).startswith(f"error[{code}] m.toml:{rest}")


def test_a_name_used_twice_is_told_with_the_letters_that_do_not_show() -> None:
    text = '[inputs."a\u200b"]\nvalue = 1\n[outputs."a\u200b"]\nformula = "1"\n'
    with pytest.raises(ModelError) as refused:
        loads(text, "m.toml")
    told = "error[E203] m.toml:3:1 outputs.a\\u200b: the name 'a\\u200b' is used twice: "
    assert f"{told}input and output" in str(refused.value)


def test_formulas_that_cost_too_much_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "MOST_COST", 1_000)
    text = X.replace("'x * 3'", "'" + "x + " * 999 + "x'")
    assert loads(text).outputs[0].name == "y"
    with pytest.raises(ModelError) as refused:
        loads(text + "[outputs.z]\nformula = 'x + x + x'\n", "m.toml")
    said = "outputs.y.formula: total cost of the formulas is 1,001; limit 1,000"
    assert str(refused.value) == f"error[E415] m.toml:4:12 {said}"


def test_a_period_to_the_last_year_and_a_number_of_periods_are_the_same() -> None:
    by_end = loads(X + "[time]\nstart = 2024\nend = 2026\n").periods
    assert by_end == loads(X + "[time]\nstart = 2024\nperiods = 3\n").periods
    assert by_end is not None
    assert by_end.labels == ("2024", "2025", "2026")
