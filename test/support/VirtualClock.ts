/** A clock that moves only when told to and never waits: sleepers wake in order of their time. */
import { Clock, Deferred, Duration, Effect, FiberId } from "effect";

export class VirtualClock {
  private now = 0;
  private sleepers: Array<{ readonly due: number; readonly wake: Deferred.Deferred<void> }> = [];

  readonly clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => this.now,
    unsafeCurrentTimeNanos: () => BigInt(this.now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => this.now),
    currentTimeNanos: Effect.sync(() => BigInt(this.now) * 1_000_000n),
    sleep: (duration) =>
      Effect.suspend(() => {
        const wake = Deferred.unsafeMake<void>(FiberId.none);
        this.sleepers.push({ due: this.now + Duration.toMillis(duration), wake });
        return Deferred.await(wake);
      }),
  };

  /** Moves the clock by `millis` and lets every other fiber run for a few turns. */
  step(millis: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.now += millis;
      const due = this.sleepers.filter((sleeper) => sleeper.due <= this.now).sort((a, b) => a.due - b.due);
      this.sleepers = this.sleepers.filter((sleeper) => sleeper.due > this.now);
      for (const { wake } of due) Deferred.unsafeDone(wake, Effect.void);
      return Effect.repeatN(Effect.yieldNow(), 5);
    });
  }
}
