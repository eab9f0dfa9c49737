/** StorefrontPage: what a shopper sees, and why: be someone, click, and see the list change; two side by side, if wanted. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { learning } from "../data/Served.ts";
import { Button } from "../kit/Button.tsx";
import { Badge, Empty, Problem } from "../kit/Card.tsx";
import { Segmented } from "../kit/Field.tsx";
import { Learning } from "../kit/Learning.tsx";
import { PageHead } from "../kit/PageHead.tsx";
import { keep, route } from "../shell/Router.ts";
import { sandbox } from "./Acting.ts";
import { Patterns } from "./Drawing.tsx";
import { been, Guide } from "./Guide.tsx";
import { makePane, newcomer, type Pane, refresh } from "./Pane.ts";
import { PaneView } from "./PaneView.tsx";
import { toProducts } from "./Roving.ts";
import { loadShop, problem, shop } from "./Shop.ts";
import { Simulated } from "./Simulated.tsx";
import "./storefront.css";

/** Kept while other pages are open. */
const panes = signal<ReadonlyArray<Pane>>([]);

/** Whom the address names, or somebody with a history, or nobody yet. */
const open = async (): Promise<void> => {
  await loadShop();
  const { value: found } = shop;
  if (found === undefined) return;
  const named = route.value.params.get("user");
  const [example] = found.examples;
  if (panes.value.length > 0 && named === null) return;
  sandbox.value = !found.made_up;
  const known = named ?? example?.user;
  panes.value = [makePane(known === undefined ? newcomer() : { user: known, isNew: false })];
};

/** Begins anew once a model serves: until then nobody has a history. */
const openOnceLearnt = async (): Promise<void> => {
  await loadShop();
  if ((shop.value?.model ?? null) === null) return;
  panes.value = [];
  await open();
};

/** What was done one way is not done the other. */
const turn = (to: string): void => {
  for (const { deeds, hidden, took } of panes.value) {
    deeds.value = [];
    hidden.value = [];
    took.value = undefined;
  }
  sandbox.value = to === "sandbox";
};

const compare = (): void => {
  const [first] = panes.value;
  if (first === undefined) return;
  if (panes.value.length > 1) {
    panes.value = [first];
    return;
  }
  const second = makePane(first.who.value);
  second.settings.value = first.settings.value;
  second.deeds.value = first.deeds.value;
  panes.value = [first, second];
};

/** The shop changed meanwhile: so may the lists, but for those that are on their way. */
const live = (): void => {
  for (const pane of panes.value) if (!pane.busy.value) refresh(pane, sandbox.value);
};

const labels = ["The list", "The second list"];

const tellWho = (): void => {
  been.value = true;
  const [first] = panes.value;
  if (first !== undefined) keep({ user: first.who.value.isNew ? undefined : first.who.value.user });
};

const Acting = () =>
  shop.value?.made_up === true ? (
    <Segmented
      label="What is done here"
      quiet
      value={sandbox.value ? "sandbox" : "real"}
      choices={[
        { value: "real", label: "For real" },
        { value: "sandbox", label: "Sandbox" },
      ]}
      onChoice={turn}
    />
  ) : (
    <Badge tone="accent">Sandbox: nothing you do is stored</Badge>
  );

const about = () =>
  shop.value?.made_up === true && !sandbox.value
    ? "What you do as a shopper is stored and learnt from, in this made-up shop."
    : "What you do stays in this page: no log, no training and no other shopper knows of it.";

export const Page = () => {
  useEffect(() => {
    open();
  }, []);
  const isLearning = shop.value?.model === null;
  useEffect(() => {
    if (!isLearning) return;
    const timer = setInterval(openOnceLearnt, learning);
    return () => clearInterval(timer);
  }, [isLearning]);
  if (problem.value !== undefined && shop.value === undefined) {
    return <Problem problem={problem.value} onAgain={open} />;
  }
  if (shop.value === undefined) return <Empty>Loading…</Empty>;
  if (isLearning) {
    return (
      <>
        <PageHead title="Storefront" />
        <Learning then="this page goes on by itself" />
      </>
    );
  }
  const { value: both } = panes;
  return (
    <>
      <button type="button" class="skip" onClick={toProducts}>
        Skip to products
      </button>
      <Patterns />
      <PageHead title="Storefront" about={about()}>
        <Simulated onLife={live} />
        <Acting />
        <Button aria-pressed={both.length > 1} onClick={compare}>
          {both.length > 1 ? "One list" : "Side by side"}
        </Button>
      </PageHead>
      <Guide />
      <div class={both.length > 1 ? "sf-panes sf-panes-two" : "sf-panes"}>
        {both.map((pane, at) => (
          <PaneView key={at} pane={pane} isNarrow={both.length > 1} label={labels[at] ?? ""} onWho={tellWho} />
        ))}
      </div>
    </>
  );
};
