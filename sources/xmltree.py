"""XML from a network → a tree, or a typed error."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from listener.errors import Malformed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"


def atom(body: bytes) -> Element:
    """The root of an Atom document. Raises Malformed, also for one that defines entities: an honest one has none.

    For networks whose Atom is made by one program; feeds of any origin go through the feed reader.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Malformed("The answer is XML with definitions of its own, which an honest one has not.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - definitions are refused above, so nothing can be expanded
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Malformed(f"The answer is not XML: {error}.") from None
    if root.tag != f"{ATOM}feed":
        raise Malformed("The answer is XML, but no Atom feed.")
    return root


def words(element: Element, path: str) -> str:
    """The text at the path, empty when there is none."""
    return (element.findtext(path) or "").strip()
