"""`mail`: what the mail server of the local stack has received."""

import contextlib
import time
from email.message import EmailMessage
from typing import Annotated

import typer
from rich.markup import escape

from deploy.cli.place import state_folder
from deploy.cli.screen import console
from deploy.local.errors import LocalStackError
from deploy.local.mailbox import Letter, Mailbox
from deploy.local.stack import mail_file

LOOK_SECONDS = 0.5
LETTERS_SHOWN = 40

mail = typer.Typer(no_args_is_help=False, invoke_without_command=True)


@mail.callback()
def list_(
    context: typer.Context,
    to: Annotated[str | None, typer.Option("--to", help="Only letters to this address.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as letters come.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many to begin with.")
    ] = LETTERS_SHOWN,
) -> None:
    """List the letters that the stack sent, the newest last; only the local stack keeps them."""
    if context.invoked_subcommand is not None:
        return
    box = _mailbox()
    letters = box.letters()
    chosen = [letter for letter in letters if to is None or letter.recipient.lower() == to.lower()]
    for letter in chosen[-lines:]:
        _tell(letter)
    if not chosen and not follow:
        console.print("No letter" + (f" to {escape(to)}" if to else "") + " yet.")
    seen = letters[-1].number if letters else 0
    with contextlib.suppress(KeyboardInterrupt):
        while follow:
            time.sleep(LOOK_SECONDS)
            for letter in box.letters(seen):
                seen = letter.number
                if to is None or letter.recipient.lower() == to.lower():
                    _tell(letter)


@mail.command()
def show(
    number: Annotated[int, typer.Argument(help="The number in the list.")],
    raw: Annotated[bool, typer.Option("--raw", help="As it came, with all headers and parts.")] = False,
) -> None:
    """Show one letter, with what its calendar entry says."""
    letter = next((each for each in _mailbox().letters(number - 1) if each.number == number), None)
    if letter is None:
        message = f"There is no letter {number}: `./parcours mail` lists them."
        raise LocalStackError(message)
    if raw:
        console.print(letter.content.decode(errors="replace"), markup=False, soft_wrap=True)
        return
    message_ = letter.message
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        console.print(f"[dim]{name}:[/dim] {escape(str(message_.get(name, '')))}", soft_wrap=True)
    console.print()
    console.print(_text(message_), markup=False, soft_wrap=True)
    for part in message_.walk():
        if part.get_content_type() == "text/calendar":
            console.print(f"[dim]Calendar, {part.get_param('method')}:[/dim]")
            console.print(str(part.get_content()).replace("\r\n", "\n"), markup=False, soft_wrap=True)


def _mailbox() -> Mailbox:
    file = mail_file(state_folder())
    if not file.exists():
        message = "No letter was kept here yet: run `./parcours up` first."
        raise LocalStackError(message)
    return Mailbox(file)


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content()) if part else ""


def _tell(letter: Letter) -> None:
    came = letter.came_at.astimezone().strftime("%d.%m. %H:%M:%S")
    twice = f" [dim](came {letter.times} times)[/dim]" if letter.times > 1 else ""
    subject = escape(str(letter.message.get("Subject", "")))
    number = f"[bold]{letter.number:>5}[/bold]"
    console.print(
        f"{number}  [dim]{came}[/dim]  {escape(letter.recipient):<34} {subject}{twice}", soft_wrap=True
    )
