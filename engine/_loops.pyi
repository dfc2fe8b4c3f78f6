from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any]

def look_up(u: Buffer, start: Buffer, slope: Buffer, out: Buffer, slots: Buffer) -> None: ...
def cells(u: Buffer, slots: Buffer, shift: Buffer, out: Buffer, equal: float) -> None: ...
def count(index: Buffer, into: Buffer) -> None: ...
def pairs(
    cells: Buffer,
    bin: Buffer,
    z: Buffer,
    square: Buffer,
    joint: Buffer,
    sums: Buffer,
    squares: Buffer,
    cell_count: int,
    bins: int,
) -> None: ...
