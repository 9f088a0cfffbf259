"""The parts of a program that are the same for every network: how spikes of each kind of connection drive, and small loops.

They are text, since the program must hold all that it calls: then a hash of it says all that its machine code depends on.
"""

from __future__ import annotations

from bindsnet.network.topology import Connection, DistanceLateralConnection, OneToOneConnection, UniformLateralConnection
from bindsnet.numbers import random

HEADER = '''"""{title}

Written by bindsnet.engine.fused.program; not to be edited.
"""

import numpy as np
from numba import njit
from numpy import float32 as f32, float64 as f64, int64 as i64

step = njit(error_model="numpy", forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
loop = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


@step
def where(condition, a, b):
    return a if condition else b


@step
def bounded(w, wmin, wmax):
    return where(w < wmin, wmin, where(w > wmax, wmax, w))


@loop
def copy(target, source):
    """Assigning an array to another would have the compiler translate its complaint about their shapes: seconds."""
    for j in range(len(source)):
        target[j] = source[j]


@loop
def fill(target, value):
    """One value everywhere; a loop, for the same reason."""
    for j in range(len(target)):
        target[j] = value


@loop
def aligned_zeros(n):
    """float32 zeros that begin with a cache line of 64 bytes: the processor's widest vectors must not straddle two."""
    room = np.zeros(n + 16, f32)
    first = (-room.ctypes.data) % 64 // 4
    return room[first:first + n]
'''

RANDOM_CONSTANTS = ("WORD", "PARITY", "ROTATIONS", "N_GROUPS")
RANDOM_FUNCTIONS = (random.threefry, random.presentation_key, random.draw_below)

MARK = '''
@loop
def mark(spikes, fired, first, last):
    """True for the units that fired in a step, False for all others."""
    fill(spikes, False)
    for k in range(first, last):
        spikes[fired[k]] = True
'''

COLLECT = '''
@loop
def collect(drive, fired):
    """The neurons that advance_ has marked as over threshold, ascending; returns how many, and clears the marks."""
    n = 0
    for first in range(0, len(drive), 32):
        part = drive[first:first + 32]
        any_marked = False
        for j in range(len(part)):
            any_marked |= part[j] != f32(0.0)
        if any_marked:
            for j in range(len(part)):
                if part[j] != f32(0.0):
                    fired[n] = first + j
                    n += 1
                    part[j] = f32(0.0)
    return n
'''

TOUCH = '''
@loop
def touch(fired, first, last, touched, n_touched, is_touched):
    """Note the neurons that spikes reach for the first time in this sample; returns how many have been reached."""
    for k in range(first, last):
        if not is_touched[fired[k]]:
            is_touched[fired[k]] = True
            touched[n_touched] = fired[k]
            n_touched += 1
    return n_touched
'''

ADD = '''
@loop
def add_partial(drive, partial):
    """Add a further connection's drive, and clear it for the next time."""
    for j in range(len(drive)):
        drive[j] += partial[j]
        partial[j] = f32(0.0)
'''

#: kind of connection -> what adds the drive of its spikes to a drive of zeros and multiplies it by the weight factor
GATHERS = {
    Connection: '''
@loop
def add_rows(drive, w, fired, first, last, factor):
    """Dense connection: add the weights of the units that fired, unit by unit; up to four in one pass over the drive."""
    while last - first > 4:
        a, b, c, d = w[fired[first]], w[fired[first + 1]], w[fired[first + 2]], w[fired[first + 3]]
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j]) + b[j]) + c[j]) + d[j]
        first += 4
    n = last - first
    a, b, c, d = w[fired[first]], w[fired[first + (n > 1)]], w[fired[last - 1 - (n > 3)]], w[fired[last - 1]]
    if n == 4:
        for j in range(len(drive)):
            drive[j] = ((((drive[j] + a[j]) + b[j]) + c[j]) + d[j]) * factor
    elif n == 3:
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j]) + b[j]) + c[j]) * factor
    elif n == 2:
        for j in range(len(drive)):
            drive[j] = ((drive[j] + a[j]) + b[j]) * factor
    else:
        for j in range(len(drive)):
            drive[j] = (drive[j] + a[j]) * factor
''',
    OneToOneConnection: '''
@loop
def add_one_to_one(drive, w, fired, first, last, factor):
    """One-to-one connection: each neuron that fired drives the one in its place."""
    for k in range(first, last):
        drive[fired[k]] = (drive[fired[k]] + w[fired[k]]) * factor
''',
    UniformLateralConnection: '''
@loop
def add_uniform(drive, w, fired, first, last, factor):
    """Uniform lateral connection: as many equal terms as other neurons fired, added one by one."""
    others, total = f32(0.0), f32(0.0)
    for k in range(first, last):
        others = total
        total += w
    for j in range(len(drive)):
        drive[j] = total * factor
    for k in range(first, last):
        drive[fired[k]] = others * factor
''',
    DistanceLateralConnection: '''
@loop
def add_by_distance(drive, w, fired, first, last, factor):
    """Distance-dependent lateral connection: a window of the table of weights by offset, placed at the neuron that fired."""
    side = (w.shape[0] + 1) // 2
    for k in range(first, last):
        row, column = fired[k] // side, fired[k] % side
        for other_row in range(side):
            weights = w[side - 1 - row + other_row]
            start = other_row * side
            for j in range(start, min(start + side, len(drive))):
                drive[j] += weights[side - 1 - column + j - start]
    for j in range(len(drive)):
        drive[j] *= factor
''',
}
GATHER_NAMES = {
    Connection: "add_rows",
    OneToOneConnection: "add_one_to_one",
    UniformLateralConnection: "add_uniform",
    DistanceLateralConnection: "add_by_distance",
}

NORMALIZE = '''
@loop
def normalize(w, norm):
    """Scale the weights into each neuron so that their absolute values sum to norm."""
    total = np.zeros(w.shape[1], f32)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            total[j] += abs(w[i, j])
    for j in range(w.shape[1]):
        total[j] = norm / where(total[j] == f32(0.0), f32(1.0), total[j])
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] *= total[j]
'''
