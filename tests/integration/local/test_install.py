"""Installing the servers, with stand-ins for apt-get and systemctl that write down what they were asked."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import install
from deploy.local.errors import ServerMissing

APT_GET = """#!/bin/sh
echo "apt-get $*" >>{log}
for file in {policy} {no_cluster}; do [ -e $file ] && echo "with $(basename $file)" >>{log}; done
exit 0
"""
SYSTEMCTL = """#!/bin/sh
case "$*" in
    "is-enabled {known}") echo enabled ;;
    is-enabled*) exit 1 ;;
    *) echo "systemctl $*" >>{log} ;;
esac
"""
BOTH = ("postgres", "rabbitmq")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Installs both servers on a machine that knows one unit already; what was asked of it."""
    monkeypatch.setattr(install, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(install, "NO_CLUSTER", tmp_path / "createcluster.d" / "no-cluster")
    monkeypatch.setattr(install, "_installed", lambda _server: False)
    monkeypatch.setattr(install, "_rights", list)

    def installed(known: str = "none") -> list[str]:
        log = tmp_path / "asked"
        words = {
            "log": log,
            "known": known,
            "policy": install.POLICY,
            "no_cluster": install.NO_CLUSTER,
        }
        for name, text in (("apt-get", APT_GET), ("systemctl", SYSTEMCTL)):
            program = tmp_path / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(text.format(**words))
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
        install.missing_programs(BOTH, lambda _step: None)
        return log.read_text().splitlines()

    return installed


def test_no_service_starts_now_or_at_boot(machine: Callable[..., list[str]]) -> None:
    asked = machine()
    last_apt = max(place for place, line in enumerate(asked) if line.startswith("apt-get install"))
    assert asked[last_apt + 1 : last_apt + 3] == ["with policy-rc.d", "with no-cluster"]
    assert {line.removeprefix("systemctl disable ") for line in asked if line.startswith("systemctl")} == {
        unit for server in BOTH for unit in install.UNITS[server]
    }
    assert not install.POLICY.exists()
    assert not install.NO_CLUSTER.exists()


def test_a_service_that_was_there_before_is_left_alone(machine: Callable[..., list[str]]) -> None:
    asked = machine(known="postgresql.service")
    assert "systemctl disable postgresql.service" not in asked
    assert "systemctl disable rabbitmq-server.service" in asked


def test_the_administrators_policy_stays_and_a_forgotten_one_of_ours_goes(
    machine: Callable[..., list[str]],
) -> None:
    install.POLICY.write_text("#!/bin/sh\nexit 0\n")
    machine()
    assert install.POLICY.read_text() == "#!/bin/sh\nexit 0\n"
    install.POLICY.write_text(install.POLICY_TEXT)
    machine()
    assert not install.POLICY.exists()


def test_without_rights_it_says_what_to_run(
    machine: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_rights", lambda: None)
    with pytest.raises(ServerMissing, match="apt-get install postgresql rabbitmq-server` as root"):
        machine()
