"""`python -m deploy.cli`: run one command, and turn our errors into sentences."""

import sys

from deploy.cli.app import application
from deploy.cli.screen import errors
from deploy.local.errors import LocalStackError


def main() -> None:
    """Run the command of the command line; errors that a person can mend end with status 1."""
    try:
        application(sys.argv[1:])(prog_name="./parcours")
    except LocalStackError as problem:
        errors.print(str(problem), style="red", markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
