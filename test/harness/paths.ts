/** Where things are in a checkout: the one place that counts folders upwards. */
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
/** Everything that a build or a test makes and nobody commits. */
export const out = resolve(root, 'out');
export const vsixFile = resolve(out, 'mcp-conductor.vsix');
export const screenshots = resolve(out, 'screenshots');
