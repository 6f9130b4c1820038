"""Connections to the database: one writer thread fed by a queue, readers of their own, everything private to its owner.

Every write is `BEGIN IMMEDIATE … COMMIT`. Operators' actions and the outbox are durable (`synchronous=FULL`); posts, which can be
fetched again, are not (`NORMAL`). Operators' work jumps the queue. What differs between SQLite and PostgreSQL stays in this file.

SQLite 3.7.0–3.51.2 can corrupt a WAL database when two connections write and checkpoint at the same instant (mended in 3.51.3,
3.50.7 and 3.44.6). With such a version an advisory lock beside the file serialises every write transaction.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import sqlite3
import stat
import threading
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from listener.domain.query.fold import fold
from listener.errors import StoreError
from listener.store import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from listener.domain.query import Matcher

try:
    import fcntl
except ImportError:  # Windows: one desk per file, and the lock is SQLite's own
    fcntl = None  # type: ignore[assignment]

T = TypeVar("T")
Connection = sqlite3.Connection
"""What a transaction is written against; other floors name it without knowing sqlite3."""
APPLICATION_ID = 0x4C53544E  # "LSTN": tells our files from other people's
MAGIC = b"SQLite format 3\0"
_HEAD = 72
"""Bytes of a database's header up to and with its application id."""
BUSY_MS = 15_000
SQLITE = sqlite3.sqlite_version
URGENT, ROUTINE = 0, 1

_EMOJI = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_UNSPACED = r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled when first used: wide classes take milliseconds, and this file is on the way to the first paint."""
    return re.compile(text)


def indexable(text: str | None) -> str:
    """The text as the full-text index sees it: folded; scripts without spaces cut into characters, so that any part can be found; emoji as words.

    The index holds what this function said when a text went in: whoever changes it adds a migration that indexes everything again.
    """
    if not text:
        return ""
    if text.isascii():
        return text
    return _pattern(_EMOJI).sub(lambda match: f" emoji{ord(match[0]):x} ", _pattern(_UNSPACED).sub(r" \1 ", fold(text)))


@lru_cache(maxsize=256)
def _matcher(query: str) -> Matcher[int]:
    from listener.domain.query import Matcher, parse

    return Matcher({0: parse(query)})


def answers(query: str, title: str, text: str) -> bool:
    """Whether a text answers a query to the letter: what the index found is looked at once more where it cannot tell accents, `#` and `@`."""
    return bool(_matcher(query).match(_Wording(title=title, text=text)))  # type: ignore[arg-type]


class _Wording(NamedTuple):
    """As much of a mention as a matcher needs for words."""

    title: str
    text: str


def needs_lock(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite can corrupt a WAL file under concurrent checkpoints."""
    if (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51):
        return False
    return (3, 7, 0) <= version < (3, 51, 3)


class FileLock:
    """An advisory lock beside the database, held while one process writes. Re-entrant within a thread, shared by none."""

    def __init__(self, path: Path, *, needed: bool = True) -> None:
        self._file: int | None = None
        self._mutex = threading.RLock()
        self._depth = 0
        if needed and fcntl is not None and needs_lock():
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        self._mutex.acquire()
        self._depth += 1
        if self._file is not None and self._depth == 1:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._file is not None and self._depth == 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._mutex.release()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextlib.contextmanager
def in_words(path: Path | str) -> Iterator[None]:
    """Turn what sqlite3 raises into what an operator can read."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise explain(error, path) from error


def in_plain_words(error: BaseException, path: Path | str) -> StoreError | None:
    """What an error means that came out of a database unexplained; None for any other."""
    return explain(error, path) if isinstance(error, sqlite3.Error) else None


def explain(error: sqlite3.Error | UnicodeDecodeError, path: Path | str) -> StoreError:
    """What a database error means, and what to do about it. Damage may reach the very text of SQLite's message."""
    if isinstance(error, UnicodeDecodeError):
        return StoreError(f"{path}: the database is damaged.", hint="Restore a backup: `listener doctor` says how.")
    text = str(error)
    if "disk is full" in text:
        return StoreError(f"{path}: the disk is full; nothing was written.", hint="Free some space and try again.")
    if "readonly" in text or "read-only" in text:
        return StoreError(f"{path}: the database is read-only; nothing was written.", hint="Check the owner and mode of file and directory.")
    if "locked" in text or "busy" in text:
        return StoreError(f"{path}: another process has held the database for {BUSY_MS // 1000} s.", hint="Look for it with `listener doctor`.")
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text or "corrupt" in text):
        return StoreError(f"{path}: the database is damaged ({text}).", hint="Restore a backup: `listener doctor` says how.")
    if "unable to open" in text:
        return StoreError(f"{path}: cannot be opened.", hint="Check that the directory exists and is yours.")
    return StoreError(f"{path}: {text.rstrip('.')}.")


def _kept_clock(connection: sqlite3.Connection) -> Callable[[], int] | None:
    """A database of a drill lives in compressed time, for every process that opens it."""
    row = connection.execute("SELECT value FROM setting WHERE name = 'clock'").fetchone()
    if row is None:
        return None
    start, anchor, speed = (float(part) for part in row[0].split(" "))
    return lambda: int(start + (time.time_ns() / 1e6 - anchor) * speed)


def refuse_foreign(path: Path) -> None:
    """Look before anything is touched: another program's file must keep its bytes and its mode. Raises StoreError, OSError."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head:
        raise StoreError(f"{path}: the file is empty (0 bytes), which no database of ours ever is.", hint="Restore a backup, or delete it to start anew.")
    if not head.startswith(MAGIC):
        raise StoreError(f"{path}: not a database, or a damaged one.", hint="Name another file with --db, or restore a backup: `listener doctor` says how.")
    if len(head) == _HEAD and int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise StoreError(f"{path}: a SQLite database, but not one of Listener's.", hint="Name another file with --db.")


class Store:
    """A database file, its readers and its one writer.

    Raises:  StoreError: it cannot be opened, is damaged, is of a newer Listener, or is not one of ours.
    """

    def __init__(self, path: Path | str, *, clock: Callable[[], int] | None = None) -> None:
        self.path = Path(path)
        self.clock = clock or (lambda: time.time_ns() // 1_000_000)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._queue: queue.PriorityQueue[tuple[int, int, Any, Any, bool]] = queue.PriorityQueue()
        self._sequence = 0
        self._thread: threading.Thread | None = None
        self._closed = False
        self._prepare_file()
        self.writable = os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)
        """False on a disk mounted read-only, or where file or directory are somebody else's: reading goes on, a write raises StoreError."""
        self.lock = FileLock(self.path.with_name(self.path.name + ".lock"), needed=self.writable)
        with in_words(self.path), self.lock:
            self._writer = self._connect()
            schema.migrate(self._writer, APPLICATION_ID)
            if clock is None:
                self.clock = _kept_clock(self._writer) or self.clock

    def _prepare_file(self) -> None:
        """Make file and directory private before SQLite gives them a mode of its own."""
        try:
            if not self.path.parent.exists():
                self.path.parent.mkdir(parents=True, mode=0o700)
            if self.path.exists():
                refuse_foreign(self.path)
            else:
                self._seed_file()
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror or error}.", hint="Check the path, its owner and its mode.") from error
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        with contextlib.suppress(OSError):
            if stat.S_IMODE(self.path.stat().st_mode) & 0o077:
                self.path.chmod(0o600)

    def _seed_file(self) -> None:
        """Appear with content or not at all: another process may be opening the same path right now."""
        seed = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        os.close(os.open(seed, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            with contextlib.closing(sqlite3.connect(seed)) as connection:
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute("PRAGMA journal_mode = WAL")
            with contextlib.suppress(FileExistsError):
                os.link(seed, self.path)
        finally:
            seed.unlink()

    def _connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        umask = os.umask(0o077)  # -wal and -shm are made with it
        try:
            name = self.path if self.writable else self._sealed_name()
            connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000, cached_statements=512, uri=not self.writable)
            if self.writable:
                connection.execute("PRAGMA journal_mode = WAL")
        finally:
            os.umask(umask)
        for pragma in ("foreign_keys = ON", "temp_store = MEMORY", "cache_size = -65536", "mmap_size = 1073741824", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("indexable", 1, indexable, deterministic=True)
        connection.create_function("answers", 3, answers, deterministic=True)
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _sealed_name(self) -> str:
        """The file as SQLite opens it where nothing can be written; without a write-ahead log it must be told that nobody will change it."""
        log = self.path.with_name(self.path.name + "-wal")
        return f"{self.path.resolve().as_uri()}?mode=ro{'' if log.exists() else '&immutable=1'}"

    # -- reading

    def read(self) -> sqlite3.Connection:
        """This thread's own read-only connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with in_words(self.path):
                connection = self._connect(read_only=True)
            self._local.connection = connection
            with self._guard:
                self._readers.append(connection)
        return connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A read that sees one instant, however long it takes."""
        connection = self.read()
        with in_words(self.path):
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def data_version(self) -> int:
        """Changes whenever another connection, this process's writer included, has committed."""
        return int(self.read().execute("PRAGMA data_version").fetchone()[0])

    # -- writing

    def submit(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> Future[T]:
        """Queue a transaction; durable ones, which are people's, go first.

        Args:    work: runs in the writer thread inside `BEGIN IMMEDIATE`; what it raises rolls everything back.
        """
        from concurrent.futures import Future

        if self._closed:
            raise StoreError(f"{self.path}: already closed.")
        done: Future[T] = Future()
        with self._guard:
            self._sequence += 1
            self._queue.put((URGENT if durable else ROUTINE, self._sequence, work, done, durable))
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="store-writer", daemon=True)
                self._thread.start()
        return done

    def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Run a transaction and wait for it. Raises StoreError."""
        return self.submit(work, durable=durable).result()

    def _write_on(self) -> None:
        while True:
            _, _, work, done, durable = self._queue.get()
            if work is None:
                return
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(self._transact(work, durable))
            except sqlite3.Error as error:
                done.set_exception(explain(error, self.path))
            except BaseException as error:  # the border of a background thread: the caller gets it
                done.set_exception(error)

    def _transact(self, work: Callable[[sqlite3.Connection], T], durable: bool) -> T:
        with self.lock:
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            return result

    # -- care

    def check(self, *, full: bool = False) -> str:
        """SQLite's own verdict: "ok", or what is wrong. Full reads every page and compares every index. Raises StoreError."""
        with in_words(self.path):
            return str(self.read().execute(f"PRAGMA {'integrity_check' if full else 'quick_check'}").fetchone()[0])

    def compact(self) -> None:
        """Move everything from the write-ahead log into the file, so that nothing erased lingers there."""
        with in_words(self.path), self.lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def backup(self, target: Path) -> None:
        """Copy the database while it is in use, and check the copy before it takes an older one's place.

        Raises:  StoreError: the target is this database or no backup of ours, cannot be written, or the copy is damaged.
        """
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            if target.exists():
                if target.samefile(self.path):
                    raise StoreError(f"{target}: this is the database itself.", hint="Name another file for the backup.")
                refuse_foreign(target)
            os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600))
            with in_words(target), contextlib.closing(sqlite3.connect(fresh)) as copy:
                self.read().backup(copy)
                verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
                copy.execute("PRAGMA journal_mode = DELETE")
            if verdict != "ok":
                raise StoreError(f"{target}: the copy is damaged ({verdict}).", hint="Keep the older backups and run `listener doctor`.")
            fresh.replace(target)
        except OSError as error:
            raise StoreError(f"{target}: {error.strerror or error}.", hint="Name another file for the backup, or free some space.") from error
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Finish what is queued, then let go of the file."""
        if self._closed:
            return
        self._closed = True
        if self._thread is not None:
            self._queue.put((ROUTINE + 1, 0, None, None, False))
            self._thread.join()
        with self.lock:
            for connection in self._readers:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("PRAGMA optimize")
                self._writer.close()
        self.lock.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
