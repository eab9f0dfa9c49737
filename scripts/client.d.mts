/** Writes `client.js` and `client.d.ts`, the typed client of the API, into the folder. */
export const makeClientFiles: (target: string) => Promise<void>;
