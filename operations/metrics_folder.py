"""Where Gunicorn's processes write their metrics. Read before ``prometheus_client`` is, which looks
for the folder as it is imported."""

import glob
import os
import shutil
import tempfile

_PREFIX = "jundiai-metrics-"


def new_folder() -> str:
    """A folder for the processes' numbers, in memory if there is such a place.

    Each server has its own, so that one that takes over from another (SIGUSR2) does not count what
    the other still writes. Those of servers that were killed go away.
    """
    memory = "/dev/shm"  # noqa: S108 - the folder in it has a name that nobody can foresee
    parent = memory if os.access(memory, os.W_OK) else tempfile.gettempdir()
    for left in glob.glob(os.path.join(parent, f"{_PREFIX}*")):
        pid = os.path.basename(left).removeprefix(_PREFIX).partition("-")[0]
        if not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent)
