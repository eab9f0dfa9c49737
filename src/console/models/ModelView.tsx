/** ModelView: a model's card: what it was made of and by, how its loss fell, what it is worth against baselines. */
import type { EvaluationSummary } from "../../evaluation/Summary.ts";
import type { Worth } from "../../models/Evidence.ts";
import type { ModelCard } from "../../serving/Models.ts";
import { Badge, Card, Empty, Figure, Figures } from "../kit/Card.tsx";
import { Chart } from "../kit/Chart.tsx";
import { compact, duration, precise, signed, whole } from "../kit/Format.ts";
import { Table } from "../kit/Table.tsx";
import { Intervals } from "./Intervals.tsx";

const day = (iso: string): string => iso.slice(0, 10);

const Data = ({ model }: { readonly model: ModelCard }) => {
  const { learnt_from, popularity_half_life_seconds: halfLife } = model;
  return (
    <Figures>
      <Figure label="Users" value={compact(model.users)} hint={whole(model.users)} />
      <Figure label="Items" value={compact(model.items)} hint={whole(model.items)} />
      {learnt_from === null ? null : (
        <Figure
          label="Events"
          value={compact(learnt_from.events)}
          hint={`${whole(learnt_from.events)}, of ${whole(learnt_from.users)} users and ${whole(learnt_from.items)} items`}
        />
      )}
      <Figure label="Rank" value={model.rank} />
      {halfLife === null ? null : (
        <Figure
          label="Popularity halves in"
          value={duration(1000 * halfLife)}
          hint="By how fast the shop's events came"
        />
      )}
    </Figures>
  );
};

const Losses = ({ losses }: { readonly losses: ReadonlyArray<number> }) => (
  <Card title="Loss by iteration">
    {losses.length < 2 ? (
      <Empty>It has no more than one iteration.</Empty>
    ) : (
      <Chart
        label={`Loss by iteration: from ${precise(losses[0] ?? 0, 4)} to ${precise(losses.at(-1) ?? 0, 4)}`}
        x={losses.map((_, at) => at + 1)}
        rows={[losses]}
        series={[{ label: "loss", color: "--part-1", shown: (value) => whole(value) }]}
        tick={compact}
        fits
        axis="iteration"
        height={200}
      />
    )}
  </Card>
);

const Settings = ({ model }: { readonly model: ModelCard }) => (
  <Card title="Settings">
    <Table
      caption="Settings, and why each has its value"
      keyOf={({ name }) => name}
      rows={model.settings}
      columns={[
        { title: "Setting", cell: ({ name }) => <code class="models-setting">{name}</code> },
        { title: "Value", cell: ({ value }) => value, numeric: true },
        {
          title: "Why",
          cell: ({ why }) => (why === null ? "" : <Badge tone={why === "tuned" ? "accent" : "plain"}>{why}</Badge>),
        },
      ]}
    />
    <p class="small soft">
      Learns from {model.event_types.join(", ")}; made of{" "}
      {Object.entries(model.tables)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ") || "tables that it does not name"}
      .
    </p>
  </Card>
);

const evaluated = ({ cases, contestants, cutoff, method, tested_from, tested_to }: EvaluationSummary) => ({
  title: `NDCG@${cutoff} on ${whole(cases)} ${method === "stream" ? "events" : "shoppers"}, ${day(tested_from)} to ${day(tested_to)}`,
  rows: contestants.map(({ gain, name, ndcg, serves }) => ({
    ...{ name: serves ? `${name} (this)` : name, isOurs: serves, ...ndcg },
    said: serves || gain === null ? "" : `${signed(gain.mean)} ± ${gain.margin.toFixed(4)}`,
  })),
});

const Evaluation = ({
  evaluation,
  worth,
}: {
  readonly evaluation: EvaluationSummary | null;
  readonly worth: Worth | null;
}) => {
  const found = evaluation === null ? undefined : evaluated(evaluation);
  return (
    <Card
      title="Against baselines"
      aside={evaluation === null ? null : <span class="small soft">{day(evaluation.created_at)}</span>}
    >
      {found === undefined ? (
        <Empty>Not measured yet with its settings: “Measure” does.</Empty>
      ) : (
        <div class="k-stack">
          <p class="small soft">
            {found.title}. Bars have 95 % intervals over shoppers; what stands behind is the difference to this model at
            the same events.
          </p>
          <Intervals label={found.title} rows={found.rows} />
          {evaluation?.warnings.map((warning) => (
            <p key={warning} class="small models-warn">
              {warning}.
            </p>
          ))}
        </div>
      )}
      {worth === null ? null : (
        <div class="models-worth">
          <h3>What its tuned settings are worth</h3>
          <p class="small soft">
            {signed(worth.gain.mean)} ± {worth.gain.margin.toFixed(4)} over the defaults, on {whole(worth.events)}{" "}
            events from {day(worth.tested_from)} to {day(worth.tested_to)} that none of {whole(worth.trials)} trials had
            looked at.
          </p>
          <Intervals
            label={`NDCG@${worth.cutoff} of tuned and default settings`}
            rows={[
              { name: "tuned", mean: worth.tuned_ndcg, margin: 0, isOurs: true, said: "" },
              { name: "defaults", mean: worth.default_ndcg, margin: 0, isOurs: false, said: "" },
            ]}
          />
        </div>
      )}
    </Card>
  );
};

export const ModelView = ({ model }: { readonly model: ModelCard }) => (
  <>
    <Card title="Made of">
      <Data model={model} />
    </Card>
    <Losses losses={model.losses} />
    <Evaluation evaluation={model.evaluation} worth={model.worth} />
    <Settings model={model} />
  </>
);
