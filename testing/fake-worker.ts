import { type Endpoint, expose } from 'comlink';

/** A worker on this thread, behind a real message channel. */
export class FakeWorker<Api> extends EventTarget {
  readonly api: Api;
  terminated = false;
  private readonly channel = new MessageChannel();

  constructor(api: Api) {
    super();
    this.api = api;
    expose(api, this.channel.port2 as Endpoint);
    this.channel.port1.onmessage = ({ data, ports }) =>
      this.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.channel.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    this.channel.port1.close();
  }
}
