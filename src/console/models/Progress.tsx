/** Progress: what a long work is at, and how far. */
import type { Step } from "../../vitals/Steps.ts";
import { ago, whole } from "../kit/Format.ts";

interface Props {
  readonly title: string;
  readonly step: Step | null;
  /** ISO 8601. */
  readonly started: string;
}

/** "120 of 300 events". */
export const farOf = ({ done, of, unit }: Step): string =>
  of === null ? `${whole(done)} ${unit}` : `${whole(Math.min(done, of))} of ${whole(of)} ${unit}`;

export const Progress = ({ started, step, title }: Props) => (
  <div class="progress" role="status">
    <div class="progress-head">
      <strong>{title}</strong>
      <span class="small soft">begun {ago(Date.parse(started), Date.now())}</span>
    </div>
    <progress
      aria-label={`${title}: ${step?.name ?? "between two steps"}`}
      {...(step?.of == null ? {} : { max: Math.max(1, step.of), value: Math.min(step.done, step.of) })}
    />
    <p class="small soft number">
      {step === null ? "between two steps" : `${step.name}: ${farOf(step)}`}
      {step?.note === undefined ? "" : ` · ${step.note}`}
    </p>
  </div>
);
