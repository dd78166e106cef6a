"""What the gateway tells Prometheus; no names or ids of persons in labels, routes as templates."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

HTTP_SECONDS = Histogram(
    "parcours_http_seconds", "Time to answer an HTTP request", ["route", "method", "status"], buckets=SECONDS
)
RPC_SECONDS = Histogram(
    "parcours_gateway_rpc_seconds",
    "Time until a service's answer, by method and how it ended",
    ["method", "outcome"],
    buckets=SECONDS,
)
COMMANDS = Counter("parcours_gateway_commands_total", "Commands by outcome", ["service", "outcome"])
BATCH_COMMANDS = Histogram(
    "parcours_gateway_batch_commands",
    "Commands that travelled together",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
QUEUED_COMMANDS = Gauge("parcours_gateway_queued_commands", "Commands that wait for the next batch")
BROKER_CONNECTED = Gauge("parcours_gateway_broker_connected", "1 while the broker is connected")
SIGN_INS = Counter("parcours_gateway_sign_ins_total", "Sign-ins by outcome", ["outcome"])
