from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any]

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
