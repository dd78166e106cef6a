"""Stand-ins for the services and the gateway, written into a temporary folder.

They do nothing but live, say what they see, and answer `/readyz`; so the tests of the local
stack fail for faults of the local stack alone.
"""

from pathlib import Path

PARTS = ("content", "progress", "scheduling", "reporting")

SERVICE = """\
import json, os, signal, sys, time
from pathlib import Path

part, verb = Path(__file__).parent.name, sys.argv[1]
seen = Path(os.environ["PARCOURS_STACK"]) / "seen"
seen.mkdir(exist_ok=True)
(seen / f"{part}-{verb}.json").write_text(json.dumps(dict(os.environ)))
print(f"{part} {verb} begins", flush=True)
if verb == "migrate":
    if (Path(os.environ["PARCOURS_STACK"]) / f"break-{part}").exists():
        sys.exit(f"the migration of {part} is broken")
    sys.exit()
if (Path(os.environ["PARCOURS_STACK"]) / f"break-{part}-{verb}").exists():
    sys.exit(f"{part} {verb} is broken")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    time.sleep(0.2)
"""

GATEWAY = (
    SERVICE.split("signal.signal")[0]
    + """\
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        broken = any(Path(os.environ["PARCOURS_STACK"]).glob("break-*"))
        self.send_response(503 if broken else 200 if self.path == "/readyz" else 404)
        self.end_headers()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Answer).serve_forever()
"""
)


def write_stand_ins(root: Path) -> Path:
    """Packages `services` and `gateway` under this folder; returns the folder."""
    for part in PARTS:
        folder = root / "services" / part
        folder.mkdir(parents=True)
        (folder / "__main__.py").write_text(SERVICE)
    (root / "gateway").mkdir()
    (root / "gateway" / "__main__.py").write_text(GATEWAY)
    return root
