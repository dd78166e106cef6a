"""What people are told: their own calendar, what waits to be sent, and of what a unit's people are reminded.

No message says a name or an address here: whoever shows one gets the name from reporting, and letters
get the address when they are written.
"""

from services.contracts.message import Message, Whole


class AskMyCalendar(Message):
    """When is the person expected who asks?"""


class MyCalendar(Message):
    """Seats and in-person sessions from a month ago on, as an iCalendar text in the person's language.

    The same text as long as nothing changes.
    """

    content: str
    appointments: Whole
