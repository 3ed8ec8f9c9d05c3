/** `vulnerabilities`: whom reviews that may go online ask. */
import { z } from 'zod';
import { optional, section } from '../fields.ts';

/** Read when the engine starts. */
export const vulnerabilities = optional(
  section({
    url: z
      .url({ protocol: /^https?$/ })
      .describe("Address of the server that is asked instead of OSV's own, such as a mirror; it must speak OSV's API."),
  }),
  "Where reviews that may go online ask about known vulnerabilities. Left out: OSV's own server.",
);
