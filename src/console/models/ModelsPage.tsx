/** ModelsPage: versions of the model: which serves, what each is, switching and rolling back, learning again. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ModelSummary } from "../../models/Described.ts";
import type { ModelCard } from "../../serving/Models.ts";
import { ask } from "../data/Api.ts";
import { useLoaded } from "../data/Loaded.ts";
import { Button } from "../kit/Button.tsx";
import { Badge, Card, Empty, Problem } from "../kit/Card.tsx";
import { Confirm } from "../kit/Dialog.tsx";
import { ago, counted, whole } from "../kit/Format.ts";
import { PageHead } from "../kit/PageHead.tsx";
import { notify } from "../shell/Notices.tsx";
import { hrefOf, keep, route } from "../shell/Router.ts";
import { Begin } from "./Begin.tsx";
import { ModelView } from "./ModelView.tsx";
import "./models.css";
import { Progress } from "./Progress.tsx";
import { endedOf, useWork, work } from "./Work.ts";

interface Models {
  readonly serving: string | null;
  readonly models: ReadonlyArray<ModelSummary>;
}

/** Milliseconds between two looks at a model that is on its way to serve. */
const pause = 700;

const State = ({ model }: { readonly model: ModelSummary }) => (
  <span class="k-row">
    {model.serves ? <Badge tone="good">serves</Badge> : <Badge>{model.status}</Badge>}
    {model.waits === null ? null : <Badge tone="warn">waits for you</Badge>}
    {model.beyond_log ? <Badge tone="bad">beyond the log's end</Badge> : null}
    {model.behind_by === null || model.behind_by === 0 ? null : (
      <span class="small soft">{counted(model.behind_by, "event")} behind</span>
    )}
  </span>
);

const Versions = ({
  models,
  open,
}: {
  readonly models: ReadonlyArray<ModelSummary>;
  readonly open: string | undefined;
}) => (
  <Card title="Versions">
    {models.length === 0 ? <Empty>No model yet: “Learn again” makes one.</Empty> : null}
    <ul class="models-list">
      {models.toReversed().map((model) => (
        <li key={model.id}>
          <a href={hrefOf("models", { id: model.id })} aria-current={model.id === open ? "true" : undefined}>
            <span class="models-id">{model.id}</span>
            <State model={model} />
            <span class="small soft">
              {ago(Date.parse(model.created_at), Date.now())} · {whole(model.items)} items · rank {model.rank}
            </span>
          </a>
        </li>
      ))}
    </ul>
  </Card>
);

type Deed = "use" | "delete";

const asks = (deed: Deed, model: ModelSummary, serving: ModelSummary | undefined) => {
  const isOlder = serving !== undefined && model.id < serving.id;
  if (deed === "delete") {
    return {
      title: "Delete this model?",
      action: "Delete",
      text: "With all that belongs to it. This cannot be undone: a batch makes another of the same data.",
    };
  }
  return {
    title: isOlder ? "Roll back to this model?" : "Serve this model?",
    action: isOlder ? "Roll back" : "Serve it",
    text:
      (model.waits === null ? "" : `It waits for a reason: ${model.waits}. `) +
      "It is loaded where it is not, catches up with all that happened since, and serves then, in one step. Until then what serves goes on, and it stays live, to switch back to.",
  };
};

export const Page = () => {
  const list = useLoaded<Models>(() => ({ path: "/models" }));
  const lookAtWork = useWork();
  const known = list.value.value;
  const open = route.value.params.get("id") ?? known?.serving ?? known?.models.at(-1)?.id ?? undefined;
  const opened = useSignal(open);
  opened.value = open;
  const card = useLoaded<ModelCard>(() =>
    opened.value === undefined ? undefined : { path: `/models/${encodeURIComponent(opened.value)}` },
  );
  const asked = useSignal<Deed | undefined>(undefined);
  const ended = useSignal("");
  // What has ended may have made a model, or measured one.
  useSignalEffect(() => {
    const now = work.value === undefined ? "" : endedOf(work.value);
    if (now !== ended.peek() && ended.peek() !== "") {
      list.reload();
      card.reload();
    }
    ended.value = now;
  });
  const model = card.value.value?.id === open ? card.value.value : undefined;
  const use = model?.use ?? undefined;
  useEffect(() => {
    if (use?.state !== "running") return;
    const timer = setTimeout(card.reload, pause);
    return () => clearTimeout(timer);
  }, [card.value.value]);
  useEffect(() => {
    if (use === undefined || use.state === "running") return;
    list.reload();
  }, [use?.ended]);
  const act = async (deed: Deed, id: string) => {
    asked.value = undefined;
    const reply =
      deed === "use"
        ? await ask(`/models/${encodeURIComponent(id)}/use`, { method: "POST" })
        : await ask(`/models/${encodeURIComponent(id)}`, { method: "DELETE" });
    if (!reply.ok) return notify(reply.problem.detail, "bad");
    if (deed === "delete") keep({});
    else card.reload();
    list.reload();
  };
  const words =
    asked.value === undefined || model === undefined
      ? undefined
      : asks(
          asked.value,
          model,
          known?.models.find(({ serves }) => serves),
        );
  const deed = asked.value;
  return (
    <>
      <PageHead
        title="Models"
        about="Versions of what the shop has learnt: which serves, what each is, and what it is worth."
      />
      <div class="models-page">
        <div class="k-stack">
          {list.problem.value === undefined ? null : <Problem problem={list.problem.value} onAgain={list.reload} />}
          <Begin onBegun={lookAtWork} />
          {known === undefined && list.busy.value ? <Empty>Loading…</Empty> : null}
          {known === undefined ? null : <Versions models={known.models} open={open} />}
        </div>
        <div class="k-stack">
          {card.problem.value === undefined || open === undefined ? null : (
            <Problem problem={card.problem.value} onAgain={card.reload} />
          )}
          {model === undefined && card.busy.value ? <Empty>Loading…</Empty> : null}
          {model === undefined ? null : (
            <>
              <div class="models-head">
                <div>
                  <h2 class="models-id">{model.id}</h2>
                  <State model={model} />
                </div>
                <span class="k-row">
                  <Button
                    kind="primary"
                    disabled={model.serves || use?.state === "running"}
                    onClick={() => {
                      asked.value = "use";
                    }}
                  >
                    {known?.serving != null && model.id < known.serving ? "Roll back to it" : "Serve it"}
                  </Button>
                  <Button
                    disabled={model.serves || use?.state === "running"}
                    onClick={() => {
                      asked.value = "delete";
                    }}
                  >
                    Delete
                  </Button>
                </span>
              </div>
              {use?.state === "running" ? (
                <Progress title="On its way to serve" started={use.started} step={use.step} />
              ) : null}
              {use?.state === "failed" && use.detail !== null ? (
                <Problem problem={{ status: 0, title: "It was not put to use", detail: use.detail }} />
              ) : null}
              <ModelView model={model} />
            </>
          )}
        </div>
      </div>
      {words === undefined || deed === undefined || model === undefined ? null : (
        <Confirm
          title={words.title}
          action={words.action}
          danger={deed === "delete"}
          onClose={() => {
            asked.value = undefined;
          }}
          onConfirm={() => void act(deed, model.id)}
        >
          <p>{words.text}</p>
        </Confirm>
      )}
    </>
  );
};
