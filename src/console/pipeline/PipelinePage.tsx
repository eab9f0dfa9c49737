/** PipelinePage: one request through its stages, as the serving code ran them: POST /trace. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { Traced } from "../../serving/recommend/trace/Traced.ts";
import { reconsider } from "../data/Key.ts";
import { useLoaded } from "../data/Loaded.ts";
import { useServed } from "../data/Served.ts";
import { Badge, Empty, Figure, Figures, Problem } from "../kit/Card.tsx";
import { duration, whole } from "../kit/Format.ts";
import { Learning } from "../kit/Learning.tsx";
import { PageHead } from "../kit/PageHead.tsx";
import { keep, route } from "../shell/Router.ts";
import { Flow, Times } from "./Flow.tsx";
import { ItemsTable } from "./ItemsTable.tsx";
import "./pipeline.css";
import { Places } from "./Places.tsx";
import { askedBy, bodyOf, paramsOf, Question } from "./Question.tsx";

const Known = ({ traced }: { readonly traced: Traced }) => {
  const { micros, model, shopper, source, user } = traced;
  return (
    <Figures>
      <Figure
        label="Shopper"
        value={<span class="p-shopper">{user ?? "a visitor"}</span>}
        {...(user === null ? {} : { hint: user })}
      />
      <Figure label="Interactions kept" value={whole(shopper.interactions)} />
      <Figure label="Bought" value={whole(shopper.bought)} />
      <Figure label="Hidden" value={whole(shopper.hidden)} />
      <Figure label="Shown in vain" value={whole(shopper.shown)} />
      <Figure label="Took" value={duration(micros / 1000)} />
      <Figure
        label="Answer"
        value={<Badge tone={source === "personalized" ? "accent" : "plain"}>{source.replace("_", " ")}</Badge>}
        {...(model === null ? {} : { hint: `by model ${model}` })}
      />
    </Figures>
  );
};

export const Page = () => {
  const asked = useSignal(askedBy(route.peek().params));
  /** What was asked last: fields may be changed meanwhile. Nothing before it is known whom to ask for. */
  const sent = useSignal(asked.peek().user === "" ? undefined : asked.peek());
  const shop = useServed();
  /** Whether it is known by now that a model serves, or that this cannot be asked. */
  const isTold = useComputed(
    () => !shop.isLearning.value && (shop.value.value !== undefined || shop.problem.value !== undefined),
  );
  const examples = (shop.value.value?.examples ?? []).map(({ user }) => user);
  useSignalEffect(() => {
    if (sent.peek() !== undefined || !isTold.value) return;
    asked.value = { ...asked.peek(), user: asked.peek().user || (shop.value.value?.examples[0]?.user ?? "") };
    sent.value = asked.peek();
  });
  const traced = useLoaded<Traced>(() =>
    sent.value === undefined || shop.isLearning.value
      ? undefined
      : { path: "/trace", call: { method: "POST", body: bodyOf(sent.value) } },
  );
  const busy = traced.busy.value || sent.value === undefined;
  const trace = (): void => {
    reconsider();
    keep(paramsOf(asked.value));
    sent.value = { ...asked.value };
  };
  const value = traced.value.value;
  const problem = isTold.value ? traced.problem.value : undefined;
  if (shop.isLearning.value) {
    return (
      <>
        <PageHead title="Pipeline" />
        <Learning then="this page goes on by itself" />
      </>
    );
  }
  return (
    <>
      <PageHead
        title="Pipeline"
        about="One recommendation, stage by stage: what each source gave, what the gate took out and why, and how the list came to its order. It is shown to nobody and counts as no answer."
      />
      <div class="k-stack" aria-busy={busy}>
        <Question asked={asked} examples={examples} onTrace={trace} />
        {problem === undefined ? null : <Problem problem={problem} onAgain={traced.reload} />}
        {value === undefined ? (
          problem === undefined ? (
            <Empty>Asking…</Empty>
          ) : null
        ) : (
          <>
            <Known traced={value} />
            <Flow traced={value} />
            <div class="p-pair">
              <Places items={value.items} />
              <Times traced={value} />
            </div>
            <ItemsTable items={value.items} leftOut={value.items_left_out} />
          </>
        )}
      </div>
    </>
  );
};
