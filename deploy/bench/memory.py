"""`memory`: the resident size (RSS) of every process of ours, and of the servers apart."""

from deploy.bench.figures import Figure, Result, at_most
from deploy.bench.ground import Ground
from deploy.bench.usage import SERVERS, peak_mib, proportional_mib, resident_mib
from deploy.telling import Telling

EACH_MIB_MAX = 150
TOGETHER_MIB_MAX = 1024


def memory(ground: Ground, telling: Telling) -> Result:
    """As it is after whatever was measured before."""
    telling.step("Weighing the processes")
    running = {status.name: status.pid for status in ground.stack.status() if status.pid}
    sizes = {name: resident_mib(pid) for name, pid in running.items() if name not in SERVERS}
    supervisor = resident_mib(ground.stack.supervisor.pid, alone=True)
    together = sum(sizes.values()) + supervisor
    return Result(
        "memory",
        [
            *(Figure(name, size, "MiB", at_most(EACH_MIB_MAX)) for name, size in sizes.items()),
            Figure("supervisor", supervisor, "MiB"),
            Figure("all of ours together", together, "MiB", at_most(TOGETHER_MIB_MAX)),
            *(
                Figure(f"{name} (apart, PSS)", proportional_mib(running[name]), "MiB")
                for name in SERVERS
                if name in running
            ),
        ],
        {
            "measured": "RSS",
            "after": ", ".join(ground.results),
            "highest ever, MiB": {name: peak_mib(running[name]) for name in sizes},
        },
    )
