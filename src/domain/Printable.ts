/** Printable: text of others, such as cells and ids, as it may be let out on a terminal. */

const control = /\p{Cc}/gu;

/** Without control characters, which could move the cursor, recolour, or rename the window. */
export const printable = (text: string): string => text.replaceAll(control, "\uFFFD");
