import type { EngineInfo } from '../../../engine/engine.ts';
import { DEMO, DEMO_NOTICES } from '../../../texts/demo-facts.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { Place } from '../../ui/layout/Place.tsx';
import { DemoCard } from './DemoCard.tsx';
import { ModelFacts, type ShownModel } from './ModelFacts.tsx';

/** Sample facts of the demo model on a CPU; only the lengths of these texts matter. */
const ENGINE: EngineInfo = {
  model: strings.model.heading,
  adapter: null,
  reading: 'pair',
  device: 'wasm',
  place: { kind: 'cpu', runtime: 'WebAssembly', threads: 2 },
  computesOn: '',
  gpu: null,
  executor: 'ort',
  variant: null,
  kernels: null,
  refusals: [],
  precision: 'float32',
  quantization: 'nf4',
  softCap: 50,
  layers: DEMO.layers,
  residentLayers: DEMO.layers,
  streamedBytes: 0,
  weightBytes: 1.9e6,
  adapterBytes: 0,
  peakBytes: null,
  selfTest: 1e-6,
  notice: null,
  notices: [],
};

const EXPECTED: ShownModel = {
  engine: ENGINE,
  adapters: [{ name: 'demo', notice: null }],
  baseHasHead: false,
};

/** Reserves the place of a loading model's facts. */
export function ModelPlace({ isEmbedded }: { isEmbedded: boolean }) {
  return (
    <Place>
      <p className="card-title">{ENGINE.model}</p>
      <Notice text={noticesText(DEMO_NOTICES)} />
      <ModelFacts info={EXPECTED} />
      {isEmbedded && <DemoCard />}
    </Place>
  );
}
