from __future__ import annotations

import pytest

from listener.errors import Malformed
from sources.xmltree import ATOM, atom, words

FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id> 7 </id></entry></feed>'


def test_reads_an_atom_document() -> None:
    entry = atom(FEED).find(f"{ATOM}entry")
    assert entry is not None
    assert words(entry, f"{ATOM}id") == "7"
    assert words(entry, f"{ATOM}title") == ""


@pytest.mark.parametrize("cut", range(len(FEED)))
def test_a_cut_document_is_a_typed_error(cut: int) -> None:
    """A truncated 200 must never move the cursor."""
    with pytest.raises(Malformed):
        atom(FEED[:cut])


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
        b"<html><body>blocked</body></html>",
        b'<?xml version="1.0" encoding="zlib_codec"?><feed/>',
        b"\x00\xff",
        b"<a>" * 20_000,
    ],
)
def test_hostile_documents_are_typed_errors(body: bytes) -> None:
    """Entities that expand, block pages, charsets that are none, nesting."""
    with pytest.raises(Malformed):
        atom(body)
