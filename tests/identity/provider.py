"""An identity provider's address on loopback, which tests fill, break and count."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Provider:
    """What the address answers with. `open` is set while it answers at all; `asked` are the paths asked for."""

    url: str = ""
    text: bytes = b""
    status: int = 200
    location: str = ""
    asked: list[str] = field(default_factory=list)
    open: Event = field(default_factory=Event)


@contextmanager
def providing(text: bytes = b"") -> Iterator[Provider]:
    """A provider that answers with a text, until the end of the block."""
    provider = Provider(text=text)
    provider.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            provider.open.wait(20)
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(provider.text)))
            if provider.location:
                self.send_header("Location", provider.location)
            self.end_headers()
            self.wfile.write(provider.text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        provider.url = f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
        try:
            yield provider
        finally:
            provider.open.set()
            server.shutdown()
            thread.join()
