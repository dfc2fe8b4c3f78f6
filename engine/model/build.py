"""From a parsed document to a `Model`, with every problem of the file at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from rangecast.engine.errors import Problem, did_you_mean
from rangecast.engine.formula import FormulaError, Node, parse, series_of
from rangecast.engine.model import shape
from rangecast.engine.model.conditional import settle
from rangecast.engine.model.correlations import members_named, read_correlations, read_dependence
from rangecast.engine.model.decisions import read_decisions
from rangecast.engine.model.document import Document
from rangecast.engine.model.formulas import check_trees
from rangecast.engine.model.groups import read_groups
from rangecast.engine.model.inputs import build_input, fill_same_as, path_inputs
from rangecast.engine.model.model import (
    Case,
    Check,
    Input,
    Model,
    Periods,
    Quantity,
    RunSettings,
    Source,
)
from rangecast.engine.model.naming import check_names
from rangecast.engine.model.outcomes import read_backtest, read_outcomes
from rangecast.engine.model.periods import read_periods
from rangecast.engine.model.positions import Path
from rangecast.engine.model.table import read_tables
from rangecast.engine.model.units import check_words
from rangecast.engine.plan import DESIGNS, MAX_SCENARIOS

MOST_INPUTS = 2_000
MOST_CORRELATED = 500
MOST_FORMULAS = 2_000
MOST_CASES = 200
MOST_CHARACTERS = 300_000
"""Of all formulas of a model together."""
RANGE = "{range}"
"""Where the range goes in a headline."""


class Builder:
    """Collects the parts of a model and the problems met on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data = document.data
        self.problems: list[Problem] = []

    def add(self, code: str, path: Path, message: str, **parts: Any) -> None:
        """Note a problem at a key."""
        self.problems.append(self.document.problem(code, path, message, **parts))

    def section(self, name: str) -> dict[str, Any]:
        """Give a top-level table, empty when it is missing or of a wrong kind."""
        found = self.data.get(name, {})
        return found if isinstance(found, dict) else {}

    def rows(self, name: str) -> list[tuple[Path, dict[str, Any]]]:
        """Give the tables of a top-level array."""
        found = self.data.get(name, [])
        rows: list[tuple[Path, Any]] = []
        rows += [((name, k), row) for k, row in enumerate(found if isinstance(found, list) else [])]
        for path, row in rows:
            if not isinstance(row, dict):
                self.problems.append(shape.wrong_kind(self.document, path, row, "table"))
        return [(path, row) for path, row in rows if isinstance(row, dict)]

    def check(self, path: Path, table: Any, kind: str, required: tuple[str, ...] = ()) -> bool:
        """Check the keys of one table; False when it cannot be used."""
        if not isinstance(table, dict):
            self.problems.append(shape.wrong_kind(self.document, path, table, "table"))
            return False
        wrong = shape.check(self.document, path, table, shape.TABLES[kind], required)
        self.problems += wrong
        return not wrong

    # ------------------------------------------------------------------ the parts

    def document_shape(self) -> bool:
        """Check the top level; False when there is no model to speak of."""
        if not self.data:
            allowed = "needs at least one [inputs.*] and one [outputs.*]"
            self.add("E116", (), "the model is empty", allowed=allowed)
            return False
        self.check((), self.data, "document")
        if self.data.get("format", 1) != 1:
            got = str(self.data["format"])
            self.add("E109", ("format",), "unsupported format", got=got, allowed="format = 1")
        if not self.data.get("outputs"):
            self.add("E114", ("outputs",), "no [outputs.*]", hint="add at least one output")
        return self._within_limits()

    def _within_limits(self) -> bool:
        """Refuse (E117) what would take too long to check any further."""
        formulas = len(self.section("quantities")) + len(self.section("outputs"))
        members = members_named(self)
        within = True
        for section, count, what, limit in (
            ("inputs", len(self.section("inputs")), "inputs", MOST_INPUTS),
            ("quantities", formulas, "quantities and outputs", MOST_FORMULAS),
            ("cases", len(self.section("cases")), "cases", MOST_CASES),
            ("correlations", len(members), "correlated inputs", MOST_CORRELATED),
        ):
            if count > limit:
                self.add("E117", (section,), f"{count} {what}", allowed=f"limit {limit}")
                within = False
        return within

    def inputs(self) -> dict[str, Input]:
        """Build every input."""
        built: dict[str, Input] = {}
        for name, table in self.section("inputs").items():
            path: Path = ("inputs", name)
            if not isinstance(table, dict):
                self.problems.append(shape.wrong_kind(self.document, path, table, "table"))
                continue
            one, problems = build_input(self.document, path, name, table)
            self.problems += problems
            built[name] = one or Input(name=name, value=math.nan)
        for name, one in built.items():
            if one.same_as:
                self._check_root(name, one, built)
        return settle(fill_same_as(built))

    def _check_root(self, name: str, one: Input, built: Mapping[str, Input]) -> None:
        path: Path = ("inputs", name, "same_as")
        root = built.get(one.same_as)
        if root is None:
            hint = did_you_mean(one.same_as, built)
            self.add("E204", path, "unknown input", got=one.same_as, hint=hint)
        elif root.persistence is not None:
            message = "must name an input with one value in all periods"
            self.add("E205", path, message, got=one.same_as)
        elif root.same_as or one.same_as == name:
            self.add("E205", path, "must name an input that shares no other", got=one.same_as)

    def quantities(self) -> dict[str, Quantity]:
        """Read every quantity and output: a table, or just the formula."""
        built: dict[str, Quantity] = {}
        for section in ("quantities", "outputs"):
            for name, table in self.section(section).items():
                path: Path = (section, name)
                row = {"formula": table} if isinstance(table, str) else table
                kind = "output" if section == "outputs" else "quantity"
                if self.check(path, row, kind, ("formula",)) and self._headlines(path, row):
                    label = row.get("label", "") or name.replace("_", " ")
                    built[name] = Quantity(
                        name,
                        row["formula"],
                        row.get("unit", ""),
                        label,
                        row.get("note", ""),
                        section == "outputs",
                        label_zh=row.get("label_zh", ""),
                        headline=row.get("headline", ""),
                        headline_zh=row.get("headline_zh", ""),
                    )
        return built

    def _headlines(self, path: Path, row: Mapping[str, Any]) -> bool:
        """Whether each headline has exactly one place for the range."""
        texts = {key: row[key] for key in ("headline", "headline_zh") if key in row}
        wrong = [
            key
            for key, text in texts.items()
            if text.count(RANGE) != 1 or set("{}") & set(text.replace(RANGE, ""))
        ]
        for key in wrong:
            allowed = f"one {RANGE} and no other braces, such as 'we need {RANGE} servers'"
            message = "has no place for the range"
            self.add("E118", (*path, key), message, got=row[key], allowed=allowed)
        return not wrong

    def formula_path(self, quantity: Quantity) -> Path:
        """Where the formula of a quantity stands."""
        section = "outputs" if quantity.is_output else "quantities"
        if isinstance(self.section(section).get(quantity.name), str):
            return (section, quantity.name)
        return (section, quantity.name, "formula")

    def formulas(
        self,
        inputs: Mapping[str, Input],
        quantities: Mapping[str, Quantity],
        periods: Periods | None,
    ) -> None:
        """Parse every formula and report unknown names and cycles."""
        trees: dict[str, Node] = {}
        total = sum(len(q.formula) for q in quantities.values())
        if total > MOST_CHARACTERS:
            message = f"total cost of all formulas: {total:,} characters"
            self.add("E415", (), message, allowed=f"limit {MOST_CHARACTERS:,}")
            return
        for name, quantity in quantities.items():
            tree = self.parse(self.formula_path(quantity), quantity.formula)
            if tree is not None:
                trees[name] = tree
        declared = {
            *self.section("inputs"),
            *self.section("quantities"),
            *self.section("outputs"),
        }
        known, paths = declared - set(trees), path_inputs(inputs)
        for name, problem in check_trees(trees, known, periods, paths):
            self.formula_problem(self.formula_path(quantities[name]), problem)

    def parse(self, path: Path, text: str) -> Node | None:
        """Parse one formula; None when it is wrong."""
        try:
            return parse(text)
        except FormulaError as problem:
            self.formula_problem(path, problem)
            return None

    def formula_problem(self, path: Path, problem: FormulaError) -> None:
        """Note what is wrong with a formula, at its character."""
        self.add(
            problem.code,
            path,
            problem.message,
            offset=problem.offset,
            got=problem.got,
            allowed=problem.allowed,
            hint=problem.hint,
        )

    def sources(self) -> dict[str, Source]:
        """Read the sources."""
        built = {}
        for key, row in self.section("sources").items():
            if self.check(("sources", key), row, "source"):
                keys = ("title", "publisher", "url", "short", "short_zh")
                texts = {k: str(row.get(k, "")) for k in keys}
                built[key] = Source(key=key, date=str(row.get("date", "")), **texts)
        return built

    def checks(self, quantities: Mapping[str, Quantity]) -> tuple[Check, ...]:
        """Read the figures that the base case must reproduce."""
        built = []
        for path, row in self.rows("checks"):
            if not self.check(path, row, "check", ("output",)):
                continue
            if series_of(row["output"])[0] not in quantities:
                hint = did_you_mean(row["output"], quantities)
                self.add("E204", (*path, "output"), "unknown output", got=row["output"], hint=hint)
            if "equals" not in row and "stated" not in row:
                self.add("E114", (*path, "equals"), "missing", allowed="equals, stated or both")
            place = self.document.problem("E100", path, "").line
            built.append(Check(**{"case": "", **row}, line=place))
        return tuple(built)

    def _texts(self, row: Mapping[str, Any], key: str) -> bool:
        """Whether a list holds texts only; every other item is reported."""
        items = row.get(key, [])
        for k, item in enumerate(items):
            if not isinstance(item, str):
                self.problems.append(shape.wrong_kind(self.document, ("run", key, k), item, "text"))
        return all(isinstance(item, str) for item in items)

    def _counts(self, row: Mapping[str, Any]) -> None:
        """Check the number of scenarios (E701) and the seed (E702)."""
        scenarios, seed = row.get("scenarios", 1), row.get("seed", 0)
        if not 1 <= scenarios <= MAX_SCENARIOS:
            allowed, got = "allowed 1 to 2^53", shape.found(scenarios)
            self.add("E701", ("run", "scenarios"), "out of range", got=got, allowed=allowed)
        if not 0 <= seed < 2**256:
            got, allowed = shape.found(seed), "allowed 0 to 2^256 - 1"
            self.add("E702", ("run", "seed"), "out of range", got=got, allowed=allowed)

    def run_settings(self, quantities: Mapping[str, Quantity]) -> RunSettings:
        """Read [run]."""
        row = self.section("run")
        if not self.check(("run",), row, "run"):
            return RunSettings()
        if not self._texts(row, "cases") or not self._texts(row, "outputs"):
            return RunSettings()
        self._counts(row)
        for k, name in enumerate(row.get("outputs", [])):
            if name not in quantities or not quantities[name].is_output:
                known = [q.name for q in quantities.values() if q.is_output]
                path: Path = ("run", "outputs", k)
                hint = did_you_mean(str(name), known)
                self.add("E204", path, "unknown output", got=str(name), hint=hint)
        if row.get("design", "random") not in DESIGNS:
            self.add(
                "E700",
                ("run", "design"),
                "unknown design",
                got=row["design"],
                allowed=", ".join(DESIGNS),
            )
        share = row.get("max_failures", 0.0)
        if not 0 <= share <= 1:
            self.add("E303", ("run", "max_failures"), "must lie between 0 and 1", got=str(share))
        return RunSettings(
            cases=tuple(row.get("cases", ())),
            outputs=tuple(row.get("outputs", ())),
            scenarios=int(row.get("scenarios", 1_000_000)),
            seed=int(row.get("seed", 1)),
            max_failures=float(row.get("max_failures", 0.001)),
        )


def read_case(builder: Builder, name: str, row: dict[str, Any]) -> Case | None:
    """Read one overlay; a number becomes ``{"value": number}``."""
    if not builder.check(("cases", name), row, "case"):
        return None
    overlay = row.get("inputs", {})
    at_base = overlay == "base"
    if not at_base and not isinstance(overlay, dict):
        message, got = 'expected a table, or "base" for every input', shape.found(overlay)
        builder.add("E115", ("cases", name, "inputs"), message, got=got)
        return None
    tables: dict[str, Mapping[str, Any]] = {}
    for key, value in ({} if at_base else overlay).items():
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        tables[key] = {"value": value} if plain else value
    formulas = {**row.get("quantities", {}), **row.get("outputs", {})}
    return Case(
        name,
        row.get("label", ""),
        row.get("note", ""),
        row.get("as_of"),
        at_base,
        tables,
        formulas,
        row.get("extends", ""),
        row.get("label_zh", ""),
    )


def assemble(builder: Builder) -> Model:
    """Build everything but the cases, which need the rest."""
    document = builder.document
    header = builder.section("model")
    builder.check(("model",), header, "model")
    builder.problems += check_names(
        document, {k: builder.section(k) for k in ("inputs", "quantities", "outputs")}
    )
    builder.problems += check_words(document, builder.section("units"))
    for word, meaning in builder.section("units_zh").items():
        if not isinstance(meaning, str):
            message, got = "expected the word in Chinese", shape.found(meaning)
            builder.add("E115", ("units_zh", word), message, got=got)
    inputs, quantities = builder.inputs(), builder.quantities()
    periods = read_periods(builder)
    builder.formulas(inputs, quantities, periods)
    as_of = header.get("as_of")
    return Model(
        inputs=inputs,
        quantities=quantities,
        correlations=read_correlations(builder, inputs),
        dependence=read_dependence(builder),
        checks=builder.checks(quantities),
        sources=builder.sources(),
        run=builder.run_settings(quantities),
        title=str(header.get("title", "")),
        description=str(header.get("description", "")),
        as_of=as_of if isinstance(as_of, dt.date) else None,
        file=document.file,
        sha256=document.sha256,
        tables=read_tables(builder, inputs, quantities),
        periods=periods,
        decisions=read_decisions(builder, quantities),
        groups=read_groups(builder, inputs),
        outcomes=read_outcomes(builder, quantities),
        backtest=read_backtest(builder),
        text=document.text,
        title_zh=str(header.get("title_zh", "")),
        description_zh=str(header.get("description_zh", "")),
        units_zh={k: v for k, v in builder.section("units_zh").items() if isinstance(v, str)},
        units={k: v for k, v in builder.section("units").items() if isinstance(v, str)},
    )
