/** From what is written to what is started: variables, inputs, env files, and what must never be shown. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from '../../../../src/contracts/credentials.ts';
import type { InputDefinition, ServerDefinition, StdioLaunch } from '../../../../src/contracts/server.ts';
import { parseEnvFile } from '../../../../src/mcp/config/env-file.ts';
import { InputValues } from '../../../../src/mcp/config/inputs.ts';
import { type ResolveContext, resolveLaunch } from '../../../../src/mcp/config/resolve-launch.ts';

const signal = new AbortController().signal;
const HOST: Record<string, string> = { PATH: '/bin', HOME: '/people/ada', API_TOKEN: 'tok-123456', EMPTY: '' };

function context(
  answers: Record<string, string | undefined> = {},
): ResolveContext & { asked: string[]; stored: Map<string, string>; notes: string[] } {
  const asked: string[] = [];
  const stored = new Map<string, string>();
  const notes: string[] = [];
  const variables = {
    config: (key: string) => (key === 'my.setting' ? 'set' : undefined),
    command: async (id: string) => (id === 'pick' ? 'picked' : undefined),
  };
  const inputs = new InputValues({
    ask: async (input) => {
      asked.push(input.id);
      return answers[input.id];
    },
    secrets: {
      get: async (key) => stored.get(key),
      set: async (key, value) => void stored.set(key, value),
      delete: async (key) => void stored.delete(key),
    },
    variables,
  });
  const environment = { inherited: { PATH: '/bin' }, lookup: (name: string) => HOST[name] };
  const folders = [
    { name: 'web', path: '/ws/web' },
    { name: 'api', path: '/ws/api' },
  ];
  const credentials: Credentials = {
    value: async ({ id, origin }, name) =>
      `${id} of ${origin.kind}: ${name} ${'${userHome}'} ${'${{ secrets.OTHER }}'}`,
  };
  return {
    folders,
    environment,
    variables,
    credentials,
    inputs,
    asked,
    stored,
    notes,
    note: (text) => notes.push(text),
  };
}

function definition(launch: Partial<StdioLaunch>, inputs: readonly InputDefinition[] = []): ServerDefinition {
  return {
    id: 'mine',
    label: 'mine',
    origin: { kind: 'workspace', folder: '/ws/web', file: '/ws/web/.vscode/mcp.json' },
    launch: { type: 'stdio', command: 'run', args: [], env: {}, ...launch },
    inputs,
  };
}

async function args(...written: string[]): Promise<readonly string[]> {
  const { launch } = await resolveLaunch(definition({ args: written }), context(), signal);
  return launch.type === 'stdio' ? launch.args : [];
}

describe('resolving a launch', () => {
  it('replaces every variable it knows, and leaves the others as they are', async () => {
    assert.deepEqual(
      await args(
        '${workspaceFolder}/x',
        '${workspaceFolder:api}',
        '${userHome}',
        '[${env:UNSET}]',
        '${config:my.setting}',
        '${command:pick}',
        '${unknown:x}',
        '${constructor}',
        '${config:other}',
      ),
      [
        '/ws/web/x',
        '/ws/api',
        '/people/ada',
        '[]',
        'set',
        'picked',
        '${unknown:x}',
        '${constructor}',
        '${config:other}',
      ],
    );
  });

  it('does not resolve what a value looks like', async () => {
    HOST.TRICK = '${env:API_TOKEN}';
    assert.deepEqual(await args('${env:TRICK}'), ['${env:API_TOKEN}']);
  });

  it('says which folders there are when the named one is not open', async () => {
    await assert.rejects(args('${workspaceFolder:nope}'), {
      code: 'SERVER_START_FAILED',
      message: /no open folder is called "nope"; open: "web", "api"/,
    });
  });

  it('gives a server the folder it was written in, and only the variables meant for it', async () => {
    const { launch } = await resolveLaunch(
      definition({ env: { A: '${env:API_TOKEN}', PATH: null } }),
      context(),
      signal,
    );
    assert.deepEqual(launch, { type: 'stdio', command: 'run', args: [], cwd: '/ws/web', env: { A: 'tok-123456' } });
  });

  it('asks for a password once, keeps it in the secret store, and calls it a secret', async () => {
    const place = context({ token: 's3cr3t-value' });
    const mine = definition({ args: ['${input:token}', '${input:token}'] }, [
      { id: 'token', type: 'promptString', password: true },
    ]);
    const first = await resolveLaunch(mine, place, signal);
    await resolveLaunch(mine, place, signal);
    assert.deepEqual(place.asked, ['token']);
    assert.deepEqual([...place.stored.values()], ['s3cr3t-value']);
    assert.deepEqual(first.secrets, ['s3cr3t-value']);
  });

  it('keeps other inputs for the session only, and asks one question for two starts', async () => {
    const place = context({ region: 'north' });
    const mine = definition({ args: ['${input:region}'] }, [{ id: 'region', type: 'pickString', options: ['north'] }]);
    const both = await Promise.all([resolveLaunch(mine, place, signal), resolveLaunch(mine, place, signal)]);
    assert.deepEqual(place.asked, ['region']);
    assert.equal(place.stored.size, 0);
    assert.deepEqual(
      both.map(({ secrets }) => secrets),
      [[], []],
    );
  });

  it('names the input that was not answered, and the one that is not defined', async () => {
    const mine = definition({ args: ['${input:token}'] }, [{ id: 'token', type: 'promptString' }]);
    await assert.rejects(resolveLaunch(mine, context(), signal), {
      message: 'server "mine" was not started: no value was given for its input "token"',
    });
    await assert.rejects(args('${input:nope}'), { message: /no input of that id is defined/ });
  });

  it('counts values of tell-tale names as secrets, wherever they come from', async () => {
    const { secrets } = await resolveLaunch(
      definition({ env: { GITHUB_TOKEN: 'ghp_abcdef', MODE: 'fast' } }),
      context(),
      signal,
    );
    assert.deepEqual(secrets, ['ghp_abcdef']);
    const http: ServerDefinition = {
      ...definition({}),
      launch: { type: 'http', url: 'https://example.com/${env:EMPTY}', headers: { Authorization: 'Bearer abc.def' } },
    };
    const resolved = await resolveLaunch(http, context(), signal);
    assert.deepEqual(resolved.secrets, ['abc.def']);
    assert.deepEqual(resolved.launch, {
      type: 'http',
      url: 'https://example.com/',
      headers: { Authorization: 'Bearer abc.def' },
    });
  });

  it('puts an env file under the variables of the definition, and names its bad lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'env-'));
    try {
      writeFileSync(join(folder, '.env'), 'A=file\nB=file\nnonsense\n');
      const place = context();
      const { launch } = await resolveLaunch(
        definition({ envFile: join(folder, '.env'), env: { A: 'own' } }),
        place,
        signal,
      );
      assert.deepEqual(launch.type === 'stdio' ? launch.env : {}, { PATH: '/bin', A: 'own', B: 'file' });
      assert.match(place.notes[0] ?? '', /line 3/);
      await assert.rejects(resolveLaunch(definition({ envFile: join(folder, 'none') }), place, signal), {
        message: /its envFile .*none cannot be read/,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('puts credentials into environment and headers, as they are, and knows that they are secret', async () => {
    const value = 'mine of workspace: TOKEN ${userHome} ${{ secrets.OTHER }}';
    const env = { GREETING: 'hello ${{ secrets.TOKEN }} from ${userHome}' };
    const { launch, secrets } = await resolveLaunch(definition({ env }), context(), signal);
    assert.equal(launch.type === 'stdio' && launch.env.GREETING, `hello ${value} from /people/ada`);
    assert.deepEqual(secrets, [value]);
    const http = {
      ...definition({}),
      launch: { type: 'http', url: 'https://a', headers: { A: '${{secrets.TOKEN}}' } },
    };
    const reached = await resolveLaunch(http as ServerDefinition, context(), signal);
    assert.equal(reached.launch.type === 'http' && reached.launch.headers.A, value);
  });

  it('puts no credential where others can see it', async () => {
    await assert.rejects(
      args('--token=${{ secrets.TOKEN }}'),
      /secrets.TOKEN \}\} may stand in "env" and "headers" alone/,
    );
  });
});

describe('an env file', () => {
  it('is read as such files are written', () => {
    const { values, badLines } = parseEnvFile(
      [
        '# comment',
        '',
        'A=1',
        'export B = two words # note',
        "C='literal $X # kept'",
        'D="line\\nbreak \\"q\\""',
        'E=',
        'F=a#b',
        'no line',
        'G="open',
      ].join('\r\n'),
    );
    assert.deepEqual(values, { A: '1', B: 'two words', C: 'literal $X # kept', D: 'line\nbreak "q"', E: '', F: 'a#b' });
    assert.deepEqual(badLines, [9, 10]);
  });
});
