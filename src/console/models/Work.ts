/** Work: what is under way: a batch, a tuning, an evaluation, a model on its way to serve; asked for again and again, faster while something is. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { BatchState } from "../../http/api/Batch.ts";
import type { EvaluationState, TuningState } from "../../studies/StudySchema.ts";
import { ask } from "../data/Api.ts";

export interface Work {
  readonly batch: typeof BatchState.Type;
  readonly tuning: TuningState;
  readonly evaluation: EvaluationState;
}

/** Milliseconds between two questions: what admins ask is a line of the log each. */
const busyPause = 1500;
const idlePause = 15_000;

export const isBusy = ({ batch, evaluation, tuning }: Work): boolean =>
  batch.running !== null || tuning.running !== null || evaluation.running !== null;

/** How many have ended: more of them, and there may be another model. */
export const endedOf = ({ batch, evaluation, tuning }: Work): string =>
  [batch.ended[0]?.id, tuning.ended[0]?.id, evaluation.ended[0]?.id].join(" ");

export const work = signal<Work | undefined>(undefined);

/** Asks for what runs, or for all where nothing does. */
const look = async (signal: AbortSignal, all: boolean): Promise<void> => {
  const now = all ? undefined : work.value;
  const again = <A>(known: A | undefined, path: string, runs: boolean | undefined): Promise<A | undefined> =>
    runs === false
      ? Promise.resolve(known)
      : ask<A>(path, { signal }).then((reply) => (reply.ok ? reply.value : known));
  const [batch, tuning, evaluation] = await Promise.all([
    again(now?.batch, "/batch", now && now.batch.running !== null),
    again(now?.tuning, "/tuning", now && now.tuning.running !== null),
    again(now?.evaluation, "/evaluation", now && now.evaluation.running !== null),
  ]);
  if (signal.aborted || batch === undefined || tuning === undefined || evaluation === undefined) return;
  work.value = { batch, tuning, evaluation };
};

/** Asks while the page is open; the answer asks at once. */
export const useWork = (): (() => void) => {
  const again = useRef(() => {});
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async (all: boolean) => {
      clearTimeout(timer);
      await look(controller.signal, all);
      if (controller.signal.aborted) return;
      const busy = work.value !== undefined && isBusy(work.value);
      timer = setTimeout(() => void turn(!busy), busy ? busyPause : idlePause);
    };
    again.current = () => void turn(true);
    void turn(true);
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  return () => again.current();
};
