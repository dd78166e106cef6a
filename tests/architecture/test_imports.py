"""The walls between the parts hold, and each was seen to stop somebody who tried to climb it."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("services", "gateway", "deploy")
TOOL = Path(sys.executable).parent / "lint-imports"
RULES = [
    c["name"]
    for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]

CANARIES: dict[str, dict[str, str]] = {
    "Services and gateway never import one another; deploy stands above all": {
        "services/progress/catalogue.py": "import services.content.domain",
        "services/scheduling/store.py": "import gateway.limits",
        "gateway/times.py": "import services.reporting.moments",
        "services/reporting/store.py": "import deploy.local",
        "services/backbone/clock.py": "import services.progress.domain",
        "services/contracts/rules.py": "import services.backbone.clock",
    },
    "There are four services, what they share, and nothing else": {"services/helpers.py": ""},
    "Inside content imports point inward": {"services/content/helpers.py": ""},
    "Inside progress imports point inward": {"services/progress/helpers.py": ""},
    "Inside scheduling imports point inward": {"services/scheduling/utils.py": ""},
    "Inside reporting imports point inward": {"services/reporting/common.py": ""},
    "Inside the questions of reporting imports point inward": {
        "services/reporting/questions/common.py": "",
        "services/reporting/questions/audit.py": "import services.reporting.questions.transcripts",
    },
    "Inside the gateway imports point inward": {"gateway/helpers.py": ""},
    "Inside the pages imports point inward": {"gateway/web/helpers.py": ""},
    "Inside the backbone imports point inward": {"services/backbone/utils.py": ""},
    "Inside the seal imports point inward": {
        "services/backbone/seal/common.py": "",
        "services/backbone/seal/merkle.py": "import services.backbone.seal.notes",
    },
    "A projection reads no other read model": {
        "services/reporting/projections/transcript.py": "import services.reporting.projections.training_status",
    },
    "Contracts import pydantic and the standard library only": {
        "services/contracts/content.py": "import psycopg",
        "services/contracts/progress.py": "import eventsourcing",
    },
    "Domains and projections know no server, no broker and no clock": {
        "services/progress/domain/record.py": "import services.backbone.clock",
        "services/reporting/projections/courses.py": "import services.backbone.wire",
    },
    "Domains know no database": {"services/content/domain.py": "import psycopg"},
    "nameko and eventlet stay at the edge": {
        "services/progress/feed.py": "import nameko",
        "gateway/app.py": "import eventlet",
        "services/backbone/follower.py": "import eventlet",
    },
}
"""For every rule what breaks it: a line at the end of a module, or a module that has no place."""

INWARD: dict[str, str] = {
    "services/content/domain.py": "import services.content.feed",
    "services/progress/domain/record.py": "import services.progress.application",
    "services/progress/application.py": "import services.progress.service",
    "services/scheduling/store.py": "import services.scheduling.application",
    "services/reporting/read_model.py": "import services.reporting.models",
    "gateway/rpc.py": "import gateway.auth",
    "services/backbone/limits.py": "import services.backbone.log",
}
"""Inside each part one import that points outward."""


class Copy:
    """The modules of a tree, in a folder where anything may be planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            for file in (ROOT / part).rglob("*.py"):
                if "__pycache__" not in file.parts:
                    copy = folder / file.relative_to(ROOT)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, copy)
        shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")

    def plant(self, place: str, line: str) -> None:
        with (self.folder / place).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")

    def lint(self) -> tuple[dict[str, str], str]:
        """KEPT or BROKEN by rule, and all that was said, on one line."""
        done = subprocess.run(
            [TOOL, "--no-cache"], cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        said = " ".join(done.stdout.split())
        verdicts = {
            rule: found[1]
            for rule in RULES
            if (found := re.search(rf"{re.escape(rule)} (KEPT|BROKEN)", said)) is not None
        }
        assert len(verdicts) == len(RULES), done.stdout + done.stderr
        assert (done.returncode == 0) == ("BROKEN" not in verdicts.values())
        return verdicts, said


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    yield Copy(tmp_path)


def test_every_rule_holds(copy: Copy) -> None:
    verdicts, said = copy.lint()
    assert set(verdicts.values()) == {"KEPT"}, said


def test_every_rule_has_its_canary() -> None:
    assert set(CANARIES) == set(RULES)


@pytest.mark.parametrize("rule", CANARIES)
def test_who_breaks_a_rule_is_caught(copy: Copy, rule: str) -> None:
    for place, line in CANARIES[rule].items():
        copy.plant(place, line)
    verdicts, said = copy.lint()
    assert verdicts[rule] == "BROKEN"
    details = said[said.index("Broken contracts") :]
    for place, line in CANARIES[rule].items():
        module = place.removesuffix(".py").replace("/", ".")
        planted = f"{module} -> {line.removeprefix('import ')}" if line else module.rpartition(".")[2]
        assert planted in details, f"{place}: {line or 'a module without a place'} was not caught"


def test_imports_that_point_outward_are_caught(copy: Copy) -> None:
    for place, line in INWARD.items():
        copy.plant(place, line)
    _, said = copy.lint()
    for place, line in INWARD.items():
        module = place.removesuffix(".py").replace("/", ".")
        assert f"{module} -> {line.removeprefix('import ')}" in said


# --- stricter than a list of what is forbidden ---------------------------------------------------

ALLOWED_IN_CONTRACTS = {"pydantic", "services.contracts"}


def foreign_imports(folder: Path) -> set[str]:
    """What modules import beyond the standard library and what contracts may."""
    found: set[str] = set()
    for module in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            found |= {
                name
                for name in names
                if name.partition(".")[0] not in sys.stdlib_module_names
                and not any(name == ok or name.startswith(f"{ok}.") for ok in ALLOWED_IN_CONTRACTS)
            }
    return found


def test_contracts_import_pydantic_and_the_standard_library_and_nothing_else(tmp_path: Path) -> None:
    assert foreign_imports(ROOT / "services" / "contracts") == set()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "planted.py").write_text("import requests\nfrom annotated_types import Ge\nfrom . import x\n")
    assert foreign_imports(tmp_path) == {"requests", "annotated_types", "."}
