/** The shape of a rule's file. */
import { z } from 'zod';
import { CONFIDENCES, SEVERITIES } from '../../../contracts/review.ts';
import { CODE_LANGUAGES } from './program.ts';
import { WHEN } from './rule.ts';

const regex = z.string().min(1).max(4_000);
const name = z
  .string()
  .max(200)
  .regex(
    /^(new )?(\*\.)?[\w$@/.()-]+$|^\[(key)?\]$/,
    'write a path such as "os.system", "*.execute", "new Function", or "[]" for entries',
  );
const glob = z
  .string()
  .max(200)
  .regex(/^(new )?[\w$@/.()*-]+$/, 'write a path such as "html.escape" or "*escape*", with * for any text');
const globs = z.array(glob).max(200);
const names = z.array(name).min(1).max(200);

/** What a pattern can be about; each has exactly one of these keys. */
const SUBJECTS = ['call', 'assignment', 'entry', 'return', 'import', 'mention', 'literal', 'compare'] as const;

export const patternSchema = z
  .strictObject({
    call: names.optional().describe('Functions, methods and constructors by their path'),
    assignment: names.optional().describe('Properties that are assigned to'),
    entry: names.optional().describe('Keys of objects that are written out'),
    return: z.literal('route').optional().describe('What a function that a web framework calls gives back'),
    import: names.optional(),
    mention: names.optional().describe('Names and members that are used at all'),
    literal: regex.optional().describe('Strings that match'),
    compare: z.literal('any').optional().describe('Comparisons with what `when` asks on either side'),
    argument: z.union([z.int().min(0).max(30), z.string().min(1).max(100)]).optional(),
    when: z.enum(WHEN).optional(),
    text: regex.optional(),
    unlessText: regex.optional(),
    value: regex.optional(),
    source: regex.optional(),
    unlessSource: regex.optional(),
    file: regex.optional(),
    unlessFile: regex.optional(),
    receiver: regex.optional(),
    notReceiver: regex.optional(),
    into: regex.optional(),
    named: z
      .array(z.strictObject({ name: z.string().max(100), value: regex, orMissing: z.boolean().optional() }))
      .max(10)
      .optional(),
    requires: z
      .array(z.strictObject({ argument: z.int().min(0).max(30), text: regex }))
      .max(10)
      .optional(),
    minimumArguments: z.int().min(0).max(30).optional(),
    maximumArguments: z.int().min(0).max(30).optional(),
    severity: z.enum(SEVERITIES).optional(),
    confidence: z.enum(CONFIDENCES).optional(),
  })
  .refine((pattern) => SUBJECTS.filter((subject) => pattern[subject] !== undefined).length === 1, {
    message: `a pattern has exactly one of ${SUBJECTS.join(', ')}`,
  });

const exampleSchema = z.strictObject({
  code: z.string().min(1).max(10_000),
  lines: z.array(z.int().min(1)).min(1).optional().describe('Lines that are reported, from 1'),
});

const languageSchema = z.strictObject({
  hint: regex.optional().describe('A file without a match cannot have a finding'),
  sources: globs.optional(),
  notSources: z.array(regex).max(20).optional().describe('Parts of a request that are harmless here'),
  onlySources: z.boolean().optional().describe('What comes with a request does not count; numbers are followed too'),
  sanitizers: globs.optional(),
  propagators: globs.optional(),
  cleaning: z.array(regex).max(50).optional().describe('Sources of calls that make their value harmless'),
  guards: z.array(regex).max(50).optional(),
  patterns: z.array(patternSchema).min(1).max(100),
  bad: z.array(exampleSchema).min(1),
  good: z.array(exampleSchema).min(1),
});

export const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{2,60}$/, 'write lower-case words joined by hyphens, such as "unsafe-template"'),
  title: z.string().min(3).max(120),
  cwe: z.string().regex(/^CWE-\d{1,5}$/, 'write the number of the weakness, such as "CWE-89"'),
  severity: z.enum(SEVERITIES),
  confidence: z.enum(CONFIDENCES),
  rationale: z.string().min(20).max(600).describe('Why it matters, in a sentence that can stand alone'),
  help: z.string().min(10).max(600).describe('What would be right'),
  languages: z
    .partialRecord(z.enum(CODE_LANGUAGES), languageSchema)
    .refine((languages) => Object.keys(languages).length > 0, {
      message: `name at least one of ${CODE_LANGUAGES.join(', ')}`,
    }),
});

export type RuleDefinition = z.infer<typeof ruleSchema>;
export type LanguageDefinition = z.infer<typeof languageSchema>;
export type PatternDefinition = z.infer<typeof patternSchema>;
