"""`environment`: the settings of the local stack, for tools that need a database URL."""

import shlex
import sys

from deploy.cli.place import this_stack


def environment() -> None:
    """Print every setting as a shell assignment: `eval "$(./parcours environment)"`.

    Contains passwords: for the owner of the state folder, on their own terminal.
    """
    for name, value in sorted(this_stack().environment().items()):
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
