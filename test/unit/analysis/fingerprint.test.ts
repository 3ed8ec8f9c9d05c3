/** Fingerprints: what keeps them and what changes them. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createFingerprinter, fingerprint } from '../../../src/analysis/fingerprint.ts';

const of = (context: string): string => fingerprint('r', 'f', context, 0);

describe('a fingerprint', () => {
  it('survives what formatters do', () => {
    for (const [before, after] of [
      ['eval( x )\n', '  eval( \t x )'],
      ['eval(x)', 'eval(\n  x,\n)'],
      ["run('a', b);", 'run("a",b)'],
      ['list.map(x => x.y)', 'list.map((x) => x.y)'],
      ['if (a) {\n  b();\n}', 'if (a)\r\n{\r\n\tb()\r\n}'],
      ['f(a) // why\n+ 1', 'f(a) + 1'],
      ['f(a, /* inline */ b)', 'f(a, b)'],
      ['os.system(a + \\\n  b)', 'os.system(a + b)'],
      ['os.system(a)  # noqa', 'os.system(a)'],
    ] as const)
      assert.equal(of(before), of(after), `${before} is no longer ${after}`);
  });

  it('changes with what is meant', () => {
    const texts = [
      'eval(x)',
      'eval(y)',
      'eval("x")',
      'eval("x ")',
      'eval(x, y)',
      'eval(x)(y)',
      'eval(`x`)',
      "eval('\"')",
      'evalx',
      'eval x',
      'eval(x) => y',
      'fetch("http://a.b/c")',
      'fetch("http://a.b/d")',
      'docs/setup.md#install',
      'docs/setup.md#remove',
      "don't a  b's",
      "don't a  c's",
    ];
    assert.equal(new Set(texts.map(of)).size, texts.length);
  });

  it('depends on rule, file, text and occurrence', () => {
    const all = [
      fingerprint('r', 'f', 'x', 0),
      fingerprint('q', 'f', 'x', 0),
      fingerprint('r', 'g', 'x', 0),
      fingerprint('r', 'f', 'y', 0),
      fingerprint('r', 'f', 'x', 1),
    ];
    assert.equal(new Set(all).size, all.length);
    assert.match(all[0] ?? '', /^[0-9a-f]{32}$/);
  });

  it('tells equal problems of one file apart by their order', () => {
    const next = createFingerprinter();
    assert.deepEqual(
      [next('r', 'f', 'x'), next('r', 'f', ' x'), next('r', 'g', 'x')],
      [fingerprint('r', 'f', 'x', 0), fingerprint('r', 'f', 'x', 1), fingerprint('r', 'g', 'x', 0)],
    );
  });

  it('is never shared by two problems of one review, however alike they are', () => {
    const problem = fc.record({
      rule: fc.constantFrom('a/b', 'a/c'),
      file: fc.constantFrom('x.js', 'y.js'),
      context: fc.constantFrom('f(x)', 'f( x )', "f('x')", 'f("x")', 'f(x);', 'g(x)', ''),
    });
    fc.assert(
      fc.property(fc.array(problem, { maxLength: 40 }), (problems) => {
        const next = createFingerprinter();
        return new Set(problems.map(({ rule, file, context }) => next(rule, file, context))).size === problems.length;
      }),
    );
  });

  it('costs little for texts of any length and kind', () => {
    for (const text of ["'", '"', '`', '/*', '\\', '(x) =>', 'a, ]', ' // '].map((part) => part.repeat(200_000))) {
      const begin = performance.now();
      of(text);
      assert.ok(performance.now() - begin < 500, `${text.slice(0, 8)} takes too long`);
    }
  });
});
