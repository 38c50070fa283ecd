import { type Interpreter, parse, tokenize } from '@huggingface/jinja';

/** A statement or expression of a template. */
export type Node = NonNullable<Parameters<Interpreter['evaluate']>[0]>;

/** Flags for the place in which an expression stands. */
export const Role = {
  /** A method or a filter is called on it. */
  receiver: 1,
  /** A loop, filter or slice goes through its items or characters. */
  looped: 2,
  /** A filter's output grows with its value. */
  factor: 4,
  /** Its text is a part of the output. */
  printed: 8,
} as const;

/** A parsed template. */
export interface Program {
  root: ReturnType<typeof parse>;
  /** Flags of {@link Role} for expressions that have any. */
  roles: WeakMap<Node, number>;
  /** Number of nodes in a node, itself included. */
  nodes(node: Node): number;
}

/** Filters whose output does not grow with the value of an argument, or which check it themselves. */
const PLAIN_FILTERS = new Set(['default', 'replace', 'join', 'trim']);

/** Filters that take the same time for a list of any length. */
const QUICK_FILTERS = new Set(['length', 'count', 'first', 'last', 'default', 'string', 'safe']);

/** Fields that hold a list of statements. */
const BODIES = ['body', 'alternate', 'defaultBlock'];

/** Nodes of a body that print nothing themselves, or a text. */
const STATEMENTS =
  /^(?:Set|If|For|Macro|Comment|Break|Continue|CallStatement|FilterStatement|SelectExpression)$/;

/**
 * Parses a template with the settings of Transformers: blocks take the white space before and the newline after them.
 * @throws Error for a syntax error.
 */
export function parseTemplate(source: string): Program {
  // Jinja knows only these newlines.
  const root = parse(
    tokenize(source.replace(/\r\n?/g, '\n'), { lstrip_blocks: true, trim_blocks: true }),
  );
  const roles = new WeakMap<Node, number>();
  const counts = new WeakMap<Node, number>();
  const add = (node: unknown, role: number) => {
    if (isNode(node)) roles.set(node, (roles.get(node) ?? 0) | role);
  };
  const visit = (node: Node): number => {
    unfoldFilterStatement(node);
    assignRoles(node, add);
    const count = childrenOf(node).reduce((total, child) => total + visit(child), 1);
    counts.set(node, count);
    return count;
  };
  visit(root);
  return { root, roles, nodes: (node) => counts.get(node) ?? 1 };
}

/** Makes `{% filter f %}…{% endfilter %}` the expression `(…) | f`, so that filters work in one way. */
function unfoldFilterStatement(node: Node): void {
  if (node.type !== 'FilterStatement') return;
  const { body } = fieldsOf(node);
  const operand = Object.assign(parse([]), { body });
  Object.assign(node, { type: 'FilterExpression', operand, body: undefined });
}

function assignRoles(node: Node, add: (node: unknown, role: number) => void): void {
  const fields = fieldsOf(node);
  for (const name of BODIES) {
    const body = fields[name];
    if (!Array.isArray(body)) continue;
    for (const each of body) {
      if (isNode(each) && !STATEMENTS.test(each.type)) add(each, Role.printed);
    }
  }
  if (node.type === 'MemberExpression') {
    const slices = isNode(fields.property) && fields.property.type === 'SliceExpression';
    add(fields.object, slices ? Role.looped : Role.receiver);
  }
  if (node.type === 'For') {
    const { iterable } = fields;
    const selects = isNode(iterable) && iterable.type === 'SelectExpression';
    add(selects ? fieldsOf(iterable).lhs : iterable, Role.looped);
  }
  if (node.type === 'FilterExpression') {
    const { name, args } = partsOf(fields.filter);
    add(fields.operand, QUICK_FILTERS.has(name) ? Role.receiver : Role.receiver | Role.looped);
    if (!PLAIN_FILTERS.has(name)) for (const arg of args) add(argumentOf(arg), Role.factor);
  }
}

/** Name and arguments of a filter, which is an identifier or a call. */
function partsOf(filter: unknown): { name: string; args: Node[] } {
  const { value, callee, args } = fieldsOf(filter as Node);
  if (!isNode(callee)) return { name: String(value), args: [] };
  return { name: String(fieldsOf(callee).value), args: args as Node[] };
}

/** The expression that is an argument, which may have a keyword or a star before it. */
function argumentOf(argument: Node): unknown {
  const { value, argument: starred } = fieldsOf(argument);
  return argument.type === 'KeywordArgumentExpression' ? value : (starred ?? argument);
}

function childrenOf(node: Node): Node[] {
  return Object.values(fieldsOf(node)).flatMap((field) => {
    if (field instanceof Map) return [...field].flat().filter(isNode);
    return [field].flat().filter(isNode);
  });
}

function fieldsOf(node: Node): Record<string, unknown> {
  return node as unknown as Record<string, unknown>;
}

/** True for nodes; tokens of operators, which have a type as well, have no node's class. */
function isNode(value: unknown): value is Node {
  return value instanceof Statement;
}

/** The base class of the library's nodes, which it does not export. */
const Statement = Object.getPrototypeOf(parse([]).constructor) as new () => Node;
