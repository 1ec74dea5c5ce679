import { NotConfigured, ownScript, readConfiguration } from './configuration';
import type { PanelScript } from './desk';
import type { PageApi } from './page-api';
import { browserEnvironment } from './transport/environment';
import { mount } from './widget';

type Waiting = ((api: PageApi) => void)[];

declare global {
  interface Window {
    Yizhan?: PageApi | Waiting;
    YizhanPanel?: PanelScript;
  }
}

// Read now: there is no current script any more when the page is ready.
const script = ownScript();

function panelLoader(base: string): () => Promise<PanelScript> {
  return () =>
    new Promise((resolve, reject) => {
      const element = document.createElement('script');
      element.src = `${base}widget-panel.js`;
      element.async = true;
      if (script?.nonce) element.nonce = script.nonce;
      element.onload = () => (window.YizhanPanel ? resolve(window.YizhanPanel) : reject(new Error('panel')));
      element.onerror = () => {
        element.remove();
        reject(new Error('panel'));
      };
      document.head.append(element);
    });
}

function begin(): void {
  const waiting = window.Yizhan;
  if (waiting && !Array.isArray(waiting)) return; // embedded twice
  try {
    const configuration = readConfiguration(script);
    const api = mount(configuration, browserEnvironment(), panelLoader(configuration.base));
    window.Yizhan = api;
    waiting?.forEach((run) => run(api));
    window.dispatchEvent(new Event('yizhan:ready'));
  } catch (error) {
    if (!(error instanceof NotConfigured)) throw error;
    console.error(`[yizhan] ${error.message}`);
  }
}

if (document.body) begin();
else document.addEventListener('DOMContentLoaded', begin);
