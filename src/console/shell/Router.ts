/** Router: which page is open, by what stands behind the address's `#`: `#/items?id=7`. Back and forward work as anywhere. */
import { computed, signal } from "@preact/signals";

export interface Route {
  /** `items` of `#/items?id=7`; empty for the first page. */
  readonly page: string;
  readonly params: URLSearchParams;
}

/** Of what stands behind the address's `#`. */
export const routeOf = (hash: string): Route => {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return { page: path.split("/", 1)[0] ?? "", params: new URLSearchParams(query) };
};

/** An address for links; what is undefined or empty is left out. */
export const hrefOf = (page: string, params: Readonly<Record<string, string | undefined>> = {}): string => {
  const kept = Object.entries(params).filter((pair): pair is [string, string] => (pair[1] ?? "") !== "");
  const query = new URLSearchParams(kept).toString();
  return query === "" ? `#/${page}` : `#/${page}?${query}`;
};

const hash = signal(globalThis.location?.hash ?? "");
globalThis.addEventListener?.("hashchange", () => {
  hash.value = location.hash;
});

export const route = computed(() => routeOf(hash.value));

export const go = (page: string, params?: Readonly<Record<string, string | undefined>>): void => {
  location.hash = hrefOf(page, params);
};

/** Changes the address of the open page without a step in the history: for controls whose state a link should keep. */
export const keep = (params: Readonly<Record<string, string | undefined>>): void => {
  const href = hrefOf(route.value.page, params);
  history.replaceState(null, "", href);
  hash.value = href;
};
