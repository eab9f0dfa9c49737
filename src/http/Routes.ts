/** Routes: which paths there are, with which methods and parameters, as `Api.ts` declares them. */
import { HttpApi } from "@effect/platform";
import { Option, SchemaAST } from "effect";
import { Api } from "./Api.ts";

export const docsPath = "/docs";
export const openApiPath = "/openapi.json";

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  /** Of the query. */
  readonly parameters: ReadonlyArray<string>;
}

const routes: ReadonlyArray<Route> = (() => {
  const found: Array<Route> = [];
  const add = (method: string, path: string, parameters: ReadonlyArray<string> = []) => {
    const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    found.push({ method, pattern, parameters });
  };
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { method, path, urlParamsSchema } }) => {
      const declared = Option.toArray(urlParamsSchema).flatMap(({ ast }) => SchemaAST.getPropertySignatures(ast));
      add(
        method,
        path,
        declared.map(({ name }) => String(name)),
      );
    },
  });
  add("GET", docsPath);
  add("GET", openApiPath);
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
