import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx_pb.ts';

/** Element types of our graphs, as ONNX Runtime names them. */
export type OnnxElement = 'float32' | 'float16' | 'uint8' | 'int8' | 'int32' | 'int64' | 'bfloat16';

// TensorProto.DataType of the ONNX specification.
const DATA_TYPE: Record<OnnxElement, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
  bfloat16: 16,
};

// AttributeProto.AttributeType of the ONNX specification.
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 };

/** A dimension: a number, or a name for one that is known only when the graph runs. */
export type Dimension = number | string;

/** Name of a value in the graph. A type of its own, so that names of nodes and values cannot be confused. */
export type Value = string & { readonly __value: unique symbol };

/** The place of an initialiser's bytes outside the ONNX file: ONNX Runtime's external data. */
interface ExternalData {
  /** File name relative to the ONNX file. */
  location: string;
  /** Bytes from the start of that file. */
  offset: number;
  length: number;
}

/** An attribute with its type, because ONNX distinguishes integers from floats. */
type Attribute = { int: number } | { float: number } | { string: string };

/** Attribute helpers: `int(3)`, `floatAttribute(1e-6)`, `text('tanh')`. */
export const int = (value: number): Attribute => ({ int: value });
export const floatAttribute = (value: number): Attribute => ({ float: value });
export const text = (value: string): Attribute => ({ string: value });

/** Operators outside the standard set, https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
export const MICROSOFT = 'com.microsoft';

// Gelu needs opset 20, which was released with IR version 9.
const OPSET = 20n;
const IR_VERSION = 9n;

/** Builds one ONNX graph, node by node, and encodes it. Values are named after the operator that produces them. */
export class GraphBuilder {
  private readonly nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  private readonly inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  private readonly outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  private readonly initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly name: string;
  private prefix = '';
  private count = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Prefixes the names of all values made inside `body`, so that a profile or an error names the layer. */
  scope<T>(prefix: string, body: () => T): T {
    const outer = this.prefix;
    this.prefix = `${outer}${prefix}/`;
    try {
      return body();
    } finally {
      this.prefix = outer;
    }
  }

  /** Declares a graph input. */
  input(name: string, type: OnnxElement, shape: Dimension[]): Value {
    this.inputs.push(valueInfo(name, type, shape));
    return name as Value;
  }

  /** Makes `value` a graph output with the name `name`. */
  output(name: string, value: Value, type: OnnxElement, shape: Dimension[]): void {
    this.nodes.push({ opType: 'Identity', name: `output/${name}`, input: [value], output: [name] });
    this.outputs.push(valueInfo(name, type, shape));
  }

  /** Adds an int64 constant of shape [values.length]; equal constants are stored once. */
  ints(values: number[]): Value {
    return this.constant(`ints:${values.join(',')}`, 'int64', [values.length], () => {
      return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    });
  }

  /** Adds a float32 scalar constant; equal constants are stored once. */
  scalar(value: number): Value {
    return this.constant(`scalar:${value}`, 'float32', [], () => {
      return new Uint8Array(new Float32Array([value]).buffer);
    });
  }

  /** Adds a float32 constant; one with the same name is stored once. */
  floats(name: string, dims: number[], values: Float32Array<ArrayBuffer>): Value {
    return this.constant(name, 'float32', dims, () => new Uint8Array(values.buffer.slice(0)));
  }

  /** Adds an initialiser whose bytes lie in another file. */
  external(name: string, type: OnnxElement, dims: number[], data: ExternalData): Value {
    this.initializers.push({
      name,
      dims: dims.map(BigInt),
      dataType: DATA_TYPE[type],
      dataLocation: 1,
      externalData: [
        { key: 'location', value: data.location },
        { key: 'offset', value: String(data.offset) },
        { key: 'length', value: String(data.length) },
      ],
    });
    return name as Value;
  }

  /** Adds a node with one output and returns that output. */
  node(
    opType: string,
    input: (Value | '')[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value {
    this.count += 1;
    const output = `${this.prefix}${opType}_${this.count}` as Value;
    this.nodes.push({
      opType,
      domain,
      name: output,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  /** Adds a `Cast` to another element type. */
  cast(value: Value, type: OnnxElement): Value {
    return this.node('Cast', [value], { to: int(DATA_TYPE[type]) });
  }

  /** Adds a `Reshape`, where 0 keeps a dimension of the input and -1 is inferred. */
  reshape(value: Value, shape: number[]): Value {
    return this.node('Reshape', [value, this.ints(shape)]);
  }

  /** Adds a `Transpose`. */
  transpose(value: Value, perm: number[]): Value {
    const output = this.node('Transpose', [value]);
    this.nodes.at(-1)!.attribute = [
      { name: 'perm', ints: perm.map(BigInt), type: ATTRIBUTE_TYPE.ints },
    ];
    return output;
  }

  /** Encodes the graph as a `ModelProto`. */
  build(): Uint8Array<ArrayBuffer> {
    const graph: MessageInitShape<typeof GraphProtoSchema> = {
      name: this.name,
      node: this.nodes,
      input: this.inputs,
      output: this.outputs,
      initializer: this.initializers,
    };
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'tiebreak',
      graph,
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: MICROSOFT, version: 1n },
      ],
    });
    return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
  }

  private constant(
    key: string,
    type: OnnxElement,
    dims: number[],
    bytes: () => Uint8Array<ArrayBuffer>,
  ): Value {
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = `const/${key}` as Value;
    this.initializers.push({
      name,
      dims: dims.map(BigInt),
      dataType: DATA_TYPE[type],
      rawData: bytes(),
    });
    this.constants.set(key, name);
    return name;
  }
}

function valueInfo(
  name: string,
  type: OnnxElement,
  shape: Dimension[],
): MessageInitShape<typeof ValueInfoProtoSchema> {
  return {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: DATA_TYPE[type],
          shape: {
            dim: shape.map((d) =>
              typeof d === 'number'
                ? { value: { case: 'dimValue' as const, value: BigInt(d) } }
                : { value: { case: 'dimParam' as const, value: d } },
            ),
          },
        },
      },
    },
  };
}

function attribute(name: string, value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ('int' in value) return { name, i: BigInt(value.int), type: ATTRIBUTE_TYPE.int };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPE.float };
  return { name, s: new TextEncoder().encode(value.string), type: ATTRIBUTE_TYPE.string };
}
