"""Certificates: the paper that a learner takes along, or a manager of theirs; and the page that confirms it.

The page that confirms is open to all, and shows no more than the paper does, to whoever has its number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_as, ask_for
from gateway.errors import Problem
from gateway.limits import CONFIRM_TOKEN_SECONDS
from gateway.parts import language_in, parts_of, session_in
from gateway.web import paper
from gateway.web.attest import NUMBER_CHARS, Stated, in_groups, key_of, number_of, plain, read_number
from gateway.web.page import go, page, page_router
from gateway.web.rendering import local_day, localised
from services.contracts.access import Actor, Role
from services.contracts.content import AskCourse, CourseView
from services.contracts.message import Language
from services.contracts.reporting.transcripts import AskMyTraining, AskTranscript, Transcript, TranscriptLine
from services.contracts.rules import Rule

router = page_router()

UNLISTED: Final = {"x-robots-tag": "noindex, nofollow, noarchive"}

Tokens = Callable[[str], str]
"""Service → a token for it, of whoever's certificate it is."""

PaperLanguage = Annotated[Literal["fr", "nl", "en"] | None, Query(alias="lang")]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is shown of a certificate, on paper and on a page."""

    stated: Stated
    title: str
    title_language: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A record whose certificate is asked for: of whom, as what they tell of themselves or a manager of theirs."""

    holder: UUID
    name: str
    line: TranscriptLine
    mine: bool

    @property
    def path(self) -> str:
        """The page of the certificate, for whoever asks."""
        record = f"/certificates/{self.line.record_id}"
        return record if self.mine else f"/people/{self.holder}{record}"

    @property
    def stated(self) -> Stated | None:
        """What a certificate would state; None when there is nothing to certify."""
        return _stated(self.line, self.name)


@router.get("/certificates/{record}")
async def certificate(request: Request, record: UUID) -> Response:
    """One's own certificate, and the way to the paper."""
    return await _page(request, await _own(request, record))


@router.get("/certificates/{record}/certificate.pdf")
async def certificate_paper(request: Request, record: UUID, lang: PaperLanguage = None) -> Response:
    """The paper, in a language of one's choice."""
    return await _paper(request, await _own(request, record), lang)


@router.get("/people/{person}/certificates/{record}")
async def certificate_of(request: Request, person: UUID, record: UUID) -> Response:
    """The certificate of somebody in a manager's care."""
    return await _page(request, await _of(request, person, record))


@router.get("/people/{person}/certificates/{record}/certificate.pdf")
async def certificate_paper_of(
    request: Request, person: UUID, record: UUID, lang: PaperLanguage = None
) -> Response:
    """The same paper with the same number as the person gets."""
    return await _paper(request, await _of(request, person, record), lang)


async def _page(request: Request, kept: Kept) -> Response:
    stated = kept.stated
    if stated is None:
        return await page(request, "certificates/not-yet.html", 404, kept=kept, line=kept.line)
    number = _number(request, kept.holder, stated)
    return await page(
        request,
        "certificates/certificate.html",
        kept=kept,
        certificate=await _certificate(
            request, _own_tokens(request), kept.line, stated, language_in(request)
        ),
        expired=kept.line.status == "expired",
        number=in_groups(number),
        address=f"/confirm/{number}",
        printed=f"{_origin(request).partition('://')[2]}/confirm",
    )


async def _paper(request: Request, kept: Kept, lang: str | None) -> Response:
    stated = kept.stated
    if stated is None:
        raise Problem("not-found")
    parts = parts_of(request)
    language = lang or language_in(request)
    number = _number(request, kept.holder, stated)
    confirm_at = f"{_origin(request)}/confirm"
    values = {
        "certificate": await _certificate(request, _own_tokens(request), kept.line, stated, language),
        "organisation": localised(parts.settings.organisation_name, language),
        "number": in_groups(number),
        "confirm_at": confirm_at.partition("://")[2],
        "address": f"{confirm_at}/{number}",
    }
    made = await parts.papers.run(paper.pdf, language, stated.completed_on, values)
    file = f"parcours-{stated.course}-{stated.completed_on}-{language}.pdf"
    headers = {"content-disposition": f'attachment; filename="{file}"', "content-language": language}
    return Response(made, media_type="application/pdf", headers=headers)


@router.get("/confirm")
async def ask_for_number(request: Request, number: str = "") -> Response:
    """Where somebody without a camera types the number."""
    typed = plain(number)
    if len(typed) == NUMBER_CHARS and typed.isalnum() and typed.isascii():
        return go(f"/confirm/{typed.lower()}")
    return await _told(request, "unknown" if typed else "asked", typed=number[: 2 * NUMBER_CHARS])


@router.get("/confirm/{number}")
async def confirm(request: Request, number: str) -> Response:
    """Whether a paper is genuine and valid, and what it must say.

    Only a number that the gateway gave leads to a question, in the name of whom it was given, as a
    learner and to the end that they may ask for themselves.
    """
    parts = parts_of(request)
    parts.confirmations.take(request.client.host if request.client else "")
    known = read_number(key_of(parts.settings.login_key_bytes), number)
    if known is None:
        return await _told(request, "unknown", typed=number[: 2 * NUMBER_CHARS])
    holder, mark = known
    expires_at = parts.clock() + timedelta(seconds=CONFIRM_TOKEN_SECONDS)
    actor = Actor(person_id=holder, roles=frozenset({Role.LEARNER}), expires_at=expires_at)

    def tokens(service: str) -> str:
        return parts.signer.sign(actor, service)

    training = await _training(request, tokens)
    now = ((line, _stated(line, _name(training))) for line in training.lines)
    found = next(((line, each) for line, each in now if each is not None and each.mark() == mark), None)
    if found is None:
        return await _told(request, "changed")
    line, stated = found
    certificate = await _certificate(request, tokens, line, stated, language_in(request))
    over = stated.valid_until is not None and stated.valid_until < local_day(parts.clock())
    return await _told(request, "expired" if over else "valid", certificate=certificate)


async def _told(
    request: Request, state: str, *, typed: str = "", certificate: Certificate | None = None
) -> Response:
    answer = await page(
        request,
        "certificates/confirm.html",
        404 if state == "unknown" else 200,
        state=state,
        typed=typed,
        certificate=certificate,
        organisation=localised(parts_of(request).settings.organisation_name, language_in(request)),
    )
    answer.headers.update(UNLISTED)
    return answer


async def _own(request: Request, record: UUID) -> Kept:
    """A record of whoever asks. Raises Problem(RECORD_UNKNOWN), also for records of others."""
    training = await _training(request, _own_tokens(request))
    return _kept(training, session_in(request).person_id, record, mine=True)


async def _of(request: Request, person: UUID, record: UUID) -> Kept:
    """A record of somebody in one's care. Raises Problem: reporting says who is."""
    asked = AskTranscript(person_id=person)
    training = await ask_for(request, "reporting.transcript", asked, Transcript)
    return _kept(training, person, record, mine=False)


def _kept(training: Transcript, holder: UUID, record: UUID, *, mine: bool) -> Kept:
    for line in training.lines:
        if line.record_id == record:
            return Kept(holder, _name(training), line, mine)
    raise Problem(Rule.RECORD_UNKNOWN)


async def _training(request: Request, tokens: Tokens) -> Transcript:
    told = await ask_as(request, tokens("reporting"), "reporting.my_training", AskMyTraining())
    return Transcript.model_validate_json(told)


async def _certificate(
    request: Request, tokens: Tokens, line: TranscriptLine, stated: Stated, language: str
) -> Certificate:
    """With the course's title in this language, or in one that it has."""
    if stated.course_version is None:
        titles = {str(each): title for each, title in line.in_person.title.items()} if line.in_person else {}
        each = next((each for each in (language, *titles) if each in titles), "")
        return Certificate(stated, titles.get(each, stated.course), each or language)
    asked = AskCourse(course=stated.course, course_version=stated.course_version, language="fr")
    for each in dict.fromkeys((language, *get_args(Language))):
        question = asked.model_copy(update={"language": each})
        try:
            told = await ask_as(request, tokens("content"), "content.course", question)
        except Problem as problem:
            if problem.kind != Rule.LANGUAGE_UNKNOWN:
                raise
        else:
            return Certificate(stated, CourseView.model_validate_json(told).title, each)
    raise Problem(Rule.COURSE_UNKNOWN, params={"course": stated.course})


def _stated(line: TranscriptLine, name: str) -> Stated | None:
    """What a certificate of this line would state; None when there is nothing to certify."""
    if line.completed_at is None or line.record_id is None or not name:
        return None
    if line.course_version is None and line.in_person is None:
        return None
    return Stated(
        record_id=line.record_id,
        name=name,
        course=line.course,
        course_version=line.course_version,
        completed_on=local_day(line.completed_at),
        valid_until=line.expires_on,
    )


def _name(training: Transcript) -> str:
    return " ".join(filter(None, (training.given_name, training.family_name)))


def _own_tokens(request: Request) -> Tokens:
    parts, session = parts_of(request), session_in(request)
    return lambda service: parts.sessions.actor_token(session, service)


def _number(request: Request, holder: UUID, stated: Stated) -> str:
    return number_of(key_of(parts_of(request).settings.login_key_bytes), holder, stated)


def _origin(request: Request) -> str:
    """Where browsers find this gateway."""
    told = parts_of(request).settings.public_origin
    return told.rstrip("/") if told else f"{request.url.scheme}://{request.url.netloc}"
