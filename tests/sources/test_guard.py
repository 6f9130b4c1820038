from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from listener.errors import Unreachable
from sources.guard import Forbidden, Guard, is_public
from sources.http import Http

SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every address that a socket was opened to."""
    seen: list[str] = []

    async def connect_tcp(_self: object, host: str, *_: object, **__: object) -> object:
        seen.append(host)
        raise OSError("no sockets here")

    monkeypatch.setattr("httpcore.AnyIOBackend.connect_tcp", connect_tcp)
    yield seen


@pytest.mark.parametrize("url", SPELLINGS)
async def test_this_machine_in_every_spelling(url: str, dialled: list[str]) -> None:
    """A feed address is typed or pasted; it must not read the cloud's metadata or a neighbour's printer."""
    http = Http()
    with pytest.raises((Forbidden, Unreachable)):
        await http.get(url, follow=True)
    await http.aclose()
    assert dialled == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://x/",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "//x",
        "http://[::1",
        "https://user:pw@example.org/",
        "http://x:99999999/",
    ],
)
async def test_only_web_addresses_without_a_login(url: str, dialled: list[str]) -> None:
    """Everything else belongs to another program."""
    with pytest.raises(Forbidden):
        await Http().get(url)
    assert dialled == []


async def test_a_redirect_into_the_network_is_refused() -> None:
    """The first hop is innocent, the second is not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        hits.append(asked.split()[1])
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.2:%d/secret\r\n\r\n" % port)
        await writer.drain()
        writer.close()

    hits: list[bytes] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    http = Http(allow_hosts=[f"127.0.0.1:{port}"])
    with pytest.raises(Forbidden, match="private network"):
        await http.get(f"http://127.0.0.1:{port}/feed", follow=True)
    await http.aclose()
    server.close()
    assert hits == [b"/feed"]


async def test_rebinding_dials_what_was_judged(monkeypatch: pytest.MonkeyPatch, dialled: list[str]) -> None:
    """A name server may answer differently each time: the name is resolved once for each connection, and that address is dialled."""
    answers = [["93.184.216.34"], ["127.0.0.1"], ["10.0.0.7", "93.184.216.34"]]

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    http = Http()
    with pytest.raises(Unreachable):
        await http.get("http://rebind.example/")
    with pytest.raises(Forbidden):
        await http.get("http://rebind.example/")
    with pytest.raises(Unreachable):
        await http.get("http://rebind.example/")
    await http.aclose()
    assert dialled == ["93.184.216.34", "93.184.216.34"]


async def test_own_hosts_are_reached_wherever_they_are() -> None:
    """A company's Discourse lives at 10.0.0.5; the configuration says so."""
    assert await Guard(["127.0.0.1"]).addresses("127.0.0.1", 80) == ["127.0.0.1"]
    assert await Guard(["127.0.0.1:8080"]).addresses("127.0.0.1", 8080) == ["127.0.0.1"]
    with pytest.raises(Forbidden):
        await Guard(["127.0.0.1:8080"]).addresses("127.0.0.1", 80)


def test_credentials_need_encryption_except_to_own_hosts() -> None:
    """A token in clear text belongs to everybody on the way."""
    with pytest.raises(Forbidden):
        Guard().vet("http://social.example/", credentials=True)
    Guard().vet("https://social.example/", credentials=True)
    Guard(["social.example"]).vet("http://social.example/", credentials=True)


def test_public_addresses_pass() -> None:
    """A guard that refuses everything would pass the tests above."""
    assert is_public("93.184.216.34")
    assert is_public("2606:4700:4700::1111")
    assert is_public("::ffff:93.184.216.34")
    assert not is_public("not an address")
