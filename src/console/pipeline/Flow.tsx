/** Flow: the stages of one request as they ran: what flows on, what falls out, and how long each took. */
import type { ComponentChildren } from "preact";
import type { Traced } from "../../serving/recommend/trace/Traced.ts";
import { Bar } from "../kit/Bar.tsx";
import { Card } from "../kit/Card.tsx";
import { duration, percent, whole } from "../kit/Format.ts";
import { givers, refusals, type Stage, stages } from "./Words.ts";

const count = (items: number): string => `${whole(items)} ${items === 1 ? "item" : "items"}`;

const of = (traced: Traced, stage: Stage) => traced.stages.find((one) => one.stage === stage);

const Step = (props: {
  readonly title: string;
  readonly items: number;
  readonly about: string;
  readonly out?: ReadonlyArray<readonly [items: number, why: string]>;
  readonly children?: ComponentChildren;
}) => {
  const lost = (props.out ?? []).filter(([items]) => items > 0);
  return (
    <li class="p-step">
      <h3>{props.title}</h3>
      <p class="p-count number">{whole(props.items)}</p>
      <p class="small soft">{props.about}</p>
      {props.children}
      {lost.length === 0 ? null : (
        <ul class="p-out small">
          {lost.map(([items, why]) => (
            <li key={why}>
              <span class="number">−{whole(items)}</span> {why}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
};

/** What each source gave, of which so much is in the answer, and what the gate kept from it. */
const Sources = ({ sources }: { readonly sources: Traced["sources"] }) => {
  const most = Math.max(1, ...sources.map(({ gave, refused }) => gave + refused));
  return (
    <ul class="p-sources">
      {sources.map(({ answered, gave, refused, source }) => {
        const { about, color, label } = givers[source];
        const text = `${label}: gave ${gave}, of which ${answered} are in the answer; ${refused} taken out`;
        return (
          <li key={source} title={about}>
            <span class="p-source-name">{label}</span>
            <Bar
              label={text}
              whole={most}
              parts={[
                { label: "in the answer", value: answered, color },
                { label: "not", value: Math.max(0, gave - answered), color: "--line-strong" },
                { label: "taken out", value: refused, color: "--bad" },
              ]}
            />
            <span class="small soft number">
              {whole(gave)}
              {refused === 0 ? "" : `, ${whole(refused)} taken out`}
            </span>
          </li>
        );
      })}
    </ul>
  );
};

export const Flow = ({ traced }: { readonly traced: Traced }) => {
  const { catalogue, items, removed, sources } = traced;
  const at = (stage: Stage): number => of(traced, stage)?.items ?? 0;
  const came = (outcome: (typeof items)[number]["outcome"]): number =>
    items.filter((item) => item.outcome === outcome).length;
  const given = items.length + traced.items_left_out;
  const refused = removed.reduce((sum, one) => sum + one.items, 0);
  const tried = traced.recommendations.filter(({ source }) => source === "new").length;
  return (
    <Card title="What flowed">
      <ol class="p-flow">
        <Step
          title="Catalogue"
          items={catalogue.matching - catalogue.left_out}
          about={`may be answered, of ${count(catalogue.items)}`}
          out={[
            [catalogue.items - catalogue.for_sale, "not for sale"],
            [catalogue.for_sale - catalogue.matching, refusals.filter],
            [catalogue.left_out, "left out for this shopper"],
          ]}
        />
        <Step title="Sources" items={given} about="were given, side by side">
          <Sources sources={sources} />
        </Step>
        <Step
          title="Gate"
          items={given - refused}
          about="passed, first and last look"
          out={removed.map((one) => [one.items, refusals[one.because]])}
        />
        <Step
          title="Score"
          items={at("rotation")}
          about={`best of ${whole(items.filter(({ places }) => places.score !== null).length)} that were scored`}
          out={[[came("below_min_score"), "score too little"]]}
        />
        <Step
          title="Re-rank"
          items={at("select")}
          about="selected, after rotation, diversity and variants"
          out={[[came("held_back"), "one variant too many"]]}
        />
        <Step
          title="Answer"
          items={traced.recommendations.length}
          about={tried === 0 ? "none of them a trial of a new item" : `of which ${tried} try a new item`}
          out={[[came("made_room"), "made room for it"]]}
        />
      </ol>
    </Card>
  );
};

/** Where the time went. */
export const Times = ({ traced }: { readonly traced: Traced }) => {
  const longest = Math.max(1, ...traced.stages.map(({ micros }) => micros));
  return (
    <Card title="Where the time went" aside={<span class="soft small">all: {duration(traced.micros / 1000)}</span>}>
      <ul class="p-times">
        {traced.stages.map(({ micros, stage }) => {
          const { about, label } = stages[stage];
          const share = traced.micros === 0 ? 0 : micros / traced.micros;
          return (
            <li key={stage}>
              <span title={about}>{label}</span>
              <Bar
                label={`${label}: ${micros} µs, ${percent(share)} of all`}
                whole={longest}
                parts={[{ label, value: micros, color: "--accent" }]}
              />
              <span class="small soft number">{duration(micros / 1000)}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
};
