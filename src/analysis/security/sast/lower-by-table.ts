/** Go, PHP, Ruby and C# lowered to a `Program`: their trees differ in names, which a table per language gives. */
import { dottedPath, Lowering, literal, noteCall, opaque, plus, span } from './lowering.ts';
import type { Call, Expression, Parameter, Program } from './program.ts';
import type { Kind, LanguageTable } from './language-tables.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

export function lowerByTable(table: LanguageTable): (root: SyntaxNode, source: string) => Program {
  return (root, source) => {
    const lowering = new Lowering(table.language, source);
    new ByTable(lowering, table).all(root);
    return lowering.finish();
  };
}

const NUMERIC_TYPE = /^\(?(int|integer|float|double|bool|boolean|long|short|byte|decimal|Int32|Guid)\)?$/;
const CONTENT = /_content$|^(escape_sequence|heredoc_content|nowdoc_string|string_value)$/;
const FENCE = /^(interpolation_start|interpolation_brace|heredoc_start|heredoc_end|interpolation_quote)$/;

class ByTable {
  readonly #l: Lowering;
  readonly #table: LanguageTable;
  readonly #handlers: Readonly<Record<Kind, (node: SyntaxNode) => Expression>>;

  constructor(lowering: Lowering, table: LanguageTable) {
    this.#l = lowering;
    this.#table = table;
    this.#handlers = {
      name: (node) => ({ kind: 'name', name: this.#bare(node), at: span(node) }),
      number: (node) => literal(node, this.#l.text(node), false),
      text: (node) => this.#text(node),
      through: (node) => this.#only(node),
      member: (node) => this.#member(node),
      index: (node) => this.#index(node),
      call: (node) => this.#call(node, false),
      new: (node) => this.#call(node, true),
      binary: (node) => this.#binary(node),
      plain: (node) => ({ kind: 'plain', parts: this.#parts(node), at: span(node) }),
      choice: (node) => this.#choice(node),
      assign: (node) => this.#assign(node),
      declare: (node) => this.#declare(node),
      list: (node) => ({ kind: 'list', items: this.#parts(node), at: span(node) }),
      object: (node) => this.#object(node),
      function: (node) => this.#function(node),
      class: (node) => this.#class(node),
      return: (node) => this.#return(node),
      if: (node) => this.#if(node),
      block: (node) => this.#block(node),
      each: (node) => this.#each(node),
      cast: (node) => this.#cast(node),
      import: (node) => this.#import(node),
      skip: (node) => opaque(node),
    };
  }

  /** What stands below a node, as statements. */
  all(node: SyntaxNode): void {
    for (const child of namedChildren(node)) this.#l.expression(this.visit(child));
  }

  visit(node: SyntaxNode): Expression {
    const like = this.#table.calls.get(node.type);
    if (like !== undefined) return this.#likeCall(node, like);
    const kind = this.#table.kinds.get(node.type);
    return kind === undefined ? opaque(node, this.#parts(node)) : this.#handlers[kind](node);
  }

  #bare(node: SyntaxNode): string {
    return this.#table.bare(this.#l.text(node));
  }

  #parts(node: SyntaxNode): readonly Expression[] {
    return namedChildren(node).map((child) => this.visit(child));
  }

  #only(node: SyntaxNode): Expression {
    const last = namedChildren(node).at(-1);
    return last === undefined ? opaque(node) : this.visit(last);
  }

  #text(node: SyntaxNode): Expression {
    const parts: Expression[] = [];
    for (const child of namedChildren(node)) {
      if (CONTENT.test(child.type)) parts.push(literal(child, this.#l.text(child), true));
      else if (child.type === 'heredoc_body') parts.push(this.#text(child));
      else if (!FENCE.test(child.type)) parts.push(this.visit(child));
    }
    if (namedChildren(node).length === 0) {
      const text = this.#l.text(node).replace(/^[$@]*(["'`]{1,3})([\s\S]*)\1$/, '$2');
      return literal(node, text.replace(/^:/, ''), true);
    }
    if (parts.every((part) => part.kind === 'literal')) {
      return literal(node, parts.map((part) => (part.kind === 'literal' ? part.text : '')).join(''), true);
    }
    return { kind: 'concat', parts, mayBeNumeric: false, at: span(node) };
  }

  #member(node: SyntaxNode): Expression {
    const object = first(node, ['operand', 'object', 'expression', 'receiver', 'scope', 'qualifier']);
    const property = first(node, ['field', 'name', 'method']);
    const name = property === undefined ? '?' : this.#bare(property);
    if (object === undefined) return { kind: 'name', name, at: span(node) };
    return { kind: 'member', object: this.visit(object), property: name, at: span(node) };
  }

  #index(node: SyntaxNode): Expression {
    const [object, ...rest] = namedChildren(node);
    const index = rest.at(-1);
    if (object === undefined) return opaque(node);
    const at = span(node);
    if (index === undefined) return { kind: 'index', object: this.visit(object), index: opaque(node), at };
    return { kind: 'index', object: this.visit(object), index: this.#argument(index), at };
  }

  /** `argument`, or a list of one, is what it holds. */
  #argument(node: SyntaxNode): Expression {
    return /^(argument|bracketed_argument_list|literal_element)$/.test(node.type) ? this.#only(node) : this.visit(node);
  }

  #call(node: SyntaxNode, isNew: boolean): Expression {
    const args: Expression[] = [];
    const named = new Map<string, Expression>();
    const list = childOf(node, 'arguments') ?? node.children.find((child) => /^argument(s|_list)$/.test(child.type));
    for (const child of list === undefined ? [] : namedChildren(list)) {
      const keyword = keywordOf(child);
      if (keyword === undefined) args.push(this.#argument(child));
      else named.set(this.#l.text(keyword.key).replace(/^:|["']|:$/g, ''), this.visit(keyword.value));
    }
    const call: Call = { kind: 'call', callee: this.#callee(node, isNew), args, named, isNew, at: span(node) };
    noteCall(this.#l, call);
    for (const child of [childOf(node, 'block'), childOf(node, 'initializer')]) {
      if (child !== undefined) this.#l.expression(opaque(child, this.#parts(child)));
    }
    return call;
  }

  #callee(node: SyntaxNode, isNew: boolean): Expression {
    if (isNew) {
      const type = childOf(node, 'type') ?? namedChildren(node)[0];
      const text = type === undefined ? '?' : this.#l.text(type).replace(/<.*>/s, '');
      return {
        kind: 'name',
        name: text.slice(Math.max(text.lastIndexOf('.'), text.lastIndexOf('\\')) + 1),
        at: span(node),
      };
    }
    const callee = childOf(node, 'function');
    return callee === undefined ? this.#member(node) : this.visit(callee);
  }

  #likeCall(node: SyntaxNode, name: string): Expression {
    const callee: Expression = { kind: 'name', name, at: span(node) };
    const isText = namedChildren(node).some((child) => CONTENT.test(child.type));
    const args = isText ? [this.#text(node)] : this.#parts(node);
    const call: Call = { kind: 'call', callee, args, named: new Map(), isNew: false, at: span(node) };
    noteCall(this.#l, call);
    return call;
  }

  #binary(node: SyntaxNode): Expression {
    const [leftNode, rightNode] = [childOf(node, 'left'), childOf(node, 'right')];
    if (leftNode === undefined || rightNode === undefined) return opaque(node, this.#parts(node));
    const operator = this.#l.source.slice(leftNode.end, rightNode.start).trim();
    const [left, right] = [this.visit(leftNode), this.visit(rightNode)];
    if (this.#table.joins.test(operator))
      return { kind: 'concat', parts: [left, right], mayBeNumeric: false, at: span(node) };
    if (operator === '+') return plus(node, left, right);
    if (/^(\?\?|\|\||&&|or|and|\?:)$/.test(operator)) return { kind: 'choice', options: [left, right], at: span(node) };
    return { kind: 'plain', operator, parts: [left, right], at: span(node) };
  }

  #choice(node: SyntaxNode): Expression {
    const condition = childOf(node, 'condition');
    const test = condition === undefined ? undefined : this.visit(condition);
    if (test !== undefined) this.#l.expression(test);
    const options = namedChildren(node)
      .filter((child) => child !== condition)
      .map((child) => this.visit(child));
    return { kind: 'choice', test: options.length === 2 ? test : undefined, options, at: span(node) };
  }

  #assign(node: SyntaxNode): Expression {
    const [left, right] = [childOf(node, 'left'), childOf(node, 'right')];
    if (left === undefined || right === undefined) return opaque(node, this.#parts(node));
    const operator = this.#l.source.slice(left.end, right.start).trim();
    const isPlain = /^(:?=|&?=|\|\|=|\?\?=|=.*)$/.test(operator);
    const kind = node.type === 'range_clause' ? 'element' : isPlain ? 'set' : 'append';
    const targets = /_list$|assignment_list/.test(left.type) ? namedChildren(left) : [left];
    const values = right.type === 'expression_list' ? this.#parts(right) : [this.visit(right)];
    for (const [at, target] of targets.entries()) {
      const value = values[at] ?? values[0];
      if (value !== undefined) this.#bind(target, value, node.end, kind);
    }
    return values.length === 1 && values[0] !== undefined ? values[0] : opaque(node, values);
  }

  #bind(target: SyntaxNode, value: Expression, position: number, kind: 'set' | 'append' | 'element'): void {
    const seen = this.visit(target);
    // Ruby's `a.b = 1` is a call of what it gives.
    const left = seen.kind === 'call' && seen.args.length === 0 ? seen.callee : seen;
    const at = { start: target.start, end: position };
    if (left.kind === 'index') {
      const table = dottedPath(left.object);
      if (table !== undefined) this.#l.assign(table, value, position, 'put', [left.index]);
      this.#l.scope.writes.push({ property: '[]', object: left.object, value, at });
      return;
    }
    const path = dottedPath(left);
    if (path !== undefined) this.#l.assign(path, value, position, kind);
    if (path !== undefined) this.#l.nameFunction(path, value);
    if (left.kind === 'member') this.#l.scope.writes.push({ property: left.property, object: left.object, value, at });
  }

  #declare(node: SyntaxNode): Expression {
    const names = childrenOf(node, 'name');
    const value = childOf(node, 'value') ?? namedChildren(node).findLast(({ field }) => field === null);
    if (names[0] === undefined || value === undefined) return opaque(node);
    const values = value.type === 'expression_list' ? this.#parts(value) : [this.visit(value)];
    for (const [at, name] of names.entries()) {
      const given = values[at] ?? values[0];
      if (given !== undefined) this.#bind(name, given, node.end, 'set');
    }
    return opaque(node, values);
  }

  #object(node: SyntaxNode): Expression {
    const entries = new Map<string, Expression>();
    for (const child of namedChildren(node)) {
      const parts = namedChildren(child);
      const [key, value] = [childOf(child, 'key') ?? parts[0], childOf(child, 'value') ?? parts[1]];
      const isEntry = /^(pair|keyed_element|array_element_initializer)$/.test(child.type) && parts.length === 2;
      if (isEntry && key !== undefined && value !== undefined) {
        entries.set(this.#l.text(key).replace(/^:|["']|:$/g, ''), this.#argument(value));
      } else entries.set(`…${entries.size}`, this.visit(child));
    }
    return { kind: 'object', entries, isOpen: false, at: span(node) };
  }

  #function(node: SyntaxNode): Expression {
    const body = childOf(node, 'body');
    const head = this.#l.source.slice(Math.max(0, node.start), body?.start ?? node.end).slice(0, 2_000);
    const isRoute = this.#table.isRoute(head);
    const nameNode = childOf(node, 'name');
    const name = nameNode === undefined ? '' : this.#l.text(nameNode);
    const value = this.#l.inFunction(node, { name, parameters: this.#parameters(node, isRoute), isRoute }, () => {
      if (body === undefined) return;
      const result = this.visit(body);
      // The body of an arrow, and the last value of a block, is what it gives back.
      if (this.#table.kinds.get(body.type) !== 'block') this.#l.scope.returns.push(result);
    });
    if (name !== '') this.#l.expression(value);
    return value;
  }

  #parameters(node: SyntaxNode, isRoute: boolean): readonly Parameter[] {
    const list = childOf(node, 'parameters');
    if (list === undefined) return [];
    return namedChildren(list).flatMap((child): readonly Parameter[] => {
      const type = childOf(child, 'type');
      const typeText = type === undefined ? undefined : this.#l.text(type).replace(/^[*&?]+|<.*>|\?$/gs, '');
      const isInput =
        (isRoute && (typeText === undefined || /^(string|object|\w*(Model|Dto|Request|Input))$/.test(typeText))) ||
        /\bFrom(Query|Body|Form|Route|Header)\b/.test(this.#l.text(child));
      const names = childrenOf(child, 'name');
      return (names.length === 0 ? [child] : names).map((name) => {
        return { name: this.#bare(name).replace(/^[*&]+/, ''), type: typeText, isRequestInput: isInput };
      });
    });
  }

  #class(node: SyntaxNode): Expression {
    const name = childOf(node, 'name');
    this.#l.inClass(name === undefined ? '' : this.#l.text(name), () => {
      const body = childOf(node, 'body');
      if (body !== undefined) this.all(body);
    });
    return opaque(node);
  }

  #return(node: SyntaxNode): Expression {
    for (const child of namedChildren(node)) {
      const value = this.#argument(child);
      this.#l.scope.returns.push(value);
      this.#l.expression(value);
    }
    return opaque(node);
  }

  #if(node: SyntaxNode): Expression {
    const initializer = childOf(node, 'initializer');
    if (initializer !== undefined) this.#l.expression(this.visit(initializer));
    const condition = childOf(node, 'condition');
    const taken = first(node, ['consequence', 'body']);
    if (condition === undefined || taken === undefined) return opaque(node, this.#parts(node));
    const test = this.visit(condition);
    this.#l.expression(test);
    const other = childrenOf(node, 'alternative');
    this.#l.branches(test, { taken, other, end: node.end }, (branch) => this.#l.expression(this.visit(branch)));
    return opaque(node);
  }

  #block(node: SyntaxNode): Expression {
    this.#l.inBlock(node, () => this.all(node));
    return opaque(node);
  }

  #each(node: SyntaxNode): Expression {
    const body = childOf(node, 'body');
    const parts = namedChildren(node).filter((child) => child !== body && child.field !== 'type');
    const right = childOf(node, 'right') ?? parts[0];
    const left = childOf(node, 'left') ?? parts[1];
    const value = right === undefined ? undefined : this.visit(right);
    if (value !== undefined) this.#l.expression(value);
    this.#l.inBlock(node, () => {
      for (const target of left?.type === 'pair' ? namedChildren(left) : [left]) {
        if (target !== undefined && value !== undefined) this.#bind(target, value, node.start, 'element');
      }
      if (body !== undefined) this.#l.expression(this.visit(body));
    });
    return opaque(node);
  }

  #cast(node: SyntaxNode): Expression {
    const type = childOf(node, 'type');
    const value = childOf(node, 'value') ?? namedChildren(node).at(-1);
    if (value === undefined) return opaque(node);
    const inner = this.visit(value);
    const isNumeric = type !== undefined && NUMERIC_TYPE.test(this.#l.text(type));
    return isNumeric ? { kind: 'plain', parts: [inner], at: span(node) } : inner;
  }

  /** `import f "fmt"` */
  #import(node: SyntaxNode): Expression {
    const path = childOf(node, 'path');
    if (path === undefined) return opaque(node);
    const module = this.#l.text(path).replace(/["`]/g, '');
    const alias = childOf(node, 'name');
    const last =
      module
        .replace(/\/v\d+$/, '')
        .split('/')
        .at(-1) ?? module;
    this.#l.imports.set(alias === undefined ? last : this.#l.text(alias), last);
    this.#l.imported.push({ path: module, at: span(node) });
    return opaque(node);
  }
}

/** `key: value` among arguments, as Ruby's pairs and C#'s and PHP's named arguments are. */
function keywordOf(node: SyntaxNode): { readonly key: SyntaxNode; readonly value: SyntaxNode } | undefined {
  const key = childOf(node, node.type === 'pair' ? 'key' : 'name');
  const value =
    node.type === 'argument' ? namedChildren(node).findLast((child) => child !== key) : childOf(node, 'value');
  return key === undefined || value === undefined ? undefined : { key, value };
}

function first(node: SyntaxNode, fields: readonly string[]): SyntaxNode | undefined {
  for (const field of fields) {
    const child = childOf(node, field);
    if (child !== undefined) return child;
  }
  return undefined;
}
