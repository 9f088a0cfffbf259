"""Step functions and plasticity rules as program text in which every operation has one type, for a compiler.

The rules of conversion of torch, NumPy and Numba differ (``0.1 * x`` of a float32 x is a float32 to one and a float64 to the
other), so nothing is left to them: types start from the annotations (:data:`~bindsnet.numbers.ops.f32` and its like) and follow
every operation; a number takes the type of what it meets. What has no certain meaning is refused, with its line.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from bindsnet.errors import NetworkError
from bindsnet.numbers import ops
from bindsnet.numbers.declarations import NAMES_OF_TYPES, argument_types, wrong_results

FLOATS = ("f32", "f64")
NUMBER = "number"  # a constant that has not met an operand yet

ARITHMETIC = {ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul)}
DIVISION = {ast.Div: ("/", operator.truediv)}
BITWISE = {ast.BitAnd: "&", ast.BitOr: "|"}
SHIFTS = {ast.LShift: "<<", ast.RShift: ">>"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
#: conversions: function -> (type taken, type given, text)
CONVERSIONS = {
    ops.to_f32: ("f64", "f32", "f32({})"),
    ops.to_f64: ("f32", "f64", "f64({})"),
    ops.to_bits: ("f64", "i64", "f64({}).view(i64)"),
    ops.from_bits: ("i64", "f64", "i64({}).view(f64)"),
    ops.sqrt: ("f32", "f32", "np.sqrt({})"),
}


def own(name: str) -> str:
    """What a state, a parameter or a variable of the user's is called in the program, whose own names begin otherwise."""
    return f"u_{name}"


def names_of(owner: str, *names: str) -> str:
    """What a layer or connection has, as the program calls it: each name followed by its owner's."""
    return ", ".join(f"{name}__{owner}" for name in names)


class CannotFuseError(NetworkError):
    """A network has a part that the fused engine does not take; the message says which."""


@dataclass(frozen=True)
class Value:
    """An expression: its text and its type; a constant has its number in place of a text."""

    text: str | float | int
    type: str

    def as_type(self, wanted: str) -> str | None:
        """The text of this value as the wanted type; None where it has another."""
        if self.type != NUMBER:
            return self.text if self.type == wanted else None
        number = self.text
        if wanted == "i64":
            return repr(number) if isinstance(number, int) else None
        if wanted not in FLOATS:
            return None
        if math.isnan(number) or math.isinf(number):
            text = "np.nan" if math.isnan(number) else ("np.inf" if number > 0 else "-np.inf")
        else:
            text = repr(float(number))
        return f"f32({text})" if wanted == "f32" else text


@dataclass(frozen=True)
class Translated:
    """A function: its name in the program, the types it takes and gives (in a tuple or alone), its text."""

    name: str
    arguments: dict[str, str]
    results: tuple[str, ...]
    in_a_tuple: bool
    text: str

    def expecting(self, where: str, expected: Sequence[str], first_will_do: bool = False) -> Translated:
        """The same, if it returns what it should, or only the first of it if that will do.

        Raises:
            NetworkError: it returns more or less.
        """
        if len(self.results) not in (len(expected), 1 if first_will_do else len(expected)):
            raise wrong_results(where, expected, f"{len(self.results)} values")
        return self


class Translator:
    """Collects functions and all that they call, each once, callees first."""

    def __init__(self) -> None:
        self.functions: dict[Callable, Translated] = {}
        self.begun: set[Callable] = set()

    def add(self, function: Callable, mere_numbers: bool = False) -> Translated:
        """Translate a function, unless that is done.

        Args:
            function: the function.
            mere_numbers: whether it may return numbers as they are written, which are float32 then.

        Raises:
            CannotFuseError: it does something that no compiler could do alike, or its source cannot be read.
        """
        if function not in self.functions:
            if function in self.begun:
                raise CannotFuseError(f"{function.__qualname__} calls itself")
            self.begun.add(function)
            self.functions[function] = _Function(function, self, mere_numbers).translated()
        return self.functions[function]

    def name_for(self, function: Callable) -> str:
        """A name that no other function of the program has."""
        name = "fn_" + function.__qualname__.split("<locals>.")[-1].replace(".", "_")
        taken = {other.name for other in self.functions.values()}
        candidates = (name if k == 1 else f"{name}_{k}" for k in range(1, len(taken) + 2))
        return next(candidate for candidate in candidates if candidate not in taken)

    @property
    def text(self) -> str:
        """All functions, callees first."""
        return "\n\n".join(function.text for function in self.functions.values())


@cache
def check(function: Callable, mere_numbers: bool = False) -> Translated:
    """The function alone, to see what it takes and gives, and that it can be translated; see :meth:`Translator.add`.

    Raises:
        CannotFuseError: it cannot; the message names the line.
    """
    return Translator().add(function, mere_numbers)


class _Function:
    def __init__(self, function: Callable, translator: Translator, mere_numbers: bool) -> None:
        self.function, self.translator, self.mere_numbers = function, translator, mere_numbers
        self.arguments = {name: NAMES_OF_TYPES[dtype] for name, dtype in argument_types(function).items()}
        self.types = dict(self.arguments)
        self.results: tuple[str, ...] | None = None
        self.in_a_tuple = False
        if hasattr(function, "__wrapped__"):  # its source would be that of the function inside
            raise CannotFuseError(f"{function.__qualname__} is changed by a decorator")
        try:
            lines, self.first_line = inspect.getsourcelines(function)
            self.tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
            closure = inspect.getclosurevars(function)
        except (OSError, TypeError, ValueError, SyntaxError) as error:  # nowhere on disk; a lambda in the midst of something
            raise CannotFuseError(f"the source of {function.__qualname__} cannot be read: define it in a file") from error
        if not isinstance(self.tree, ast.FunctionDef):
            raise CannotFuseError(f"{function.__qualname__} is no function of its own: define it with def")
        self.outside = {**closure.builtins, **closure.globals, **closure.nonlocals}

    def translated(self) -> Translated:
        body = [line for statement in self.tree.body for line in self._statement(statement)]
        if self.results is None:
            self._refuse(self.tree, "returns nothing")
        name = self.translator.name_for(self.function)
        head = f"@step\ndef {name}({', '.join(map(own, self.arguments))}):"
        text = ast.unparse(ast.parse("\n".join([head, *(f"    {line}" for line in body)])))  # without needless parentheses
        return Translated(name, self.arguments, self.results, self.in_a_tuple, text + "\n")

    def _refuse(self, node: ast.AST, reason: str) -> None:
        line = self.first_line + getattr(node, "lineno", 1) - 1
        file = inspect.getsourcefile(self.function)
        raise CannotFuseError(f"{file}:{line}: {self.function.__qualname__}: {ast.unparse(node)!r} {reason}")

    def _statement(self, node: ast.stmt) -> list[str]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return []
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return [self._assignment(node, node.targets[0], node.value)]
        if isinstance(node, ast.Return) and node.value is not None:
            values = self._several(node.value)
            if self.mere_numbers:
                values = [Value(value.as_type("f32"), "f32") if value.type == NUMBER else value for value in values]
            self.results = tuple(value.type for value in values)
            self.in_a_tuple = len(values) > 1 or isinstance(node.value, ast.Tuple)
            text = ", ".join(self._typed(node, value) for value in values)
            return [f"return {text}" + ("," if isinstance(node.value, ast.Tuple) and len(values) == 1 else "")]
        self._refuse(node, "is neither an assignment nor a return; write conditions with where")

    def _assignment(self, node: ast.Assign, target: ast.expr, value: ast.expr) -> str:
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(t, ast.Name) for t in targets):
            self._refuse(node, "assigns to something other than a name")
        values = self._several(value)
        call = len(targets) > 1 and not isinstance(value, ast.Tuple)
        if len(values) != len(targets):
            self._refuse(node, f"assigns {len(values)} values to {len(targets)} names")
        for name, found in zip(targets, values, strict=True):
            if self.types.get(name.id, found.type) != found.type:
                self._refuse(node, f"changes {name.id!r} from {self.types[name.id]} to {found.type}")
        text = values[0].text if call else ", ".join(self._typed(node, found) for found in values)
        self.types |= {name.id: found.type for name, found in zip(targets, values, strict=True)}
        return f"{', '.join(own(name.id) for name in targets)} = {text}"

    def _several(self, node: ast.expr) -> list[Value]:
        """The values of a tuple, of a call that returns several, or the one value."""
        if isinstance(node, ast.Tuple):
            return [self._value(element) for element in node.elts]
        if isinstance(node, ast.Call):
            return self._call(node)
        return [self._value(node)]

    def _typed(self, node: ast.AST, value: Value) -> str:
        if value.type == NUMBER:
            self._refuse(node, "is a mere number, whose type is not certain")
        return value.text

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool()):
                self._refuse(node, "is no number")
            case ast.Constant(value=int() | float()):
                return Value(node.value, NUMBER)
            case ast.Constant():
                self._refuse(node, "is no number")
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub()):
                return self._negative(node)
            case ast.UnaryOp(op=ast.Invert()):
                value = self._value(node.operand)
                if value.type == "flag":
                    return Value(f"(not {value.text})", "flag")
            case ast.BinOp():
                return self._operation(node)
            case ast.Compare(ops=[_]):
                return self._comparison(node)
            case ast.Call():
                values = self._call(node)
                if len(values) == 1:
                    return values[0]
        self._refuse(node, "is not allowed here; use + - * /, comparisons, & | ~ of flags and bindsnet.numbers.ops")

    def _name(self, node: ast.Name) -> Value:
        if node.id in self.types:
            return Value(own(node.id), self.types[node.id])
        outside = self.outside.get(node.id)
        if isinstance(outside, (int, float)) and not isinstance(outside, bool):
            return Value(outside, NUMBER)
        self._refuse(node, "is neither an argument, nor a variable, nor a number")

    def _negative(self, node: ast.UnaryOp) -> Value:
        value = self._value(node.operand)
        if value.type == "flag":
            self._refuse(node, "calculates with a flag; use where")
        return Value(-value.text, NUMBER) if value.type == NUMBER else Value(f"(-{value.text})", value.type)

    def _operation(self, node: ast.BinOp) -> Value:
        kind, left, right = type(node.op), self._value(node.left), self._value(node.right)
        if kind in BITWISE and left.type == right.type == "flag":
            return Value(f"({left.text} {BITWISE[kind]} {right.text})", "flag")
        allowed = ARITHMETIC | DIVISION
        if kind in allowed and left.type == right.type == NUMBER:
            if kind is ast.Div and right.text == 0:
                self._refuse(node, "divides by 0")
            return Value(allowed[kind][1](left.text, right.text), NUMBER)
        symbol = (BITWISE | SHIFTS | {k: s for k, (s, _) in allowed.items()}).get(kind)
        left_text, right_text, found = self._alike(node, left, right)
        integer_only = kind in BITWISE or kind in SHIFTS
        if symbol is None or found == "flag" or (integer_only != (found == "i64") and kind not in (ast.Add, ast.Sub)):
            self._refuse(node, f"is no operation on {found}")
        return Value(f"({left_text} {symbol} {right_text})", found)

    def _comparison(self, node: ast.Compare) -> Value:
        symbol = COMPARISONS.get(type(node.ops[0]))
        left, right, found = self._alike(node, self._value(node.left), self._value(node.comparators[0]))
        if symbol is None or found == "flag":
            self._refuse(node, "is no comparison of numbers")
        return Value(f"({left} {symbol} {right})", "flag")

    def _alike(self, node: ast.AST, left: Value, right: Value) -> tuple[str, str, str]:
        """Both texts in their common type; a number takes the other's."""
        found = right.type if left.type == NUMBER else left.type
        texts = left.as_type(found), right.as_type(found)
        if found == NUMBER or None in texts:
            self._refuse(node, f"mixes {left.type} and {right.type}; convert one with to_f32 or to_f64")
        return *texts, found

    def _call(self, node: ast.Call) -> list[Value]:
        function = self.outside.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if node.keywords or not callable(function):
            self._refuse(node, "is no call of a function of this module or of bindsnet.numbers.ops, by position")
        values = [self._value(argument) for argument in node.args]
        if function is ops.where:
            return [self._where(node, values)]
        if function in CONVERSIONS:
            if len(values) != 1:
                self._refuse(node, f"gives {len(values)} arguments; {function.__name__} takes one")
            taken, given, text = CONVERSIONS[function]
            inner = values[0].as_type(taken)
            if inner is None:
                self._refuse(node, f"takes {taken}, not {values[0].type}")
            return [Value(text.format(inner), given)]
        try:
            callee = self.translator.add(function)
        except CannotFuseError:
            raise
        except NetworkError as error:  # which the plain engine need not mind
            self._refuse(node, f"calls what cannot be translated: {error}")
        if len(values) != len(callee.arguments):
            self._refuse(node, f"gives {len(values)} arguments; {function.__name__} takes {', '.join(callee.arguments)}")
        texts = [value.as_type(wanted) for value, wanted in zip(values, callee.arguments.values(), strict=True)]
        for value, text, (name, wanted) in zip(values, texts, callee.arguments.items(), strict=True):
            if text is None:
                self._refuse(node, f"gives a {value.type} for {name}, which is {wanted}")
        text = f"{callee.name}({', '.join(texts)})"
        return [Value(text, found) for found in callee.results]

    def _where(self, node: ast.Call, values: list[Value]) -> Value:
        if len(values) != 3 or values[0].type != "flag":
            self._refuse(node, "is where(flag, a, b)")
        a, b, found = self._alike(node, values[1], values[2])
        return Value(f"where({values[0].text}, {a}, {b})", found)
