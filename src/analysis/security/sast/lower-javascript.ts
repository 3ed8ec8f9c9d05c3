/** JavaScript and TypeScript, JSX included, lowered to a `Program`. */
import { dottedPath, type FunctionShape, Lowering, literal, noteCall, opaque, plus, span } from './lowering.ts';
import type { Call, Expression, Parameter, Program } from './program.ts';
import { bindImport, importJavaScript, patternNames, requiredModule } from './javascript-imports.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

export function lowerJavaScript(root: SyntaxNode, source: string): Program {
  const lowering = new Lowering('javascript', source);
  new JavaScript(lowering).statements(root);
  return lowering.finish();
}

const FUNCTIONS = new Set([
  'function_declaration',
  'function_expression',
  'generator_function',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
]);
const TRANSPARENT = new Set([
  'parenthesized_expression',
  'await_expression',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'type_assertion',
  'template_substitution',
  'expression_statement',
  'jsx_expression',
  'yield_expression',
]);
const PRIMITIVES = new Set(['number', 'true', 'false', 'null', 'undefined', 'regex']);
const TYPES_ONLY = new Set([
  'type_annotation',
  'type_arguments',
  'interface_declaration',
  'type_alias_declaration',
  'comment',
]);

class JavaScript {
  readonly #l: Lowering;

  constructor(lowering: Lowering) {
    this.#l = lowering;
  }

  statements(node: SyntaxNode): void {
    for (const child of namedChildren(node)) this.statement(child);
  }

  statement(node: SyntaxNode): void {
    if (TYPES_ONLY.has(node.type)) return;
    switch (node.type) {
      case 'import_statement':
        importJavaScript(node, this.#l);
        break;
      case 'variable_declarator':
        this.#declare(node);
        break;
      case 'return_statement':
        for (const child of namedChildren(node)) this.#return(this.expression(child));
        break;
      case 'if_statement':
        this.#if(node);
        break;
      case 'switch_statement':
        this.#switch(node);
        break;
      case 'class_declaration':
        this.#l.inClass(this.#fieldText(node, 'name'), () => this.statements(node));
        break;
      case 'for_in_statement':
        this.#forOf(node);
        break;
      case 'try_statement':
        for (const child of namedChildren(node)) {
          if (child.field === 'body') this.#l.inTry(child, () => this.statements(child));
          else this.statement(child);
        }
        break;
      case 'statement_block':
        this.#l.inBlock(node, () => this.statements(node));
        break;
      default:
        if (isStatement(node.type)) this.statements(node);
        else this.#l.expression(this.expression(node));
    }
  }

  expression(node: SyntaxNode): Expression {
    if (FUNCTIONS.has(node.type)) return this.#function(node);
    if (PRIMITIVES.has(node.type)) return literal(node, this.#l.text(node), false);
    if (TRANSPARENT.has(node.type)) {
      const inner = namedChildren(node)[0];
      return inner === undefined ? opaque(node) : this.expression(inner);
    }
    switch (node.type) {
      case 'identifier':
      case 'shorthand_property_identifier':
      case 'this':
        return { kind: 'name', name: this.#l.text(node), at: span(node) };
      case 'string':
        return literal(node, unescaped(this.#l.source.slice(node.start + 1, node.end - 1)), true);
      case 'template_string':
        return this.#template(node);
      case 'member_expression':
        return this.#member(node);
      case 'subscript_expression':
        return {
          kind: 'index',
          object: this.#field(node, 'object'),
          index: this.#field(node, 'index'),
          at: span(node),
        };
      case 'call_expression':
      case 'new_expression':
        return this.#call(node);
      default:
        return this.#compound(node);
    }
  }

  #compound(node: SyntaxNode): Expression {
    switch (node.type) {
      case 'binary_expression':
        return this.#binary(node);
      case 'ternary_expression':
        return this.#ternary(node);
      case 'assignment_expression':
        return this.#assign(node, 'set');
      case 'augmented_assignment_expression':
        return this.#assign(node, 'append');
      case 'array':
        return { kind: 'list', items: namedChildren(node).map((child) => this.expression(child)), at: span(node) };
      case 'object':
        return this.#object(node);
      case 'unary_expression':
        return {
          kind: 'plain',
          operator: this.#fieldText(node, 'operator'),
          parts: [this.#field(node, 'argument')],
          at: span(node),
        };
      case 'spread_element':
        return this.expression(namedChildren(node)[0] ?? node);
      default:
        return this.#anything(node);
    }
  }

  /** Class bodies, JSX and what no case above names: their parts are walked, as statements where they are. */
  #anything(node: SyntaxNode): Expression {
    const parts: Expression[] = [];
    for (const child of namedChildren(node)) {
      if (TYPES_ONLY.has(child.type)) continue;
      if (isStatement(child.type) || child.type === 'variable_declarator') this.statement(child);
      else parts.push(this.expression(child));
    }
    return opaque(node, parts);
  }

  #ternary(node: SyntaxNode): Expression {
    const test = this.#field(node, 'condition');
    this.#l.expression(test);
    const options = [this.#field(node, 'consequence'), this.#field(node, 'alternative')];
    return { kind: 'choice', test, options, at: span(node) };
  }

  #if(node: SyntaxNode): void {
    const test = this.#field(node, 'condition');
    this.#l.expression(test);
    const taken = childOf(node, 'consequence');
    if (taken === undefined) return;
    const other = childrenOf(node, 'alternative');
    this.#l.branches(test, { taken, other, end: node.end }, (branch) => this.statement(branch));
  }

  #switch(node: SyntaxNode): void {
    const subject = this.#field(node, 'value');
    this.#l.expression(subject);
    const clauses = namedChildren(childOf(node, 'body') ?? node);
    const cases = clauses.map((clause) => {
      const values = clause.type === 'switch_case' ? [this.#field(clause, 'value')] : undefined;
      return { node: clause, values, fallsThrough: true };
    });
    this.#l.cases(subject, cases, (clause) => {
      for (const child of namedChildren(clause)) if (child.field !== 'value') this.statement(child);
    });
  }

  #fieldText(node: SyntaxNode, field: string): string {
    const child = childOf(node, field);
    return child === undefined ? '' : this.#l.text(child);
  }

  #field(node: SyntaxNode, field: string): Expression {
    const child = childOf(node, field);
    return child === undefined ? opaque(node) : this.expression(child);
  }

  #template(node: SyntaxNode): Expression {
    const parts: Expression[] = [];
    let from = node.start + 1;
    for (const child of node.children.filter((part) => part.type === 'template_substitution')) {
      if (child.start > from)
        parts.push(literal({ ...node, start: from, end: child.start }, this.#l.source.slice(from, child.start), true));
      parts.push(this.expression(child));
      from = child.end;
    }
    parts.push(literal({ ...node, start: from, end: node.end - 1 }, this.#l.source.slice(from, node.end - 1), true));
    return parts.length === 1 && parts[0] !== undefined
      ? parts[0]
      : { kind: 'concat', parts, mayBeNumeric: false, at: span(node) };
  }

  #member(node: SyntaxNode): Expression {
    const property = childOf(node, 'property');
    return {
      kind: 'member',
      object: this.#field(node, 'object'),
      property: property === undefined ? '?' : this.#l.text(property),
      at: span(node),
    };
  }

  #call(node: SyntaxNode): Expression {
    const isNew = node.type === 'new_expression';
    const callee = this.#field(node, isNew ? 'constructor' : 'function');
    const args = childOf(node, 'arguments');
    const list =
      args === undefined
        ? []
        : args.type === 'template_string'
          ? [opaque(args, [this.expression(args)])]
          : namedChildren(args).map((child) => this.expression(child));
    const call: Call = { kind: 'call', callee, args: list, named: new Map(), isNew, at: span(node) };
    noteCall(this.#l, call);
    return call;
  }

  #binary(node: SyntaxNode): Expression {
    const operator = this.#l.text(childOf(node, 'operator') ?? node);
    const left = this.#field(node, 'left');
    const right = this.#field(node, 'right');
    if (operator === '+') return plus(node, left, right);
    if (operator === '||' || operator === '??' || operator === '&&')
      return { kind: 'choice', options: [left, right], at: span(node) };
    return { kind: 'plain', operator, parts: [left, right], at: span(node) };
  }

  #assign(node: SyntaxNode, kind: 'set' | 'append'): Expression {
    const value = this.#field(node, 'right');
    const left = childOf(node, 'left');
    if (left !== undefined) this.#bind(left, value, node.end, kind);
    return value;
  }

  #declare(node: SyntaxNode): void {
    const name = childOf(node, 'name');
    const valueNode = childOf(node, 'value');
    if (name === undefined || valueNode === undefined) return;
    const value = this.expression(valueNode);
    const module = requiredModule(value);
    if (module !== undefined) bindImport(name, module, this.#l);
    if (name.type === 'identifier') this.#l.nameFunction(this.#l.text(name), value);
    this.#bind(name, value, node.end, 'set');
    this.#l.expression(value);
  }

  /** Names, members and patterns; `{a, b: c} = value` gives `value.a`, `value.b`. */
  #bind(target: SyntaxNode, value: Expression, position: number, kind: 'set' | 'append' | 'element'): void {
    if (target.type === 'object_pattern') {
      for (const [key, local] of patternNames(target, this.#l)) {
        this.#l.assign(local, { kind: 'member', object: value, property: key, at: value.at }, position, kind);
      }
      return;
    }
    if (target.type === 'array_pattern') {
      for (const child of namedChildren(target)) this.#bind(child, value, position, 'element');
      return;
    }
    const left = this.expression(target);
    const table = left.kind === 'index' ? dottedPath(left.object) : undefined;
    if (left.kind === 'index' && table !== undefined) this.#l.assign(table, value, position, 'put', [left.index]);
    if (left.kind === 'index') {
      const at = { start: target.start, end: position };
      this.#l.scope.writes.push({ property: '[key]', object: left.object, value: left.index, at });
      this.#l.scope.writes.push({ property: '[]', object: left.object, value, at });
    }
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

  #object(node: SyntaxNode): Expression {
    const entries = new Map<string, Expression>();
    let isOpen = false;
    for (const child of namedChildren(node)) {
      const key = childOf(child, 'key');
      const value = childOf(child, 'value');
      if (child.type === 'pair' && key !== undefined && value !== undefined && key.type !== 'computed_property_name') {
        entries.set(this.#l.text(key).replace(/^["']|["']$/g, ''), this.expression(value));
      } else if (child.type === 'shorthand_property_identifier') {
        entries.set(this.#l.text(child), this.expression(child));
      } else {
        isOpen = true;
        entries.set(`…${entries.size}`, value === undefined ? this.expression(child) : this.expression(value));
      }
    }
    return { kind: 'object', entries, isOpen, at: span(node) };
  }

  #function(node: SyntaxNode): Expression {
    const name = this.#fieldText(node, 'name');
    const shape: FunctionShape = { name, parameters: this.#parameters(node), isRoute: false };
    return this.#l.inFunction(node, shape, () => {
      const body = childOf(node, 'body');
      if (body === undefined) return;
      if (body.type === 'statement_block') this.statements(body);
      else this.#return(this.expression(body));
    });
  }

  #return(value: Expression): void {
    this.#l.scope.returns.push(value);
    this.#l.expression(value);
  }

  #parameters(node: SyntaxNode): readonly Parameter[] {
    const single = childOf(node, 'parameter');
    const list = childOf(node, 'parameters');
    const nodes = single === undefined ? namedChildren(list ?? { ...node, children: [] }) : [single];
    // `({ body }, res) => …`: a handler that takes its request apart.
    const isHandler = nodes[1] !== undefined && /^(res|response|reply)\b/.test(this.#l.text(nodes[1]));
    return nodes.flatMap((child) => {
      const type = childOf(child, 'type');
      const typeText = type === undefined ? undefined : this.#l.text(type).replace(/^:\s*/, '');
      const pattern = childOf(child, 'pattern') ?? childOf(child, 'left') ?? child;
      const names =
        pattern.type === 'object_pattern'
          ? patternNames(pattern, this.#l).map(([, local]) => local)
          : [this.#l.text(pattern)];
      const isRequest = pattern.type === 'object_pattern' && isHandler;
      return names.map((name) => ({
        name,
        type: names.length > 1 ? undefined : typeText,
        isRequestInput: isRequest && /^(body|query|params|headers|cookies)$/.test(name),
      }));
    });
  }

  #forOf(node: SyntaxNode): void {
    const left = childOf(node, 'left');
    const right = this.#field(node, 'right');
    this.#l.expression(right);
    this.#l.inBlock(node, () => {
      if (left !== undefined) this.#bind(left, right, node.start, 'element');
      const body = childOf(node, 'body');
      if (body !== undefined) this.statement(body);
    });
  }
}

function isStatement(type: string): boolean {
  return (
    /_(statement|declaration|clause|body)$|^(program|class|class_static_block|class_heritage|export_specifier|ERROR|field_definition|public_field_definition)$/.test(
      type,
    ) && !FUNCTIONS.has(type)
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character) : text;
}
