/**
 * BackOff: how long programs and adapters wait before what failed is tried again.
 *
 * Twice as long after each failure in a row, up to a longest pause. Of that, half or more is waited, by chance, so that
 * many who wait for one server do not ask it in step.
 */
import { Clock, Duration, Effect, Schedule } from "effect";

const longestAfter = (failures: number, first: Duration.DurationInput, most: Duration.DurationInput): number =>
  Math.min(Duration.toMillis(most), Duration.toMillis(first) * 2 ** (failures - 1));

/** For clients that wait by themselves: milliseconds after so many failures in a row. `chance` lies between 0 and 1. */
export const pauseMillis = (
  failures: number,
  first: Duration.DurationInput,
  most: Duration.DurationInput,
  chance: number,
): number => longestAfter(failures, first, most) * (0.5 + 0.5 * chance);

/** Without an end. */
export const backOff = (first: Duration.DurationInput, most: Duration.DurationInput): Schedule.Schedule<number> =>
  Schedule.forever.pipe(
    Schedule.addDelay((before) => longestAfter(before + 1, first, most)),
    Schedule.jitteredWith({ min: 0.5, max: 1 }),
  );

/** As `schedule`, for as long as the next try is before `deadline`, in milliseconds of the clock. */
export const before =
  (deadline: number) =>
  <Out, In, R>(schedule: Schedule.Schedule<Out, In, R>): Schedule.Schedule<Duration.Duration, In, R> =>
    Schedule.checkEffect(Schedule.delays(schedule), (_, pause) =>
      Effect.map(Clock.currentTimeMillis, (now) => now + Duration.toMillis(pause) < deadline),
    );
