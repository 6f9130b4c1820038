"""Playbooks: for a tag its meaning, its owner, how to name it, what to do next and which saved replies fit. Pure; files are read elsewhere.

A file is Markdown with front matter:

    ---
    tag: sales-lead             # or tags: [sales-lead, quote]
    title: Somebody wants to buy
    owner: sales
    severity: SEV4
    naming: sales-lead, and quote as soon as a price was named
    replies: [lead]
    ---
    What it is: a group, a charter, freight.

    - [ ] Thank them and say when sales will write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from listener.domain.case import Severity, tag_name
from listener.domain.front_matter import parse as read_front_matter
from listener.errors import InputError

FIELDS = ("tag", "tags", "title", "owner", "severity", "naming", "replies", "kinds", "families", "words")
_STEP = re.compile(r"\s*[-*] \[[ xX]\]\s+(.+)")


@dataclass(frozen=True, slots=True)
class Playbook:
    """One file of the folder."""

    name: str
    """The file's name without its ending."""
    tags: tuple[str, ...]
    title: str
    meaning: str
    """The text before the first step, Markdown."""
    steps: tuple[str, ...] = ()
    owner: str = ""
    """An operator or a team."""
    severity: Severity = Severity.NONE
    """How severe such a case is as a rule."""
    naming: str = ""
    """When the tag is given, and how it is spelled."""
    replies: tuple[str, ...] = ()
    """Names of saved replies."""
    after: str = ""
    """The text after the steps, Markdown."""
    strange: tuple[str, ...] = ()
    """Keys of the front matter that mean nothing here."""


def parse(content: str, name: str, *, where: str = "") -> Playbook:
    """Read a playbook. Raises InputError: the front matter cannot be read, or a tag or severity in it; names the file."""
    place = where or name
    document = read_front_matter(content, where=place)
    severity = document.get("severity").strip().upper()
    if severity and severity not in Severity.__members__:
        raise InputError(f"{place}: {document.get('severity')!r} is no severity.", hint="SEV1 is the worst, SEV4 the mildest.")
    tags = (*document.words("tag"), *document.words("tags"))
    try:
        named = tuple(dict.fromkeys(tag_name(tag) for tag in tags))
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from None
    lines = document.text.splitlines()
    marks = [(number, found[1].strip()) for number, line in enumerate(lines) if (found := _STEP.fullmatch(line))]
    first, last = (marks[0][0], marks[-1][0]) if marks else (len(lines), len(lines))
    return Playbook(
        name, named, document.get("title") or name.replace("-", " "), "\n".join(lines[:first]).strip(), tuple(step for _, step in marks), document.get("owner"),
        Severity[severity] if severity else Severity.NONE, document.get("naming"), document.words("replies"), "\n".join(lines[last + 1 :]).strip(),
        tuple(key for key in document.fields if key not in FIELDS),
    )  # fmt: skip


def fitting(playbooks: Sequence[Playbook], tags: Sequence[str], kinds: Sequence[str] = (), words: Sequence[str] = ()) -> list[Playbook]:
    """Those for a mention or an incident: by its tags in their order, then by the kinds of message, then by further words such as an incident's family."""
    wanted = [*tags, *(tag for kind in kinds for tag in (kind, _OF_KIND.get(kind, kind))), *words]
    found = {one.name: one for word in wanted for one in playbooks if word in one.tags}
    return list(found.values())


_OF_KIND = {"lead": "sales-lead", "technical": "technical-issue", "bug": "technical-issue"}


def lint(playbooks: Sequence[Playbook], *, people: Collection[str] = (), replies: Collection[str] = (), used: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """(playbook, what is wrong with it); ("", …) for what no playbook says.

    Args:  people: operators and teams, empty when nobody knows. replies: names of the saved replies. used: tags that the desk uses.
    """
    owners: dict[str, str] = {}
    for one in playbooks:
        if not one.tags:
            yield one.name, "has no tag: nothing will ever show it."
        if not one.steps:
            yield one.name, "has no steps: write them as `- [ ] …`."
        if not one.meaning and not one.naming:
            yield one.name, "does not say what the tag means."
        if not one.owner:
            yield one.name, "has no owner."
        elif people and one.owner not in people:
            yield one.name, f"belongs to {one.owner!r}, who is neither an operator nor a team."
        for step in sorted({step for step in one.steps if one.steps.count(step) > 1}):
            yield one.name, f"has the same step twice: {step!r}."
        for reply in one.replies:
            if reply not in replies:
                yield one.name, f"names a saved reply that there is not: {reply!r}."
        for key in one.strange:
            yield one.name, f"has a key that means nothing: {key!r}."
        for tag in one.tags:
            if tag in owners:
                yield one.name, f"explains {tag!r}, which {owners[tag]} explains already."
            owners.setdefault(tag, one.name)
    for tag in sorted(set(used) - owners.keys()):
        yield "", f"The tag {tag!r} is used and no playbook explains it."
