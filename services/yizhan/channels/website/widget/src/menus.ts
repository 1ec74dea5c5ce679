import type { Row } from './timeline';
import type { MenuContent } from './transport/protocol';

export const RATING = 'rating:';
const TICKET_RATING = 'rating:ticket:';
const INSTEAD = 'instead:';

/** The options of an offer to leave a message or be called: words leave it open, while they answer what is asked after it. */
const OFFERED = ['leave_message', 'callback'];
const WAIT = 'wait';

export interface Menus {
  /** Which option was chosen, by the key of the menu's line. */
  chosen: ReadonlyMap<string, string>;
  /** The keys of menus that are not asked any more and take no press. */
  past: ReadonlySet<string>;
  /** Options that are past while the rest of their menu is asked still, by its key. */
  gone: ReadonlyMap<string, string>;
}

interface Asked {
  key: string;
  menu: MenuContent;
  epoch: number;
  session: number;
  /** The customer has written or pressed something since. */
  spoken: boolean;
  /** They wait no more: nobody came, and they have a ticket. What else was offered is possible all the same. */
  ticketed: boolean;
}

/**
 * What became of each menu. A menu may be asked again under the same id: a choice answers the latest one before it, also
 * while it is still on its way (but not when it failed).
 */
export function menus(rows: readonly Row[]): Menus {
  const latest = new Map<string, string>();
  const chosen = new Map<string, string>();
  const past = new Set<string>();
  const gone = new Map<string, string>();
  let open: Asked[] = [];
  for (const row of rows) {
    const line = row.kind === 'line' ? row.line : null;
    if (line?.content.type === 'choice' && line.delivery !== 'failed') {
      const answered = latest.get(line.content.menu_id);
      if (answered) chosen.set(answered, line.content.option_id);
      open = open.filter(({ key }) => key !== answered);
    }
    for (const asked of open) {
      if (!asked.ticketed && isOffer(asked.menu) && becomesTicket(asked, row)) {
        asked.ticketed = true;
        asked.epoch = line?.epoch ?? asked.epoch;
        gone.set(asked.key, WAIT);
      } else if (isOver(asked, row)) past.add(asked.key);
    }
    open = open.filter(({ key }) => !past.has(key));
    if (line?.author.kind === 'customer' && line.delivery === 'placed') for (const asked of open) asked.spoken = true;
    if (line?.content.type === 'menu') {
      const { key, content, epoch, session } = line;
      latest.set(content.menu_id, key);
      open.push({ key, menu: content, epoch, session, spoken: false, ticketed: false });
    }
  }
  return { chosen, past, gone };
}

const isOffer = ({ menu_id, options }: MenuContent): boolean =>
  menu_id.startsWith(INSTEAD) && options.some(({ id }) => OFFERED.includes(id));

/** The queue gives a conversation up with words of the assistant; to a person or to its end it goes with an event. */
const becomesTicket = (asked: Asked, row: Row): boolean =>
  row.kind === 'line' && row.line.author.kind === 'bot' && row.line.content.type === 'text' && row.line.epoch > asked.epoch;

/** Whether a menu is asked no more once this is said. What is doubtful stays: the server knows what to say to a late press. */
function isOver(asked: Asked, row: Row): boolean {
  if (row.kind === 'time') return false;
  const { epoch, session } = row.kind === 'line' ? row.line : row;
  const content = row.kind === 'line' ? row.line.content : null;
  const next = content?.type === 'menu' ? content : null;
  const id = asked.menu.menu_id;
  if (next?.menu_id === id) return true;
  if (id.startsWith(TICKET_RATING)) return next !== null && ofTicket(next.menu_id) === ofTicket(id);
  if (id.startsWith(RATING)) return session > asked.session;
  if (epoch > asked.epoch) return true; // somebody else has the conversation
  if (!asked.spoken || row.kind !== 'line' || row.line.author.kind === 'customer') return false;
  if (next) return !next.menu_id.startsWith(RATING);
  return id.startsWith(INSTEAD) && !isOffer(asked.menu);
}

/** The ticket whose solution is rated: its number of solutions comes last in the id. */
const ofTicket = (id: string): string => id.slice(0, id.lastIndexOf(':'));
