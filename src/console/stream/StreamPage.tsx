/** StreamPage: what happens in the shop as it happens, and whether it counts: the log, who follows it, what could not be used. */
import "./stream.css";
import { connection, lost, reason, state, useLive } from "../data/Live.ts";
import { Badge, Card, Empty, Figure, Figures, nothing, Problem } from "../kit/Card.tsx";
import { clock, compact, counted, duration, precise, whole } from "../kit/Format.ts";
import { PageHead } from "../kit/PageHead.tsx";
import { Charts } from "./Charts.tsx";
import { Groups } from "./Groups.tsx";
import { aboutFigures } from "./Here.ts";
import { Letters } from "./Letters.tsx";
import { Newest } from "./Newest.tsx";
import { UnderWay } from "./UnderWay.tsx";

/** `at`: ISO 8601, of what is shown still. */
const away = (why: string, at: string | undefined): string =>
  at === undefined ? why : `${why} What stands below is of ${clock(Date.parse(at))}.`;

const orDash = <A,>(value: A | null | undefined, shown: (value: A) => string): string =>
  value === null || value === undefined ? nothing : shown(value);

const Now = () => {
  const now = state.value;
  if (now === undefined) return null;
  const { dead_letters, events, groups, process, recommendations } = now;
  const about = aboutFigures(groups);
  const { appended, applied, batches, freshness, lag } = events;
  return (
    <Card title="Now">
      <Figures>
        <Figure label="Events" value={orDash(appended, (v) => precise(v))} unit="/s" hint="That the log took." />
        <Figure label="Applied" value={orDash(applied, (v) => precise(v))} unit="/s" hint="By the model that serves." />
        <Figure label="Lag" value={orDash(lag, compact)} unit="events" />
        <Figure
          label="Freshness p50 / p99"
          value={freshness === null ? nothing : `${duration(freshness.p50_ms)} / ${duration(freshness.p99_ms)}`}
          hint="From when the log took an event to when it counted."
        />
        <Figure
          label="Batch mean / p99"
          value={batches === null ? nothing : `${precise(batches.mean, 2)} / ${precise(batches.p99, 2)}`}
          unit="events"
        />
        <Figure
          label="Lists p50 / p99"
          value={
            recommendations === null
              ? nothing
              : `${duration(recommendations.p50_ms)} / ${duration(recommendations.p99_ms)}`
          }
          hint="Recommendations that this process answered."
        />
        <Figure label="Dead letters" value={orDash(dead_letters?.count, whole)} />
        <Figure
          label="Thread held p99"
          value={orDash(process.event_loop?.p99_ms, duration)}
          hint="Of the last ten seconds: for how long the process's thread was held."
        />
        <Figure label="Cores" value={orDash(process.cpu, (v) => precise(v, 2))} hint="That this process used." />
        <Figure label="Memory" value={compact(process.memory_bytes / 2 ** 20)} unit="MiB" />
      </Figures>
      {about === undefined ? null : <p class="small soft">{about}</p>}
    </Card>
  );
};

const Connection = () => (
  <>
    {lost.value === 0 ? null : <Badge tone="warn">{counted(lost.value, "second")} lost</Badge>}
    <Badge tone={connection.value === "open" ? "good" : connection.value === "away" ? "bad" : "plain"}>
      {connection.value === "open" ? "live" : connection.value === "away" ? "not connected" : "connecting"}
    </Badge>
  </>
);

export const Page = () => {
  useLive();
  const now = state.value;
  return (
    <>
      <PageHead title="Stream" about="Events as they arrive, and when they count.">
        <Connection />
      </PageHead>
      <div class="k-stack">
        {connection.value !== "away" ? null : (
          <Problem problem={{ status: 0, title: "Nothing is told just now", detail: away(reason.value, now?.at) }} />
        )}
        {now === undefined ? (
          <Empty>Waiting for the first state.</Empty>
        ) : (
          <>
            <UnderWay state={now} />
            <Now />
            <Charts />
            <Groups groups={now.groups} />
          </>
        )}
        <Newest />
        <Letters />
      </div>
    </>
  );
};
