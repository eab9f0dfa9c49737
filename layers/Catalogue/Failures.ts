/** Failures: how a catalogue's store that fails, and items that cannot be decoded, are told. */
import { CatalogueError } from "../../src/ports/Catalogue.ts";

export const unavailable = (cause: { readonly message: string; readonly reason?: string }): CatalogueError =>
  new CatalogueError({
    reason: cause.reason === "Corrupt" ? "Corrupt" : "Unavailable",
    message: cause.message,
    cause,
  });

/** `item`: its id, or its index where that is all there is to tell of it. */
export const corrupt = (item: string | number): CatalogueError =>
  new CatalogueError({
    reason: "Corrupt",
    message: `what is stored of item ${typeof item === "string" ? JSON.stringify(item) : `number ${item}`} cannot be decoded: restore the store from a backup`,
  });

export const conflict = (what: string): CatalogueError =>
  new CatalogueError({ reason: "Conflict", message: `the catalogue went another way: ${what}` });
