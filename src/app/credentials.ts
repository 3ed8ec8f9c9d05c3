/** Values of credentials: from the environment where that is allowed, else from the secret store of the editor or system. */
import { ConductorError } from '../base/errors.ts';
import { isSecretName, SECRET_NAME_HELP } from '../base/secret-references.ts';
import type {
  CredentialKeeper,
  CredentialName,
  Credentials,
  Principal,
  SecretStore,
  ServerDefinition,
  ServerDirectory,
} from '../contracts/index.ts';

export interface CredentialStoreOptions {
  readonly secrets: SecretStore;
  /** What `MCP_CONDUCTOR_SECRET_<SERVER>__<NAME>` is looked up in, before the store. @default nowhere */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Stores cannot list what they hold, so the names, and only they, are kept under a key of their own. */
const INDEX = 'credentials';
const VARIABLE = 'MCP_CONDUCTOR_SECRET_';

/**
 * @example
 * const credentials = new CredentialStore({ secrets });
 * await credentials.set({ server: 'github', place: '/people/ada/mcp.json', name: 'TOKEN' }, value);
 * await credentials.value(definition, 'TOKEN');
 */
export class CredentialStore implements Credentials {
  readonly #options: CredentialStoreOptions;
  #resolved: readonly string[] = [];
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: CredentialStoreOptions) {
    this.#options = options;
  }

  /** Every value that was given out; the same array while nothing changes. */
  readonly resolved = (): readonly string[] => this.#resolved;

  async value(
    definition: Pick<ServerDefinition, 'id' | 'origin'>,
    name: string,
    principal?: Principal,
  ): Promise<string> {
    const whose = { server: definition.id, place: placeOf(definition), name };
    const value =
      this.#options.environment?.[environmentName(definition.id, name)] ??
      (principal === undefined ? undefined : await this.#options.secrets.get(keyOf({ ...whose, principal }))) ??
      (await this.#options.secrets.get(keyOf(whose)));
    if (value === undefined || value === '') throw this.#missing(definition.id, name);
    this.#hide([value]);
    return value;
  }

  /** Makes every value known that is kept, so that it is hidden before any server has been given it. */
  async preload(): Promise<void> {
    const { environment = {}, secrets } = this.#options;
    const given = Object.entries(environment).filter(([name]) => name.toUpperCase().startsWith(VARIABLE));
    this.#hide(given.map(([, value]) => value ?? ''));
    const kept = await this.list();
    this.#hide((await Promise.all(kept.map((name) => secrets.get(keyOf(name))))).map((value) => value ?? ''));
  }

  #hide(values: readonly string[]): void {
    const added = values.filter((value) => value !== '' && !this.#resolved.includes(value));
    if (added.length > 0) this.#resolved = [...new Set([...this.#resolved, ...added])];
  }

  /** @throws ConductorError VALIDATION_FAILED for a name or a value that is none */
  async set(credential: CredentialName, value: string): Promise<void> {
    checkName(credential.name);
    if (value === '') throw new ConductorError('VALIDATION_FAILED', 'the value is empty');
    await this.#options.secrets.set(keyOf(credential), value);
    await this.#changeIndex((names) => [...names.filter((known) => keyOf(known) !== keyOf(credential)), credential]);
  }

  /** @returns false when there was none */
  async delete(credential: CredentialName): Promise<boolean> {
    const existed = (await this.#options.secrets.get(keyOf(credential))) !== undefined;
    await this.#options.secrets.delete(keyOf(credential));
    await this.#changeIndex((names) => names.filter((known) => keyOf(known) !== keyOf(credential)));
    return existed;
  }

  /** Names alone; values are never listed. */
  async list(): Promise<readonly CredentialName[]> {
    const text = await this.#options.secrets.get(INDEX);
    if (text === undefined) return [];
    try {
      return JSON.parse(text) as readonly CredentialName[];
    } catch {
      throw new ConductorError('INTERNAL', 'the list of credentials in the secret store is damaged; set them again');
    }
  }

  #changeIndex(change: (names: readonly CredentialName[]) => readonly CredentialName[]): Promise<void> {
    const changed = this.#changing.then(async () => {
      await this.#options.secrets.set(INDEX, JSON.stringify(change(await this.list())));
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  #orVariable(server: string, name: string): string {
    return this.#options.environment === undefined ? '' : `, or the variable ${environmentName(server, name)}`;
  }

  #missing(server: string, name: string): ConductorError {
    const advice = `mcp-conductor credentials set ${server} ${name}${this.#orVariable(server, name)}`;
    return new ConductorError('SERVER_START_FAILED', `server "${server}" needs the credential ${name}: ${advice}`, {
      details: { server, credential: name },
    });
  }
}

/** The collector of `config.yaml`: no server, but credentials are kept for it in the same way. */
export const COLLECTOR = 'otlp';

/**
 * Credentials by the id of a server, as the person knows it.
 * @param configFile - what the collector's are bound to
 */
export function credentialKeeper(
  store: CredentialStore,
  servers: Pick<ServerDirectory, 'get' | 'list'>,
  configFile: string,
): CredentialKeeper {
  const credential = (server: string, name: string, principal?: Principal): CredentialName => {
    const definition = servers.get(server)?.definition;
    const place = definition === undefined ? undefined : placeOf(definition);
    if (place === undefined && server !== COLLECTOR) {
      const known = servers.list().map(({ definition: { id } }) => id);
      throw new ConductorError(
        'TOOL_NOT_FOUND',
        `there is no server "${server}"; there are ${[...known, COLLECTOR].join(', ')}`,
      );
    }
    checkName(name);
    return { server, place: place ?? configFile, name, ...(principal === undefined ? {} : { principal }) };
  };
  return {
    check: (server, name) => void credential(server, name),
    set: async (server, name, value, principal) => store.set(credential(server, name, principal), value),
    delete: async (server, name, principal) => store.delete(credential(server, name, principal)),
    list: () => store.list(),
  };
}

function checkName(name: string): void {
  if (isSecretName(name)) return;
  throw new ConductorError('VALIDATION_FAILED', `"${name}" is no name of a credential: ${SECRET_NAME_HELP}`);
}

/** Where a server is defined, as credentials are bound to it. */
function placeOf({ origin }: Pick<ServerDefinition, 'origin'>): string {
  return origin.kind === 'bundled' ? 'bundled' : origin.file;
}

/** `github-mcp`, `TOKEN` → `MCP_CONDUCTOR_SECRET_GITHUB_MCP__TOKEN` */
export function environmentName(server: string, name: string): string {
  const upper = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return `${VARIABLE}${upper(server)}__${upper(name)}`;
}

function keyOf({ server, place, name, principal }: CredentialName): string {
  const whose = principal === undefined ? null : `${principal.kind}:${principal.id}`;
  return `credential:${JSON.stringify([place, server, whose, name])}`;
}
