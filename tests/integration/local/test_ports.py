"""Ports are kept, and given up only to somebody who listens there."""

import socket
from pathlib import Path

from deploy.local.ports import LOOPBACK, Ports, is_free


def test_a_port_chosen_once_is_kept(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports.json").claim("amqp", "http")
    assert Ports(tmp_path / "ports.json").claim("amqp", "http") == first
    assert len(set(first.values())) == 2


def test_a_port_that_somebody_else_listens_on_is_chosen_again(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    taken = ports.claim("amqp")["amqp"]
    with socket.create_server((LOOPBACK, taken)):
        assert not is_free(taken)
        assert ports.keep("amqp")["amqp"] == taken  # our own process may be the one that listens
        renewed = ports.claim("amqp")["amqp"]
    assert renewed != taken
    assert ports.keep("amqp")["amqp"] == renewed
