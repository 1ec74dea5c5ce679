import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { RATING } from '../menus';
import type { MenuContent, MenuOption } from '../transport/protocol';
import { send, useDesk } from './desk';
import { Check, Star } from './icons';
import { RichText } from './rich-text';

interface Props {
  menu: MenuContent;
  /** The option that was chosen, if one was. */
  chosen: string | undefined;
  /** It is asked no more. */
  past: boolean;
  /** An option that is past while the others are not. */
  gone: string | undefined;
}

export function Menu(props: Props): JSX.Element {
  return props.menu.menu_id.startsWith(RATING) ? <Rating {...props} /> : <Options {...props} />;
}

function useChoose({ menu, chosen, past, gone }: Props): (option: MenuOption) => void {
  const desk = useDesk();
  return ({ id, label }) => {
    if (chosen === undefined && !past && id !== gone) send(desk, { type: 'choice', menu_id: menu.menu_id, option_id: id, label });
  };
}

interface Group {
  role: 'group';
  'aria-label': string;
  'aria-disabled': boolean;
}

/** The name says that a menu is over: an attribute that changes is not read out in the midst of what is new. */
function useGroup({ menu, chosen, past }: Props): Group {
  const { words } = useDesk();
  const over = chosen !== undefined || past;
  const label = past && chosen === undefined ? words.pastMenu(menu.prompt) : menu.prompt;
  return { role: 'group', 'aria-label': label, 'aria-disabled': over };
}

function Options(props: Props): JSX.Element {
  const { menu, chosen, past, gone } = props;
  const choose = useChoose(props);
  return (
    <div class={`menu${past ? ' past' : ''}`} {...useGroup(props)}>
      <div class="menu-prompt">
        <RichText text={menu.prompt} />
      </div>
      {menu.options.map((option) => (
        <button
          key={option.id}
          type="button"
          class={`option${chosen === option.id ? ' chosen' : ''}`}
          disabled={chosen !== undefined || past || option.id === gone}
          aria-pressed={chosen === option.id}
          onClick={() => choose(option)}
        >
          <span>{option.label}</span>
          {chosen === option.id && <Check />}
        </button>
      ))}
    </div>
  );
}

/** Stars from the worst to the best. They fill up to the one under the pointer, or to the chosen one. */
function Rating(props: Props): JSX.Element {
  const { menu, chosen, past } = props;
  const { words } = useDesk();
  const choose = useChoose(props);
  const [pointed, setPointed] = useState(-1);
  const options = [...menu.options].sort((a, b) => Number(a.id) - Number(b.id));
  const at = options.findIndex((option) => option.id === chosen);
  const filled = chosen === undefined && !past ? pointed : at;
  return (
    <div class={`menu rating${past ? ' past' : ''}`} {...useGroup(props)} onMouseLeave={() => setPointed(-1)}>
      <div class="menu-prompt">{menu.prompt}</div>
      <div class="stars">
        {options.map((option, index) => {
          const label = words.ratings[index] ?? option.label;
          return (
            <button
              key={option.id}
              type="button"
              class={index <= filled ? 'star lit' : 'star'}
              disabled={chosen !== undefined || past}
              aria-label={`${words.stars(index + 1)}, ${label}`}
              aria-pressed={chosen === option.id}
              onMouseEnter={() => setPointed(index)}
              onFocus={() => setPointed(index)}
              onBlur={() => setPointed(-1)}
              onClick={() => choose(option)}
            >
              <Star />
              <span>{label}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** The customer's own answer to a rating, as stars; null for every other choice. */
export function starsOf(menuId: string, optionId: string): number | null {
  const count = Number(optionId);
  return menuId.startsWith(RATING) && count >= 1 && count <= 5 ? count : null;
}
