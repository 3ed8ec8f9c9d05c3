/** The window's one engine: made once, followed by its listeners, replaced and disposed. */
import assert from 'node:assert/strict';
import type { App } from '../../../src/contracts/index.ts';
import { Engine } from '../../../src/vscode/engine.ts';

const fakeApp = (onDispose: () => void): App => ({ dispose: async () => onDispose() }) as unknown as App;

describe('the engine of a window', () => {
  it('is made once, however many ask at once', async () => {
    let made = 0;
    const engine = new Engine(async () => {
      made += 1;
      return fakeApp(() => undefined);
    }, assert.fail);
    const [a, b] = await Promise.all([engine.load(), engine.load()]);
    assert.equal(a, b);
    assert.equal(made, 1);
  });

  it('tries again after a failure', async () => {
    let made = 0;
    const log: string[] = [];
    const engine = new Engine(
      async () => {
        made += 1;
        if (made === 1) throw new Error('no disk');
        return fakeApp(() => undefined);
      },
      (message) => log.push(message),
    );
    await assert.rejects(engine.load(), /no disk/);
    await engine.load();
    assert.equal(made, 2);
    assert.match(log.join(), /could not be started: no disk/);
  });

  it('takes subscriptions down before the app, and gives the next app to the same listeners', async () => {
    const log: string[] = [];
    const engine = new Engine(async () => fakeApp(() => log.push('app')), assert.fail);
    engine.whenLoaded(() => {
      log.push('subscribe');
      return { dispose: () => log.push('unsubscribe') };
    });
    await engine.load();
    await engine.reset();
    await engine.load();
    await engine.dispose();
    assert.deepEqual(log, ['subscribe', 'unsubscribe', 'app', 'subscribe', 'unsubscribe', 'app']);
    await assert.rejects(engine.load(), /shutting down/);
  });

  it('logs a listener that throws and keeps the others', async () => {
    const log: string[] = [];
    const engine = new Engine(
      async () => fakeApp(() => undefined),
      (message) => log.push(message),
    );
    engine.whenLoaded(() => {
      throw new Error('broken');
    });
    engine.whenLoaded(() => {
      log.push('second');
      return { dispose: () => undefined };
    });
    await engine.load();
    assert.deepEqual(log, ['broken', 'second']);
  });
});
