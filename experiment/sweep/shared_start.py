"""What processes of runs begin with: imported once, where the system can copy processes, and shared by all of them.

What a run needs only as it goes, such as the compiler, is here, too. Collecting garbage writes into every object that it looks
at, and so would copy what is shared: it looks at none of this.
"""

import gc
from importlib import import_module

NEEDED = (
    "experiment.sweep.worker",
    "bindsnet.engine.fused.kernels",
    "common.compiled",
    "numba.np.arrayobj",
    "numba.np.linalg",
    "numba.np.random.generator_methods",
    "numba.typed.typeddict",
    "scipy.linalg",
    "scipy.special",
)

for name in NEEDED:
    import_module(name)
gc.collect()
gc.freeze()
