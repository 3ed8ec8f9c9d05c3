/** Hears that a server's lists changed: unasked-for notices of old servers, a subscription with new ones, reopened when it drops. */
import type { Client, SubscriptionFilter } from '@modelcontextprotocol/client';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';

export interface ChangeFeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly note: (text: string) => void;
}

/** Milliseconds a server has to acknowledge the subscription. */
const ACK_MS = 10_000;
const MAX_FAILURES = 5;
const BACK_OFF_MS = 1_000;

const NOTICES = [
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
] as const;

/** A server that cannot be listened to still works; its lists are then as old as the last time they were asked for. */
export function watchLists(options: ChangeFeedOptions): Disposable {
  for (const notice of NOTICES) options.client.setNotificationHandler(notice, () => options.onChange());
  const stop = new AbortController();
  const filter = advertised(options.client);
  if (options.client.getProtocolEra() === 'modern' && Object.keys(filter).length > 0)
    subscribe(options, filter, stop.signal, 0);
  return { dispose: () => stop.abort() };
}

function advertised(client: Client): SubscriptionFilter {
  const has = client.getServerCapabilities() ?? {};
  return {
    ...(has.tools?.listChanged === true ? { toolsListChanged: true as const } : {}),
    ...(has.prompts?.listChanged === true ? { promptsListChanged: true as const } : {}),
    ...(has.resources?.listChanged === true ? { resourcesListChanged: true as const } : {}),
  };
}

function subscribe(options: ChangeFeedOptions, filter: SubscriptionFilter, stop: AbortSignal, failures: number): void {
  const again = (count: number): void => {
    if (stop.aborted || count > MAX_FAILURES) return;
    const timer = options.clock.schedule(BACK_OFF_MS * 2 ** count, () => subscribe(options, filter, stop, count));
    stop.addEventListener('abort', () => timer.dispose(), { once: true });
  };
  const listen = async (): Promise<void> => {
    const subscription = await options.client.listen(filter, { signal: stop, timeout: ACK_MS });
    if (failures > 0) options.onChange(); // what was missed while nobody listened
    if ((await subscription.closed) === 'remote') again(1);
  };
  listen().catch((error: unknown) => {
    if (stop.aborted) return;
    options.note(`does not tell of changes to its lists: ${messageOf(error)}`);
    again(failures + 1);
  });
}
