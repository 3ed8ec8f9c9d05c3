/**
 * Keeps a reply behind the progress that came before it. The SDK handles notices a few microtasks later but replies at
 * once, so progress that arrives in one chunk with its reply would be thrown away.
 */
import type { JSONRPCMessage } from '@modelcontextprotocol/client';

export class ProgressOrder {
  readonly #deliver: (message: JSONRPCMessage) => void;
  #settling = false;
  #held: JSONRPCMessage[] | undefined;

  constructor(deliver: (message: JSONRPCMessage) => void) {
    this.#deliver = deliver;
  }

  pass(message: JSONRPCMessage): void {
    if (this.#held !== undefined) {
      this.#held.push(message);
    } else if (this.#settling && !('method' in message)) {
      this.#held = [message];
    } else {
      if ('method' in message && message.method === 'notifications/progress') this.#settle();
      this.#deliver(message);
    }
  }

  /** Delivers what is held back now. */
  release(): void {
    this.#settling = false;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.pass(message);
  }

  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    setImmediate(() => this.release());
  }
}
