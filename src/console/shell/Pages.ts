/** Pages: which there are, each loaded when it is first opened. */
import type { ComponentType } from "preact";

export interface Page {
  /** As the address has it. */
  readonly name: string;
  readonly title: string;
  readonly load: () => Promise<{ readonly Page: ComponentType }>;
}

export const pages: ReadonlyArray<Page> = [
  { name: "storefront", title: "Storefront", load: () => import("../storefront/StorefrontPage.tsx") },
  { name: "stream", title: "Stream", load: () => import("../stream/StreamPage.tsx") },
  { name: "models", title: "Models", load: () => import("../models/ModelsPage.tsx") },
  { name: "items", title: "Items", load: () => import("../items/ItemsPage.tsx") },
  { name: "pipeline", title: "Pipeline", load: () => import("../pipeline/PipelinePage.tsx") },
];
