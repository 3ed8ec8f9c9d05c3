/** CWE-95: text is run as program code. */
import type { SastRule } from '../rule.ts';

export const codeInjection: SastRule = {
  id: 'sast/code-injection',
  title: 'Code injection',
  cwe: 'CWE-95',
  severity: 'high',
  confidence: 'medium',
  rationale:
    'A text that is not constant is run as program code: whoever controls it can do whatever this program can.',
  help: 'Parse data as data (JSON.parse, ast.literal_eval), and choose behaviour from a table of functions.',
  hint: /\beval\b|Function\s*\(|\bexec\s*\(|runIn\w*Context|vm\.|setTimeout|setInterval|parseExpression|evaluate|ScriptEngine/,
  sanitizers: ['JSON.stringify', 'json.dumps'],
  sinks: [
    {
      on: 'call',
      language: 'javascript',
      callees: [
        'eval',
        'window.eval',
        'globalThis.eval',
        'global.eval',
        'vm.runInThisContext',
        'vm.runInNewContext',
        'vm.runInContext',
        'new vm.Script',
        'vm.compileFunction',
      ],
      when: 'dynamic',
    },
    { on: 'call', language: 'javascript', callees: ['Function', 'new Function'], argument: 'any', when: 'dynamic' },
    {
      on: 'call',
      language: 'javascript',
      callees: ['setTimeout', 'setInterval', 'window.setTimeout', 'window.setInterval'],
      when: 'built',
      text: /[("';=]/,
    },
    {
      on: 'call',
      language: 'python',
      callees: ['eval', 'exec', 'builtins.eval', 'builtins.exec', '__builtins__.eval'],
      when: 'dynamic',
    },
    {
      on: 'call',
      language: 'java',
      callees: [
        'ScriptEngine.eval',
        '*.getEngineByName().eval',
        'GroovyShell.evaluate',
        'new GroovyShell().evaluate',
        'SpelExpressionParser.parseExpression',
        'ExpressionParser.parseExpression',
        'new SpelExpressionParser().parseExpression',
        'Ognl.getValue',
        'MVEL.eval',
      ],
      when: 'dynamic',
    },
  ],
  bad: [
    {
      language: 'javascript',
      code: 'app.post("/calc", (req, res) => {\n  res.send(String(eval(req.body.expression)));\n});',
      lines: [2],
    },
    {
      language: 'javascript',
      code: "export function compile(body) {\n  return new Function('x', 'return ' + body);\n}",
      lines: [2],
    },
    {
      language: 'javascript',
      code: 'function later(name) {\n  setTimeout("call(\'" + name + "\')", 10);\n}',
      lines: [2],
    },
    { language: 'python', code: 'def calc(expression):\n    return eval(expression)\n', lines: [2] },
    { language: 'python', code: "def run(name):\n    exec('import ' + name)\n", lines: [2] },
    {
      language: 'java',
      code: 'class A { Object run(String text) throws Exception {\n  ScriptEngine engine = new ScriptEngineManager().getEngineByName("js");\n  return engine.eval(text);\n} }',
      lines: [3],
    },
  ],
  good: [
    { language: 'javascript', code: "const root = new Function('return this')();" },
    { language: 'javascript', code: 'setTimeout(() => run(name), 10);' },
    { language: 'javascript', code: 'const value = JSON.parse(text);' },
    { language: 'python', code: 'import ast\ndef read(text):\n    return ast.literal_eval(text)\n' },
    { language: 'python', code: "def evaluate(model):\n    model.eval()\n    return eval('1 + 1')\n" },
    { language: 'java', code: 'class A { Object run(Evaluator e, String text) {\n  return e.evaluate(text);\n} }' },
  ],
};
