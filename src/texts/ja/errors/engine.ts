import type { engineErrors as english } from '../../en/errors/engine.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { CLOSE_GPU, DRIVER, maxLength, OTHER_DEVICE, RELOAD } from './actions.ts';

const gpuNone = {
  message: '使える GPU がありません。',
  action: `ブラウザーと${DRIVER}`,
};
const gpuOutOfMemory = {
  message: 'GPU の空きメモリーが足りません。',
  action: CLOSE_GPU,
};
const gpuLost = { message: 'GPU との接続が失われました。', action: DRIVER };
const gpuKernels = {
  message: '独自カーネルは使えません。',
  action: '実行エンジンを「自動」にしてください。',
};
const engineFailed = { message: '計算に失敗しました。', action: OTHER_DEVICE };
const gpuBindingSize = {
  message: 'この GPU が一度に扱える大きさを超えています。',
  action: '別の GPU か、より小さなモデルやバッチを使ってください。',
};
const tokensWorkerFailed = {
  message: 'トークナイザーの処理が開始できないか、停止しました。',
  action: `${RELOAD}メモリーが足りない場合はほかのタブを閉じてください。`,
};

/** Japanese texts of errors, by their ids. */
export const engineErrors: ErrorTextsOf<typeof english> = {
  'engine/stuck': {
    message: 'ONNX Runtime が応答しません。',
    action: 'もう一度開始してください。完了した分は残っています。',
  },
  'gpu/insecure': {
    message: 'WebGPU を使えるのは、https か localhost で開いたページだけです。',
    action: 'https か localhost でこのページを開くか、CPU を選んでください。',
  },
  'gpu/none': gpuNone,
  'gpu/none:node': gpuNone,
  'gpu/none:gone': gpuNone,
  'gpu/device': {
    message: 'GPU を使い始められませんでした。',
    action: 'GPU を使うほかのプログラムを終了するか、CPU を選んでください。',
  },
  'gpu/no-float16': {
    message: 'このデバイスは float16 で計算できません（shader-f16 がありません）。',
    action: 'float32 を使ってください。',
  },
  'gpu/out-of-memory': gpuOutOfMemory,
  'gpu/error': { message: 'GPU がエラーを報告しました。', action: DRIVER },
  'gpu/lost': gpuLost,
  'gpu/lost:given-back': gpuLost,
  'engine/not-finite': {
    message: 'デバイスが数値でない値を返しました。',
    action: '精度 float32 か別のデバイスを選ぶか、ドライバーを更新してください。',
  },
  'gpu/kernels': gpuKernels,
  'engine/failed:ort': engineFailed,
  'gpu/binding-size:tensor': gpuBindingSize,
  'plan/too-long': {
    message: 'この長さの行は、このデバイスのバッファーに入りません。',
    action: maxLength,
  },
  'plan/cpu': {
    message: ({ maxLength, needed, allowed }) =>
      `このモデルは CPU では計算できません。${maxLength} トークンの 1 行だけでも WebAssembly に約 ${needed} 必要ですが、使えるのは ${allowed} です。`,
    action: 'max_length を小さくするか、GPU を使ってください。',
  },
  'plan/too-large': {
    message: 'このデバイスのバッファーには大きすぎます。',
    action: maxLength,
  },
  'gpu/none:plan': gpuNone,
  'plan/no-room': {
    message: ({ gpu, needed, allowed }) =>
      `このモデルは収まりません。層を 1 つずつ読み込んでも ${gpu} の ${needed} が必要ですが、使ってよいのは ${allowed} です。`,
    action:
      'max_length を小さくするか、使ってよいメモリーを増やすか、より小さなモデルを選んでください。',
  },
  'plan/split': {
    message: '2 台の GPU で層を分担できません。',
    action: '実行エンジンを「自動」にするか、GPU を 1 台だけ使ってください。',
  },
  'gpu/out-of-memory:layers': gpuOutOfMemory,
  'engine/self-test': {
    message: 'このデバイスはこのモデルを正しく計算しません（自己テストに合格しませんでした）。',
    action: 'float32 か CPU を選んでください。ドライバーの更新で直ることもあります。',
  },
  'engine/tokens': { message: 'この行のトークンは計算できません。' },
  'gpu/binding-size:batch': gpuBindingSize,
  'engine/failed:wgsl': engineFailed,
  'gpu/kernels:variant': gpuKernels,
  'engine/worker-died': {
    message: 'モデルを実行する処理が停止しました。',
    action: `もう一度開始してください。繰り返す場合は、${OTHER_DEVICE}`,
  },
  'engine/not-loaded': {
    message: 'モデルが読み込まれていません。',
    action: 'モデルを選んでください。',
  },
  'engine/hung': { message: 'デバイスの応答がありません。', action: DRIVER },
  'plan/reload': {
    message: ({ maxLength, gpu, room, there }) =>
      `max_length が ${maxLength} の場合、${gpu} に置けるのは ${room} 層までですが、現在は ${there} 層あります。`,
    action: 'モデルを読み込み直すか、max_length を小さくしてください。',
  },
  'tokens/worker-failed': tokensWorkerFailed,
  'tokens/vocabulary': {
    message: ({ needed, rows }) =>
      `トークナイザーがモデルと合いません。トークナイザーには ${needed} 個のトークンがありますが、モデルの語彙は ${rows} 個です。`,
    action:
      'このチェックポイントと一緒に保存された tokenizer.json を使ってください。完成済みのパッケージは、それを使って取り込み直してください。',
  },
  'tokens/bad-tokenizer': {
    message: 'このトークナイザーは使えません。',
    action: 'Gemma-2 の tokenizer.json と tokenizer_config.json を使ってください。',
  },
  'tokens/worker-failed:no-tokenizer': tokensWorkerFailed,
  'kernels/no-gpu': { message: 'GPU が必要です。' },
  'kernels/no-int8': { message: 'int8 では計算できません。' },
  'kernels/all-layers': { message: '層の一部だけを計算することはできません。' },
  'kernels/unquantised': { message: '重みが量子化されていません。' },
  'kernels/sizes': { message: ({ of }) => `行列の大きさが ${of} の倍数ではありません。` },
  'kernels/heads': { message: ({ size }) => `大きさ ${size} のヘッドが入りません。` },
  'kernels/workgroups': { message: 'ワークグループに 256 スレッドが入りません。' },
  'kernels/no-int8-product': { message: 'int8 の内積命令がありません。' },
  'kernels/no-float16': { message: 'このデバイスに shader-f16 がありません。' },
  'kernels/no-subgroup-matrices': { message: 'このデバイスにサブグループ行列がありません。' },
  'kernels/subgroup-size': { message: 'サブグループの大きさが 32 ではありません。' },
  'kernels/workgroup-memory': { message: 'ワークグループのメモリーが足りません。' },
  'engine/runtime': {
    message: 'ONNX Runtime を読み込めません。',
    action: 'オンラインでページを再読み込みするか、GPU を選び、独自カーネルで計算してください。',
  },
};
