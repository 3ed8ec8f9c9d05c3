/** Identifiers as a port, so that tests and replays can fix them. */

export interface IdSource {
  /** A new id that sorts by creation time and is safe in a file name. */
  next(): string;
}

/** 48 bits of time and 48 bits of randomness in base 36; unique across processes for every practical purpose. */
export const systemIds: IdSource = {
  next() {
    const time = Date.now().toString(36).padStart(9, '0');
    const bytes = crypto.getRandomValues(new Uint8Array(6));
    const random = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${time}-${random}`;
  },
};
