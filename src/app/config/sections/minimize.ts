/** Rules that take things out of calls and replies, and the two layers that apply them. */
import { z } from 'zod';
import { DETECTORS } from '../../../middleware/minimize/detectors.ts';
import { problemOfMinimizeRule } from '../../../middleware/minimize/rules.ts';
import { layer, optional, section, setting, toolPattern } from '../fields.ts';

const FIELD_PATH = 'Field path: `ssn` at any depth, `user.ssn` in any `user`, `$.user.ssn` from the root.';

const fieldPath = z.string().min(1);

const maskTail = section({
  field: fieldPath.describe(FIELD_PATH),
  keepLast: setting(z.int().min(0), 'Characters at the end that stay; the others become `*`.', 0),
});

const maskPattern = section({
  field: optional(fieldPath, `${FIELD_PATH} Left out: every text, plain or in a field.`),
  pattern: z
    .string()
    .min(1)
    .describe('Regular expression without look-around and back-references, found anywhere in the text.'),
  replace: setting(z.string(), 'What is written instead; `$&` is the match, `$1` its first group.', '[REDACTED]'),
});

const side = section({
  remove: setting(z.array(fieldPath), `Fields that are taken out. ${FIELD_PATH}`, []),
  mask: setting(z.array(z.union([maskPattern, maskTail])), 'Parts of texts that are hidden.', []),
  detect: setting(z.array(z.enum(DETECTORS)), 'Built-in recognition of secrets and personal data.', []),
});

const rule = section({
  tools: toolPattern.describe('What the rule is about: `server.tool`, `server.*` or `*.*`.'),
  input: optional(side, 'What no server is sent.'),
  output: optional(side, 'What no reply passes on.'),
}).superRefine((written, context) => {
  const problem = problemOfMinimizeRule(written);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

export const minimizeRules = setting(
  z.array(rule),
  'What is taken out of calls and replies. Every rule that matches a call applies to it.',
  [],
);

export const minimizeInput = layer(
  'Takes out of calls what `minimize` says, and every credential that was resolved for a server.',
  {},
  'on',
);

export const minimizeOutput = layer(
  'Takes out of replies what `minimize` says, and every credential that was resolved for a server.',
  {},
  'on',
);
