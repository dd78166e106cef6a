"""Who may say what on RabbitMQ: the virtual host, its users and their permissions.

The words are those of nameko 2.14 RPC (topic exchange `nameko-rpc`, queue `rpc-<service>` bound
with `<service>.*`) and of our own: reply queues `rpc.reply-<user>-…`, bound with their name, and
bells (topic exchange `parcours.bells`, queues `bells-…`, routing key = name of the service that rings).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.local.management import Management

RPC_EXCHANGE = "nameko-rpc"
BELL_EXCHANGE = "parcours.bells"
FEEDS = ("content", "progress", "scheduling")

REPLY_KEY = r"rpc\.reply-[^.*#]+"
READ_FEED_KEY = rf"({'|'.join(FEEDS)})\.read_feed"
READ_DIRECTORY_KEY = r"scheduling\.read_directory"
READ_NOTES_KEY = rf"({'|'.join(FEEDS)})\.read_notes"
NOTHING = "^$"
EVERYTHING = ".*"


@dataclass(frozen=True)
class Rights:
    """Regular expressions, as RabbitMQ matches them."""

    resources: str  # exchanges and queues to declare, write and read
    rpc_write: str  # routing keys it may publish on the RPC exchange
    rpc_read: str  # routing keys it may bind a queue to
    bell_write: str
    bell_read: str


def rights_of(part: str, user: str) -> Rights:
    """The least that this part needs: what it answers, what it asks, what it rings."""
    own_queue = "" if part == "gateway" else f"|rpc-{re.escape(part)}"
    own_replies = rf"rpc\.reply-{re.escape(user)}-[^.*#]+"  # what others are answered is not for its ears
    resources = rf"^(nameko-rpc|parcours\.bells|{own_replies}|bells-.+{own_queue})$"
    answers = f"^{own_replies}$" if part == "gateway" else rf"^({part}\.(\*|[a-z_]+)|{own_replies})$"
    asks = {
        "gateway": EVERYTHING,
        "content": f"^({REPLY_KEY})$",
        "reporting": rf"^({READ_FEED_KEY}|{READ_NOTES_KEY}|{READ_DIRECTORY_KEY}|{REPLY_KEY})$",
    }
    return Rights(
        resources=resources,
        rpc_write=asks.get(part, f"^({READ_FEED_KEY}|{REPLY_KEY})$"),
        rpc_read=answers,
        bell_write=NOTHING if part == "gateway" else f"^{part}$",
        bell_read=EVERYTHING,
    )


def grant(management_url: str, amqp_admin_uri: str, *, names: str, passwords: Mapping[str, str]) -> None:
    """Make the virtual host and the users, and set their rights as stated above."""
    api = Management(management_url, amqp_admin_uri)
    api.put("vhosts", names)
    everything = {"configure": EVERYTHING, "write": EVERYTHING, "read": EVERYTHING}
    api.put("permissions", names, api.user, body=everything)
    for part, password in passwords.items():
        user = f"{names}_{part}"
        rights = rights_of(part, user)
        api.put("users", user, body={"password": password, "tags": ""})
        api.put(
            *("permissions", names, user),
            body=dict.fromkeys(("configure", "write", "read"), rights.resources),
        )
        _topic(api, names, user, RPC_EXCHANGE, rights.rpc_write, rights.rpc_read)
        _topic(api, names, user, BELL_EXCHANGE, rights.bell_write, rights.bell_read)


def revoke(management_url: str, amqp_admin_uri: str, *, names: str, parts: Iterable[str]) -> None:
    """Delete the virtual host with all that is in it, and the users."""
    api = Management(management_url, amqp_admin_uri)
    api.delete("vhosts", names)
    for part in parts:
        api.delete("users", f"{names}_{part}")


def _topic(api: Management, names: str, user: str, exchange: str, write: str, read: str) -> None:
    body = {"exchange": exchange, "write": write, "read": read}
    api.put("topic-permissions", names, user, body=body)
