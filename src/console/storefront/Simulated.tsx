/** Simulated: made-up shoppers, switched on and off: the shop comes alive. Only where the shop itself was made up. */
import { useEffect } from "preact/hooks";
import type { Simulation } from "../../serving/storefront/StorefrontSchema.ts";
import { ask } from "../data/Api.ts";
import { notify } from "../shell/Notices.tsx";
import { loadShop, shop } from "./Shop.ts";

/** Until they have arrived it is asked how far they are; then the lists are, since the shop changes. */
const arriving = 1000;
const living = 4000;
const perSecond = 20;

const turn = async (on: boolean): Promise<void> => {
  const reply = await ask<Simulation>("/console/simulation", { method: "POST", body: { on, per_second: perSecond } });
  if (!reply.ok) return notify(reply.problem.detail, "bad");
  if (shop.value !== undefined) shop.value = { ...shop.value, simulation: reply.value };
};

/** `onLife`: something happened in the shop meanwhile. */
export const Simulated = ({ onLife }: { readonly onLife: () => void }) => {
  const simulation = shop.value?.simulation ?? undefined;
  const state = simulation?.state;
  const runs = state === "on" || state === "starting";
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(state === "on" ? onLife : loadShop, state === "on" ? living : arriving);
    return () => clearInterval(timer);
  }, [state]);
  if (simulation === undefined) return null;
  return (
    <label class="sf-switch" title="Made-up shoppers act on their taste, as events like any other">
      <input
        type="checkbox"
        role="switch"
        aria-checked={runs}
        checked={runs}
        onChange={({ currentTarget }) => turn(currentTarget.checked)}
      />
      <span class="sf-switch-track" aria-hidden="true" />
      <span>
        Simulated shoppers
        <span class="small soft number">
          {state === "failed"
            ? ` ${simulation.detail ?? "failed"}`
            : state === "starting"
              ? " arriving…"
              : state === "on"
                ? ` ${simulation.per_second} events a second`
                : ""}
        </span>
      </span>
    </label>
  );
};
