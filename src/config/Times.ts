/** Times: how moments and times of day are written. */
import { Option } from "effect";
import type { Form } from "./Setting.ts";

const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));

export const moment: Form = {
  allowed: "a moment as 2026-11-27T02:00:00Z",
  parse: Option.liftPredicate(isMoment),
};

export const timeOfDay: Form = {
  allowed: "a time of day from 00:00 to 23:59",
  parse: Option.liftPredicate((text) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)),
};
