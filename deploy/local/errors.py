"""What can go wrong on the local machine, said to the person who typed the command."""


class LocalStackError(Exception):
    """Something the person at the keyboard can act on; the text says what to do."""


class ServerMissing(LocalStackError):
    """A server program is not installed; the text names the command that installs it."""


class NotReady(LocalStackError):
    """A process did not become ready within its limit; the text says where to look."""


class NotRunning(LocalStackError):
    """The process asked for is not running."""


class HopelessStart(LocalStackError):
    """A process ends again and again while the stack starts; the text holds the end of its log."""
