/** Complexity per language, on snippets counted by hand the way lizard 1.24 counts. */
import assert from 'node:assert/strict';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import type { FileFacts, FunctionFacts } from '../../../../src/analysis/syntax/facts.ts';
import { type Grammars, openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

let grammars: Grammars;

async function analyze(language: ParsedLanguage, text: string): Promise<FileFacts> {
  const tree = await grammars.parse(language, text, 10_000);
  try {
    return analyzeTree(tree, text, language);
  } finally {
    tree.delete();
  }
}

async function functions(language: ParsedLanguage, text: string): Promise<readonly FunctionFacts[]> {
  return (await analyze(language, text)).functions;
}

async function complexities(language: ParsedLanguage, text: string): Promise<Record<string, number>> {
  return Object.fromEntries((await functions(language, text)).map(({ name, cyclomatic }) => [name, cyclomatic]));
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

describe('complexity of JavaScript and TypeScript', () => {
  it('counts branches, loops, cases, handlers and logical operators', async () => {
    const text = `
      function branches(a, b) {
        if (a) return 1; else if (b) return 2; else return 3;
      }
      function loops(list) {
        for (const x of list) while (x && list) do { x(); } while (x || list);
      }
      function choices(x) {
        switch (x) { case 1: return a ? b : c; case 2: default: return 0; }
      }
      function handlers() { try { f(); } catch { g(); } finally { h(); } }
      function plain() {}
    `;
    assert.deepEqual(await complexities('javascript', text), {
      branches: 3,
      loops: 6,
      choices: 4,
      handlers: 2,
      plain: 1,
    });
  });

  it('gives a function inside another its own count', async () => {
    const text = 'function outer(a) { if (a) {} return () => { if (a && a) {} }; }';
    assert.deepEqual(await complexities('javascript', text), { outer: 2, '(anonymous)': 3 });
  });

  it('counts as lizard does where that is odd', async () => {
    const text = `
      const twice = (a, b) => a ?? b;
      const touching = (a) => a?.b;
      const called = (a) => a()?.b;
      const promised = (p) => p.catch(() => 0);
      const template = (a) => \`\${a ? 1 : 2}\`;
    `;
    const counts = await complexities('javascript', text);
    assert.deepEqual(counts, { twice: 3, touching: 1, called: 2, promised: 2, '(anonymous)': 1, template: 1 });
  });

  it('names functions after what they are assigned to', async () => {
    const text = `
      exports.one = function () {};
      const two = async () => {};
      const o = { three: () => {}, four() {}, get five() { return 1; } };
      class A { six = () => {}; static seven() {} #eight() {} }
      list.map(function nine() {});
      list.map((x) => x);
    `;
    const names = (await functions('typescript', text)).map(({ name }) => name);
    assert.deepEqual(names, [
      'exports.one',
      'two',
      'three',
      'four',
      'five',
      'six',
      'seven',
      '#eight',
      'nine',
      '(anonymous)',
    ]);
  });

  it('counts parameters and takes signatures for no functions', async () => {
    const text = `
      declare function none(a: string): void;
      interface I { m(a: number): void }
      abstract class C { abstract n(a: number): void; m<T>(this: C, a?: T, ...rest: T[]): void {} }
      const f = a => a;
      function overload(a: string): void;
      function overload(a: unknown, { b, c }: D = d): void {}
    `;
    const found = (await functions('typescript', text)).map(({ name, parameters }) => [name, parameters]);
    assert.deepEqual(found, [
      ['m', 3],
      ['f', 1],
      ['overload', 2],
    ]);
  });

  it('reads TSX and JSX', async () => {
    const text = 'const View = ({ a }: P) => <ul>{a && a.map((x) => <li onClick={() => x || 1}>{x}</li>)}</ul>;';
    assert.deepEqual(
      (await functions('tsx', text)).map(({ name, cyclomatic }) => [name, cyclomatic]),
      [
        ['View', 2],
        ['(anonymous)', 1],
        ['(anonymous)', 2],
      ],
    );
    assert.deepEqual(await complexities('jsx', 'const V = (p) => p.a ? <b/> : null;'), { V: 2 });
  });

  it('takes the chain of an else-if for one level of nesting', async () => {
    const text = `
      function flat(a) { if (a) {} else if (a) {} else if (a) {} else { for (;;) {} } }
      function deep(a) { if (a) { for (;;) { while (a) { try { switch (a) {} } catch {} } } } }
    `;
    assert.deepEqual(
      (await functions('javascript', text)).map(({ nesting }) => nesting),
      [2, 5],
    );
  });
});

describe('complexity of Python', () => {
  it('counts branches, comprehensions, handlers, finally and logical operators', async () => {
    const text = [
      'def branches(a, b=1, *args, c: int, **kw):',
      '    if a and b or c: pass',
      '    elif not b: pass',
      '    else: pass',
      'def comprehension(xs):',
      '    return [x for x in xs if x] + [1 if xs else 2]',
      'def handlers():',
      '    try: f()',
      '    except (A, B): g()',
      '    except C: g()',
      '    else: h()',
      '    finally: i()',
      'def match(x):',
      '    match x:',
      '        case 1: pass',
      '        case _: pass',
      'async def formatted(x):',
      '    async with x: return f"{1 if x else 2}"',
      'def positional(a, /, b, *, c): return lambda: a or b',
    ].join('\n');
    assert.deepEqual(await complexities('python', text), {
      branches: 5,
      comprehension: 4,
      handlers: 4,
      match: 3,
      formatted: 2,
      positional: 2,
    });
    assert.deepEqual(
      (await functions('python', text)).map(({ parameters }) => parameters),
      [5, 1, 0, 1, 1, 3],
    );
  });

  it('starts a function at def, below its decorators, and keeps nested ones apart', async () => {
    const text = '@a(1 if x else 2)\n@b\ndef outer():\n    def inner():\n        if x: pass\n    for i in x: pass\n';
    const found = (await functions('python', text)).map(({ name, startLine, endLine, cyclomatic, ownLines }) => ({
      name,
      startLine,
      endLine,
      cyclomatic,
      ownLines,
    }));
    assert.deepEqual(found, [
      { name: 'outer', startLine: 3, endLine: 6, cyclomatic: 2, ownLines: 2 },
      { name: 'inner', startLine: 4, endLine: 5, cyclomatic: 2, ownLines: 2 },
    ]);
  });
});

describe('complexity of Java', () => {
  it('counts in methods and constructors and leaves out wildcards', async () => {
    const text = `
      class Shop<T extends Map<?, ? super T>> {
        Shop(int a, List<?> b) { if (a > 0 && b != null) {} }
        @Override
        public <X> int
            pick(int a, String... rest) throws IOException {
          for (int i = 0; i < a; i++) { do { } while (a > 1 || a < 0); }
          try { } catch (A | B e) { } finally { }
          Runnable r = () -> { if (a > 1) {} };
          return switch (a) { case 1, 2 -> 3; case 4 -> a > 5 ? 6 : 7; default -> 8; };
        }
        abstract void none(int a);
        interface Inner { default void run() { new Object() { public String toString() { return x ? "" : null; } }; } }
      }
    `;
    assert.deepEqual(
      (await functions('java', text)).map(({ name, cyclomatic, parameters, startLine }) => [
        name,
        cyclomatic,
        parameters,
        startLine,
      ]),
      [
        ['Shop::Shop', 3, 2, 3],
        ['Shop::pick', 9, 2, 6],
        ['Inner::run', 1, 0, 13],
        ['(anonymous)::toString', 2, 0, 13],
      ],
    );
  });
});

describe('source that does not parse whole', () => {
  it('is measured as far as it goes and called partial', async () => {
    const facts = await analyze('javascript', 'function good(a) { if (a) {} }\nfunction ( { ??? \n');
    assert.equal(facts.partial, true);
    assert.deepEqual(facts.functions.map(({ name, cyclomatic }) => [name, cyclomatic])[0], ['good', 2]);
    assert.equal((await analyze('javascript', 'f();')).partial, false);
  });

  it('may be nested 100,000 deep', async function () {
    this.timeout(10_000);
    const text = `function f() { return ${'('.repeat(100_000)}a && b${')'.repeat(100_000)} }`;
    assert.deepEqual(
      (await functions('javascript', text)).map(({ cyclomatic }) => cyclomatic),
      [2],
    );
  });

  it('is given up after its time', async () => {
    await assert.rejects(grammars.parse('typescript', 'a < b > (c) => '.repeat(60_000), 1), { code: 'TIMEOUT' });
    assert.equal((await functions('typescript', 'function after() {}')).length, 1);
  });
});

describe('the parameters of constructors', () => {
  const required = async (language: ParsedLanguage, text: string): Promise<readonly (number | undefined)[]> =>
    (await functions(language, text)).map((one) => one.required);

  it('are also counted without those that may be left out', async () => {
    const py =
      'class A:\n  def __init__(self, a, b: int, c=1, d: int = 2, *args, e, **more):\n    pass\n  def f(self, a=1):\n    pass\n';
    assert.deepEqual(await required('python', py), [4, undefined]);
    assert.deepEqual(await required('javascript', 'class A { constructor(a, { b }, c = 1, ...d) {} }'), [2]);
    assert.deepEqual(await required('typescript', 'class A { constructor(private a: B, b?: C, c: D = 1) {} }'), [1]);
    assert.deepEqual(await required('java', 'class A { A(int a, int b) { } }'), [2]);
    assert.deepEqual(await required('csharp', 'class A { A(int a, int b = 1) { } }'), [1]);
    assert.deepEqual(await required('php', '<?php class A { function __construct($a, private $b = 1) { } }'), [1]);
  });
});

describe('smells', () => {
  it('are handlers without a word why and work left open', async () => {
    const js =
      'try { f(); } catch {}\ntry { f(); } catch { /* gone is fine */ }\n// TODO: later\nconst todo = "TODO";\n/*\n * FIXME this\n */';
    const smells = (await analyze('javascript', js)).smells.map(({ rule, startLine, text }) => [rule, startLine, text]);
    assert.deepEqual(smells, [
      ['empty-handler', 1, 'module'],
      ['debt', 3, 'TODO: later'],
      ['debt', 6, 'FIXME this'],
    ]);
    const py =
      'def f():\n  try:\n    g()\n  except A:\n    pass\n  except B:\n    pass  # optional\n  except C:\n    return\n';
    assert.deepEqual(
      (await analyze('python', py)).smells.map(({ startLine, text }) => [startLine, text]),
      [[4, 'f']],
    );
    const minor = async (text: string): Promise<readonly (boolean | undefined)[]> =>
      (await analyze('python', text)).smells.map((smell) => smell.minor);
    const handler = (type: string, body: string, rest = ''): string => `try:\n${body}except${type}:\n  pass\n${rest}`;
    assert.deepEqual(await minor(handler(' ImportError', '  import a\n')), [true]);
    assert.deepEqual(await minor(handler(' (KeyError, a.B) as e', '  f()\n')), [true]);
    assert.deepEqual(await minor(handler(' ImportError', '  f()\n  g()\n', 'else:\n  h()\n')), [true]);
    assert.deepEqual(await minor(handler(' ImportError', '  f()\n  g()\n')), [undefined]);
    for (const type of ['', ' Exception', ' (KeyError, Exception)'])
      assert.deepEqual(await minor(handler(type, '  f()\n')), [undefined], type);
    const catches =
      'class A { void f() { try { g(); } catch (IOException e) { } try { g(); } catch (Exception e) { } } }';
    assert.deepEqual(
      (await analyze('java', catches)).smells.map((smell) => smell.minor),
      [true, undefined],
    );
    const java = 'class A { void f() { try { } catch (E e) { } try { } catch (E e) { /* ok */ } } }';
    assert.equal((await analyze('java', java)).smells.length, 1);
  });
});
