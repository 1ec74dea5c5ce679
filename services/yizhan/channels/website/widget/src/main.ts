import { NotConfigured, ownScript, readConfiguration } from './configuration';
import type { PanelScript } from './desk';
import type { PageApi } from './page-api';
import { browserEnvironment } from './transport/environment';
import { mount, type Mounted } from './widget';

type Waiting = ((api: PageApi) => void)[];

declare global {
  interface Window {
    Yizhan?: PageApi | Waiting;
    YizhanPanel?: PanelScript;
  }
}

// Read now: there is no current script any more when the page is ready.
const script = ownScript();

function insert(address: string, data: DOMStringMap): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    Object.assign(element.dataset, data);
    element.src = address;
    element.async = true;
    if (script?.nonce) element.nonce = script.nonce;
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      reject(new Error('not loaded'));
    };
    document.head.append(element);
  });
}

/** Fetches the panel. The edition in its address keeps caches from mixing two builds. */
async function loadPanel(base: string): Promise<PanelScript> {
  await insert(`${base}widget-panel.js?v=${__EDITION__}`, {});
  if (!window.YizhanPanel) throw new Error('not loaded');
  return window.YizhanPanel;
}

/** A cache gave an old launcher to a new panel: the widget starts anew from the panel's own build, and opens. */
function renew(mounted: Mounted, base: string, edition: string): void {
  mounted.unmount();
  delete window.YizhanPanel;
  window.Yizhan = [(api) => api.open()];
  void insert(`${base}widget.js?v=${edition}`, { ...script?.dataset });
}

function begin(): void {
  const waiting = window.Yizhan;
  if (waiting && !Array.isArray(waiting)) return; // embedded twice
  try {
    const configuration = readConfiguration(script);
    const { base } = configuration;
    const mounted = mount(configuration, browserEnvironment(), async () => {
      const panel = await loadPanel(base);
      const renewed = script?.src.includes('?v=');
      if (panel.edition !== __EDITION__ && !renewed) renew(mounted, base, panel.edition);
      return panel;
    });
    window.Yizhan = mounted.api;
    waiting?.forEach((run) => run(mounted.api));
    window.dispatchEvent(new Event('yizhan:ready'));
  } catch (error) {
    if (!(error instanceof NotConfigured)) throw error;
    console.error(`[yizhan] ${error.message}`);
  }
}

if (document.body) begin();
else document.addEventListener('DOMContentLoaded', begin);
