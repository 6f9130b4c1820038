"""The promise of the outbox, kept under kill -9: real processes, real sockets, a peer that remembers what it published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_collectors_that_die_at_any_instant_say_nothing_twice_and_nothing_falsely():
    """Timeouts, 5xx, dropped and doubled answers, late publishing: what cannot be known is shown as unknown."""
    script = ROOT / "tests" / "bench" / "outbox_kill.py"
    done = subprocess.run([sys.executable, str(script), "--kills", "20", "--replies", "60", "--seed", "5"], capture_output=True, text=True, env=os.environ, timeout=240, cwd=ROOT)
    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert result["kills"] >= 20 and result["replies"] == 60
    assert (result["doubled"], result["lost"], result["falsely_sent"], result["falsely_failed"]) == (0, 0, 0, 0), result
    assert result["sent"] + result["unknown"] + result["states"].get("failed", 0) == 60, "everything is accounted for"
    assert result["faults"], "the networks did go wrong"
