/** UnderWay: what this process is at beside answering: a batch, a tuning, a model that catches up; and what it waits for. */
import type { LiveState } from "../../serving/live/LiveState.ts";
import { Card } from "../kit/Card.tsx";
import { counted, whole } from "../kit/Format.ts";

interface Work {
  readonly name: string;
  readonly step: {
    readonly name: string;
    readonly done: number;
    readonly of: number | null;
    readonly unit: string;
  } | null;
}

const worksOf = ({ batch, groups, models, studies }: LiveState): ReadonlyArray<Work> => [
  ...(models.use === null ? [] : [{ name: `Model ${models.use.model} comes to serve`, step: models.use.step }]),
  ...(batch === null ? [] : [{ name: "Batch", step: batch.step }]),
  ...(studies.tuning === null ? [] : [{ name: "Tuning", step: studies.tuning.step }]),
  ...(studies.evaluation === null ? [] : [{ name: "Evaluation", step: studies.evaluation.step }]),
  ...groups
    .filter(({ lag, model, serves }) => model !== null && !serves && model !== models.use?.model && (lag ?? 0) > 1000)
    .map(({ lag, model }) => ({
      name: `Model ${model} catches up`,
      step: { name: `${counted(lag ?? 0, "event")} to go`, done: 0, of: null, unit: "events" },
    })),
];

const Progress = ({ name, step }: Work) => (
  <li class="s-work">
    <span>{name}</span>
    <span class="small soft number">
      {step === null
        ? "between two steps"
        : step.of === null
          ? step.name
          : `${step.name}: ${whole(step.done)} of ${whole(step.of)} ${step.unit}`}
    </span>
    {step?.of === null || step === null ? (
      <progress aria-label={name} />
    ) : (
      <progress aria-label={name} value={step.done} max={Math.max(1, step.of)} />
    )}
  </li>
);

export const UnderWay = ({ state }: { readonly state: LiveState }) => {
  const works = worksOf(state);
  // What this process had started is told above.
  const words = [
    state.batch === null ? state.work.data : null,
    state.studies.tuning === null ? state.work.tuning : null,
  ].filter((text) => text !== null);
  return (
    <>
      {state.outages.map(({ detail, role, store }) => (
        <div key={`${role} ${store}`} class="k-problem" role="alert">
          <div>
            <strong>
              {role} waits: {store} away
            </strong>
            <p>{detail}</p>
          </div>
        </div>
      ))}
      {works.length === 0 && words.length === 0 ? null : (
        <Card title="Under way">
          <ul class="k-stack">
            {works.map((work) => (
              <Progress key={work.name} {...work} />
            ))}
            {words.map((text) => (
              <li key={text} class="small soft">
                {text}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
};
