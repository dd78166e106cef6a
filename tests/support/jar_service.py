"""The jars as a service: `python -m tests.support.jar_service`, which is `serve` of a service with odd methods.

It borrows the name `progress`, whose broker user and rows in the access table it uses. Settings:
JARS_AMQP_URI, JARS_DATABASE_URL, PARCOURS_ACTOR_PUBLIC_KEY; JARS_WAIT=blocking leaves psycopg's own
wait function, which stops all greenlets.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """Patch first, as `services.backbone.program` does; then import and serve."""
    from services.backbone import program

    program._patch()
    if os.environ.get("JARS_WAIT") == "blocking":
        del os.environ["PSYCOPG_WAIT_FUNC"]
    from services.backbone.actor import TokenVerifier
    from services.backbone.commands import CommandDesk
    from services.backbone.log import EventLog, StoreAway
    from services.backbone.rpc import RpcService, question, serve
    from services.contracts.access import Actor
    from services.contracts.message import Batch, Message, Outcomes, ReadFeed, Signed
    from services.contracts.progress import AskRecord
    from services.contracts.rules import Rule, RuleBroken
    from tests.support.jars import Jars, PutIn

    class Slept(Message):
        """Who slept."""

        person: str

    class Acted(Slept):
        """The same, and in which roles."""

        roles: tuple[str, ...]

    class JarService(RpcService):
        """`record` and `read_feed` are in the access table, the others are not."""

        name = "progress"

        @question(Batch[PutIn], signed=False)
        def execute(self, batch: Batch[PutIn]) -> Outcomes:
            return self._execute(self.application.desk, batch)

        @question(Signed[AskRecord])
        def record(self, actor: Actor, asked: AskRecord) -> Acted:
            self.application.log.select("SELECT pg_sleep(1)", ())
            return Acted(person=str(actor.person_id), roles=tuple(sorted(actor.roles)))

        @question(ReadFeed, signed=False)
        def read_feed(self, asked: ReadFeed) -> Slept:
            match asked.after:
                case 1:
                    raise RuleBroken(Rule.COURSE_UNKNOWN, course="poetry")
                case 2:
                    raise StoreAway("no database")
                case 3:
                    raise KeyError("a mistake in the code")
                case 4:
                    Slept.model_validate({})
            return Slept(person="nobody")

        @question(Signed[AskRecord])
        def unlisted(self, actor: Actor, asked: AskRecord) -> Slept:
            return Slept(person="must not happen")

        @question(ReadFeed, signed=False)
        def unlisted_and_unsigned(self, asked: ReadFeed) -> Slept:
            return Slept(person="must not happen")

    class Application:
        log = EventLog("progress", os.environ["JARS_DATABASE_URL"])
        verifier = TokenVerifier(Path(os.environ["PARCOURS_ACTOR_PUBLIC_KEY"]))
        desk: CommandDesk[PutIn] = CommandDesk(log, Jars(), lambda _: None)

    print("ready", file=sys.stderr, flush=True)  # noqa: T201
    serve(JarService, os.environ["JARS_AMQP_URI"], Application())


if __name__ == "__main__":
    main()
