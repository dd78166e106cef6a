"""The bell: a notice that a feed advanced. It carries no facts; lost, doubled or late it costs latency only."""

import logging
import threading

from kombu import Connection, Exchange, Producer

from services.backbone.limits import BROKER_CONNECT_SECONDS

BELLS = Exchange("parcours.bells", type="topic", durable=True)
_log = logging.getLogger(__name__)


class Bell:
    """Rings for one feed, from a thread of its own, so that nobody who commits waits for the broker.

    Rings that come while one is under way become a single ring with the newest position.
    """

    def __init__(self, amqp_uri: str, feed: str) -> None:
        """Ring for `feed`; connects at the first ring, and again after every failure."""
        self._uri = amqp_uri
        self._feed = feed
        self._position = 0
        self._rung = 0
        self._news = threading.Condition()
        threading.Thread(target=self._ring_for_ever, name=f"bell-{feed}", daemon=True).start()

    def ring(self, position: int) -> None:
        """Say that the feed has come to `position`; returns at once."""
        with self._news:
            self._position = max(self._position, position)
            self._news.notify()

    def _ring_for_ever(self) -> None:
        while True:
            try:
                with Connection(
                    self._uri, connect_timeout=BROKER_CONNECT_SECONDS, transport_options={"max_retries": 1}
                ) as connection:
                    producer = Producer(connection.channel(), exchange=BELLS, auto_declare=True)
                    while True:
                        self._wait_for_news()
                        position = self._position
                        producer.publish(
                            {"position": position}, routing_key=self._feed, delivery_mode=1, retry=False
                        )
                        self._rung = position
            except Exception as error:  # whatever it is: the bell may fail, its ringer may not
                _log.warning("bell_failed", extra={"feed": self._feed, "error": repr(error)})
                threading.Event().wait(1.0)

    def _wait_for_news(self) -> None:
        with self._news:
            while self._rung >= self._position:
                self._news.wait()
