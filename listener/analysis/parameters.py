"""What the volume detector goes by: one set for every topic, measured on labelled brand volumes."""

from __future__ import annotations

from dataclasses import dataclass

from listener.domain.volume import PER_DAY, PER_HOUR


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the detector goes by; lengths are buckets. One set for every topic: none of it is meant to be fitted to a brand."""

    record5: float = 0.10
    """At this logarithm beyond the past peak: 0.10 is a tenth more. So for the next two."""
    record60: float = 0.10
    record180: float = 0.10
    hour15: float = 1.3
    """At this multiple of the greatest surprise so far."""
    tail15: float = 3.5
    """At a chance below 10 to the minus this."""
    deviation60: float = 3.3
    """At so many standard deviations."""
    need: int = 2
    """So many signals must agree to open."""
    warm_up: int = 750
    """Nothing opens before so many buckets: two days and a half."""
    cool_down: int = PER_DAY
    """After an opening nothing opens again for so long; a louder agreement is told as `again`."""
    lag: int = PER_HOUR
    """The youngest past is left out of every baseline, so that a crisis is not its own yardstick."""
    peak_half_life: float = 14 * PER_DAY
    season_weight: float = 0.15
    """Of the newest day in the usual volume of a slot of day."""
    scale_half_life: float = 10 * PER_DAY
    surprise_half_life: float = 28 * PER_DAY
    least_surprise: float = 2.0
    """hour15 never takes less than so many scales for a record."""
    tail_window: int = 14 * PER_DAY
    tail_share: float = 0.02
    """The part of the residuals that counts as the tail."""
    deviation_window: int = 7 * PER_DAY
    fewest: int = 5
    """Nothing opens on fewer mentions in three hours: two posts about a quiet brand are a record, but no incident."""
    surplus: float = 6.0
    """Nothing opens unless 5, 60 or 180 minutes lie so many Poisson deviations above the mean of the week: chance alone makes records too."""
    gap: int = 7 * PER_DAY

    @property
    def learning(self) -> tuple[float, ...]:
        """What a saved state depends on; thresholds may change without learning anew."""
        return (
            self.lag, self.peak_half_life, self.season_weight, self.scale_half_life, self.surprise_half_life, self.least_surprise,
            self.tail_window, self.tail_share, self.deviation_window,
        )  # fmt: skip

    @property
    def thresholds(self) -> tuple[float, ...]:
        """In the order of VOLUME."""
        return (self.record5, self.record60, self.record180, self.hour15, self.tail15, self.deviation60)


DEFAULTS = Parameters()
