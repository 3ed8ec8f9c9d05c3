/** Whose credential is whose, and who never gets it. */
import assert from 'node:assert/strict';
import { credentialKeeper, CredentialStore, environmentName } from '../../../src/app/credentials.ts';
import { HiddenValues } from '../../../src/app/hidden-values.ts';
import type { SecretStore, ServerDefinition, ServerSnapshot } from '../../../src/contracts/index.ts';
import { KeyringStore, loadKeyring } from '../../../src/node/keyring.ts';

function memory(): SecretStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
}

function definition(id: string, file: string): ServerDefinition {
  return {
    id,
    label: id,
    origin: { kind: 'config', file },
    inputs: [],
    launch: { type: 'http', url: 'https://a', headers: {} },
  };
}

const github = definition('github', '/people/ada/mcp.json');

describe('credentials', () => {
  it('belong to one server as one file defines it', async () => {
    const store = new CredentialStore({ secrets: memory() });
    await store.set({ server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' }, 'value-1');
    assert.equal(await store.value(github, 'TOKEN'), 'value-1');
    for (const other of [
      definition('gitlab', '/people/ada/mcp.json'),
      definition('github', '/cloned/.vscode/mcp.json'),
    ]) {
      await assert.rejects(store.value(other, 'TOKEN'), /needs the credential TOKEN: mcp-conductor credentials set/);
    }
  });

  it("are the principal's own where it has one, else everybody's", async () => {
    const store = new CredentialStore({ secrets: memory() });
    const whose = { server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' };
    const nightly = { kind: 'pipeline', id: 'nightly' } as const;
    await store.set(whose, 'everybody');
    await store.set({ ...whose, principal: nightly }, 'only nightly');
    assert.equal(await store.value(github, 'TOKEN', nightly), 'only nightly');
    assert.equal(await store.value(github, 'TOKEN', { kind: 'pipeline', id: 'daily' }), 'everybody');
    assert.equal(await store.value(github, 'TOKEN'), 'everybody');
  });

  it('may come from the environment, under a name of server and credential', async () => {
    const environment = { MCP_CONDUCTOR_SECRET_GIT_HUB__TOKEN: 'from outside' };
    assert.equal(environmentName('git-hub', 'token'), 'MCP_CONDUCTOR_SECRET_GIT_HUB__TOKEN');
    const store = new CredentialStore({ secrets: memory(), environment });
    assert.equal(await store.value(definition('git-hub', '/x'), 'TOKEN'), 'from outside');
    await assert.rejects(store.value(github, 'TOKEN'), /MCP_CONDUCTOR_SECRET_GITHUB__TOKEN/);
  });

  it('are hidden from the moment they are given out', async () => {
    const store = new CredentialStore({ secrets: memory() });
    await store.set({ server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' }, 'hunter2-hunter2');
    const hidden = new HiddenValues();
    hidden.from(store.resolved);
    await store.value(github, 'TOKEN');
    assert.equal(hidden.redact(`a ${Buffer.from('hunter2-hunter2').toString('base64')} b`), 'a [REDACTED] b');
    assert.equal(hidden.values(), hidden.values(), 'the same list while nothing changes');
  });

  it('are hidden before they are given out, where they are kept or in the environment', async () => {
    const secrets = memory();
    const before = new CredentialStore({ secrets });
    await before.set({ server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' }, 'kept-value');
    const environment = { MCP_CONDUCTOR_SECRET_WIKI__KEY: 'given-value', OTHER: 'else' };
    const store = new CredentialStore({ secrets, environment });
    await store.preload();
    assert.deepEqual(store.resolved(), ['given-value', 'kept-value']);
  });

  it('are listed by name, and forgotten by name', async () => {
    const secrets = memory();
    const servers = {
      get: (id: string) => (id === 'github' ? ({ definition: github } as ServerSnapshot) : undefined),
      list: () => [],
    };
    const keeper = credentialKeeper(new CredentialStore({ secrets }), servers, '/people/ada/config.yaml');
    await keeper.set('github', 'TOKEN', 'v1-secret');
    await keeper.set('otlp', 'KEY', 'v2-secret');
    await keeper.set('github', 'TOKEN', 'v3-secret');
    assert.deepEqual(await keeper.list(), [
      { server: 'otlp', place: '/people/ada/config.yaml', name: 'KEY' },
      { server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' },
    ]);
    assert.equal(await keeper.delete('github', 'TOKEN'), true);
    assert.equal(await keeper.delete('github', 'TOKEN'), false);
    assert.deepEqual(
      (await keeper.list()).map(({ name }) => name),
      ['KEY'],
    );
    assert.ok(![...secrets.values.values()].some((value) => value.includes('v3-secret')));
    assert.throws(() => keeper.check('nobody', 'TOKEN'), /there is no server "nobody"; there are otlp/);
    assert.throws(() => keeper.check('github', 'not a name'), /is no name of a credential: letters, digits and _/);
  });
});

describe('the keyring', () => {
  it('keeps what it is given, through the package of the system', async () => {
    const kept = new Map<string, string>();
    const entry = class {
      readonly #key: string;
      constructor(service: string, account: string) {
        this.#key = `${service}/${account}`;
      }
      getPassword = async (): Promise<string | undefined> => kept.get(this.#key);
      setPassword = async (value: string): Promise<unknown> => kept.set(this.#key, value);
      deletePassword = async (): Promise<unknown> => {
        if (!kept.delete(this.#key)) throw new Error('No matching entry found in secure storage');
        return undefined;
      };
    };
    const store = new KeyringStore(async () => ({ AsyncEntry: entry }));
    await store.set('a', 'value');
    assert.equal(await store.get('a'), 'value');
    await store.delete('a');
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
  });

  it('says what to install where there is none, and what the system says where it cannot be used', async () => {
    const absent = new KeyringStore(() => loadKeyring('@napi-rs/keyring-of-nowhere'));
    await assert.rejects(absent.get('a'), /there is no keyring here: install @napi-rs\/keyring-of-nowhere beside/);
    const entry = class {
      getPassword = (): Promise<never> => Promise.reject(new Error('AccessDenied'));
      setPassword = (): Promise<never> => Promise.reject(new Error('AccessDenied'));
      deletePassword = (): Promise<never> => Promise.reject(new Error('AccessDenied'));
    };
    await assert.rejects(
      new KeyringStore(async () => ({ AsyncEntry: entry })).set('a', 'b'),
      /cannot be used: AccessDenied/,
    );
  });
});
