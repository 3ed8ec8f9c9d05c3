/** What is followed from a request to a dangerous call, and what on the way makes it harmless. */
import assert from 'node:assert/strict';
import type { ParsedLanguage } from '../../../../../src/analysis/languages.ts';
import { SAST_RULES } from '../../../../../src/analysis/security/sast/rule-list.ts';
import { scanCode } from '../../../../../src/analysis/security/sast/scan-code.ts';
import { type Grammars, openGrammars } from '../../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../../src/base/clock.ts';

/** A body between taking `param` from a request and running `bar`, and whether a stranger can reach the call. */
type Case = readonly [what: string, body: string, reached: boolean];

const JAVA: readonly Case[] = [
  [
    'a branch that a constant never takes',
    'String bar; int n = 106; if (7 * 18 + n > 200) bar = "a"; else bar = param;',
    false,
  ],
  ['a branch that a constant always takes', 'String bar = "a"; int n = 1; if (n < 2) bar = param;', true],
  ['a conditional on a constant', 'String bar = 7 * 6 - 1 > 200 ? "a" : param;', true],
  [
    'a case that falls into the next',
    'String bar; switch ("ABC".charAt(2)) { case \'C\': case \'D\': bar = param; break; default: bar = "a"; }',
    true,
  ],
  [
    'a case that is not the one',
    'String bar; switch ("ABC".charAt(1)) { case \'A\': bar = param; break; default: bar = "a"; }',
    false,
  ],
  [
    'an entry of a list after another was removed',
    'List<String> l = new ArrayList<>(); l.add("a"); l.add(param); l.add("b"); l.remove(0); String bar = l.get(0);',
    true,
  ],
  [
    'the entry next to it',
    'List<String> l = new ArrayList<>(); l.add("a"); l.add(param); l.add("b"); l.remove(0); String bar = l.get(1);',
    false,
  ],
  [
    'another key of a table',
    'Map<String, Object> m = new HashMap<>(); m.put("a", "x"); m.put("b", param); String bar = (String) m.get("a");',
    false,
  ],
  [
    'a builder',
    'StringBuilder s = new StringBuilder("x"); s.append(param).append("y"); String bar = s.toString();',
    true,
  ],
  ['base64 and back', 'String bar = new String(Base64.decodeBase64(Base64.encodeBase64(param.getBytes())));', true],
  ['an inner class that gives it back', 'String bar = new Inner().same(param);', true],
  ['an inner class that gives a constant', 'String bar = new Inner().fixed(param);', false],
];
const PYTHON: readonly Case[] = [
  ['one of a fixed list', "bar = param\n    if bar not in ['a', 'b']:\n        return", false],
  ['a form from start to end', "bar = param\n    if not re.fullmatch('[a-z]+', bar):\n        return", false],
  ['a check that stops nothing', "bar = param\n    if bar not in ['a', 'b']:\n        print('odd')", true],
  ['a function of the same file', 'bar = same(param)', true],
  ['a function that gives a number', 'bar = number(param)', false],
  ['an entry of a table', "t = {}\n    t['a'] = param\n    t['b'] = 'x'\n    bar = t['b']", false],
  ['a template', "bar = f'x {param} y'", true],
];

describe('values on their way from a request', () => {
  let grammars: Grammars;
  before(async () => {
    grammars = await openGrammars(import.meta.url, systemClock);
  });

  const isReached = async (text: string, language: ParsedLanguage): Promise<boolean> => {
    const drafts = await scanCode({ file: 'src/a', text, language }, grammars, SAST_RULES);
    return drafts.some(({ ruleId, confidence }) => ruleId === 'sast/command-injection' && confidence === 'high');
  };

  for (const [what, body, reached] of JAVA) {
    it(`${reached ? 'come through' : 'end at'} ${what} (Java)`, async () => {
      const inner = 'class Inner { String same(String x) { return x; } String fixed(String x) { return "a"; } }';
      const text = `class A { ${inner} void a(HttpServletRequest request) throws Exception {
        String param = request.getParameter("p"); ${body} Runtime.getRuntime().exec("run " + bar); } }`;
      assert.equal(await isReached(text, 'java'), reached);
    });
  }
  for (const [what, body, reached] of PYTHON) {
    it(`${reached ? 'come through' : 'end at'} ${what} (Python)`, async () => {
      const helpers = 'def same(x):\n    return x\ndef number(x):\n    return int(x)\n';
      const text = `import os, re\nfrom flask import request\n${helpers}def a():\n    param = request.args['p']\n    ${body}\n    os.system('run ' + bar)\n`;
      assert.equal(await isReached(text, 'python'), reached);
    });
  }

  it('are followed into a function that runs them', async () => {
    const text = `const { exec } = require('child_process');
      function run(command) { exec(command); }
      app.get('/', (req, res) => run('ls ' + req.query.dir));`;
    assert.equal(await isReached(text, 'javascript'), true);
    assert.equal(await isReached(text.replace('req.query.dir', "'/tmp'"), 'javascript'), false);
  });
});
