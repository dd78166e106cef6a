"""What processes use: processor time and memory, as the system counts them."""

from pathlib import Path

import psutil

from deploy.local import running
from deploy.local.stack import Stack

MIB = 1024 * 1024
SERVERS = ("postgres", "rabbitmq")


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """Processor time that each process of the stack has used, with all that descend from it."""
    return {
        status.name: sum(map(_cpu, running.family(status.pid))) for status in stack.status() if status.pid
    }


def microseconds_each(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, int]:
    """Processor time between two looks, shared among so many things, the most costly first."""
    used = {name: after[name] - before.get(name, 0.0) for name in after}
    each = {name: round(seconds * 1e6 / max(count, 1)) for name, seconds in used.items()}
    return dict(sorted(each.items(), key=lambda item: -item[1]))


def resident_mib(pid: int, *, alone: bool = False) -> float:
    """RSS of a process and all that descend from it."""
    processes = running.family(pid)
    return float(sum(p.memory_info().rss for p in processes[: 1 if alone else None])) / MIB


def proportional_mib(pid: int) -> float:
    """PSS of the same: shared pages count once, and PostgreSQL's processes share most of theirs."""
    total = sum(_kib(Path(f"/proc/{p.pid}/smaps_rollup"), "Pss:") for p in running.family(pid))
    return total / 1024 if total else resident_mib(pid)


def peak_mib(pid: int) -> float:
    """The most that a process ever held resident; 0 where the system does not say."""
    return round(_kib(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024, 1)


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:  # it ended meanwhile
        return 0.0
    return float(times.user + times.system)


def _kib(file: Path, field: str) -> int:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)
