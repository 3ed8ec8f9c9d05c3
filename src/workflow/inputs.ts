/** Checks what a person gave a workflow against the inputs it declares. Pure. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import { ConductorError } from '../base/errors.ts';
import type { InputType, Plan } from '../contracts/index.ts';

/**
 * The inputs with defaults filled in.
 *
 * @throws ConductorError VALIDATION_FAILED naming every missing, unknown or ill-typed input
 */
export function checkInputs(plan: Plan, given: JsonObject): JsonObject {
  const complaints: string[] = [];
  const known = Object.keys(plan.inputs);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) complaints.push(`there is no input "${name}"; there are ${known.join(', ') || 'none'}`);
  }
  const inputs: Record<string, JsonValue> = {};
  for (const [name, input] of Object.entries(plan.inputs)) {
    const value = given[name] ?? input.default;
    if (value === undefined) {
      if (input.required) complaints.push(`input "${name}" (${input.type}) is missing`);
    } else if (typeOf(value) !== input.type) {
      complaints.push(`input "${name}" must be ${input.type}, not ${typeOf(value)}`);
    } else inputs[name] = value;
  }
  if (complaints.length > 0)
    throw new ConductorError('VALIDATION_FAILED', `${plan.workflow.name}: ${complaints.join('; ')}`);
  return inputs;
}

function typeOf(value: JsonValue): InputType | 'null' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as InputType;
}
