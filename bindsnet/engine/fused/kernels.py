"""The kernels of a program: small loops that are the same for every network.

They are text, since the program must hold all that it calls: then a hash of it says all that its machine code depends on.
"""

from __future__ import annotations

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
def copy(array, values):
    """Assigning an array to another would have the compiler translate its complaint about their shapes: seconds."""
    for j in range(len(values)):
        array[j] = values[j]


@loop
def fill(array, value):
    """One value everywhere; a loop, for the same reason."""
    for j in range(len(array)):
        array[j] = value


@loop
def aligned_zeros(n):
    """float32 zeros that begin with a cache line of 64 bytes: the processor's widest vectors must not straddle two."""
    room = np.zeros(n + 16, f32)
    first = (-room.ctypes.data) % 64 // 4
    return room[first:first + n]
'''

RANDOM_CONSTANTS = ("WORD", "PARITY", "ROTATIONS", "N_GROUPS")
RANDOM_FUNCTIONS = (random.threefry, random.presentation_key, random.draw_below, random.uniform)

MARK = '''
@loop
def mark(spikes, fired, first, last):
    """True for the units that fired in a step, False for all others."""
    fill(spikes, False)
    for k in range(first, last):
        spikes[fired[k]] = True
'''

MARK_PLACES = '''
@loop
def mark_places(spikes, fired, first, last, places):
    """The same where the units lie in another order."""
    fill(spikes, False)
    for k in range(first, last):
        spikes[places[fired[k]]] = True
'''

CHANCES = '''
@loop
def draw_chances(chance, numbers, key_0, key_1, t):
    """A draw from [0, 1) for each neuron, by its number in the network."""
    for j in range(len(chance)):
        chance[j] = uniform(key_0, key_1, t, numbers[j])
'''

SLIDE = '''
@loop
def slide(total, kernel, values, latest):
    """A step passes in a window, row by row: values grow older, the latest come in; their weighted sum, the oldest first."""
    n, last = len(total), len(kernel) - 1
    fill(total, f32(0.0))
    for k in range(last):
        weight, row, next_row = kernel[k], values[k * n:(k + 1) * n], values[(k + 1) * n:(k + 2) * n]
        for j in range(n):
            row[j] = next_row[j]
            total[j] += weight * row[j]
    weight, row = kernel[last], values[last * n:(last + 1) * n]
    for j in range(n):
        row[j] = f32(latest[j])
        total[j] += weight * row[j]
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
def touch(pointers, targets, lengths, fired, first, last, touched, n_touched, is_touched):
    """Note the neurons that spikes reach for the first time in this sample; returns how many have been reached."""
    for k in range(first, last):
        for r in range(pointers[fired[k]], pointers[fired[k] + 1]):
            for j in range(targets[r], targets[r] + lengths[r]):
                if not is_touched[j]:
                    is_touched[j] = True
                    touched[n_touched] = j
                    n_touched += 1
    return n_touched
'''

SCALE = '''
@loop
def scale(drive, factor):
    """Multiply a drive."""
    if factor != f32(1.0):
        for j in range(len(drive)):
            drive[j] *= factor
'''

KEEP_WITHIN = '''
@loop
def keep_within(w, wmin, wmax):
    """Bring weights that their norm lifted beyond their bounds back."""
    for p in range(w.size):
        w.flat[p] = bounded(w.flat[p], wmin, wmax)
'''

NOTE = '''
@loop
def note(values, value, fired, first, last):
    """One value for the units that fired."""
    for k in range(first, last):
        values[fired[k]] = value
'''

ADD = '''
@loop
def add_partial(drive, partial):
    """Add a further connection's drive, part by part where there is any, and clear it for the next time."""
    for first in range(0, len(drive), 128):
        part, more = drive[first:first + 128], partial[first:first + 128]
        any_drive = False
        for j in range(len(more)):
            any_drive |= more[j] != f32(0.0)
        if any_drive:
            for j in range(len(more)):
                part[j] += more[j]
                more[j] = f32(0.0)
'''

ADD_MAPPED = '''
@loop
def add_mapped(drive, partial, at):
    """Add the drive of a connection that counts targets otherwise, and clear it for the next time."""
    for j in range(len(drive)):
        drive[j] += partial[at[j]]
    fill(partial, f32(0.0))
'''

RELEASE = '''
@loop
def release(found, resources, used, recovery, fired, first, last):
    """Resources recover, if they do, and spikes use them up; what each of these finds."""
    if recovery != f32(0.0):
        for i in range(len(resources)):
            resources[i] = {recover}(resources[i], recovery)
    for k in range(first, last):
        found[k - first] = resources[fired[k]]
        resources[fired[k]] = {use_up}(resources[fired[k]], used)
'''

ORDER = '''
@loop
def copy_in_order(array, values, order):
    """Copy what lies in an order of its own."""
    for j in range(len(values)):
        array[order[j]] = values[j]


@loop
def copy_of_fired(array, values, fired, n, order):
    """The same of those that fired alone."""
    for k in range(n):
        array[order[fired[k]]] = values[fired[k]]


@loop
def as_neurons(fired, n, order):
    """Turn places into numbers of neurons, ascending (Shell 1959, with the gaps of Ciura 2001)."""
    for k in range(n):
        fired[k] = order[fired[k]]
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for k in range(gap, n):
            neuron, at = fired[k], k
            while at >= gap and fired[at - gap] > neuron:
                fired[at] = fired[at - gap]
                at -= gap
            fired[at] = neuron
'''

CHOOSE = '''
@loop
def choose(fired, n, n_groups, heights, n_rivals, best, key_0, key_1, t, first_neuron):
    """Leave one of the neurons of each group, those with the largest of heights (if there are any) drawn; returns how many."""
    by_height = len(heights) > 0
    for k in range(n):
        group = fired[k] % n_groups
        height = heights[fired[k]] if by_height else f32(0.0)
        if n_rivals[group] == 0 or height > best[group]:
            best[group], n_rivals[group] = height, 0
        n_rivals[group] += height == best[group]
    for k in range(n):
        group = fired[k] % n_groups
        if n_rivals[group] > 0:  # not yet drawn: from here on the number of rivals to pass, negative
            n_rivals[group] = -1 - draw_below(n_rivals[group], key_0, key_1, t, first_neuron + group)
    left = 0
    for k in range(n):
        neuron = fired[k]
        group = neuron % n_groups
        if n_rivals[group] < 0 and (not by_height or heights[neuron] == best[group]):
            n_rivals[group] += 1
            if n_rivals[group] == 0:
                n_rivals[group] = 1  # found
                fired[left] = neuron
                left += 1
    for k in range(left):
        n_rivals[fired[k] % n_groups] = 0
    return left
'''
