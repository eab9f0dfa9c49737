/** Served: the shop as it serves, for pages that need its model: asked for again and again while none serves. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Shop } from "../../serving/storefront/StorefrontSchema.ts";
import { type Loaded, useLoaded } from "./Loaded.ts";

/** Milliseconds between two looks whether there is a model by now: a shop that was just started makes its first one. */
export const learning = 2000;

export interface Served extends Loaded<Shop> {
  /** Whether the shop says that no model serves. */
  readonly isLearning: ReadonlySignal<boolean>;
}

export const useServed = (): Served => {
  const shop = useLoaded<Shop>(() => ({ path: "/console/shop" }));
  const isLearning = useComputed(() => shop.value.value?.model === null);
  useEffect(() => {
    if (!isLearning.value) return;
    const timer = setInterval(shop.reload, learning);
    return () => clearInterval(timer);
  }, [isLearning.value]);
  return { ...shop, isLearning };
};
