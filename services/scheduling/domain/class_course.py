"""In-person courses that training centres name, and wishes for them. No I/O, no clock, no chance."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Language, Localised, Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.classes import (
    NameClassCourse,
    WishClass,
    class_course_id_of,
    wish_id_of,
)


class CourseNaming(Fact):
    """What a course is called and how long it is valid."""

    course: Slug
    title: Localised
    validity_months: int

    def apply(self, aggregate: Any) -> None:
        """For classes to come; those that are published keep theirs."""
        aggregate.title, aggregate.validity_months = self.title, self.validity_months


class ClassCourse(Aggregate):
    """An in-person course. Its slug is not that of an online course: each has its own validity."""

    TOPIC: ClassVar[str] = "scheduling.ClassCourse"

    class Named(CourseNaming, Beginning):
        """There is such a course."""

        TOPIC: ClassVar[str] = "scheduling.ClassCourse.Named"

    class NamedAgain(CourseNaming):
        """Otherwise called, or otherwise valid."""

        TOPIC: ClassVar[str] = "scheduling.ClassCourse.NamedAgain"

    def __init__(self, course: str, title: Localised, validity_months: int) -> None:
        self.course = course
        self.title = title
        self.validity_months = validity_months

    @classmethod
    def name(cls, command: NameClassCourse, act: Act) -> "ClassCourse":
        """A new course."""
        said = {"title": command.title, "validity_months": command.validity_months}
        return cls.begin(cls.Named, class_course_id_of(command.course), act, course=command.course, **said)

    def name_again(self, command: NameClassCourse, act: Act) -> None:
        """Change it; the same changes nothing."""
        if (command.title, command.validity_months) != (self.title, self.validity_months):
            said = {"title": command.title, "validity_months": command.validity_months}
            self.record(self.NamedAgain, act, course=self.course, **said)


class Wishing(Fact):
    """What somebody wishes."""

    person_id: UUID
    course: Slug
    language: Language
    centre_id: UUID | None

    def apply(self, aggregate: Any) -> None:
        """Until a class is found."""
        aggregate.language, aggregate.centre_id, aggregate.ended = self.language, self.centre_id, False


class ClassWish(Aggregate):
    """A person's wish to follow a course in person, without a date: the list of demand."""

    TOPIC: ClassVar[str] = "scheduling.ClassWish"

    class Wished(Wishing, Beginning):
        """For the first time."""

        TOPIC: ClassVar[str] = "scheduling.ClassWish.Wished"

    class WishedAgain(Wishing):
        """Once more, or otherwise."""

        TOPIC: ClassVar[str] = "scheduling.ClassWish.WishedAgain"

    class Ended(Fact):
        """A class was found, or it is no longer wished."""

        TOPIC: ClassVar[str] = "scheduling.ClassWish.Ended"
        person_id: UUID
        course: Slug
        cause: Literal["requested", "withdrawn"]

        def apply(self, aggregate: Any) -> None:
            """It may be wished again."""
            aggregate.ended = True

    def __init__(self, person_id: UUID, course: str, language: Language, centre_id: UUID | None) -> None:
        self.person_id = person_id
        self.course = course
        self.language: Language = language
        self.centre_id = centre_id
        self.ended = False

    @classmethod
    def wish(cls, command: WishClass, act: Act) -> "ClassWish":
        """A new wish."""
        id_ = wish_id_of(command.person_id, command.course)
        return cls.begin(cls.Wished, id_, act, **_wished(command))

    def wish_again(self, command: WishClass, act: Act) -> None:
        """Wish it anew; the same changes nothing."""
        stands = not self.ended and (self.language, self.centre_id) == (command.language, command.centre_id)
        if not stands:
            self.record(self.WishedAgain, act, **_wished(command))

    def end(self, cause: Literal["requested", "withdrawn"], act: Act) -> None:
        """Raises RuleBroken when nothing is wished."""
        if self.ended:
            raise RuleBroken(Rule.CLASS_WISH_UNKNOWN)
        self.record(self.Ended, act, person_id=self.person_id, course=self.course, cause=cause)


def _wished(command: WishClass) -> dict[str, Any]:
    return {
        "person_id": command.person_id,
        "course": command.course,
        "language": command.language,
        "centre_id": command.centre_id,
    }
