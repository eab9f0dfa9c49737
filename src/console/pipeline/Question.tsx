/** Question: who asks, for how many items, and by which rules. */
import type { Signal } from "@preact/signals";
import { Button } from "../kit/Button.tsx";
import { Card } from "../kit/Card.tsx";
import { CheckField, RangeField, SelectField, TextField } from "../kit/Field.tsx";

export interface Asked {
  /** Empty: a visitor. */
  readonly user: string;
  readonly k: number;
  readonly seen: string;
  readonly filter: string;
  /** From 0 to 1; 1: by score alone. */
  readonly diversity: number;
  readonly rotation: number | undefined;
}

export const askedBy = (params: URLSearchParams): Asked => {
  const numeric = (name: string, otherwise: number): number => {
    const value = Number(params.get(name) ?? otherwise);
    return Number.isFinite(value) ? value : otherwise;
  };
  return {
    user: params.get("user") ?? "",
    k: Math.min(50, Math.max(1, Math.round(numeric("k", 10)))),
    seen: params.get("seen") ?? "bought",
    filter: params.get("filter") ?? "",
    diversity: Math.min(1, Math.max(0, numeric("diversity", 1))),
    rotation: params.has("rotation") ? Math.min(1, Math.max(0, numeric("rotation", 0))) : undefined,
  };
};

/** What is as it is by default is left out. */
export const paramsOf = ({ diversity, filter, k, rotation, seen, user }: Asked) => ({
  user,
  k: k === 10 ? "" : String(k),
  seen: seen === "bought" ? "" : seen,
  filter,
  diversity: diversity === 1 ? "" : String(diversity),
  rotation: rotation === undefined ? "" : String(rotation),
});

/** The body of POST /trace. */
export const bodyOf = ({ diversity, filter, k, rotation, seen, user }: Asked): Readonly<Record<string, unknown>> => ({
  ...(user === "" ? {} : { user_id: user }),
  ...(filter === "" ? {} : { filter }),
  ...(diversity === 1 ? {} : { diversity_lambda: diversity }),
  ...(rotation === undefined ? {} : { rotation }),
  k,
  seen,
});

const policies = [
  { value: "bought", label: "what they bought" },
  { value: "seen", label: "all they did anything to" },
  { value: "shown", label: "also what they were shown" },
  { value: "none", label: "nothing" },
];

interface Props {
  readonly asked: Signal<Asked>;
  readonly examples: ReadonlyArray<string>;
  readonly onTrace: () => void;
}

export const Question = ({ asked, examples, onTrace }: Props) => {
  const set = (part: Partial<Asked>): void => {
    asked.value = { ...asked.value, ...part };
  };
  const { diversity, filter, k, rotation, seen, user } = asked.value;
  return (
    <Card title="The question">
      <form
        class="p-question"
        onSubmit={(event) => {
          event.preventDefault();
          onTrace();
        }}
      >
        <TextField
          label="Shopper"
          value={user}
          placeholder="nobody: a visitor"
          onText={(text) => set({ user: text.trim() })}
        />
        <SelectField label="Leave out" value={seen} choices={policies} onChoice={(value) => set({ seen: value })} />
        <TextField label="Filter" value={filter} placeholder="all items" onText={(text) => set({ filter: text })} />
        <RangeField label="Items" min={1} max={50} step={1} value={k} onNumber={(value) => set({ k: value })} />
        <RangeField
          label="Diversity"
          min={0}
          max={1}
          step={0.05}
          value={1 - diversity}
          shown={diversity === 1 ? "off" : (1 - diversity).toFixed(2)}
          onNumber={(value) => set({ diversity: Number((1 - value).toFixed(2)) })}
        />
        <div class="k-stack">
          <RangeField
            label="Rotation"
            min={0}
            max={1}
            step={0.05}
            value={rotation ?? 0}
            shown={rotation === undefined ? "as set" : rotation.toFixed(2)}
            onNumber={(value) => set({ rotation: value })}
          />
          <CheckField
            label="Rotation as set"
            checked={rotation === undefined}
            onCheck={(isSet) => set({ rotation: isSet ? undefined : 0 })}
          />
        </div>
        <div class="k-row p-question-go">
          <button type="submit" class="k-button k-button-primary k-button-m">
            Trace
          </button>
          {examples.map((example) => (
            <Button
              key={example}
              kind="quiet"
              size="s"
              onClick={() => {
                set({ user: example });
                onTrace();
              }}
            >
              as {example.length > 10 ? `${example.slice(0, 8)}…` : example}
            </Button>
          ))}
        </div>
      </form>
    </Card>
  );
};
