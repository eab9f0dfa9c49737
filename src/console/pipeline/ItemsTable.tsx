/** ItemsTable: each item's way: who gave it, what it scored and why, which places it had, what became of it. */
import { useSignal } from "@preact/signals";
import { Bar, Legend } from "../kit/Bar.tsx";
import { Button } from "../kit/Button.tsx";
import { Badge, Card } from "../kit/Card.tsx";
import { Segmented } from "../kit/Field.tsx";
import { precise, whole } from "../kit/Format.ts";
import { type Column, Table } from "../kit/Table.tsx";
import { hrefOf } from "../shell/Router.ts";
import { givers, type Item, nameOf, orders, outcomes, refusals } from "./Words.ts";

const parts = [
  { part: "taste", label: "taste", color: "--part-1" },
  { part: "followers", label: "followers", color: "--part-2" },
  { part: "trending", label: "trend", color: "--part-3" },
] as const;

const Score = ({ item, most }: { readonly item: Item; readonly most: number }) => {
  if (item.score === null) return <span class="soft">none</span>;
  const { parts: own } = item;
  if (own === null) return <span class="number">{precise(item.score)}</span>;
  const told = parts.map(({ label, part }) => `${label} ${precise(own[part])}`).join(", ");
  const sunk = own.shown < 0 ? `, shown ${precise(own.shown)}` : "";
  return (
    <div class="p-score">
      <span class="number">{precise(item.score)}</span>
      <Bar
        label={`${precise(item.score)}: ${told}${sunk}`}
        whole={most}
        parts={parts.map(({ color, label, part }) => ({ color, label, value: own[part] }))}
      />
      {own.shown < 0 ? <span class="small soft number">{precise(own.shown)} shown in vain</span> : null}
    </div>
  );
};

const Outcome = ({ item }: { readonly item: Item }) => {
  if (item.outcome === "answered") return <Badge tone="good">place {item.places.answer}</Badge>;
  if (item.outcome !== "refused") return <span class="small soft">{outcomes[item.outcome]}</span>;
  return <Badge tone="bad">{item.because.map((one) => refusals[one]).join(", ")}</Badge>;
};

const Way = ({ item: { places } }: { readonly item: Item }) => {
  const had = orders.flatMap(([order, title]) => (places[order] === null ? [] : [`${title}: ${places[order]}`]));
  const way = orders.flatMap(([order]) => places[order] ?? []).filter((place, at, all) => place !== all[at - 1]);
  return way.length === 0 ? (
    <span class="soft">–</span>
  ) : (
    <span class="number" title={had.join(", ")}>
      {way.join(" → ")}
    </span>
  );
};

const columnsWith = (most: number): ReadonlyArray<Column<Item>> => [
  {
    title: "Item",
    cell: (item) => (
      <div class="p-item">
        <a href={hrefOf("items", { id: item.metadata?.item_id })}>{nameOf(item)}</a>
        <span class="small soft">
          {[item.metadata?.product_type_name, item.metadata?.item_id].filter((text) => text).join(" · ")}
        </span>
      </div>
    ),
  },
  { title: "What became of it", cell: (item) => <Outcome item={item} /> },
  {
    title: "Given by",
    cell: ({ given }) => (
      <ul class="p-given small">
        {given.map(({ place, score, source }) => (
          <li key={source} title={score === null ? "" : `by ${precise(score)}`}>
            <span class="k-swatch" style={{ background: `var(${givers[source].color})` }} aria-hidden="true" />{" "}
            {givers[source].label} {place === null ? "" : <span class="soft number">{place}</span>}
          </li>
        ))}
      </ul>
    ),
  },
  { title: "Score", cell: (item) => <Score item={item} most={most} /> },
  { title: "Places", cell: (item) => <Way item={item} /> },
];

type Kind = "all" | "answered" | "refused" | "others";
const isOf = (kind: Kind, { outcome }: Item): boolean =>
  kind === "all" || (kind === "others" ? outcome !== "answered" && outcome !== "refused" : outcome === kind);
const atOnce = 25;

export const ItemsTable = ({ items, leftOut }: { readonly items: ReadonlyArray<Item>; readonly leftOut: number }) => {
  const kind = useSignal<Kind>("all");
  const shown = useSignal(atOnce);
  const of = (one: Kind): number => items.filter((item) => isOf(one, item)).length;
  const chosen = items.filter((item) => isOf(kind.value, item));
  const sums = items.map((item) => parts.reduce((sum, { part }) => sum + Math.max(0, item.parts?.[part] ?? 0), 0));
  const choices = [
    { value: "all", label: `All ${whole(of("all"))}` },
    { value: "answered", label: `Answer ${whole(of("answered"))}` },
    { value: "refused", label: `Taken out ${whole(of("refused"))}` },
    { value: "others", label: `Others ${whole(of("others"))}` },
  ];
  return (
    <Card title="Each item's way" aside={<Legend parts={parts.map(({ color, label }) => ({ color, label }))} />}>
      <div class="k-stack">
        <Segmented
          label="Which items"
          quiet
          value={kind.value}
          choices={choices}
          onChoice={(value) => {
            kind.value = (["all", "answered", "refused", "others"] as const).find((one) => one === value) ?? "all";
            shown.value = atOnce;
          }}
        />
        <Table
          caption="Each item's way"
          columns={columnsWith(Math.max(...sums, Number.MIN_VALUE))}
          rows={chosen.slice(0, shown.value)}
          keyOf={({ item_idx }) => item_idx}
          empty="None."
        />
        <div class="k-row">
          {chosen.length > shown.value ? (
            <Button
              onClick={() => {
                shown.value += 100;
              }}
            >
              {`Show more of ${whole(chosen.length)}`}
            </Button>
          ) : null}
          {leftOut === 0 ? null : <span class="soft small">{whole(leftOut)} more are not told of.</span>}
        </div>
      </div>
    </Card>
  );
};
