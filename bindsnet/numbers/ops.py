"""Arithmetic of step functions and plasticity rules: the same bits from every engine.

A neuron model or a plasticity rule is one pure function of numbers, written with ``+ - * /``, comparisons and the functions of
this module; its annotations declare the types: :data:`f32`, :data:`f64`, :data:`flag`. The plain engine calls it on whole
tensors: on torch tensors, or on the NumPy arrays that are the same memory where they lie on the CPU.

Libraries differ in the last bit of ``exp``, ``log`` and ``pow``, so these are built here from operations that IEEE 754 rounds
exactly: range reduction and a polynomial in float64, rounded once to float32: within 0.53 units of float32's last place, powers
within 0.55 for exponents up to 7 and within 1 up to 100.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import numpy as np
import torch

Array = TypeVar("Array", torch.Tensor, np.ndarray)

f32 = Annotated[torch.Tensor, torch.float32]
f64 = Annotated[torch.Tensor, torch.float64]
i64 = Annotated[torch.Tensor, torch.int64]
flag = Annotated[torch.Tensor, torch.bool]

INFINITY = float("inf")
NAN = float("nan")
LN_2 = 0.6931471805599453
LOG2_E = 1.4426950408889634

# A float64 is 1 sign bit, 11 bits of exponent + 1023, 52 bits of mantissa.
MANTISSA_BITS = 52
MANTISSA_MASK = 0x000FFFFFFFFFFFFF
ONE_BITS = 0x3FF0000000000000
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
ONE_MINUS_SQRT_HALF_BITS = ONE_BITS - SQRT_HALF_BITS
# Added to a whole number below 2**52, or or-ed into its bits, 2**52 turns integers into float64 and back without a conversion.
TWO_52_BITS = 0x4330000000000000
TWO_52_PLUS_BIAS = 4503599627370496.0 + 1023.0
# Adding 1.5 * 2**52 rounds a float64 to a whole number, which then stands in its low bits; with the bias, as an exponent's bits.
ROUNDER_WITH_BIAS = 6755399441055744.0 + 1023.0
# The polynomials of smallest relative error, evaluated in pairs so that fewer operations wait for each other:
# 2 atanh(s) / (s ln 2) in z = s**2, for m in [sqrt(1/2), sqrt(2)], within 6.9e-10; 2**r, for |r| <= 1/2, within 1.9e-9.
LOG_0, LOG_1, LOG_2, LOG_3 = 2.8853900797889263, 0.9617988476415209, 0.5767143839921243, 0.4317358784618885
EXP_0, EXP_1, EXP_2, EXP_3 = 1.0000000005541665, 0.693147205737268, 0.24022646890634095, 0.05550328776965055
EXP_4, EXP_5, EXP_6 = 0.00961848895711551, 0.0013399931219244187, 0.00015345812002699277
# Beyond these powers of two float32 has long been 0 or infinity.
LOWEST_POWER, HIGHEST_POWER = -1000.0, 1000.0


def as_array(tensor: torch.Tensor) -> Array:
    """A tensor as functions of numbers take it: on the CPU as the NumPy array of the same memory.

    For some hundred neurons NumPy takes a third of torch's time.
    """
    return tensor.numpy() if tensor.is_cpu else tensor


def any_in(array: Array) -> bool:
    """Whether anything is not 0, found in a third of the time that ``any`` takes of NumPy's arrays."""
    return bool(np.count_nonzero(array)) if isinstance(array, np.ndarray) else bool(array.any())


def as_tuple(results: Array | tuple[Array, ...]) -> tuple[Array, ...]:
    """What a function of one or several results returned, as a tuple."""
    return results if isinstance(results, tuple) else (results,)


def where(condition: flag, a: Array | float, b: Array | float) -> Array:
    """``a`` where the condition holds, else ``b``."""
    return torch.where(condition, a, b) if isinstance(condition, torch.Tensor) else np.where(condition, a, b)


def at_least(x: f32, low: f32) -> f32:
    """x, but not below ``low``."""
    return where(x < low, low, x)


def to_f32(x: f64) -> f32:
    """Rounded to float32."""
    return x.float() if isinstance(x, torch.Tensor) else x.astype(np.float32)


def to_f64(x: f32) -> f64:
    """The same number as a float64."""
    return x.double() if isinstance(x, torch.Tensor) else x.astype(np.float64)


def to_bits(x: f64) -> i64:
    """The 64 bits of a float64 as an integer."""
    return x.view(torch.int64 if isinstance(x, torch.Tensor) else np.int64)


def from_bits(bits: i64) -> f64:
    """The float64 that has these 64 bits."""
    return bits.view(torch.float64 if isinstance(bits, torch.Tensor) else np.float64)


def clip(x: f32, low: f32, high: f32) -> f32:
    """x, but not below ``low`` and not above ``high``."""
    return where(x < low, low, where(x > high, high, x))


def sqrt(x: f32) -> f32:
    """The square root of x, which IEEE 754 rounds exactly; nan below 0."""
    # torch's own, of float32 on CPUs, is off by one unit in a fifth of all values.
    return x.double().sqrt().float() if isinstance(x, torch.Tensor) else np.sqrt(x)


def exp(x: f32) -> f32:
    """e to the power x."""
    return to_f32(exp2_f64(to_f64(x) * LOG2_E))


def log(x: f32) -> f32:
    """The natural logarithm of x; -inf at 0, nan below."""
    logarithm = to_f32(log2_f64(to_f64(x)) * LN_2)
    return where(x > 0.0, where(x < INFINITY, logarithm, x), where(x == 0.0, -INFINITY, NAN))


def pow(x: f32, y: f32) -> f32:
    """x to the power y, for x >= 0 (nan below); 1 where y is 0."""
    power = to_f32(exp2_f64(to_f64(y) * log2_f64(to_f64(x))))
    at_zero, at_infinity = where(y > 0.0, x, INFINITY), where(y > 0.0, x, 0.0)
    power = where(x > 0.0, where(x < INFINITY, power, at_infinity), where(x == 0.0, at_zero, NAN))
    return where(y == 0.0, 1.0, power)


def log2_f64(x: f64) -> f64:
    """Binary logarithm of a finite x > 0: x = 2**k m, m in [sqrt(1/2), sqrt(2)); ln m = 2 atanh s, s = (m - 1) / (m + 1)."""
    shifted = to_bits(x) + ONE_MINUS_SQRT_HALF_BITS
    k = from_bits((shifted >> MANTISSA_BITS) | TWO_52_BITS) - TWO_52_PLUS_BIAS
    m = from_bits((shifted & MANTISSA_MASK) + SQRT_HALF_BITS)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = (LOG_0 + LOG_1 * z) + (z * z) * (LOG_2 + LOG_3 * z)
    return k + s * series


def exp2_f64(x: f64) -> f64:
    """2 to the power x: x = k + r with whole k and |r| <= 1/2; then 2**r."""
    rounded = x + ROUNDER_WITH_BIAS
    r = x - (rounded - ROUNDER_WITH_BIAS)
    q = r * r
    series = (EXP_0 + EXP_1 * r) + q * ((EXP_2 + EXP_3 * r) + q * ((EXP_4 + EXP_5 * r) + q * EXP_6))
    two_to_the_k = from_bits(to_bits(rounded) << MANTISSA_BITS)
    return where(x < LOWEST_POWER, 0.0, where(x > HIGHEST_POWER, INFINITY, series * two_to_the_k))
