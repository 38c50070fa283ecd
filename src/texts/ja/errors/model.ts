import type { modelErrors as english } from '../../en/errors/model.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { FETCH_AGAIN } from './actions.ts';

const TRAIN_HEAD = 'modules_to_save=["score"] で学習したアダプターを選んでください。';
const PLAIN_LORA = '通常の LoRA とスコアヘッドとして学習または書き出してください。';
const OTHER_BASE = 'アダプターを学習したベースモデルを選んでください。';
const SAVE_AGAIN = 'PEFT でアダプターを保存し直してください。';
const DAMAGED = 'チェックポイントが壊れています。取得し直してください。';
const SUPPORTED =
  'Tiebreak で動かせるのは、Gemma-2、Gemma-3（テキスト）、Llama、Mistral、Qwen2、Qwen2.5、Qwen3 のシーケンス分類モデルです。';
const LEAVE_UNQUANTISED = '重みを量子化しないでください。';

const FORMATS = {
  gguf: ' GGUF ファイル（llama.cpp の形式）',
  pytorch: ' PyTorch のファイル（開くとコードが実行されうる形式）',
  consolidated: '公開元独自の構成のチェックポイント',
  onnx: ' ONNX へのエクスポート',
};
const FORMAT_ACTIONS = {
  gguf: '変換元のチェックポイント（config.json と model.safetensors があるフォルダー）を使ってください。',
  pytorch:
    'safetensors 版を使うか、Transformers か PEFT で読み込み、save_pretrained("new-folder") で safetensors として保存してください。',
  consolidated:
    'Transformers 用の版（config.json と model.safetensors、または番号付きのシャードとそのインデックス）を使ってください。',
  onnx: 'エクスポート元のチェックポイント（config.json と model.safetensors があるフォルダー）を使ってください。',
};

/** Writes a shape: `[256, 64]`. */
const shapeOf = (shape: readonly number[]) => `[${shape.join(', ')}]`;
const unusable = (why: string) => `safetensors ファイルとして使えません。${why}`;
const unsupported = (why: string) => `このモデルは動かせません。${why}`;
const mismatch = (why: string) => `アダプターがベースモデルに合いません。${why}`;

/** Japanese texts of errors, by their ids. */
export const modelErrors: ErrorTextsOf<typeof english> = {
  'model/no-score:adapter': {
    message: ({ model, adapter }) =>
      adapter === null
        ? `${model} にはスコアヘッドがありません。`
        : `${model} にも、アダプター ${adapter} にも、スコアヘッドがありません。`,
    action: 'スコアヘッドのあるアダプターを選んでください。',
  },
  'model/quantization:double': {
    message: '二重量子化を使えるのは、量子化されていない重みを NF4 にする場合だけです。',
    action:
      '二重量子化をやめるか、量子化されていないチェックポイントに --quant nf4 を指定してください。',
  },
  'model/quantization:keep': {
    message:
      'bitsandbytes の 4 ビットのチェックポイントではないので、そのまま残せるコードがありません。',
    action: '重みを NF4 か int4 に量子化するか、量子化しないでください。',
  },
  'model/quantization:again': {
    message: ({ stored, wanted }) =>
      `このチェックポイントはすでに ${stored} です。さらに ${wanted} に量子化すると、誤差が重なります。`,
    action: ({ wanted }) =>
      `4 ビットのコードをそのまま残すか、bfloat16 のチェックポイントから ${wanted} を作ってください。`,
  },
  'model/quantization:features': {
    message: ({ name, features, block }) =>
      `${name} の入力の次元 ${features} は ${block} の倍数ではありません。`,
    action: LEAVE_UNQUANTISED,
  },
  'model/no-score': {
    message: ({ adapter }) =>
      `チェックポイントにも${adapter === null ? 'アダプター' : `アダプター ${adapter} `}にもスコアヘッド（score.weight）がありません。`,
    action: TRAIN_HEAD,
  },
  'adapter/unsupported': {
    message: ({ name, feature }) =>
      `アダプター ${name} は ${feature} を使っていますが、Tiebreak は対応していません。`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:module': {
    message: ({ name, module }) =>
      `アダプター ${name} はモジュール「${module}」を置き換えます（modules_to_save）。Tiebreak が対応しているのはスコアヘッドだけです。`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:tensor': {
    message: ({ name, tensor }) =>
      `アダプター ${name} に、LoRA のものでもスコアヘッドのものでもないテンソル ${tensor} があります。`,
    action: PLAIN_LORA,
  },
  'adapter/unsupported:pattern': {
    message: ({ name, field, key }) =>
      `アダプター ${name} の ${field} にある正規表現「${key}」は複雑すぎます。`,
    action: '入れ子のグループを使わずに書くか、モジュールを 1 つずつ指定してください。',
  },
  'adapter/nan': {
    message: ({ tensor, value }) => `${tensor} に数値でない値（${value}）があります。`,
    action: 'アダプターが壊れているか、学習が発散しています。',
  },
  'adapter/mismatch:twice': {
    message: ({ half, module }) => `アダプターに ${module} の lora_${half} が 2 つあります。`,
    action: SAVE_AGAIN,
  },
  'adapter/mismatch:two-heads': {
    message: 'アダプターにスコアヘッドが 2 つあります。',
    action: SAVE_AGAIN,
  },
  'adapter/mismatch:layer-twice': {
    message: ({ linear, layer }) => `アダプターに第 ${layer} 層の ${linear} が 2 つあります。`,
    action: SAVE_AGAIN,
  },
  'adapter/mismatch:half': {
    message: ({ module }) =>
      `アダプターの ${module} には、lora_A と lora_B のうち一方しかありません。`,
    action: 'ファイルが不完全です。取得し直してください。',
  },
  'adapter/mismatch:rank': {
    message: ({ module, rank, expected }) =>
      `アダプターの ${module} のランクは ${rank} ですが、adapter_config.json では ${expected} です。`,
    action: '同じアダプターの adapter_config.json と adapter_model.safetensors を使ってください。',
  },
  'adapter/mismatch:labels': {
    message: ({ labels }) =>
      `一緒に使うスコアヘッドのラベルの数が一致しません（${labels.join('、')}）。`,
    action: 'ラベルの数ごとに別のパッケージを作ってください。',
  },
  'model/labels': {
    message: ({ model }) =>
      `${model} は回答ごとにスコアを 1 つ出す報酬モデルですが、回答を読むためのチャットテンプレートがパッケージにありません。`,
    action:
      '作者が公開している chat_template.jinja をチェックポイントのフォルダーに置き、もう一度取り込んでください。',
  },
  'model/labels:mixed': {
    message: ({ model, first, other }) =>
      `${model} のアダプターは一緒に使えません。スコアヘッドのラベル数が ${first} と ${other} で異なります。`,
    action: 'ラベル数が同じアダプターを選ぶか、別々のパッケージに分けてください。',
  },
  'adapter/mismatch:module': {
    message: ({ module }) => mismatch(`ベースモデルの層にない ${module} の行列があります。`),
    action: OTHER_BASE,
  },
  'adapter/mismatch:layer': {
    message: ({ layer, layers }) =>
      mismatch(`${layers} 層のモデルにはない第 ${layer} 層の行列があります。`),
    action: OTHER_BASE,
  },
  'adapter/mismatch:shape': {
    message: ({ tensor, shape, expected }) =>
      mismatch(
        `${tensor} の形状は ${shapeOf(shape)} ですが、${shapeOf(expected)} でなければなりません。`,
      ),
    action: OTHER_BASE,
  },
  'adapter/mismatch:dtype': {
    message: ({ tensor, dtype }) =>
      `アダプターの ${tensor} の型は ${dtype} ですが、F32、F16、BF16 のいずれかでなければなりません。`,
    action: 'アダプターを float32、float16、bfloat16 のいずれかで保存してください。',
  },
  'model/missing-tensor:state': {
    message: ({ name }) => `チェックポイントにテンソル ${name} がありません。`,
    action: 'シャードが足りないか、チェックポイントが最後まで保存されていません。',
  },
  'model/bnb-state': {
    message: ({ tensor, bytes }) =>
      `${tensor} は ${bytes} バイトあり、量子化の情報としては大きすぎます。`,
    action: DAMAGED,
  },
  'model/gptq:keep': {
    message: ({ wanted }) =>
      `チェックポイントは 4 ビットの GPTQ です。さらに ${wanted} に量子化すると、誤差が重なります。`,
    action:
      'コードを残してください（値は正確に保たれます）。8 ビットのものは NF4 か int4 にもできます。',
  },
  'model/gptq:block': {
    message: ({ size, of }) =>
      `コードをそのまま残すことはできません。グループの入力は ${size} 個で、${of} の倍数ではありません。`,
    action: '量子化なし（none）を選んでください。この場合も値は正確に保たれます。',
  },
  'model/gptq:method': {
    message: ({ method }) =>
      `チェックポイントは ${method} で量子化されていますが、Tiebreak はこの形式に対応していません。`,
    action:
      '量子化されていないチェックポイントか、GPTQ（4 または 8 ビット）または bitsandbytes（4 ビット）のものを使ってください。',
  },
  'model/gptq:format': {
    message: ({ format }) =>
      `checkpoint_format は ${format} です。Tiebreak が対応している GPTQ の形式は gptq と gptq_v2 です。`,
    action:
      'gptq または gptq_v2 で保存したチェックポイントか、量子化されていないものを使ってください。',
  },
  'model/gptq:bits': {
    message: ({ bits }) =>
      `GPTQ の符号は ${bits} ビットです。Tiebreak が対応しているのは 4 ビットと 8 ビットです。`,
    action:
      '4 ビットまたは 8 ビットの GPTQ チェックポイントか、量子化されていないものを使ってください。',
  },
  'model/gptq:group': {
    message: ({ group }) =>
      `group_size は ${group} です。正の数か、全体で 1 グループを表す -1 でなければなりません。`,
    action: DAMAGED,
  },
  'model/gptq:divides': {
    message: ({ module, N, K, size, perWord }) =>
      `${module} の入力は ${K} 個、出力は ${N} 個です。入力は group_size ${size} の倍数、両方とも ${perWord} の倍数でなければなりません。`,
    action: '重みに対応する quantize_config.json または config.json を使ってください。',
  },
  'model/gptq:index': {
    message: ({ module, feature, group, last }) =>
      `${module}.g_idx は入力 ${feature} をグループ ${group} に割り当てていますが、グループは 0 から ${last} までです。`,
    action: DAMAGED,
  },
  'model/gptq:uneven': {
    message: ({ module, size }) =>
      `${module}.g_idx のグループの大きさが異なります。どのグループにも入力が ${size} 個なければなりません。`,
    action: DAMAGED,
  },
  'model/unsupported:blocks': {
    message: ({ weight, type, blocksize }) =>
      `${weight} は ${blocksize} 個ごとのブロックの ${type} です。対応しているのは、64 個ごとのブロックの nf4 と fp4 だけです。`,
    action: 'bnb_4bit_quant_type="nf4" でチェックポイントを保存してください。',
  },
  'model/shape:codes': {
    message: ({ tensor, shape, bytes, dtype, expected }) =>
      `${tensor} の形状は ${shapeOf(shape)}（${dtype} で ${bytes} バイト）ですが、config.json では ${shapeOf(expected)} です。`,
    action: '同じモデルの config.json とシャードを使ってください。',
  },
  'model/shape:state': {
    message: ({ tensor, dtype, shape, length, expected }) =>
      `${tensor} は ${dtype} ${shapeOf(shape)} ですが、${expected} が ${length} 個でなければなりません。`,
    action: DAMAGED,
  },
  'model/nan:scale': {
    message: ({ name, bad }) => `${name} から得られるスケールが ${bad} になります。`,
    action: DAMAGED,
  },
  'model/index': {
    message: ({ name, other, shard }) => `${name} が ${other} と ${shard} の両方にあります。`,
    action: '2 つのチェックポイントのシャードが混ざっています。取得し直してください。',
  },
  'model/missing-tensor:shard': {
    message: ({ name, shard }) =>
      `model.safetensors.index.json によれば ${name} は ${shard} にあるはずですが、ありません。`,
    action: 'そのシャードを取得し直してください。',
  },
  'model/missing-tensor': {
    message: ({ name }) => `チェックポイントにテンソル ${name} がありません。`,
    action: 'シャードが足りないか、config.json が別のモデルのものです。',
  },
  'model/shape': {
    message: ({ tensor, dtype, shape, expected }) =>
      `${tensor} は ${dtype} ${shapeOf(shape)} ですが、config.json によれば実数の ${shapeOf(expected)} でなければなりません。`,
    action: '同じモデルの config.json とシャードを使ってください。',
  },
  'model/nan': {
    message: ({ tensor, value }) => `${tensor} に数値でない値（${value}）があります。`,
    action: DAMAGED,
  },
  'model/unsupported:type': {
    message: ({ type, known }) =>
      unsupported(`model_type は ${type} ですが、${known.join(' か ')} でなければなりません。`),
    action: SUPPORTED,
  },
  'model/unsupported:field': {
    message: ({ field, value }) =>
      unsupported(`config.json の ${field} が ${value} の場合には対応していません。`),
    action: SUPPORTED,
  },
  'model/unsupported:set': {
    message: ({ field }) => unsupported(`config.json に ${field} が設定されています。`),
    action: SUPPORTED,
  },
  'model/unsupported:heads': {
    message: ({ heads, keyValueHeads }) =>
      unsupported(
        `${heads} 個のアテンションヘッドで、${keyValueHeads} 個のキー・バリューヘッドを均等に共有することはできません。`,
      ),
    action: SUPPORTED,
  },
  'model/unsupported:odd-head': {
    message: ({ headDim }) => unsupported(`head_dim（${headDim}）が奇数です。`),
    action: SUPPORTED,
  },
  'model/unsupported:head-size': {
    message: ({ heads, headDim }) =>
      unsupported(`次元 ${headDim} のアテンションヘッドが ${heads} 個では大きすぎます。`),
    action: SUPPORTED,
  },
  'model/unsupported:labels': {
    message: ({ tensor, shape }) =>
      unsupported(
        `スコアヘッド ${tensor} の形状は [${shape.join(', ')}] ですが、対応しているラベルの数は 1、2、3 だけです。`,
      ),
    action: '1 ラベルの報酬モデルか、2 または 3 ラベルの分類モデルを使ってください。',
  },
  'model/unsupported:layer-types': {
    message: ({ entries, layers }) =>
      unsupported(`${layers} 層に対して、layer_types の要素が ${entries} 個あります。`),
    action: 'このチェックポイントと一緒に保存された config.json を使ってください。',
  },
  'model/unsupported:architecture': {
    message: ({ name }) => unsupported(`アーキテクチャが ${name} です。`),
    action: ({ known }) =>
      `Tiebreak で読み込めるのは、${known.join(' か ')} として保存されたチェックポイントです。`,
  },
  'model/quantization:embedding': {
    message: ({ hiddenSize }) =>
      `hidden_size（${hiddenSize}）が 32 の倍数ではないので、埋め込みを int4 にはできません。`,
    action: '埋め込みを int8 か float16 にしてください。',
  },
  'model/format': {
    message: ({ file, format }) =>
      `${file} は${FORMATS[format]}です。読み込めるのは safetensors だけです。`,
    action: ({ format }) => FORMAT_ACTIONS[format],
  },
  'safetensors/bad:size': {
    message: ({ size }) => unusable(`${size} バイトしかありません。`),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:header-length': {
    message: ({ length, size }) =>
      unusable(`${size} バイトのファイルなのに、ヘッダーの長さが ${length} バイトになっています。`),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:header': {
    message: unusable('ヘッダーが JSON のオブジェクトではありません。'),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:overlap': {
    message: ({ first, second }) =>
      unusable(`テンソル ${first} と ${second} の範囲が重なっています。`),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:dtype': {
    message: ({ name, dtype }) =>
      unusable(`テンソル ${name} の dtype（${dtype}）は未知のものです。`),
    action: 'safetensors で定義されている dtype で保存し直すか、ファイルを取得し直してください。',
  },
  'safetensors/bad:shape': {
    message: ({ name }) => unusable(`テンソル ${name} の shape が正しくありません。`),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:offsets': {
    message: ({ name }) => unusable(`テンソル ${name} の data_offsets が正しくありません。`),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:bytes': {
    message: ({ name, shape, dtype, needed, bytes }) =>
      unusable(
        `テンソル ${name}（${dtype} ${shapeOf(shape)}）には ${needed} バイト必要ですが、${bytes} バイトです。`,
      ),
    action: FETCH_AGAIN,
  },
  'safetensors/bad:end': {
    message: ({ name, end, size }) =>
      unusable(
        `ファイルは ${size} バイトなのに、テンソル ${name} は ${end} バイト目まであることになっています。途中で切れている可能性があります。`,
      ),
    action: FETCH_AGAIN,
  },
};
