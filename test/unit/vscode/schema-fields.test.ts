/** A tool's input schema as questions, and the answers as values. */
import assert from 'node:assert/strict';
import { type Field, fieldsOf, initialText, parseAnswer } from '../../../src/vscode/commands/schema-fields.ts';

const field = (kind: Field['kind'], required = false): Field => ({
  name: 'x',
  kind,
  required,
  description: '',
  options: [],
  defaultValue: undefined,
});

describe('fieldsOf', () => {
  it('asks for required properties first and knows each kind', () => {
    const fields = fieldsOf({
      type: 'object',
      required: ['path'],
      properties: {
        depth: { type: 'integer', default: 3 },
        path: { type: 'string', description: 'Where' },
        level: { enum: ['low', 'high'] },
        flag: { type: ['boolean', 'null'] },
        types: { type: 'array' },
      },
    });
    assert.deepEqual(
      fields.map(({ name, kind }) => `${name}:${kind}`),
      ['path:string', 'depth:integer', 'level:enum', 'flag:boolean', 'types:json'],
    );
    assert.equal(fields[0]?.description, 'Where');
  });

  it('survives a schema that is none', () => {
    assert.deepEqual(fieldsOf({}), []);
    assert.deepEqual(
      fieldsOf({ properties: { a: null } }).map(({ kind }) => kind),
      ['json'],
    );
  });
});

describe('parseAnswer', () => {
  it('leaves an optional property out when nothing is typed', () => {
    assert.deepEqual(parseAnswer(field('number'), ''), { value: undefined });
  });

  it('reads numbers and JSON', () => {
    assert.deepEqual(parseAnswer(field('number'), ' 1.5 '), { value: 1.5 });
    assert.deepEqual(parseAnswer(field('json'), '["a"]'), { value: ['a'] });
  });

  it('says what is wrong with an answer', () => {
    for (const [kind, text] of [
      ['number', 'many'],
      ['integer', '1.5'],
      ['json', '['],
    ] as const) {
      assert.ok('problem' in parseAnswer(field(kind), text), `${kind} ${text}`);
    }
  });

  it('takes no empty answer for a required property', () => {
    for (const kind of ['string', 'number', 'json'] as const)
      assert.deepEqual(parseAnswer(field(kind, true), ''), { problem: 'x is required' });
  });

  it('starts with the default', () => {
    assert.equal(initialText({ ...field('json'), defaultValue: { a: 1 } }), '{"a":1}');
    assert.equal(initialText({ ...field('string'), defaultValue: 'main' }), 'main');
  });
});
