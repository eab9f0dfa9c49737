/** MetricsTable: the metrics as OPERATIONS.md lists them; `npm run readme` writes it there. */
import { families } from "./Families.ts";

export const metricsTable = (): string =>
  [
    "| metric | type | labels | what it tells |",
    "|---|---|---|---|",
    ...families.map(
      ({ help, labels, name, type }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
    ),
  ].join("\n");
