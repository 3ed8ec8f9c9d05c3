/** The requests a connection is waiting on, to know whom an unusable reply concerns. */
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/client';

export class PendingRequests {
  readonly #ids = new Set<RequestId>();

  sent(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    if ('id' in message) {
      // A subscription stays open by design: nothing that goes astray is meant for it.
      if (message.method !== 'subscriptions/listen') this.#ids.add(message.id);
    } else if (message.method === 'notifications/cancelled') {
      this.#cancelled(message.params?.requestId);
    }
  }

  received(message: JSONRPCMessage): void {
    if (!('method' in message) && message.id !== undefined) this.#ids.delete(message.id);
  }

  /** The request a bad reply belongs to: the one it names, or the only one there is. */
  attribute(id: RequestId | undefined): RequestId | undefined {
    const [only, second] = this.#ids;
    const named = id !== undefined && this.#ids.has(id) ? id : undefined;
    const found = named ?? (id === undefined && second === undefined ? only : undefined);
    if (found !== undefined) this.#ids.delete(found);
    return found;
  }

  #cancelled(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#ids.delete(id);
  }
}
