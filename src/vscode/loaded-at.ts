/** The moment at which the extension's code began to run: imported before everything else, so that loading is measured too. */
export const loadedAt = performance.now();
