"""``rangecast check --engine``: this machine's engine against closed forms, as a table to file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from rangecast.cli.screen import show

if TYPE_CHECKING:
    from rangecast.engine.verify import Verification
    from rangecast.engine.verify.claims import Claim


def check_engine(seed: int, as_json: bool, quiet: bool) -> int:
    """Verify, print every check, and give 0 if all hold, else 1."""
    from rangecast.engine.verify import verify

    found = verify(seed)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        return 0 if found.ok else 1
    for line in lines(found, quiet):
        show(line)
    return 0 if found.ok else 1


def lines(found: Verification, quiet: bool) -> list[str]:
    """Write the table, or only what fails, and the verdict."""
    shown = found.failed if quiet else found.claims
    rows: list[tuple[str, ...]] = [
        ("", "what", "closed form", "measured", "off by", "allowed", "p")
    ]
    rows += [_row(claim, found.level) for claim in shown]
    widths = [max(len(row[k]) for row in rows) for k in range(7)]
    said, area = [], ""
    for k, row in enumerate(rows if shown else ()):
        if k and shown[k - 1].area != area:
            area = shown[k - 1].area
            said.append(area)
        left = [row[j].ljust(widths[j]) for j in range(2)]
        said.append("  ".join([*left, *(row[j].rjust(widths[j]) for j in range(2, 7))]).rstrip())
    versions = ", ".join(f"{name} {text}" for name, text in found.versions.items())
    said += [
        f"{versions}; numerics {found.fingerprint}",
        f"seed {found.seed}, {found.seconds:.1f} s; a check fails where p is below "
        f"{found.level:.1e}: a faultless engine fails once in a million calls",
        f"{len(found.claims) - len(found.failed)} of {len(found.claims)} checks pass: "
        + ("the engine is verified on this machine" if found.ok else "DO NOT USE this engine"),
    ]
    return said


def _row(claim: Claim, level: float) -> tuple[str, ...]:
    return (
        "ok" if claim.p >= level else "FAIL",
        claim.what,
        f"{claim.expected:.6g}",
        f"{claim.measured:.6g}",
        f"{abs(claim.measured - claim.expected):.2g}",
        f"{claim.bound(level):.2g}",
        f"{claim.p:.2g}",
    )
