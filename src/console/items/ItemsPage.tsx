/** ItemsPage: the shop's items: found by words, told of, changed, and all of them on a map. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ItemsPage as Found } from "../../serving/items/ItemSchema.ts";
import { useLoaded } from "../data/Loaded.ts";
import { useServed } from "../data/Served.ts";
import { Card, Empty, Problem } from "../kit/Card.tsx";
import { TextField } from "../kit/Field.tsx";
import { Learning } from "../kit/Learning.tsx";
import { PageHead } from "../kit/PageHead.tsx";
import { go, keep, route } from "../shell/Router.ts";
import { ItemView, itemHref } from "./ItemView.tsx";
import "./items.css";
import type { Opening } from "./map/Plane.tsx";

/** Milliseconds between the last key and the question. */
const patience = 200;
const shown = 40;

/** What there is to do where nothing was found by `words`. */
const None = ({ words }: { readonly words: string }) =>
  words === "" ? (
    <p class="soft">
      The shop has told of no items: <code>import --items</code> and <code>POST /items</code> do. Those of its events
      are on the map.
    </p>
  ) : (
    <p class="soft">
      Nothing has these words in its title. <a href={itemHref(words)}>Open the item with this id</a>, if it is one.
    </p>
  );

const card = "item-card";
const toCard = (): void => document.getElementById(card)?.focus();

const Search = ({ open }: { readonly open: string | undefined }) => {
  const typed = useSignal(route.value.params.get("query") ?? "");
  const words = useSignal(typed.value);
  const found = useLoaded<Found>(() => ({
    path: "/items",
    call: { query: { query: words.value === "" ? undefined : words.value, limit: shown } },
  }));
  useSignalEffect(() => {
    const { value } = typed;
    const timer = setTimeout(() => {
      words.value = value.trim();
      keep({ ...Object.fromEntries(route.peek().params), query: value.trim() });
    }, patience);
    return () => clearTimeout(timer);
  });
  const items = found.value.value?.items ?? [];
  return (
    <Card title="Search">
      <div class="k-stack">
        <TextField
          quiet
          type="search"
          label="Words of the title"
          placeholder="Title words or an id"
          value={typed.value}
          onText={(text) => {
            typed.value = text;
          }}
        />
        {found.problem.value === undefined ? null : <Problem problem={found.problem.value} onAgain={found.reload} />}
        <ul class="items-found" aria-busy={found.busy.value}>
          {items.map(({ attributes, available, item_id, title }) => (
            <li key={item_id}>
              <a href={itemHref(item_id)} aria-current={item_id === open ? "true" : undefined}>
                <span dir="auto">{title ?? String(attributes.prod_name ?? item_id)}</span>
                <span class="small soft">
                  {item_id}
                  {available ? "" : " · not for sale"}
                </span>
              </a>
              {item_id === open ? (
                <button type="button" class="skip" onClick={toCard}>
                  Go to its card
                </button>
              ) : null}
            </li>
          ))}
        </ul>
        {found.value.value === undefined || items.length > 0 || found.busy.value ? null : <None words={words.value} />}
        {items.length === 0 || found.value.value?.next_cursor == null ? null : (
          <p class="small soft">These are the first {items.length}: more words find fewer.</p>
        )}
      </div>
    </Card>
  );
};

const failed = { status: 0, title: "The map could not be loaded", detail: "Load the page again." };

/** Of the items that the model knows. The map is a file of its own, which is large: it comes when the rest is there. */
const LazyMap = (props: Opening) => {
  const shop = useServed();
  const loaded = useSignal<ComponentType<Opening> | "failed" | undefined>(undefined);
  useEffect(() => {
    import("./map/Map.tsx").then(
      ({ ItemMap }) => {
        loaded.value = ItemMap;
      },
      () => {
        loaded.value = "failed";
      },
    );
  }, []);
  const { value: ItemMap } = loaded;
  if (ItemMap === "failed") return <Problem problem={failed} />;
  const isTold = shop.value.value !== undefined || shop.problem.value !== undefined;
  if (shop.isLearning.value) return <Learning then="the map is drawn" />;
  return ItemMap === undefined || !isTold ? <Empty>Loading…</Empty> : <ItemMap {...props} />;
};

/**
 * Where the item's card begins out of sight, beside a long list or a map on a narrow page, it is brought into it. The focus stays in it
 * where another item is opened from it.
 */
const Own = ({ id }: { readonly id: string }) => {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    if (current.contains(document.activeElement)) current.focus({ preventScroll: true });
    const { top } = current.getBoundingClientRect();
    const isSeen = top >= 0 && top < 0.8 * innerHeight;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    if (!isSeen) current.scrollIntoView({ block: "start", behavior });
  }, [id]);
  return (
    <div ref={place} id={card} class="items-own" tabIndex={-1}>
      <ItemView id={id} />
    </div>
  );
};

export const Page = () => {
  const open = route.value.params.get("id") ?? undefined;
  return (
    <>
      <PageHead title="Items" about="What the shop has, what the model makes of it, and what goes with what." />
      <div class={`items-page ${open === undefined ? "" : "items-open"}`}>
        <Search open={open} />
        <Card title="Map">
          <LazyMap open={open} onOpen={(id) => go("items", { ...Object.fromEntries(route.peek().params), id })} />
        </Card>
        {open === undefined ? null : <Own id={open} />}
      </div>
    </>
  );
};
