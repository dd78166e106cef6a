"""One connection to the mail server, kept while there is mail, with a limit on every wait."""

import smtplib
import ssl
import threading
from types import TracebackType
from typing import Final, Literal, Self

STEP_SECONDS: Final = 10.0
"""How long the mail server may be silent."""
LETTER_SECONDS_MAX: Final = 60.0
"""How long one letter may take in all: a server that answers byte by byte is not waited for."""
LETTERS_A_CONNECTION: Final = 100
AWAY_CODE: Final = 421

Security = Literal["none", "starttls", "tls"]


class ServerAway(Exception):
    """The mail server cannot be reached, is too slow, or will have nothing from us."""


class NotTaken(Exception):
    """The server would not take this letter; others it may."""

    def __init__(self, code: int) -> None:
        """4xx: not now; 5xx: never."""
        super().__init__(code)
        self.code = code

    @property
    def for_good(self) -> bool:
        """Trying again is of no use."""
        return self.code >= 500


class Carrier:
    """Carries letters, one after the other."""

    def __init__(
        self,
        host: str,
        port: int,
        security: Security = "starttls",
        user: str | None = None,
        password: str | None = None,
        *,
        step_seconds: float = STEP_SECONDS,
        letter_seconds: float = LETTER_SECONDS_MAX,
    ) -> None:
        """Nothing is opened before there is a letter."""
        self._server = (host, port)
        self._security = security
        self._sign_in = (user, password)
        self._step_seconds = step_seconds
        self._letter_seconds = letter_seconds
        self._open: smtplib.SMTP | None = None
        self._carried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def carry(self, sender: str, to: str, content: bytes) -> None:
        """Hand one letter over; it returns when the server has said that it is responsible for it.

        Raises NotTaken, or ServerAway, after which nobody knows whether the server has it.
        """
        try:
            if self._open is None or self._carried >= LETTERS_A_CONNECTION:
                self.close()
                self._open, self._carried = self._connect(), 0
            with _Deadline(self._open, self._letter_seconds):
                self._open.sendmail(sender, [to], content)
            self._carried += 1
        except smtplib.SMTPRecipientsRefused as refused:
            self._raise(*next(iter(refused.recipients.values())))
        except smtplib.SMTPDataError as refused:
            self._raise(refused.smtp_code, refused.smtp_error)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise ServerAway(_said(error)) from None

    def _raise(self, code: int, said: bytes | str) -> None:
        if code == AWAY_CODE:
            self._drop()
            raise ServerAway(str(code))
        raise NotTaken(code)

    def _connect(self) -> smtplib.SMTP:
        user, password = self._sign_in
        trusted = ssl.create_default_context()
        if self._security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self._step_seconds, context=trusted)
        else:
            smtp = smtplib.SMTP(timeout=self._step_seconds)
        # Whose certificate is asked for: connect() alone does not keep it.
        smtp._host = self._server[0]  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            with _Deadline(smtp, self._letter_seconds):  # the greeting too may come byte by byte
                smtp.connect(*self._server)
                if self._security == "starttls":
                    smtp.starttls(context=trusted)
                if user and password:
                    smtp.login(user, password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        if self._open is not None:
            try:
                self._open.quit()
            except (smtplib.SMTPException, OSError):
                pass
            finally:
                self._drop()

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class _Deadline:
    """Cuts a connection off when what is done with it takes too long in all."""

    def __init__(self, smtp: smtplib.SMTP, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut, (smtp,))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @staticmethod
    def _cut(smtp: smtplib.SMTP) -> None:
        if smtp.sock is not None:
            try:
                smtp.sock.shutdown(2)
            except OSError:
                smtp.close()


def _said(error: BaseException) -> str:
    """What went wrong, without what the server said: that may hold an address."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
