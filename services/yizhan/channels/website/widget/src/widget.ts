import type { Configuration } from './configuration';
import type { Desk, PanelScript } from './desk';
import { Launcher } from './launcher';
import launcherStyles from './launcher.css?inline';
import { currentPage, type PageApi, pageApi } from './page-api';
import { addStyles } from './styles';
import { DEFAULT_COLOR, palette } from './text/color';
import { WORDS } from './text/i18n';
import { chooseLang } from './text/lang';
import { Api } from './transport/api';
import { Client, type Update } from './transport/client';
import type { Environment } from './transport/environment';
import { LocalKeeper } from './transport/keeper';
import { Uploads } from './transport/uploads';
import { createStore } from './view';

const TAG = 'yizhan-chat';

export interface Mounted {
  api: PageApi;
  /** Takes the widget off the page. Nothing that was remembered is lost. */
  unmount(): void;
}

/** Puts the launcher on the page. `loadPanel` gets the rest when it is needed. */
export function mount(
  configuration: Configuration,
  environment: Environment,
  loadPanel: () => Promise<PanelScript>,
): Mounted {
  const { account, base, title } = configuration;
  const lang = chooseLang(configuration.lang, document.documentElement.lang, navigator.language);
  const words = WORDS[lang];
  const store = createStore();
  const keeper = new LocalKeeper(`yizhan:${base}:${account}:`);
  const api = new Api(environment, base, account);
  const options = { locale: lang, page: currentPage(), identity: configuration.identity };
  const client = new Client(api, environment, keeper, options, (update) => onUpdate(update));
  const previews = new Map<string, string>();
  const uploads = new Uploads(
    api,
    () => environment.newId(),
    (file, client_id) => {
      const url = URL.createObjectURL(file);
      previews.set(client_id, url);
      return url;
    },
    (content, client_id) => client.send(content, client_id),
    (items) => store.dispatch({ type: 'uploads', items }),
  );
  const page = pageApi(store, client, () => uploads.clear());

  const { host, root, box } = shadow(configuration, lang);
  const launcher = new Launcher(box, store, words, (open) => (open ? page.api.open() : page.api.close()));
  const desk: Desk = {
    store,
    client,
    uploads,
    lang,
    words,
    base,
    title,
    previews,
    now: () => environment.now(),
    close: page.api.close,
  };

  let panel: Promise<void> | null = null;
  const preparePanel = (): Promise<void> => {
    panel ??= loadPanel().then(
      (script) => {
        if (host.isConnected) script.show(desk, root);
      },
      (error: unknown) => {
        panel = null; // the next press tries again
        throw error;
      },
    );
    return panel;
  };
  launcher.onApproach(() => void preparePanel().catch(() => undefined)); // a press will say so

  function opened(): void {
    launcher.busy(true);
    preparePanel()
      .catch(() => {
        page.api.close();
        launcher.failed();
      })
      .finally(() => launcher.busy(false));
  }

  const paint = (color: string): void => {
    const { brand, ink, link, linkDark } = palette(color);
    for (const [name, value] of Object.entries({ brand, ink, link, 'link-dark': linkDark })) {
      host.style.setProperty(`--${name}`, value);
    }
    host.toggleAttribute('data-dark-ink', ink !== '#ffffff');
  };
  paint(configuration.color || DEFAULT_COLOR);

  function onUpdate(update: Update): void {
    store.dispatch(update);
    if (update.type === 'fresh') page.news(update.messages);
    else if (update.type === 'session') {
      uploads.limits = store.view.limits;
      if (!configuration.color) paint(update.session.account.color || DEFAULT_COLOR);
    } else if (update.type === 'connection') {
      if (update.connection === 'online') uploads.pump();
      // A browser does not tell a page that its origin was refused: it looks like a network that is down.
      if (update.connection === 'offline' && !store.view.account) {
        console.warn(`[yizhan] ${base} was not reached. Is ${location.origin} among the account's allowed origins?`);
      }
    }
    if (update.type === 'identity_refused') {
      console.warn('[yizhan] the identity was refused; the conversation goes on without it');
    }
  }

  store.subscribe((view, before) => {
    if (view.open === before.open) return;
    host.toggleAttribute('data-open', view.open);
    // The focus goes back where it came from, unless the customer has moved on to the page.
    if (!view.open && root.activeElement) launcher.focus();
    if (view.open) opened();
  });
  const deaf = listen(client, keeper);
  // A visitor who never wrote costs the server nothing; one who did may have an answer waiting.
  if (client.known) environment.after(0, () => client.start());
  return {
    api: page.api,
    unmount: () => {
      deaf();
      client.stop();
      host.remove();
    },
  };
}

/** Passes on what happens to the page and in other tabs. Returns the way to stop. */
function listen(client: Client, keeper: LocalKeeper): () => void {
  const stopWatching = keeper.watch((key, value) => client.changedElsewhere(key, value));
  const wake = (): void => client.wake();
  const looked = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  const offline = (): void => client.offline();
  const ears: [EventTarget, string, () => void][] = [
    [window, 'online', wake],
    [window, 'offline', offline],
    [window, 'pageshow', wake], // back from the browser's page cache
    [document, 'visibilitychange', looked],
  ];
  for (const [target, name, run] of ears) target.addEventListener(name, run);
  return () => {
    stopWatching();
    for (const [target, name, run] of ears) target.removeEventListener(name, run);
  };
}

/** An element that no style sheet of the page reaches into, and whose own box none can move. */
function shadow(
  { position, theme }: Configuration,
  lang: string,
): { host: HTMLElement; root: ShadowRoot; box: HTMLElement } {
  const host = document.createElement(TAG);
  host.dataset['position'] = position;
  host.dataset['theme'] = theme;
  const fixed = {
    all: 'initial',
    direction: 'ltr', // the one thing that `all` leaves alone
    position: 'fixed',
    'z-index': '2147483000',
    display: 'block',
    width: '0',
    height: '0',
  };
  for (const [name, value] of Object.entries(fixed)) host.style.setProperty(name, value, 'important');
  const root = host.attachShadow({ mode: 'open' });
  addStyles(root, launcherStyles);
  const box = document.createElement('div');
  box.className = 'root';
  box.lang = lang;
  root.append(box);
  document.documentElement.append(host); // beside the body: some sites replace or transform theirs
  return { host, root, box };
}
