/** Credentials as people keep them: each for one server, as it is defined in one place, and maybe for one principal. */
import type { Principal, ServerId } from './call.ts';
import type { ServerDefinition } from './server.ts';

export interface CredentialName {
  readonly server: ServerId;
  /** The file that defines the server: another file's server of the same name does not get the value. */
  readonly place: string;
  readonly name: string;
  /** Only calls on behalf of this one. @default everybody's */
  readonly principal?: Principal | undefined;
}

/** What a person does with them. */
export interface CredentialKeeper {
  /** @throws ConductorError VALIDATION_FAILED, TOOL_NOT_FOUND for a name that is none or a server that is not there */
  check(server: ServerId, name: string): void;
  set(server: ServerId, name: string, value: string, principal?: Principal): Promise<void>;
  /** @returns false when there was none */
  delete(server: ServerId, name: string, principal?: Principal): Promise<boolean>;
  /** Names alone; values are never listed. */
  list(): Promise<readonly CredentialName[]>;
}

export interface Credentials {
  /**
   * The principal's own, else everybody's.
   * @throws ConductorError SERVER_START_FAILED naming how to give the value, when there is none
   */
  value(definition: Pick<ServerDefinition, 'id' | 'origin'>, name: string, principal?: Principal): Promise<string>;
}
