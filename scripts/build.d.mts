export const build: (options: { readonly ifStale: boolean }) => Promise<void>;
