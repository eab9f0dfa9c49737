/** Format: a task's progress as one line of text. */

export interface TaskState {
  readonly label: string;
  readonly unit: string;
  readonly total: number | undefined;
  readonly done: number;
  readonly seconds: number;
  readonly note: string;
}

const barCells = 24;
const scales = [
  ["G", 1e9],
  ["M", 1e6],
  ["k", 1e3],
] as const;

const short = (value: number): string => {
  for (const [letter, scale] of scales) {
    if (value >= scale) return `${(value / scale).toPrecision(3)} ${letter}`;
  }
  return value >= 100 || Number.isInteger(value) ? `${Math.round(value)} ` : `${value.toPrecision(2)} `;
};

const amount = (value: number, unit: string): string =>
  unit === "bytes" ? `${short(value)}B` : `${short(value)}${unit}`;

const prefixed = (value: number, unit: string): string =>
  unit !== "bytes" && value >= 1000 ? `${short(value)} ${unit}` : amount(value, unit);

/** `8 s`, `1:05`, `2:00:00`. */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
};

const rateOf = ({ done, seconds }: TaskState): number => (seconds > 0 ? done / seconds : 0);

/** Of a task that lasts as long as it is given. */
const times = ({ done, note, total = done }: TaskState): ReadonlyArray<string> => [
  `${formatSeconds(done)} of ${formatSeconds(total)}`,
  ...(note === "" ? [] : [note]),
];

/** What was done of how much, the rate, and the time left where the total is known. */
const measures = (state: TaskState): ReadonlyArray<string> => {
  const { total, done, unit, note } = state;
  if (unit === "seconds") return times(state);
  const rate = rateOf(state);
  const left = total === undefined || rate === 0 || done === 0 ? undefined : Math.max(0, total - done) / rate;
  return [
    total === undefined ? prefixed(done, unit) : `${prefixed(done, unit)} of ${prefixed(total, unit)}`,
    rate === 0 ? "" : `${prefixed(rate, unit)}/s`,
    left === undefined ? "" : `${formatSeconds(left)} left`,
    note,
  ].filter((part) => part !== "");
};

const shareOf = ({ total, done }: TaskState): number | undefined =>
  total === undefined ? undefined : total <= 0 ? 1 : Math.min(1, done / total);

/** A line with a bar, at most `width` characters long. */
export const formatBar = (state: TaskState, width: number): string => {
  const share = shareOf(state);
  const filled = Math.floor((share ?? 0) * barCells);
  const bar =
    share === undefined
      ? ""
      : ` ${"█".repeat(filled)}${"░".repeat(barCells - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`;
  return `${state.label}${bar}  ${measures(state).join(", ")}`.slice(0, Math.max(0, width));
};

/** A line for a log. */
export const formatLine = (state: TaskState): string => {
  const share = shareOf(state);
  return `${state.label}: ${share === undefined ? "" : `${Math.floor(share * 100)} %, `}${measures(state).join(", ")}`;
};

/** The last line of a task. */
export const formatEnd = (state: TaskState): string => {
  const { label, done, unit, seconds, note } = state;
  if (unit === "seconds") return [`${label}: ${formatSeconds(seconds)}`, ...(note === "" ? [] : [note])].join(", ");
  const rate = rateOf(state);
  const rated = rate === 0 ? "" : `, ${prefixed(rate, unit)}/s`;
  return `${label}: ${prefixed(done, unit)} in ${formatSeconds(seconds)}${rated}${note === "" ? "" : `, ${note}`}`;
};
