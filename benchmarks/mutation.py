"""Plant small bugs in the core, one at a time, and count those that no test notices.

``python benchmarks/mutation.py --sample 400`` copies the tree, notes which test reaches which line,
draws that many mutants (seed 1) of the modules in `GROUPS`, and runs for each the tests that reach
its line, the fastest first, until one fails or a minute of them has passed. A mutant that survives
is printed with what changed; one that `benchmarks/mutants.toml` lists, with the reason why nothing
can tell it from the original, is counted apart. ``--sample 0`` takes all; ``--only
engine/streams.py`` a file; ``--at engine/streams.py:42`` a line. Status 1 where more than a tenth
of a group survives.

The mutants are those of the usual tools (comparisons, arithmetic, connectives, constants, negated
conditions, statements left out, other returns). Texts of messages are left alone, and what only
guards against mistakes of our own: assertions and the `strict` of `zip`.
"""

from __future__ import annotations

import argparse
import ast
import copy
import itertools
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LISTED = Path(__file__).with_name("mutants.toml")
GROUPS = {
    "streams": ("engine/streams.py",),
    "summary": ("engine/summary.py",),
    "formula": ("engine/formula",),
    "model loading": ("engine/model",),
    "checkpoint": ("engine/checkpoint.py",),
}
TESTS = (
    "tests/formula",
    "tests/loading",
    "tests/model",
    "tests/engine/test_checkpoint.py",
    "tests/engine/test_conversion.py",
    "tests/engine/test_dependence.py",
    "tests/engine/test_designs.py",
    "tests/engine/test_feedback.py",
    "tests/engine/test_invariants.py",
    "tests/engine/test_metamorphic.py",
    "tests/engine/test_numbers.py",
    "tests/engine/test_periods.py",
    "tests/engine/test_python_model.py",
    "tests/engine/test_sensitivity.py",
    "tests/engine/test_streams.py",
    "tests/engine/test_summary.py",
    "tests/distributions/test_composed.py",
    "tests/faults/test_disk.py",
    "tests/faults/test_every_call.py",
    "tests/cli/test_explain.py",
)
"""Files whose tests a mutant may meet: those that reach the modules above."""
ALLOWED = 0.10
FIRST, MOST = 10.0, 60.0
"""Seconds of tests, the fastest first, that a mutant meets at once, and in all if they all pass."""
LONGEST = 30.0
"""Seconds after which, beside five times what its tests take, a mutant is taken to hang."""

# ----------------------------------------------------------------------------------- the mutants

COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}


def _swapped(node: ast.AST) -> ast.AST | None:
    """Give a node with another operator or value in place of its own, if it has one."""
    new: Any = copy.deepcopy(node)
    match new:
        case ast.Compare() if type(new.ops[0]) in COMPARED:
            new.ops[0] = COMPARED[type(new.ops[0])]()
        case ast.BinOp() if type(new.op) in COMPUTED and not _joins_texts(new):
            new.op = COMPUTED[type(new.op)]()
        case ast.BoolOp():
            new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return new.operand
        case ast.Constant(value=bool(known)):
            return ast.Constant(not known)
        case ast.Constant(value=int(known) | float(known)):
            return ast.Constant(known + 1)
        case _:
            return None
    return new


def _turned(node: ast.AST) -> ast.AST | None:
    """Give a statement that goes another way, or does nothing."""
    new: Any = copy.deepcopy(node)
    match new:
        case ast.If() | ast.While() | ast.IfExp():
            new.test = ast.UnaryOp(ast.Not(), new.test)
        case ast.comprehension(ifs=[first, *_]):
            new.ifs[0] = ast.UnaryOp(ast.Not(), first)
        case ast.Break():
            return ast.Continue()
        case ast.Continue():
            return ast.Break()
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return ast.Return(ast.Constant(None))
        case ast.Raise() | ast.AugAssign() | ast.Delete():
            return ast.Pass()
        case ast.Expr(value=ast.Call()):
            return ast.Pass()
        case _:
            return None
    return new


def _joins_texts(node: ast.BinOp) -> bool:
    return any(_is_text(side) for side in (node.left, node.right))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


@dataclass(frozen=True)
class Mutant:
    """One small change of one file."""

    file: str
    line: int
    end: int
    function: str
    before: str
    after: str
    source: str

    @property
    def name(self) -> str:
        """What it is known by, wherever in its function it stands."""
        return f"{self.file} | {self.function} | {self.before} -> {self.after}"


def _places(node: ast.AST, owner: str = "") -> Iterator[tuple[ast.AST, str, int | None, str]]:
    """Walk through all places where code stands, but not annotations and decorators."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_params", "decorator_list"} or (
            isinstance(node, ast.Assert) or getattr(node, "arg", "") == "strict"
        ):
            continue
        for k, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            inside = owner
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{owner}.{child.name}".strip(".")
            yield node, field, k if isinstance(value, list) else None, owner
            yield from _places(child, inside)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else text[:60] + " … " + text[-27:]


def mutants_of(path: str, root: Path = ROOT) -> list[Mutant]:
    """Give all mutants of a file."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    found = []
    for parent, field, k, owner in list(_places(tree)):
        held = getattr(parent, field)
        node = held if k is None else held[k]
        for new in filter(None, (_swapped(node), _turned(node))):
            put = (
                (lambda v, h=held, k=k: h.__setitem__(k, v))
                if k is not None
                else (lambda v, p=parent, f=field: setattr(p, f, v))
            )
            put(ast.copy_location(new, node) if isinstance(new, ast.stmt | ast.expr) else new)
            source = ast.unparse(ast.fix_missing_locations(tree))
            put(node)
            first = getattr(node, "lineno", getattr(parent, "lineno", 1))
            last = getattr(node, "end_lineno", first)
            if isinstance(node, ast.If | ast.While):  # its condition, not its body
                last = node.test.end_lineno
            before, after = _parts(node), _parts(new)
            found.append(Mutant(path, first, last, owner or "module", before, after, source))
    return found


def _parts(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"{type(node).__name__.lower()} {_short(node.test)}"
    return _short(node)


# ----------------------------------------------------------------------------------- the tests

PLUGIN = """
import json, os
import coverage, pytest

TIMES = {}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    measured = coverage.Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        if measured is not None:
            measured.switch_context("")

def pytest_runtest_logreport(report):
    TIMES[report.nodeid] = TIMES.get(report.nodeid, 0.0) + report.duration
    if report.failed:
        TIMES[report.nodeid] = -1e9

def pytest_sessionfinish(session):
    if os.environ.get("MUTATION_TIMES"):
        with open(os.environ["MUTATION_TIMES"], "w") as out:
            json.dump(TIMES, out)
"""


class Copies:
    """A copy of the tree, and one of the package for each job, to be changed."""

    def __init__(self, work: Path, jobs: int) -> None:
        self.tree = work / "tree"
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.split("\0")
        for name in filter(None, names):
            if (ROOT / name).exists():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)
        for built in (ROOT / "engine").glob("_loops*.so"):
            shutil.copy2(built, self.tree / "engine" / built.name)
        self.libraries = [work / f"lib{k}" for k in range(jobs)]
        for library in self.libraries:
            shutil.copytree(self.tree / "src" / "rangecast", library / "rangecast")
            for part in ("engine", "distributions", "reports", "models"):
                shutil.copytree(self.tree / part, library / "rangecast" / part)
            (library / "mutation_plugin.py").write_text(PLUGIN)

    def run(
        self, job: int, tests: list[str], seconds: float, more: dict[str, str], *options: str
    ) -> int | None:
        """Run tests on a job's copy of the package; the status, or None where they hang."""
        library = self.libraries[job]
        environment = os.environ | {"PYTHONPATH": str(library)} | more
        listed = library / "tests.txt"
        listed.write_text("\n".join(tests), encoding="utf-8")
        command = [
            sys.executable,
            *options,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "-p",
            "mutation_plugin",
        ]
        command += ["-p", "no:cacheprovider", "--basetemp", str(library / "tmp"), f"@{listed}"]
        if not options:
            command.insert(-1, "-x")
        with (library / "out.txt").open("w") as out:
            try:
                done = subprocess.run(
                    command, cwd=self.tree, env=environment, stdout=out, stderr=out, timeout=seconds
                )
            except subprocess.TimeoutExpired:
                return None
        return done.returncode


def reached(copies: Copies) -> tuple[dict[str, dict[int, list[str]]], dict[str, float]]:
    """Note which tests reach which line of which file, and how long each takes."""
    import coverage

    files = [str(p.relative_to(copies.tree)) for t in TESTS for p in _test_files(copies.tree / t)]
    jobs = range(len(copies.libraries))

    def measure(job: int) -> None:
        place = copies.libraries[job]
        (place / "coveragerc").write_text(
            f"[run]\nsource = {place / 'rangecast'}\ndata_file = {place / 'data'}\n"
            "disable_warnings = no-data-collected, module-not-measured, module-not-imported\n"
        )
        more = {"MUTATION_TIMES": str(place / "times.json")}
        options = ["-m", "coverage", "run", f"--rcfile={place / 'coveragerc'}"]
        copies.run(job, files[job :: len(jobs)], 3600.0, more, *options)

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(measure, jobs))
    times: dict[str, float] = {}
    lines: dict[str, dict[int, list[str]]] = {}
    for library in copies.libraries:
        here = json.loads((library / "times.json").read_text())
        times |= here
        data = coverage.CoverageData(str(library / "data"))
        data.read()
        for name in data.measured_files():
            at = lines.setdefault(str(Path(name).relative_to(library / "rangecast")), {})
            for k, tests in data.contexts_by_lineno(name).items():
                at.setdefault(k, []).extend(t for t in tests if here.get(t, -1) >= 0)
    return lines, times


def _test_files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.glob("test_*.py"))


def chosen(mutant: Mutant, lines: dict[int, list[str]], times: dict[str, float]) -> list[str]:
    """Give the tests that reach a mutant, the fastest first."""
    here = {t for k in range(mutant.line, mutant.end + 1) for t in lines.get(k, ())}
    if not here:  # code that runs on import: any test of the file
        here = {t for tests in lines.values() for t in tests}
    return sorted(here, key=lambda t: (times[t], t))


SECOND = itertools.count(1_000_000_000)
"""Times of changed files: what Python compiled of one is not taken for another of the same size."""


def rewrite(path: Path, source: str) -> None:
    """Write a module, and date it differently from every other version of it."""
    path.write_text(source, encoding="utf-8")
    second = next(SECOND)
    os.utime(path, (second, second))


def killed(
    copies: Copies, job: int, mutant: Mutant, tests: list[str], times: dict[str, float]
) -> str:
    """Run the tests that reach a mutant; say how it ended."""
    target = copies.libraries[job] / "rangecast" / mutant.file
    original = target.read_text(encoding="utf-8")
    rewrite(target, mutant.source)
    try:
        spent, parts = 0.0, ([], [])
        for test in tests:
            spent += times[test]
            if spent < MOST or not parts[0]:
                parts[spent > FIRST and bool(parts[0])].append(test)
        for part in parts:
            if not part:
                continue
            status = copies.run(job, part, LONGEST + 5 * sum(times[t] for t in part), {})
            if status is None:
                return "hung"
            if status != 0:
                return "killed"
        return "survived"
    finally:
        rewrite(target, original)


# ----------------------------------------------------------------------------------- the account


def files_of(group: str) -> list[str]:
    """Give the files of a group."""
    found = []
    for part in GROUPS[group]:
        place = ROOT / part
        paths = [place] if place.is_file() else sorted(place.glob("*.py"))
        found += [str(p.relative_to(ROOT)) for p in paths]
    return found


def drawn(args: argparse.Namespace) -> dict[str, list[Mutant]]:
    """Draw the mutants of each group: at least a tenth of the sample, the rest by size."""
    everything = {g: [m for f in files_of(g) for m in mutants_of(f)] for g in GROUPS}
    if args.only or args.at:
        file, _, line = (args.at or args.only).partition(":")
        everything = {
            g: [m for m in ms if m.file.startswith(file) and (not line or m.line == int(line))]
            for g, ms in everything.items()
        }
    total = sum(map(len, everything.values()))
    generator = random.Random(args.seed)
    taken = {}
    for group, mutants in everything.items():
        wanted = max(args.sample // 8, round(args.sample * len(mutants) / max(total, 1)))
        fewer = args.sample and len(mutants) > wanted
        taken[group] = generator.sample(mutants, wanted) if fewer else mutants
        print(f"{group}: {len(taken[group]):,} of {len(mutants):,} mutants", flush=True)
    return taken


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=400, help="mutants in all; 0 for every one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="a file or folder")
    parser.add_argument("--at", help="FILE:LINE")
    parser.add_argument("--map", type=Path, help="keep here, or take from here, what tests reach")
    return parser.parse_args()


def _reached(copies: Copies, kept: Path | None) -> Any:
    if kept is not None and kept.exists():
        return pickle.loads(kept.read_bytes())
    found = reached(copies)
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def _tell(group: str, ends: list[str]) -> float:
    """Print the account of a group; give the share that survived."""
    from rangecast.engine.quantiles import proportion_interval

    survived, equivalent = ends.count("survived"), ends.count("equivalent")
    told = len(ends) - equivalent
    if not told:
        return 0.0
    low, high = proportion_interval(survived, survived, told)
    print(
        f"{group}: {told} mutants, {survived} survived: {survived / told:.1%} "
        f"[{low:.1%}, {high:.1%}]; {ends.count('hung')} hung, {equivalent} more are equivalent",
        flush=True,
    )
    return survived / told


def main() -> int:
    """Run the mutants, print survivors and the rates."""
    args = _arguments()
    rows = tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]
    listed = {row["mutant"] for row in rows}
    groups = drawn(args)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        copies = Copies(Path(place), args.jobs)
        lines, times = _reached(copies, args.map)
        print(f"{len(times):,} tests; {time.monotonic() - started:.0f} s to see what they reach")
        free: SimpleQueue[int] = SimpleQueue()
        for job in range(args.jobs):
            free.put(job)

        def end(mutant: Mutant) -> str:
            if mutant.name in listed:
                return "equivalent"
            tests = chosen(mutant, lines.get(mutant.file, {}), times)
            if not tests:
                return "survived"
            job = free.get()
            try:
                return killed(copies, job, mutant, tests, times)
            finally:
                free.put(job)

        shares = []
        for group, mutants in groups.items():
            ends = []
            with ThreadPoolExecutor(args.jobs) as pool:
                for mutant, how in zip(mutants, pool.map(end, mutants), strict=True):
                    ends.append(how)
                    if how == "survived":
                        print(
                            f"SURVIVED {mutant.file}:{mutant.line}\n    {mutant.name}", flush=True
                        )
            shares.append(_tell(group, ends))
        print(f"{time.monotonic() - started:.0f} s")
    return 1 if max(shares) > ALLOWED else 0


if __name__ == "__main__":
    sys.exit(main())
