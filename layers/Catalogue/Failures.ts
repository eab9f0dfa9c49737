/** Failures: how a catalogue's store that fails is told. */
import { CatalogueError } from "../../src/ports/Catalogue.ts";

export const unavailable = (cause: { readonly message: string; readonly reason?: string }): CatalogueError =>
  new CatalogueError({
    reason: cause.reason === "Corrupt" ? "Corrupt" : "Unavailable",
    message: cause.message,
    cause,
  });

export const conflict = (what: string): CatalogueError =>
  new CatalogueError({ reason: "Conflict", message: `the catalogue went another way: ${what}` });
