/** Sinks by the last part of the names they look for, so that most of a program is passed over with one look-up. */
import { lastName } from './compile-rule.ts';
import type { CodeLanguage } from './program.ts';
import type { LanguageRules, SastRule, Sink, SinkByKind } from './rule.ts';

export interface IndexedSink<S extends Sink = Sink> {
  readonly rule: SastRule;
  readonly language: LanguageRules;
  readonly sink: S;
}

type Unnamed = 'return' | 'literal' | 'compare';
type Named = Exclude<Sink['on'], Unnamed>;

export class SinkIndex {
  readonly #named = new Map<string, IndexedSink[]>();
  readonly #unnamed: IndexedSink[] = [];

  constructor(rules: readonly SastRule[], language: CodeLanguage) {
    for (const rule of rules) {
      const rulesOfLanguage = rule.languages[language];
      for (const sink of rulesOfLanguage?.sinks ?? []) {
        if (rulesOfLanguage !== undefined) this.#add({ rule, language: rulesOfLanguage, sink });
      }
    }
  }

  /** Those that may be about a name that ends in `last`. */
  find<K extends Named>(on: K, last: string): readonly IndexedSink<SinkByKind[K]>[] {
    return (this.#named.get(`${on} ${last}`) ?? []) as unknown as readonly IndexedSink<SinkByKind[K]>[];
  }

  all<K extends Unnamed>(on: K): readonly IndexedSink<SinkByKind[K]>[] {
    const list: readonly IndexedSink[] = this.#unnamed.filter(({ sink }) => sink.on === on);
    return list as unknown as readonly IndexedSink<SinkByKind[K]>[];
  }

  #add(entry: IndexedSink): void {
    const { sink } = entry;
    if (sink.on === 'return' || sink.on === 'literal' || sink.on === 'compare') {
      this.#unnamed.push(entry);
      return;
    }
    // A module is looked up by its whole path: `import a.b` may be meant by `a`.
    for (const last of new Set(sink.names.map((name) => (sink.on === 'import' ? name : lastName(name))))) {
      const key = `${sink.on} ${last}`;
      const list = this.#named.get(key);
      if (list === undefined) this.#named.set(key, [entry]);
      else list.push(entry);
    }
  }
}

const KNOWN = new WeakMap<readonly SastRule[], Map<CodeLanguage, SinkIndex>>();

/** The same list of rules is indexed once. */
export function indexOf(rules: readonly SastRule[], language: CodeLanguage): SinkIndex {
  const byLanguage = KNOWN.get(rules) ?? new Map<CodeLanguage, SinkIndex>();
  KNOWN.set(rules, byLanguage);
  const index = byLanguage.get(language) ?? new SinkIndex(rules, language);
  byLanguage.set(language, index);
  return index;
}
