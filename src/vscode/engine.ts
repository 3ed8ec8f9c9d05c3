/** The one engine of this window: made when first needed, replaced when the folders change, disposed at the end. */
import type { AsyncDisposable, Disposable } from '../base/disposables.ts';
import { disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import type { App } from '../contracts/index.ts';

export type CreateApp = () => Promise<App>;
/** Subscribes to an app; what it returns is disposed before that app is. */
export type AppListener = (app: App) => Disposable;

export class Engine implements AsyncDisposable {
  readonly #create: CreateApp;
  readonly #log: (message: string) => void;
  readonly #listeners = new Set<AppListener>();
  #subscriptions: Disposable[] = [];
  #loading: Promise<App> | undefined;
  #app: App | undefined;
  #disposed = false;

  constructor(create: CreateApp, log: (message: string) => void) {
    this.#create = create;
    this.#log = log;
  }

  /** The app, if it has been made. */
  get current(): App | undefined {
    return this.#app;
  }

  /** Calls `listener` with every app that is made from now on, and with the present one. */
  whenLoaded(listener: AppListener): Disposable {
    this.#listeners.add(listener);
    if (this.#app !== undefined) this.#subscribe(listener, this.#app);
    return disposable(() => this.#listeners.delete(listener));
  }

  /** Makes the app unless it is there; a failure is logged and thrown, and the next call tries again. */
  load(): Promise<App> {
    if (this.#disposed) return Promise.reject(new Error('MCP Conductor is shutting down'));
    this.#loading ??= this.#make().catch((error: unknown) => {
      this.#loading = undefined;
      this.#log(`The engine could not be started: ${messageOf(error)}`);
      throw error;
    });
    return this.#loading;
  }

  /** Disposes the present app, so that the next `load` makes another. */
  async reset(): Promise<void> {
    const loading = this.#loading;
    this.#loading = undefined;
    if (loading === undefined) return;
    const app = await loading.catch(() => undefined);
    if (this.#app === app) this.#app = undefined;
    for (const subscription of this.#subscriptions.splice(0).reverse()) this.#attempt(() => subscription.dispose());
    await app?.dispose();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.reset();
    this.#listeners.clear();
  }

  async #make(): Promise<App> {
    const app = await this.#create();
    this.#app = app;
    for (const listener of this.#listeners) this.#subscribe(listener, app);
    return app;
  }

  #subscribe(listener: AppListener, app: App): void {
    this.#attempt(() => this.#subscriptions.push(listener(app)));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#log(messageOf(error));
    }
  }
}
