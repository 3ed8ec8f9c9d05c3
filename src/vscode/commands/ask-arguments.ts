/** Asks for a tool's arguments one after another, in the words of its input schema. */
import * as vscode from 'vscode';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ToolInfo } from '../../contracts/index.ts';
import { oneLine, withoutIcons, withoutLinks } from '../text.ts';
import { type Field, fieldsOf, initialText, parseAnswer } from './schema-fields.ts';

type Answer = { readonly value: JsonValue | undefined };

/** @returns undefined when the person dismissed a question. */
export async function askArguments(tool: ToolInfo): Promise<JsonObject | undefined> {
  const fields = fieldsOf(tool.inputSchema);
  const args: Record<string, JsonValue> = {};
  for (const [index, field] of fields.entries()) {
    const title = `${oneLine(tool.name, 60)} (${index + 1}/${fields.length})`;
    const answer = await ask(field, title);
    if (answer === undefined) return undefined;
    if (answer.value !== undefined) args[field.name] = answer.value;
  }
  return args;
}

function ask(field: Field, title: string): Promise<Answer | undefined> {
  if (field.kind === 'enum') return pick(field, title, field.options);
  if (field.kind === 'boolean') return pick(field, title, [true, false]);
  return type(field, title);
}

async function pick(field: Field, title: string, values: readonly JsonValue[]): Promise<Answer | undefined> {
  const choices = values.map((value) => ({
    label: withoutIcons(oneLine(typeof value === 'string' ? value : JSON.stringify(value))),
    description: value === field.defaultValue ? 'default' : '',
    answer: { value } as Answer,
  }));
  const leaveOut = { label: 'Leave out', description: 'optional', answer: { value: undefined } as Answer };
  const picked = await vscode.window.showQuickPick(field.required ? choices : [leaveOut, ...choices], {
    title,
    placeHolder: question(field),
    ignoreFocusOut: true,
  });
  return picked?.answer;
}

async function type(field: Field, title: string): Promise<Answer | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: question(field),
    value: initialText(field),
    placeHolder: placeHolder(field),
    ignoreFocusOut: true,
    validateInput: (answer) => {
      const parsed = parseAnswer(field, answer);
      return 'problem' in parsed ? withoutLinks(parsed.problem) : undefined;
    },
  });
  if (text === undefined) return undefined;
  const parsed = parseAnswer(field, text);
  return 'problem' in parsed ? undefined : parsed;
}

function placeHolder(field: Field): string {
  const form = field.kind === 'json' ? 'JSON, for example ["a", "b"] or {"key": 1}' : '';
  const optional = field.required ? '' : 'leave empty to leave it out';
  return [form, optional].filter((part) => part !== '').join('; ');
}

function question(field: Field): string {
  const optional = field.required ? '' : ' (optional)';
  return withoutLinks(`${field.name}${optional}${field.description === '' ? '' : `: ${field.description}`}`);
}
