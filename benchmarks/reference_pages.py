"""The reference: every key, command, function, ranking and code, written from the code itself.

``python benchmarks/reference_pages.py`` writes docs/reference/*.md; a test makes the pages again.
Messages of the error codes are those that their examples bring about here and now.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
import shlex
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rangecast.engine.code_examples import EXAMPLES, FILES, Example, whole
from rangecast.engine.codes import CODES
from rangecast.engine.errors import RangecastError
from rangecast.engine.formula import FUNCTIONS, PERIODIC
from rangecast.engine.model import build, shape
from rangecast.engine.model.meanings import FORMULAS, MEANINGS, PLACES, Key
from rangecast.engine.model.model import Input, Model
from rangecast.engine.result import Band, Base, Moments, Probability
from rangecast.engine.sensitivity import METHODS, UNDER_CORRELATION
from rangecast.engine.sensitivity.about import ABOUT
from rangecast.engine.sensitivity.bars import Bar
from rangecast.reports.results_json import schema_text

import rangecast as rc
from rangecast.cli import cli, main
from rangecast.cli.explain import WORDS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
MADE = "Made by `python benchmarks/reference_pages.py` from the code; a test makes it again.\n"


def _cell(text: str) -> str:
    """Write a text as a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def _wrapped(text: str) -> list[str]:
    """Give paragraphs as lines of at most 100 characters, and an empty line after each."""
    found = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        words = " ".join(paragraph.split())
        found += [*textwrap.wrap(words, 100, break_long_words=False, break_on_hyphens=False), ""]
    return found


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"
    yield ""


# ------------------------------------------------------------------ the model file


def _given(kind: str, key: Key) -> str:
    """What may be given, and what holds where nothing is."""
    words = key.written or shape.KINDS.get(kind, "a list")
    if key.allowed:
        words = " · ".join(f"`{one}`" for one in key.allowed)
    if key.required:
        return f"{words}; **required**"
    return f"{words}; {key.default} if left out" if key.default else words


def _anchored(key: str) -> str:
    """Link a key of the top level to its table."""
    for place in PLACES.values():
        if re.fullmatch(rf"\[+{key}(\.[A-Z]+)?\]+", place):
            return f"[`{key}`](#{re.sub(r'[^a-z]', '', place.lower())})"
    return f"`{key}`"


def model_file() -> str:
    """Write the page of the model file."""
    lines = [
        "# The model file",
        "",
        MADE,
        *_wrapped(_MODEL_FILE),
    ]
    tables = {**shape.TABLES, "input": shape.INPUT_KEYS}
    for kind, place in PLACES.items():
        lines += [f"## {place}", ""]
        lines += list(_NOTES.get(kind, ()))
        rows = []
        for key, one in MEANINGS[kind].items():
            example = f"`{one.example}`" if one.example else ""
            shown = _anchored(key) if kind == "document" else f"`{key}`"
            rows.append((shown, one.meaning, _given(tables[kind][key], one), example))
        lines += _table(("key", "meaning", "value", "example"), rows)
    lines += _formulas()
    lines += ["## Limits", ""]
    limits = [
        ("inputs", build.MOST_INPUTS),
        ("inputs that are correlated", build.MOST_CORRELATED),
        ("quantities and outputs together", build.MOST_FORMULAS),
        ("cases", build.MOST_CASES),
        ("characters of all formulas", build.MOST_CHARACTERS),
    ]
    lines += _table(("at most", ""), [(name, f"{limit:,}") for name, limit in limits])
    return "\n".join(lines).rstrip() + "\n"


_MODEL_FILE = """
A model is one TOML file in UTF-8. `rangecast new FILE` writes a commented one, `rangecast check
FILE` names every mistake with its line. [Your own model](../how-to/own-model.md) builds one step
by step.

Every key is listed here; another one is refused ([E113](error-codes.md#e113)) with the nearest
known. The parameters of distributions stand in [distributions.md](../distributions.md).
"""
_FORMULAS = """
Numbers (`50_000`, `5e7`), names, parentheses, `+ - * / **`, comparisons `< <= > >= == !=`,
`and`, `or`, `not`, and these functions. A comparison counts as 1 where it is true.
"""
_COMMAND_LINE = """
Results go to standard output, everything else to standard error. `MODEL` is a path, `-` for
standard input, or the name of a shipped model such as `ai-servers`.

Counts may be written `1000000`, `1_000_000`, `1e6` or `1M`; shares `0.5%` or `0.005`.
"""
_PYTHON = """
`import rangecast as rc` costs a few milliseconds; each name is loaded when it is first used.
"""
_LAWS = """
[distributions.md](../distributions.md) says when to use which, with a picture of each. All have
`quantile`, `upper_quantile`, `cdf`, `sf`, `mean`, `sd`, `support` and `discrete`; most have
`from_percentiles({0.1: …, 0.9: …})`.
"""
_RANKINGS = """
A tornado is a ranking drawn as bars; the method is always named. Those from the scenarios of a
run cost no further model runs: `run MODEL --tornado METHOD`, or in Python
`result.tornado(output, method=METHOD)`. [What matters most in the shipped model](../drivers.md)
holds the orders of all methods side by side and says why they differ.
"""
_CODES = """
Every message carries a code, the file with line and column, the key, what was found, what is
allowed and often a hint, in one line (broken here); all mistakes of a file come at once.
`rangecast explain CODE` prints the text of a code; programs find the same parts in
`error.problems`.

`E…` stops the work, `W…` does not. Codes stay what they are from one version to the next.
"""
_NOTES = {
    "input": (
        "Either `value`, or `dist` with the parameters of that distribution, or `same_as`.",
        "",
    ),
    "quantity": ('Or only the formula: `[quantities]` `peak = "visits * 2"`.', ""),
    "output": ('Or only the formula: `[outputs]` `servers = "peak / capacity"`.', ""),
    "correlation": (
        "`between` or `among`, and one of `spearman`, `kendall` and `pearson`. Pairs that are not",
        "named are independent. `rangecast explain spearman` and its like say what each measures.",
        "",
    ),
    "case": (
        "`rangecast run FILE --case NAME`; `A+B` lays B over A.",
        "",
    ),
    "check": ("`equals`, `stated` or both. `rangecast check` fails where one does not hold.", ""),
    "time": (
        "Either `periods` or `end`. Formulas may then use `t` (0, 1, 2 …), `year` and the",
        "[functions over periods](#formulas).",
        "",
    ),
    "outcome": ("`p5` and `p95` come together.", ""),
}


def _formulas() -> Iterator[str]:
    """What formulas may hold."""
    yield "## Formulas"
    yield ""
    yield from _wrapped(_FORMULAS)
    for names, head in ((FUNCTIONS, "function"), (PERIODIC, "function over periods")):
        rows = [(f"`{FORMULAS[name][0]}`", FORMULAS[name][1]) for name in names]
        yield from _table((head, "gives"), rows)


# ------------------------------------------------------------------ the command line


def _usage(name: str, command: click.Command) -> str:
    words = []
    for param in command.params:
        if isinstance(param, click.Argument):
            word = (param.metavar or param.name or "").strip("[]").upper()
            word += "…" if param.nargs < 0 else ""
            words.append(word if param.required else f"[{word}]")
    has_options = any(isinstance(param, click.Option) for param in command.params)
    return " ".join(["rangecast", name, *words, *["[OPTIONS]"] * has_options])


def _taken(option: click.Option) -> str:
    """What an option takes, in words that do not hang on click's version."""
    if option.is_flag:
        return ""
    kind = option.type
    if option.metavar:
        return option.metavar
    if isinstance(kind, click.Choice):
        return "|".join(map(str, kind.choices))
    if isinstance(kind, click.Path):
        return "FOLDER" if not kind.file_okay else "FILE"
    if kind.name in {"integer", "integer range", "float", "float range"}:
        return " ".join(["NUMBER"] * option.nargs)
    return kind.name.upper()


def _range(kind: click.ParamType[Any]) -> str:
    """Which numbers an option takes."""
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    ends = [f"{end:,g}" for end in (kind.min, kind.max) if end is not None]
    return f" Allowed: {' to '.join(ends)}{'' if len(ends) == 2 else ' or more'}."


def _option(option: click.Option) -> tuple[str, ...]:
    """One option: its names with what it takes, and what it does."""
    taken = _taken(option)
    names = ", ".join(option.opts) + (f" {taken}" if taken else "")
    text = (option.help or "") + _range(option.type)
    if option.show_default:
        text += (
            f" Default: `{option.default:g}`."
            if isinstance(option.default, float)
            else (f" Default: `{option.default}`.")
        )
    if option.envvar and option.show_envvar:
        text += f" Environment: `{option.envvar}`."
    return (f"`{names}`", text)


def command_line() -> str:
    """Write the page of the command line."""
    lines = [
        "# The command line",
        "",
        MADE,
        *_wrapped(_COMMAND_LINE),
    ]
    rows = [
        (f"[`{name}`](#rangecast-{name})", _first_sentence(command.help))
        for name, command in cli.commands.items()
    ]
    lines += _table(("command", ""), rows)
    for name, command in cli.commands.items():
        lines += [f"## rangecast {name}", "", f"```text\n{_usage(name, command)}\n```", ""]
        lines += [_paragraphs(command.help or ""), ""]
        options = [p for p in command.params if isinstance(p, click.Option)]
        if options:
            lines += _table(("option", ""), [_option(one) for one in options])
    lines += ["## Exit status", ""]
    statuses = [part.strip().split(" ", 1) for part in WORDS["exit"].split("·")]
    lines += _table(("status", "meaning"), [(f"`{code}`", text) for code, text in statuses])
    return "\n".join(lines).rstrip() + "\n"


def _first_sentence(text: str | None) -> str:
    return _paragraphs(text or "").split("\n")[0]


def _paragraphs(text: str) -> str:
    return inspect.cleandoc(text)


# ------------------------------------------------------------------ Python

_GROUPS = {
    "Models": ("load", "loads", "Model", "Conditional", "exchangeable", "in_units"),
    "Runs": ("simulate", "compare", "two_way", "first_passage", "backtest", "seek", "decide"),
    "Rankings with model runs of their own": ("sobol", "shapley", "morris", "measures"),
    "What a result says": ("explain", "difference"),
    "Inputs and data": ("feedback", "pair_feedback", "fit", "from_data"),
    "Checks": ("run_checks", "check_units", "verify"),
    "Other tools": ("from_salib", "to_salib"),
    "Results": ("Result", "Comparison"),
    "What can go wrong": (
        "RangecastError",
        "ModelError",
        "SettingsError",
        "FailedScenariosError",
        "ResourceError",
        "FileError",
        "Problem",
    ),
}
_HELD = {
    "A loaded model": Model,
    "An input": Input,
    "Band": Band,
    "Bar": Bar,
    "Probability": Probability,
    "Moments": Moments,
    "Base": Base,
}
"""Classes of what functions give, which nobody makes by hand."""
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_FIELD = re.compile(r"^(\S[^\n]*)\n((?:[ ]+[^\n]*\n?|\n)*)", re.MULTILINE)


def _signature(name: str, thing: Any) -> str:
    """Write a signature, over several lines where it is long."""
    found = inspect.signature(thing)
    parts: list[str] = []
    is_open = False
    for parameter in found.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not is_open:
            parts.append("*")
            is_open = True
        text = str(parameter.replace(annotation=parameter.empty))
        if parameter.default is not parameter.empty:
            text = f"{parameter.name}={_default(parameter.default)}"
        parts.append(text)
    line = f"{name}({', '.join(parts)})"
    if len(line) <= 88:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def _default(value: Any) -> str:
    """Write a default without what changes from one Python to the next."""
    if repr(value).startswith("<"):
        return "…"
    return repr(value)


def _docstring(thing: Any) -> Iterator[str]:
    """Write a docstring of NumPy's form as Markdown."""
    text = inspect.getdoc(thing) or ""
    text = text.replace("``", "`").replace("::\n", "\n")
    parts = _SECTION.split(text)
    if parts[0].strip():
        yield _prose(parts[0])
        yield ""
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        if head in {"Examples", "Example"}:
            yield f"```pycon\n{body.strip()}\n```"
        elif head in {"Parameters", "Returns", "Raises", "Attributes", "Yields"}:
            yield f"*{head}*"
            yield ""
            yield from _fields(body, head)
        else:
            yield f"*{head}* {_prose(body)}"
        yield ""


def _prose(text: str) -> str:
    """Keep paragraphs; set indented blocks and tables of text apart."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith((" ", "===")):
            found.append(f"```text\n{inspect.cleandoc(block)}\n```")
        else:
            found.append(re.sub(r"\s*\n\s*", " ", block))
    return "\n\n".join(found)


def _fields(body: str, head: str) -> Iterator[str]:
    for match in _FIELD.finditer(body.strip() + "\n"):
        name, _, kind = match[1].partition(" : ")
        text = re.sub(r"\s+", " ", match[2]).strip()
        shown = f"`{name}`" if kind or head in {"Parameters", "Raises", "Returns"} else name
        words = " ".join(part for part in (f"({kind})" if kind else "", text) if part)
        yield f"- {shown}: {words}" if words else f"- {shown}"


def _entry(name: str, thing: Any, level: int) -> Iterator[str]:
    """One name: its signature and what it does."""
    yield f"{'#' * level} {name.rpartition('.')[2] if level > 3 else name}"
    yield ""
    if callable(thing) and not (isinstance(thing, type) and issubclass(thing, BaseException)):
        yield f"```python\n{_signature(name, thing)}\n```"
        yield ""
    yield from _docstring(thing)


def _members(thing: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of a class, as written."""
    for name, value in vars(thing).items():
        is_documented = inspect.isfunction(value) or isinstance(value, property | classmethod)
        if name.startswith("_"):
            continue
        if hasattr(value, "func"):  # a cached property
            yield name, value.func
        elif is_documented:
            yield name, value


def _class_members(name: str, thing: type) -> Iterator[str]:
    for member, value in _members(thing):
        if isinstance(value, property):
            yield f"#### {member}\n"
            yield from _docstring(value)
        elif member not in vars(thing) or not inspect.isfunction(vars(thing)[member]):
            function = value.__func__ if isinstance(value, classmethod) else value
            yield f"#### {member}\n"
            yield from _docstring(function)
        else:
            yield from _entry(f"{name}.{member}", value, 4)


def python() -> str:
    """Write the page of the Python names."""
    listed = [name for names in _GROUPS.values() for name in names]
    public = set(rc.__all__) - {"distributions", "reports", "__version__"}
    assert sorted(listed) == sorted(public), set(listed) ^ public
    lines = [
        "# Python",
        "",
        MADE,
        *_wrapped(_PYTHON),
    ]
    rows = [
        (head, ", ".join(f"[`{n}`](#{n.lower()})" for n in names))
        for head, names in _GROUPS.items()
    ]
    rows.append(
        ("What they hold", ", ".join(f"[{n}](#{n.lower().replace(' ', '-')})" for n in _HELD))
    )
    rows.append(("Charts, tables and files", "[`rc.reports`](python-reports.md)"))
    rows.append(("Distributions", "[`rc.distributions`](python-distributions.md)"))
    lines += _table(("", ""), rows)
    for head, names in _GROUPS.items():
        lines += [f"## {head}", ""]
        for name in names:
            thing = getattr(rc, name)
            lines += _entry(name, thing, 3)
            if name in {"Result", "Comparison"}:
                lines += _class_members(name.lower(), thing)
    lines += ["## What they hold", "", "Read these; nothing needs to make them.", ""]
    for name, thing in _HELD.items():
        lines += [f"### {name}", "", *_docstring(thing)]
        lines += _class_members(name.split()[-1], thing)
    return _joined(lines)


def _joined(lines: list[str]) -> str:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return text.replace("python_model(", "Model(").rstrip() + "\n"


def _listed(names: list[str]) -> str:
    return ", ".join(f"[`{name}`](#{name.lower()})" for name in names)


def python_reports() -> str:
    """Write the page of charts, tables and files."""
    lines = ["# rc.reports", "", MADE]
    lines += [
        "Tables as lines of text, charts, files. Charts return the axes they are drawn on.",
        "",
    ]
    lines += [_listed(rc.reports.__all__), ""]
    for name in rc.reports.__all__:
        lines += _entry(name, getattr(rc.reports, name), 2)
    return _joined(lines)


def python_distributions() -> str:
    """Write the page of the laws as classes."""
    lines = [
        "# rc.distributions",
        "",
        MADE,
        *_wrapped(_LAWS),
        _listed(rc.distributions.__all__),
        "",
    ]
    for name in rc.distributions.__all__:
        lines += _entry(name, getattr(rc.distributions, name), 2)
    return _joined(lines)


# ------------------------------------------------------------------ rankings

_ASKED = {
    "sobol": "`rangecast sensitivity MODEL --method sobol` · `rc.sobol`",
    "shapley": "`rangecast sensitivity MODEL --method shapley` · `rc.shapley`",
    "morris": "`rangecast sensitivity MODEL --method morris` · `rc.morris`",
    "spider": "`result.spider(output)` · `rc.reports.spider_chart`",
    "stress": "`run MODEL --stress companies=90-100` · `result.stress(…)`",
    "evpi": "`rangecast decide MODEL` · `rc.decide`",
    "evppi": "`rangecast decide MODEL` · `rc.decide`",
    "waterfall": "`run MODEL --explain` · `rc.explain`",
}
_CHOICE = [
    ("the answer in the output's own units", "`conditional`"),
    ("the classic tornado, each input alone", "`swing`"),
    ("fair shares although inputs are correlated", "`lmg` (free), `shapley` (model runs)"),
    ("effects that turn or interact", "`variance`, `sobol`"),
    ("the whole distribution, not only its variance", "`delta`, `pawn`"),
    ("what leads to the worst cases", "`regional`, `run --region`"),
    ("which of hundreds of inputs matter at all", "`morris`"),
    ("what it is worth to know more", "`evppi`"),
]


def methods() -> str:
    """Write the page of the rankings."""
    lines = [
        "# Rankings",
        "",
        MADE,
        *_wrapped(_RANKINGS),
    ]
    lines += _table(("to see", "use"), _CHOICE)
    lines += ["## From the scenarios of a run", ""]
    rows = [(f"[`{name}`](#{name})", text) for name, text in METHODS.items()]
    lines += _table(("method", "in short"), rows)
    for name in METHODS:
        lines += [f"### {name}", "", ABOUT[name], ""]
        lines += [f"Where inputs are correlated: {UNDER_CORRELATION[name]}.", ""]
    lines += ["## Others", ""]
    for name, asked in _ASKED.items():
        lines += [f"### {name}", "", ABOUT[name], "", asked, ""]
    assert set(METHODS) | set(_ASKED) == set(ABOUT)
    return "\n".join(lines).rstrip() + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------ codes

_KINDS = {
    "E1": "Files and keys",
    "E2": "Names and units",
    "E3": "Distributions",
    "E4": "Formulas and functions",
    "E5": "Correlations",
    "E6": "Scenarios that fail",
    "E7": "Options and limits",
    "E8": "Files and workers",
    "W": "Warnings",
}


def messages(example: Example) -> list[str]:
    """Bring an example about, in the folder of the moment, and give what is said."""
    if example.kind in {"model", "check"}:
        Path("model.toml").write_text(whole(example.text), encoding="utf-8")
    if example.kind in {"command", "check"}:
        words = "check -v model.toml" if example.kind == "check" else example.text
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(shlex.split(words))
        return (out.getvalue() + err.getvalue()).splitlines()
    try:
        if example.kind == "model":
            return [str(problem) for problem in rc.load("model.toml").warnings]
        rc.simulate(eval(example.text, {"rc": rc}), scenarios=1_000)
    except RangecastError as error:
        return [str(problem) for problem in error.problems]
    return []


def provoked() -> dict[str, str]:
    """Give the message of every code whose example brings it about."""
    found, before = {}, Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for name, text in FILES.items():
                Path(name).write_text(text, encoding="utf-8")
            for code, example in EXAMPLES.items():
                if example.kind != "words":
                    said = [line for line in messages(example) if f"[{code}]" in line]
                    assert said, (code, messages(example))
                    found[code] = said[0].replace(f"{Path(folder).resolve()}/", "")
        finally:
            os.chdir(before)
    return found


def _code(code: str, said: dict[str, str]) -> Iterator[str]:
    """One code."""
    known, example = CODES[code], EXAMPLES[code]
    yield f"### {code}"
    yield ""
    yield f"**{_capital(known.title)}.** {known.advice}"
    yield ""
    if example.kind == "words":
        yield f"For example: {example.text}"
    else:
        language = {"command": "sh", "python": "python"}.get(example.kind, "toml")
        text = f"rangecast {example.text}" if example.kind == "command" else example.text.rstrip()
        yield f"```{language}\n{text}\n```"
        message = textwrap.wrap(said[code], 96, break_long_words=False, break_on_hyphens=False)
        yield "```text\n" + "\n".join(message) + "\n```"
    yield ""


def error_codes() -> str:
    """Write the page of the codes."""
    said = provoked()
    lines = [
        "# Codes",
        "",
        MADE,
        *_wrapped(_CODES),
    ]
    groups = {
        head: sorted(code for code in CODES if code.startswith(start))
        for start, head in _KINDS.items()
    }
    assert sum(map(len, groups.values())) == len(CODES)
    for codes in groups.values():
        codes.sort()
    rows = [
        (head, " ".join(f"[{code}](#{code.lower()})" for code in codes))
        for head, codes in groups.items()
    ]
    lines += _table(("about", "codes"), rows)
    for head, codes in groups.items():
        lines += [f"## {head}", ""]
        for code in codes:
            lines += _code(code, said)
    return "\n".join(lines).rstrip() + "\n"


# ------------------------------------------------------------------ all


# ------------------------------------------------------------------ files of results


def _kind(schema: dict[str, Any]) -> str:
    """Say what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name})"
    if "enum" in schema or "const" in schema:
        return " · ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    kinds = schema.get("type", "any")
    words = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if words == "array":
        return f"list of {_kind(schema['items'])}"
    if words == "object" and "properties" in schema:
        return "{" + ", ".join(f"`{key}`" for key in schema["properties"]) + "}"
    if words == "object":
        return f"object of {_kind(schema.get('additionalProperties', {}))}"
    return words


_OF_RESULTS = """
`rangecast run MODEL --json` prints one JSON object; `--out FOLDER` writes the same as
`results.json`, beside the tables and pictures below. `rangecast explain results.json` prints its
JSON Schema (2020-12), by which every result can be checked.

**Versions.** `schema_version` is 1. Within a version keys may be added; none is removed, renamed
or given another meaning: such a change makes it 2. A reader should leave keys alone that it does
not know. Numbers that are not finite are `null`, since JSON knows no others; nothing is rounded.
"""
_OF_CSV = """
CSV files are UTF-8 with a header, an empty cell for what is not finite, and every digit. A text
that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or their
full-width forms) stands behind one apostrophe; in the workbook it is a text as it is.
"""
_OF_CASES = """
Of several `--case` it is `{schema_version, runs, comparison}`: a [run](#run) for each case, and
the [comparison](#comparison).
"""


def _shortened(value: Any) -> Any:
    """Round a number to nine digits: the last of its seventeen differ between processors."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _excerpt() -> list[str]:
    """Show a few keys of the results of the model that `rangecast new` writes."""
    from rangecast.reports.results_json import as_dict

    from rangecast.cli.new import STARTER

    found = as_dict(rc.simulate(rc.loads(STARTER), scenarios=1_000, seed=1))

    def some(row: dict[str, Any], *keys: str) -> dict[str, Any]:
        return {key: _shortened(row[key]) for key in keys}

    output = found["outputs"]["servers"]
    median = next(band for band in output["bands"] if band["quantile"] == 0.5)
    shown = {
        "schema_version": found["schema_version"],
        "manifest": some(found["manifest"], "scenarios", "seed", "design"),
        "outputs": {
            "servers": {
                **some(output, "label", "unit", "n", "failed"),
                "bands": [some(median, "quantile", "value", "ci_low", "ci_high")],
            }
        },
        "tornado": [some(found["tornado"][0], "rank", "output", "input", "low", "high", "swing")],
    }
    return json.dumps(shown, indent=1, ensure_ascii=False).splitlines()


def results_file() -> str:
    """Give the page on what a run writes."""
    schema = json.loads(schema_text())
    lines = [
        "# Files of results",
        "",
        MADE,
        *_wrapped(_OF_RESULTS),
        "## Files of a folder",
        "",
        *_table(("file", "holds"), list(_FILES)),
        *_wrapped(_OF_CSV),
        "## results.json",
        "",
        "A few keys, of the model that `rangecast new` writes (1,000 scenarios, cut short):",
        "",
        "```json",
        *_excerpt(),
        "```",
        "",
    ]
    order = ["run", *(name for name in schema["$defs"] if name != "run")]
    for name in order:
        one = schema["$defs"][name]
        lines += [f"### {name}", "", *_wrapped(one["description"])]
        rows = [
            (
                f"`{key}`" + ("" if key in one["required"] else " (if there is any)"),
                _kind(value),
                value.get("description", ""),
            )
            for key, value in one["properties"].items()
        ]
        lines += _table(("key", "is", "meaning"), rows)
    lines += _wrapped(_OF_CASES)
    return _joined(lines)


_FILES = (
    ("results.json", "everything, with the SHA-256 of the other files; written last"),
    ("bands.csv", "case, period, output, and the columns of [band](#band)"),
    ("tornado.csv", "the columns of [bar](#bar), every ranking of every shown output"),
    ("convergence.csv", "percentiles after so many scenarios, with intervals"),
    ("assumptions.csv", "the columns of [input](#input), sources in one cell"),
    ("fan_SERIES.csv, drivers_SERIES.csv", "of a series: bands and drivers by period"),
    (
        "comparison.csv, comparison.json",
        "of several cases: bands, paired differences",
    ),
    ("*.png, *.svg", "charts of the outputs shown"),
    ("report.html", "one page to read and send on, offline"),
    ("summary.md", "the same in short as Markdown, for tickets and wikis"),
    ("results.xlsx, comparison.xlsx", "with `--xlsx`: [workbooks](../how-to/excel.md)"),
    ("model.toml, data files", "the model that was run"),
)


def index() -> str:
    """Write the first page."""
    pages = [
        ("[model-file.md](model-file.md)", "every table and key of a model, formulas, limits"),
        ("[command-line.md](command-line.md)", "every command, option and exit status"),
        ("[python.md](python.md)", "every public name, with an example that is run as a test"),
        ("[python-reports.md](python-reports.md)", "charts, tables and files from Python"),
        ("[python-distributions.md](python-distributions.md)", "distributions as Python classes"),
        ("[results.md](results.md)", "results.json and every other file that a run writes"),
        ("[methods.md](methods.md)", "every ranking: what it means, when to use it, its source"),
        ("[error-codes.md](error-codes.md)", "every code: its message, an example, what to do"),
        ("[distributions.md](../distributions.md)", "every distribution, with a picture of each"),
    ]
    lines = ["# Reference", "", MADE, *_table(("page", "holds"), pages)]
    lines += ["The other pages are listed in [docs](../README.md)."]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Give every page by its file name."""
    return {
        "index.md": index(),
        "model-file.md": model_file(),
        "command-line.md": command_line(),
        "python.md": python(),
        "python-reports.md": python_reports(),
        "python-distributions.md": python_distributions(),
        "results.md": results_file(),
        "methods.md": methods(),
        "error-codes.md": error_codes(),
    }


def write() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"wrote {FOLDER / name}, {len(text.splitlines()):,} lines")


if __name__ == "__main__":
    write()
