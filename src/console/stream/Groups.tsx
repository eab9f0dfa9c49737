/** Groups: who follows the log: a tile for each partition's fiber, with its state and what it waits for. */
import type { LiveGroup, LivePartition } from "../../serving/live/LiveState.ts";
import { Badge, Card, type Tone } from "../kit/Card.tsx";
import { compact, counted, precise, whole } from "../kit/Format.ts";

const tones: Readonly<Record<LivePartition["state"], Tone>> = {
  running: "good",
  paused: "warn",
  draining: "accent",
  restarting: "bad",
  waiting: "warn",
  elsewhere: "plain",
};

/** What each state means, told below the tiles that have it. */
const meanings: Readonly<Record<LivePartition["state"], string>> = {
  running: "It applies what comes.",
  paused: "Its inbox is full, so nothing more is fetched until it has caught up.",
  draining: "It is to be let go: what was accepted is applied, nothing more is taken.",
  restarting: "It failed, and starts over after a pause.",
  waiting: "It waits for a store that is away.",
  elsewhere: "Another process owns it, or none; its lag is what its group has committed.",
};

const Tile = ({ lag, partition, per_second, restarts, state, waits_for }: LivePartition) => (
  <li class={`s-tile s-tile-${state}`}>
    <div class="s-tile-head">
      <strong>Partition {partition}</strong>
      <Badge tone={tones[state]}>{waits_for === null ? state : `waits: ${waits_for}`}</Badge>
    </div>
    <p class="small number soft">
      {per_second === null ? "–" : precise(per_second, 2)}/s · lag {lag === null ? "–" : compact(lag)}
      {restarts === 0 ? null : ` · ${counted(restarts, "restart")}`}
    </p>
  </li>
);

/** Of all that is not as it should be, once each: by key and by finger nobody points at a tile. */
const Meanings = ({ partitions }: { readonly partitions: ReadonlyArray<LivePartition> }) => {
  const present = (Object.keys(meanings) as ReadonlyArray<LivePartition["state"]>).filter(
    (one) => one !== "running" && partitions.some(({ state }) => state === one),
  );
  return present.length === 0 ? null : (
    <dl class="s-meanings small soft">
      {present.map((one) => (
        <div key={one}>
          <dt>{one === "waiting" ? "waits" : one}</dt>
          <dd>{meanings[one]}</dd>
        </div>
      ))}
    </dl>
  );
};

/** Below the tiles, where there is room for all that an error says: each reason once, with the partitions that have it. */
const Reasons = ({ partitions }: { readonly partitions: ReadonlyArray<LivePartition> }) => {
  const having = new Map<string, Array<number>>();
  for (const { partition, reason } of partitions) {
    if (reason !== null) having.set(reason, [...(having.get(reason) ?? []), partition]);
  }
  if (having.size === 0) return null;
  return (
    <ul class="s-reasons small">
      {Array.from(having, ([reason, of]) => (
        <li key={reason}>
          <strong>
            {of.length === 1 ? "Partition" : "Partitions"} {of.join(", ")}:
          </strong>{" "}
          {reason}
        </li>
      ))}
    </ul>
  );
};

const nameOf = ({ model, role, serves }: LiveGroup): string => {
  if (role === "archiver") return "Archive";
  return serves ? `Model ${model}, which serves` : `Model ${model}, kept up to date`;
};

export const Groups = ({ groups }: { readonly groups: ReadonlyArray<LiveGroup> }) => (
  <div class="k-stack">
    {groups.map((group) => (
      <Card
        key={group.group}
        title={nameOf(group)}
        aside={
          <span class="small soft number">
            lag {group.lag === null ? "not known" : whole(group.lag)} · {counted(group.restarts, "restart")}
          </span>
        }
      >
        <ul class="s-tiles">
          {group.partitions.map((one) => (
            <Tile key={one.partition} {...one} />
          ))}
        </ul>
        <Meanings partitions={group.partitions} />
        <Reasons partitions={group.partitions} />
      </Card>
    ))}
  </div>
);
