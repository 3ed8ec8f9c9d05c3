/** What is known of every kind of node of a grammar, looked up by number while walking. */
import type { Family } from './families/family.ts';

export interface NodeTables {
  readonly family: Family;
  /** Bits of `ROLE` by node type id. */
  readonly roles: Uint16Array;
  /** Cyclomatic weight by node type id. */
  readonly weights: Int8Array;
  /** What a node is to cognitive complexity, by node type id. */
  readonly kinds: Uint8Array;
  /** 1 for named nodes, by node type id. */
  readonly named: Uint8Array;
  /** 1 for what holds no code of its own: comments, imports. */
  readonly silent: Uint8Array;
  /** 1 for tokens that count for nothing in Halstead's measures. */
  readonly mute: Uint8Array;
  /** 1 for statements that always leave, and 2 for blocks of statements. */
  readonly flow: Uint8Array;
  /** Name by node type id. */
  readonly names: readonly string[];
}
