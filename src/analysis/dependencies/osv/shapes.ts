/** What OSV answers, as far as it is used here (https://google.github.io/osv.dev/api/ and the OSV schema). */
import { z } from 'zod';

/** `POST /v1/querybatch`: one result per query, in their order. */
export const batchShape = z.object({
  results: z.array(
    z
      .object({
        vulns: z.array(z.object({ id: z.string(), modified: z.string().default('') })).default([]),
        next_page_token: z.string().optional(),
      })
      .nullish(),
  ),
});

const severityShape = z.array(z.object({ type: z.string(), score: z.string() })).default([]);
const specificShape = z.looseObject({ severity: z.unknown().optional(), cwe_ids: z.unknown().optional() }).optional();

const eventShape = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
});

const affectedShape = z.object({
  package: z.object({ name: z.string(), ecosystem: z.string() }).optional(),
  ranges: z.array(z.object({ type: z.string(), events: z.array(eventShape).default([]) })).default([]),
  severity: severityShape,
  database_specific: specificShape,
  ecosystem_specific: specificShape,
});

/** `GET /v1/vulns/{id}`. */
export const vulnerabilityShape = z.object({
  id: z.string(),
  modified: z.string().default(''),
  withdrawn: z.string().optional(),
  summary: z.string().default(''),
  details: z.string().default(''),
  aliases: z.array(z.string()).default([]),
  severity: severityShape,
  affected: z.array(affectedShape).default([]),
  database_specific: specificShape,
});

export type OsvVulnerability = z.output<typeof vulnerabilityShape>;
export type OsvAffected = z.output<typeof affectedShape>;
