/** Routes: which paths there are, with which methods and parameters, as `Api.ts` declares them. */
import { HttpApi } from "@effect/platform";
import { Context, Option, SchemaAST } from "effect";
import { Api } from "./Api.ts";
import { type Need, Needs } from "./api/Needs.ts";

export const docsPath = "/docs";
export const openApiPath = "/openapi.json";

interface Route {
  readonly method: string;
  /** As declared, with names for what is in it. */
  readonly path: string;
  /** Undefined where the endpoint does not say. */
  readonly need: Need | undefined;
  readonly pattern: RegExp;
  /** Of the query. */
  readonly parameters: ReadonlyArray<string>;
}

export const routes: ReadonlyArray<Route> = (() => {
  const found: Array<Route> = [];
  const add = (method: string, path: string, need: Need | undefined, parameters: ReadonlyArray<string> = []) => {
    const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    found.push({ method, path, need, pattern, parameters });
  };
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { annotations, method, path, urlParamsSchema } }) => {
      const declared = Option.toArray(urlParamsSchema).flatMap(({ ast }) => SchemaAST.getPropertySignatures(ast));
      add(
        method,
        path,
        Option.getOrUndefined(Context.getOption(annotations, Needs)),
        declared.map(({ name }) => String(name)),
      );
    },
  });
  add("GET", docsPath, "open");
  add("GET", openApiPath, "open");
  return found;
})();

/** The methods of a path, as the allow header lists them; empty for a path that does not exist. */
export const allowed = (path: string): ReadonlyArray<string> => {
  const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return methods.length === 0 ? [] : [...methods.flatMap((m) => (m === "GET" ? ["GET", "HEAD"] : [m])), "OPTIONS"];
};

/** HEAD asks what GET answers. */
export const routeOf = (method: string, path: string): Route | undefined =>
  routes.find((route) => route.method === (method === "HEAD" ? "GET" : method) && route.pattern.test(path));

/** What a key must be allowed to do; where there is no route, there is nothing to hide. */
export const needOf = (method: string, path: string): Need => {
  const route = routeOf(method, path);
  return route === undefined ? "open" : (route.need ?? "admin");
};
