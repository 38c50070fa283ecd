import { Environment, type Interpreter } from '@huggingface/jinja';

/** A value of a running template. */
export type Value = ReturnType<Interpreter['evaluate']>;
export type TextValue = Extract<Value, { value: string }>;
type MappingValue = Extract<Value, { value: Map<string, unknown> }>;
type ListValue = Extract<Value, { value: unknown[] }>;

/** Makes a template's value of a JavaScript one. A function receives its arguments as JavaScript values. */
export function toValue(value: unknown): Value {
  return new Environment().set('value', value);
}

// The library exports no classes of values, but its checks need instances of them.
export const StringValue = toValue('').constructor as new (text: string) => TextValue;
const FloatValue = toValue(0.5).constructor as new (number: number) => Value;

export function isText(value: Value): value is TextValue {
  return typeof value.value === 'string';
}

/** True for a list or a tuple. */
export function isList(value: Value): value is ListValue {
  return Array.isArray(value.value);
}

/** True for a mapping or a namespace. */
export function isMapping(value: Value): value is MappingValue {
  return value.value instanceof Map;
}

// Both have the same inner value.
const isUndefined = ({ type }: Value) => type === 'UndefinedValue';
const isNone = ({ type }: Value) => type === 'NullValue';

/** The number that a number or a boolean is for Python; null for other values. */
function numberOf({ value }: Value): number | null {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : null;
}

/** Python's `str(value)`. @throws Error for lists, mappings and functions, whose Python form no template wants. */
export function textOf(value: Value): string {
  const { value: inner } = value;
  if (isUndefined(value)) return '';
  if (isNone(value)) return 'None';
  if (typeof inner === 'boolean') return inner ? 'True' : 'False';
  if (typeof inner === 'object' || typeof inner === 'function') {
    throw new Error(`Cannot write ${value.type} as text`);
  }
  return value.toString();
}

/** Python's `left == right`. */
export function areEqual(left: Value, right: Value): boolean {
  const [number, other] = [numberOf(left), numberOf(right)];
  if (number !== null || other !== null) return number === other;
  if (isList(left) && isList(right)) {
    return (
      left.type === right.type &&
      left.value.length === right.value.length &&
      left.value.every((item, i) => areEqual(item, right.value[i]!))
    );
  }
  if (isMapping(left) && isMapping(right)) {
    const members = right.value;
    return (
      left.value.size === members.size &&
      [...left.value].every(([key, item]) => members.has(key) && areEqual(item, members.get(key)!))
    );
  }
  return left.type === right.type && left.value === right.value;
}

/** Python's `item in container`. An undefined container has no items. @throws Error for what is no container. */
export function isIn(item: Value, container: Value): boolean {
  if (isUndefined(container)) return false;
  if (isText(container) && isText(item)) return container.value.includes(item.value);
  if (isList(container)) return container.value.some((member) => areEqual(member, item));
  if (isMapping(container) && isText(item)) return container.value.has(item.value);
  throw new Error(`Cannot look for ${item.type} in ${container.type}`);
}

/** Python's `left % right` of numbers, which has the sign of the divisor. @throws Error for other values. */
export function remainder(left: Value, right: Value): Value {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === null || b === null) throw new Error(`Cannot divide ${left.type} by ${right.type}`);
  if (b === 0) throw new Error('modulo by zero');
  const result = a - b * Math.floor(a / b);
  const isFloat = left instanceof FloatValue || right instanceof FloatValue;
  return isFloat ? new FloatValue(result) : toValue(result);
}
