/** Meta: what the two meta pages at the beginning of LMDB's data file tell (`MDB_meta` in its mdb.c, data version 2). */

const magic = 0xbeefc0de;
const dataVersion = 2;

/** Bytes from the beginning of a meta page. */
const at = { magic: 24, version: 28, pageSize: 48, transaction: 152 } as const;

/** Where a meta page's fields end. */
export const metaBytes = 160;

export const isMeta = (bytes: Buffer, page: number): boolean =>
  bytes.length >= page + metaBytes &&
  bytes.readUInt32LE(page + at.magic) === magic &&
  bytes.readUInt32LE(page + at.version) === dataVersion;

export const pageSizeOf = (firstPage: Buffer): number => firstPage.readUInt32LE(at.pageSize);

/** The number of the commit that wrote the meta page at `page`. */
export const transactionOf = (bytes: Buffer, page: number): number =>
  Number(bytes.readBigUInt64LE(page + at.transaction));
