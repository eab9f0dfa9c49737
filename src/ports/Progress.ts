/** Progress: how a long task tells how far it is: a bar on a terminal, a line now and then otherwise. */
import { Context, Effect, Layer, type Scope } from "effect";

export interface Task {
  /** Adds to what is done, in the task's unit. Cheap: call it per chunk, never per row. */
  readonly advance: (amount: number) => void;
  /** A short word after the bar, such as the loss. */
  readonly note: (text: string) => void;
}

export interface ProgressService {
  /** Starts a task; its end, time and rate are told when the scope closes. `total` undefined: unknown. */
  readonly task: (options: {
    readonly label: string;
    /** e.g. `rows`, `bytes`, `iterations`; `seconds`: it lasts as long as it is given. */
    readonly unit: string;
    readonly total?: number;
  }) => Effect.Effect<Task, never, Scope.Scope>;
}

export class Progress extends Context.Tag("slipstream/Progress")<Progress, ProgressService>() {
  /** Tells nothing. */
  static readonly layerSilent = Layer.succeed(Progress, {
    task: () => Effect.succeed({ advance: () => {}, note: () => {} }),
  });
}
