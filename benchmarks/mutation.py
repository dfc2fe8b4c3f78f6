"""Plant small bugs in the core, one at a time, and count those that no test notices.

``python benchmarks/mutation.py --sample 400`` copies the tree, notes which test reaches which line,
draws that many mutants (seed 1) of the modules in `GROUPS`, and runs for each the tests that reach
its line, the fastest first, until one fails. A mutant that survives is printed with what changed;
one that `benchmarks/mutants.toml` lists, with the reason why nothing can tell it from the
original, is counted apart. ``--sample 0`` takes all; ``--only engine/streams.py`` a file; ``--at
engine/streams.py:42`` a line. Status 1 where more than a tenth of a group survives.

The mutants are those of the usual tools (comparisons, arithmetic, connectives, constants, negated
conditions, statements left out, other returns); texts of messages are left alone.
"""

from __future__ import annotations

import argparse
import ast
import copy
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
    "tests/engine",
    "tests/faults",
    "tests/cli",
)
ALLOWED = 0.10
FIRST = 15.0
"""Seconds of the fastest tests that a mutant meets before all others."""
LONGEST = 240.0
"""Seconds after which a mutant is taken to hang."""

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


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    """Give what may stand in place of a node."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in COMPARED:
        new.ops[0] = COMPARED[type(new.ops[0])]()
        yield new
    elif isinstance(new, ast.BinOp) and type(new.op) in COMPUTED:
        texts = (ast.JoinedStr, ast.Constant)
        if not any(isinstance(side, texts) and _is_text(side) for side in (new.left, new.right)):
            new.op = COMPUTED[type(new.op)]()
            yield new
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not | ast.USub):
        yield new.operand
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        yield ast.Constant(not new.value)
    elif isinstance(new, ast.Constant) and isinstance(new.value, int | float):
        yield ast.Constant(new.value + 1)
    elif isinstance(new, ast.If | ast.While | ast.IfExp):
        new.test = ast.UnaryOp(ast.Not(), new.test)
        yield new
    elif isinstance(new, ast.comprehension) and new.ifs:
        new.ifs[0] = ast.UnaryOp(ast.Not(), new.ifs[0])
        yield new
    elif isinstance(new, ast.Break):
        yield ast.Continue()
    elif isinstance(new, ast.Continue):
        yield ast.Break()
    elif isinstance(new, ast.Return) and new.value is not None and not _is_none(new.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(new, ast.Raise | ast.Assert | ast.AugAssign | ast.Delete) or (
        isinstance(new, ast.Expr) and isinstance(new.value, ast.Call)
    ):
        yield ast.Pass()


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
        return f"{self.file} | {self.function} | {self.before} -> {self.after}"


def _places(node: ast.AST, owner: str = "") -> Iterator[tuple[ast.AST, str, int | None, str]]:
    """Walk through all places where code stands, but not annotations and decorators."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_params", "decorator_list"}:
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
        for new in _variants(node):
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
        environment = (
            os.environ | {"PYTHONPATH": str(library), "PYTHONDONTWRITEBYTECODE": "1"} | more
        )
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


def reached(copies: Copies, work: Path) -> tuple[dict[str, dict[int, list[str]]], dict[str, float]]:
    """Note which tests reach which line of which file, and how long each takes."""
    import coverage

    library = copies.libraries[0]
    (work / "coveragerc").write_text(
        f"[run]\nsource = {library / 'rangecast'}\ndata_file = {work / 'data'}\n"
        "disable_warnings = no-data-collected, module-not-measured, module-not-imported\n"
    )
    more = {"MUTATION_TIMES": str(work / "times.json")}
    options = ["-m", "coverage", "run", f"--rcfile={work / 'coveragerc'}"]
    copies.run(0, list(TESTS), 3600.0, more, *options)
    times = json.loads((work / "times.json").read_text())
    data = coverage.CoverageData(str(work / "data"))
    data.read()
    lines: dict[str, dict[int, list[str]]] = {}
    for name in data.measured_files():
        short = str(Path(name).relative_to(library / "rangecast"))
        found = data.contexts_by_lineno(name)
        lines[short] = {
            k: [t for t in tests if times.get(t, -1) >= 0] for k, tests in found.items()
        }
    return lines, times


def chosen(mutant: Mutant, lines: dict[int, list[str]], times: dict[str, float]) -> list[str]:
    """Give the tests that reach a mutant, the fastest first."""
    here = {t for k in range(mutant.line, mutant.end + 1) for t in lines.get(k, ())}
    if not here:  # code that runs on import: any test of the file
        here = {t for tests in lines.values() for t in tests}
    return sorted(here, key=lambda t: (times[t], t))


def killed(
    copies: Copies, job: int, mutant: Mutant, tests: list[str], times: dict[str, float]
) -> str:
    """Run the tests that reach a mutant; say how it ended."""
    target = copies.libraries[job] / "rangecast" / mutant.file
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    try:
        quick, spent = 0, 0.0
        while quick < len(tests) and (spent + times[tests[quick]] < FIRST or quick == 0):
            spent += times[tests[quick]]
            quick += 1
        for part in (tests[:quick], tests[quick:]):
            if not part:
                continue
            status = copies.run(job, part, LONGEST + 10 * sum(times[t] for t in part), {})
            if status is None:
                return "hung"
            if status != 0:
                return "killed"
        return "survived"
    finally:
        target.write_text(original, encoding="utf-8")


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


def main() -> int:
    """Run the mutants, print survivors and the rates."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=400, help="mutants in all; 0 for every one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="a file or folder")
    parser.add_argument("--at", help="FILE:LINE")
    parser.add_argument("--map", type=Path, help="keep here, or take from here, what tests reach")
    args = parser.parse_args()
    from rangecast.engine.quantiles import proportion_interval

    listed = {
        row["mutant"] for row in tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]
    }
    groups = drawn(args)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        copies = Copies(work, args.jobs)
        if args.map and args.map.exists():
            lines, times = pickle.loads(args.map.read_bytes())
        else:
            lines, times = reached(copies, work)
            if args.map:
                args.map.write_bytes(pickle.dumps((lines, times)))
        print(
            f"{len(times):,} tests; {time.monotonic() - started:.0f} s to see what they reach",
            flush=True,
        )
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

        worst = 0.0
        for group, mutants in groups.items():
            with ThreadPoolExecutor(args.jobs) as pool:
                ends = []
                for mutant, how in zip(mutants, pool.map(end, mutants), strict=True):
                    ends.append(how)
                    if how == "survived":
                        print(
                            f"SURVIVED {mutant.file}:{mutant.line}\n    {mutant.name}", flush=True
                        )
            count = {how: ends.count(how) for how in ("killed", "hung", "equivalent", "survived")}
            told = len(ends) - count["equivalent"]
            if not told:
                continue
            low, high = proportion_interval(count["survived"], count["survived"], told)
            worst = max(worst, count["survived"] / told)
            print(
                f"{group}: {told} mutants, {count['survived']} survived: "
                f"{count['survived'] / told:.1%} [{low:.1%}, {high:.1%}]; "
                f"{count['hung']} hung, {count['equivalent']} more are equivalent "
                f"({time.monotonic() - started:.0f} s)",
                flush=True,
            )
    return 1 if worst > ALLOWED else 0


if __name__ == "__main__":
    sys.exit(main())
