/** Java lowered to a `Program`. */
import { dottedPath, Lowering, literal, noteCall, opaque, plus, span } from './lowering.ts';
import type { Call, Expression, Parameter, Program } from './program.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

export function lowerJava(root: SyntaxNode, source: string): Program {
  const lowering = new Lowering('java', source);
  new Java(lowering).statements(root);
  return lowering.finish();
}

const PRIMITIVES =
  /^(decimal|hex|octal|binary)_(integer|floating_point)_literal$|^(true|false|null_literal|character_literal|class_literal)$/;
const REQUEST_INPUT =
  /@(RequestParam|PathVariable|RequestBody|RequestHeader|CookieValue|QueryParam|PathParam|FormParam|HeaderParam|MatrixVariable|ModelAttribute)\b/;
const ROUTE = /@(Get|Post|Put|Delete|Patch|Request)Mapping\b|@(GET|POST|PUT|DELETE|Path)\b/;

class Java {
  readonly #l: Lowering;

  constructor(lowering: Lowering) {
    this.#l = lowering;
  }

  statements(node: SyntaxNode): void {
    for (const child of namedChildren(node)) this.statement(child);
  }

  statement(node: SyntaxNode): void {
    switch (node.type) {
      case 'import_declaration':
      case 'package_declaration':
      case 'modifiers':
        break;
      case 'local_variable_declaration':
      case 'field_declaration':
        this.#declare(node);
        break;
      case 'resource':
        this.#declareOne(node, childOf(node, 'type'));
        break;
      case 'method_declaration':
      case 'constructor_declaration':
      case 'compact_constructor_declaration':
        this.#method(node);
        break;
      case 'return_statement':
        for (const child of namedChildren(node)) this.#return(this.expression(child));
        break;
      case 'if_statement':
        this.#if(node);
        break;
      case 'switch_expression':
        this.#switch(node);
        break;
      case 'class_declaration':
      case 'enum_declaration':
      case 'record_declaration':
        this.#l.inClass(this.#fieldText(node, 'name'), () => this.statements(node));
        break;
      case 'enhanced_for_statement':
        this.#forEach(node);
        break;
      case 'try_statement':
        for (const child of namedChildren(node)) {
          if (child.field === 'body') this.#l.inTry(child, () => this.statements(child));
          else this.statement(child);
        }
        break;
      case 'block':
      case 'constructor_body':
        this.#l.inBlock(node, () => this.statements(node));
        break;
      default:
        if (isStatement(node.type)) this.statements(node);
        else this.#l.expression(this.expression(node));
    }
  }

  expression(node: SyntaxNode): Expression {
    if (PRIMITIVES.test(node.type)) return this.#primitive(node);
    switch (node.type) {
      case 'identifier':
      case 'this':
      case 'type_identifier':
      case 'scoped_type_identifier':
        return { kind: 'name', name: this.#l.text(node), at: span(node) };
      case 'string_literal':
        return literal(node, this.#l.text(node).replace(/^"""|^"|"""$|"$/g, ''), true);
      case 'parenthesized_expression':
        return this.expression(namedChildren(node)[0] ?? { ...node, type: 'empty' });
      case 'cast_expression':
        return this.#field(node, 'value');
      case 'field_access':
        return this.#access(node);
      case 'array_access':
        return { kind: 'index', object: this.#field(node, 'array'), index: this.#field(node, 'index'), at: span(node) };
      case 'method_invocation':
        return this.#invoke(node);
      case 'object_creation_expression':
        return this.#create(node);
      default:
        return this.#compound(node);
    }
  }

  #compound(node: SyntaxNode): Expression {
    switch (node.type) {
      case 'binary_expression':
        return this.#binary(node);
      case 'unary_expression':
      case 'update_expression':
      case 'instanceof_expression':
        return {
          kind: 'plain',
          operator: this.#fieldText(node, 'operator'),
          parts: namedChildren(node).map((child) => this.expression(child)),
          at: span(node),
        };
      case 'ternary_expression':
        return this.#ternary(node);
      case 'switch_expression':
        this.#switch(node);
        return opaque(node);
      case 'assignment_expression':
        return this.#assign(node);
      case 'array_initializer':
        return { kind: 'list', items: namedChildren(node).map((child) => this.expression(child)), at: span(node) };
      case 'array_creation_expression':
        return childOf(node, 'value') === undefined
          ? { kind: 'list', items: [], at: span(node) }
          : this.#field(node, 'value');
      case 'lambda_expression':
        return this.#lambda(node);
      default:
        return this.#anything(node);
    }
  }

  #anything(node: SyntaxNode): Expression {
    const parts: Expression[] = [];
    for (const child of namedChildren(node)) {
      if (isStatement(child.type) || child.type === 'block' || child.type.endsWith('_declaration'))
        this.statement(child);
      else parts.push(this.expression(child));
    }
    return opaque(node, parts);
  }

  #primitive(node: SyntaxNode): Expression {
    const text = this.#l.text(node);
    return node.type === 'character_literal' ? literal(node, text.slice(1, -1), true) : literal(node, text, false);
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
    const subject = this.#field(node, 'condition');
    this.#l.expression(subject);
    const groups = namedChildren(childOf(node, 'body') ?? node);
    const cases = groups.map((group) => {
      const labels = group.children.filter((child) => child.type === 'switch_label');
      const values = labels.flatMap((label) => namedChildren(label).map((value) => this.expression(value)));
      const fallsThrough = group.type === 'switch_block_statement_group';
      return { node: group, values: values.length === 0 ? undefined : values, fallsThrough };
    });
    this.#l.cases(subject, cases, (group) => {
      for (const child of namedChildren(group)) if (child.type !== 'switch_label') this.statement(child);
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

  #access(node: SyntaxNode): Expression {
    const field = childOf(node, 'field');
    return {
      kind: 'member',
      object: this.#field(node, 'object'),
      property: field === undefined ? '?' : this.#l.text(field),
      at: span(node),
    };
  }

  #arguments(node: SyntaxNode): readonly Expression[] {
    const list = childOf(node, 'arguments');
    return list === undefined ? [] : namedChildren(list).map((child) => this.expression(child));
  }

  #invoke(node: SyntaxNode): Expression {
    const name = childOf(node, 'name');
    const property = name === undefined ? '?' : this.#l.text(name);
    const objectNode = childOf(node, 'object');
    const args = this.#arguments(node);
    if (isFormat(objectNode === undefined ? '' : this.#l.text(objectNode), property)) {
      return { kind: 'concat', parts: args, mayBeNumeric: false, at: span(node) };
    }
    const callee: Expression =
      objectNode === undefined
        ? { kind: 'name', name: property, at: span(node) }
        : { kind: 'member', object: this.expression(objectNode), property, at: span(node) };
    if (property === 'formatted' && callee.kind === 'member') {
      return { kind: 'concat', parts: [callee.object, ...args], mayBeNumeric: false, at: span(node) };
    }
    const call: Call = { kind: 'call', callee, args, named: new Map(), isNew: false, at: span(node) };
    noteCall(this.#l, call);
    return call;
  }

  #create(node: SyntaxNode): Expression {
    const type = childOf(node, 'type');
    const callee: Expression = {
      kind: 'name',
      name: type === undefined ? '?' : plainType(this.#l.text(type)),
      at: span(node),
    };
    for (const body of node.children.filter((child) => child.type === 'class_body')) this.statement(body);
    return { kind: 'call', callee, args: this.#arguments(node), named: new Map(), isNew: true, at: span(node) };
  }

  #binary(node: SyntaxNode): Expression {
    const operator = childOf(node, 'operator');
    const left = this.#field(node, 'left');
    const right = this.#field(node, 'right');
    if (operator !== undefined && this.#l.text(operator) === '+') return plus(node, left, right);
    return { kind: 'plain', operator: this.#fieldText(node, 'operator'), parts: [left, right], at: span(node) };
  }

  #assign(node: SyntaxNode): Expression {
    const value = this.#field(node, 'right');
    const left = this.#field(node, 'left');
    const operator = childOf(node, 'operator');
    const path = dottedPath(left);
    const isPlain = operator === undefined || this.#l.text(operator) === '=';
    if (path !== undefined) this.#l.assign(path, value, node.end, isPlain ? 'set' : 'append');
    const table = left.kind === 'index' ? dottedPath(left.object) : undefined;
    if (left.kind === 'index' && table !== undefined) this.#l.assign(table, value, node.end, 'put', [left.index]);
    if (left.kind === 'member')
      this.#l.scope.writes.push({ property: left.property, object: left.object, value, at: span(node) });
    return value;
  }

  #declare(node: SyntaxNode): void {
    const type = childOf(node, 'type');
    for (const declarator of childrenOf(node, 'declarator')) this.#declareOne(declarator, type);
  }

  #declareOne(declarator: SyntaxNode, type: SyntaxNode | undefined): void {
    const name = childOf(declarator, 'name');
    if (name === undefined) return;
    const local = this.#l.text(name);
    if (type !== undefined) this.#l.scope.types.set(local, plainType(this.#l.text(type)));
    const valueNode = childOf(declarator, 'value');
    if (valueNode === undefined) return;
    const value = this.expression(valueNode);
    this.#l.assign(local, value, declarator.end);
    this.#l.expression(value);
  }

  #method(node: SyntaxNode): void {
    const modifiers = node.children.find((child) => child.type === 'modifiers');
    const isRoute = modifiers !== undefined && ROUTE.test(this.#l.text(modifiers));
    const name = this.#fieldText(node, 'name');
    const body = childOf(node, 'body');
    const run = (): void => (body === undefined ? undefined : this.statement(body));
    this.#l.expression(this.#l.inFunction(node, { name, parameters: this.#parameters(node), isRoute }, run));
  }

  #lambda(node: SyntaxNode): Expression {
    return this.#l.inFunction(node, { parameters: this.#parameters(node), isRoute: false }, () => {
      const body = childOf(node, 'body');
      if (body === undefined) return;
      if (body.type === 'block') this.statement(body);
      else this.#return(this.expression(body));
    });
  }

  #return(value: Expression): void {
    this.#l.scope.returns.push(value);
    this.#l.expression(value);
  }

  #parameters(node: SyntaxNode): readonly Parameter[] {
    const list = childOf(node, 'parameters');
    if (list === undefined) return [];
    if (list.type === 'identifier') return [{ name: this.#l.text(list), type: undefined, isRequestInput: false }];
    return namedChildren(list).map((child) => {
      const name = childOf(child, 'name') ?? child;
      const type = childOf(child, 'type');
      return {
        name: this.#l.text(name),
        type: type === undefined ? undefined : plainType(this.#l.text(type)),
        isRequestInput: REQUEST_INPUT.test(this.#l.text(child)),
      };
    });
  }

  #forEach(node: SyntaxNode): void {
    const value = this.#field(node, 'value');
    this.#l.expression(value);
    const name = childOf(node, 'name');
    this.#l.inBlock(node, () => {
      if (name !== undefined) this.#l.assign(this.#l.text(name), value, node.start, 'element');
      const body = childOf(node, 'body');
      if (body !== undefined) this.statement(body);
    });
  }
}

function isStatement(type: string): boolean {
  return (
    /_(statement|declaration|body|clause|specification|group|rule|initializer_block)$|^(program|ERROR|block|static_initializer|resource|switch_block)$/.test(
      type,
    ) && type !== 'array_initializer'
  );
}

function isFormat(object: string, method: string): boolean {
  return method === 'format' && /^(String|MessageFormat|java\.lang\.String)$/.test(object);
}

/** `List<String>` → List, `java.util.List` → List. */
function plainType(text: string): string {
  const bare = text.replace(/<.*>/s, '').trim();
  return bare.slice(bare.lastIndexOf('.') + 1);
}
