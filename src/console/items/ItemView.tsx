/** ItemView: all that is known of the open item, and what can be changed of it. */
import { useSignal } from "@preact/signals";
import type { ItemCard } from "../../serving/insights/CardSchema.ts";
import { ask } from "../data/Api.ts";
import { useLoaded } from "../data/Loaded.ts";
import { Button } from "../kit/Button.tsx";
import { Badge, Card, Empty, Figure, Figures, Problem } from "../kit/Card.tsx";
import { ago, moment, percent, whole } from "../kit/Format.ts";
import { notify } from "../shell/Notices.tsx";
import { hrefOf, route } from "../shell/Router.ts";
import { EditItem } from "./EditItem.tsx";

type Near = ItemCard["followers"];

const valueOf = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));

/** Attributes that are shown at once; more when they are asked for. */
const fewAttributes = 8;
const month = 30 * 86_400_000;
/** Long ago: the day. */
const lastly = (time: number, now: number): string => (now - time < month ? ago(time, now) : moment(time).slice(0, 10));

/** The address of another item, with all else as it is. */
export const itemHref = (id: string): string => hrefOf("items", { ...Object.fromEntries(route.value.params), id });

const Neighbours = ({ title, near, none }: { readonly title: string; readonly near: Near; readonly none: string }) => {
  const most = Math.max(...near.map(({ score }) => score), 1e-9);
  return (
    <section class="item-near">
      <h3>{title}</h3>
      {near.length === 0 ? <p class="small soft">{none}</p> : null}
      <ol>
        {near.map(({ item_id, name, score }) => (
          <li key={item_id}>
            <a href={itemHref(item_id)} dir="auto">
              {name || item_id}
            </a>
            <span class="item-bar" aria-hidden="true">
              <span style={{ width: `${(100 * score) / most}%` }} />
            </span>
            <span class="small soft number">{score.toFixed(3)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
};

const Sold = ({ card }: { readonly card: ItemCard }) => {
  const { bought, share } = card;
  return (
    <Figures>
      {share === null ? null : (
        <Figure
          label="Of all that happens"
          value={percent(share)}
          hint="Its share of all events in the shop, the newest most"
        />
      )}
      {bought === null ? null : (
        <>
          <Figure
            label={`Bought in ${bought.days} days`}
            value={whole(bought.purchases)}
            unit={`by ${whole(bought.shoppers)}`}
            hint={`Before ${moment(Date.parse(bought.as_of))}`}
          />
          <Figure label="Ever" value={whole(bought.purchases_ever)} unit={`by ${whole(bought.shoppers_ever)}`} />
          <Figure
            label="Last"
            value={bought.last_at === null ? "never" : lastly(Date.parse(bought.last_at), Date.now())}
            {...(bought.last_at === null ? {} : { hint: moment(Date.parse(bought.last_at)) })}
          />
        </>
      )}
    </Figures>
  );
};

const Attributes = ({ item }: { readonly item: NonNullable<ItemCard["item"]> }) => (
  <dl class="item-attributes">
    {Object.entries(item.attributes).map(([name, value]) => (
      <div key={name}>
        <dt>{name.replaceAll("_", " ")}</dt>
        <dd>{valueOf(value)}</dd>
      </div>
    ))}
  </dl>
);

/** `id`: of the open item. */
export const ItemView = ({ id }: { readonly id: string }) => {
  const card = useLoaded<ItemCard>(() => ({
    path: `/items/${encodeURIComponent(route.value.params.get("id") ?? id)}/card`,
  }));
  const editing = useSignal(false);
  const { value } = card.value;
  if (card.problem.value !== undefined && !card.busy.value) {
    return (
      <Card title={id}>
        <Problem problem={card.problem.value} onAgain={card.reload} />
      </Card>
    );
  }
  if (value === undefined) {
    return (
      <Card>
        <Empty>Loading…</Empty>
      </Card>
    );
  }
  const { item } = value;
  const sell = async (available: boolean) => {
    const reply = await ask(`/items/${encodeURIComponent(value.item_id)}`, { method: "PATCH", body: { available } });
    if (!reply.ok) return notify(reply.problem.detail, "bad");
    notify(available ? "It is for sale again." : "It is in no list from now on.", "good");
    card.reload();
  };
  return (
    <Card
      title={value.name}
      aside={
        <span class="k-row">
          {value.is_new ? <Badge tone="accent">new</Badge> : null}
          {value.for_sale ? <Badge tone="good">for sale</Badge> : <Badge tone="warn">not for sale</Badge>}
        </span>
      }
    >
      <div class="k-stack">
        <div class="k-row">
          <code class="soft">{value.item_id}</code>
          <span class="item-deeds k-row">
            <Button size="s" disabled={item === null} onClick={() => void sell(item?.available === false)}>
              {item?.available === false ? "Put on sale" : "Take off sale"}
            </Button>
            <Button
              size="s"
              disabled={item === null}
              onClick={() => {
                editing.value = true;
              }}
            >
              Change
            </Button>
          </span>
        </div>
        <Sold card={value} />
        <Neighbours
          title="Then shoppers went on to"
          near={value.followers}
          none="Nothing has followed it often enough."
        />
        <Neighbours
          title="Alike by taste"
          near={value.similar}
          none="Nobody has had to do with it, or nothing is near."
        />
        {item === null ? (
          <p class="small soft">The shop has said nothing of it, so that nothing can be changed.</p>
        ) : (
          <details open={Object.keys(item.attributes).length <= fewAttributes}>
            <summary>Attributes ({Object.keys(item.attributes).length})</summary>
            <Attributes item={item} />
          </details>
        )}
      </div>
      {editing.value && item !== null ? (
        <EditItem
          item={item}
          onClose={() => {
            editing.value = false;
          }}
          onSaved={() => {
            editing.value = false;
            card.reload();
          }}
        />
      ) : null}
    </Card>
  );
};
