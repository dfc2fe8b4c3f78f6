"""Parse a formula by operator precedence into a tree; nothing is ever evaluated as code."""

from __future__ import annotations

import functools
from difflib import get_close_matches

from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import ALL, FUNCTIONS, PERIODIC
from rangecast.engine.formula.tokens import Token, tokenize
from rangecast.engine.formula.tree import Call, Name, Node, Number

DEEPEST = 64

_BINARY = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/"), 6),
    "**": 8,
}
_NOT, _NEGATIVE, _COMPARISON, _POWER = 3, 7, 4, 8
_RANDOM = {"random", "rand", "randn", "normal", "uniform", "gauss", "randint"}


class _Parser:
    """Holds the tokens, the place among them and the depth of nesting."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def expression(self, floor: int) -> Node:
        """Parse operators that bind at least as tightly as `floor`."""
        self.depth += 1
        if self.depth > DEEPEST:
            offset = self.next.offset
            raise FormulaError("E406", offset, "nested too deeply", allowed=f"limit {DEEPEST}")
        left = self.operand()
        compared = False
        while self.next.text in _BINARY and self.next.kind == "op":
            token = self.next
            power = _BINARY[token.text]
            if power < floor:
                break
            if power == _COMPARISON and compared:
                hint = "write a < b and b < c"
                raise FormulaError("E402", token.offset, "chained comparison", hint=hint)
            compared = power == _COMPARISON
            self.take()
            # ** groups from the right and takes a sign on its right: 2 ** -x ** 2
            right = self.expression(_NEGATIVE if power == _POWER else power + 1)
            left = Call(token.text, (left, right), token.offset)
        self.depth -= 1
        return left

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "number":
            node: Node = Number(float(token.text.replace("_", "")), token.offset)
            if self.next.text == "(":
                hint = f"write {token.text}*{self._rest()}"
                raise FormulaError("E402", token.offset, "a number cannot be called", hint=hint)
            return node
        if token.kind == "name":
            return self.call(token) if self.next.text == "(" else _name(token)
        if token.text == "(":
            node = self.expression(0)
            self.expect(")", token)
            return node
        if token.text == "-":
            return Call("neg", (self.expression(_NEGATIVE),), token.offset)
        if token.text == "+":
            return self.expression(_NEGATIVE)
        if token.text == "not":
            return Call("not", (self.expression(_NOT),), token.offset)
        if token.kind == "end":
            raise FormulaError("E401", token.offset, "the formula ends too early")
        raise FormulaError("E401", token.offset, f"'{token.text}' is out of place here")

    def _rest(self) -> str:
        return "".join(t.text for t in self.tokens[self.at : self.at + 3])

    def call(self, token: Token) -> Node:
        opening = self.take()
        arguments: list[Node] = []
        while self.next.text != ")":
            arguments.append(self.expression(0))
            if self.next.text == ",":
                self.take()
            elif self.next.text != ")":
                break
        self.expect(")", opening)
        _check_call(token, len(arguments))
        return Call(token.text, tuple(arguments), token.offset)

    def expect(self, text: str, opening: Token) -> None:
        if self.next.text in _KEYWORDS:
            raise _keyword(self.next)
        if self.next.text != text:
            message = f"the '(' at column {opening.offset + 1} is not closed"
            raise FormulaError("E401", self.next.offset, message, hint="add ')'")
        self.take()


_KEYWORDS = {"lambda", "if", "else", "for", "import"}


def _keyword(token: Token) -> FormulaError:
    """Say that a word of Python's has no place in a formula."""
    hint = "use where(condition, a, b)" if token.text in {"if", "else"} else ""
    what = "a generator ('for')" if token.text == "for" else f"'{token.text}'"
    return FormulaError("E402", token.offset, f"{what} is not allowed", hint=hint)


def _name(token: Token) -> Name:
    if token.text in {"None", "True", "False"}:
        raise FormulaError("E409", token.offset, f"{token.text} is not allowed", hint="use numbers")
    if token.text in _KEYWORDS:
        raise _keyword(token)
    if token.text in FUNCTIONS or token.text in PERIODIC:
        message = f"the function '{token.text}' is used without parentheses"
        raise FormulaError("E401", token.offset, message, hint=f"write {token.text}(…)")
    return Name(token.text, token.offset)


def _check_call(token: Token, count: int) -> None:
    """Refuse unknown functions (E403) and wrong numbers of arguments (E404)."""
    known = FUNCTIONS.get(token.text) or PERIODIC.get(token.text)
    if known is None:
        if token.text in _RANDOM:
            message = f"'{token.text}' would make a formula random"
            raise FormulaError("E413", token.offset, message, hint="declare an input instead")
        near = get_close_matches(token.text, [*FUNCTIONS, *PERIODIC], n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(FUNCTIONS)}"
        raise FormulaError("E403", token.offset, f"unknown function '{token.text}'", hint=hint)
    if count < known.least or (known.most and count > known.most):
        needs = f"at least {known.least}" if not known.most else f"exactly {known.most}"
        hint = ""
        if token.text in {"min", "max"}:
            hint = f"{token.text} over scenarios is a report statistic"
        message = f"{token.text} needs {needs} argument{'s' if known.least > 1 else ''}"
        raise FormulaError("E404", token.offset, message, got=str(count), hint=hint)


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Parse one formula; trees are frozen, so that the same text gives the same tree.

    Raises
    ------
    FormulaError
        With code, offset and hint.

    Examples
    --------
    >>> parse("-x ** 2").function
    'neg'
    """
    parser = _Parser(text)
    node = parser.expression(0)
    token = parser.next
    if token.kind != "end":
        if token.text == ",":
            digits = "".join(t.text for t in parser.tokens[:-1] if t.kind == "number")[:20]
            first = parser.tokens[0]
            hint = f"write {digits}" if first.kind == "number" else "write one expression"
            raise FormulaError("E401", token.offset, "',' is out of place here", hint=hint)
        raise FormulaError("E401", token.offset, f"'{token.text}' is out of place here")
    _check_kinds(node)
    return node


def _check_kinds(root: Node) -> None:
    """Refuse numbers where true/false is needed (E411)."""
    from rangecast.engine.formula.tree import walk

    for node in walk(root):
        if not isinstance(node, Call):
            continue
        takes = ALL[node.function].takes
        tested = node.arguments if takes == "bool" else node.arguments[: takes == "where"]
        if takes != "any" and not all(is_bool(a) for a in tested):
            message = f"'{node.function}' needs true/false values"
            hint = "compare first (x > 0), or use where() to choose between numbers"
            raise FormulaError("E411", node.offset, message, hint=hint)


def is_bool(node: Node) -> bool:
    """Whether a node is true or false rather than a number."""
    return isinstance(node, Call) and ALL[node.function].gives == "bool"
