import type { engineErrors as english } from '../../en/errors/engine.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { placeIn } from '../../place.ts';
import { megabytes } from '../format.ts';
import { place as places } from '../model.ts';
import { DRIVER, OTHER_DEVICE, RELOAD } from './actions.ts';

const NO_SCRIPT = 'スクリプトを読み込めませんでした';
const AUTOMATIC = '実行エンジンと精度を「自動」にしてください。';
const OWN_TOKENIZER =
  'モデルの作者が公開している tokenizer.json と tokenizer_config.json を使ってください。';
const OTHER_TOKENIZER =
  'Gemma、Llama 3、Qwen と同じ種類のバイトペアのトークナイザーを使うモデルを選んでください。';

const shorterRows = ({ fits }: { fits: number }) =>
  `max_length を ${fits} 以下にするか、別のデバイスを使ってください。`;
const cannotSplit = (why: string) => `2 台の GPU で層を分担できません。${why}`;
const unusableTokenizer = (why: string) => `このトークナイザーは使えません。${why}`;

/** Japanese name of an executor: `ONNX Runtime`, `独自カーネル（float32）`. */
export function executorText(of: { executor: 'wgsl' | 'ort'; variant: string | null }): string {
  return of.executor === 'wgsl' ? `独自カーネル（${of.variant}）` : 'ONNX Runtime';
}

/** Japanese texts of errors, by their ids. */
export const engineErrors: ErrorTextsOf<typeof english> = {
  'engine/stuck': {
    message: 'ONNX Runtime が応答しません。',
    action: '同じコマンドをもう一度実行してください。採点済みの行は残っています。',
  },
  'gpu/insecure': {
    message: 'WebGPU を使えるのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開くか、CPU を選んでください。',
  },
  'gpu/none': {
    message: 'このブラウザーには、WebGPU で使える GPU がありません。',
    action: `ブラウザーと${DRIVER}`,
  },
  'gpu/none:node': {
    message: 'WebGPU（Dawn）で使える GPU が見つかりません。',
    action: 'Vulkan のドライバーをインストールするか、--device wasm を指定してください。',
  },
  'gpu/none:gone': {
    message: ({ name }) => `GPU ${name} が見つからなくなりました。`,
    action: 'GPU を接続し直すか、モデルを読み込み直してください。',
  },
  'gpu/device': {
    message: ({ reason }) => `GPU を使い始められませんでした（${reason}）。`,
    action: 'GPU を使うほかのプログラムを終了するか、CPU を選んでください。',
  },
  'gpu/no-float16': {
    message: 'このデバイスは float16 で計算できません（shader-f16 がありません）。',
    action: 'float32 を使ってください。',
  },
  'gpu/out-of-memory': {
    message: 'GPU の空きメモリーが足りません。',
    action: 'GPU を使うほかのプログラムを終了するか、max_length を小さくしてください。',
  },
  'gpu/error': {
    message: ({ reason }) => `GPU がエラーを報告しました（${reason}）。`,
    action: DRIVER,
  },
  'gpu/lost': {
    message: ({ why }) => `GPU との接続が失われました（${why ?? '理由は不明です'}）。`,
    action: 'グラフィックスドライバーを更新するか、CPU を選ぶか、max_length を小さくしてください。',
  },
  'gpu/lost:given-back': {
    message: 'GPU の使用を終えています。',
    action: 'モデルを読み込み直してください。',
  },
  'engine/not-finite': {
    message: 'デバイスが数値でない値を返しました。',
    action: '精度 float32 か別のデバイスを選ぶか、ドライバーを更新してください。',
  },
  'gpu/kernels': {
    message: ({ refusals }, tell) => {
      const said = refusals.map(({ reason, ...of }) => `${executorText(of)}：${tell(reason)}`);
      return `独自カーネルを使えません（${said.join('、')}）。`;
    },
    action: AUTOMATIC,
  },
  'engine/failed:ort': {
    message: ({ reason }) => `ONNX Runtime での計算に失敗しました（${reason}）。`,
    action: OTHER_DEVICE,
  },
  'gpu/binding-size:tensor': {
    message: ({ name, bytes, most }) =>
      `${name} は ${bytes} バイトありますが、この GPU が一度に扱えるのは ${most} バイトまでです。`,
    action: '別の GPU か、より小さなモデルを使ってください。',
  },
  'plan/too-long': {
    message: ({ length, needed, allowed }) =>
      `${length} トークンの行のアテンションスコアには ${needed} バイト必要ですが、このデバイスの 1 つのバッファーは ${allowed} バイトまでです。`,
    action: shorterRows,
  },
  'plan/cpu': {
    message: ({ maxLength, needed, layer, activations, scores, allowed }) =>
      `このモデルは CPU では計算できません。${maxLength} トークンの 1 行だけでも WebAssembly に約 ${megabytes(needed)}（1 層 ${megabytes(layer)}、中間値 ${megabytes(activations)}、アテンションスコア ${megabytes(scores)}）必要ですが、4 GiB のうち使えるのは ${megabytes(allowed)} です。`,
    action: 'max_length を小さくするか、GPU を使ってください。',
  },
  'plan/too-large:row': {
    message: ({ length, needed, allowed }) =>
      `${length} トークンの行には 1 つのバッファーに ${megabytes(needed)} 必要ですが、このデバイスでは ${megabytes(allowed)} までです。`,
    action: shorterRows,
  },
  'plan/too-large:scores': {
    message: ({ length, needed, allowed }) =>
      `${length} トークンのアテンションスコアには 1 つのバッファーに ${megabytes(needed)} 必要ですが、このデバイスでは ${megabytes(allowed)} までです。`,
    action: shorterRows,
  },
  'plan/too-large:weights': {
    message: ({ name, needed, allowed }) =>
      `${name} の重みには 1 つのバッファーに ${megabytes(needed)} 必要ですが、このデバイスでは ${megabytes(allowed)} までです。`,
    action: '別のデバイスか、より小さなモデルを使ってください。',
  },
  'gpu/none:plan': {
    message: '割り当てに使える GPU がありません。',
    action: 'CPU を選んでください。',
  },
  'plan/no-room': {
    message: ({ maxLength, gpu, needed, weights, adapters, batch, allowed }) =>
      `このモデルは収まりません。層を 1 つずつ読み込み、${maxLength} トークンの行を 1 つだけ計算しても、${gpu} のメモリーが ${megabytes(needed)}（重み ${megabytes(weights)}、アダプター ${megabytes(adapters)}、バッチ ${megabytes(batch)}）必要ですが、使ってよいのは ${megabytes(allowed)} です。`,
    action:
      'max_length を小さくするか、使ってよいメモリーを増やすか、より小さなモデルを選んでください。',
  },
  'plan/split:one-gpu': {
    message: cannotSplit('このブラウザーで使える GPU は 1 台だけです。'),
    action: 'GPU を 1 台だけ使うか、もう 1 台接続してください。',
  },
  'plan/split:one-layer': {
    message: cannotSplit('このモデルには層が 1 つしかありません。'),
    action: 'GPU を 1 台だけ使ってください。',
  },
  'plan/split:executor': {
    message: ({ gpu }) =>
      cannotSplit(`分担できるのは独自カーネルだけですが、${gpu} では ONNX Runtime を使います。`),
    action: '実行エンジンを「自動」にするか、GPU を 1 台だけ使ってください。',
  },
  'gpu/out-of-memory:layers': {
    message: ({ reason }, tell) =>
      `層を 1 つずつ読み込んでも、このモデルにはメモリーが足りません（${tell(reason)}）。`,
    action: 'ほかのプログラムを終了するか、より小さなモデルを選んでください。',
  },
  'engine/self-test': {
    message: ({ place, precision, worst, allowed, ...executor }) =>
      `${placeIn(place, places)} の ${executorText(executor)} は、${precision} でこのモデルを正しく計算しません。自己テストで、${
        worst === null
          ? '結果が数値ではありませんでした'
          : `許容される誤差 ${100 * allowed} % に対して ${(100 * worst).toPrecision(2)} % の誤差がありました`
      }。`,
    action: ({ precision }) =>
      precision !== 'float32'
        ? 'float32 か CPU を選んでください。グラフィックスドライバーの更新で直ることもあります。'
        : 'CPU を選んでください。グラフィックスドライバーの更新で直ることもあります。',
  },
  'engine/tokens:no-rows': {
    message: '計算する行がありません。',
    action: '行のあるファイルを選んでください。',
  },
  'engine/tokens:empty': {
    message: '行にトークンがありません。',
    action: 'その行を除いてください。',
  },
  'engine/tokens:long': {
    message: ({ length, most }) =>
      `行に ${length} トークンありますが、このモデルが受け付けるのは ${most} トークンまでです。`,
    action: ({ most }) => `max_length を ${most} 以下にしてください。`,
  },
  'engine/tokens:id': {
    message: ({ id, vocabSize }) => `トークン ID ${id} は、語彙（${vocabSize} 個）の範囲外です。`,
    action: 'このモデルと一緒に保存されたトークナイザーを使ってください。',
  },
  'gpu/binding-size:batch': {
    message: ({ name, bytes, most }) =>
      `このバッチのバッファー（${name}）は ${bytes} バイトありますが、この GPU が一度に扱えるのは ${most} バイトまでです。`,
    action: 'バッチを小さくしてください。',
  },
  'engine/failed:wgsl': {
    message: ({ reason }) => `独自カーネルでの計算に失敗しました（${reason}）。`,
    action: 'ONNX Runtime か、別のデバイスを選んでください。',
  },
  'gpu/kernels:variant': {
    message: ({ variant, reason }, tell) =>
      `独自カーネル（${variant}）を実行できません（${tell(reason)}）。`,
    action: AUTOMATIC,
  },
  'engine/worker-died': {
    message: ({ reason }) => `モデルを実行する処理が停止しました（${reason ?? NO_SCRIPT}）。`,
    action: `もう一度開始してください。繰り返す場合は、${OTHER_DEVICE}`,
  },
  'engine/not-loaded': {
    message: 'モデルが読み込まれていません。',
    action: 'モデルを選んでください。',
  },
  'engine/hung': {
    message: ({ seconds }) => `デバイスが ${seconds} 秒間応答しませんでした。`,
    action: 'グラフィックスドライバーを更新するか、CPU を選ぶか、max_length を小さくしてください。',
  },
  'plan/reload': {
    message: ({ maxLength, gpu, room, there }) =>
      `max_length が ${maxLength} の場合、${gpu} に置けるのは ${room} 層までですが、現在は ${there} 層あります。`,
    action: 'モデルを読み込み直すか、max_length を小さくしてください。',
  },
  'tokens/worker-failed': {
    message: ({ reason }) =>
      `トークナイザーの処理が開始できないか、停止しました（${reason ?? NO_SCRIPT}）。`,
    action: `${RELOAD}メモリーが足りない場合は、ほかのタブを閉じてください。`,
  },
  'tokens/vocabulary': {
    message: ({ needed, rows }) =>
      `トークナイザーがモデルと合いません。トークナイザーには ${needed} 個のトークンがありますが、モデルの語彙は ${rows} 個です。`,
    action:
      'このチェックポイントと一緒に保存された tokenizer.json を使ってください。完成済みのパッケージは、それを使って取り込み直してください。',
  },
  'tokens/bad-tokenizer:json': {
    message: ({ file }) => unusableTokenizer(`${file} が JSON ではありません。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:object': {
    message: ({ file }) => unusableTokenizer(`${file} が JSON のオブジェクトではありません。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:model': {
    message: unusableTokenizer('語彙とマージ規則を持つバイトペアのモデルがありません。'),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:field': {
    message: ({ field }) => unusableTokenizer(`モデルが ${field} を使っています。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:part': {
    message: ({ part }) => unusableTokenizer(`${part} に対応していません。`),
    action: OTHER_TOKENIZER,
  },
  'tokens/bad-tokenizer:pattern': {
    message: ({ pattern }) => unusableTokenizer(`単語のパターンの ${pattern} に対応していません。`),
    action: OTHER_TOKENIZER,
  },
  'tokens/bad-tokenizer:id': {
    message: ({ id }) => unusableTokenizer(`${id} はトークンの id ではありません。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:byte': {
    message: ({ byte }) => unusableTokenizer(`バイト ${byte} のトークンが語彙にありません。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:unknown': {
    message: ({ key, token }) => unusableTokenizer(`${key} の ${token} が語彙にありません。`),
    action: OWN_TOKENIZER,
  },
  'tokens/bad-tokenizer:special': {
    message:
      'このトークナイザーでは、組を 1 つのテキストにできません。tokenizer_config.json に bos_token と eos_token の両方がありません。',
    action: 'チャットテンプレートのある報酬モデルか、両方のあるトークナイザーを使ってください。',
  },
  'tokens/bad-tokenizer': {
    message: ({ reason }) => `このトークナイザーは使えません（${reason}）。`,
    action: OWN_TOKENIZER,
  },
  'tokens/worker-failed:no-tokenizer': {
    message: 'トークナイザーが読み込まれていません。',
    action: 'ページを再読み込みして、もう一度お試しください。',
  },
  'engine/runtime': {
    message: ({ reason }) => `ONNX Runtime を読み込めません（${reason}）。`,
    action: 'オンラインでページを再読み込みするか、GPU を選び、独自カーネルで計算してください。',
  },
  'kernels/no-gpu': { message: 'GPU が必要です。' },
  'kernels/no-int8': { message: 'int8 では計算できません。' },
  'kernels/all-layers': { message: '層の一部だけを計算することはできません。' },
  'kernels/unquantised': { message: '重みが量子化されていません。' },
  'kernels/gptq-int8': { message: 'GPTQ の重みは int8 で計算できません。' },
  'kernels/sizes': { message: ({ of }) => `行列の大きさが ${of} の倍数ではありません。` },
  'kernels/heads': { message: ({ size }) => `大きさ ${size} のヘッドが入りません。` },
  'kernels/workgroups': { message: 'ワークグループに 256 スレッドが入りません。' },
  'kernels/no-int8-product': { message: 'int8 の内積命令がありません。' },
  'kernels/no-float16': { message: 'このデバイスに shader-f16 がありません。' },
  'kernels/no-subgroup-matrices': { message: 'このデバイスにサブグループ行列がありません。' },
  'kernels/subgroup-size': { message: 'サブグループの大きさが 32 ではありません。' },
  'kernels/workgroup-memory': { message: 'ワークグループのメモリーが足りません。' },
};
