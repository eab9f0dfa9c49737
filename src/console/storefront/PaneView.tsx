/** PaneView: a shopper, their controls, their list and what is known of them. */
import { untracked, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Recommendation } from "../../serving/recommend/Answer.ts";
import { Button } from "../kit/Button.tsx";
import { Empty, Problem } from "../kit/Card.tsx";
import { duration } from "../kit/Format.ts";
import { happened, sandbox, undo } from "./Acting.ts";
import { Avatar, nameOf } from "./Avatar.tsx";
import { Controls } from "./Controls.tsx";
import { asked, isClosed } from "./Guide.tsx";
import { become, loadPast, type Pane, refresh } from "./Pane.ts";
import { Picker } from "./Picker.tsx";
import { Profile } from "./Profile.tsx";
import { isSet } from "./Settings.ts";
import { deedsOf, shop } from "./Shop.ts";
import { Tiles } from "./Tiles.tsx";
import { Why } from "./Why.tsx";

const Speed = ({ pane }: { readonly pane: Pane }) => {
  const { value: took } = pane.took;
  return (
    <p class="sf-speed" aria-live="polite">
      {took === undefined ? (
        <span class="soft small">Click on something: the list changes.</span>
      ) : (
        <>
          <strong class="number">{duration(took.all)}</strong>
          <span class="soft small">from click to changed list</span>
          <span class="soft small sf-speed-parts">
            {took.event === undefined ? "" : `event stored in ${duration(took.event)}, `}list in {duration(took.list)}
          </span>
        </>
      )}
    </p>
  );
};

interface Props {
  readonly pane: Pane;
  /** Two stand side by side. */
  readonly isNarrow: boolean;
  /** Read out: which of the two it is. */
  readonly label: string;
  readonly onWho: () => void;
}

export const PaneView = ({ pane, isNarrow, label, onWho }: Props) => {
  const picking = useSignal(false);
  const why = useSignal<Recommendation | undefined>(undefined);
  const { value: who } = pane.who;
  const isFirst = useRef(true);
  useEffect(() => {
    if (!who.isNew && pane.profile.value === undefined) loadPast(pane);
  }, []);
  // Another setting, or another way to act, asks anew: the first time, too.
  useSignalEffect(() => {
    pane.settings.value;
    sandbox.value;
    const isDue = !isFirst.current || pane.list.peek() === undefined;
    // What the question is made of is no reason to ask.
    if (isDue) untracked(() => refresh(pane, sandbox.value));
    isFirst.current = false;
  });
  useSignalEffect(() => {
    const { value: deed } = happened;
    if (deed === undefined || deed.pane === pane || deed.user !== pane.who.peek().user) return;
    untracked(() => refresh(pane, sandbox.value));
    loadPast(pane);
  });
  const deeds = deedsOf(shop.value?.event_types ?? []);
  const acted = pane.deeds.value.length + pane.hidden.value.length;
  return (
    <section class={isNarrow ? "sf-pane sf-pane-narrow" : "sf-pane"} aria-label={label}>
      <header class="sf-who">
        <Avatar user={who.isNew ? "" : who.user} />
        <div class="sf-who-name">
          <h2 title={who.user}>{who.isNew ? "A new shopper" : nameOf(who.user)}</h2>
          <Speed pane={pane} />
        </div>
        <div class="k-row">
          {acted === 0 || !sandbox.value ? null : (
            <Button kind="quiet" size="s" onClick={() => undo(pane)}>
              Undo {acted}
            </Button>
          )}
          <Button
            size="s"
            onClick={() => {
              picking.value = true;
            }}
          >
            Be someone else
          </Button>
        </div>
      </header>
      {/* While the guide is there, the list has the place: what the first clicks do is to be seen. */}
      <details class="sf-settings" open={isClosed.value && !isNarrow && matchMedia("(min-width: 1001px)").matches}>
        <summary>Filters and order{isSet(pane.settings.value) ? " (set)" : ""}</summary>
        <Controls settings={pane.settings} />
      </details>
      <div class="sf-body-grid">
        <div class="sf-list" aria-busy={pane.busy.value}>
          {pane.problem.value === undefined ? null : (
            <Problem problem={pane.problem.value} onAgain={() => refresh(pane, sandbox.value)} />
          )}
          {pane.list.value?.length === 0 ? (
            <Empty>
              {isSet(pane.settings.value)
                ? "Nothing in the shop fits these filters."
                : "Nothing is left to show: what the shop has is not for sale, or was bought or hidden."}
            </Empty>
          ) : null}
          <Tiles
            pane={pane}
            deeds={deeds}
            onWhy={(one) => {
              asked.value = true;
              why.value = one;
            }}
          />
        </div>
        <aside class="sf-aside" aria-label={`${label}: the shopper`}>
          <Profile label={label} pane={pane} />
        </aside>
      </div>
      {picking.value ? (
        <Picker
          onClose={() => {
            picking.value = false;
          }}
          onWho={(chosen) => {
            picking.value = false;
            become(pane, chosen, sandbox.value);
            onWho();
          }}
        />
      ) : null}
      {why.value === undefined ? null : (
        <Why
          one={why.value}
          onClose={() => {
            why.value = undefined;
          }}
        />
      )}
    </section>
  );
};
