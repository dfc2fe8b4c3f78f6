"""Check dimension and scale of every formula: servers must come out, and per day, not per second.

Literals in formulas are pure numbers; a conversion is a named constant with a unit, such as
``seconds_per_day`` = 86,400 s/day. Unit words that physics does not know (card, visit, CNY) are
declared under ``[units]``. Units are parsed and multiplied by Pint, which is imported here only.
"""

from __future__ import annotations

import copy
import functools
import logging
import math
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.formula import CLOCK, Node, parse, resolve, without_lags
from rangecast.engine.formula.tree import Call, Name, Number, walk
from rangecast.engine.model.cases import apply_case, lineage
from rangecast.engine.model.document import Document
from rangecast.engine.model.model import Model
from rangecast.engine.model.physical import Bounds, bounds_of_unit
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    import pint

BASE = "base"
LONGEST = 100
_PIECE = r"[^\W\d]\w*|\*\*|[*/()\s%°·]"
_UNIT = re.compile(rf"(?:{_PIECE}|(?<=\*\*)\s*-?\d{{1,2}}|(?<![\w.])1(?!\w))+")
_DEFINITION = re.compile(
    r"(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)?\s*\*?\s*(?P<unit>.+)"
)
_WORD = re.compile(r"[^\W\d]\w*")
_SAME_SCALE = 1e-9
_CONVERSION = 0.01  # a year of 365 days is within this of Pint's 365.25

_KEEPING = {"previous", "+", "-", "min", "max", "clip", "where"}
_COMPARING = {"<", "<=", ">", ">=", "==", "!="}
_PURE = {"exp", "log", "log10", "and", "or", "not"}
_WORDS = {"+": "adds", "-": "subtracts", "where": "chooses between", "clip": "clips"}


@dataclass(frozen=True, slots=True)
class UnitsReport:
    """What the check of a model's units found.

    Parameters
    ----------
    problems : tuple of Problem
        Unknown units (E207), formulas whose units do not fit (E208, or W208 in a model that
        uses unit words without declaring them), conversion factors whose value is not that of
        their unit (W208).
    formulas : int
        Formulas checked, those of cases included.
    pure : tuple of str
        Inputs of unit ``1``.
    missing : tuple of str
        Inputs without a unit; nothing is said about formulas that use them.
    bounds : mapping of str to (float, float)
        Units of inputs, and the values that each allows.
    """

    problems: tuple[Problem, ...]
    formulas: int
    pure: tuple[str, ...]
    missing: tuple[str, ...]
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Give the fields as plain values."""
        return {
            "problems": [problem.as_dict() for problem in self.problems],
            "formulas": self.formulas,
            "pure": list(self.pure),
            "missing": list(self.missing),
        }


@functools.lru_cache(maxsize=1)
def _usual() -> Any:
    """Give Pint's own words with Chinese prefixes, to be copied: making them takes long."""
    import pint

    logging.getLogger("pint").setLevel(logging.ERROR)  # a model may redefine a word
    registry: Any = pint.UnitRegistry(cache_folder=None)
    for prefix, power in (("万", 4), ("亿", 8)):
        registry.define(f"{prefix}- = 1e{power}")
    return registry


@functools.lru_cache(maxsize=8)
def _declared(words: tuple[tuple[str, str], ...]) -> Any:
    """Give the usual words and declared ones."""
    registry = copy.deepcopy(_usual())
    # Base words come first: a definition may use one declared below it.
    for word, meaning in sorted(words, key=lambda item: item[1] != BASE):
        registry.define(f"{word} = [{word}]" if meaning == BASE else f"{word} = {meaning}")
    return registry


class Vocabulary:
    """The unit words of a model.

    Parameters
    ----------
    declared : mapping of str to str
        Word → ``"base"`` or a definition such as ``"1000 token"``. When it is empty, every word
        that Pint does not know becomes a base unit and is noted in `invented`; else such a word
        is refused.
    """

    def __init__(self, declared: Mapping[str, str]) -> None:
        self.is_closed, self.words = bool(declared), tuple(declared)
        self.invented: list[str] = []
        # What is invented must not be known to other models.
        self.registry: Any = (
            _declared(tuple(declared.items())) if declared else copy.deepcopy(_usual())
        )
        self.one = self.registry.parse_units("")

    def wrong_word(self, word: str) -> str:
        """Say why a declared word cannot be used, or nothing."""
        try:
            self.scale(self.registry.parse_units(word))
        except RecursionError:
            return "defined in a circle"
        except (AttributeError, ValueError, TypeError, OverflowError) as wrong:
            return f"defined by an unknown unit ({wrong})"
        return ""

    def unit(self, text: str) -> pint.Unit:
        """Read a unit.

        Raises
        ------
        ValueError
            For a text of another form or an unknown word, which the message names.
        """
        if len(text) > LONGEST or not _UNIT.fullmatch(text):
            raise ValueError("a unit is words joined by * / ** and parentheses")
        plain = text.replace("·", "*").replace("%", "percent")
        for word in dict.fromkeys(_WORD.findall(plain)):
            if self._is_known(word):
                continue
            if self.is_closed:
                raise ValueError(f"unknown unit '{word}'")
            self.registry.define(f"{word} = [{word}]")
            self.invented.append(word)
        try:
            unit: pint.Unit = self.registry.parse_units(plain)
        except (
            ValueError,
            TypeError,
            AttributeError,
            SyntaxError,
            tokenize.TokenError,
            AssertionError,  # of Pint's, where an operator lacks its right side
        ):
            raise ValueError("a unit is words joined by * / ** and parentheses") from None
        return unit

    def _is_known(self, word: str) -> bool:
        try:
            self.registry.parse_units(word)
        except (AttributeError, ValueError):
            return False
        return True

    def hint(self, text: str) -> str:
        """Suggest a declared word for the first unknown one."""
        unknown = [w for w in _WORD.findall(text) if not self._is_known(w)]
        near = did_you_mean(unknown[0], self.words) if unknown else ""
        return near or (f'declare it: [units] {unknown[0]} = "base"' if unknown else "")

    def scale(self, unit: pint.Unit) -> tuple[float, pint.Unit]:
        """Factor to base units, and the base units."""
        factor, root = self.registry.get_root_units(unit)
        return float(factor), root

    def compare(self, found: pint.Unit, wanted: pint.Unit) -> float:
        """Ratio of two units: 1 when they agree, NaN when the dimensions differ."""
        (a, one), (b, other) = self.scale(found), self.scale(wanted)
        if one != other:
            return math.nan
        return 1.0 if math.isclose(a, b, rel_tol=_SAME_SCALE) else a / b


def factor_between(model: Model, found: str, wanted: str) -> float:
    """Give what a number in one unit is to be multiplied by for another.

    Parameters
    ----------
    model : Model
        Whose unit words are used.
    found, wanted : str

    Raises
    ------
    SettingsError
        For unknown units, or units of different dimension.

    Examples
    --------
    >>> from rangecast.engine.model.load import load
    >>> factor_between(load("ai-servers"), "token/day", "ktoken/day")
    0.001
    """
    if found == wanted:
        return 1.0
    words = Vocabulary(model.units)
    try:
        ratio = words.compare(words.unit(found or "1"), words.unit(wanted or "1"))
    except ValueError as wrong:
        raise SettingsError(Problem("E207", "unit", str(wrong), got=wanted)) from None
    if math.isnan(ratio):
        message = f"not a unit of what is in {found or '1'}"
        raise SettingsError(Problem("E208", "unit", message, got=wanted))
    return ratio


def write(unit: pint.Unit) -> str:
    """Write a unit as a model file does."""
    return f"{unit:C}".replace("dimensionless", "1") or "1"


def check_words(document: Document, table: Mapping[str, Any]) -> list[Problem]:
    """Check the declarations of [units] without Pint: the form of each, and what they use."""
    problems = []
    for word, meaning in table.items():
        path: Path = ("units", word)
        if not isinstance(meaning, str):
            message, got = f'expected "{BASE}" or a definition such as "1000 token"', repr(meaning)
            problems.append(document.problem("E115", path, message, got=got))
            continue
        found = _DEFINITION.fullmatch(meaning)
        fits = found is not None and _UNIT.fullmatch(found["unit"]) and len(meaning) <= LONGEST
        if not fits or not _WORD.fullmatch(word) or word in _WORD.findall(meaning):
            allowed = f'"{BASE}", or a definition such as "1000 token"'
            message = "not a declaration of a unit"
            problems.append(document.problem("E207", path, message, got=meaning, allowed=allowed))
    return problems


class _Mismatch(Exception):
    """Units inside one formula do not fit."""

    def __init__(self, offset: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset, self.message, self.hint = offset, message, hint


_Known = Any  # pint.Unit, None for an unknown unit, or 0.0 for the literal 0, which fits any unit


class _Formula:
    """Computes the unit of one formula from those of the names it uses."""

    def __init__(self, words: Vocabulary, units: Mapping[str, _Known]) -> None:
        self.words, self.units = words, units

    def unit(self, root: Node) -> _Known:
        """Give the unit of a formula; raises `_Mismatch`."""
        stack: list[tuple[_Known, Node]] = []
        for node in walk(root):
            if isinstance(node, Number):
                stack.append((0.0 if node.value == 0 else self.words.one, node))
            elif isinstance(node, Name):
                stack.append((self.units.get(node.name), node))
            else:
                count = len(node.arguments)
                arguments = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append((self._call(node, [unit for unit, _ in arguments]), node))
        found = stack[0][0]
        return None if isinstance(found, float) else found

    def _call(self, node: Call, units: list[_Known]) -> _Known:
        name = node.function
        if name in _KEEPING:
            return self._agree(node, units[1:] if name == "where" else units)
        if name in _COMPARING:
            self._agree(node, units)
            return self.words.one
        if name in _PURE:
            for unit in units:
                self._pure(node, unit, f"{name} takes a pure number")
            return self.words.one
        if name in {"*", "/", "**", "sqrt"}:
            return self._multiply(node, units)
        if name == "compound":
            self._pure(node, units[1], "a growth rate is a pure number")
        return units[0]  # neg, abs, floor, ceil, round, cumulative, compound, total, at

    def _agree(self, node: Call, units: list[_Known]) -> _Known:
        known = [u for u in units if u is not None and not isinstance(u, float)]
        for other in known[1:]:
            ratio = self.words.compare(other, known[0])
            if ratio != 1.0:
                verb = _WORDS.get(node.function, "compares")
                both = f"{write(known[0])} and {write(other)}"
                raise _Mismatch(node.offset, f"'{node.function}' {verb} {both}", _scale_hint(ratio))
        if len(known) < len([u for u in units if not isinstance(u, float)]):
            return None
        return known[0] if known else 0.0

    def _multiply(self, node: Call, units: list[_Known]) -> _Known:
        if any(u is None for u in units):
            if node.function == "**":
                self._pure(node, units[1], "an exponent must be a pure number")
            return None
        plain = [self.words.one if isinstance(u, float) else u for u in units]
        if node.function == "*":
            zero = any(isinstance(u, float) for u in units)
            return 0.0 if zero else plain[0] * plain[1]
        if node.function == "/":
            return plain[0] / plain[1]
        if node.function == "sqrt":
            return plain[0] ** 0.5
        self._pure(node, plain[1], "an exponent must be a pure number")
        exponent = node.arguments[1]
        sign = 1.0
        if isinstance(exponent, Call) and exponent.function == "neg":
            sign, exponent = -1.0, exponent.arguments[0]
        if isinstance(exponent, Number):
            return plain[0] ** (sign * exponent.value)
        self._pure(node, plain[0], "a power with a varying exponent needs a pure number")
        return self.words.one

    def _pure(self, node: Call, unit: _Known, message: str) -> None:
        if unit is None or isinstance(unit, float):
            return
        ratio = self.words.compare(unit, self.words.one)
        if ratio != 1.0:
            raise _Mismatch(node.offset, f"{message}, not {write(unit)}", _scale_hint(ratio))


def _scale_hint(ratio: float) -> str:
    """Say how far two units of one dimension are apart."""
    if math.isnan(ratio):
        return ""
    factor = f"{max(ratio, 1 / ratio):,.6g}"
    return f"same dimension, {factor} apart: name that factor as a constant with a unit"


def check_units(model: Model, document: Document | None = None) -> UnitsReport:
    """Check dimension and scale of every formula, those of the cases included.

    Parameters
    ----------
    model : Model
        Without a case; Python functions have no formulas to check.
    document : Document, optional
        The parsed file, for the line of each problem.

    Returns
    -------
    UnitsReport

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> text = '''
    ... [units]
    ... visit = "base"
    ... server = "base"
    ... [inputs.visits]
    ... value = 9
    ... unit = "visit/day"
    ... [inputs.rate]
    ... value = 3
    ... unit = "visit/s/server"
    ... [outputs.n]
    ... formula = "visits / rate"
    ... unit = "server"
    ... '''
    >>> print(check_units(loads(text)).problems[0].message)
    the formula gives second*server/day, not server
    """
    place = document or Document(model.file, model.sha256, {})
    checker = _Checker(model, place)
    if checker.problems:  # words that cannot be used: nothing can be said of the formulas
        return UnitsReport(tuple(checker.problems), 0, (), ())
    checker.model_units(model, ())
    checker.outcomes(model)
    for case in model.cases.values():
        chain = lineage(model.cases, case.name)
        changed = any("unit" in overlay["keys"] for c in chain for overlay in c.inputs.values())
        if case.quantities or changed:
            laid = apply_case(model, case.name)
            checker.model_units(laid, ("cases", case.name), again=changed)
    pure = [one.name for one in model.inputs.values() if one.unit == "1"]
    missing = [one.name for one in model.inputs.values() if not one.unit]
    found = tuple(_softened(dict.fromkeys(checker.problems), checker.words.invented))
    units = {one.unit for one in model.inputs.values() if one.unit}
    units |= {o["built"].unit for case in model.cases.values() for o in case.inputs.values()} - {""}
    bounds = {unit: bounds_of_unit(unit, checker.words) for unit in sorted(units)}
    return UnitsReport(found, len(checker.seen), tuple(pure), tuple(missing), bounds)


def _softened(problems: Iterable[Problem], invented: list[str]) -> Iterator[Problem]:
    """Make mismatches warnings where some unit words are labels that nobody declared."""
    hint = f"declare {', '.join(invented[:8])} under [units] to make this an error"
    for problem in problems:
        soft = invented and problem.code == "E208"
        yield replace(problem, code="W208", hint=problem.hint or hint) if soft else problem


class _Checker:
    """Walks through the formulas of a model and of its cases."""

    def __init__(self, model: Model, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.seen: set[tuple[str, str, str]] = set()
        self.declared: dict[str, _Known] = {}
        self.trees: dict[str, Node] = {}
        self.words = Vocabulary(model.units)
        for word, meaning in model.units.items():
            wrong = self.words.wrong_word(word)
            if wrong:
                self.problems.append(document.problem("E207", ("units", word), wrong, got=meaning))

    def _tree(self, formula: str) -> Node:
        if formula not in self.trees:
            self.trees[formula] = parse(formula)
        return self.trees[formula]

    def model_units(self, model: Model, case: Path, again: bool = False) -> None:
        """Check one model, bare or under a case; formulas seen before only if told `again`."""
        units: dict[str, _Known] = dict.fromkeys(CLOCK, self.words.one)
        for name, one in model.inputs.items():
            units[name] = self._read((*case, "inputs", name, "unit"), one.unit)
            if one.is_constant and units[name] is not None:
                self._conversion((*case, "inputs", name), one.base, units[name])
        trees = {name: self._tree(q.formula) for name, q in model.quantities.items()}
        for name, quantity in model.quantities.items():  # what a formula reads of periods before
            if quantity.unit and name not in units:
                section = "outputs" if quantity.is_output else "quantities"
                units[name] = self._read((section, name, "unit"), quantity.unit)
        order = resolve({n: without_lags(t) for n, t in trees.items()}, {*model.inputs, *CLOCK})[0]
        for name in order:
            quantity = model.quantities[name]
            section = "outputs" if quantity.is_output else "quantities"
            wanted = self._read((section, name, "unit"), quantity.unit)
            key = (name, quantity.formula, quantity.unit)
            if key in self.seen and wanted is not None and not again:
                units[name] = wanted
                continue
            path: Path = (*case, section, name)
            if not case and "formula" in self._table(path):
                path = (*path, "formula")
            units[name] = self.check_formula(path, trees[name], units, wanted)
            self.seen.add(key)

    def outcomes(self, model: Model) -> None:
        """Check that each outcome has the dimension of what it is held against."""
        for k, outcome in enumerate(model.outcomes):
            path: Path = ("outcomes", k, "unit")
            quantity = model.quantities[outcome.output]
            found, wanted = self._read(path, outcome.unit), self.declared.get(quantity.unit)
            if found is None or wanted is None:
                continue
            if math.isnan(self.words.compare(found, wanted)):
                message = f"{outcome.output} is in {write(wanted)}, not {write(found)}"
                self._add("E208", path, message)

    def check_formula(
        self, path: Path, tree: Node, units: Mapping[str, _Known], wanted: _Known
    ) -> _Known:
        """Check one formula; gives the unit that others may take it to have."""
        try:
            found = _Formula(self.words, units).unit(tree)
            self._fits(path, found, wanted)
        except (OverflowError, ZeroDivisionError):
            self._add("E208", path, "a power of a unit is too large")
            found = wanted
        except _Mismatch as wrong:
            self._add("E208", path, wrong.message, wrong.hint, wrong.offset)
            found = wanted
        return wanted if wanted is not None else found

    def _table(self, path: Path) -> Mapping[str, Any]:
        found: Any = self.document.data
        for part in path:
            found = found.get(part, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) else {}

    def _read(self, path: Path, text: str) -> _Known:
        if not text:
            return None
        if text not in self.declared:
            try:
                self.declared[text] = self.words.unit(text)
            except ValueError as wrong:
                self.declared[text] = None
                hint = self.words.hint(text)
                self.problems.append(
                    self.document.problem("E207", path, str(wrong), got=text, hint=hint)
                )
        return self.declared[text]

    def _conversion(self, path: Path, value: float, unit: Any) -> None:
        """Compare a constant like 86,400 s/day with what its unit says it is."""
        factor, root = self.words.scale(unit)
        if root != self.words.one or factor == 1.0 or "/" not in write(unit):
            return
        if abs(value * factor - 1.0) > _CONVERSION:
            message = f"a conversion in {write(unit)} is {1 / factor:,.6g}"
            self._add("W208", path, message, f"found {value:,.6g}")

    def _fits(self, path: Path, found: _Known, wanted: _Known) -> None:
        if found is None or wanted is None:
            return
        ratio = self.words.compare(found, wanted)
        if ratio != 1.0:
            message = f"the formula gives {write(found)}, not {write(wanted)}"
            self._add("E208", path, message, _scale_hint(ratio))

    def _add(self, code: str, path: Path, message: str, hint: str = "", offset: int = -1) -> None:
        problem = self.document.problem(code, path, message, offset=offset, hint=hint)
        same = {replace(p, key="", line=0, column=0) for p in self.problems}
        if replace(problem, key="", line=0, column=0) not in same:
            self.problems.append(problem)
