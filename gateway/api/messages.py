"""What people are told: the queue of messages for operators, reminders for managers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.ask import ask
from services.contracts.scheduling.messages import AskMailQueue, AskReminders, MailQueue, Reminders

router = router_for("messages")


@router.get("/messages/queue", response_model=MailQueue, summary="What waits to be sent?")
async def queue(request: Request) -> Response:
    """What waits, what fails, what was sent and dropped; nobody is named, no address is told."""
    return json_answer(await ask(request, "scheduling.mail_queue", AskMailQueue()))


@router.get("/reports/reminders", response_model=Reminders, summary="Who was reminded, and who will be?")
async def reminders(
    request: Request,
    unit: Annotated[UUID, Query(description="Of this unit and all below it")],
    limit: Annotated[int, Query(ge=1, le=500, description="Lines of each list")] = 200,
) -> Response:
    """Messages about due dates of the last 30 days, and those of the next."""
    return json_answer(await ask(request, "scheduling.reminders", AskReminders(unit_id=unit, limit=limit)))
