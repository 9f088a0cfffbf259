"""The senses that there are: a script each. Standard library only."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from experiment.errors import OptionError
from experiment.modality import Modality

SCRIPTS = Path(__file__).resolve().parents[1]
ENDING = "_network.py"


def senses() -> list[str]:
    """Their names, such as "Visual"."""
    return sorted(path.name.removesuffix(ENDING) for path in SCRIPTS.glob(f"*{ENDING}"))


def declared(sense: str) -> Modality:
    """What the script of a sense declares, whatever the case of its name.

    Raises:
        OptionError: there is no such script.
    """
    known = {name.lower(): name for name in senses()}
    if str(sense).lower() not in known:
        raise OptionError([f"{sense!r}: there is no such sense; there are {', '.join(senses())}"])
    script = SCRIPTS / f"{known[sense.lower()]}{ENDING}"
    module = sys.modules.get(script.stem)
    if module is None or Path(getattr(module, "__file__", "")) != script:
        specification = spec_from_file_location(script.stem, script)
        module = module_from_spec(specification)
        specification.loader.exec_module(module)
    return next(value for value in vars(module).values() if isinstance(value, Modality))
