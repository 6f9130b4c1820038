from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import Malformed
from sources.decode import as_text, charset_of, decode
from sources.fields import ident, instant, integer, language, mapping, number, payload, read_each, string

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_sound_json_comes_through(value: object) -> None:
    """A decoder that refused everything would be safe as well."""
    assert decode(json.dumps(value).encode()) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_values_or_malformed(body: bytes) -> None:
    """Nothing else may come out, or a poller's task dies."""
    with contextlib.suppress(Malformed):
        decode(body)


HOSTILE = [
    (b'{"a":"\\ud800 x"}', {"a": "\ufffd x"}),
    (b'{"a":"\\udc00\\ud800"}', {"a": "\ufffd\ufffd"}),
    (b'{"a":"\\ud800\\u0041"}', {"a": "\ufffdA"}),
    (b'{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    (b'{"a":"\\\\ud800"}', {"a": "\\ud800"}),
    (b'{"a":' + b"1" * 5000 + b"}", {"a": None}),
    (b'{"a":"' + b"1" * 5000 + b'"}', {"a": "1" * 5000}),
    (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
    ('{"a":"é"}'.encode("utf-16"), {"a": "é"}),
    ('{"a":"é"}'.encode("utf-16-le"), {"a": "é"}),
    (b'{"a":"\xed\xa0\x80"}', None),
    (b'{"a":"\xe9"}', {"a": "é"}),
    (b'{"a":NaN}', Malformed),
    (b'{"a":1', Malformed),
    (b"", Malformed),
    (b"   ", Malformed),
    (b"[" * 100_000, Malformed),
    (b"[" * 500 + b"]" * 500, Malformed),
    (b"<!DOCTYPE html><html>no</html>", Malformed),
    (b"<h1>Too many requests</h1>", Malformed),
]


@pytest.mark.parametrize(("body", "expected"), HOSTILE, ids=[repr(case[0][:24]) for case in HOSTILE])
def test_known_poisons(body: bytes, expected: object) -> None:
    """Each of these has killed a client somewhere."""
    if expected is Malformed:
        with pytest.raises(Malformed):
            decode(body)
    elif expected is not None:
        assert decode(body) == expected
    else:
        decode(body)


def test_every_truncation_is_malformed() -> None:
    """Half an answer that parses would move the cursor past what was cut off."""
    body = json.dumps({"statuses": [{"id": "1", "content": "x \\ud83d\\ude00 é"}], "n": 1.5}).encode()
    for cut in range(len(body)):
        with pytest.raises(Malformed):
            decode(body[:cut])


def test_charsets_are_trusted_by_list() -> None:
    """Python knows a "charset" that unpacks zlib."""
    assert charset_of("text/html; charset=ISO-8859-7") == "iso-8859-7"
    assert charset_of('text/html; charset="utf-8"') == "utf-8"
    assert charset_of("text/html; charset=zlib_codec") == ""
    assert as_text("αβγ".encode("iso-8859-7"), "text/plain; charset=iso-8859-7") == "αβγ"
    assert as_text(b"\x93quoted\x94") == "“quoted”"


TIMES = [
    ("2026-03-01T12:00:00Z", 1772366400000),
    ("2026-03-01T12:00:00.123Z", 1772366400123),
    ("2026-03-01T12:00:00.123456789Z", 1772366400123),
    ("2026-03-01T14:00:00+02:00", 1772366400000),
    ("2026-03-01T14:00:00+0200", 1772366400000),
    ("2026-03-01T12:00:00", 1772366400000),
    ("2026-03-01", 1772323200000),
    ("Sun, 01 Mar 2026 12:00:00 GMT", 1772366400000),
    ("Sun, 01 Mar 2026 07:00:00 EST", 1772366400000),
    (1772366400, 1772366400000),
    (1772366400.5, 1772366400500),
    ("1772366400", 1772366400000),
    (1772366400000, 1772366400000),
    ("yesterday", None),
    ("", None),
    (None, None),
    (True, None),
    (1e300, None),
    ("9999999999999999999999", None),
    ({}, None),
    ("2026-13-45T99:99:99Z", None),
]


@pytest.mark.parametrize(("value", "ms"), TIMES)
def test_times_in_every_spelling(value: object, ms: int | None) -> None:
    """Each network has its own, some have several."""
    assert instant(value) == ms


ANYTHING = st.one_of(VALUES, st.integers(), st.floats(), st.text(alphabet=st.characters(exclude_categories=()), max_size=40))


@given(ANYTHING)
def test_readers_take_anything(value: object) -> None:
    """Networks break their own schemas."""
    obj = {"x": value}
    string(obj, "x").encode()
    ident(obj, "x").encode()
    integer(obj, "x")
    number(value)
    mapping(value, "x", "y")
    instant(value)
    language(value)
    payload(obj)


def test_ids_and_counts() -> None:
    """Ids come as numbers here and as text there; a count may be a float or text."""
    assert ident({"id": 10**20}, "id") == str(10**20)
    assert ident({"id": "0107"}, "id") == "0107"
    assert ident({"id": True}, "id") == ""
    assert integer({"n": 3.0}, "n") == 3
    assert integer({"n": "12"}, "n") == 12
    assert integer({"n": None, "m": 4}, "n", "m") == 4
    assert integer({"n": 2**70}, "n") is None
    assert language("zh-Hant") == "zh"
    assert language("eng") == "en"
    assert language("not a language") == ""


def test_one_bad_item_is_refused_alone() -> None:
    """Forty good posts must not be lost with one bad one."""

    def parse(item: object) -> str | None:
        assert isinstance(item, dict)
        if item.get("skip"):
            return None
        if "id" not in item:
            raise Malformed("no id")
        return str(item["id"])

    assert read_each([{"id": 1}, {}, 7, {"id": 2}, {"skip": 1, "id": 3}, {}], parse) == (
        ["1", "2"],
        3,
        "Left out: 2 × no id, 1 × not an object.",
    )
