/**
 * The operating system's keyring, through `@napi-rs/keyring` where the person has installed it beside this program. It is
 * native code, so no bundle holds it and nothing needs it: without it credentials come from the environment.
 */
import { messageOf } from '../base/errors.ts';
import type { SecretStore } from '../contracts/index.ts';

/** The part of the package that is used. */
export interface KeyringModule {
  readonly AsyncEntry: new (
    service: string,
    account: string,
  ) => {
    getPassword(): Promise<string | undefined | null>;
    setPassword(value: string): Promise<unknown>;
    deletePassword(): Promise<unknown>;
  };
}

const SERVICE = 'mcp-conductor';
const PACKAGE: string = '@napi-rs/keyring';

/** @throws Error saying what to install, or what the system says */
export class KeyringStore implements SecretStore {
  readonly #load: () => Promise<KeyringModule>;
  #module: Promise<KeyringModule> | undefined;

  /** @param load - @default the package, when it is installed */
  constructor(load: () => Promise<KeyringModule> = () => loadKeyring()) {
    this.#load = load;
  }

  async get(key: string): Promise<string | undefined> {
    const { AsyncEntry } = await this.#keyring();
    return (await this.#asked(() => new AsyncEntry(SERVICE, key).getPassword())) ?? undefined;
  }

  async set(key: string, value: string): Promise<void> {
    const { AsyncEntry } = await this.#keyring();
    await this.#asked(() => new AsyncEntry(SERVICE, key).setPassword(value));
  }

  async delete(key: string): Promise<void> {
    const { AsyncEntry } = await this.#keyring();
    await this.#asked(() => new AsyncEntry(SERVICE, key).deletePassword());
  }

  #keyring(): Promise<KeyringModule> {
    this.#module ??= this.#load();
    return this.#module;
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (/no (matching )?entry|not found/i.test(messageOf(error))) return undefined;
      throw new Error(`the keyring of this system cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** @param name - of the package; in a variable, so that bundlers leave it alone */
export async function loadKeyring(name = PACKAGE): Promise<KeyringModule> {
  try {
    return (await import(name)) as KeyringModule;
  } catch (error) {
    throw new Error(`there is no keyring here: install ${name} beside mcp-conductor (npm install -g ${name})`, {
      cause: error,
    });
  }
}
