/** Begin: learning again, searching better settings and measuring: started, followed, and what became of them. */
import { useSignal } from "@preact/signals";
import { ask } from "../data/Api.ts";
import { Button } from "../kit/Button.tsx";
import { Badge, Card } from "../kit/Card.tsx";
import { Confirm } from "../kit/Dialog.tsx";
import { TextField } from "../kit/Field.tsx";
import { ago, signed } from "../kit/Format.ts";
import { notify } from "../shell/Notices.tsx";
import { Progress } from "./Progress.tsx";
import { type Work, work } from "./Work.ts";

type Kind = keyof Work;

const kinds: Readonly<Record<Kind, { readonly name: string; readonly verb: string; readonly about: string }>> = {
  batch: {
    name: "Batch",
    verb: "Learn again",
    about:
      "Learns from all data. Where something is new, the new model catches up with what happened meanwhile, and serves then.",
  },
  tuning: {
    name: "Tuning",
    verb: "Search settings",
    about:
      "Tries settings on the shop's own past, and the best of them on the newest days. The next batch uses it if it is better beyond chance.",
  },
  evaluation: {
    name: "Evaluation",
    verb: "Measure",
    about:
      "Trains on the older part of the data and measures on the newer part, against best sellers and other baselines. Changes nothing.",
  },
};

const tones = { done: "good", skipped: "plain", refused: "warn", failed: "bad" } as const;

interface End {
  readonly ended: string;
  readonly outcome: keyof typeof tones;
  readonly detail: string | null;
}

const Ended = ({ name, last }: { readonly name: string; readonly last: End }) => (
  <p class="small begin-end">
    <span>{name}</span> <Badge tone={tones[last.outcome]}>{last.outcome}</Badge>{" "}
    <span class="soft">
      {ago(Date.parse(last.ended), Date.now())}
      {last.detail === null ? "" : `: ${last.detail}`}
    </span>
  </p>
);

/** What was tuned last, and what becomes of it. */
const Tuned = ({ tuned }: { readonly tuned: NonNullable<Work["tuning"]["tuned"]> }) => {
  const { gain } = tuned.worth;
  return (
    <p class="small">
      Tuned {ago(Date.parse(tuned.tuned_at), Date.now())}:{" "}
      <span class="number">
        {signed(gain.mean)} ± {gain.margin.toFixed(4)}
      </span>{" "}
      <span class="soft">
        NDCG over the defaults;{" "}
        {tuned.proven ? "the next batch uses it." : "that may be chance: batches stay with the defaults."}
      </span>
    </p>
  );
};

/** `onBegun`: something has begun. */
export const Begin = ({ onBegun }: { readonly onBegun: () => void }) => {
  const asked = useSignal<Kind | undefined>(undefined);
  const minutes = useSignal("10");
  const { value } = work;
  const begin = async (kind: Kind) => {
    asked.value = undefined;
    const query = kind === "tuning" ? { minutes: minutes.value } : {};
    const reply = await ask(`/${kind}`, { method: "POST", query });
    if (!reply.ok) return notify(reply.problem.detail, "bad");
    onBegun();
  };
  const all = Object.keys(kinds) as ReadonlyArray<Kind>;
  const { value: kind } = asked;
  return (
    <Card
      title="Learning"
      aside={
        <span class="k-row">
          {all.map((one) => (
            <Button
              key={one}
              size="s"
              kind={one === "batch" ? "primary" : "plain"}
              disabled={value === undefined || value[one].running !== null}
              onClick={() => {
                asked.value = one;
              }}
            >
              {kinds[one].verb}
            </Button>
          ))}
        </span>
      }
    >
      <div class="k-stack">
        {value === undefined
          ? null
          : all.map((one) => {
              const { running } = value[one];
              return running === null ? null : (
                <Progress key={one} title={kinds[one].name} started={running.started} step={running.step} />
              );
            })}
        <div>
          {value === undefined
            ? null
            : all.map((one) => {
                const [last] = value[one].ended;
                return last === undefined ? null : <Ended key={one} name={kinds[one].name} last={last} />;
              })}
          {value?.tuning.tuned == null ? null : <Tuned tuned={value.tuning.tuned} />}
          {value?.batch.retraining == null ? null : (
            <p class="small soft">
              By itself {value.batch.retraining.plan}; next{" "}
              {new Date(value.batch.retraining.next).toLocaleString("en-GB")}.
            </p>
          )}
          {value !== undefined && all.every((one) => value[one].running === null && value[one].ended.length === 0) ? (
            <p class="small soft">
              Nothing was started since this process began. Each runs beside the shop, at low priority.
            </p>
          ) : null}
        </div>
      </div>
      {kind === undefined ? null : (
        <Confirm
          title={`${kinds[kind].verb}?`}
          action={kinds[kind].verb}
          onClose={() => {
            asked.value = undefined;
          }}
          onConfirm={() => void begin(kind)}
        >
          <p>{kinds[kind].about}</p>
          <p class="small soft">It runs beside the shop, in a process of its own at low priority.</p>
          {kind === "tuning" ? (
            <TextField
              label="Minutes"
              type="number"
              value={minutes.value}
              hint="A search that is run again goes on where it stood."
              onText={(text) => {
                minutes.value = text;
              }}
            />
          ) : null}
        </Confirm>
      )}
    </Card>
  );
};
