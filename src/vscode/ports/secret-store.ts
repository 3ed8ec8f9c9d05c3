/** Secrets where VS Code keeps them: the operating system's keyring, through `SecretStorage`. */
import type * as vscode from 'vscode';
import type { SecretStore } from '../../contracts/index.ts';

const PREFIX = 'mcp-conductor/';

export function vscodeSecretStore(storage: vscode.SecretStorage): SecretStore {
  return {
    async get(key) {
      return storage.get(PREFIX + key);
    },
    async set(key, value) {
      await storage.store(PREFIX + key, value);
    },
    async delete(key) {
      await storage.delete(PREFIX + key);
    },
  };
}
