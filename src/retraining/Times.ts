/** Times: when to learn again: so long after the last model, or at a time of day. */
import { Cron, DateTime, Duration, Option } from "effect";

export type Plan =
  | { readonly _tag: "Every"; readonly every: Duration.Duration }
  | { readonly _tag: "At"; readonly at: string; readonly zone: DateTime.TimeZone; readonly cron: Cron.Cron };

/** Less would be no rest at all. */
const shortest = Duration.seconds(1);
/** Clocks are put back by no less. */
const halfAnHour = 1_800_000;

/** `at`: `HH:MM`, empty for none; `every`: zero for none. */
export const planOf = (every: Duration.Duration, at: string, zone: DateTime.TimeZone): Option.Option<Plan> => {
  if (at !== "") {
    const [hour, minute] = at.split(":").map(Number);
    const cron = Cron.make({
      seconds: [0],
      minutes: [minute ?? 0],
      hours: [hour ?? 0],
      days: [],
      months: [],
      weekdays: [],
      tz: zone,
    });
    return Option.some({ _tag: "At", at, zone, cron });
  }
  return Duration.isZero(every) ? Option.none() : Option.some({ _tag: "Every", every: Duration.max(every, shortest) });
};

/**
 * The first time after `last`, both in Unix milliseconds. Once on each day of the calendar: where clocks are put forward
 * over the time of day, just after that; where they are put back over it, the first of the two.
 */
export const nextAfter = (plan: Plan, last: number): number => {
  if (plan._tag === "Every") return last + Duration.toMillis(plan.every);
  const after = (from: number): number => Cron.next(plan.cron, new Date(from)).getTime();
  let next = after(last);
  // Between the two it names the first, which is over.
  for (let from = last; next <= last; next = after(from)) from += halfAnHour;
  return next;
};

const zoneName = (zone: DateTime.TimeZone): string => DateTime.zoneToString(zone);

export const planText = (plan: Plan): string =>
  plan._tag === "Every" ? `every ${Duration.format(plan.every)}` : `daily at ${plan.at} (${zoneName(plan.zone)})`;

/** A time as people of the zone write it: `2026-11-27 03:00:00 +01:00`. */
export const timeText = (millis: number, zone: DateTime.TimeZone): string =>
  DateTime.formatIsoOffset(DateTime.unsafeMakeZoned(millis, { timeZone: zone })).replace(
    /^(\S+)T([\d:]+)(?:\.\d+)?(.*)$/,
    "$1 $2 $3",
  );
