/** Who may call what, and the layer that holds every call to it. */
import { z } from 'zod';
import { layer, optional, section, setting } from '../fields.ts';

/** What a condition compares with is checked where rules are made ready, with the rule's number in the message. */
const condition = section({
  path: z.string().describe('Names from the root of the arguments, such as `options.force`.'),
  equals: optional(z.json(), 'The same JSON value.'),
  in: optional(z.array(z.json()), 'One of these JSON values.'),
  startsWith: optional(z.string(), 'Of a text; paths are read as written and with `.` and `..` resolved.'),
  matches: optional(
    z.string(),
    'Regular expression: a deny or an ask finds it anywhere, an allow needs it to cover the text.',
  ),
  range: optional(
    section({
      min: optional(z.number(), 'Least number, itself included.'),
      max: optional(z.number(), 'Greatest number, itself included.'),
    }),
    'Numbers, both ends included.',
  ),
});

const rule = section({
  effect: z.enum(['allow', 'ask', 'deny']).describe('Deny goes before ask, ask before allow, in whatever order.'),
  tools: z
    .string()
    .meta({ names: 'tools', description: 'What the rule is about: `server.tool`, `server.*` or `*.*`.' }),
  principals: optional(
    z.array(z.string().meta({ names: 'principals' })),
    'Who the rule is about: person, pipeline:NAME, agent:ROLE, automation:RULE. Left out: everybody.',
  ),
  when: optional(z.array(condition), 'Conditions on the arguments; all of them must hold.'),
});

export const permissionRules = setting(
  z.array(rule),
  'Who may call what: deny before ask before allow. What no rule is about is decided by the built-in defaults.',
  [],
);

export const permissions = layer('Holds every call to the rules of `permissions`.', {}, 'on');
