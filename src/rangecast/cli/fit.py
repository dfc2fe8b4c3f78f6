"""``rangecast fit``: which distribution describes the values of a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.screen import show, tell
from rangecast.cli.values import Seed

if TYPE_CHECKING:
    from rangecast.engine.fit import FitResult


@click.command()
@click.argument("data")
@click.option("--column", default="", metavar="NAME", help="Needed where there are several.")
@click.option(
    "--family",
    "families",
    multiple=True,
    metavar="NAME",
    help="Only these, such as lognormal; repeatable.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(0, 100_000),
    default=0,
    metavar="N",
    help="Samples for p-values and intervals of the best three (or of each --family); 200 do.",
)
@click.option("--seed", type=Seed(), default=1, help="Of the bootstrap.")
@click.option("--name", default="", help="Of the input that is written; by default the column's.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    envvar="RANGECAST_LANG",
    show_envvar=True,
    help="Language of sentences.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only the best family as an input; no warnings.")
def fit(data: str, **options: Any) -> int:
    """Fit distributions to a column of DATA and rank them by Akaike's criterion.

    DATA is a CSV or TSV file with a header, or one column of numbers; '-' is standard input. Every
    family that values of this kind allow is fitted by maximum likelihood; the best is printed as an
    input to paste into a model.
    """
    from rangecast.engine.fit import fit as fitted
    from rangecast.engine.model.datafile import column_of, read_source, table_of
    from rangecast.reports.fit_text import fit_lines
    from rangecast.reports.words import language, say

    source = read_source(data)
    column = column_of(table_of(source), options["column"])
    if options["bootstrap"] and not options["quiet"]:
        tell(f"fitting {options['bootstrap']:,} samples of each family again")
    words = Path(source.file).name + (f", column {column.name}" if column.name else "")
    result = fitted(
        column.values,
        options["families"],
        bootstrap=options["bootstrap"],
        seed=options["seed"],
        source=words,
    )
    name = options["name"] or input_name(column.name or Path(source.file).stem)
    for problem in () if options["quiet"] else result.warnings:
        tell(str(problem))
    with language(options["lang"]):
        text = _json(result, source.sha256, name)
        if options["as_json"]:
            click.echo(text, nl=False)
        elif options["quiet"]:
            click.echo(result.toml(name), nl=False)
        else:
            show("\n".join(fit_lines(result)))
            show(f"\n{say('The best, as an input of a model:')}\n")
            click.echo(result.toml(name), nl=False)
        if options["out"] is not None:
            _write(result, text, name, options["out"])
    return 0


def input_name(column: str) -> str:
    """Make a name of an input from that of a column.

    Examples
    --------
    >>> input_name("Tokens per request (k)"), input_name("2026"), input_name("max")
    ('tokens_per_request_k', 'x_2026', 'max_value')
    """
    from rangecast.engine.model.naming import LONGEST, RESERVED

    plain = re.sub(r"[^a-z0-9]+", "_", column.casefold()).strip("_")[: LONGEST - 10] or "x"
    plain = plain if plain[0].isalpha() else f"x_{plain}"
    return f"{plain}_value" if plain in RESERVED else plain


def _json(result: FitResult, sha256: str, name: str) -> str:
    from dataclasses import asdict

    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import without_nan

    rankings = []
    for ranking in result.rankings:
        fits = [
            {k: v for k, v in asdict(fit).items() if k != "law"} | {"law": fit.call}
            for fit in ranking.fits
        ]
        failures = [asdict(one) for one in ranking.failures]
        head = {"kind": ranking.kind, "criterion": ranking.criterion}
        rankings.append({**head, "fits": fits, "failures": failures})
    found = {
        "schema_version": 1,
        "source": result.source,
        "sha256": sha256,
        "n": len(result.values),
        "seed": result.seed,
        "rankings": rankings,
        "toml": result.toml(name),
        "warnings": [p.as_dict() for p in result.warnings],
    }
    return json_text(without_nan(found))


def _write(result: FitResult, text: str, name: str, folder: Path) -> None:
    """Write the ranking as JSON and CSV, the input, and the picture."""
    from rangecast.engine.files import write_set
    from rangecast.reports import style
    from rangecast.reports.fit_picture import fit_chart
    from rangecast.reports.folder import csv_bytes

    figure = fit_chart(result)
    contents = {f"fit.{kind}": style.encode(figure, kind) for kind in ("png", "svg")}
    contents |= {"fit.csv": csv_bytes(result.rows()), "fit.toml": result.toml(name).encode()}
    contents["fit.json"] = text.encode()
    write_set(folder, contents)
    tell(f"wrote {len(contents)} files to {folder}")
