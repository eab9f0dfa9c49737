/** Routes: which paths there are, with which methods and parameters, as `Api.ts` declares them. */
import { HttpApi } from "@effect/platform";
import { Context, Option, SchemaAST } from "effect";
import { Api } from "./Api.ts";
import { Idempotent } from "./api/Idempotent.ts";
import { type Need, Needs } from "./api/Needs.ts";

export const docsPath = "/docs";
export const openApiPath = "/openapi.json";
export const consolePath = "/console";
/** Followed by the name of a file, which changes with what it holds. */
export const consoleFiles = "/console/assets/";

export interface Route {
  readonly method: string;
  /** As declared, with names for what is in it. */
  readonly path: string;
  /** As it is told of: `GET /items/{item_id}`. */
  readonly label: string;
  /** Undefined where the endpoint does not say. */
  readonly need: Need | undefined;
  /** Whether it takes an Idempotency-Key. */
  readonly idempotent: boolean;
  readonly pattern: RegExp;
  /** Of the query. */
  readonly parameters: ReadonlyArray<string>;
}

export const routes: ReadonlyArray<Route> = (() => {
  const found: Array<Route> = [];
  const add = (route: Omit<Route, "pattern" | "label">) => {
    const pattern = new RegExp(`^${route.path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    found.push({ ...route, pattern, label: `${route.method} ${route.path.replace(/:(\w+)/g, "{$1}")}` });
  };
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { annotations, method, path, urlParamsSchema } }) => {
      const declared = Option.toArray(urlParamsSchema).flatMap(({ ast }) => SchemaAST.getPropertySignatures(ast));
      add({
        method,
        path,
        need: Option.getOrUndefined(Context.getOption(annotations, Needs)),
        idempotent: Context.get(annotations, Idempotent),
        parameters: declared.map(({ name }) => String(name)),
      });
    },
  });
  for (const path of [docsPath, openApiPath, consolePath, `${consoleFiles}:file`]) {
    add({ method: "GET", path, need: "open", idempotent: false, parameters: [] });
  }
  return found;
})();

/** The methods of a path, as the allow header lists them; empty for a path that does not exist. */
export const allowed = (path: string): ReadonlyArray<string> => {
  // A path may be of two routes: a user's, too, where a user is called as a path is.
  const methods = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
  return methods.length === 0 ? [] : [...methods.flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m])), "OPTIONS"];
};

/** HEAD asks what GET answers. */
export const routeOf = (method: string, path: string): Route | undefined =>
  routes.find((route) => route.method === (method === "HEAD" ? "GET" : method) && route.pattern.test(path));

/** What a key must be allowed to do; where there is no route, there is nothing to hide. */
export const needOf = (route: Route | undefined): Need => (route === undefined ? "open" : (route.need ?? "admin"));

/** Whether a request may come with an Idempotency-Key. */
export const takesKey = (method: string, path: string): boolean => routeOf(method, path)?.idempotent === true;
