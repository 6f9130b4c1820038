"""How long 200 000 business intervals take: `python -m tests.bench.calendar_speed [--n N]`, one line of JSON."""

from __future__ import annotations

import argparse
import json
import random
import time

from listener.domain.calendar import BusinessCalendar


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    year = 1_767_225_600_000  # 2026-01-01
    starts = [year + chance.randrange(365 * 86_400_000) for _ in range(options.n)]
    calendar = BusinessCalendar("mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", "Europe/Athens", holidays="GR")

    begun = time.perf_counter()
    calendar.business_ms(year, year + 1)
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    for start in starts:
        calendar.business_ms(start, start + 90_000_000)
    spans = time.perf_counter() - begun
    ends = [start + 90_000_000 for start in starts]
    calendar.business_ms_many(starts[:1], ends[:1])
    begun = time.perf_counter()
    calendar.business_ms_many(starts, ends)
    many = time.perf_counter() - begun
    begun = time.perf_counter()
    for start in starts:
        calendar.due(start, 86_400_000)
    dues = time.perf_counter() - begun
    figures = {"first_year_s": first, "business_ms_s": spans, "business_ms_many_s": many, "due_s": dues}
    print(json.dumps({"n": options.n} | {name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
