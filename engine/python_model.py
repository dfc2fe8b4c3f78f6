"""Models that are Python functions of arrays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rangecast.distributions import from_scipy
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine import dependence
from rangecast.engine.conversion import MEASURES
from rangecast.engine.errors import ModelError, Problem, did_you_mean
from rangecast.engine.model.choices import problems_of
from rangecast.engine.model.conditional import Conditional, settle
from rangecast.engine.model.correlations import COPULAS
from rangecast.engine.model.inputs import median
from rangecast.engine.model.model import (
    Correlation,
    Dependence,
    Input,
    InputGroup,
    Model,
    Quantity,
    Selection,
)
from rangecast.engine.streams import Stream

PROBE_ROWS = 64


@dataclass(frozen=True)
class _BoundFunction:
    program: FunctionProgram
    x: Mapping[str, Array]
    y: Array

    def run(self) -> None:
        """Call the function on the rows now in the arrays."""
        found = self.program.call(self.x, self.y.shape[1])
        for k, name in enumerate(self.program.outputs):
            self.y[k] = found[name]


@dataclass(frozen=True)
class FunctionProgram:
    """A Python function behind the same face as compiled formulas.

    Parameters
    ----------
    function : callable
        Takes one array (m,) per input by keyword, gives a dict of arrays (m,).
    outputs : tuple of str
    sampled : frozenset of str
    constants : mapping of str to float
    selections : tuple of Selection
        Conditional inputs, whose values are chosen before each call.
    """

    function: Callable[..., Any]
    outputs: tuple[str, ...]
    sampled: frozenset[str]
    constants: Mapping[str, float]
    selections: tuple[Selection, ...] = ()

    @property
    def rows(self) -> int:
        """Number of outputs."""
        return len(self.outputs)

    @property
    def row_names(self) -> list[tuple[str, int | None]]:
        """Output of each row."""
        return [(name, None) for name in self.outputs]

    def reached(self, output: str) -> frozenset[str]:
        """Every sampled input: what a function uses cannot be seen from outside."""
        return self.sampled

    def bind(self, x: Mapping[str, Array], y: Array) -> _BoundFunction:
        """Tie the function to arrays."""
        return _BoundFunction(self, x, y)

    def call(self, x: Mapping[str, Array], m: int) -> Mapping[str, Array]:
        """Call the function on read-only views, so that it cannot change the engine's arrays."""
        whole = {name: x[name] for name in sorted(self.sampled)}
        whole |= {
            name: np.broadcast_to(np.float64(value), (m,)) for name, value in self.constants.items()
        }
        hidden = {name for one in self.selections for name, _ in one.terms}
        arguments = {name: value for name, value in whole.items() if name not in hidden}
        arguments |= {one.name: one.among(whole) for one in self.selections}
        return _checked(self.function, arguments, m)

    def evaluate(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Compute every output for a few scenarios."""
        m = len(next(iter(values.values()))) if values else 1
        return dict(self.call(values, m))


def _checked(function: Callable[..., Any], arguments: dict[str, Array], m: int) -> dict[str, Array]:
    """Call a user's function and refuse anything but a dict of arrays of m numbers."""
    try:
        found = function(**{name: _read_only(array) for name, array in arguments.items()})
    except ValueError as error:
        if "read-only" not in str(error):
            raise _raised(error) from error
        hint = "work on a copy: x = x.copy()"
        message = "the function changes its arguments"
        raise ModelError(Problem("E416", "outputs", message, str(error), hint=hint)) from error
    except MemoryError:
        raise  # not the fault of the function
    except (Exception, SystemExit) as error:
        raise _raised(error) from error
    if not isinstance(found, dict) or not found:
        got = type(found).__name__
        message = "the function must return a dict of arrays"
        raise ModelError(Problem("E410", "outputs", message, got=got))
    arrays = {}
    for name, value in found.items():
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            allowed = "real numbers (float, integer or bool)"
            problem = Problem("E410", str(name), "wrong dtype", str(array.dtype), allowed)
            raise ModelError(problem)
        if array.shape not in {(m,), ()}:
            allowed = f"one number per scenario, shape ({m},)"
            problem = Problem(
                "E410", str(name), "wrong shape", got=str(array.shape), allowed=allowed
            )
            raise ModelError(problem)
        arrays[str(name)] = np.broadcast_to(array.astype(float, copy=False), (m,))
    return arrays


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _raised(error: BaseException) -> ModelError:
    message = f"the function raised {type(error).__name__}: {error}"
    return ModelError(Problem("E420", "outputs", message))


def _probe(function: Callable[..., Any], inputs: Mapping[str, Input]) -> tuple[str, ...]:
    """Call the function whole, split and again: each scenario must depend on itself alone."""
    points = np.empty(PROBE_ROWS)
    arguments: dict[str, Array] = {}
    for name, one in inputs.items():
        stream = Stream(0, name, "probe")
        stream.turn_to(0)
        stream.fill(points)
        value = one.value or 0.0
        arguments[name] = (
            np.full(PROBE_ROWS, value) if one.law is None else one.law.quantile(points)
        )
    with np.errstate(all="ignore"):
        whole = _checked(function, arguments, PROBE_ROWS)
        again = _checked(function, arguments, PROBE_ROWS)
        half = PROBE_ROWS // 2
        parts = [
            _checked(function, {n: a[s] for n, a in arguments.items()}, half)
            for s in (slice(0, half), slice(half, None))
        ]
    for name, array in whole.items():
        if not np.array_equal(array, again[name], equal_nan=True):
            hint = "draw through an input instead"
            message = "gave other values for the same inputs"
            raise ModelError(Problem("E413", name, message, hint=hint))
        split = np.concatenate([part[name] for part in parts])
        if not np.array_equal(array, split, equal_nan=True):
            message = "one scenario depends on others (mean, sort, cumsum over scenarios?)"
            raise ModelError(Problem("E414", name, message))
    return tuple(whole)


def _input(name: str, given: object) -> Input:
    label = name.replace("_", " ")
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Input(name, value=float(given), base=float(given), base_given=True, label=label)
    if isinstance(given, Conditional):
        return Input(
            name, label=label, description=repr(given), on=given.on, branches=given.branches()
        )
    law = given if isinstance(given, Distribution) else from_scipy(given)
    return Input(name, law=law, base=median(law), label=label, description=repr(given))


def _wrong_groups(model: Model) -> list[Problem]:
    """Report members that are no inputs, or in two groups."""
    members = [(g.name, n) for g in model.groups.values() for n in g.inputs]
    wrong = [
        Problem("E204", f"groups {group}", "unknown input", n, hint=did_you_mean(n, model.inputs))
        for group, n in members
        if n not in model.inputs
    ]
    names = [n for _, n in members]
    twice = dict.fromkeys(n for n in names if names.count(n) > 1)
    return wrong + [Problem("E115", "groups", f"'{n}' is in two groups") for n in twice]


def _wrong_dependence(model: Model) -> list[Problem]:
    """Report copulas and measures that do not exist, and pairs that are no pairs."""
    how, wrong = model.dependence, []
    if how.copula not in COPULAS:
        allowed, hint = f"known: {', '.join(COPULAS)}", did_you_mean(how.copula, COPULAS)
        wrong.append(Problem("E510", "copula", "unknown copula", how.copula, allowed, hint))
    elif (how.copula == "t") != math.isfinite(how.df) or (
        how.copula == "t" and not 1 <= how.df <= 1000
    ):
        allowed = "1 to 1,000 for the t copula, None for others"
        wrong.append(Problem("E510", "df", "a t copula needs df", f"{how.df:g}", allowed))
    seen: set[frozenset[str]] = set()
    for pair in model.correlations:
        names, key = f"{pair.first},{pair.second}", frozenset((pair.first, pair.second))
        if pair.measure not in MEASURES:
            allowed, hint = f"known: {', '.join(MEASURES)}", did_you_mean(pair.measure, MEASURES)
            wrong.append(Problem("E510", names, "unknown measure", pair.measure, allowed, hint))
        if not -1 <= pair.coefficient <= 1:
            got = f"{pair.coefficient:g}"
            wrong.append(Problem("E503", names, "must lie between -1 and 1", got))
        if len(key) < 2 or key in seen:
            wrong.append(Problem("E506", names, "each pair of two different inputs once"))
        seen.add(key)
    return wrong


def exchangeable(
    names: Sequence[str], coefficient: float, measure: str = "spearman"
) -> list[tuple[str, str, float, str]]:
    """Give every pair of some inputs the same coefficient.

    Examples
    --------
    >>> exchangeable(["a", "b", "c"], 0.5)[1]
    ('a', 'c', 0.5, 'spearman')
    """
    return [(a, b, coefficient, measure) for a, b in itertools.combinations(names, 2)]


def python_model(
    inputs: Mapping[str, object],
    outputs: Callable[..., Any],
    correlations: Sequence[tuple[str, str, float] | tuple[str, str, float, str]] = (),
    title: str = "",
    groups: Mapping[str, Sequence[str]] | None = None,
    copula: str = "gaussian",
    df: float | None = None,
    repair: bool = False,
) -> Model:
    """Make a model of a Python function.

    Parameters
    ----------
    inputs : mapping of str to Distribution, frozen scipy.stats object or number
    outputs : callable
        Takes one array of shape (m,) per input, by keyword, and gives a dict of arrays (m,).
        Scenario i of an output may depend on scenario i of the inputs alone.
    correlations : sequence of (str, str, float) or (str, str, float, str)
        Pairs of inputs with their Spearman coefficient, or with the name of another measure:
        ``kendall`` or ``pearson``. `exchangeable` gives those of a whole group.
    title : str
    groups : mapping of str to sequence of str, optional
        Inputs that rankings by groups take as one.
    copula : str
        ``gaussian``, ``t`` (extremes come together) or ``iman-conover``.
    df : float, optional
        Degrees of freedom of the t copula, 1 to 1,000.
    repair : bool
        Whether coefficients that cannot all hold give way to the nearest ones that can.

    Raises
    ------
    ModelError
        When the function raises, returns the wrong thing, is random, or mixes scenarios.

    Examples
    --------
    >>> from rangecast.distributions import Normal
    >>> model = python_model({"a": Normal(0, 1)}, lambda a: {"b": 2 * a})
    >>> [q.name for q in model.outputs]
    ['b']
    """
    built = settle({name: _input(name, given) for name, given in inputs.items()})
    if wrong_on := problems_of(Model(built, {})):
        raise ModelError(*wrong_on)
    names = _probe(outputs, built)
    pairs = tuple(
        Correlation(a, b, float(rho), measure=rest[0] if rest else "spearman")
        for a, b, rho, *rest in correlations
    )
    model = Model(
        inputs=built,
        quantities={n: Quantity(n, "", label=n.replace("_", " "), is_output=True) for n in names},
        correlations=pairs,
        dependence=Dependence(copula, math.inf if df is None else float(df), repair),
        title=title or "Python model",
        function=outputs,
        groups={
            n: InputGroup(n, tuple(members), n.replace("_", " "))
            for n, members in (groups or {}).items()
        },
    )
    unknown = [n for p in pairs for n in (p.first, p.second) if n not in built]
    wrong = [Problem("E505", "correlations", "unknown input", got=n) for n in unknown]
    wrong += _wrong_groups(model)
    wrong += _wrong_dependence(model)
    found = [] if wrong else dependence.check(model)
    if wrong := [*wrong, *(p for p in found if p.is_error)]:
        raise ModelError(*wrong)
    return replace(model, warnings=tuple(found))
