/** The configuration of a running app: as of now, and taken over anew when its files were edited. */
import type { App } from '../contracts/index.ts';
import type { ReadConfig } from './config/read-config.ts';
import { READ_AT_START } from './config/schema.ts';

export class LiveConfig {
  #now: ReadConfig;
  readonly #read: () => Promise<ReadConfig>;

  /** @param again - reads the files anew; left out, they stay as they are */
  constructor(read: ReadConfig, again: () => Promise<ReadConfig> = () => Promise.resolve(read)) {
    this.#now = read;
    this.#read = again;
  }

  readonly now = (): ReadConfig => this.#now;

  /** @param take - told what holds from now on */
  reloader(take: (edited: ReadConfig) => void): App['configuration'] {
    return {
      file: this.#now.file,
      reload: async () => {
        const edited = await this.#read();
        const waiting = READ_AT_START.filter((name) => !isSame(this.#now.config[name], edited.config[name]));
        take(edited);
        this.#now = edited;
        return waiting;
      },
    };
  }
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
