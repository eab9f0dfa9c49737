/** Letters: events that could not be used: why, which, and what can be done about them. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Letter } from "../../deadletters/Described.ts";
import type { Dropped, Letters as Listed, Replayed } from "../../http/api/DeadLetters.ts";
import { ask } from "../data/Api.ts";
import { state } from "../data/Live.ts";
import { useLoaded } from "../data/Loaded.ts";
import { Button } from "../kit/Button.tsx";
import { Badge, Card, Problem, type Tone } from "../kit/Card.tsx";
import { Confirm } from "../kit/Dialog.tsx";
import { SelectField } from "../kit/Field.tsx";
import { moment, whole } from "../kit/Format.ts";
import { Table } from "../kit/Table.tsx";
import { notify } from "../shell/Notices.tsx";

const words: Readonly<Record<Letter["reason"], string>> = {
  undecodable: "no event",
  corrupt_batch: "damaged batch",
  bad_time: "impossible time",
  unknown_item: "unknown item",
  unknown_type: "unknown type",
  damaged_state: "damaged shopper",
};
const tones: Readonly<Record<Letter["state"], Tone>> = { open: "warn", replayed: "good", counted: "plain" };
const page = 10;

const reasonIn = (text: string): text is Letter["reason"] => Object.hasOwn(words, text);

const columns = [
  {
    title: "Given up",
    cell: ({ given_up }: Letter) => <span class="s-when number">{moment(Date.parse(given_up))}</span>,
  },
  {
    title: "Why",
    cell: ({ detail, reason }: Letter) => (
      <div class="s-why">
        <strong>{words[reason]}</strong>
        <div class="soft">{detail}</div>
      </div>
    ),
  },
  { title: "State", cell: ({ state }: Letter) => <Badge tone={tones[state]}>{state}</Badge> },
  { title: "By", cell: ({ by }: Letter) => by.join(", ") },
  {
    title: "Record",
    cell: ({ is_cut, offset, partition, value }: Letter) => (
      <>
        <code class="s-value">{`${value}${is_cut ? "…" : ""}`}</code>
        <div class="soft number">{`${partition}:${offset}`}</div>
      </>
    ),
  },
];

const toldOf = ({ counted, replayed, unusable }: typeof Replayed.Type): string =>
  [
    `${whole(replayed)} replayed`,
    ...(counted === 0 ? [] : [`${whole(counted)} had counted already`]),
    ...unusable.map(({ events, why }) => `${whole(events)} stay: ${why}`),
  ].join("; ");

export const Letters = () => {
  const reason = useSignal("");
  const cursor = useSignal<string | undefined>(undefined);
  const asks = useSignal<"replay" | "drop" | undefined>(undefined);
  const busy = useSignal(false);
  const query = () => (reason.value === "" ? {} : { reason: reason.value });
  const { problem, reload, value } = useLoaded<typeof Listed.Type>(() => ({
    path: "/dead-letters",
    call: { query: { ...query(), limit: page, cursor: cursor.value } },
  }));
  const seen = useRef<number | undefined>(undefined);
  useSignalEffect(() => {
    const count = state.value?.dead_letters?.count;
    if (seen.current !== undefined && count !== undefined && count !== seen.current) reload();
    seen.current = count ?? seen.current;
  });

  const act = async (deed: "replay" | "drop") => {
    asks.value = undefined;
    busy.value = true;
    const reply =
      deed === "replay"
        ? await ask<typeof Replayed.Type>("/dead-letters/replay", { method: "POST", query: query() })
        : await ask<typeof Dropped.Type>("/dead-letters", { method: "DELETE", query: query() });
    busy.value = false;
    if (!reply.ok) notify(reply.problem.detail, "bad");
    else if ("replayed" in reply.value) notify(toldOf(reply.value), "good");
    else notify(`${whole(reply.value.dropped)} dropped`, "good");
    cursor.value = undefined;
    reload();
  };

  const found = value.value;
  const open = found === undefined ? 0 : found.total - found.done;
  const of = reasonIn(reason.value) ? `“${words[reason.value]}”` : "all reasons";
  return (
    <Card
      title="Dead letters"
      aside={
        <span class="small soft number">
          {found === undefined ? "" : `${whole(open)} open of ${whole(found.total)}`}
        </span>
      }
    >
      <div class="s-letters-head">
        <SelectField
          label="Reason"
          value={reason.value}
          onChoice={(text) => {
            reason.value = text;
            cursor.value = undefined;
          }}
          choices={[
            { value: "", label: "all reasons" },
            ...Object.entries(words).map(([name, label]) => ({ value: name, label })),
          ]}
        />
        <div class="k-row">
          <Button
            kind="primary"
            disabled={busy.value || open === 0}
            onClick={() => {
              asks.value = "replay";
            }}
          >
            Replay
          </Button>
          <Button
            disabled={busy.value || (found?.done ?? 0) === 0}
            onClick={() => {
              asks.value = "drop";
            }}
          >
            Drop what is done
          </Button>
        </div>
      </div>
      {problem.value === undefined ? null : <Problem problem={problem.value} onAgain={reload} />}
      {found === undefined ? null : (
        <Table
          caption="Dead letters, newest first"
          rows={[...(found?.letters ?? [])].reverse()}
          keyOf={({ offset, partition, by }) => `${partition} ${offset} ${by.join()}`}
          empty={reason.value === "" ? "None: every event could be used." : "None for this reason."}
          columns={columns}
        />
      )}
      {cursor.value === undefined && (found?.next_cursor ?? null) === null ? null : (
        <div class="k-row k-row-end">
          <Button
            size="s"
            disabled={cursor.value === undefined}
            onClick={() => {
              cursor.value = undefined;
            }}
          >
            Newest
          </Button>
          <Button
            size="s"
            disabled={(found?.next_cursor ?? null) === null}
            onClick={() => {
              cursor.value = found?.next_cursor ?? undefined;
            }}
          >
            Older
          </Button>
        </div>
      )}
      {asks.value === "replay" ? (
        <Confirm
          title="Replay dead letters"
          action="Replay"
          onClose={() => {
            asks.value = undefined;
          }}
          onConfirm={() => void act("replay")}
        >
          <p>
            What can be used now, of {of}, is appended to the log again. Each event counts once, however often this is
            done.
          </p>
        </Confirm>
      ) : null}
      {asks.value === "drop" ? (
        <Confirm
          title="Drop what is done"
          action="Drop"
          danger
          onClose={() => {
            asks.value = undefined;
          }}
          onConfirm={() => void act("drop")}
        >
          <p>Letters of {of} that were replayed, or had counted, are deleted. What is still open stays.</p>
        </Confirm>
      ) : null}
    </Card>
  );
};
