/** A file of servers, right and wrong: what can be read is read, and everything else is named at its place. */
import assert from 'node:assert/strict';
import type { Problem } from '../../../../src/contracts/server.ts';
import { type ParsedFile, parseServerFile } from '../../../../src/mcp/config/parse-file.ts';

const FILE = '/ws/.vscode/mcp.json';

function parse(text: string, foreign = false): ParsedFile {
  const origin = foreign
    ? ({ kind: 'config', file: FILE } as const)
    : ({ kind: 'workspace', folder: '/ws', file: FILE } as const);
  return parseServerFile({ file: FILE, text, origin, foreign });
}

/** `line:column severity code` of every problem. */
function places(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ range, severity, code }) => `${range?.line}:${range?.column} ${severity} ${code}`);
}

describe('a file of servers', () => {
  it('gives stdio and http servers with all they say, comments and trailing commas included', () => {
    const { servers, problems } = parse(`{
      // two servers
      "servers": {
        "My Server.one": {
          "type": "stdio", "command": "npx", "args": ["-y", "pkg"], "cwd": "\${workspaceFolder}",
          "env": { "A": "x", "N": 3, "GONE": null }, "envFile": ".env",
        },
        "remote": { "type": "http", "url": "https://example.com/mcp", "headers": { "Authorization": "Bearer \${input:token}" } },
      },
      "inputs": [{ "id": "token", "type": "promptString", "description": "Token", "password": true }],
    }`);
    assert.deepEqual(problems, []);
    const [one, remote] = servers;
    assert.equal(one?.id, 'my-server-one');
    assert.equal(one.label, 'My Server.one');
    assert.deepEqual(one.launch, {
      type: 'stdio',
      command: 'npx',
      args: ['-y', 'pkg'],
      cwd: '${workspaceFolder}',
      env: { A: 'x', N: '3', GONE: null },
      envFile: '.env',
    });
    assert.equal(one.range?.line, 4);
    assert.deepEqual(one.inputs, []);
    assert.equal(remote?.launch.type, 'http');
    assert.deepEqual(
      remote.inputs.map((input) => [input.id, input.password]),
      [['token', true]],
    );
  });

  it('takes the type from what is there when none is written', () => {
    const { servers } = parse('{"servers": {"a": {"command": "x"}, "b": {"url": "http://localhost:1/"}}}');
    assert.deepEqual(
      servers.map((server) => server.launch.type),
      ['stdio', 'http'],
    );
  });

  it('keeps every readable server of a file with a syntax error, and says where that is', () => {
    const { servers, problems } = parse(
      '{\n  "servers": {\n    "a": { "command": "x" }\n    "b": { "command": "y" }\n  }\n}',
    );
    assert.deepEqual(
      servers.map((server) => server.id),
      ['a', 'b'],
    );
    assert.deepEqual(places(problems), ['4:5 error syntax']);
    assert.match(problems[0]?.message ?? '', /comma expected/);
  });

  const wrong: readonly (readonly [string, string, string, string, RegExp])[] = [
    ['no command and no url', '"a": {}', 'a', '2:1 error missing-command', /neither "command".* nor "url"/],
    [
      'a type without its command',
      '"a": {"type": "stdio"}',
      'a',
      '2:1 error missing-command',
      /has no "command"; add one/,
    ],
    ['a type without its url', '"a": {"type": "http"}', 'a', '2:1 error missing-url', /has no "url"; add one/],
    ['an empty command', '"a": {"command": " "}', 'a', '2:18 error missing-command', /is empty/],
    [
      'a command of the wrong type',
      '"a": {"command": 5}',
      'a',
      '2:18 error wrong-type',
      /"command" of server "a" is a number, expected a string/,
    ],
    [
      'a server that is no object',
      '"a": "npx"',
      'a',
      '2:6 error wrong-type',
      /server "a" is a string, expected an object/,
    ],
    [
      'an unknown type',
      '"a": {"type": "carrier-pigeon", "command": "x"}',
      'a',
      '2:15 error unknown-type',
      /known types are "stdio" and "http"/,
    ],
    [
      'the old sse transport',
      '"a": {"type": "sse", "url": "http://x/"}',
      'a',
      '2:15 warning sse-not-supported',
      /use "type": "http"/,
    ],
    [
      'an address that is none',
      '"a": {"url": "ftp://x/"}',
      'a',
      '2:14 error wrong-url',
      /not an http or https address/,
    ],
    [
      'a reserved name',
      '"Code-Analysis": {"command": "x"}',
      'code-analysis',
      '2:1 error reserved-name',
      /reserved for the bundled server "code-analysis"/,
    ],
    ['a name that is no name', '"..": {"command": "x"}', '', '2:1 error wrong-name', /needs a letter or a digit/],
  ];
  for (const [what, entry, id, place, message] of wrong) {
    it(`refuses ${what} and keeps the next server`, () => {
      const { servers, problems } = parse(`{"servers": {\n${entry},\n"next": {"command": "y"}}}`);
      assert.deepEqual(
        servers.map((server) => server.id),
        ['next'],
        id,
      );
      assert.deepEqual(places(problems), [place]);
      assert.match(problems[0]?.message ?? '', message);
    });
  }

  it('keeps a server whose args are partly wrong, and warns of what it does not know', () => {
    const { servers, problems } = parse(
      '{"servers": {\n"a": {"command": "x", "args": ["ok", 1], "url": "http://x/", "colour": "red"}}}',
    );
    assert.deepEqual(servers[0]?.launch.type === 'stdio' ? servers[0].launch.args : undefined, ['ok']);
    assert.deepEqual(places(problems), [
      '2:38 error wrong-type',
      '2:42 warning unknown-key',
      '2:62 warning unknown-key',
    ]);
  });

  it('uses the first of two servers with one name or one id', () => {
    const { servers, problems } = parse(
      '{"servers": {\n"a": {"command": "1"},\n"a": {"command": "2"},\n"A": {"command": "3"}}}',
    );
    assert.deepEqual(
      servers.map((server) => server.launch),
      [{ type: 'stdio', command: '1', args: [], cwd: undefined, env: {}, envFile: undefined }],
    );
    assert.deepEqual(
      problems.map((problem) => problem.message),
      [
        '"a" is defined twice; the first definition is used (line 2)',
        '"A" and "a" have the same id "a"; the first definition is used (line 2)',
      ],
    );
  });

  it('reads the form of other clients only from files that were asked for', () => {
    const text = '{"mcpServers": {"a": {"command": "x"}}, "theme": "dark"}';
    assert.deepEqual(
      parse(text, true).servers.map((server) => server.id),
      ['a'],
    );
    assert.deepEqual(parse(text, true).problems, []);
    const own = parse(text);
    assert.deepEqual(own.servers, []);
    assert.match(own.problems[0]?.message ?? '', /in this file it is "servers"/);
  });

  it('names what is wrong with inputs', () => {
    const { problems } = parse(
      '{"inputs": [\n{"type": "promptString"},\n{"id": "x", "type": "guess"},\n{"id": "y", "type": "pickString", "options": ["a", {"value": "b"}]},\n{"id": "y", "type": "promptString"}]}',
    );
    assert.deepEqual(places(problems), [
      '2:1 error missing-id',
      '3:21 error unknown-type',
      '5:1 error duplicate-input',
    ]);
  });

  it('is silent about an empty file, and clear about one that is no object', () => {
    assert.deepEqual(parse(' \n'), { servers: [], problems: [] });
    assert.match(parse('[]').problems[0]?.message ?? '', /the file is an array, expected an object/);
  });
});
