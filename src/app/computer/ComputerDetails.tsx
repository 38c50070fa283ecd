import './computer.css';
import { useMemo } from 'react';
import { BROWSERS, type ComputerFacts, gpuReasons } from './computer-facts.ts';
import { fitsHere } from './computer-fits.ts';
import { words } from './strings.ts';
import { Times } from './Times.tsx';

/** Shows the device, obstacles to using a GPU, the models that fit, how long they take, and where to get one. */
export default function ComputerDetails({ facts }: { facts: ComputerFacts }) {
  return (
    <>
      <dl className="facts">
        {factsOf(facts).map(([name, value]) => (
          <div className="fact" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <HowToGpu facts={facts} />
      <Fits gpus={facts.gpus} />
      <Times />
      <h3>{words.where}</h3>
      {words.whereText.map((text) => (
        <p className="help" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}

function factsOf({ gpu, ...facts }: ComputerFacts): [string, string][] {
  const yesNo = (is: boolean) => (is ? words.yes : words.no);
  const gpuFacts: [string, string][] =
    gpu === null
      ? [[words.gpu, words.none]]
      : [
          [words.gpu, gpu.software ? words.softwareGpu(gpu.name) : gpu.name],
          [words.float16, yesNo(gpu.float16)],
          [words.subgroups, yesNo(gpu.subgroups)],
          [words.matrices, yesNo(gpu.matrices)],
        ];
  return [
    [words.browser, words.browserName(BROWSERS[facts.browser], facts.version)],
    [words.webGpu, yesNo(facts.webGpu)],
    ...gpuFacts,
    [words.secure, yesNo(facts.secure)],
    [words.threads, words.threadsOf(facts.threads, facts.isolated)],
    [words.storage, yesNo(facts.keepsFiles)],
  ];
}

/** Lists the obstacles to using the GPU, or its full speed, with the remedies. */
function HowToGpu({ facts }: { facts: ComputerFacts }) {
  const reasons = gpuReasons(facts);
  if (reasons.length === 0) return null;
  const hasGpu = facts.gpu !== null && !facts.gpu.software;
  return (
    <>
      <h3>{hasGpu ? words.howToFaster : words.howTo}</h3>
      {reasons.map((reason) => (
        <div key={reason}>
          <p>{words.reasons[reason].why}</p>
          <ul className="help">
            {words.reasons[reason].steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

/** Shows the memory of models of each size here. */
function Fits({ gpus }: { gpus: ComputerFacts['gpus'] }) {
  const fits = useMemo(() => fitsHere(gpus), [gpus]);
  return (
    <>
      <h3>{words.fits}</h3>
      {fits.length === 0 ? (
        <p>{words.fitsCpu}</p>
      ) : (
        <>
          <dl className="facts">
            {fits.map(({ model, bytes }) => (
              <div className="fact fact-wide" key={model}>
                <dt>{words.fit(model)}</dt>
                <dd>{bytes === null ? words.tooLarge : words.needs(bytes)}</dd>
              </div>
            ))}
          </dl>
          <p className="help">{words.fitsNote}</p>
        </>
      )}
    </>
  );
}
