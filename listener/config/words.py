"""The desk's own words with their valences: a text file that operators extend from the command line and the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.config import paths

if TYPE_CHECKING:
    from pathlib import Path

    from listener.config.tree import Config

HEAD = "# The desk's own words: word or phrase, a tab, a valence from -4 (worst) to 4 (best); 0 takes a word out.\n"


def words_file(config: Config) -> Path:
    """Where they are: as configured, otherwise beside the configuration."""
    from pathlib import Path

    if config.sentiment.lexicon:
        return Path(config.sentiment.lexicon)
    return paths.config_file().with_name("words.tsv")


def read_words(config: Config) -> str:
    """The file's text; empty when there is none."""
    file = words_file(config)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def set_word(config: Config, word: str, value: float | None) -> Path:
    """Set or, with None, remove one word; comments and order stay. The file."""
    file = words_file(config)
    lines = (read_words(config) or HEAD).splitlines()
    kept = [line for line in lines if line.startswith("#") or line.rpartition("\t")[0].strip().casefold() != word.casefold()]
    if value is not None:
        kept.append(f"{word}\t{value:g}")
    paths.write_private(file, "\n".join(kept) + "\n")
    return file
