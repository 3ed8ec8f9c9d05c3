/** Cognitive complexity: the examples of G. Ann Campbell's white paper, and its rules in every language. */
import assert from 'node:assert/strict';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import { type Grammars, openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

let grammars: Grammars;

async function scores(language: ParsedLanguage, text: string): Promise<Record<string, number>> {
  const tree = await grammars.parse(language, text, 10_000);
  try {
    const { functions } = analyzeTree(tree, text, language);
    return Object.fromEntries(functions.map(({ name, cognitive }) => [name.replace(/^A::/, ''), cognitive]));
  } finally {
    tree.delete();
  }
}

/** The score of the first function of a class of Java that holds the text. */
async function java(method: string): Promise<number> {
  return Object.values(await scores('java', `class A {\n${method}\n}`))[0] ?? -1;
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

describe('cognitive complexity of the examples in the white paper', () => {
  it('sumOfPrimes: loops inside loops, and a jump to a label', async () => {
    const text = `int sumOfPrimes(int max) {
      int total = 0;
      OUT: for (int i = 1; i <= max; ++i) {
        for (int j = 2; j < i; ++j) {
          if (i % j == 0) {
            continue OUT;
          }
        }
        total += i;
      }
      return total;
    }`;
    assert.equal(await java(text), 7);
  });

  it('getWords: a switch is one, whatever its cases', async () => {
    const text = `String getWords(int number) {
      switch (number) {
        case 1: return "one";
        case 2: return "a couple";
        case 3: return "a few";
        default: return "lots";
      }
    }`;
    assert.equal(await java(text), 1);
  });

  it('sequences of logical operators', async () => {
    const of = (condition: string): Promise<number> => java(`boolean f() { return ${condition}; }`);
    assert.equal(await of('a && b'), 1);
    assert.equal(await of('a && b && c && d'), 1);
    assert.equal(await of('a || b || c'), 1);
    assert.equal(await of('a && b && c || d || e && f'), 3);
    assert.equal(await of('a && !(b && c)'), 2);
    assert.equal(await of('a && (b && c)'), 1);
    assert.equal(await of('a && (b || c)'), 2);
    assert.equal(await of('(a && b) == (c && d)'), 2);
    assert.equal(await of('a && g(b && c) && d'), 2);
  });

  it('myMethod: handlers nest, try does not', async () => {
    const text = `void myMethod() {
      try {
        if (condition1) {
          for (int i = 0; i < 10; i++) {
            while (condition2) { }
          }
        }
      } catch (ExcepType1 | ExcepType2 e) {
        if (condition2) { }
      } finally { }
    }`;
    assert.equal(await java(text), 9);
  });

  it('myMethod2: a lambda nests', async () => {
    assert.equal(await java('void myMethod2() { Runnable r = () -> { if (condition1) { } }; }'), 2);
  });

  it('overriddenSymbolFrom', async () => {
    const text = `private MethodJavaSymbol overriddenSymbolFrom(ClassJavaType classType) {
      if (classType.isUnknown()) { return Symbols.unknownMethodSymbol; }
      boolean unknownFound = false;
      List<JavaSymbol> symbols = classType.getSymbol().members().lookup(name);
      for (JavaSymbol overrideSymbol : symbols) {
        if (overrideSymbol.isKind(JavaSymbol.MTH) && !overrideSymbol.isStatic()) {
          MethodJavaSymbol methodJavaSymbol = (MethodJavaSymbol) overrideSymbol;
          if (canOverride(methodJavaSymbol)) {
            Boolean overriding = checkOverridingParameters(methodJavaSymbol, classType);
            if (overriding == null) {
              if (!unknownFound) { unknownFound = true; }
            } else if (overriding) {
              return methodJavaSymbol;
            }
          }
        }
      }
      if (unknownFound) { return Symbols.unknownMethodSymbol; }
      return null;
    }`;
    assert.equal(await java(text), 19);
  });

  it('addVersion', async () => {
    const text = `private void addVersion(final Entry entry, final Transaction txn) throws E {
      final TransactionIndex ti = _persistit.getTransactionIndex();
      while (true) {
        try {
          synchronized (this) {
            if (frst != null) {
              if (frst.getVersion() > entry.getVersion()) { throw new RollbackException(); }
              if (txn.isActive()) {
                for (Entry e = frst; e != null; e = e.getPrevious()) {
                  final long depends = ti.wwDependency(version, txn.getTransactionStatus(), 0);
                  if (depends == TIMED_OUT) { throw new WWRetryException(version); }
                  if (depends != 0 && depends != ABORTED) { throw new RollbackException(); }
                }
              }
            }
            entry.setPrevious(frst);
            frst = entry;
            break;
          }
        } catch (final WWRetryException re) {
          try {
            final long depends = _persistit.getTransactionIndex().wwDependency(re.getVersionHandle());
            if (depends != 0 && depends != ABORTED) { throw new RollbackException(); }
          } catch (final InterruptedException ie) {
            throw new PersistitInterruptedException(ie);
          }
        } catch (final InterruptedException ie) {
          throw new PersistitInterruptedException(ie);
        }
      }
    }`;
    assert.equal(await java(text), 35);
  });

  it('toRegexp', async () => {
    const text = `private static String toRegexp(String antPattern, String directorySeparator) {
      final StringBuilder sb = new StringBuilder(antPattern.length());
      int i = antPattern.startsWith("/") || antPattern.startsWith("x") ? 1 : 0;
      while (i < antPattern.length()) {
        final char ch = antPattern.charAt(i);
        if (SPECIAL_CHARS.indexOf(ch) != -1) {
          sb.append('x').append(ch);
        } else if (ch == '*') {
          if (i + 1 < antPattern.length() && antPattern.charAt(i + 1) == '*') {
            if (i + 2 < antPattern.length() && isSlash(antPattern.charAt(i + 2))) {
              i += 2;
            } else {
              i += 1;
            }
          } else {
            sb.append("[^");
          }
        } else if (ch == '?') {
          sb.append("]");
        } else if (isSlash(ch)) {
          sb.append(escapedDirectorySeparator);
        } else {
          sb.append(ch);
        }
        i++;
      }
      return sb.toString();
    }`;
    assert.equal(await java(text), 20);
  });

  it('save of model.js: functions inside count as deep as they stand', async () => {
    const text = `const m = { save: function (options, callback) {
      var self = this;
      if (typeof options === 'function') { callback = options; options = {}; }
      options || (options = {});
      self._validate(self.toJSON(), function (err) {
        if (err) { callback && callback.call(null, err); return; }
        self.sync(self.isNew() ? 'create' : 'update', options, function (err, response) {
          var facade = {}, parsed;
          if (err) {
            facade.error = err;
          } else {
            if (!self._saveEvent) { self._saveEvent = self.publish(EVT_SAVE); }
            if (response) { parsed = self._parse(response); }
            self.changed = {};
          }
          callback && callback.apply(null, arguments);
        });
      });
      return self;
    } };`;
    assert.equal((await scores('javascript', text)).save, 20);
  });

  it('JavaScript: an outer function that only declares is not charged', async () => {
    const declarative = 'function a() { var foo; bar.fun = function () { if (c) { } }; }';
    assert.deepEqual(await scores('javascript', declarative), { a: 0, 'bar.fun': 1 });
    const other = 'function b() { var foo; if (c) { } bar.fun = function () { if (c) { } }; }';
    assert.deepEqual(await scores('javascript', other), { b: 3, 'bar.fun': 1 });
  });

  it('Python: a decorator is not one level more', async () => {
    const text = `def a_decorator(a, b):
    def inner(func):
        if condition:
            print(b)
        func()
    return inner

def not_a_decorator(a, b):
    my_var = a*b
    def inner2(func):
        if condition:
            print(b)
        func()
    return inner2

def decorator_generator(a):
    def generator(func):
        def decorator(func):
            if condition:
                print(b)
            return func
        return decorator
    return generator
`;
    assert.deepEqual(await scores('python', text), {
      a_decorator: 1,
      inner: 1,
      not_a_decorator: 2,
      inner2: 1,
      decorator_generator: 1,
      generator: 1,
      decorator: 1,
    });
  });

  it('recursion: one for each function of a cycle', async () => {
    assert.deepEqual(
      await scores('javascript', 'function f(n) { return n ? f(n - 1) : 0; } function g() { return f(); }'),
      {
        f: 2,
        g: 0,
      },
    );
    assert.deepEqual(
      await scores(
        'c',
        'int b(int); int a(int n) { return b(n); } int b(int n) { return a(n); } int c(void) { return a(1); }',
      ),
      {
        a: 1,
        b: 1,
        c: 0,
      },
    );
    assert.deepEqual(
      await scores(
        'python',
        'class A:\n    def f(self):\n        return f()\n    def g(self):\n        return self.g()\n',
      ),
      {
        f: 0,
        g: 1,
      },
    );
  });
});

describe('cognitive complexity counts nothing for', () => {
  it('else of other things than if, null-coalescing, try, finally, plain jumps, with', async () => {
    const python = `def f():
    try:
        a()
    except E:
        b()
    else:
        c()
    finally:
        d()
    with x: pass
    match x:
        case 1: pass
`;
    assert.deepEqual(await scores('python', python), { f: 2 });
    const js = 'function f() { for (;;) { if (a) break; continue; } return a?.b ?? c; }';
    assert.deepEqual(await scores('javascript', js), { f: 3 });
    const ruby =
      'def f\n  case a\n  when 1 then b\n  else c\n  end\n  begin\n    a\n  rescue\n    b\n  else\n    c\n  end\nend\n';
    assert.deepEqual(await scores('ruby', ruby), { f: 2 });
    const rust = 'fn f() { let Some(y) = x else { return }; x?; }';
    assert.deepEqual(await scores('rust', rust), { f: 0 });
  });
});

describe('cognitive complexity of each language', () => {
  /** if, else if, else: 3. A loop with an if inside: 3. Two operators in a row: 1. Conditional operator: 1. */
  const cases: readonly (readonly [ParsedLanguage, string, number])[] = [
    [
      'javascript',
      'function f() { if (a) {} else if (b) {} else {} for (x of y) if (c) {} return a && b && c ? 1 : 2; }',
      8,
    ],
    [
      'python',
      'def f():\n  if a:\n    pass\n  elif b:\n    pass\n  else:\n    pass\n  for x in y:\n    if c: pass\n  return 1 if a and b and c else 2\n',
      8,
    ],
    [
      'java',
      'class A { int f() { if (a) {} else if (b) {} else {} for (X x : y) if (c) {} return a && b && c ? 1 : 2; } }',
      8,
    ],
    [
      'go',
      'package a\nfunc f() { if a { } else if b { } else { }; for x := range y { if c { } }; return a && b && c }',
      7,
    ],
    ['c', 'int f(void) { if (a) {} else if (b) {} else {} for (;;) if (c) {} return a && b && c ? 1 : 2; }', 8],
    ['cpp', 'int f() { if (a) {} else if (b) {} else {} for (auto x : y) if (c) {} return a && b && c ? 1 : 2; }', 8],
    ['rust', 'fn f() { if a {} else if b {} else {} for x in y { if c {} } a && b && c }', 7],
    [
      'csharp',
      'class A { int f() { if (a) {} else if (b) {} else {} foreach (var x in y) if (c) {} return a && b && c ? 1 : 2; } }',
      8,
    ],
    [
      'php',
      '<?php function f() { if ($a) {} elseif ($b) {} else {} foreach ($y as $x) if ($c) {} return $a && $b && $c ? 1 : 2; }',
      8,
    ],
    [
      'php',
      '<?php function f() { if ($a) {} else if ($b) {} else {} foreach ($y as $x) if ($c) {} return $a and $b and $c; }',
      7,
    ],
    [
      'ruby',
      'def f\n  if a then b\n  elsif c then d\n  else e\n  end\n  for x in y do z if c end\n  a && b && c ? 1 : 2\nend\n',
      8,
    ],
    [
      'kotlin',
      'fun f(): Int { if (a) b() else if (c) d() else e(); for (x in y) { if (c) { } }; return a && b && c }',
      7,
    ],
  ];
  for (const [language, text, expected] of cases) {
    it(`is counted in ${language}`, async () => {
      assert.deepEqual(await scores(language, text), { f: expected });
    });
  }

  it('counts jumps to labels', async () => {
    const jumps: readonly (readonly [ParsedLanguage, string])[] = [
      ['javascript', 'function f() { o: for (;;) { break o; } }'],
      ['go', 'package a\nfunc f() {\no: for { break o }\n}'],
      ['rust', "fn f() { 'o: loop { break 'o; } }"],
      ['php', '<?php function f() { while (1) { break 2; } }'],
      ['kotlin', 'fun f() { o@ for (i in a) { break@o } }'],
      ['c', 'int f(void) { for (;;) { goto o; } o: return 1; }'],
    ];
    for (const [language, text] of jumps) assert.deepEqual(await scores(language, text), { f: 2 }, language);
    assert.deepEqual(await scores('rust', 'fn f() { loop { break x; } }'), { f: 1 });
  });

  it('counts lambdas as a level', async () => {
    const lambdas: readonly (readonly [ParsedLanguage, string])[] = [
      ['cpp', 'int f() { return [&] { if (a) {} }; }'],
      ['csharp', 'class A { void f() { g(() => { if (a) {} }); } }'],
      ['rust', 'fn f() { g(|| { if a {} }); }'],
      ['php', '<?php function f() { return function () { if ($a) {} }; }'],
      ['ruby', 'def f\n  g { |x| if x then y end }\nend\n'],
      ['kotlin', 'fun f() { g { if (a) { } } }'],
      ['go', 'package a\nfunc f() { g(func() { if a { } }) }'],
    ];
    for (const [language, text] of lambdas) assert.equal((await scores(language, text)).f, 2, language);
  });

  it('takes a directive around statements for an if', async () => {
    const text = 'int f(void) {\n#if A\n  if (a) g();\n#elif B\n  g();\n#else\n  if (b) g();\n#endif\n}\n';
    assert.deepEqual(await scores('c', text), { f: 7 });
  });
});
