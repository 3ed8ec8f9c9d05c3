/** The values of `${input:…}`: asked for once, passwords kept in the secret store and everything else for this session. */
import { ConductorError } from '../../base/errors.ts';
import type {
  AskInput,
  InputDefinition,
  SecretStore,
  ServerDefinition,
  VariableSource,
} from '../../contracts/server.ts';

export interface InputValuesOptions {
  readonly ask: AskInput;
  readonly secrets: SecretStore;
  readonly variables: VariableSource;
}

export class InputValues {
  readonly #options: InputValuesOptions;
  readonly #session = new Map<string, string>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(options: InputValuesOptions) {
    this.#options = options;
  }

  /** @throws ConductorError SERVER_START_FAILED when the person gives no value */
  async value(
    definition: ServerDefinition,
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly value: string; readonly secret: boolean }> {
    const input = definition.inputs.find((candidate) => candidate.id === id);
    if (input === undefined) {
      throw failed(
        definition,
        `it uses \${input:${id}}, but no input of that id is defined; add one to "inputs" of the same file`,
      );
    }
    const key = inputKey(definition, input);
    const secret = input.password === true;
    const known = secret ? await this.#options.secrets.get(key) : this.#session.get(key);
    if (known !== undefined) return { value: known, secret };
    const value = await this.#askOnce(key, definition, input, signal);
    if (secret) await this.#options.secrets.set(key, value);
    else this.#session.set(key, value);
    return { value, secret };
  }

  /** Two servers starting at once share one question. */
  #askOnce(key: string, definition: ServerDefinition, input: InputDefinition, signal: AbortSignal): Promise<string> {
    const asking =
      this.#asking.get(key) ?? this.#ask(definition, input, signal).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(definition: ServerDefinition, input: InputDefinition, signal: AbortSignal): Promise<string> {
    const { ask, variables } = this.#options;
    const answer =
      input.type === 'command' && input.command !== undefined
        ? await variables.command(input.command)
        : await ask(input, definition, signal);
    if (answer === undefined) throw failed(definition, `no value was given for its input "${input.id}"`);
    return answer;
  }
}

/** Keyed by where the server is defined and by the server, so that no other file gets at the value by naming it alike. */
function inputKey(definition: ServerDefinition, input: InputDefinition): string {
  const { origin } = definition;
  const place = origin.kind === 'bundled' ? 'bundled' : origin.file;
  return `input:${JSON.stringify([place, definition.id, input.id])}`;
}

function failed(definition: ServerDefinition, why: string): ConductorError {
  return new ConductorError('SERVER_START_FAILED', `server "${definition.id}" was not started: ${why}`, {
    details: { server: definition.id },
  });
}
