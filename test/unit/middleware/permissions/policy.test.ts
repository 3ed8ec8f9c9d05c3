/** The lattice of permissions, and what is said about rules that cannot do what they seem to. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Decision, PermissionEffect, Principal } from '../../../../src/contracts/index.ts';
import { evaluatePermissions } from '../../../../src/middleware/permissions/evaluate.ts';
import {
  type PermissionRule,
  type PermissionSources,
  readPermissions,
  STRICTNESS,
} from '../../../../src/middleware/permissions/policy.ts';

const ASK: Decision = { effect: 'ask', because: 'to be asked by default' };
const at = (line: number): PermissionRule['range'] => ({ file: '/etc/ada/config.yaml', line, column: 3 });

interface Sources {
  readonly user?: readonly PermissionRule[];
  readonly workspace?: readonly PermissionRule[];
}

const sourcesOf = ({ user, workspace = [] }: Sources): PermissionSources => ({ user, workspaces: [workspace] });

interface Subject {
  readonly principal: Principal;
  readonly server: string;
  readonly target: string;
  readonly args: { readonly n: number };
}

const effectOf = (sources: Sources, subject: Subject, fallback = ASK): PermissionEffect =>
  evaluatePermissions(readPermissions(sourcesOf(sources)).policy, subject, fallback).effect;

const rule: fc.Arbitrary<PermissionRule> = fc.record({
  effect: fc.constantFrom<PermissionEffect>('allow', 'ask', 'deny'),
  tools: fc.constantFrom('*.*', 's.*', 's.a', 's.a*', '*.ab', 't.*'),
  principals: fc.option(fc.subarray(['person', 'pipeline:x', 'pipeline', 'agent:y*'], { minLength: 1 }), {
    nil: undefined,
  }),
  when: fc.option(
    fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 3 }).map((equals) => ({ path: 'n', equals })),
        fc.integer({ min: 0, max: 3 }).map((min) => ({ path: 'n', range: { min } })),
      ),
      { maxLength: 2 },
    ),
    { nil: undefined },
  ),
});
const rules = fc.array(rule, { maxLength: 6 });
const subject: fc.Arbitrary<Subject> = fc.record({
  principal: fc.constantFrom<Principal>(
    { kind: 'person', id: 'local' },
    { kind: 'pipeline', id: 'x' },
    { kind: 'agent', id: 'yes' },
    { kind: 'automation', id: 'z' },
  ),
  server: fc.constantFrom('s', 't'),
  target: fc.constantFrom('a', 'ab', 'c'),
  args: fc.record({ n: fc.integer({ min: 0, max: 3 }) }),
});
const fallback = fc.constantFrom<PermissionEffect>('allow', 'ask', 'deny').map((effect) => ({ effect, because: '' }));

const problemsOf = (sources: Sources): readonly (readonly [string, number | undefined])[] =>
  readPermissions(sourcesOf(sources)).problems.map(({ code, range }) => [code, range?.line]);

describe('permissions form a lattice', () => {
  it('a deny added anywhere never widens', () => {
    fc.assert(
      fc.property(
        rules,
        rules,
        rule,
        subject,
        fallback,
        fc.boolean(),
        (user, workspace, extra, call, byDefault, toUser) => {
          const deny: PermissionRule = { ...extra, effect: 'deny' };
          const before = effectOf({ user, workspace }, call, byDefault);
          const after = toUser
            ? effectOf({ user: [...user, deny], workspace }, call, byDefault)
            : effectOf({ user, workspace: [...workspace, deny] }, call, byDefault);
          // A deny that does not match changes nothing; one that does, denies.
          assert.ok(after === before || after === 'deny');
        },
      ),
    );
  });

  it('the order of rules never matters', () => {
    const shuffled = rules.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(
        shuffled,
        shuffled,
        subject,
        fallback,
        ([user, userToo], [workspace, workspaceToo], call, byDefault) => {
          assert.equal(
            effectOf({ user, workspace }, call, byDefault),
            effectOf({ user: userToo, workspace: workspaceToo }, call, byDefault),
          );
        },
      ),
    );
  });

  it('the workspace never widens', () => {
    fc.assert(
      fc.property(rules, rules, subject, fallback, (user, workspace, call, byDefault) => {
        const alone = effectOf({ user }, call, byDefault);
        assert.ok(STRICTNESS[effectOf({ user, workspace }, call, byDefault)] >= STRICTNESS[alone]);
      }),
    );
  });

  it('a rule reported as shadowed can be left out without a change', () => {
    fc.assert(
      fc.property(rules, subject, fallback, (user, call, byDefault) => {
        const numbered = user.map((each, index) => ({ ...each, range: at(index + 1) }));
        const shadowed = new Set(
          readPermissions({ user: numbered })
            .problems.filter(({ code }) => code === 'permission-shadowed')
            .map(({ range }) => range?.line),
        );
        const left = numbered.filter(({ range }) => !shadowed.has(range?.line));
        assert.equal(effectOf({ user: numbered }, call, byDefault), effectOf({ user: left }, call, byDefault));
      }),
    );
  });
});

describe('a policy', () => {
  const call: Subject = {
    principal: { kind: 'pipeline', id: 'review' },
    server: 'wiki',
    target: 'delete_page',
    args: { n: 1 },
  };

  it('explains a decision by the rule and its line', () => {
    const { policy } = readPermissions({
      user: [
        { effect: 'allow', tools: 'wiki.*', range: at(10) },
        { effect: 'deny', tools: 'wiki.delete_*', principals: ['pipeline:review'], range: at(12) },
      ],
    });
    assert.deepEqual(evaluatePermissions(policy, call, ASK), {
      effect: 'deny',
      because: 'denied by rule 2 of config.yaml:12',
      rule: '/etc/ada/config.yaml:12',
    });
  });

  it('reads conditions strictly where a rule allows, and broadly where it denies or asks', () => {
    const when = [{ path: 'cmd', matches: 'git status' }];
    const chained = { ...call, args: { cmd: 'git status; rm -rf /' } };
    for (const [effect, expected] of [
      ['allow', 'ask'],
      ['deny', 'deny'],
    ] as const) {
      const { policy } = readPermissions({ user: [{ effect, tools: '*.*', when }] });
      assert.equal(evaluatePermissions(policy, chained, ASK).effect, expected);
    }
  });

  it('leaves to the default what no rule is about', () => {
    const { policy } = readPermissions({ user: [{ effect: 'deny', tools: 'wiki.*', principals: ['agent'] }] });
    assert.equal(evaluatePermissions(policy, call, ASK), ASK);
  });

  it('reports rules that can never match at their lines', () => {
    assert.deepEqual(
      problemsOf({
        user: [
          { effect: 'deny', tools: 'wiki.*', range: at(1) },
          { effect: 'allow', tools: 'wiki.read', principals: ['person'], range: at(2) },
          { effect: 'allow', tools: 'other.*', principals: [], range: at(3) },
          { effect: 'allow', tools: 'wiki', range: at(4) },
          { effect: 'allow', tools: 'other.*', principals: ['robot'], range: at(5) },
          { effect: 'allow', tools: 'other.*', when: [{ path: 'a', in: [] }], range: at(6) },
        ],
      }),
      [
        ['permission-rule', 3],
        ['permission-rule', 4],
        ['permission-rule', 5],
        ['permission-rule', 6],
        ['permission-shadowed', 2],
      ],
    );
  });

  it('does not call a rule shadowed by one with conditions of its own', () => {
    const deny: PermissionRule = { effect: 'deny', tools: 'wiki.*', when: [{ path: 'n', equals: 1 }], range: at(1) };
    assert.deepEqual(problemsOf({ user: [deny, { effect: 'allow', tools: 'wiki.*', range: at(2) }] }), []);
    const same: PermissionRule = {
      effect: 'allow',
      tools: 'wiki.read',
      when: [{ path: 'n', equals: 1 }],
      range: at(2),
    };
    assert.deepEqual(problemsOf({ user: [deny, same] }), [['permission-shadowed', 2]]);
  });

  it('reports a rule whose callers are all decided about by stricter ones', () => {
    const range = at(3);
    const denials: PermissionRule[] = [
      { effect: 'deny', tools: 's.*', principals: ['person', 'automation'], range: at(1) },
      { effect: 'ask', tools: '*.*', principals: ['pipeline:*', 'agent'], range: at(2) },
    ];
    assert.deepEqual(problemsOf({ user: [...denials, { effect: 'allow', tools: 's.a', range }] }), [
      ['permission-shadowed', 3],
    ]);
    assert.deepEqual(problemsOf({ user: [...denials, { effect: 'allow', tools: 't.a', range }] }), []);
  });

  it('reports a rule whose conditions can never hold', () => {
    const never = (effect: PermissionEffect, ...when: NonNullable<PermissionRule['when']>): string =>
      readPermissions({ user: [{ effect, tools: '*.*', when }] }).problems[0]?.message ?? '';
    const onN = (condition: object): NonNullable<PermissionRule['when']>[number] => ({ path: 'a.n', ...condition });
    assert.match(never('allow', onN({ equals: 1 }), onN({ equals: 2 })), /on "a\.n" can never hold at once/);
    assert.match(never('allow', onN({ in: ['x', 'y'] }), onN({ startsWith: 'z' })), /can never hold at once/);
    assert.match(never('allow', onN({ range: { max: 2 } }), onN({ range: { min: 3 } })), /can never hold at once/);
    assert.match(never('allow', onN({ range: { max: 2 } }), onN({ matches: '2' })), /can never hold at once/);
    assert.match(never('allow', onN({ startsWith: '/a/' }), onN({ startsWith: '/b/' })), /can never hold at once/);
    assert.match(never('deny', onN({ equals: [1, 2] })), /a list stands for its elements/);
    assert.equal(never('deny', onN({ equals: 1 }), onN({ equals: 2 })), '');
    assert.equal(never('allow', onN({ in: ['/a/b', 1] }), onN({ startsWith: '/a/' })), '');
  });

  it('calls no rule unable to decide that decides something', () => {
    fc.assert(
      fc.property(rules, subject, fallback, (list, call, byDefault) => {
        const placed = list.map((one, index) => ({ ...one, range: at(index + 1) }));
        const idle = new Set(problemsOf({ user: placed }).map(([, line]) => line));
        const rest = placed.filter((_, index) => !idle.has(index + 1));
        assert.equal(effectOf({ user: rest }, call, byDefault), effectOf({ user: placed }, call, byDefault));
      }),
    );
  });

  it('reports a workspace rule that would widen, and does not use it', () => {
    const workspace: PermissionRule[] = [{ effect: 'allow', tools: 'wiki.*', range: at(7) }];
    assert.deepEqual(problemsOf({ workspace }), [['permission-widens', 7]]);
    assert.equal(effectOf({ workspace }, call), 'ask');
    assert.deepEqual(problemsOf({ workspace, user: [{ effect: 'allow', tools: '*.*' }] }), []);
    const asked: PermissionRule[] = [
      { effect: 'allow', tools: '*.*' },
      { effect: 'ask', tools: 'wiki.delete_*' },
    ];
    assert.deepEqual(problemsOf({ workspace, user: asked }), [['permission-widens', 7]]);
  });

  it('allows nothing without asking while a rule that narrows cannot be read', () => {
    const user: PermissionRule[] = [
      { effect: 'allow', tools: '*.*' },
      { effect: 'deny', tools: 'wiki', range: at(9) },
    ];
    const decision = evaluatePermissions(readPermissions({ user }).policy, call, ASK);
    assert.equal(decision.effect, 'ask');
    assert.match(decision.because, /rule 2 of config\.yaml:9 cannot be read/);
  });

  it('says what would be right', () => {
    const [problem] = readPermissions({ user: [{ effect: 'deny', tools: '*.*', principals: ['robot'] }] }).problems;
    assert.match(
      problem?.message ?? '',
      /rule 1: "robot" is nobody who can call: write person, pipeline, agent, automation/,
    );
  });
});
