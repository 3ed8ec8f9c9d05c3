/** Complexity of the languages beside JavaScript, Python and Java, counted by hand the way lizard 1.24 counts. */
import assert from 'node:assert/strict';
import { isParsedLanguage, PARSED_LANGUAGES, type ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import type { FileFacts } from '../../../../src/analysis/syntax/facts.ts';
import { dialectOf } from '../../../../src/analysis/syntax/dialect.ts';
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

/** Name, start line, cyclomatic complexity and parameters of each function. */
async function rows(language: ParsedLanguage, text: string): Promise<readonly (readonly unknown[])[]> {
  const { functions } = await analyze(language, text);
  return functions.map((one) => [one.name, one.startLine, one.cyclomatic, one.parameters]);
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

it('every language that is parsed has a grammar that loads', async () => {
  for (const language of PARSED_LANGUAGES) assert.equal((await analyze(language, '')).lines, 0, language);
  assert.equal(isParsedLanguage('cobol'), false);
});

describe('complexity of Go', () => {
  it('counts branches, cases of switch and select, and function literals for themselves', async () => {
    const text = `package a
func (s *Server) Run(a, b int, rest ...string) (err error) {
	for i := range b {
		if a > 0 && b > 0 || i == 1 { return nil }
	}
	switch x := a.(type) {
	case int, string:
	default:
	}
	select {
	case <-s.done:
	}
	go func(x int) { if x > 1 { f() } }(a)
	return
}
func Map[T any](list []T) {}
`;
    assert.deepEqual(await rows('go', text), [
      ['Run', 2, 7, 3],
      ['(anonymous)', 13, 2, 1],
      ['Map', 16, 1, 1],
    ]);
  });
});

describe('complexity of C', () => {
  it('counts directives once whatever they ask, and starts at the name', async () => {
    const text = `static inline int
add(void) { return 1; }
char *pick(char **a, int (*f)(int), ...) {
#if defined(A) && !defined(B) || C
  if (a && f) return 0;
#elif D
  for (;;) while (1) do { } while (0);
#else
#ifndef E
  switch (x) { case 1: case 2: default: return a ? b : c; }
#endif
#endif
}
`;
    assert.deepEqual(await rows('c', text), [
      ['add', 2, 1, 0],
      ['pick', 3, 11, 3],
    ]);
  });

  it('counts as lizard does where that is odd: an assignment after && takes it for a reference', async () => {
    assert.deepEqual(await rows('c', 'int f(int a) { if (a && (b = g())) return 1; return a && b; }'), [
      ['f', 1, 3, 1],
    ]);
  });

  it('finds functions whose head is made of macros', async () => {
    const text =
      'EXPORT_API ALLOCATOR\nvoid NOTHROW *\nATTR(malloc) SIZE(1)\nje_malloc(size_t size, int b) {\n  if (size) g();\n}\n';
    assert.deepEqual(await rows('c', text), [['je_malloc', 4, 2, 2]]);
  });

  it('reads a header as C++ when only C++ can be meant', () => {
    assert.equal(dialectOf('c', 'a.h', 'namespace a {\nclass B {};\n}\n'), 'cpp');
    assert.equal(
      dialectOf('c', 'a.h', '#ifdef __cplusplus\nextern "C" {\n#include <string>\n#endif\nint f(void);\n'),
      'c',
    );
    assert.equal(dialectOf('c', 'a.c', 'class B {};'), 'c');
  });
});

describe('complexity of C++', () => {
  it('counts in methods, constructors, operators and the lambdas inside them', async () => {
    const text = `template<class T> int A<T>::f(int a, T&& b) const {
  for (auto x : y) try { g(); } catch (...) {}
  return [&](int z) { return z && a; }(1);
}
A::~A() {}
A::A(int x) : b(x), c{x ? 1 : 2} {}
bool operator==(const A& a) { return a.b; }
struct B { void m() { if (a) {} } B() = default; };
`;
    assert.deepEqual(await rows('cpp', text), [
      ['A<T>::f', 1, 4, 2],
      ['A::~A', 5, 1, 0],
      ['A::A', 6, 1, 1],
      ['operator==', 7, 1, 1],
      ['m', 8, 2, 0],
    ]);
  });
});

describe('complexity of Rust', () => {
  it('counts match once, every question mark, where, and closures without parameters', async () => {
    const text = `impl<T> A for B<T> where T: X {
    pub fn f<F>(&mut self, a: u8) -> Result<()> where F: Fn() {
        if let Some(x) = y && z { }
        let r = a?.b()?;
        match x { A if b => 1, _ => 2 };
        for i in 0..1 { } while true { } loop { }
        list.map(|x| x || y).then(|| 1);
    }
    fn signature(&self);
}
`;
    assert.deepEqual(await rows('rust', text), [['f', 2, 12, 2]]);
  });
});

describe('complexity of Rust in macros', () => {
  it('finds the functions among the tokens', async () => {
    const text = `cfg_rt! {
    impl A {
        pub fn a<T: X>(&self, b: (u8, u8)) -> Result<(), ()> {
            if x && y { z?; }
            fn inner(a: u8,) { println!("{}", if a { 1 } else { 2 }); }
        }
        fn signature();
    }
}
`;
    assert.deepEqual(await rows('rust', text), [
      ['a', 3, 4, 2],
      ['inner', 5, 2, 1],
    ]);
  });
});

describe('complexity of C#', () => {
  it('counts in methods and expression bodies, and every question mark', async () => {
    const text = `class A : B {
  public A(int a) : base(a ?? 1) { }
  public int F<T>(int? a, params int[] b) => a > 1 ? a : 2;
  [Test]
  void M() { foreach (var x in y) { } switch (x) { case 1: break; } var z = a?.b ?? c; if (x && y) { } }
}
`;
    assert.deepEqual(await rows('csharp', text), [
      ['A::A', 2, 1, 1],
      ['A::F', 3, 2, 2],
      ['A::M', 5, 6, 0],
    ]);
  });
});

describe('complexity of PHP', () => {
  it('counts closures to the function around them, nullable types, and neither ?? nor ?:', async () => {
    const text = `<?php
class B {
  #[Pure]
  public function f(?int $a, $b = null): ?int {
    if ($a and $b) {} elseif ($x) {} else if ($y) {}
    foreach ($a as $b) {}
    $f = function ($x) { return $x ?? ($y && $z); };
    return $x?->y ?: match(true) { 1 => 2, default => 3 };
  }
}
interface I { function g(); }
$h = function ($a) { return $a ? 1 : 2; };
`;
    assert.deepEqual(await rows('php', text), [
      ['B::f', 4, 9, 2],
      ['I::g', 11, 1, 0],
      ['$h', 12, 2, 1],
    ]);
  });
});

describe('complexity of Ruby', () => {
  it('counts modifiers, rescue and ensure', async () => {
    const text = `class A
  def self.f(a, b = 1, *c, &d)
    x if y && z
    begin; a; rescue E => e; b; ensure c; end
    a ? b : c
    case x when 1 then 2 end
    until x do y end
  end
  def g; end
end
`;
    assert.deepEqual(await rows('ruby', text), [
      ['f', 2, 8, 4],
      ['g', 9, 1, 0],
    ]);
  });
});

describe('complexity of Kotlin', () => {
  it('counts the branches of when but the first, and starts below annotations', async () => {
    const text = `class A {
  @Test
  fun <T> f(a: Int, b: Int = 2): Int { return if (a > 1 && b > 2) 1 else 2 }
  fun g() = x ?: 3
  val p: Int get() = 1
  fun h() { when (x) { 1 -> 2; is String -> 3; else -> 4 }; try { } catch (e: E) { } }
  fun signature()
}
`;
    assert.deepEqual(await rows('kotlin', text), [
      ['f', 3, 3, 2],
      ['g', 4, 2, 0],
      ['get', 5, 1, 0],
      ['h', 6, 4, 0],
    ]);
  });
});

describe('where functions start, as lizard has it', () => {
  it('is the body for arrow functions without a name, the parameters for others', async () => {
    const text = `call(
  (
    a,
  ) => {
    return a ? 1 : 2;
  });
function wide<
  T
>(a: T) {}
const named = (
  a,
) => a;
`;
    assert.deepEqual(await rows('typescript', text), [
      ['(anonymous)', 4, 2, 1],
      ['wide', 9, 1, 1],
      ['named', 10, 1, 1],
    ]);
  });

  it('is a Java annotation with arguments right behind one without', async () => {
    const text =
      'class A {\n  @Override\n  @SuppressWarnings("x")\n  public void f() {}\n  @Test\n  @B\n  void g() {}\n}\n';
    assert.deepEqual(await rows('java', text), [
      ['A::f', 3, 1, 0],
      ['A::g', 7, 1, 0],
    ]);
  });

  it('ends an arrow function without braces at the first line that begins outside of brackets', async () => {
    const text = `function outer(a) {
  const f = () =>
    a ? 1 : a && 2;
  const g = () => h(a,
    a && 2) || 3;
}
`;
    assert.deepEqual(await rows('javascript', text), [
      ['outer', 1, 3, 1],
      ['f', 2, 1, 0],
      ['g', 4, 3, 0],
    ]);
  });

  it('counts an optional chain alike in every grammar of the family', async () => {
    for (const language of ['javascript', 'typescript', 'tsx'] as const)
      assert.deepEqual(await rows(language, 'function f(a) { return a()?.b; }'), [['f', 1, 2, 1]], language);
  });
});
