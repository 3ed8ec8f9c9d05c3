/** Python lowered to a `Program`. */
import { dottedPath, type FunctionShape, Lowering, literal, noteCall, opaque, plus, span } from './lowering.ts';
import type { Call, Expression, Parameter, Program } from './program.ts';
import { isNumber, isStatement, lowerIf, lowerMatch, lowerTry, type Walk } from './python-branches.ts';
import { importFromPython, importPython } from './python-imports.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

export function lowerPython(root: SyntaxNode, source: string): Program {
  const lowering = new Lowering('python', source);
  new Python(lowering).statements(root);
  return lowering.finish();
}

const PRIMITIVES = new Set(['integer', 'float', 'true', 'false', 'none', 'ellipsis']);
const TRANSPARENT = new Set([
  'parenthesized_expression',
  'await',
  'interpolation',
  'list_splat',
  'dictionary_splat',
  'as_pattern_target',
  'yield',
  'type',
]);
const LISTS = new Set(['list', 'tuple', 'set', 'expression_list', 'pattern_list', 'tuple_pattern', 'list_pattern']);
const COMPREHENSIONS = new Set(['list_comprehension', 'generator_expression', 'set_comprehension']);
/** Decorators by which web frameworks mark the functions they call: `@app.route`, `@router.get`. */
const ROUTE = /^@[\w.]*\.?(route|get|post|put|delete|patch|websocket|api_view|view_config)\b/;

class Python implements Walk {
  readonly #l: Lowering;

  constructor(lowering: Lowering) {
    this.#l = lowering;
  }

  get lowering(): Lowering {
    return this.#l;
  }

  statements(node: SyntaxNode): void {
    for (const child of namedChildren(node)) this.statement(child);
  }

  statement(node: SyntaxNode): void {
    switch (node.type) {
      case 'import_statement':
        importPython(node, this.#l);
        break;
      case 'import_from_statement':
        importFromPython(node, this.#l);
        break;
      case 'decorated_definition':
        this.#decorated(node);
        break;
      case 'function_definition':
        this.#function(node, false);
        break;
      case 'return_statement':
        for (const child of namedChildren(node)) this.#return(this.expression(child));
        break;
      case 'for_statement':
        this.#for(node);
        break;
      case 'if_statement':
        lowerIf(node, childrenOf(node, 'alternative'), this);
        break;
      case 'match_statement':
        lowerMatch(node, this);
        break;
      case 'class_definition':
        this.#l.inClass(this.#fieldText(node, 'name'), () => this.statements(node));
        break;
      case 'with_item':
        this.#with(node);
        break;
      case 'try_statement':
        lowerTry(node, this);
        break;
      case 'block':
        this.#l.inBlock(node, () => this.statements(node));
        break;
      default:
        if (isStatement(node.type)) this.statements(node);
        else this.#l.expression(this.expression(node));
    }
  }

  expression(node: SyntaxNode): Expression {
    if (PRIMITIVES.has(node.type)) return literal(node, this.#l.text(node), false);
    if (TRANSPARENT.has(node.type)) {
      const inner = namedChildren(node)[0];
      return inner === undefined ? opaque(node) : this.expression(inner);
    }
    if (LISTS.has(node.type))
      return { kind: 'list', items: namedChildren(node).map((child) => this.expression(child)), at: span(node) };
    if (COMPREHENSIONS.has(node.type)) return this.#comprehension(node);
    switch (node.type) {
      case 'identifier':
        return { kind: 'name', name: this.#l.text(node), at: span(node) };
      case 'string':
        return this.#string(node);
      case 'concatenated_string':
        return this.#joined(
          node,
          namedChildren(node).map((child) => this.expression(child)),
        );
      case 'attribute':
        return this.#attribute(node);
      case 'subscript':
        return {
          kind: 'index',
          object: this.#field(node, 'value'),
          index: this.#field(node, 'subscript'),
          at: span(node),
        };
      case 'call':
        return this.#call(node);
      default:
        return this.#compound(node);
    }
  }

  #compound(node: SyntaxNode): Expression {
    switch (node.type) {
      case 'binary_operator':
        return this.#binary(node);
      case 'boolean_operator':
        return { kind: 'choice', options: [this.#field(node, 'left'), this.#field(node, 'right')], at: span(node) };
      case 'comparison_operator':
      case 'not_operator':
      case 'unary_operator':
        return this.#plain(node);
      case 'conditional_expression':
        return this.#conditional(node);
      case 'assignment':
        return this.#assign(node, 'set');
      case 'augmented_assignment':
        return this.#assign(node, 'append');
      case 'named_expression':
        return this.#assignField(node, 'name', 'value', 'set');
      case 'dictionary':
        return this.#dictionary(node);
      case 'lambda':
        return this.#lambda(node);
      default:
        return this.#anything(node);
    }
  }

  #anything(node: SyntaxNode): Expression {
    const parts: Expression[] = [];
    for (const child of namedChildren(node)) {
      if (isStatement(child.type) || child.type === 'block') this.statement(child);
      else parts.push(this.expression(child));
    }
    return opaque(node, parts);
  }

  #field(node: SyntaxNode, field: string): Expression {
    const child = childOf(node, field);
    return child === undefined ? opaque(node) : this.expression(child);
  }

  #string(node: SyntaxNode): Expression {
    const parts = node.children.flatMap((child): Expression[] => {
      if (child.type === 'string_content') return [literal(child, this.#l.text(child), true)];
      return child.type === 'interpolation' ? [this.expression(child)] : [];
    });
    return this.#joined(node, parts);
  }

  #joined(node: SyntaxNode, parts: readonly Expression[]): Expression {
    if (parts.every((part) => part.kind === 'literal')) {
      return literal(node, parts.map((part) => (part.kind === 'literal' ? part.text : '')).join(''), true);
    }
    return { kind: 'concat', parts, mayBeNumeric: false, at: span(node) };
  }

  #attribute(node: SyntaxNode): Expression {
    const attribute = childOf(node, 'attribute');
    return {
      kind: 'member',
      object: this.#field(node, 'object'),
      property: attribute === undefined ? '?' : this.#l.text(attribute),
      at: span(node),
    };
  }

  #call(node: SyntaxNode): Expression {
    const callee = this.#field(node, 'function');
    const list = childOf(node, 'arguments');
    const args: Expression[] = [];
    const named = new Map<string, Expression>();
    const nodes = list === undefined ? [] : list.type === 'argument_list' ? namedChildren(list) : [list];
    for (const child of nodes) {
      const name = child.type === 'keyword_argument' ? childOf(child, 'name') : undefined;
      if (name === undefined) args.push(this.expression(child));
      else named.set(this.#l.text(name), this.#field(child, 'value'));
    }
    // `"…{}".format(x)` is a text put together, like `%` and f-strings.
    if (
      callee.kind === 'member' &&
      callee.property === 'format' &&
      (callee.object.kind === 'literal' || callee.object.kind === 'concat')
    ) {
      return {
        kind: 'concat',
        parts: [callee.object, ...args, ...named.values()],
        mayBeNumeric: false,
        at: span(node),
      };
    }
    const call: Call = { kind: 'call', callee, args, named, isNew: false, at: span(node) };
    noteCall(this.#l, call);
    return call;
  }

  /** A comparison or a sign: its operator is what stands between or before its parts. */
  #plain(node: SyntaxNode): Expression {
    const operator = node.children.filter((child) => !child.named).map((child) => this.#l.text(child));
    const parts = namedChildren(node).map((child) => this.expression(child));
    const isPair = node.type !== 'comparison_operator' || parts.length === 2;
    return { kind: 'plain', operator: isPair ? operator.join(' ') : undefined, parts, at: span(node) };
  }

  #binary(node: SyntaxNode): Expression {
    const operatorNode = childOf(node, 'operator');
    const operator = operatorNode === undefined ? '' : this.#l.text(operatorNode);
    const left = this.#field(node, 'left');
    const right = this.#field(node, 'right');
    if (operator === '+') return plus(node, left, right);
    if (operator === '%') {
      const values =
        right.kind === 'list' ? right.items : right.kind === 'object' ? [...right.entries.values()] : [right];
      return { kind: 'concat', parts: [left, ...values], mayBeNumeric: true, at: span(node) };
    }
    // A path divided by a text is a longer path; a text or list times a number repeats it.
    if (operator === '/' && !isNumber(left) && !isNumber(right))
      return { kind: 'concat', parts: [left, right], mayBeNumeric: true, at: span(node) };
    if (operator === '*' && !(isNumber(left) && isNumber(right)))
      return { kind: 'choice', options: [left, right], at: span(node) };
    return { kind: 'plain', operator, parts: [left, right], at: span(node) };
  }

  #conditional(node: SyntaxNode): Expression {
    const [whenTrue, condition, whenFalse] = namedChildren(node);
    const test = condition === undefined ? undefined : this.expression(condition);
    if (test !== undefined) this.#l.expression(test);
    const options = [whenTrue, whenFalse].flatMap((child) => (child === undefined ? [] : [this.expression(child)]));
    return { kind: 'choice', test, options, at: span(node) };
  }

  #assign(node: SyntaxNode, kind: 'set' | 'append'): Expression {
    return this.#assignField(node, 'left', 'right', kind);
  }

  #assignField(node: SyntaxNode, leftField: string, rightField: string, kind: 'set' | 'append'): Expression {
    const left = childOf(node, leftField);
    const right = childOf(node, rightField);
    if (left === undefined || right === undefined) return opaque(node);
    const value = this.expression(right);
    this.#bind(left, value, node.end, kind);
    return value;
  }

  #bind(target: SyntaxNode, value: Expression, position: number, kind: 'set' | 'append' | 'element'): void {
    if (LISTS.has(target.type)) {
      const targets = namedChildren(target);
      const items = value.kind === 'list' && value.items.length === targets.length ? value.items : undefined;
      for (const [at, child] of targets.entries())
        this.#bind(child, items?.[at] ?? value, position, items === undefined ? 'element' : kind);
      return;
    }
    const left = this.expression(target);
    if (left.kind === 'index') this.#putEntry(left, value, position);
    const path = dottedPath(left);
    if (path !== undefined) this.#l.assign(path, value, position, kind);
    if (left.kind === 'member')
      this.#l.scope.writes.push({
        property: left.property,
        object: left.object,
        value,
        at: { start: target.start, end: position },
      });
  }

  /** `table[key] = value` */
  #putEntry(target: Expression & { readonly kind: 'index' }, value: Expression, position: number): void {
    const table = dottedPath(target.object);
    if (table !== undefined) this.#l.assign(table, value, position, 'put', [target.index]);
    this.#l.expression(target);
    const at = { start: target.at.start, end: position };
    this.#l.scope.writes.push({ property: '[key]', object: target.object, value: target.index, at });
    this.#l.scope.writes.push({
      property: '[]',
      object: target.object,
      value,
      at: { start: target.at.start, end: position },
    });
  }

  #fieldText(node: SyntaxNode, field: string): string {
    const child = childOf(node, field);
    return child === undefined ? '' : this.#l.text(child);
  }

  #dictionary(node: SyntaxNode): Expression {
    const entries = new Map<string, Expression>();
    let isOpen = false;
    for (const child of namedChildren(node)) {
      const key = childOf(child, 'key');
      const value = childOf(child, 'value');
      const keyValue = key === undefined ? undefined : this.expression(key);
      const isKnown = keyValue?.kind === 'literal';
      if (!isKnown) isOpen = true;
      entries.set(isKnown ? keyValue.text : `…${entries.size}`, this.expression(value ?? child));
    }
    return { kind: 'object', entries, isOpen, at: span(node) };
  }

  #comprehension(node: SyntaxNode): Expression {
    for (const clause of node.children.filter((child) => child.type === 'for_in_clause')) {
      const left = childOf(clause, 'left');
      if (left !== undefined) this.#bind(left, this.#field(clause, 'right'), node.start, 'element');
    }
    for (const clause of node.children.filter((child) => child.type === 'if_clause'))
      this.#l.expression(this.#anything(clause));
    return { kind: 'list', items: [this.#field(node, 'body')], at: span(node) };
  }

  #lambda(node: SyntaxNode): Expression {
    const shape: FunctionShape = { parameters: this.#parameters(node, false), isRoute: false };
    return this.#l.inFunction(node, shape, () => this.#return(this.#field(node, 'body')));
  }

  #function(node: SyntaxNode, isRoute: boolean): void {
    const name = this.#fieldText(node, 'name');
    const shape: FunctionShape = { name, parameters: this.#parameters(node, isRoute), isRoute };
    const body = childOf(node, 'body');
    this.#l.expression(this.#l.inFunction(node, shape, () => (body === undefined ? undefined : this.statements(body))));
  }

  #decorated(node: SyntaxNode): void {
    const decorators = node.children.filter((child) => child.type === 'decorator');
    for (const decorator of decorators) this.#l.expression(this.#anything(decorator));
    const definition = childOf(node, 'definition');
    if (definition === undefined) return;
    const isRoute = decorators.some((decorator) => ROUTE.test(this.#l.text(decorator)));
    if (definition.type === 'function_definition') this.#function(definition, isRoute);
    else this.statement(definition);
  }

  #return(value: Expression): void {
    this.#l.scope.returns.push(value);
    this.#l.expression(value);
  }

  #parameters(node: SyntaxNode, isRoute: boolean): readonly Parameter[] {
    const list = childOf(node, 'parameters');
    return (list === undefined ? [] : namedChildren(list)).map((child) => {
      const name =
        childOf(child, 'name') ?? (child.type === 'typed_parameter' ? namedChildren(child)[0] : undefined) ?? child;
      const type = childOf(child, 'type');
      const text = this.#l.text(name).replace(/^\*+/, '');
      const isInput = isRoute && !/^(self|cls|request|req|db|session|response)$/.test(text) && type?.type !== 'call';
      return { name: text, type: type === undefined ? undefined : this.#l.text(type), isRequestInput: isInput };
    });
  }

  #for(node: SyntaxNode): void {
    const left = childOf(node, 'left');
    const right = this.#field(node, 'right');
    this.#l.expression(right);
    this.#l.inBlock(node, () => {
      if (left !== undefined) this.#bind(left, right, node.start, 'element');
      for (const field of ['body', 'alternative']) {
        for (const child of childrenOf(node, field)) this.statement(child);
      }
    });
  }

  /** `with open(x) as f`: the name is what the call gives. */
  #with(node: SyntaxNode): void {
    const value = childOf(node, 'value');
    if (value === undefined) return;
    const [context, alias] = value.type === 'as_pattern' ? namedChildren(value) : [value, undefined];
    if (context === undefined) return;
    const lowered = this.expression(context);
    this.#l.expression(lowered);
    const target = alias === undefined ? undefined : namedChildren(alias)[0];
    if (target !== undefined) this.#bind(target, lowered, node.end, 'set');
  }
}
