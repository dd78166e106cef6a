"""What a process tells Prometheus: one process, one port, one registry; no names or ids of persons in labels."""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

RPC_SECONDS = Histogram(
    "parcours_rpc_seconds",
    "Time to answer an RPC, by method and how it ended",
    ["method", "outcome"],
    buckets=SECONDS,
)
COMMANDS = Counter("parcours_commands_total", "Commands by type and outcome", ["type", "outcome"])
BATCH_COMMANDS = Histogram(
    "parcours_batch_commands", "Commands that came together", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
FEED_HEAD = Gauge("parcours_feed_head_position", "Newest position known of a feed", ["feed"])
FOLLOWER_POSITION = Gauge(
    "parcours_follower_position", "Position a follower has reached", ["follower", "feed"]
)
FOLLOWER_LAG_EVENTS = Gauge(
    "parcours_follower_lag_positions", "Positions behind the head", ["follower", "feed"]
)
FOLLOWER_LAG_SECONDS = Gauge(
    "parcours_follower_lag_seconds", "Age of the last item applied when it was applied", ["follower", "feed"]
)
WORKER_HEARTBEAT = Gauge(
    "parcours_worker_heartbeat_seconds", "Unix time of a worker's last round", ["worker"]
)
WORKER_LEADER = Gauge(
    "parcours_worker_leader", "1 while this worker leads, 0 while it waits in reserve", ["worker"]
)

SEAL_SIZE = Gauge("parcours_seal_leaves", "Events under the seal of a log", ["log"])
SEAL_BEHIND = Gauge("parcours_seal_behind_events", "Events that the last look found not sealed yet", ["log"])
SEAL_BROKEN = Gauge(
    "parcours_seal_broken", "1 when a log is not signed for any more: see the log file", ["log"]
)


def serve_metrics(port: int) -> None:
    """Answer GET /metrics on the loopback address; nothing when `port` is 0."""
    if port:
        start_http_server(port, addr="127.0.0.1")
