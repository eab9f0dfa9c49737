/** Profile: who the shopper is to the shop: where the list comes from, what they buy, what they did last. */
import type { Profile as Told } from "../../serving/users/PastSchema.ts";
import { Bar, Legend } from "../kit/Bar.tsx";
import { Card, Empty } from "../kit/Card.tsx";
import { ago, moment, percent } from "../kit/Format.ts";
import { Drawing } from "./Drawing.tsx";
import type { Pane } from "./Pane.ts";
import { barOf, originOf } from "./Reasons.ts";
import { lookOf } from "./Shop.ts";

const Origin = ({ pane }: { readonly pane: Pane }) => {
  const parts = barOf(originOf(pane.list.value ?? []));
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const named = parts.map((part) => ({
    ...part,
    label: `${part.label} ${percent(Math.round((100 * part.value) / whole) / 100)}`,
  }));
  return (
    <div class="k-stack sf-tight">
      <div class="sf-origin">
        <Bar parts={parts} label={named.map(({ label }) => label).join(", ")} />
      </div>
      <Legend parts={named} />
    </div>
  );
};

/** Bars are as long as the first, which is the most frequent, lets them be: shares of all are too small to tell apart where types are many. */
const Groups = ({ types }: { readonly types: Told["top_product_types"] }) => (
  <ul class="sf-groups">
    {types.map(({ name, percentage, purchases }) => (
      <li key={name} title={`${name?.replaceAll("|", ", ") ?? "Without a type"}: ${percentage} % of what they bought`}>
        <span class="sf-group-name">{name?.replaceAll("|", ", ") ?? "Without a type"}</span>
        <span class="sf-group-bar">
          <i style={{ width: `${(100 * purchases) / (types[0]?.purchases ?? 1)}%` }} />
        </span>
        <span class="number small soft">{purchases}</span>
      </li>
    ))}
  </ul>
);

interface Line {
  readonly key: string;
  readonly item: string;
  readonly title: string;
  readonly type: string;
  readonly when: string;
  readonly isHere: boolean;
}

const linesOf = ({ deeds, history }: Pane, now: number): ReadonlyArray<Line> => {
  const here = deeds.value.toReversed().map(({ item, time, type }) => ({
    key: `${time} ${item}`,
    item,
    title: lookOf(item).title,
    type,
    when: ago(time, now),
    isHere: true,
  }));
  const known = (history.value?.history ?? []).map(({ event_type, item_idx, metadata, timestamp }, at) => ({
    key: `${at} ${timestamp} ${item_idx}`,
    item: metadata?.item_id ?? String(item_idx),
    title: metadata?.prod_name || lookOf(metadata?.item_id ?? String(item_idx)).title,
    type: event_type,
    when: now - timestamp * 1000 < 86_400_000 ? ago(timestamp * 1000, now) : moment(timestamp * 1000).slice(0, 10),
    isHere: false,
  }));
  // For real both would tell of the same.
  const stored = known.filter(({ item, type }) => !here.some((line) => line.item === item && line.type === type));
  return [...here, ...stored].slice(0, 9);
};

const Recent = ({ pane }: { readonly pane: Pane }) => {
  const lines = linesOf(pane, Date.now());
  if (lines.length === 0) return <p class="soft small">Nothing yet: click on something.</p>;
  return (
    <ol class="sf-recent">
      {lines.map(({ isHere, item, key, title, type, when }) => {
        const shown = lookOf(item);
        return (
          <li key={key} class={isHere ? "sf-here" : ""}>
            <span class="sf-mini" style={{ "--thing": shown.colour }}>
              <Drawing looks={shown} />
            </span>
            <span class="sf-recent-title" dir="auto">
              {title}
            </span>
            <span class="small soft">
              {type.replaceAll("_", " ")}, {when}
            </span>
          </li>
        );
      })}
    </ol>
  );
};

/** `label`: of two side by side, which it is. */
export const Profile = ({ label, pane }: { readonly label: string; readonly pane: Pane }) => {
  const { value: profile } = pane.profile;
  const types = profile?.top_product_types ?? [];
  return (
    <div class="k-stack">
      <Card title="Where the list comes from" of={label}>
        {pane.list.value === undefined ? (
          <Empty>…</Empty>
        ) : pane.list.value.length === 0 ? (
          <p class="soft small">Nothing is in it.</p>
        ) : (
          <Origin pane={pane} />
        )}
      </Card>
      {profile === undefined || types.every(({ name }) => name === null) ? null : (
        <Card
          title="What they buy"
          of={label}
          aside={<span class="small soft number">{profile.items_bought} items</span>}
        >
          <Groups types={types} />
        </Card>
      )}
      <Card title="What they did" of={label}>
        <Recent pane={pane} />
      </Card>
    </div>
  );
};
