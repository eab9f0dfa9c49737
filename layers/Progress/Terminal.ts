/**
 * Terminal: progress on stderr. On a terminal one line that is redrawn, elsewhere a plain line every ten seconds; either
 * way a line when a task ends. Of nested tasks the innermost is shown.
 */
import { Duration, Effect, Exit, Layer, Logger, Schedule } from "effect";
import { Progress, type ProgressService } from "../../src/ports/Progress.ts";
import { tellParent } from "../Processes/Lifeline.ts";
import { formatBar, formatEnd, formatLine, type TaskState } from "./Format.ts";

/** What is shown, as others may be told of it. */
export interface Told {
  readonly name: string;
  readonly done: number;
  readonly of: number | null;
  readonly unit: string;
  readonly note?: string;
}

export interface Output {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Width of the terminal now. */
  readonly columns: () => number;
  /** Told of the innermost task at its start, now and then, and when there is another or none. */
  readonly tell?: (task: Told | null) => void;
}

const redrawMillis = 100;
const lineMillis = 10_000;
const tellMillis = 500;
const clearLine = "\r\u001b[K";

/** Tasks shorter than this end without a line where there is no terminal, unless they were shown before. */
const worthTelling = 2;

interface Running {
  readonly label: string;
  readonly unit: string;
  readonly total: number | undefined;
  readonly started: number;
  done: number;
  note: string;
  shown: number;
  told: boolean;
}

export const make = (output: Output): ProgressService => {
  const running: Array<Running> = [];
  const interval = output.isTerminal ? redrawMillis : lineMillis;

  let toldAt = 0;
  const tell = (now: number, isDue: boolean): void => {
    if (output.tell === undefined || (!isDue && now - toldAt < tellMillis)) return;
    toldAt = now;
    const last = running.at(-1);
    const of = last?.total === undefined ? null : Math.round(last.total);
    const note = last === undefined || last.note === "" ? {} : { note: last.note };
    output.tell(
      last === undefined ? null : { name: last.label, done: Math.round(last.done), of, unit: last.unit, ...note },
    );
  };

  const stateAt = (task: Running, now: number): TaskState => ({ ...task, seconds: (now - task.started) / 1000 });

  const show = (task: Running, now: number): void => {
    if (task !== running.at(-1) || now - task.shown < interval) return;
    task.shown = now;
    task.told = true;
    const state = stateAt(task, now);
    if (output.isTerminal) output.write(`${clearLine}${formatBar(state, output.columns() - 1)}`);
    else output.write(`${formatLine(state)}\n`);
  };

  const finish = (task: Running, now: number, exit: Exit.Exit<unknown, unknown>): void => {
    running.splice(running.indexOf(task), 1);
    tell(now, true);
    const state = stateAt(task, now);
    const clear = output.isTerminal ? clearLine : "";
    if (!Exit.isSuccess(exit)) output.write(`${clear}${formatLine(state)}, stopped\n`);
    else if (output.isTerminal || task.told || state.seconds >= worthTelling)
      output.write(`${clear}${formatEnd(state)}\n`);
  };

  return {
    task: ({ label, unit, total }) =>
      Effect.gen(function* () {
        const clock = yield* Effect.clock;
        const now = () => clock.unsafeCurrentTimeMillis();
        const started = now();
        const task: Running = { label, unit, total, started, done: 0, note: "", shown: started, told: false };
        let open = true;
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            running.push(task);
            tell(started, true);
          }),
          (_, exit) =>
            Effect.sync(() => {
              open = false;
              finish(task, now(), exit);
            }),
        );
        // Shows the time going by while nothing advances. Stopped by the task's scope, before its last line.
        yield* Effect.sync(() => show(task, now())).pipe(
          Effect.repeat(Schedule.spaced(Duration.millis(interval))),
          Effect.forkScoped,
        );
        const change = (apply: () => void) => {
          if (!open) return;
          apply();
          tell(now(), false);
          show(task, now());
        };
        return {
          advance: (amount) =>
            change(() => {
              task.done += amount;
            }),
          note: (text) =>
            change(() => {
              task.note = text;
            }),
        };
      }),
  };
};

/** Whether stderr is a terminal on which a line can be drawn again. */
const isTerminal = (): boolean => process.stderr.isTTY === true && process.env.TERM !== "dumb";

/** On the process's stderr; a parent that this process ends with is told, too. */
export const layer: Layer.Layer<Progress> = Layer.sync(Progress, () =>
  make({
    write: (text) => process.stderr.write(text),
    isTerminal: isTerminal(),
    columns: () => process.stderr.columns ?? 80,
    tell: (step) => tellParent({ step }),
  }),
);

/** `logger`, with the bar wiped away before each line; the next redraw brings it back. */
export const overBar = <Message, A>(logger: Logger.Logger<Message, A>): Logger.Logger<Message, A> =>
  isTerminal()
    ? Logger.make((options) => {
        process.stderr.write(clearLine);
        return logger.log(options);
      })
    : logger;
