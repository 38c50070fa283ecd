import { type Environment, Interpreter } from '@huggingface/jinja';
import { type Node, type Program, Role } from './program.ts';
import { PythonString } from './python-string.ts';
import { strip, titleOfWords } from './python-text.ts';
import {
  areEqual,
  isIn,
  isList,
  isMapping,
  isText,
  remainder,
  StringValue,
  textOf,
  toValue,
  type Value,
} from './values.ts';
import type { WorkMeter } from './work-meter.ts';

/** Largest number, and size of another value, that multiplies a filter's output: a width or a separator. */
const LARGEST_FACTOR = 64;
/** Steps that an item of a loop or of a sorted list takes besides those of the loop's body. */
const STEPS_PER_ITEM = 8;

/**
 * The library's interpreter with bounds on work and size, and with Python's meaning of what the library does otherwise:
 * equality, `in`, `%`, the text of a value that is no text, and the methods of texts.
 */
export class BoundedInterpreter extends Interpreter {
  private readonly roles: Program['roles'];
  private readonly nodes: Program['nodes'];
  private readonly meter: WorkMeter;

  constructor(environment: Environment, program: Program, meter: WorkMeter) {
    super(environment);
    this.roles = program.roles;
    this.nodes = program.nodes;
    this.meter = meter;
  }

  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (node === undefined) return super.evaluate(node, environment);
    this.meter.charge(1);
    const value = this.meter.deeper(() => this.compute(node, environment));
    this.meter.see(value);
    return this.inRole(value, this.roles.get(node) ?? 0);
  }

  /** A value as the place where it stands needs it. */
  private inRole(value: Value, role: number): Value {
    const { meter } = this;
    if (role & Role.factor) {
      const factor = typeof value.value === 'number' ? value.value : meter.sizeOf(value);
      if (!(factor <= LARGEST_FACTOR)) throw new Error(`Argument of a filter is too large`);
    }
    if (role & Role.looped) {
      if (isList(value)) meter.charge(value.value.length * STEPS_PER_ITEM);
      else if (isText(value)) meter.chargeRead(value.value.length);
    }
    if (role & Role.printed && !isText(value)) return new StringValue(textOf(value));
    return role & Role.receiver && isText(value) ? new PythonString(value.value, meter) : value;
  }

  private compute(node: Node, environment: Environment): Value {
    switch (node.type) {
      case 'Macro':
      case 'CallStatement':
        // The library walks through the whole body each time.
        this.meter.charge(this.nodes(node));
        break;
      case 'BinaryExpression': {
        const { operator, left, right } = node as Binary;
        const compute = OPERATORS.get(operator.value);
        if (compute === undefined) break;
        return compute(
          this.evaluate(left, environment),
          this.evaluate(right, environment),
          this.meter,
        );
      }
      case 'FilterExpression': {
        const { operand, filter } = node as Filter;
        const compute = FILTERS.get(filter.callee?.value ?? filter.value ?? '');
        if (compute === undefined) break;
        const value = this.evaluate(operand, environment);
        const args = (filter.args ?? []).map((arg) => {
          if (POSITIONAL.test(arg.type)) return this.evaluate(arg, environment);
          throw new Error(`Filter ${filter.callee?.value} takes no ${arg.type} here`);
        });
        return compute(value, args, this.meter);
      }
    }
    return super.evaluate(node, environment);
  }
}

interface Binary extends Node {
  operator: { value: string };
  left: Node;
  right: Node;
}

/** `operand | name`, where `filter` is the name, or `operand | name(args)`, where it is a call of `callee`. */
interface Filter extends Node {
  operand: Node;
  filter: Node & { value?: string; callee?: { value: string }; args?: Node[] };
}

const POSITIONAL = /^(?!KeywordArgument|Spread|KeywordSpread)/;

type OperatorFunction = (left: Value, right: Value, meter: WorkMeter) => Value;

/** Operators whose result in the library differs from Python's. */
const OPERATORS = new Map<string, OperatorFunction>([
  ['==', (left, right, meter) => toValue(equal(left, right, meter))],
  ['!=', (left, right, meter) => toValue(!equal(left, right, meter))],
  ['in', (left, right, meter) => toValue(found(left, right, meter))],
  ['not in', (left, right, meter) => toValue(!found(left, right, meter))],
  ['%', remainder],
  ['~', (left, right) => new StringValue(textOf(left) + textOf(right))],
]);

function equal(left: Value, right: Value, meter: WorkMeter): boolean {
  meter.chargeCopy(meter.sizeOf(left) + meter.sizeOf(right));
  return areEqual(left, right);
}

function found(item: Value, container: Value, meter: WorkMeter): boolean {
  if (isText(container) && isText(item)) meter.chargeSearch(container.value, item.value);
  else meter.chargeCopy(meter.sizeOf(container));
  return isIn(item, container);
}

type FilterFunction = (operand: Value, args: Value[], meter: WorkMeter) => Value;

/** Filters whose result in the library differs from Jinja's. */
const FILTERS = new Map<string, FilterFunction>([
  ['trim', trim],
  ['string', (operand) => new StringValue(textOf(operand))],
  ['length', lengthOf],
  ['count', lengthOf],
  ['join', join],
  ['title', (operand) => new StringValue(titleOfWords(textOf(operand)))],
]);

function trim(operand: Value, [characters]: Value[]): Value {
  const set = characters ? textOf(characters) : null;
  return new StringValue(strip(textOf(operand), set, 'both'));
}

function join(operand: Value, [separator]: Value[], meter: WorkMeter): Value {
  if (!isList(operand)) throw new Error(`Cannot join ${operand.type}`);
  const between = separator ? textOf(separator) : '';
  meter.allow(meter.sizeOf(operand) + between.length * operand.value.length);
  return new StringValue(operand.value.map(textOf).join(between));
}

function lengthOf(operand: Value): Value {
  if (isText(operand)) return toValue(Array.from(operand.value).length);
  if (isList(operand)) return toValue(operand.value.length);
  if (isMapping(operand)) return toValue(operand.value.size);
  throw new Error(`${operand.type} has no length`);
}
