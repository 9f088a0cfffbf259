"""The parts of a program that are the same for every network: how spikes of each kind of connection drive, and small loops.

They are text, since the program must hold all that it calls: then a hash of it says all that its machine code depends on.
"""

from __future__ import annotations

from bindsnet.engine import random
from bindsnet.network.topology import Connection, DistanceLateralConnection, OneToOneConnection, UniformLateralConnection

HEADER = '''"""{title}

Written by bindsnet.engine.program; not to be edited.
"""

import numpy as np
from numba import njit
from numpy import float32 as f32, float64 as f64, int64 as i64

step = njit(error_model="numpy", forceinline=True)
loop = njit(error_model="numpy")


@step
def where(condition, a, b):
    return a if condition else b


@step
def bounded(w, wmin, wmax):
    return where(w < wmin, wmin, where(w > wmax, wmax, w))


@loop
def aligned_zeros(n):
    """float32 zeros that begin with a cache line of 64 bytes: the processor's widest vectors must not straddle two."""
    room = np.zeros(n + 16, f32)
    first = (-room.ctypes.data) % 64 // 4
    return room[first:first + n]
'''

RANDOM_CONSTANTS = ("WORD", "PARITY", "ROTATIONS", "N_GROUPS")
RANDOM_FUNCTIONS = (random.threefry, random.presentation_key, random.draw_below)

COLLECT = '''
@loop
def collect(drive, fired):
    """The neurons that advance_ has marked as over threshold, ascending; returns how many, and clears the marks."""
    n = 0
    for j in range(len(drive)):
        if drive[j] != f32(0.0):
            fired[n] = j
            n += 1
            drive[j] = f32(0.0)
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

SCALE = '''
@loop
def scale(drive, factor):
    """Multiply by the connection's weight factor."""
    for j in range(len(drive)):
        drive[j] *= factor


@loop
def add_scaled(drive, partial, factor):
    """Add a further connection's drive, and clear it for the next time."""
    for j in range(len(drive)):
        drive[j] += partial[j] * factor
        partial[j] = f32(0.0)
'''

#: kind of connection -> what adds the drive of its spikes
GATHERS = {
    Connection: '''
@loop
def add_rows(drive, w, fired, first, last):
    """Dense connection: add the weights of the units that fired, unit by unit; up to four in one pass over the drive."""
    k = first
    while k + 4 <= last:
        a, b, c, d = w[fired[k]], w[fired[k + 1]], w[fired[k + 2]], w[fired[k + 3]]
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j]) + b[j]) + c[j]) + d[j]
        k += 4
    if k + 2 <= last:
        a, b = w[fired[k]], w[fired[k + 1]]
        for j in range(len(drive)):
            drive[j] = (drive[j] + a[j]) + b[j]
        k += 2
    if k < last:
        a = w[fired[k]]
        for j in range(len(drive)):
            drive[j] += a[j]
''',
    OneToOneConnection: '''
@loop
def add_one_to_one(drive, w, fired, first, last):
    """One-to-one connection: each neuron that fired drives the one in its place."""
    for k in range(first, last):
        drive[fired[k]] += w[fired[k]]
''',
    UniformLateralConnection: '''
@loop
def add_uniform(drive, w, fired, first, last):
    """Uniform lateral connection: as many equal terms as other neurons fired, added one by one."""
    others, total = f32(0.0), f32(0.0)
    for k in range(first, last):
        others = total
        total += w
    for j in range(len(drive)):
        drive[j] = total
    for k in range(first, last):
        drive[fired[k]] = others
''',
    DistanceLateralConnection: '''
@loop
def add_by_distance(drive, w, fired, first, last):
    """Distance-dependent lateral connection: a window of the table of weights by offset, placed at the neuron that fired."""
    side = (w.shape[0] + 1) // 2
    for k in range(first, last):
        row, column = fired[k] // side, fired[k] % side
        for other_row in range(side):
            weights = w[side - 1 - row + other_row]
            start = other_row * side
            for j in range(start, min(start + side, len(drive))):
                drive[j] += weights[side - 1 - column + j - start]
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
