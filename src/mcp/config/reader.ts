/** Reads typed values off a JSONC syntax tree, and says of each that is wrong where it is and what would be right. */
import type { Node } from 'jsonc-parser';
import type { Problem } from '../../contracts/server.ts';
import type { Positions } from './positions.ts';

export interface Property {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
}

export class Reader {
  readonly problems: Problem[] = [];
  readonly positions: Positions;

  constructor(positions: Positions) {
    this.positions = positions;
  }

  error(node: Node, code: string, message: string): void {
    this.problems.push({ severity: 'error', code, message, range: this.positions.of(node) });
  }

  warn(node: Node, code: string, message: string): void {
    this.problems.push({ severity: 'warning', code, message, range: this.positions.of(node) });
  }

  /** The properties of an object; a property without a value is left out, for the parser has complained of it already. */
  properties(node: Node): readonly Property[] {
    return (node.children ?? []).flatMap(({ children }) => {
      const [keyNode, value] = children ?? [];
      return keyNode === undefined || value === undefined ? [] : [{ key: String(keyNode.value), keyNode, value }];
    });
  }

  object(node: Node, what: string): readonly Property[] | undefined {
    if (node.type === 'object') return this.properties(node);
    this.#wrongType(node, what, 'an object { … }');
    return undefined;
  }

  text(node: Node, what: string): string | undefined {
    if (node.type === 'string') return String(node.value);
    this.#wrongType(node, what, 'a string in double quotes');
    return undefined;
  }

  bool(node: Node, what: string): boolean | undefined {
    if (node.type === 'boolean') return node.value === true;
    this.#wrongType(node, what, 'true or false');
    return undefined;
  }

  /** The items that are strings; the others are complained of. */
  texts(node: Node, what: string): readonly string[] | undefined {
    if (node.type !== 'array') {
      this.#wrongType(node, what, 'an array of strings, such as ["--port", "80"]');
      return undefined;
    }
    return (node.children ?? []).flatMap((item, index) => this.text(item, `${what}[${index}]`) ?? []);
  }

  #wrongType(node: Node, what: string, wanted: string): void {
    this.error(node, 'wrong-type', `${what} is ${article(node.type)}, expected ${wanted}`);
  }
}

function article(type: string): string {
  if (type === 'null') return 'null';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
